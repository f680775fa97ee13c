//! Failures, as RFC 6749 §5.2 names them.

use crate::core::Refusal;
use crate::core::json::Object;
use crate::dialects::{Asked, Failure, Reply};

/// The `error` of a failure.
#[must_use]
pub fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(Refusal::ScopeTooWide) => "invalid_scope",
        Failure::Invalid(invalid) if invalid.field == "scope" => "invalid_scope",
        Failure::KeyMissing | Failure::KeyInvalid | Failure::Refused(Refusal::ClientInvalid) => "invalid_client",
        Failure::Unsupported(code) => code,
        // A code or token that is unknown, dead, another's, or not to be used now.
        Failure::Refused(
            Refusal::TokenUnknown
            | Refusal::TokenOfAnother
            | Refusal::Dead(_)
            | Refusal::ConnectionIs(_)
            | Refusal::RedirectUriMismatch
            | Refusal::VerifierMismatch,
        ) => "invalid_grant",
        Failure::Refused(Refusal::Forbidden) => "unauthorized_client",
        _ => match failure.meaning().status {
            429 | 503 => "temporarily_unavailable",
            500.. => "server_error",
            _ => "invalid_request",
        },
    }
}

/// The HTTP status of a failure: 400 for what is wrong with a grant.
#[must_use]
pub fn status(failure: &Failure) -> u16 {
    match code(failure) {
        "invalid_grant" => 400,
        "invalid_client" => 401,
        _ => failure.meaning().status,
    }
}

/// The `error_description` of a failure.
#[must_use]
pub fn description(failure: &Failure) -> String {
    match failure {
        Failure::KeyMissing => "The client did not authenticate.".to_owned(),
        Failure::KeyInvalid => "The client is unknown, or its secret is wrong.".to_owned(),
        Failure::MediaType => "Send the body as application/x-www-form-urlencoded.".to_owned(),
        Failure::Refused(Refusal::TokenUnknown) => "The code or token is unknown.".to_owned(),
        _ => failure.detail(),
    }
}

/// `{error, error_description}`.
#[must_use]
pub fn body(failure: &Failure) -> Object {
    Object::new().with("error", code(failure)).with("error_description", description(failure))
}

/// Writes a failure as RFC 6749 does.
#[must_use]
pub fn refuse(failure: &Failure, asked: &Asked) -> Reply {
    let status = status(failure);
    let reply = failure.on(Reply::json(status, &body(failure)).with("pragma", "no-cache"));
    challenge(status, asked, reply)
}

/// The answer with the challenge that a client gets which tried Basic and failed (RFC 6749 §5.2). Others get none: some
/// clients take one for the whole of the failure.
#[must_use]
pub fn challenge(status: u16, asked: &Asked, reply: Reply) -> Reply {
    if status == 401 && asked.basic { reply.with("www-authenticate", "Basic realm=\"hookswitch\"") } else { reply }
}
