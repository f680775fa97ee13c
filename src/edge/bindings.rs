//! The Worker's bindings, called as they are: this is the hot path, and each layer between costs bytes and time.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::RequestInit;

#[wasm_bindgen]
extern "C" {
    /// The namespace of the ledgers.
    pub(super) type Namespace;

    #[wasm_bindgen(method, catch, js_name = idFromName)]
    pub(super) fn id_from_name(this: &Namespace, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn get(this: &Namespace, id: &JsValue) -> Result<Stub, JsValue>;

    /// A random UUID.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub(super) fn random_uuid() -> String;

    /// One ledger.
    pub(super) type Stub;

    #[wasm_bindgen(method, catch)]
    pub(super) fn fetch(this: &Stub, url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    /// A rate limiter.
    pub(super) type Limiter;

    #[wasm_bindgen(method, catch, js_name = limit)]
    pub(super) fn count(this: &Limiter, options: &Object) -> Result<Promise, JsValue>;
}
