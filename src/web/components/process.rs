//! One program: its source, what it does, and the call by which it crosses into the kernel.

use crate::web::components::source::Source;
use crate::web::i18n::{Text, say};
use crate::web::model::{Activity, Lang, ProcessView, flag, truth};
use yew::prelude::*;

/// What [`Process`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct ProcessProps {
    pub lang: Lang,
    pub process: ProcessView,
    /// Whether "line" steps follow this process.
    pub selected: bool,
    pub on_select: Callback<u32>,
}

/// The value of `data-activity`.
pub(crate) fn activity_name(activity: Activity) -> &'static str {
    match activity {
        Activity::Running => "running",
        Activity::Ready => "ready",
        Activity::InCall => "inCall",
        Activity::Asleep => "asleep",
        Activity::Ended => "ended",
        Activity::Faulted => "faulted",
    }
}

/// A program's card.
#[function_component]
pub(crate) fn Process(props: &ProcessProps) -> Html {
    let ProcessProps {
        lang,
        process,
        selected,
        on_select,
    } = props;
    // The file that is looked at, if it is not the one that the program is in.
    let looked_at = use_state_eq(|| None::<u32>);
    {
        let looked_at = looked_at.clone();
        use_effect_with(process.location.clone(), move |_| looked_at.set(None));
    }
    let here = process.location.as_ref();
    let file = looked_at.or(here.map(|at| at.file)).unwrap_or(0);
    let current = here.filter(|at| at.file == file).map(|at| at.line);
    let marks = process
        .marks
        .iter()
        .filter(|mark| mark.file == file)
        .cloned()
        .collect::<Vec<_>>();
    let faulted = process.activity == Activity::Faulted;
    let select = {
        let (on_select, index) = (on_select.clone(), process.index);
        move |_: MouseEvent| on_select.emit(index)
    };
    let file_tabs = (process.files.len() > 1).then(|| {
        process.files.iter().enumerate().map(|(at, source)| {
            let (looked_at, at) = (looked_at.clone(), at as u32);
            html! {
                <button key={at} class="file-tab" aria-pressed={truth(at == file)} onclick={move |_| looked_at.set(Some(at))}>
                    { &source.name }
                </button>
            }
        }).collect::<Html>()
    });
    html! {
        <section class="panel process" data-process={process.name.clone()} data-index={process.index.to_string()}
            data-activity={activity_name(process.activity)} data-selected={flag(*selected)}
            data-exit={process.exit.map(|status| status.to_string())}>
            <header class="panel-head">
                <button class="who" aria-pressed={truth(*selected)} title={say(*lang, Text::SelectProcess)} onclick={select}>
                    { &process.name }
                </button>
                <span class="chip" hidden={process.pid == 0}>{ format!("pid {}", process.pid) }</span>
                <span class="chip activity" hidden={process.activity_text.is_empty()} title={process.activity_text.clone()}>{ &process.activity_text }</span>
                { file_tabs.unwrap_or_default() }
            </header>
            if let Some(source) = process.files.get(file as usize) {
                <Source lang={*lang} source={source.clone()} {current} {faulted} {marks} />
            } else {
                <div class="source"></div>
            }
            if let Some(fault) = &process.fault {
                <pre class="fault" role="alert" data-fault="true">{ fault }</pre>
            }
            { crossing(*lang, process) }
        </section>
    }
}

/// The line under the source: the library's function and the kernel's call apart, and what comes next.
fn crossing(lang: Lang, process: &ProcessView) -> Html {
    html! {
        <footer class="crossing">
            // Inside a call, what comes next is the call itself.
            <p class="next" data-next="true" hidden={process.call.as_ref() == Some(&process.next_text)}>{ &process.next_text }</p>
            if let Some(call) = &process.call {
                <p class="call" data-call={call.clone()} data-library={process.library.clone()}>
                    if let Some(library) = &process.library {
                        <span class="side library"><b>{ say(lang, Text::LibraryCall) }</b><code>{ library }{ "()" }</code><i aria-hidden="true">{ "→" }</i></span>
                    }
                    <span class="side" title={call.clone()}><b>{ say(lang, Text::KernelCall) }</b><code>{ call }</code></span>
                </p>
            }
        </footer>
    }
}
