//! What takes several promises of the platform, as one: `host.js` says of each what it gives.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, Response};

#[wasm_bindgen(module = "/src/platform/host.js")]
extern "C" {
    pub(crate) fn call(ledgers: &JsValue, name: &str, message: &[u8]) -> Promise;

    pub(crate) fn follow(ledgers: &JsValue, name: &str, follower: &str) -> Promise;

    pub(crate) fn accept(state: &JsValue, text: &str, attached: &str) -> Response;

    pub(crate) fn tell(socket: &JsValue, text: &str, attached: &str) -> bool;

    #[wasm_bindgen(js_name = hangUp)]
    pub(crate) fn hang_up(socket: &JsValue, code: u16, reason: &str);

    pub(crate) fn body(request: &Request, is_short: bool, max: u32) -> Promise;

    pub(crate) fn request(url: &str, init: &str, timeout: u32, max: u32) -> Promise;

    pub(crate) fn seal(what: &str, key: &[u8], nonce: &[u8], name: &str, data: &[u8]) -> Promise;

    pub(crate) fn keys(kv: &JsValue, options: &str) -> Promise;

    pub(crate) fn count(limiter: &JsValue, key: &str) -> Promise;

    pub(crate) fn store(kv: &JsValue, key: &str, body: Option<&str>, options: &str) -> Promise;

    #[wasm_bindgen(catch)]
    pub(crate) fn execute(database: &JsValue, statement: &str, binds: &Array) -> Result<Array, JsValue>;
}

/// The bytes that a promise gives; none, where it gives nothing or fails.
pub(crate) async fn bytes(promise: Promise) -> Option<Vec<u8>> {
    bytes_of(JsFuture::from(promise).await)
}

/// The bytes that a promise gave.
pub(super) fn bytes_of(given: Result<JsValue, JsValue>) -> Option<Vec<u8>> {
    given.ok()?.dyn_into().ok().map(|bytes: Uint8Array| bytes.to_vec())
}

/// What a promise gives; none, where it gives nothing of this type or fails.
pub(crate) async fn value<T: JsCast>(promise: Promise) -> Option<T> {
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}
