//! The page's head: what is shown, how true it is, language, theme, help.

use crate::web::drive::Store;
use crate::web::el::{El, el};
use crate::web::i18n::{Text, equal_calls};
use crate::web::model::{Lang, View};
use crate::web::store::{Action, Dialog, Model};

/// The head of the page.
pub(crate) fn header(model: &Model, store: &Store) -> El {
    let lang = model.lang;
    let languages = [(Lang::En, "EN", "English"), (Lang::Ko, "한국어", "한국어")];
    let languages = languages.into_iter().map(|(of, name, full)| {
        el("button")
            .key(name)
            .set("data-control", ["lang-", of.tag()].concat())
            .set("lang", of.tag())
            .set("aria-label", full)
            .truth("aria-pressed", of == lang)
            .on_click(store, Action::Lang(of))
            .child(name)
    });
    let icon = |control: &str, name: Text, action: Action, sign: &str| {
        el("button.icon")
            .set("data-control", control)
            .set("aria-label", (lang, name))
            .set("title", (lang, name))
            .on_click(store, action)
            .child(sign)
    };
    let logo = el("h1.logo").child("sock").child(el("b").child("scope"));
    el("header.top")
        .child(logo)
        .child(
            el("button.scenario")
                .set("data-scenario", &*model.name)
                .set("data-control", "library")
                .set("title", (lang, Text::Library))
                .on_click(store, Action::Dialog(Some(Dialog::Library)))
                .child(el("span").child(model.title())),
        )
        .child(
            el("button.lesson-toggle")
                .set("data-control", "lesson")
                .flag("hidden", model.lesson().is_none())
                .truth("aria-pressed", model.lesson_open)
                .on_click(store, Action::Lesson(!model.lesson_open))
                .child((lang, Text::Lesson)),
        )
        .child(equal(lang, &model.view))
        .child(
            el("span.chip edited")
                .flag("data-edited", model.edited)
                .flag("hidden", !model.edited)
                .child((lang, Text::Edited)),
        )
        .child(el("span.spring"))
        .child(
            el("span.segmented")
                .set("role", "group")
                .set("aria-label", (lang, Text::Language))
                .list(languages),
        )
        .child(icon("theme", Text::Theme, Action::OtherTheme, "◐"))
        .child(icon(
            "help",
            Text::Help,
            Action::Dialog(Some(Dialog::Help)),
            "?",
        ))
}

/// How many of the calls that were recorded on real Linux were equal there.
fn equal(lang: Lang, view: &View) -> El {
    let Some(recorded) = &view.recorded else {
        return el("span.chip").flag("hidden", true);
    };
    let (equal, all) = (recorded.equal, recorded.calls);
    let sign = if equal == all { "✓ " } else { "≠ " };
    el("span.chip linux")
        .set("data-equal", equal)
        .set("data-recorded", all)
        .child(el("span").flag("aria-hidden", true).child(sign))
        .child(equal_calls(lang, equal, all, &recorded.kernel))
}
