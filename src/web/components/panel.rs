//! The one component: the page, and those of its parts that depend on the room they have, or are not drawn anew
//! each time. Each is measured, drawn, and scrolled to what it shows.

use crate::web::app::{self, page};
use crate::web::components::explain::explain;
use crate::web::components::kernel::kernel;
use crate::web::components::ladder::ladder;
use crate::web::components::ports::ports;
use crate::web::components::source::{self, source};
use crate::web::components::timeline::timeline;
use crate::web::model::Scene;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver};
use yew::prelude::*;

/// Which part of the page.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Part {
    /// All of it. The store draws it anew.
    Page,
    /// A file of a process: which process, which file.
    Source(u32, u32),
    Kernel,
    Ports,
    Ladder,
    Explain,
    Timeline,
}

/// What [`Panel`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct PanelProps {
    pub of: Part,
    pub scene: Scene,
}

/// A part of the page as an element.
pub(crate) fn panel(of: Part, scene: &Scene) -> Html {
    let scene = scene.clone();
    html! { <Panel {of} {scene} /> }
}

/// A part of the page.
pub(crate) struct Panel {
    /// The element that is measured and scrolled.
    node: NodeRef,
    /// Width and height of its content box in CSS pixels; (0, 0) until it has been measured.
    size: (i32, i32),
    /// What the latest picture has to show, and what was brought in sight the last time.
    wanted: Cell<Option<Sight>>,
    shown: Option<Sight>,
    observer: Option<Observer>,
}

/// Tells of every change of size. The closure lives as long as it may be called.
type Observer = (ResizeObserver, Closure<dyn FnMut()>);

/// The room that a part has.
pub(crate) struct Room<'a> {
    /// To be given to the element that is measured and scrolled.
    pub node: &'a NodeRef,
    pub width: i32,
    pub height: i32,
    wanted: &'a Cell<Option<Sight>>,
}

/// What has to be in sight, from `top` to `bottom`; of a source, these are numbers of lines. It is brought there when one of these changes, not when the
/// panel is drawn again: meanwhile the user may have scrolled.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Sight {
    pub top: i32,
    pub bottom: i32,
    /// Anything else that is worth looking again.
    pub when: i32,
}

impl Room<'_> {
    /// Scrolls to `sight` as soon as the panel is drawn.
    pub(crate) fn show(&self, sight: Sight) {
        self.wanted.set(Some(sight));
    }
}

impl Component for Panel {
    /// It has another size; or something else is another one.
    type Message = Option<(i32, i32)>;
    type Properties = PanelProps;

    fn create(ctx: &Context<Panel>) -> Panel {
        let PanelProps { of, scene } = ctx.props();
        if *of == Part::Page {
            scene.store.on_draw(ctx.link().callback(|()| None));
        }
        Panel {
            node: NodeRef::default(),
            size: (0, 0),
            wanted: Cell::new(None),
            shown: None,
            observer: None,
        }
    }

    fn update(&mut self, _ctx: &Context<Panel>, size: Option<(i32, i32)>) -> bool {
        let before = self.size;
        self.size = size.unwrap_or(before);
        size != Some(before)
    }

    fn changed(&mut self, ctx: &Context<Panel>, old: &PanelProps) -> bool {
        let PanelProps { of, scene } = ctx.props();
        match *of {
            Part::Source(process, file) => source::differs(scene, &old.scene, process, file),
            _ => true,
        }
    }

    fn view(&self, ctx: &Context<Panel>) -> Html {
        let PanelProps { of, scene } = ctx.props();
        self.wanted.set(None);
        let room = Room {
            node: &self.node,
            width: self.size.0,
            height: self.size.1,
            wanted: &self.wanted,
        };
        let drawn = match *of {
            Part::Page => page(scene, &room),
            Part::Source(process, file) => source(scene, &room, process, file),
            Part::Kernel => kernel(scene, &room),
            Part::Ports => ports(scene, &room),
            Part::Ladder => ladder(scene, &room),
            Part::Explain => explain(scene, &room),
            Part::Timeline => timeline(scene, &room),
        };
        drawn.into()
    }

    fn rendered(&mut self, ctx: &Context<Panel>, first: bool) {
        let PanelProps { of, scene } = ctx.props();
        let Some(element) = self.node.get() else {
            return;
        };
        let element: HtmlElement = element.unchecked_into();
        if *of == Part::Page {
            return app::drawn(&scene.store, &element);
        }
        let wanted = self.wanted.get();
        if let Some(sight) = wanted
            && self.shown != wanted
        {
            let place = match of {
                // Only the browser knows where a line is: long ones are broken.
                Part::Source(..) => source::current(&element),
                _ => Some((sight.top, sight.bottom)),
            };
            if let Some((top, bottom)) = place {
                keep_in_sight(&element, top, bottom);
            }
        }
        self.shown = wanted;
        if first && !matches!(of, Part::Source(..)) {
            let (link, observed) = (ctx.link().clone(), element.clone());
            let measure = move || {
                link.send_message(Some((element.client_width(), element.client_height())));
            };
            self.observer = observe(&observed, measure);
        }
    }

    fn destroy(&mut self, _ctx: &Context<Panel>) {
        if let Some((observer, _)) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Calls `measure` now and whenever the element's size changes.
fn observe(element: &HtmlElement, measure: impl Fn() + 'static) -> Option<Observer> {
    measure();
    let told = Closure::<dyn FnMut()>::new(measure);
    let observer = ResizeObserver::new(told.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some((observer, told))
}

/// Keeps the part of `pane` between `top` and `bottom` in sight by scrolling the pane, never the page.
fn keep_in_sight(pane: &HtmlElement, top: i32, bottom: i32) {
    let height = pane.client_height();
    let above = pane.scroll_top();
    // A fifth of the pane stays free on both sides, so that one sees where one comes from and goes to.
    let margin = height / 5;
    if top < above + margin || bottom > above + height - margin {
        pane.set_scroll_top((top - height * 2 / 5).max(0));
    }
}
