//! The whole page: it draws what the store holds and turns keys into actions.

use crate::web::components::controls::{Controls, controls};
use crate::web::components::explain::Explain;
use crate::web::components::header::{Header, header};
use crate::web::components::help::Help;
use crate::web::components::kernel::Kernel;
use crate::web::components::ladder::Ladder;
use crate::web::components::ports::Ports;
use crate::web::components::process::Process;
use crate::web::components::timeline::Timeline;
use crate::web::drive::Store;
use crate::web::hooks::use_interval;
use crate::web::i18n::{Text, say};
use crate::web::keys::use_keys;
use crate::web::model::{Lang, flag, truth};
use crate::web::store::{Action, Pane};
use yew::prelude::*;

/// Milliseconds between two steps of playing at single speed.
const BEAT: u32 = 1000;

/// What [`App`] needs.
#[derive(PartialEq, Properties)]
pub(crate) struct AppProps {
    pub store: Store,
}

/// The whole page.
#[function_component]
pub(crate) fn App(props: &AppProps) -> Html {
    let store = props.store.clone();
    let redraw = use_force_update();
    {
        let store = store.clone();
        use_effect_with((), move |()| {
            store.on_draw(Callback::from(move |()| redraw.force_update()));
        });
    }
    let act = {
        let store = store.clone();
        use_callback((), move |action: Action, ()| store.act(action))
    };
    use_keys(store.clone());
    let model = store.model();
    use_interval(
        model.playing.then(|| BEAT / model.speed.max(1)),
        act.reform(|()| Action::Beat),
    );
    let (lang, view) = (model.lang, model.view.clone());
    let on_seek = use_callback(act.clone(), |event, act| act.emit(Action::Seek(event)));
    let on_tab = use_callback(act.clone(), |tab, act| act.emit(Action::Tab(tab)));
    let on_select = use_callback(act.clone(), |process, act| {
        act.emit(Action::Select(process))
    });
    let on_close = use_callback(act.clone(), |(), act| act.emit(Action::Help(false)));
    let processes = view.processes.iter().map(|process| html! {
        <Process key={process.index} {lang} process={process.clone()} selected={process.index == model.selected} on_select={on_select.clone()} />
    });
    html! {
        <main data-app="sockscope" data-lang={lang.tag()} data-show={pane_name(model.pane)} data-processes={view.processes.len().to_string()}
            data-busy={flag(model.busy)} data-playing={flag(model.playing)} data-loaded={truth(model.wrong().is_empty())}>
            { header(&Header { lang, theme: model.theme, title: model.title, view: &view, act: &act }) }
            { pane_tabs(lang, model.pane, &act) }
            <div class="picture">
                <div class="programs" data-pane="program" aria-label={say(lang, Text::Program)}>{ for processes }</div>
                <div class="boundary" aria-hidden="true">
                    <span class="boundary-text">{ say(lang, Text::UserSpace) }</span>
                    <span class="boundary-text">{ say(lang, Text::KernelSpace) }</span>
                </div>
                <div class="middle">
                    <Kernel {lang} view={view.clone()} />
                    <Ports {lang} ports={view.ports.clone()} />
                </div>
                <Ladder {lang} view={view.clone()} on_seek={on_seek.clone()} />
            </div>
            <footer class="time">
                <Explain {lang} view={view.clone()} tab={model.tab} on_tab={on_tab} on_seek={on_seek.clone()} />
                <section class="whereabouts" aria-label={say(lang, Text::Timeline)}>
                    { controls(&Controls { lang, view: &view, kind: model.kind, playing: model.playing, speed: model.speed, busy: model.busy, act: &act }) }
                    <Timeline {lang} view={view.clone()} {on_seek} />
                </section>
            </footer>
            <Help {lang} open={model.help} {on_close} />
        </main>
    }
}

fn pane_name(pane: Pane) -> &'static str {
    match pane {
        Pane::Program => "program",
        Pane::Kernel => "kernel",
        Pane::Wire => "wire",
    }
}

/// Which pane a phone shows.
fn pane_tabs(lang: Lang, shown: Pane, act: &Callback<Action>) -> Html {
    let panes = [
        (Pane::Program, Text::Program),
        (Pane::Kernel, Text::Kernel),
        (Pane::Wire, Text::Wire),
    ];
    let tabs = panes.into_iter().map(|(pane, text)| {
        let act = act.clone();
        html! {
            <button key={pane_name(pane)} role="tab" data-show-pane={pane_name(pane)} aria-selected={truth(pane == shown)}
                onclick={move |_| act.emit(Action::Pane(pane))}>{ say(lang, text) }</button>
        }
    });
    html! { <nav class="pane-tabs" role="tablist" aria-label={say(lang, Text::Panes)}>{ for tabs }</nav> }
}
