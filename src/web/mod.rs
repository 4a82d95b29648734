//! The page, drawn with Yew.

use yew::prelude::*;

/// The whole page.
#[function_component]
fn App() -> Html {
    html! { <main data-app="sockscope">{ "sockscope" }</main> }
}

/// Mounts the page into `<div id="app">` of `static/index.html`, whose loading indicator shows until something is
/// drawn there.
///
/// # Panics
///
/// If the document has no such element.
pub fn mount() {
    let root = gloo::utils::document()
        .get_element_by_id("app")
        .expect("static/index.html has it");
    yew::Renderer::<App>::with_root(root).render();
}
