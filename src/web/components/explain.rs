//! What just happened, in words; the calls as strace prints them; what the programs wrote.

use crate::web::i18n::{Text, event_of, say};
use crate::web::model::{Lang, Shared, flag, truth};
use crate::web::store::Tab;
use web_sys::HtmlElement;
use yew::prelude::*;

/// What [`Explain`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct ExplainProps {
    pub lang: Lang,
    pub view: Shared,
    pub tab: Tab,
    pub on_tab: Callback<Tab>,
    pub on_seek: Callback<u32>,
}

const TABS: [(Tab, &str, Text); 3] = [
    (Tab::Explain, "explain", Text::Explain),
    (Tab::Strace, "strace", Text::Strace),
    (Tab::Output, "output", Text::Output),
];

/// The left half of the footer.
#[function_component]
pub(crate) fn Explain(props: &ExplainProps) -> Html {
    let ExplainProps {
        lang,
        view,
        tab,
        on_tab,
        on_seek,
    } = props;
    let body = use_node_ref();
    {
        let body = body.clone();
        // The newest line stays in sight.
        let written: usize = view
            .processes
            .iter()
            .map(|process| process.output.len())
            .sum();
        use_effect_with(
            (*tab, view.strace.len(), written, view.cursor.event),
            move |(tab, ..)| {
                if let Some(body) = body.cast::<HtmlElement>() {
                    body.set_scroll_top(if *tab == Tab::Explain {
                        0
                    } else {
                        body.scroll_height()
                    });
                }
            },
        );
    }
    let tabs = TABS.iter().map(|(of, name, text)| {
        let (on_tab, of) = (on_tab.clone(), *of);
        html! {
            <button key={*name} role="tab" data-tab={*name} aria-selected={truth(of == *tab)} onclick={move |_| on_tab.emit(of)}>
                { say(*lang, *text) }
            </button>
        }
    });
    let content = match tab {
        Tab::Explain => sentences(*lang, view),
        Tab::Strace => strace(*lang, view, on_seek),
        Tab::Output => output(*lang, view),
    };
    html! {
        <section class="telling" aria-label={say(*lang, Text::Tell)}>
            <div class="tabs" role="tablist">{ for tabs }</div>
            <div class="telling-body" ref={body} tabindex="0" role="tabpanel">{ content }</div>
        </section>
    }
}

fn sentences(lang: Lang, view: &Shared) -> Html {
    let cursor = &view.cursor;
    let event = event_of(lang, cursor.event, cursor.events, cursor.complete);
    let (text, source, kind) = match &view.now {
        Some(now) => (
            now.text.as_str(),
            now.source.as_str(),
            Some(now.kind.clone()),
        ),
        None => (say(lang, Text::BeforeFirst), "", None),
    };
    let sources = source
        .split(" · ")
        .filter(|part| !part.is_empty())
        .enumerate()
        .map(|(at, part)| {
            html! {
                <span key={at} class="source-of">{ part }</span>
            }
        });
    html! {
        <div class="explanation" data-explain="true" data-kind={kind} data-source={source.to_owned()} aria-live="polite">
            <p class="said">{ strong(text) }</p>
            if let Some(ending) = &view.ending {
                <p class="ending" data-ending={ending.kind.clone()}>{ &ending.text }</p>
            }
            <p class="sources">{ for sources }<span class="event-of">{ event }</span></p>
        </div>
    }
}

/// `**…**` is strong.
fn strong(text: &str) -> Html {
    text.split("**")
        .enumerate()
        .map(|(at, part)| {
            if at % 2 == 1 {
                html! { <b key={at}>{ part }</b> }
            } else {
                html! { <span key={at}>{ part }</span> }
            }
        })
        .collect()
}

fn strace(lang: Lang, view: &Shared, on_seek: &Callback<u32>) -> Html {
    if view.strace.is_empty() {
        return html! { <p class="nothing">{ say(lang, Text::NoCalls) }</p> };
    }
    let lines = view.strace.iter().enumerate().map(|(at, line)| {
        let seek = {
            let (on_seek, event) = (on_seek.clone(), line.event);
            move |_: MouseEvent| on_seek.emit(event)
        };
        let (sign, equal) = match line.equal {
            Some(true) => ("✓", Some("true")),
            Some(false) => ("≠", Some("false")),
            None => ("", None),
        };
        html! {
            <li key={at} data-strace={line.event.to_string()} data-index={line.process.to_string()} data-failed={flag(line.failed)}
                data-equal={equal} onclick={seek}>
                <span class="mark" aria-hidden="true">{ sign }</span>
                <b>{ view.name_of(Some(line.process)) }</b>
                <code>{ &line.text }</code>
            </li>
        }
    });
    html! { <ol class="calls">{ for lines }</ol> }
}

fn output(lang: Lang, view: &Shared) -> Html {
    let wrote = view
        .processes
        .iter()
        .filter(|process| !process.output.is_empty());
    if wrote.clone().next().is_none() {
        return html! { <p class="nothing">{ say(lang, Text::NoOutput) }</p> };
    }
    let list = wrote.map(|process| {
        let parts = process.output.iter().enumerate().map(|(at, part)| html! {
            <span key={at} data-stream={part.stream.to_string()}>{ &part.text }</span>
        });
        html! {
            <div key={process.index} class="wrote" data-output={process.name.clone()} data-index={process.index.to_string()}>
                <b>{ &process.name }</b><pre>{ for parts }</pre>
            </div>
        }
    });
    html! { <div class="outputs">{ for list }</div> }
}
