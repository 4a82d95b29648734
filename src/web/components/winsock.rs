//! The Winsock card: what calls and errors are called there. The rows of the present call and its error are marked.

use crate::web::drive::Store;
use crate::web::el::{El, On, el};
use crate::web::i18n::Text;
use crate::web::model::{Lang, View};
use crate::web::store::{Action, Model};
use crate::words::winsock::{Row, find, tables};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement};

/// What the dialog shows.
pub(crate) fn winsock(model: &Model, store: &Store) -> El {
    let lang = model.lang;
    let store = store.clone();
    let search = Rc::new(move |event: Event| {
        if let Some(input) = event.target() {
            let input: HtmlInputElement = input.unchecked_into();
            store.act(Action::Search(input.value().into()));
        }
    });
    let wanted = model.search.to_ascii_lowercase();
    let now = present(&model.view);
    let differs = |row: &Row| match lang {
        Lang::En => row.en.to_owned(),
        Lang::Ko => row.ko.to_owned(),
    };
    let is_wanted = |row: &&Row| {
        let text = [row.linux, " ", row.winsock, " ", &differs(row)].concat();
        wanted.is_empty() || find(&text.to_ascii_lowercase(), &wanted).is_some()
    };
    let column = |name: El| el("th").set("scope", "col").child(name);
    let table = |name: &str, title: El, rows: &[Row]| {
        let rows = rows.iter().filter(is_wanted).map(|row| {
            el("tr")
                .key(row.linux)
                .flag("data-present", row.is_about(now))
                .child(el("td").child(el("code").child(row.linux)))
                .child(el("td").child(el("code").child(row.winsock)))
                .child(el("td").child(differs(row)))
        });
        el("table.card")
            .key(name)
            .set("data-card", name)
            .child(el("caption").child(title))
            .child(
                el("thead").child(
                    el("tr")
                        .child(column(el("span").child("Linux")))
                        .child(column(el("span").child("Winsock")))
                        .child(column(el("span").child((lang, Text::Differs)))),
                ),
            )
            .child(el("tbody").list(rows))
    };
    let [calls, errors] = tables(model.card.as_deref().unwrap_or_default());
    let rows = calls.iter().chain(&errors);
    let about: Vec<Row> = rows.filter(|row| row.is_about(now)).copied().collect();
    // What just happened comes first, and is marked in its place, too.
    let first = (!about.is_empty()).then(|| table("present", el("code").child(now), &about));
    let calls = table("calls", el("span").child((lang, Text::Calls)), &calls);
    let errors = table("errors", el("span").child((lang, Text::Errors)), &errors);
    el("div.winsock")
        .child(
            el("input")
                .set("type", "search")
                .set("data-control", "search")
                .flag("autofocus", true)
                .set("placeholder", (lang, Text::Search))
                .set("aria-label", (lang, Text::Search))
                .on(On::Input, search),
        )
        .list(first.into_iter().chain([calls, errors]))
}

/// The line of strace of the present call: the last one of the process that something just happened to.
fn present(view: &View) -> &str {
    let process = view.now.as_ref().and_then(|now| now.process);
    let of_it = |process| {
        view.strace
            .iter()
            .rev()
            .find(|line| line.process == process)
    };
    let line = process.and_then(of_it).or(view.strace.last());
    line.map_or("", |line| &line.text)
}
