//! The Worker's bindings, called as they are: this is the hot path, and each layer between costs bytes and time.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A random UUID.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub(super) fn random_uuid() -> String;

    /// A rate limiter.
    pub(super) type Limiter;

    #[wasm_bindgen(method, catch, js_name = limit)]
    pub(super) fn count(this: &Limiter, options: &JsValue) -> Result<Promise, JsValue>;
}
