//! What just happened, in words; the calls as strace prints them; what the programs wrote.

use crate::web::components::panel::{Room, Sight};
use crate::web::el::{El, el};
use crate::web::i18n::{Text, event_of, say};
use crate::web::model::{Lang, Scene, View};
use crate::web::store::{Action, Dialog, Tab};
use crate::web::words::rich;

const TABS: [(Tab, &str, Text); 3] = [
    (Tab::Explain, "explain", Text::Explain),
    (Tab::Strace, "strace", Text::Strace),
    (Tab::Output, "output", Text::Output),
];

/// The left half of the footer.
pub(crate) fn explain(scene: &Scene, room: &Room) -> El {
    let Scene {
        lang,
        view,
        tab,
        store,
        ..
    } = scene;
    // An explanation from its first line on; of the lists, the newest line stays in sight.
    let line = if *tab == Tab::Explain { 0 } else { i32::MAX };
    room.show(Sight {
        top: line,
        bottom: line,
        when: view.cursor.event as i32,
    });
    let tabs = TABS.iter().map(|(of, name, text)| {
        el("button")
            .key(*name)
            .set("role", "tab")
            .set("data-tab", *name)
            .truth("aria-selected", of == tab)
            .on_click(store, Action::Tab(*of))
            .child((*lang, *text))
    });
    let content = match tab {
        Tab::Explain => sentences(*lang, view),
        Tab::Strace => strace(scene),
        Tab::Output => output(*lang, view),
    };
    let body = el("div.telling-body")
        .node(room.node)
        .set("tabindex", "0")
        .set("role", "tabpanel")
        .child(content);
    el("section.telling")
        .set("aria-label", (*lang, Text::Tell))
        .child(
            el("div.tells")
                .child(el("div.tabs").set("role", "tablist").list(tabs))
                .child(
                    el("button")
                        .set("data-control", "winsock")
                        .set("title", (*lang, Text::WinsockCard))
                        .on_click(store, Action::Dialog(Some(Dialog::Winsock)))
                        .child("Winsock"),
                ),
        )
        .child(body)
}

fn sentences(lang: Lang, view: &View) -> El {
    let cursor = &view.cursor;
    let event = event_of(lang, cursor.event, cursor.events, cursor.complete);
    let (text, source) = match &view.now {
        Some(now) => (now.text.as_str(), now.source),
        None => (say(lang, Text::BeforeFirst), ""),
    };
    let ending = view.ending.as_ref().map(|ending| {
        el("p.ending")
            .set("data-ending", ending.kind)
            .child(&ending.text)
    });
    let parts = source.split('·').map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    let sources = parts
        .enumerate()
        .map(|(at, part)| el("span.source-of").key(at).child(part));
    el("div.explanation")
        .flag("data-explain", true)
        .set("data-kind", view.now.as_ref().map(|now| now.kind))
        .set("data-source", source)
        .set("aria-live", "polite")
        .child(rich("p.said", text))
        .child(ending)
        .child(
            el("p.sources")
                .list(sources)
                .child(el("span.event-of").child(event)),
        )
}

fn strace(scene: &Scene) -> El {
    let Scene {
        lang, view, store, ..
    } = scene;
    if view.strace.is_empty() {
        return el("p.nothing").child((*lang, Text::NoCalls));
    }
    let lines = view.strace.iter().enumerate().map(|(at, line)| {
        let (sign, equal) = match line.equal {
            Some(true) => ("✓", Some("true")),
            Some(false) => ("≠", Some("false")),
            None => ("", None),
        };
        el("li")
            .key(at)
            .set("data-strace", line.event)
            .set("data-index", line.process)
            .flag("data-failed", line.failed)
            .set("data-equal", equal)
            .on_click(store, Action::Seek(line.event))
            .child(el("span.mark").flag("aria-hidden", true).child(sign))
            .child(el("b").child(view.name_of(Some(line.process))))
            .child(el("code").child(&line.text))
    });
    el("ol.calls").list(lines)
}

fn output(lang: Lang, view: &View) -> El {
    let wrote = || {
        view.processes
            .iter()
            .filter(|process| !process.output.is_empty())
    };
    if wrote().next().is_none() {
        return el("p.nothing").child((lang, Text::NoOutput));
    }
    let list = wrote().map(|process| {
        let parts = process.output.iter().enumerate().map(|(at, part)| {
            el("span")
                .key(at)
                .set("data-stream", part.stream)
                .child(&part.text)
        });
        el("div.wrote")
            .key(process.index)
            .set("data-output", &process.name)
            .set("data-index", process.index)
            .child(el("b").child(&process.name))
            .child(el("pre").list(parts))
    });
    el("div.outputs").list(list)
}
