//! Hooks: the size of an element, a timer.

use gloo::timers::callback::Interval;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, ResizeObserver};
use yew::prelude::*;

/// Width and height of an element's content box in CSS pixels; (0, 0) until it has been measured.
#[hook]
pub(crate) fn use_size(node: NodeRef) -> (i32, i32) {
    let size = use_state_eq(|| (0, 0));
    let known = *size;
    use_effect_with((), move |()| {
        let measured = {
            let node = node.clone();
            move || {
                if let Some(element) = node.cast::<Element>() {
                    size.set((element.client_width(), element.client_height()));
                }
            }
        };
        measured();
        let told = Closure::<dyn FnMut()>::new(measured);
        let observer = ResizeObserver::new(told.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, node.cast::<Element>()) {
            observer.observe(&element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(told);
        }
    });
    known
}

/// Calls `tick` every `milliseconds` while that is something.
#[hook]
pub(crate) fn use_interval(milliseconds: Option<u32>, tick: Callback<()>) {
    use_effect_with(milliseconds, move |milliseconds| {
        let interval = milliseconds.map(|each| Interval::new(each, move || tick.emit(())));
        move || drop(interval)
    });
}

/// Keeps the part of `pane` between `top` and `bottom` in sight by scrolling the pane, never the page.
pub(crate) fn keep_in_sight(pane: &HtmlElement, top: i32, bottom: i32) {
    let height = pane.client_height();
    let above = pane.scroll_top();
    // A fifth of the pane stays free on both sides, so that one sees where one comes from and goes to.
    let margin = height / 5;
    if top < above + margin || bottom > above + height - margin {
        pane.set_scroll_top((top - height * 2 / 5).max(0));
    }
}
