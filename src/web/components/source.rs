//! A program's source: numbered lines, the current one in sight, marks, the error that stopped it.

use crate::web::components::panel::{Room, Sight};
use crate::web::components::tokens::{self, Class};
use crate::web::el::{El, el};
use crate::web::i18n::{Text, say, source_of};
use crate::web::model::{Activity, Lang, MarkView, Scene, SourceView};
use crate::web::words::list_on;
use web_sys::HtmlElement;

/// What of a view a source depends on.
#[derive(PartialEq)]
struct Seen<'a> {
    lang: Lang,
    source: &'a SourceView,
    /// The current line, from 1, if it is in this file.
    current: Option<u32>,
    /// Whether the program was stopped at the current line.
    faulted: bool,
    marks: &'a [MarkView],
    file: u32,
}

fn seen(scene: &Scene, process: u32, file: u32) -> Option<Seen<'_>> {
    let process = scene.view.processes.get(process as usize)?;
    let here = process.location.as_ref().filter(|at| at.file == file);
    Some(Seen {
        lang: scene.lang,
        source: process.files.get(file as usize)?,
        current: here.map(|at| at.line),
        faulted: process.activity == Activity::Faulted,
        marks: &process.marks,
        file,
    })
}

/// Whether a file looks different in another scene.
pub(crate) fn differs(scene: &Scene, old: &Scene, process: u32, file: u32) -> bool {
    seen(scene, process, file) != seen(old, process, file)
}

/// A source file.
pub(crate) fn source(scene: &Scene, room: &Room, process: u32, file: u32) -> El {
    let list = el("ol.source").node(room.node);
    let Some(seen) = seen(scene, process, file) else {
        return list;
    };
    let line = seen.current.unwrap_or_default() as i32;
    room.show(Sight {
        top: line,
        bottom: line,
        when: seen.source.text.len() as i32,
    });
    let lines = tokens::lines(&seen.source.text).into_iter().enumerate();
    let lines = lines.map(|(at, pieces)| {
        let number = at as u32 + 1;
        let current = seen.current == Some(number);
        el("li.line")
            .key(number)
            .set("data-line", number)
            .flag("data-current", current)
            .flag("data-fault", current && seen.faulted)
            .flag("aria-current", current)
            .child(
                el("span.line-number")
                    .flag("aria-hidden", true)
                    .child(number),
            )
            .child(mark(&seen, number))
            .child(coloured(pieces))
    });
    let name = &seen.source.name;
    list.set("tabindex", "0")
        .set("data-file-name", name)
        .set("aria-label", source_of(seen.lang, name))
        .list(lines)
}

/// Where the current line is, from top to bottom, in a source that is drawn.
pub(crate) fn current(source: &HtmlElement) -> Option<(i32, i32)> {
    let line = source.query_selector("[data-current]").ok()??;
    let above = line.get_bounding_client_rect().top() - source.get_bounding_client_rect().top();
    let top = above as i32 + source.scroll_top();
    Some((top, top + line.client_height()))
}

fn coloured(pieces: Vec<(Class, &str)>) -> El {
    let mut text = el("code.line-text");
    for (class, piece) in pieces {
        text = match class.css() {
            Some(css) => text.child(el("span").set("class", css).child(piece)),
            None => text.child(piece),
        };
    }
    text
}

/// The mark of a line: equal only if every call made there was.
fn mark(seen: &Seen, line: u32) -> El {
    let mut calls = String::new();
    let mut equal = true;
    for mark in seen.marks {
        if mark.file == seen.file && mark.line == line && mark.passed {
            list_on(&mut calls, ", ", mark.call);
            equal &= mark.equal;
        }
    }
    if calls.is_empty() {
        return el("span.mark");
    }
    let (name, sign, text) = if equal {
        ("equal", "✓", Text::Equal)
    } else {
        ("different", "≠", Text::Different)
    };
    let text = say(seen.lang, text);
    el("span.mark")
        .set("role", "img")
        .set("data-mark", name)
        .set("title", [&calls, ": ", text].concat())
        .set("aria-label", text)
        .child(sign)
}
