//! Which pages of other origins may read answers: those that `CORS_ORIGINS` names.

use worker::Env;

use super::incoming::Incoming;
use crate::dialects::Reply;
use crate::dialects::call::Headers;
use crate::platform::env::text;

/// What a page may send beside what any may.
const HEADERS: &str = "authorization, content-type, idempotency-key, if-none-match";
/// What a page may read beside what any may.
const EXPOSED: &str = "etag, retry-after, x-request-id";
/// For how many seconds a browser need not ask again.
const MAX_AGE: &str = "7200";

/// The origin that a request comes from, if it may read the answer.
fn allowed(incoming: &Incoming, env: &Env) -> Option<String> {
    let origin = incoming.get("origin")?;
    let set = text(env, "CORS_ORIGINS");
    let mut origins = set.split(',').map(|named| named.trim().trim_end_matches('/'));
    origins.any(|named| named == "*" || named == origin).then_some(origin)
}

/// Whether a page may open a WebSocket: one of our own, one of those, or what is no page.
pub(super) fn may_connect(incoming: &Incoming, env: &Env) -> bool {
    let origin = incoming.get("origin");
    origin.is_none_or(|origin| origin == incoming.origin()) || allowed(incoming, env).is_some()
}

/// The answer, for the page that asks to read.
pub(super) fn share(reply: Reply, incoming: &Incoming, env: &Env) -> Reply {
    let reply = reply.with("vary", "Origin");
    match allowed(incoming, env) {
        Some(origin) => {
            reply.with("access-control-allow-origin", &origin).with("access-control-expose-headers", EXPOSED)
        }
        None => reply,
    }
}

/// The answer to a browser that asks what a page may send: these methods.
pub(super) fn preflight(methods: &str, incoming: &Incoming, env: &Env) -> Reply {
    let reply = Reply::empty(204)
        .with("access-control-allow-methods", methods)
        .with("access-control-allow-headers", HEADERS)
        .with("access-control-max-age", MAX_AGE);
    share(reply, incoming, env)
}
