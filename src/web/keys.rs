//! Keys of the whole page.

use crate::session::StepKind;
use crate::web::drive::Store;
use crate::web::model::{KINDS, Lang};
use crate::web::store::{Action, Dialog};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, KeyboardEvent};

/// Listens to keys from now on.
pub(crate) fn listen(store: Store) {
    let listener = Closure::<dyn FnMut(KeyboardEvent)>::new(move |key: KeyboardEvent| {
        if let Some(action) = action_of(&store, &key) {
            key.prevent_default();
            store.act(action);
        }
    });
    // It fails for no kind of event.
    let _ = gloo::utils::document()
        .add_event_listener_with_callback("keydown", listener.as_ref().unchecked_ref());
    listener.forget();
}

fn action_of(store: &Store, key: &KeyboardEvent) -> Option<Action> {
    if key.ctrl_key() || key.alt_key() || key.meta_key() || key.default_prevented() {
        return None;
    }
    let target = key
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let on = |selector: &str| {
        target
            .as_ref()
            .is_some_and(|element| element.matches(selector).unwrap_or(false))
    };
    let model = store.model();
    if model.dialog.is_some() || on("input, textarea, select, [contenteditable]") {
        // The dialog closes itself on Escape.
        return None;
    }
    let kind = model.kind;
    match key.key().as_str() {
        "ArrowRight" => Some(Action::Step(if key.shift_key() {
            StepKind::Event
        } else {
            kind
        })),
        "ArrowLeft" => Some(Action::Back(if key.shift_key() {
            StepKind::Event
        } else {
            kind
        })),
        // A button is pressed by it.
        " " if on("button, a, [role=button]") => None,
        " " => Some(Action::TogglePlay),
        "Home" => Some(Action::Reset),
        "End" => Some(Action::End),
        digit @ ("1" | "2" | "3" | "4") => {
            let at = digit.as_bytes()[0] - b'1';
            KINDS.get(usize::from(at)).copied().map(Action::Kind)
        }
        "n" | "N" | "ㅜ" => Some(Action::NextTimer),
        "l" | "L" | "ㅣ" => Some(Action::Lang(match model.lang {
            Lang::En => Lang::Ko,
            Lang::Ko => Lang::En,
        })),
        "t" | "T" | "ㅅ" => Some(Action::OtherTheme),
        "?" => Some(Action::Dialog(Some(Dialog::Help))),
        _ => None,
    }
}
