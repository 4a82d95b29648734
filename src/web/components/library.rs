//! The list of situations, and the way to open a folder of one's own.

use crate::web::drive::Store;
use crate::web::el::{El, el};
use crate::web::i18n::Text;
use crate::web::model::Lang;
use crate::web::store::{Action, Model};
use crate::web::words::rich;

/// What the dialog shows.
pub(crate) fn library(model: &Model, store: &Store) -> El {
    let lang = model.lang;
    // `./dev pack` writes it: English before Korean.
    let of = |fields: &[&str], en: usize| {
        let at = match lang {
            Lang::En => en,
            Lang::Ko => en + 1,
        };
        fields.get(at).copied().unwrap_or_default().to_owned()
    };
    let line = |(at, line): (usize, &str)| {
        let fields: Vec<&str> = line.split('\t').collect();
        if fields.len() < 5 {
            return el("h3").key(at as u32).child(of(&fields, 0));
        }
        let name = fields[0];
        let current = *name == *model.name;
        el("a.situation")
            .key(at as u32)
            .set("href", ["#", name].concat())
            .set("data-open", name)
            .flag("aria-current", current)
            .flag("autofocus", current)
            // The one that is open already is not opened by its address.
            .on_click(store, Action::Dialog(None))
            .child(rich("b", &of(&fields, 1)))
            .child(rich("span", &of(&fields, 3)))
    };
    let index = model.index.as_deref().unwrap_or_default();
    let list = el("nav.situations").list(index.lines().enumerate().map(line));
    let pick = |control: &str, text: Text, folder: bool| {
        el("label.pick").child((lang, text)).child(
            el("input")
                .set("type", "file")
                .set("data-control", control)
                .flag("multiple", true)
                .flag("webkitdirectory", folder),
        )
    };
    el("div.library").child(list).child(
        el("div.own")
            .child(el("p").child((lang, Text::OpenOwn)))
            .child(pick("open-folder", Text::OpenFolder, true))
            .child(pick("open-files", Text::PickFiles, false)),
    )
}
