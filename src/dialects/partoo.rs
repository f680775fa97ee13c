//! Partoo's connection tokens: generate, check, revoke.
//!
//! Source: Partoo REST API v2, `POST /connection/generate_token`, `GET /connection/check_token`,
//! `POST /connection/revoke_token`; errors by its error guide. Where Partoo is silent, this holds:
//!
//! - revoking a token that is not valid is 400, and `errors.json.token` says what it is;
//! - revoking without `token` revokes every valid connection token of the user, and is 404 where there is none;
//! - a token that is unknown, or another user's, is 404;
//! - `consumption_date` is null until the token is consumed, and a user may have many valid tokens.

use super::failure::{UNAVAILABLE_RETRY_AFTER, UNEXPECTED, misconfigured};
use super::{Ask, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route};
use crate::core::command::{Command, Cut, Order, Target};
use crate::core::json::{Object, Value};
use crate::core::token::CONNECTION_TOKEN_TTL_MAX;
use crate::core::view::Kinds;
use crate::core::{Outcome, Refusal, Status, Timestamp, TokenKind, UserId};

/// Partoo's API, with `/v2` before its paths and without.
pub const DIALECT: Dialect = Dialect {
    name: "partoo",
    prefixes: &["/v2/connection/", "/connection/"],
    credential,
    refuse,
    routes: &[
        Route::post("/v2/connection/generate_token", generate, render_generated),
        Route::post("/connection/generate_token", generate, render_generated),
        Route::get("/v2/connection/check_token", check, render_checked),
        Route::get("/connection/check_token", check, render_checked),
        Route::post("/v2/connection/revoke_token", revoke, render_revoked),
        Route::post("/connection/revoke_token", revoke, render_revoked),
    ],
};

fn credential(call: &Call) -> Credential {
    call.headers.get("x-apikey").map_or(Credential::Missing, Credential::Key)
}

fn generate(call: &Call) -> Result<Ask, Failure> {
    let mut body = Fields::json(call)?;
    let user_id = body.required("user_id", UserId::parse)?;
    let ttl = body.integer("ttl", 1, CONNECTION_TOKEN_TTL_MAX)?.unwrap_or(CONNECTION_TOKEN_TTL_MAX);
    body.finish()?;
    Ok(Ask::OfUser(Command::Mint(user_id, Order::plain(TokenKind::ConnectionToken, Some(ttl)))))
}

fn render_generated(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Some(Outcome::Minted(verdict)) => {
            let body = Object::new()
                .with("token", done.handle()?.partoo_text())
                .with("expiration_date", verdict.expires_at.map(Timestamp::rfc3339_with_offset));
            Ok(Reply::json(200, &body))
        }
        _ => Err(UNEXPECTED),
    }
}

/// The connection token that a text names, if it is this user's.
fn open(call: &Call, text: &str, user_id: &UserId) -> Target {
    call.target(text).secret_of(TokenKind::ConnectionToken).of_user(user_id)
}

fn check(call: &Call) -> Result<Ask, Failure> {
    let mut query = Fields::query(call)?;
    let user_id = query.required("user_id", UserId::parse)?;
    let target = open(call, &query.required_text("token")?, &user_id);
    Ok(Ask::Check { target, user_id: Some(user_id) })
}

fn render_checked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Some(Outcome::Verdict(verdict)) => {
            let consumed_at = verdict.standing.died_at().filter(|_| verdict.status() == Status::Consumed);
            let body = Object::new()
                .with("token", done.handle()?.partoo_text())
                .with("expiration_date", verdict.expires_at.map(Timestamp::rfc3339_with_offset))
                .with("generated_by", verdict.facts.created_by.as_str())
                .with("creation_date", verdict.created_at.rfc3339_with_offset())
                .with("consumption_date", consumed_at.map(Timestamp::rfc3339_with_offset))
                .with("status", verdict.status().as_str());
            Ok(Reply::json(200, &body))
        }
        _ => Err(UNEXPECTED),
    }
}

fn revoke(call: &Call) -> Result<Ask, Failure> {
    let mut body = Fields::json(call)?;
    let user_id = body.required("user_id", UserId::parse)?;
    let target = body.string("token")?.map(|text| open(call, &text, &user_id));
    body.finish()?;
    if let Some(target) = target {
        return Ok(Ask::Revoke { target, user_id: Some(user_id), reason: None });
    }
    let kinds = Kinds::from_iter([TokenKind::ConnectionToken]);
    let cut = Cut { before: None, app_id: None, kinds, reason: None };
    Ok(Ask::OfUser(Command::RevokeUser { user_id, cut, dry_run: false }))
}

fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Some(Outcome::Revoked { previous: Status::Valid, .. }) => Ok(Reply::json(200, &Object::new())),
        Some(Outcome::Revoked { previous, .. }) => {
            Err(Failure::invalid("token", &format!("Token is {}", previous.as_str())))
        }
        Some(Outcome::UserRevoked { revoked, .. }) if revoked.total() > 0 => Ok(Reply::json(200, &Object::new())),
        Some(Outcome::UserRevoked { .. }) => Err(Refusal::TokenUnknown.into()),
        _ => Err(UNEXPECTED),
    }
}

/// Writes a failure as `{"errors": {area: what}}`. The area `json` holds an object at 400, and a text elsewhere.
fn refuse(failure: &Failure, _request_id: &str) -> Reply {
    let json = |status: u16, what: &str| error(status, "json", what.into());
    let field = |field: &str, problem: &str| error(400, "json", Object::new().with(field, problem).into());
    match failure {
        Failure::Refused(refusal) => match refusal {
            Refusal::Forbidden | Refusal::NotConnectable => error(403, "authorization", "Operation not allowed".into()),
            Refusal::UserUnknown | Refusal::TokenUnknown | Refusal::AppUnknown => json(404, "Resource not found"),
            Refusal::Dead(verdict) => field("token", &format!("Token is {}", verdict.status().as_str())),
            Refusal::NotAConnectionToken => field("token", "Not a connection token"),
            Refusal::TtlOutOfRange => field("ttl", "Must be from 1 to 86400"),
            Refusal::BeforeInFuture => field("before", "Must not lie in the future"),
            Refusal::IdempotencyConflict => json(409, "The same Idempotency-Key came with another request"),
            Refusal::Corrupt => json(500, "Internal error"),
        },
        Failure::Invalid { field: name, problem } => field(name, problem),
        Failure::NotJson { line, column } => field("body", &format!("Not JSON: line {line}, column {column}")),
        Failure::MediaType => json(415, "Unsupported media type. Please use application/json"),
        Failure::TooLarge => json(413, "Request body too large"),
        Failure::KeyMissing | Failure::KeyInvalid => error(401, "authentication", "User not authenticated".into()),
        Failure::RateLimited { retry_after } => json(429, "Too many requests").with("retry-after", retry_after),
        Failure::NotFound => json(404, "Resource not found"),
        Failure::MethodNotAllowed { allow } => json(405, "Method not allowed").with("allow", allow),
        Failure::Misconfigured(wrong) => json(503, &misconfigured(wrong)).with("retry-after", UNAVAILABLE_RETRY_AFTER),
        Failure::Unavailable => json(503, "Service unavailable").with("retry-after", UNAVAILABLE_RETRY_AFTER),
        Failure::Internal(_) => json(500, "Internal error"),
    }
}

fn error(status: u16, area: &str, what: Value) -> Reply {
    Reply::json(status, &Object::new().with("errors", Object::new().with(area, what)))
}
