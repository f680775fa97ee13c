//! Partoo's connection tokens: generate, check, revoke.
//!
//! Source: Partoo REST API v2, `POST /connection/generate_token`, `GET /connection/check_token`,
//! `POST /connection/revoke_token`; errors by its error guide. Where Partoo is silent, this holds:
//!
//! - revoking a token that is not valid is 400, and `errors.json.token` says what it is;
//! - revoking without `token` revokes every valid connection token of the user, and is 404 where there is none;
//! - a token that is unknown, or another user's, is 404;
//! - `consumption_date` is null until the token is consumed, and a user may have many valid tokens.

use super::failure::UNEXPECTED;
use super::{Ask, Asked, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route};
use crate::core::command::Command;
use crate::core::cutoff::Kinds;
use crate::core::json::{Object, Value};
use crate::core::order::{Cut, Order};
use crate::core::token::CONNECTION_TOKEN_TTL_MAX;
use crate::core::{Outcome, Refusal, Status, Target, Timestamp, TokenKind, UserId};

/// Partoo's API, with `/v2` before its paths and without.
pub const DIALECT: Dialect = Dialect {
    name: "partoo",
    prefixes: &["/v2/connection/", "/connection/"],
    identify: |call| Ok(call.headers.get("x-apikey").map_or(Credential::Missing, Credential::Key)),
    refuse,
    routes: &[
        Route::post("/v2/connection/generate_token", Fields::json, generate, render_generated),
        Route::post("/connection/generate_token", Fields::json, generate, render_generated),
        Route::get("/v2/connection/check_token", query, check, render_checked),
        Route::get("/connection/check_token", query, check, render_checked),
        Route::post("/v2/connection/revoke_token", Fields::json, revoke, render_revoked),
        Route::post("/connection/revoke_token", Fields::json, revoke, render_revoked),
    ],
};

fn generate(_: &Call, body: &mut Fields) -> Option<Ask> {
    let user_id = body.required("user_id", UserId::parse)?;
    let ttl = body.integer("ttl", 1, CONNECTION_TOKEN_TTL_MAX).unwrap_or(CONNECTION_TOKEN_TTL_MAX);
    Some(Ask::Run(Command::Mint(user_id, Order::plain(TokenKind::ConnectionToken, Some(ttl)))))
}

fn render_generated(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Minted(verdict) => {
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

/// Parameters that are not known are left alone.
fn query(call: &Call) -> Result<Fields, Failure> {
    Fields::query(call).map(Fields::open)
}

fn check(call: &Call, query: &mut Fields) -> Option<Ask> {
    let user_id = query.required("user_id", UserId::parse)?;
    let target = open(call, &query.required_text("token")?, &user_id);
    Some(Ask::Check { target, user_id: Some(user_id) })
}

fn render_checked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Verdict(verdict) => {
            let consumed_at = verdict.standing.died_at().filter(|_| verdict.status() == Status::Consumed);
            let body = Object::new()
                .with("token", done.handle()?.partoo_text())
                .with("expiration_date", verdict.expires_at.map(Timestamp::rfc3339_with_offset))
                .with("generated_by", verdict.facts.created_by.as_str())
                .with("creation_date", verdict.created_at.rfc3339_with_offset())
                .with("consumption_date", consumed_at.map(Timestamp::rfc3339_with_offset))
                .with("status", word(verdict.status()));
            Ok(Reply::json(200, &body))
        }
        _ => Err(UNEXPECTED),
    }
}

/// Partoo knows no token that cannot be used for a while: it is called after what it is good for.
const fn word(status: Status) -> &'static str {
    match status {
        Status::Inactive => Status::Revoked.as_str(),
        status => status.as_str(),
    }
}

fn revoke(call: &Call, body: &mut Fields) -> Option<Ask> {
    let user_id = body.required("user_id", UserId::parse)?;
    if let Some(text) = body.string("token") {
        let target = open(call, &text, &user_id);
        return Some(Ask::Revoke { target, user_id: Some(user_id), reason: None });
    }
    let kinds = Kinds::from_iter([TokenKind::ConnectionToken]);
    let cut = Cut { before: None, app_id: None, kinds, reason: None };
    Some(Ask::Run(Command::RevokeUser { user_id, cut, dry_run: false }))
}

fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Revoked { previous, .. } if !previous.is_terminal() => Ok(Reply::json(200, &Object::new())),
        Outcome::Revoked { previous, .. } => Err(Failure::invalid("token", &format!("Token is {}", previous.as_str()))),
        Outcome::UserRevoked { revoked, .. } if revoked.total() > 0 => Ok(Reply::json(200, &Object::new())),
        Outcome::UserRevoked { .. } => Err(Refusal::TokenUnknown.into()),
        _ => Err(UNEXPECTED),
    }
}

/// Writes a failure as `{"errors": {area: what}}`. The area `json` holds an object at 400, and a text elsewhere.
fn refuse(failure: &Failure, _: &Asked) -> Reply {
    let field = |field: &str, problem: &str| error(400, "json", Object::new().with(field, problem).into());
    let reply = match failure {
        Failure::Refused(Refusal::Dead(verdict)) => field("token", &format!("Token is {}", verdict.status().as_str())),
        Failure::Invalid(invalid) => field(&invalid.field, &invalid.problem),
        _ => match failure.meaning().status {
            400 => field("body", &failure.detail()),
            401 => error(401, "authentication", "User not authenticated".into()),
            403 => error(403, "authorization", "Operation not allowed".into()),
            404 => error(404, "json", "Resource not found".into()),
            405 => error(405, "json", "Method not allowed".into()),
            413 => error(413, "json", "Request body too large".into()),
            415 => error(415, "json", "Unsupported media type. Please use application/json".into()),
            429 => error(429, "json", "Too many requests".into()),
            500 => error(500, "json", "Internal error".into()),
            status => error(status, "json", failure.detail().into()),
        },
    };
    failure.on(reply)
}

fn error(status: u16, area: &str, what: Value) -> Reply {
    Reply::json(status, &Object::new().with("errors", Object::new().with(area, what)))
}
