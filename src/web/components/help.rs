//! The help dialog: keys, and how to read the picture.

use crate::web::i18n::{Text, say};
use crate::web::model::Lang;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// What [`Help`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct HelpProps {
    pub lang: Lang,
    pub open: bool,
    pub on_close: Callback<()>,
}

const KEYS: [(&[&str], Text); 10] = [
    (&["→"], Text::KeyStep),
    (&["←"], Text::KeyBack),
    (&["Shift + →", "Shift + ←"], Text::KeyFine),
    (&["Space"], Text::KeyPlay),
    (&["Home", "End"], Text::KeyEnds),
    (&["1", "2", "3", "4"], Text::KeyKinds),
    (&["N"], Text::KeyTimer),
    (&["L"], Text::KeyLanguage),
    (&["T"], Text::KeyTheme),
    (&["?"], Text::KeyHelp),
];

/// The dialog.
#[function_component]
pub(crate) fn Help(props: &HelpProps) -> Html {
    let HelpProps {
        lang,
        open,
        on_close,
    } = props;
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(*open, move |open| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                match (*open, dialog.open()) {
                    // It fails only for a dialog that is not in the document.
                    (true, false) => drop(dialog.show_modal()),
                    (false, true) => dialog.close(),
                    (true, true) | (false, false) => {}
                }
            }
        });
    }
    let close = on_close.reform(|_: MouseEvent| ());
    let closed = on_close.reform(|_: Event| ());
    let keys = KEYS.iter().map(|(keys, text)| {
        html! {
            <div key={keys[0]} class="key-row">
                <dt>{ for keys.iter().map(|key| html! { <kbd key={*key}>{ *key }</kbd> }) }</dt>
                <dd>{ say(*lang, *text) }</dd>
            </div>
        }
    });
    html! {
        <dialog class="help" ref={node} data-dialog="help" aria-labelledby="help-title" onclose={closed}>
            <h2 id="help-title">{ say(*lang, Text::Reading) }</h2>
            <p>{ say(*lang, Text::ReadingSays) }</p>
            <h2>{ say(*lang, Text::Keys) }</h2>
            <dl>{ for keys }</dl>
            <button class="main" data-control="close-help" onclick={close}>{ say(*lang, Text::Close) }</button>
        </dialog>
    }
}
