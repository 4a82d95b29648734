//! Files that lie beside the page.

use gloo::utils::window;
use js_sys::{Error, Promise};
use std::future::Future;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Response;

/// Asks for a file at once; what comes is its text.
pub(crate) fn text(address: &str) -> impl Future<Output = Result<String, JsValue>> + use<> {
    let answer = window().fetch_with_str(address);
    async move {
        let text = response(answer).await?.text()?.await?;
        Ok(text.as_string().unwrap_or_default())
    }
}

/// The same for a file of bytes.
pub(crate) fn bytes(address: &str) -> impl Future<Output = Result<Vec<u8>, JsValue>> + use<> {
    let answer = window().fetch_with_str(address);
    async move {
        let bytes = response(answer).await?.array_buffer()?.await?;
        Ok(js_sys::Uint8Array::new(&bytes).to_vec())
    }
}

/// A scenario of the library with its programs compiled.
pub(crate) fn packed(name: &str) -> impl Future<Output = Result<Vec<u8>, JsValue>> + use<> {
    bytes(&["scenarios/", name, "/packed"].concat())
}

async fn response(answer: Promise) -> Result<Response, JsValue> {
    let response: Response = answer.await?.unchecked_into();
    if response.ok() {
        return Ok(response);
    }
    let reason = ["could not fetch ", &response.url()].concat();
    Err(Error::new(&reason).into())
}
