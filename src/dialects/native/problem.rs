//! Problems: RFC 9457, each with a stable `code`.

use super::bodies;
use crate::core::Refusal;
use crate::core::json::Object;
use crate::dialects::reply::texts;
use crate::dialects::{Asked, Failure, Reply};

/// Writes a failure as a problem.
pub(super) fn refuse(failure: &Failure, asked: &Asked) -> Reply {
    let meaning = failure.meaning();
    let detail = match failure {
        Failure::KeyMissing => "Send an API key or the root key as Authorization: Bearer <key>.".to_owned(),
        Failure::MediaType => "Send the body as application/json.".to_owned(),
        _ => failure.detail(),
    };
    let body = Object::new()
        .with("type", format!("urn:hookswitch:problem:{}", meaning.code))
        .with("title", meaning.title)
        .with("status", u64::from(meaning.status))
        .with("detail", detail)
        .with("code", meaning.code)
        .with("request_id", asked.request_id);
    let body = match failure {
        Failure::Invalid(invalid) => body.with("errors", Object::new().with(&invalid.field, invalid.problem.as_str())),
        Failure::Refused(Refusal::BeforeInFuture) => {
            body.with("errors", Object::new().with("before", "must not lie in the future"))
        }
        Failure::Misconfigured(wrong) => body.with("missing", texts(&mut wrong.iter().map(|(name, _)| *name))),
        Failure::Refused(Refusal::Dead(verdict)) => body.with("verdict", bodies::verdict(verdict)),
        Failure::Refused(Refusal::ConnectionIs(verdict)) => body.with("connection", bodies::connection(verdict)),
        _ => body,
    };
    let reply = failure.on(Reply::text(meaning.status, "application/problem+json", body.text()));
    match failure {
        Failure::KeyMissing => reply.with("www-authenticate", "Bearer realm=\"hookswitch\""),
        Failure::KeyInvalid => reply.with("www-authenticate", "Bearer realm=\"hookswitch\", error=\"invalid_token\""),
        _ => reply,
    }
}
