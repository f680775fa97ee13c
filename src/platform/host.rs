//! What takes several promises of the platform, as one, and other things that JavaScript does in a line: `host.js` says
//! of each what it gives.

use std::pin::Pin;
use std::task::{Context, Poll};

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

    pub(crate) fn body(request: &Request, max: u32) -> Promise;

    pub(crate) fn request(url: &str, init: &str, timeout: u32, max: u32) -> Promise;

    pub(crate) fn seal(what: &str, key: &[u8], nonce: &[u8], name: &str, data: &[u8]) -> Promise;

    #[wasm_bindgen(js_name = lookUp)]
    pub(crate) fn look_up(kv: &JsValue, keys: &str) -> Promise;

    pub(crate) fn list(kv: &JsValue, prefix: &str, limit: u32, cursor: Option<&str>) -> Promise;

    pub(crate) fn count(limiter: &JsValue, key: &str) -> Promise;

    pub(crate) fn header(request: &Request, name: &str) -> Option<String>;

    #[wasm_bindgen(catch)]
    pub(crate) fn respond(text: Option<&str>, init: &str) -> Result<Response, JsValue>;

    pub(crate) fn log(line: &str, is_error: bool);

    pub(crate) fn remember(memory: &str, room: u32, name: &str, text: &str);

    pub(crate) fn recall(memory: &str, name: &str) -> Option<String>;

    pub(crate) fn file(assets: &JsValue, path: &str) -> Promise;

    pub(crate) fn store(kv: &JsValue, key: &str, body: Option<&str>, options: &str) -> Promise;

    #[wasm_bindgen(catch)]
    pub(crate) fn execute(database: &JsValue, statement: &str, binds: &Array) -> Result<Array, JsValue>;
}

/// What a promise gives, read; none, where it gives nothing or fails.
pub(crate) struct Given<T> {
    promise: JsFuture,
    read: fn(JsValue) -> Option<T>,
}

impl<T> Future for Given<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Self::Output> {
        let read = self.read;
        Pin::new(&mut self.promise).poll(context).map(|given| given.ok().and_then(read))
    }
}

/// The bytes that a promise gives.
pub(super) fn bytes(promise: Promise) -> Given<Vec<u8>> {
    Given { promise: promise.into(), read: bytes_of }
}

/// The text that a promise gives.
pub(super) fn text(promise: Promise) -> Given<String> {
    Given { promise: promise.into(), read: |given| given.as_string() }
}

fn bytes_of(given: JsValue) -> Option<Vec<u8>> {
    given.dyn_into().ok().map(|bytes: Uint8Array| bytes.to_vec())
}
