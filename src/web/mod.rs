//! The page, drawn with Yew.

use yew::prelude::*;

/// The whole page.
#[function_component]
fn App() -> Html {
    html! { <main data-app="sockscope">{ "sockscope" }</main> }
}

/// Mounts the page into the document's body.
pub fn mount() {
    yew::Renderer::<App>::new().render();
}
