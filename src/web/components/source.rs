//! A program's source: numbered lines, the current one in sight, marks, the error that stopped it.

use crate::web::components::panel::keep_in_sight;
use crate::web::components::tokens::{self, Class};
use crate::web::el::{El, el};
use crate::web::i18n::{Text, say, source_of};
use crate::web::model::{Activity, Lang, MarkView, Shared, SourceView};
use web_sys::HtmlElement;
use yew::prelude::*;

/// What [`Source`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct SourceProps {
    pub lang: Lang,
    pub view: Shared,
    /// Which process, and which of its files.
    pub process: u32,
    pub file: u32,
}

/// A source file.
pub(crate) struct Source {
    node: NodeRef,
    /// The text of every line in colours; made again only for another text.
    lines: Vec<Html>,
    /// The file and the line that were brought in sight.
    shown: Option<(String, Option<u32>)>,
}

/// What of a view a source depends on.
#[derive(PartialEq)]
struct Seen<'a> {
    lang: Lang,
    source: Option<&'a SourceView>,
    /// The current line, from 1, if it is in this file.
    current: Option<u32>,
    /// Whether the program was stopped at the current line.
    faulted: bool,
    marks: &'a [MarkView],
    file: u32,
}

impl SourceProps {
    fn seen(&self) -> Option<Seen<'_>> {
        let process = self.view.processes.get(self.process as usize)?;
        let here = process.location.as_ref().filter(|at| at.file == self.file);
        Some(Seen {
            lang: self.lang,
            source: process.files.get(self.file as usize),
            current: here.map(|at| at.line),
            faulted: process.activity == Activity::Faulted,
            marks: &process.marks,
            file: self.file,
        })
    }

    fn text(&self) -> &str {
        let source = self.seen().and_then(|seen| seen.source);
        source.map_or("", |source| &source.text)
    }
}

impl Component for Source {
    type Message = ();
    type Properties = SourceProps;

    fn create(ctx: &Context<Source>) -> Source {
        Source {
            node: NodeRef::default(),
            lines: coloured(ctx.props().text()),
            shown: None,
        }
    }

    fn changed(&mut self, ctx: &Context<Source>, old: &SourceProps) -> bool {
        let props = ctx.props();
        if props.text() != old.text() {
            self.lines = coloured(props.text());
        }
        props.seen() != old.seen()
    }

    fn view(&self, ctx: &Context<Source>) -> Html {
        let Some(seen) = ctx.props().seen() else {
            return Html::default();
        };
        let lines = self.lines.iter().enumerate().map(|(at, text)| {
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
                .child(el("code.line-text").child(text.clone()))
        });
        let name = seen.source.map_or("", |source| &source.name);
        el("ol.source")
            .node(&self.node)
            .set("tabindex", "0")
            .set("data-file-name", name)
            .set("aria-label", source_of(seen.lang, name))
            .list(lines)
            .into()
    }

    fn rendered(&mut self, ctx: &Context<Source>, _first: bool) {
        let shown = ctx
            .props()
            .seen()
            .and_then(|seen| Some((seen.source?.name.clone(), seen.current)));
        if self.shown == shown {
            return;
        }
        self.shown = shown;
        let current = self
            .node
            .cast::<HtmlElement>()
            .and_then(|pane| Some((pane.query_selector("[data-current]").ok()??, pane)));
        if let Some((line, pane)) = current {
            let top = (line.get_bounding_client_rect().top()
                - pane.get_bounding_client_rect().top()) as i32
                + pane.scroll_top();
            keep_in_sight(&pane, top, top + line.client_height());
        }
    }
}

fn coloured(text: &str) -> Vec<Html> {
    tokens::lines(text)
        .into_iter()
        .map(|line| line.into_iter().map(piece).collect())
        .collect()
}

fn piece((class, text): (Class, &str)) -> Html {
    match class.css() {
        Some(css) => el("span").set("class", css).child(text).into(),
        None => Html::from(text),
    }
}

/// The mark of a line: equal only if every call made there was.
fn mark(seen: &Seen, line: u32) -> El {
    let mut calls = String::new();
    let mut equal = true;
    for mark in seen.marks {
        if mark.file == seen.file && mark.line == line && mark.passed {
            calls.push_str(if calls.is_empty() { "" } else { ", " });
            calls.push_str(mark.call);
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
        .set("data-mark", name)
        .set("title", [&calls, ": ", text].concat())
        .set("role", "img")
        .set("aria-label", text)
        .child(sign)
}
