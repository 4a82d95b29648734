//! The plain editor: a textarea with numbered lines, in the place of a program's source.

use crate::web::drive::Store;
use crate::web::el::{El, On, el};
use crate::web::i18n::{Text, source_of};
use crate::web::model::ProcessView;
use crate::web::store::{Action, Model};
use gloo::utils::document;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDocument, HtmlElement, HtmlTextAreaElement, KeyboardEvent};

/// Height of a line in CSS pixels, and of what is above the first one.
const LINE: i32 = 19;
const ABOVE: i32 = 4;

/// The text of a program's file, to be edited.
pub(crate) fn editor(model: &Model, process: &ProcessView, file: u32, store: &Store) -> El {
    let program = process.program;
    let Some(source) = process.files.get(file as usize) else {
        return el("div.source");
    };
    let text = model.draft(program, &source.name).unwrap_or(&source.text);
    let lines = text.split('\n').count() as u32;
    let mut numbers = String::new();
    for line in 1..=lines {
        numbers += &line.to_string();
        numbers += "\n";
    }
    let wrong = model.wrong().iter().enumerate();
    let wrong = wrong.filter(|(_, wrong)| wrong.program == program && wrong.file == source.name);
    let marks = wrong.map(|(at, wrong)| {
        el("i.wrong-line")
            .key(at)
            .set("data-wrong-line", wrong.line)
            .px("top", ABOVE + LINE * (wrong.line as i32 - 1))
    });
    let store = store.clone();
    let type_into = store.clone();
    let typed = Rc::new(move |event: Event| {
        if let Some(area) = event.target() {
            let area: HtmlTextAreaElement = area.unchecked_into();
            type_into.act(Action::Type(program, file, area.value().into()));
        }
    });
    let keyed = Rc::new(move |event: Event| keyed(&event, program, &store));
    el("div.source editor")
        .set("data-file-name", &source.name)
        .list(marks)
        .child(el("pre.numbers").flag("aria-hidden", true).child(numbers))
        .child(
            el("textarea")
                .set("wrap", "off")
                .set("spellcheck", "false")
                .set("autocapitalize", "off")
                .set("autocomplete", "off")
                // Another file is another element: what was typed belongs to one.
                .key(&*source.name)
                .set("data-editor", &source.name)
                .set("aria-label", source_of(model.lang, &source.name))
                .set("title", (model.lang, Text::EditorKeys))
                .set("rows", lines)
                // The value that it begins with. From then on it has its own, and a cursor in it.
                .property("defaultValue", text)
                .on(On::Input, typed)
                .on(On::KeyDown, keyed),
        )
}

/// Tab inserts spaces; Escape leaves the text, so that Tab goes on from there; Ctrl + Enter runs.
fn keyed(event: &Event, program: u32, store: &Store) {
    let key: &KeyboardEvent = event.unchecked_ref();
    let held = key.ctrl_key() || key.meta_key();
    if key.is_composing() || key.alt_key() {
        return;
    }
    match key.key().as_str() {
        "Tab" if !held && !key.shift_key() => {
            // Unlike a change of the value, this can be undone.
            let document: HtmlDocument = document().unchecked_into();
            let _ = document.exec_command_with_show_ui_and_value("insertText", false, "    ");
        }
        "Enter" if held => store.act(Action::Run),
        "Escape" => drop(focus(program, "[data-control=run]")),
        _ => return,
    }
    event.prevent_default();
}

/// Moves the focus to something in a program's card.
fn focus(program: u32, what: &str) -> Option<HtmlElement> {
    let selector = [".process[data-index='", &program.to_string(), "'] ", what].concat();
    let found = document().query_selector(&selector).ok()??;
    let found: HtmlElement = found.unchecked_into();
    let _ = found.focus();
    Some(found)
}

/// Moves the focus to a line, from 1, of a program that is edited; otherwise to what is wrong with the program. Line 0
/// is the beginning.
pub(crate) fn go_to(program: u32, line: u32) {
    let Some(area) = focus(program, "textarea") else {
        if line > 0 {
            focus(program, ".fault");
        }
        return;
    };
    let area: HtmlTextAreaElement = area.unchecked_into();
    let text = area.value();
    let before = text.split('\n').take(line.saturating_sub(1) as usize);
    // Positions in a text count as JavaScript does.
    let start: usize = before.map(|line| line.encode_utf16().count() + 1).sum();
    let _ = area.set_selection_range(start as u32, start as u32);
    if let Some(pane) = area.parent_element() {
        let pane: HtmlElement = pane.unchecked_into();
        pane.set_scroll_top((LINE * (line as i32 - 4)).max(0));
    }
}
