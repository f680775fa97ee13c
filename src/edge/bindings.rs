//! The Worker's bindings, called as they are: this is the hot path, and each layer between costs bytes and time.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A random UUID.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub(super) fn random_uuid() -> String;
}
