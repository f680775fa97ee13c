//! Pages among the static files, which the Worker fills in.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use crate::dialects::Reply;
use crate::dialects::failure::UNAVAILABLE_RETRY_AFTER;
use crate::dialects::html::fill;
use crate::platform::{env::binding, host};

/// What is shown in the place of a page that cannot be read. Whoever loads it again gets the answer that was meant.
const FAILED: &str = "<!doctype html>\n<html lang=\"en\"><title>That did not work just now</title>\
    <p>Reload this page in a moment. Nothing is done twice.";

/// Makes the body of a reply from its page, if it has one. Where that cannot be read, the reply says so.
pub(super) async fn complete(reply: &mut Reply, env: &Env) -> bool {
    let Some(page) = reply.page.take() else {
        return true;
    };
    let assets = binding::<JsValue>(env, "ASSETS").unwrap_or_default();
    let file = JsFuture::from(host::file(&assets, &page.path)).await;
    if let Some(template) = file.ok().and_then(|text| text.as_string()) {
        reply.body = fill(&template, &page.parts);
        return true;
    }
    reply.status = 503;
    for (name, value) in [("retry-after", UNAVAILABLE_RETRY_AFTER), ("content-language", "en")] {
        reply.headers.push((name, value.to_owned()));
    }
    FAILED.clone_into(&mut reply.body);
    false
}
