//! The page, drawn with Yew: it shows a [`View`](crate::session::view::View) and nothing else.
//!
//! `store` holds what the page knows and changes it in one place; `drive` gives a run its slices of work and
//! tells who listens; `app` draws, `components` are what is drawn: values in, actions out. Elements are built by the
//! calls of `el`. Yew sees one component (`components/panel.rs`): the page, and a part that is measured and scrolled, or is
//! not drawn again unless it changed; all else are functions, as a component costs kilobytes. `api` is
//! `window.sockscope`, `asked` what it can load, `address` and `files` open what the address names and what is
//! dropped, `compiler` compiles it, in a worker. The picture's geometry is computed by pure functions (`*_layout`), so that one moment
//! always looks the same.
//!
//! **Architecture invariant:** no component reads the world, the log or the session; what a picture needs and the
//! view does not have is added to the view.
//!
//! # What is drawn, by attributes
//!
//! Browser tests and embedders find things by `data-*` attributes. They are stable; classes and texts are not.
//! Attributes that are flags have the value `true` or are not there. `data-index` is a process's place in the
//! list, wherever something has a process's colour; `data-state` a TCP state as RFC 9293 spells it, wherever
//! something has a state's colour; `data-changed` marks what this step changed.
//!
//! | attributes | on |
//! |---|---|
//! | `data-app="sockscope"` `data-lang` `data-busy` `data-playing` `data-loaded` `data-show` `data-processes` `data-lesson` | the root; `data-loaded="false"`: the programs do not compile; `data-show`: the pane that a phone shows; `data-lesson`: the lesson stands beside the picture |
//! | `data-dragging`, `data-compiler` | `<html>`: files are dragged over the page; the compiler is here, so that editing needs no network |
//! | `data-process` `data-activity` `data-selected` `data-exit` | a program's card: its name; `running` `ready` `inCall` `asleep` `ended` `faulted` |
//! | `data-file-name`, `data-line` `data-current` `data-fault` | a source, its lines |
//! | `data-mark` | a mark beside a line: `equal` or `different` on real Linux |
//! | `data-next`, `data-call` `data-library` | what comes next; the kernel's call and the C library's function |
//! | `data-warnings` | how much the compiler said of a program that runs |
//! | `data-fault="true"` with `role="alert"` | the error that stopped a program, or why it does not compile |
//! | `data-fds`, `data-fd` `data-kind` `data-to-file`, `data-next-fd` | a process's descriptors, one, the lowest free one |
//! | `data-file` `data-to-sock` `data-refs` | an open file description |
//! | `data-sock` `data-role` `data-state` `data-local` `data-remote` `data-error` `data-density` `data-form` | a socket's card (class `socket`), or its place in a listener's queue |
//! | `data-queue` `data-len`, `data-early` | a queue: `syn` `accept` `send` `receive`; octets that wait before accept(2) |
//! | `data-timer` `data-left` | a socket's running timer, nanoseconds |
//! | `data-chosen` | a port that the kernel chose |
//! | `data-packet` `data-flags` `data-direction` | a packet between the sockets: `up` or `down` |
//! | `data-changes`, `data-change` | the line "this step", one change by its event's name |
//! | `data-ports`, `data-port` `data-owners`, `data-search` `data-tried`, `data-ephemeral-used` | the port table, a used port, the kernel's search |
//! | `data-segments`, `data-lifeline`, `data-segment` `data-flags` `data-from` `data-len` `data-lost` `data-future` `data-in-flight` | the ladder |
//! | `data-explain` `data-kind` `data-source`, `data-ending` | the explanation: the event's name, where to look it up |
//! | `data-tab`, `data-strace` `data-failed` `data-equal`, `data-output` `data-stream` | tabs; lines of strace; output |
//! | `data-cursor` `data-event` `data-events` `data-complete` `data-time` `data-at-end` `data-at-start` | the slider over the run |
//! | `data-lane` | a process's lane above it |
//! | `data-control` | `reset` `back` `step` `stop` `play` `speed` `next-timer` `scrubber` `talk` `lang-en` `lang-ko` `theme` `help` `library` `lesson` `winsock` `edit` `run` `original` `open-folder` `open-files` `search` `understood` `close-…` |
//! | `data-kind` on a button, `data-show-pane`, `data-choice`, `data-choose` | kinds of steps; panes; which process runs next |
//! | `data-dialog` | the dialog: `help` `library` `winsock` |
//! | `data-open` | in the list of situations: the name of one |
//! | `data-lesson-of`, `data-bookmark` `data-event`, `data-mark-of` | the lesson, a moment worth a look, its mark on the timeline |
//! | `data-editor`, `data-wrong-line`, `data-edited` | a file that is edited, a line that does not compile; in the head: what runs was edited |
//! | `data-card`, `data-present` | a table of the Winsock card: `present` `calls` `errors`; the rows of the present call and its error |
//! | `data-notice` | what could not be done |
//! | `data-scenario`, `data-equal` `data-recorded` | in the head: the scenario's name (empty: one's own), how many calls were equal on real Linux |

mod address;
mod api;
mod app;
mod asked;
mod compiler;
mod components;
mod drive;
mod el;
mod fetch;
mod files;
mod keys;
mod language;
mod model;
mod run;
mod settings;
mod store;
mod words;

use crate::words::page as i18n;
use components::panel::{Panel, PanelProps, Part};
use fetch::start;
use js_sys::Error;
use model::Scene;
use store::{Action, Dialog, FIRST};
use wasm_bindgen::JsValue;

/// Mounts the page into `<div id="app">` of `static/index.html` once it has its words and its first scenario. The
/// page's loading indicator shows until something is drawn there.
///
/// # Panics
///
/// If the document has no such element.
pub fn mount() {
    // Without these there is no page: nobody handles the promise but index.html, which tells what went wrong.
    let _ = start(Box::pin(async {
        let wanted = address::name();
        let mut name = if wanted.is_empty() { FIRST } else { &wanted };
        // Both are asked for before the first is waited for.
        let first = fetch::packed(name);
        language::fetch(settings::lang()).await?;
        let mut first = first.await;
        if first.is_err() && name != FIRST {
            // The address may name what there never was, or is no more: the list of what there is comes up then.
            name = FIRST;
            first = fetch::packed(FIRST).await;
        }
        let store = drive::Store::new(name, fetch::bytes(&first?));
        let store = store.ok_or_else(|| Error::new(compiler::OTHER_VERSION))?;
        if name != wanted && !wanted.is_empty() {
            address::tell(name);
            store.act(Action::Dialog(Some(Dialog::Library)));
        }
        draw(store);
        Ok(JsValue::UNDEFINED)
    }));
}

fn draw(store: drive::Store) {
    let root = gloo::utils::document()
        .get_element_by_id("app")
        .expect("static/index.html has it");
    api::offer(store.clone());
    keys::listen(store.clone());
    address::listen(store.clone());
    files::listen(store.clone());
    let scene = Scene::of(&store, &store.model());
    let page = PanelProps {
        of: Part::Page,
        scene,
    };
    yew::Renderer::<Panel>::with_root_and_props(root, page).render();
}
