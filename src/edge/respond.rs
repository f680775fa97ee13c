//! What every answer has.

use wasm_bindgen::JsValue;
use web_sys::{Headers, Response, ResponseInit};

use super::incoming::Incoming;
use crate::dialects::Reply;

/// Turns a reply into a response.
pub(super) fn respond(reply: &Reply, incoming: &Incoming, request_id: &str) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("x-request-id", request_id)?;
    headers.set("cache-control", "no-store")?;
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'")?;
    headers.set("referrer-policy", "no-referrer")?;
    headers.set("x-content-type-options", "nosniff")?;
    if incoming.is_https() {
        headers.set("strict-transport-security", "max-age=31536000")?;
    }
    if let Some(content_type) = reply.content_type {
        headers.set("content-type", content_type)?;
    }
    for (name, value) in &reply.headers {
        headers.set(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(reply.status);
    init.set_headers(&headers);
    let body = (!incoming.is_head() && reply.content_type.is_some()).then_some(reply.body.as_str());
    Response::new_with_opt_str_and_init(body, &init)
}
