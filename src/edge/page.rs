//! Pages among the static files, which the Worker fills in.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use crate::dialects::Reply;
use crate::dialects::failure::UNAVAILABLE_RETRY_AFTER;
use crate::dialects::html::fill;
use crate::platform::{env::binding, host};

/// The reply with its page as the body, if it has one.
pub(super) async fn complete(mut reply: Reply, env: &Env) -> Reply {
    if let Some(page) = reply.page.take() {
        let assets = binding::<JsValue>(env, "ASSETS").unwrap_or_default();
        let file = JsFuture::from(host::file(&assets, &page.path)).await;
        let Some(template) = file.ok().and_then(|text| text.as_string()) else {
            // Whoever loads the page again gets the same answer: what was done is not done again.
            return Reply::empty(503).with("retry-after", UNAVAILABLE_RETRY_AFTER);
        };
        reply.body = fill(&template, &page.parts);
    }
    reply
}
