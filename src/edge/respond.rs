//! What every answer has.

use worker::{Headers, Response, ResponseBody, Result};

use super::incoming::Incoming;
use crate::dialects::Reply;

/// Turns a reply into a response.
pub(super) fn respond(reply: Reply, incoming: &Incoming, request_id: &str) -> Result<Response> {
    let headers = Headers::new();
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
    let body = if incoming.is_head() || reply.content_type.is_none() {
        ResponseBody::Empty
    } else {
        ResponseBody::Body(reply.body.into_bytes())
    };
    Ok(Response::from_body(body)?.with_status(reply.status).with_headers(headers))
}
