//! What takes its time: files that lie beside the page, and whatever else has to be waited for.

use gloo::utils::window;
use js_sys::futures::{JsFuture, future_to_promise};
use js_sys::{Error, Promise, Uint8Array};
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Response;

/// Work that takes its time and may fail. All work is of one type, so that what starts it and what waits for it exists
/// once in the page, and not once for each.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// Starts work. The promise is that of its end, and may be dropped.
pub(crate) fn start(work: Work) -> Promise {
    future_to_promise(work)
}

/// Asks for a file at once; what comes is its text.
pub(crate) fn text(address: &str) -> JsFuture {
    file(address, Response::text)
}

/// The same for a scenario of the library with its programs compiled; what comes are its [`bytes`].
pub(crate) fn packed(name: &str) -> JsFuture {
    file(
        &["scenarios/", name, "/packed"].concat(),
        Response::array_buffer,
    )
}

/// The bytes of an ArrayBuffer.
pub(crate) fn bytes(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}

type Content = fn(&Response) -> Result<Promise, JsValue>;

fn file(address: &str, content: Content) -> JsFuture {
    let answer = window().fetch_with_str(address);
    let work = async move {
        let response: Response = answer.await?.unchecked_into();
        if response.ok() {
            return content(&response)?.await;
        }
        let reason = ["could not fetch ", &response.url()].concat();
        Err(Error::new(&reason).into())
    };
    // Waited for from now on, or the browser would tell of a failure before anybody asks.
    start(Box::pin(work)).into()
}
