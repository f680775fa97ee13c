//! What a page may know of a handle: the wasm-bindgen exports of the browser build.

use wasm_bindgen::prelude::*;

use crate::core::codec::recognise;

/// What a text is by its form: `connection_token`, `access_token`, `refresh_token`, `api_key`, `connection_id` or
/// `token_id`; undefined, where it is none of them. It says nothing about whether a deployment made it.
#[must_use]
#[wasm_bindgen(js_name = handleKind)]
pub fn handle_kind(text: &str) -> Option<String> {
    recognise(text).map(|kind| kind.as_str().to_owned())
}
