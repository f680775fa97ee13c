//! Pages among the static files, which the Worker fills in.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use crate::dialects::Reply;
use crate::dialects::failure::UNAVAILABLE_RETRY_AFTER;
use crate::dialects::html::fill;
use crate::platform::{env::binding, host};

/// Makes the body of a reply from its page, if it has one.
pub(super) async fn complete(reply: &mut Reply, env: &Env) {
    let Some(page) = reply.page.take() else {
        return;
    };
    let assets = binding::<JsValue>(env, "ASSETS").unwrap_or_default();
    let file = JsFuture::from(host::file(&assets, &page.path)).await;
    match file.ok().and_then(|text| text.as_string()) {
        Some(template) => reply.body = fill(&template, &page.parts),
        // Whoever loads the page again gets the same answer: what was done is not done again.
        None => *reply = Reply::empty(503).with("retry-after", UNAVAILABLE_RETRY_AFTER),
    }
}
