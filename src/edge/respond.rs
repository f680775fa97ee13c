//! What every answer has.

use wasm_bindgen::JsValue;
use web_sys::Response;

use super::incoming::Incoming;
use crate::core::json::Object;
use crate::dialects::Reply;
use crate::platform::host;

/// Turns a reply into a response. Fails where the platform cannot make one.
pub(super) fn respond(reply: &Reply, incoming: &Incoming, request_id: &str) -> Result<Response, JsValue> {
    let mut headers = Object::new()
        .with("x-request-id", request_id)
        .with("cache-control", "no-store")
        .with("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
        .with("referrer-policy", "no-referrer")
        .with("x-content-type-options", "nosniff")
        .with_some("strict-transport-security", incoming.is_https().then_some("max-age=31536000"))
        .with_some("content-type", reply.content_type);
    for (name, value) in &reply.headers {
        headers.take(name);
        headers.put(name, value.as_str().into());
    }
    let init = Object::new().with("status", u64::from(reply.status)).with("headers", headers);
    let body = (!incoming.is_head() && reply.content_type.is_some()).then_some(reply.body.as_str());
    host::respond(body, &init.text())
}
