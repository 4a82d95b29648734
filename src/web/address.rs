//! What is open, in the page's address: `#NAME` is a scenario of the library.

use crate::web::drive::Store;
use crate::web::store::FIRST;
use gloo::utils::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// The name in the address; empty if there is none, or what stands there can be none.
pub(crate) fn name() -> String {
    let hash = window().location().hash().unwrap_or_default();
    let name = hash.strip_prefix('#').unwrap_or_default();
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.chars().all(letter) {
        name.to_owned()
    } else {
        String::new()
    }
}

/// Puts the name of what is open into the address. Without a name it stands for the first scenario.
pub(crate) fn tell(open: &str) {
    let name = name();
    if name != open && !(name.is_empty() && open == FIRST) {
        // It fails for no name.
        let _ = window().location().set_hash(open);
    }
}

/// Opens what the address names, from now on.
pub(crate) fn listen(store: Store) {
    let listener = Closure::<dyn FnMut()>::new(move || store.follow(&name()));
    let window = window();
    // It fails for no kind of event.
    let _ =
        window.add_event_listener_with_callback("hashchange", listener.as_ref().unchecked_ref());
    listener.forget();
}
