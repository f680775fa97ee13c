//! The Worker's bindings, called as they are: this is the hot path, and each layer between costs bytes and time.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::RequestInit;
use worker::Env;

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

/// A binding of this name and, since only `wrangler.toml` says so, of this type.
pub(crate) fn binding<T: JsCast>(env: &Env, name: &str) -> Option<T> {
    let value = Reflect::get(env.as_ref(), &name.into()).ok()?;
    (!value.is_undefined()).then(|| value.unchecked_into())
}

/// A variable or secret; empty, where there is none.
pub(crate) fn text(env: &Env, name: &str) -> String {
    binding::<JsValue>(env, name).and_then(|value| value.as_string()).unwrap_or_default()
}
