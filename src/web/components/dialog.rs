//! What stands before the page: the help, the list of situations, the Winsock card. There is one dialog, which is
//! never open for two.

use crate::web::components::help::help;
use crate::web::components::library::library;
use crate::web::components::winsock::winsock;
use crate::web::drive::Store;
use crate::web::el::{El, On, el};
use crate::web::i18n::Text;
use crate::web::store::{Action, Dialog, Model};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::NodeRef;

/// The dialog.
pub(crate) fn dialog(model: &Model, node: &NodeRef, store: &Store) -> El {
    let (lang, close) = (model.lang, Action::Dialog(None));
    // Closed, it has to have some content.
    let of = model.dialog.unwrap_or(Dialog::Help);
    let (name, title, content) = match of {
        Dialog::Help => ("help", Text::Reading, help(lang)),
        Dialog::Library => ("library", Text::Library, library(model, store)),
        Dialog::Winsock => ("winsock", Text::WinsockCard, winsock(model, store)),
    };
    el("dialog.dialog")
        .set("aria-labelledby", "dialog-title")
        .node(node)
        .set("data-dialog", name)
        // However it was closed.
        .does(On::Close, store, close.clone())
        .child(
            el("header.dialog-head")
                .child(el("h2").set("id", "dialog-title").child((lang, title)))
                .child(
                    el("button.icon")
                        .set("data-control", ["close-", name].concat())
                        .set("aria-label", (lang, Text::Close))
                        .set("title", (lang, Text::Close))
                        .on_click(store, close)
                        .child("✕"),
                ),
        )
        .child(content.key(name))
}

/// Opens or closes the dialog once it is drawn.
pub(crate) fn show(dialog: &HtmlElement, open: bool) {
    let dialog: &HtmlDialogElement = dialog.unchecked_ref();
    match (open, dialog.open()) {
        // It fails only for a dialog that is not in the document.
        (true, false) => drop(dialog.show_modal()),
        (false, true) => dialog.close(),
        (true, true) | (false, false) => {}
    }
}
