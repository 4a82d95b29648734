//! The whole page: it draws what the store holds.

use crate::web::components::controls::controls;
use crate::web::components::dialog;
use crate::web::components::editor::go_to;
use crate::web::components::header::header;
use crate::web::components::lesson::lesson;
use crate::web::components::panel::{Part, Room, panel};
use crate::web::components::process::process;
use crate::web::drive::Store;
use crate::web::el::{El, el};
use crate::web::i18n::Text;
use crate::web::model::{Lang, Scene};
use crate::web::store::{Action, Pane};
use web_sys::HtmlElement;

/// The whole page, in which what a dialog shows has its room.
pub(crate) fn page(Scene { store, .. }: &Scene, room: &Room) -> El {
    let model = store.model();
    let (lang, view) = (model.lang, &model.view);
    // The one that is given is that of the page's first drawing.
    let scene = Scene::of(store, &model);
    let programs = el("div.programs")
        .set("data-pane", "program")
        .set("aria-label", (lang, Text::Program))
        .list(
            view.processes
                .iter()
                .map(|one| process(&model, &scene, one)),
        );
    let boundary = el("div.boundary")
        .flag("aria-hidden", true)
        .child(el("span.boundary-text").child((lang, Text::UserSpace)))
        .child(el("span.boundary-text").child((lang, Text::KernelSpace)));
    let picture = el("div.picture")
        .child(programs)
        .child(boundary)
        .child(
            el("div.middle")
                .child(panel(Part::Kernel, &scene))
                .child(panel(Part::Ports, &scene)),
        )
        .child(panel(Part::Ladder, &scene))
        .child(lesson(&model, store));
    let has_lesson = model.lesson().is_some();
    let notice = model.notice.as_ref().map(|notice| {
        el("p.notice")
            .set("role", "alert")
            .flag("data-notice", true)
            .child(
                el("span")
                    .child((lang, Text::NotOpened))
                    .child(" ")
                    .child(notice),
            )
            .child(
                el("button")
                    .set("data-control", "understood")
                    .on_click(store, Action::Understood)
                    .child((lang, Text::Close)),
            )
    });
    let whereabouts = el("section.whereabouts")
        .set("aria-label", (lang, Text::Timeline))
        .child(controls(&model, store))
        .child(panel(Part::Timeline, &scene));
    el("main")
        .set("data-app", "sockscope")
        .set("data-lang", lang.tag())
        .set("data-show", pane_name(model.pane))
        .set("data-processes", view.processes.len())
        .flag("data-busy", model.busy)
        .flag("data-playing", model.playing)
        .truth("data-loaded", model.wrong().is_empty())
        .flag("data-lesson", has_lesson && model.lesson_open)
        .child(header(&model, store))
        .child(pane_tabs(lang, model.pane, has_lesson, store))
        .child(picture)
        .child(
            el("footer.time")
                .child(panel(Part::Explain, &scene))
                .child(whereabouts),
        )
        .child(notice)
        .child(
            el("p.drop-hint")
                .flag("aria-hidden", true)
                .child(el("span").child((lang, Text::DropHint))),
        )
        .child(dialog::dialog(&model, room.node, store))
}

/// What is left to do when the page is drawn.
pub(crate) fn drawn(store: &Store, dialog: &HtmlElement) {
    let open = store.model().dialog.is_some();
    dialog::show(dialog, open);
    if let Some((program, line)) = store.take_focus() {
        go_to(program, line);
    }
}

fn pane_name(pane: Pane) -> &'static str {
    match pane {
        Pane::Program => "program",
        Pane::Kernel => "kernel",
        Pane::Wire => "wire",
        Pane::Lesson => "lesson",
    }
}

/// Which pane a phone shows.
fn pane_tabs(lang: Lang, shown: Pane, has_lesson: bool, store: &Store) -> El {
    let panes = [
        (Pane::Program, Text::Program),
        (Pane::Kernel, Text::Kernel),
        (Pane::Wire, Text::Wire),
        (Pane::Lesson, Text::Lesson),
    ];
    let panes = panes.into_iter().take(if has_lesson { 4 } else { 3 });
    let tabs = panes.map(|(pane, text)| {
        el("button")
            .set("role", "tab")
            .key(pane_name(pane))
            .set("data-show-pane", pane_name(pane))
            .truth("aria-selected", pane == shown)
            .on_click(store, Action::Pane(pane))
            .child((lang, text))
    });
    el("nav.pane-tabs")
        .set("role", "tablist")
        .set("aria-label", (lang, Text::Panes))
        .list(tabs)
}
