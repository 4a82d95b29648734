//! The whole page: it draws what the store holds.

use crate::web::components::controls::controls;
use crate::web::components::dialog;
use crate::web::components::editor::go_to;
use crate::web::components::header::header;
use crate::web::components::lesson::lesson;
use crate::web::components::panel::{Panel, Part};
use crate::web::components::process::process;
use crate::web::drive::Store;
use crate::web::el::{El, el};
use crate::web::i18n::Text;
use crate::web::model::{Lang, Scene};
use crate::web::store::{Action, Pane};
use yew::prelude::*;

/// What [`App`] needs.
#[derive(PartialEq, Properties)]
pub(crate) struct AppProps {
    pub store: Store,
}

/// The whole page. The store draws it anew by an empty message.
pub(crate) struct App {
    act: Callback<Action>,
    dialog: NodeRef,
}

impl Component for App {
    type Message = ();
    type Properties = AppProps;

    fn create(ctx: &Context<App>) -> App {
        let store = ctx.props().store.clone();
        store.on_draw(ctx.link().callback(|()| ()));
        App {
            act: Callback::from(move |action| store.act(action)),
            dialog: NodeRef::default(),
        }
    }

    fn view(&self, ctx: &Context<App>) -> Html {
        let model = ctx.props().store.model();
        let (lang, view, act) = (model.lang, &model.view, &self.act);
        let scene = Scene {
            lang,
            view: view.clone(),
            tab: model.tab,
            pick: model.pick,
            act: act.clone(),
        };
        let panel = |of: Part| html! { <Panel {of} scene={scene.clone()} /> };
        let programs = el("div.programs")
            .set("data-pane", "program")
            .set("aria-label", (lang, Text::Program))
            .list(view.processes.iter().map(|one| process(&model, one, act)));
        let boundary = el("div.boundary")
            .flag("aria-hidden", true)
            .child(el("span.boundary-text").child((lang, Text::UserSpace)))
            .child(el("span.boundary-text").child((lang, Text::KernelSpace)));
        let picture = el("div.picture")
            .child(programs)
            .child(boundary)
            .child(
                el("div.middle")
                    .child(panel(Part::Kernel))
                    .child(panel(Part::Ports)),
            )
            .child(panel(Part::Ladder))
            .child(lesson(&model, act));
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
                        .on_click(act, Action::Understood)
                        .child((lang, Text::Close)),
                )
        });
        let whereabouts = el("section.whereabouts")
            .set("aria-label", (lang, Text::Timeline))
            .child(controls(&model, act))
            .child(panel(Part::Timeline));
        el("main")
            .set("data-app", "sockscope")
            .set("data-lang", lang.tag())
            .set("data-show", pane_name(model.pane))
            .set("data-processes", view.processes.len())
            .flag("data-busy", model.busy)
            .flag("data-playing", model.playing)
            .truth("data-loaded", model.wrong().is_empty())
            .flag("data-lesson", has_lesson && model.lesson_open)
            .child(header(&model, act))
            .child(pane_tabs(lang, model.pane, has_lesson, act))
            .child(picture)
            .child(
                el("footer.time")
                    .child(panel(Part::Explain))
                    .child(whereabouts),
            )
            .child(notice)
            .child(
                el("p.drop-hint")
                    .flag("aria-hidden", true)
                    .child(el("span").child((lang, Text::DropHint))),
            )
            .child(dialog::dialog(&model, &self.dialog, act))
            .into()
    }

    fn rendered(&mut self, ctx: &Context<App>, _first: bool) {
        let store = &ctx.props().store;
        let open = store.model().dialog.is_some();
        dialog::show(&self.dialog, open);
        if let Some((program, line)) = store.take_focus() {
            go_to(program, line);
        }
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
fn pane_tabs(lang: Lang, shown: Pane, has_lesson: bool, act: &Callback<Action>) -> El {
    let panes = [
        (Pane::Program, Text::Program),
        (Pane::Kernel, Text::Kernel),
        (Pane::Wire, Text::Wire),
        (Pane::Lesson, Text::Lesson),
    ];
    let panes = panes.into_iter().take(if has_lesson { 4 } else { 3 });
    let tabs = panes.map(|(pane, text)| {
        el("button")
            .key(pane_name(pane))
            .set("role", "tab")
            .set("data-show-pane", pane_name(pane))
            .truth("aria-selected", pane == shown)
            .on_click(act, Action::Pane(pane))
            .child((lang, text))
    });
    el("nav.pane-tabs")
        .set("role", "tablist")
        .set("aria-label", (lang, Text::Panes))
        .list(tabs)
}
