//! The page's compiler: a wasm file of its own, which the page starts in a worker when there is something to
//! compile (`src/web/compiler.rs`). So the page opens without its weight, and a long compilation freezes nothing.
//!
//! It says that it is ready with an empty message; takes a [`Question`](sockscope::scenario::Question), and answers
//! with what was [`Built`](sockscope::scenario::Built) or [`Opened`](sockscope::scenario::Opened), each as bytes.

#[cfg(target_arch = "wasm32")]
fn main() {
    use js_sys::Uint8Array;
    use sockscope::program::c;
    use sockscope::scenario::{Built, Packed, Question, read, write};
    use wasm_bindgen::prelude::*;
    use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let page = scope.clone();
    let answer = Closure::<dyn FnMut(MessageEvent)>::new(move |asked: MessageEvent| {
        let answer = match read(&Uint8Array::new(&asked.data()).to_vec()) {
            Some(Question::Folder(files)) => write(&Packed::of_folder(files)),
            Some(Question::Programs(sources)) => {
                let compiled = |files| c::compile(files, &c::Options::default());
                let built: Built = sources.iter().map(|files| compiled(files)).collect();
                write(&built)
            }
            None => Vec::new(),
        };
        // It fails only for values that cannot be copied.
        let _ = page.post_message(&Uint8Array::from(answer.as_slice()));
    });
    scope.set_onmessage(Some(answer.as_ref().unchecked_ref()));
    answer.forget();
    let _ = scope.post_message(&JsValue::NULL);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("the page's compiler runs in a browser; here there is `sockscope run`");
}
