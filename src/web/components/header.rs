//! The page's head: what is shown, how true it is, language, theme, help.

use crate::web::i18n::{Text, equal_calls, say};
use crate::web::model::{Lang, Shared, truth};
use crate::web::settings::{Theme, other_theme};
use crate::web::store::Action;
use yew::prelude::*;

/// What the head of the page is drawn from.
pub(crate) struct Header<'a> {
    pub lang: Lang,
    pub theme: Theme,
    pub title: Text,
    pub view: &'a Shared,
    pub act: &'a Callback<Action>,
}

/// The head of the page.
pub(crate) fn header(drawn: &Header) -> Html {
    let Header {
        lang,
        theme,
        title,
        view,
        act,
    } = drawn;
    let languages = [(Lang::En, "EN", "English"), (Lang::Ko, "한국어", "한국어")].into_iter().map(|(of, name, full)| {
        let act = (*act).clone();
        html! {
            <button key={name} data-control={format!("lang-{}", of.tag())} lang={of.tag()} aria-label={full}
                aria-pressed={truth(of == *lang)} onclick={move |_| act.emit(Action::Lang(of))}>{ name }</button>
        }
    });
    let on_theme = {
        let (act, theme) = ((*act).clone(), *theme);
        move |_: MouseEvent| act.emit(Action::Theme(other_theme(theme)))
    };
    let on_help = act.reform(|_: MouseEvent| Action::Help(true));
    html! {
        <header class="top">
            <h1 class="logo">{ "sock" }<b>{ "scope" }</b></h1>
            <span class="scenario" data-scenario="true">{ say(*lang, *title) }</span>
            { equal(*lang, view) }
            <span class="spring"></span>
            <span class="segmented" role="group" aria-label={say(*lang, Text::Language)}>{ for languages }</span>
            <button class="icon" data-control="theme" aria-label={say(*lang, Text::Theme)} title={say(*lang, Text::Theme)} onclick={on_theme}>{ "◐" }</button>
            <button class="icon" data-control="help" aria-label={say(*lang, Text::Help)} title={say(*lang, Text::Help)} onclick={on_help}>{ "?" }</button>
        </header>
    }
}

/// How many of the calls that were recorded on real Linux were equal there.
fn equal(lang: Lang, view: &Shared) -> Html {
    let Some(recorded) = &view.recorded else {
        return html! { <span class="chip" hidden=true></span> };
    };
    let (equal, all) = (recorded.equal, recorded.calls);
    html! {
        <span class="chip linux" data-equal={equal.to_string()} data-recorded={all.to_string()}>
            <span aria-hidden="true">{ if equal == all { "✓ " } else { "≠ " } }</span>{ equal_calls(lang, equal, all, &recorded.kernel) }
        </span>
    }
}
