//! The compiler, a wasm file of its own (`src/compiler.rs`) in a worker. One is fetched and started when the page is
//! idle, and kept: from then on programs are compiled without a network.

use crate::scenario::{Question, write};
use js_sys::{Error, Promise, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

/// What is said about bytes of another version.
pub(crate) const OTHER_VERSION: &str = "this page is of another version than its server; reload it";

thread_local! {
    /// One that waits for a question.
    static WAITING: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// Fetches and starts the compiler, so that it is there when it is needed.
pub(crate) async fn start() -> Result<(), JsValue> {
    let worker = Worker::new("./compiler-worker.js")?;
    // Its first message says that it is ready.
    heard(&worker).await?;
    keep(worker);
    Ok(())
}

/// Keeps a worker for the next question. There is one at most.
fn keep(worker: Worker) {
    if let Some(spare) = WAITING.replace(Some(worker)) {
        spare.terminate();
    }
}

/// Answers a question. Fails if there is no compiler and none can be fetched.
pub(crate) async fn ask(question: &Question) -> Result<Vec<u8>, JsValue> {
    if WAITING.with_borrow(Option::is_none) {
        start().await?;
    }
    // Taken away until it has answered: another question meanwhile is for another worker.
    let Some(worker) = WAITING.take() else {
        return Err(failed());
    };
    worker.post_message(&Uint8Array::from(write(question).as_slice()))?;
    let answer = heard(&worker).await;
    if answer.is_ok() {
        keep(worker);
    } else {
        worker.terminate();
    }
    Ok(Uint8Array::new(&answer?).to_vec())
}

fn failed() -> JsValue {
    Error::new("the compiler failed").into()
}

/// The next message of a worker.
async fn heard(worker: &Worker) -> Result<JsValue, JsValue> {
    let (mut on_message, mut on_error) = (None, None);
    let heard = Promise::new(&mut |resolve, reject| {
        // Neither call can fail.
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let _ = resolve.call1(&JsValue::NULL, &message.data());
        });
        let error = Closure::<dyn FnMut()>::new(move || {
            let _ = reject.call1(&JsValue::NULL, &failed());
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        (on_message, on_error) = (Some(message), Some(error));
    });
    let heard = heard.await;
    worker.set_onmessage(None);
    worker.set_onerror(None);
    drop((on_message, on_error));
    heard
}
