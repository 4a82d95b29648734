//! The page, drawn with Yew.

mod api;
mod app;
mod components;
mod drive;
mod hooks;
mod i18n;
mod keys;
mod model;
mod run;
mod settings;
mod store;
mod words;

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
    let store = drive::Store::new();
    api::offer(store.clone());
    yew::Renderer::<app::App>::with_root_and_props(root, app::AppProps { store }).render();
}
