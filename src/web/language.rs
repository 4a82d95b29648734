//! Words for the page: it fetches the language that it shows, and each file once.

use crate::web::fetch;
use crate::words::{Lang, Sheet};
use wasm_bindgen::JsValue;

/// Whether all that the page says in a language is there.
pub(crate) fn is_here(lang: Lang) -> bool {
    missing(lang).next().is_none()
}

/// Fetches what is missing of a language.
pub(crate) async fn fetch(lang: Lang) -> Result<(), JsValue> {
    // All are asked for before the first is waited for.
    let asked: Vec<_> = missing(lang)
        .map(|sheet| (sheet, fetch::text(&sheet.address())))
        .collect();
    for (sheet, file) in asked {
        sheet.bring(file.await?);
    }
    Ok(())
}

fn missing(lang: Lang) -> impl Iterator<Item = Sheet> {
    let needed = [lang.sheet(), Sheet::Sources];
    needed.into_iter().filter(|sheet| !sheet.is_here())
}
