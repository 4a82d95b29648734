//! The controls of the run.

use crate::web::i18n::{Text, say};
use crate::web::model::{KINDS, Lang, Shared, StepKind, flag, kind_name, truth};
use crate::web::store::Action;
use yew::prelude::*;

/// What the controls are drawn from.
pub(crate) struct Controls<'a> {
    pub lang: Lang,
    pub view: &'a Shared,
    pub kind: StepKind,
    pub playing: bool,
    pub speed: u32,
    /// A long step or seek is under way.
    pub busy: bool,
    pub act: &'a Callback<Action>,
}

/// Buttons, and which process runs next where that is the user's to say.
pub(crate) fn controls(drawn: &Controls) -> Html {
    let Controls {
        lang,
        view,
        kind,
        playing,
        speed,
        busy,
        act,
    } = drawn;
    let lang = *lang;
    let on = |action: Action| {
        let act = (*act).clone();
        Callback::from(move |_: MouseEvent| act.emit(action.clone()))
    };
    let cursor = &view.cursor;
    let kinds = KINDS.into_iter().map(|of| {
        let text = match of {
            StepKind::Line => Text::Line,
            StepKind::Syscall => Text::Syscall,
            StepKind::Packet => Text::Packet,
            StepKind::Event => Text::Event,
        };
        html! {
            <button key={kind_name(of)} data-kind={kind_name(of)} aria-pressed={truth(of == *kind)} onclick={on(Action::Kind(of))}>
                { say(lang, text) }
            </button>
        }
    });
    let play = if *playing { Text::Pause } else { Text::Play };
    html! {
        <div class="controls" role="group" aria-label={say(lang, Text::Controls)}>
            <div class="control-row">
                <button data-control="reset" disabled={cursor.at_start && !busy} aria-label={say(lang, Text::Reset)} title={say(lang, Text::Reset)} onclick={on(Action::Reset)}>{ "|◀" }</button>
                <button data-control="back" disabled={cursor.at_start && !busy} aria-label={say(lang, Text::Back)} title={say(lang, Text::Back)} onclick={on(Action::Back(*kind))}>{ "◀" }</button>
                if *busy {
                    <button class="main" data-control="stop" data-busy="true" onclick={on(Action::Stop)}>{ say(lang, Text::Stop) }{ " ■" }</button>
                } else {
                    <button class="main" data-control="step" disabled={cursor.is_done()} onclick={on(Action::Step(*kind))}>{ say(lang, Text::Step) }{ " ▶" }</button>
                }
                <button data-control="play" aria-pressed={truth(*playing)} disabled={cursor.is_done() && !playing} onclick={on(Action::TogglePlay)}>{ say(lang, play) }</button>
                <button data-control="speed" aria-label={format!("{} ×{speed}", say(lang, Text::Speed))} title={say(lang, Text::Speed)} onclick={on(Action::Faster)}>{ format!("×{speed}") }</button>
                <button data-control="next-timer" disabled={cursor.is_done()} onclick={on(Action::NextTimer)}>{ say(lang, Text::NextTimer) }</button>
            </div>
            <div class="control-row">
                <div class="segmented" role="group" aria-label={say(lang, Text::StepBy)}>{ for kinds }</div>
                { choice(lang, view, act) }
            </div>
        </div>
    }
}

fn choice(lang: Lang, view: &Shared, act: &Callback<Action>) -> Html {
    let Some(choice) = &view.choice else {
        return html! { <span class="choice"></span> };
    };
    let buttons = choice.processes.iter().enumerate().map(|(at, process)| {
        let (act, process) = (act.clone(), *process);
        html! {
            <button key={process} class="who" data-choose={view.name_of(Some(process)).to_owned()} data-index={process.to_string()}
                data-own={flag(at == 0)} onclick={move |_| act.emit(Action::Choose(process))}>
                { view.name_of(Some(process)) }
            </button>
        }
    });
    html! {
        <span class="choice" data-choice={choice.index.to_string()} role="group" aria-label={say(lang, Text::RunNext)}>
            <span>{ say(lang, Text::RunNext) }</span>{ for buttons }
        </span>
    }
}
