//! The compiler, a wasm file of its own (`src/compiler.rs`) in a worker. One is fetched and started when the page is
//! idle, and kept: from then on programs are compiled without a network.

use crate::scenario::{Question, write};
use crate::web::fetch::{Work, bytes};
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
    keep(worker().await?.unchecked_into());
    Ok(())
}

/// A worker that waits for a question: the one that is here, or a new one.
fn worker() -> Work {
    // Taken away until it has answered: another question meanwhile is for another worker.
    let waiting = WAITING.take();
    Box::pin(async {
        if let Some(worker) = waiting {
            return Ok(worker.into());
        }
        let worker = Worker::new("./compiler-worker.js")?;
        // Its first message says that it is ready.
        heard(&worker).await?;
        Ok(worker.into())
    })
}

/// Keeps a worker for the next question. There is one at most.
fn keep(worker: Worker) {
    if let Some(spare) = WAITING.replace(Some(worker)) {
        spare.terminate();
    }
}

/// Answers a question. Fails if there is no compiler and none can be fetched.
pub(crate) async fn ask(question: &Question) -> Result<Vec<u8>, JsValue> {
    let worker: Worker = worker().await?.unchecked_into();
    worker.post_message(&Uint8Array::from(write(question).as_slice()))?;
    let answer = heard(&worker).await;
    if answer.is_ok() {
        keep(worker);
    } else {
        worker.terminate();
    }
    Ok(bytes(&answer?))
}

/// The next message of a worker.
async fn heard(worker: &Worker) -> Result<JsValue, JsValue> {
    let event = Promise::new(&mut |resolve, reject| {
        // What comes later finds the promise kept, and does nothing.
        worker.set_onmessage(Some(&resolve));
        worker.set_onerror(Some(&reject));
    });
    match event.await {
        Ok(message) => Ok(message.unchecked_into::<MessageEvent>().data()),
        Err(_) => Err(Error::new("the compiler failed").into()),
    }
}
