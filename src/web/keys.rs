//! Keys of the whole page.

use crate::session::StepKind;
use crate::web::drive::Store;
use crate::web::model::{KINDS, Lang};
use crate::web::settings::other_theme;
use crate::web::store::Action;
use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

/// Listens to keys as long as the page is there.
#[hook]
pub(crate) fn use_keys(store: Store) {
    use_effect_with((), move |()| {
        let options = EventListenerOptions {
            passive: false,
            ..Default::default()
        };
        let listener = EventListener::new_with_options(
            &gloo::utils::document(),
            "keydown",
            options,
            move |event| {
                let Some(key) = event.dyn_ref::<KeyboardEvent>() else {
                    return;
                };
                if let Some(action) = action_of(&store, key) {
                    event.prevent_default();
                    store.act(action);
                }
            },
        );
        move || drop(listener)
    });
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
    if model.help || on("input, textarea, select, [contenteditable]") {
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
        "t" | "T" | "ㅅ" => Some(Action::Theme(other_theme(model.theme))),
        "?" => Some(Action::Help(true)),
        _ => None,
    }
}
