//! Words for the page: it fetches the language that it shows, and each file once.

use crate::words::{Lang, Sheet};
use gloo::utils::window;
use js_sys::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Response;

/// Whether all that the page says in a language is there.
pub(crate) fn is_here(lang: Lang) -> bool {
    missing(lang).next().is_none()
}

/// Fetches what is missing of a language.
pub(crate) async fn fetch(lang: Lang) -> Result<(), JsValue> {
    // All are asked for before the first is waited for.
    let asked: Vec<_> = missing(lang)
        .map(|sheet| (sheet, window().fetch_with_str(&sheet.address())))
        .collect();
    for (sheet, answer) in asked {
        let response: Response = answer.await?.unchecked_into();
        if !response.ok() {
            let reason = ["could not fetch ", &response.url()].concat();
            return Err(Error::new(&reason).into());
        }
        let file = response.text()?.await?;
        sheet.bring(file.as_string().unwrap_or_default());
    }
    Ok(())
}

fn missing(lang: Lang) -> impl Iterator<Item = Sheet> {
    let needed = [lang.sheet(), Sheet::Sources];
    needed.into_iter().filter(|sheet| !sheet.is_here())
}
