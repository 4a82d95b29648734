//! Words for the page: it fetches the language that it shows, and each file once.

use crate::web::fetch::{self, Work};
use crate::words::{Lang, Sheet};
use wasm_bindgen::JsValue;

/// Whether all that the page says in a language is there.
pub(crate) fn is_here(lang: Lang) -> bool {
    needed(lang).iter().all(|sheet| sheet.is_here())
}

/// Fetches what is missing of a language. All is asked for at once.
pub(crate) fn fetch(lang: Lang) -> Work {
    let asked = needed(lang).map(|sheet| {
        let file = (!sheet.is_here()).then(|| fetch::text(&sheet.address()));
        (sheet, file)
    });
    Box::pin(async {
        for (sheet, file) in asked {
            if let Some(file) = file {
                sheet.bring(file.await?.as_string().unwrap_or_default());
            }
        }
        Ok(JsValue::UNDEFINED)
    })
}

fn needed(lang: Lang) -> [Sheet; 2] {
    [lang.sheet(), Sheet::Sources]
}
