//! The compiler, a wasm file of its own (`src/compiler.rs`) in a worker. One is started for each question and
//! ended with the answer: it keeps nothing that the next one could use.

use crate::scenario::{Built, Question, Sources, read, write};
use js_sys::{Error, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

/// Compiles programs. Fails if the compiler cannot be fetched, or is of another version than the page.
pub(crate) async fn build(sources: Sources) -> Result<Built, JsValue> {
    let worker = Worker::new("./compiler-worker.js")?;
    let answered = ask(&worker, write(&Question::Programs(sources))).await;
    worker.terminate();
    let bytes = Uint8Array::new(&answered?).to_vec();
    read(&bytes).ok_or_else(|| Error::new(OTHER_VERSION).into())
}

/// What is said about bytes of another version.
pub(crate) const OTHER_VERSION: &str = "this page is of another version than its server; reload it";

async fn ask(worker: &Worker, sources: Vec<u8>) -> Result<JsValue, JsValue> {
    let (mut heard, mut failed) = (None, None);
    let answer = Promise::new(&mut |resolve, reject| {
        let to = worker.clone();
        let sources = Uint8Array::from(sources.as_slice());
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let data = message.data();
            // The first message says that it is ready. Neither call can fail: bytes can be copied.
            let _ = if data.is_null() {
                to.post_message(&sources)
            } else {
                resolve.call1(&JsValue::NULL, &data).map(drop)
            };
        });
        let on_error = Closure::<dyn FnMut()>::new(move || {
            let _ = reject.call1(&JsValue::NULL, &Error::new("the compiler failed"));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        (heard, failed) = (Some(on_message), Some(on_error));
    });
    let answered = answer.await;
    drop((heard, failed));
    answered
}
