//! The Winsock card: what calls and errors are called there. The rows of the present call and its error are marked.

use crate::web::components::dialog::coming;
use crate::web::el::{El, On, el};
use crate::web::i18n::Text;
use crate::web::model::{Lang, View};
use crate::web::store::{Action, Model};
use crate::words::winsock::{Row, tables};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What the dialog shows.
pub(crate) fn winsock(model: &Model, act: &Callback<Action>) -> El {
    let lang = model.lang;
    let act = act.clone();
    let search = Callback::from(move |event: Event| {
        if let Some(Ok(input)) = event.target().map(|target| target.dyn_into()) {
            let input: HtmlInputElement = input;
            act.emit(Action::Search(input.value().into()));
        }
    });
    let wanted = model.search.to_ascii_lowercase();
    let now = present(&model.view);
    let table = |(at, rows): (usize, Vec<Row>)| {
        let rows = rows.into_iter().filter_map(|row| {
            let what = match lang {
                Lang::En => row.en,
                Lang::Ko => row.ko,
            };
            let text = [row.linux, " ", row.winsock, " ", what].concat();
            text.to_ascii_lowercase().contains(&wanted).then(|| {
                el("tr")
                    .key(row.linux)
                    .flag("data-present", row.is_about(now))
                    .child(el("td").child(el("code").child(row.linux)))
                    .child(el("td").child(el("code").child(row.winsock)))
                    .child(el("td").child(what))
            })
        });
        let head = |text| el("th").set("scope", "col").child((lang, text));
        let title = if at == 0 { Text::Calls } else { Text::Errors };
        el("table.card")
            .key(at)
            .set("data-card", if at == 0 { "calls" } else { "errors" })
            .child(el("caption").child((lang, title)))
            .child(
                el("thead").child(
                    el("tr")
                        .child(el("th").set("scope", "col").child("Linux"))
                        .child(el("th").set("scope", "col").child("Winsock"))
                        .child(head(Text::Differs)),
                ),
            )
            .child(el("tbody").list(rows))
    };
    let card = model.card.as_ref();
    let card = card.map(|card| el("div.cards").list(tables(card).into_iter().enumerate().map(table)));
    el("div.winsock")
        .child(
            el("input")
                .set("type", "search")
                .set("data-control", "search")
                .set("placeholder", (lang, Text::Search))
                .set("aria-label", (lang, Text::Search))
                .flag("autofocus", true)
                .on(On::Input, search),
        )
        .child(card.unwrap_or_else(|| coming(model)))
}

/// The line of strace of the present call: the last one of the process that something just happened to.
fn present(view: &View) -> &str {
    let process = view.now.as_ref().and_then(|now| now.process);
    let of_it = |process| view.strace.iter().rev().find(|line| line.process == process);
    let line = process.and_then(of_it).or(view.strace.last());
    line.map_or("", |line| &line.text)
}
