//! The help dialog: keys, and how to read the picture.

use crate::web::el::{El, On, el};
use crate::web::i18n::{Text, say};
use crate::web::model::Lang;
use crate::web::store::Action;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

const KEYS: [(&[&str], Text); 10] = [
    (&["→"], Text::KeyStep),
    (&["←"], Text::KeyBack),
    (&["Shift + →", "Shift + ←"], Text::KeyFine),
    (&["Space"], Text::KeyPlay),
    (&["Home", "End"], Text::KeyEnds),
    (&["1", "2", "3", "4"], Text::KeyKinds),
    (&["N"], Text::KeyTimer),
    (&["L"], Text::KeyLanguage),
    (&["T"], Text::KeyTheme),
    (&["?"], Text::KeyHelp),
];

/// The dialog.
pub(crate) fn dialog(lang: Lang, node: &NodeRef, act: &Callback<Action>) -> El {
    let keys = KEYS.iter().map(|(keys, text)| {
        let keys = keys.iter().map(|key| el("kbd").key(*key).child(*key));
        el("div.key-row")
            .key(say(lang, *text))
            .child(el("dt").list(keys))
            .child(el("dd").child((lang, *text)))
    });
    el("dialog.help")
        .node(node)
        .set("data-dialog", "help")
        .set("aria-labelledby", "help-title")
        // However it was closed.
        .on(On::Close, act.reform(|_: Event| Action::Help(false)))
        .child(
            el("h2")
                .set("id", "help-title")
                .child((lang, Text::Reading)),
        )
        .child(el("p").child((lang, Text::ReadingSays)))
        .child(el("h2").child((lang, Text::Keys)))
        .child(el("dl").list(keys))
        .child(
            el("button.main")
                .set("data-control", "close-help")
                .on_click(act, Action::Help(false))
                .child((lang, Text::Close)),
        )
}

/// Opens or closes the dialog once it is drawn.
pub(crate) fn show(node: &NodeRef, open: bool) {
    if let Some(dialog) = node.cast::<HtmlDialogElement>() {
        match (open, dialog.open()) {
            // It fails only for a dialog that is not in the document.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            (true, true) | (false, false) => {}
        }
    }
}
