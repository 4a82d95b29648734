//! A program's source: numbered lines, the current one in sight, marks, the error that stopped it.

use crate::web::components::tokens::{self, Class};
use crate::web::hooks::keep_in_sight;
use crate::web::i18n::{Text, say, source_of};
use crate::web::model::{Lang, MarkView, SourceView, flag};
use web_sys::HtmlElement;
use yew::prelude::*;

/// What [`Source`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct SourceProps {
    pub lang: Lang,
    /// The file.
    pub source: SourceView,
    /// The current line, from 1, if it is in this file.
    pub current: Option<u32>,
    /// Whether the program was stopped at the current line.
    pub faulted: bool,
    /// Marks of this file.
    pub marks: Vec<MarkView>,
}

/// A source file.
#[function_component]
pub(crate) fn Source(props: &SourceProps) -> Html {
    let pane = use_node_ref();
    let tokenised = use_memo(props.source.text.clone(), |text| {
        tokens::lines(text)
            .into_iter()
            .map(|line| line.into_iter().map(piece).collect::<Html>())
            .collect::<Vec<_>>()
    });
    {
        let pane = pane.clone();
        use_effect_with((props.current, props.source.name.clone()), move |_| {
            let current = pane
                .cast::<HtmlElement>()
                .and_then(|pane| Some((pane.query_selector("[data-current]").ok()??, pane)));
            if let Some((line, pane)) = current {
                let top = (line.get_bounding_client_rect().top()
                    - pane.get_bounding_client_rect().top()) as i32
                    + pane.scroll_top();
                keep_in_sight(&pane, top, top + line.client_height());
            }
        });
    }
    let lines = tokenised.iter().enumerate().map(|(at, text)| {
        let number = at as u32 + 1;
        let current = props.current == Some(number);
        html! {
            <li key={number} class="line" data-line={number.to_string()} data-current={flag(current)}
                data-fault={flag(current && props.faulted)} aria-current={current.then_some("true")}>
                <span class="line-number" aria-hidden="true">{ number }</span>
                { mark(props.lang, &props.marks, number) }
                <code class="line-text">{ text.clone() }</code>
            </li>
        }
    });
    html! {
        <ol class="source" ref={pane} tabindex="0" data-file-name={props.source.name.clone()}
            aria-label={source_of(props.lang, &props.source.name)}>
            { for lines }
        </ol>
    }
}

fn piece((class, text): (Class, &str)) -> Html {
    match class.css() {
        Some(css) => html! { <span class={css}>{ text }</span> },
        None => html! { { text } },
    }
}

/// The mark of a line: equal only if every call made there was.
fn mark(lang: Lang, marks: &[MarkView], line: u32) -> Html {
    let of_line = || marks.iter().filter(|mark| mark.line == line && mark.passed);
    if of_line().next().is_none() {
        return html! { <span class="mark"></span> };
    }
    let equal = of_line().all(|mark| mark.equal);
    let (sign, text) = if equal {
        ("✓", Text::Equal)
    } else {
        ("≠", Text::Different)
    };
    let calls = of_line()
        .map(|mark| mark.call.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let title = format!("{calls}: {}", say(lang, text));
    html! {
        <span class="mark" data-mark={if equal { "equal" } else { "different" }} {title} role="img" aria-label={say(lang, text)}>{ sign }</span>
    }
}
