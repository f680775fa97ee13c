//! Problems: RFC 9457, each with a stable `code`.

use super::bodies;
use crate::core::json::Object;
use crate::core::{Refusal, Status};
use crate::dialects::failure::{UNAVAILABLE_RETRY_AFTER, misconfigured};
use crate::dialects::{Failure, Reply};

/// What a failure is called: status, code, title, and what it means for the caller.
type Name = (u16, &'static str, &'static str, &'static str);

fn name(failure: &Failure) -> Name {
    match failure {
        Failure::Refused(refusal) => refused(refusal),
        Failure::Invalid { .. } => {
            (400, "invalid_request", "Invalid request", "A part of the request is not as it has to be.")
        }
        Failure::NotJson { .. } => (400, "invalid_json", "Invalid JSON", "The body is not JSON."),
        Failure::MediaType => {
            (415, "unsupported_media_type", "Unsupported media type", "Send the body as application/json.")
        }
        Failure::TooLarge => (413, "payload_too_large", "Payload too large", "A body is at most 65536 bytes long."),
        Failure::KeyMissing => (
            401,
            "unauthenticated",
            "Unauthenticated",
            "Send an API key or the root key as Authorization: Bearer <key>.",
        ),
        Failure::KeyInvalid => {
            (401, "unauthenticated", "Unauthenticated", "The key is unknown, revoked, expired or no API key.")
        }
        Failure::RateLimited { .. } => {
            (429, "rate_limited", "Too many requests", "The rate limit of this principal is used up; retry later.")
        }
        Failure::NotFound => {
            (404, "not_found", "Not found", "There is nothing at this path; /openapi.json lists the calls.")
        }
        Failure::MethodNotAllowed { .. } => (
            405,
            "method_not_allowed",
            "Method not allowed",
            "The path has other methods; the Allow header lists them.",
        ),
        Failure::Misconfigured(_) => (503, "misconfigured", "Misconfigured", "The deployment lacks a secret."),
        Failure::Unavailable => (
            503,
            "unavailable",
            "Unavailable",
            "The ledger did not answer. Retry, with the same Idempotency-Key where there is one.",
        ),
        Failure::Internal(_) => {
            (500, "internal", "Internal error", "A defect of the service; the request id finds it in the log.")
        }
    }
}

fn refused(refusal: &Refusal) -> Name {
    match refusal {
        Refusal::Forbidden => (403, "forbidden", "Forbidden", "The key's owner may not do this."),
        Refusal::NotConnectable => {
            (403, "user_not_connectable", "User not connectable", "The user was set to get no connection tokens.")
        }
        Refusal::UserUnknown => (404, "user_not_found", "User not found", "There is no such user."),
        Refusal::TokenUnknown => {
            (404, "token_not_found", "Token not found", "There is no such token, or not any more.")
        }
        Refusal::AppUnknown => (404, "app_not_found", "App not found", "There is no such app."),
        Refusal::Dead(verdict) => match verdict.status() {
            Status::Consumed => (409, "token_consumed", "Token consumed", "The token was used before."),
            Status::Revoked => (409, "token_revoked", "Token revoked", "The token was revoked."),
            Status::Expired | Status::Valid => (409, "token_expired", "Token expired", "The token ran out."),
        },
        Refusal::NotAConnectionToken => (
            400,
            "not_a_connection_token",
            "Not a connection token",
            "Only a connection token (hct_…) can be consumed.",
        ),
        Refusal::IdempotencyConflict => (
            409,
            "idempotency_conflict",
            "Idempotency key used before",
            "The same Idempotency-Key came with another request.",
        ),
        Refusal::TtlOutOfRange => (400, "invalid_request", "Invalid request", "ttl must be from 1 to 86400."),
        Refusal::BeforeInFuture => (400, "invalid_request", "Invalid request", "before must not lie in the future."),
        Refusal::Corrupt => (500, "internal", "Internal error", "The ledger of this user cannot be read."),
    }
}

/// Writes a failure as a problem.
pub(super) fn refuse(failure: &Failure, request_id: &str) -> Reply {
    let (status, code, title, meaning) = name(failure);
    let detail = match failure {
        Failure::Invalid { field, problem } => format!("{field} {problem}."),
        Failure::NotJson { line, column } => format!("The body is not JSON: line {line}, column {column}."),
        Failure::Misconfigured(wrong) => misconfigured(wrong),
        _ => meaning.to_owned(),
    };
    let body = Object::new()
        .with("type", format!("urn:hookswitch:problem:{code}"))
        .with("title", title)
        .with("status", u64::from(status))
        .with("detail", detail)
        .with("code", code)
        .with("request_id", request_id);
    let body = match failure {
        Failure::Invalid { field, problem } => body.with("errors", Object::new().with(field, problem.as_str())),
        Failure::Refused(Refusal::BeforeInFuture) => {
            body.with("errors", Object::new().with("before", "must not lie in the future"))
        }
        Failure::Misconfigured(wrong) => body.with("missing", wrong.iter().map(|(name, _)| *name).collect::<Vec<_>>()),
        Failure::Refused(Refusal::Dead(verdict)) => body.with("verdict", bodies::verdict(verdict)),
        _ => body,
    };
    let reply = Reply::text(status, "application/problem+json", body.text());
    match failure {
        Failure::KeyMissing => reply.with("www-authenticate", "Bearer realm=\"hookswitch\""),
        Failure::KeyInvalid => reply.with("www-authenticate", "Bearer realm=\"hookswitch\", error=\"invalid_token\""),
        Failure::RateLimited { retry_after } => reply.with("retry-after", retry_after),
        Failure::Unavailable | Failure::Misconfigured(_) => reply.with("retry-after", UNAVAILABLE_RETRY_AFTER),
        Failure::MethodNotAllowed { allow } => reply.with("allow", allow),
        _ => reply,
    }
}
