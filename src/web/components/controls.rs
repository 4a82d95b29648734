//! The controls of the run.

use crate::web::drive::Store;
use crate::web::el::{El, el};
use crate::web::i18n::{Text, say};
use crate::web::model::{KINDS, StepKind, kind_name};
use crate::web::store::{Action, Model};

/// Buttons, and which process runs next where that is the user's to say.
pub(crate) fn controls(model: &Model, store: &Store) -> El {
    let (lang, kind, cursor) = (model.lang, model.kind, &model.view.cursor);
    let done = cursor.is_done();
    let button = |tag: &'static str, control: &str, action: Action| {
        el(tag).set("data-control", control).on_click(store, action)
    };
    let sign = |control: &str, name: Text, action: Action, sign: &str| {
        button("button", control, action)
            .set("aria-label", (lang, name))
            .set("title", (lang, name))
            .child(sign)
    };
    let main = if model.busy {
        button("button.main", "stop", Action::Stop)
            .flag("data-busy", true)
            .child((lang, Text::Stop))
            .child(" ■")
    } else {
        button("button.main", "step", Action::Step(kind))
            .flag("disabled", done)
            .child((lang, Text::Step))
            .child(" ▶")
    };
    let play = if model.playing {
        Text::Pause
    } else {
        Text::Play
    };
    let speed = ["×", &model.speed.to_string()].concat();
    let first = cursor.at_start && !model.busy;
    let buttons = el("div.control-row")
        .child(sign("reset", Text::Reset, Action::Reset, "|◀").flag("disabled", first))
        .child(sign("back", Text::Back, Action::Back(kind), "◀").flag("disabled", first))
        .child(main)
        .child(
            button("button", "play", Action::TogglePlay)
                .truth("aria-pressed", model.playing)
                .flag("disabled", done && !model.playing)
                .child((lang, play)),
        )
        .child(
            button("button", "speed", Action::Faster)
                .set("aria-label", [say(lang, Text::Speed), " ", &speed].concat())
                .set("title", (lang, Text::Speed))
                .child(speed),
        )
        .child(
            button("button", "next-timer", Action::NextTimer)
                .flag("disabled", done)
                .child((lang, Text::NextTimer)),
        );
    let kinds = KINDS.into_iter().map(|of| {
        let text = match of {
            StepKind::Line => Text::Line,
            StepKind::Syscall => Text::Syscall,
            StepKind::Packet => Text::Packet,
            StepKind::Event => Text::Event,
        };
        el("button")
            .key(kind_name(of))
            .set("data-kind", kind_name(of))
            .truth("aria-pressed", of == kind)
            .on_click(store, Action::Kind(of))
            .child((lang, text))
    });
    let kinds = el("div.segmented")
        .set("role", "group")
        .set("aria-label", (lang, Text::StepBy))
        .list(kinds);
    el("div.controls")
        .set("role", "group")
        .set("aria-label", (lang, Text::Controls))
        .child(buttons)
        .child(
            el("div.control-row")
                .child(kinds)
                .child(choice(model, store)),
        )
}

fn choice(model: &Model, store: &Store) -> El {
    let Some(choice) = &model.view.choice else {
        return el("span.choice");
    };
    let runs_next = say(model.lang, Text::RunNext);
    let buttons = choice.processes.iter().enumerate().map(|(at, process)| {
        let name = model.view.name_of(Some(*process));
        el("button.who")
            .key(*process)
            .set("data-choose", name)
            .set("data-index", *process)
            .flag("data-own", at == 0)
            .on_click(store, Action::Choose(*process))
            .child(name)
    });
    el("span.choice")
        .set("data-choice", choice.index)
        .set("role", "group")
        .set("aria-label", runs_next)
        .child(el("span").child(runs_next))
        .list(buttons)
}
