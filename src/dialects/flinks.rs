//! Flinks Outbound: token, and revocation of a connection.
//!
//! Source: Flinks' `POST /api/v1/token` and `DELETE /api/v1/revoke`, and its list of authorization errors, which are all
//! 400. Where Flinks is silent, this holds:
//!
//! - the token call takes JSON as much as a form, and does not know `client_credentials`;
//! - a bearer that is dead, forged or of no connection is 400 `invalid_grant`, a missing one 400 `invalid_request`;
//! - the body of the revocation is left alone.

use super::failure::UNEXPECTED;
use super::oauth::{client, error, tokens};
use super::{Ask, Asked, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route, path_only};
use crate::core::command::GrantAction;
use crate::core::json::Object;
use crate::core::order::Lifetimes;
use crate::core::{Outcome, TokenKind};

/// Flinks' API.
pub const DIALECT: Dialect = Dialect {
    name: "flinks",
    prefixes: &["/api/v1/"],
    identify: |call| client::in_body(call, &mut body(call)?),
    refuse,
    routes: &[
        Route::post("/api/v1/token", body, token, render_issued),
        Route::delete("/api/v1/revoke", path_only, revoke, render_revoked).by(|_| Ok(Credential::Held)),
    ],
};

/// Five minutes; and 30 days from the last use.
const LIFETIMES: Lifetimes = Lifetimes { access: 300, refresh: Some(2_592_000) };

/// Members that are not known are left alone.
fn body(call: &Call) -> Result<Fields, Failure> {
    Fields::form_or_json(call).map(Fields::open)
}

fn token(call: &Call, body: &mut Fields) -> Option<Ask> {
    tokens::request_for(call, body, LIFETIMES)
}

fn render_issued(done: &Done) -> Result<Reply, Failure> {
    let mut body = tokens::issued(done)?;
    if body.get("refresh_token").is_none() {
        body.take("scope");
    }
    Ok(Reply::json(200, &body))
}

fn revoke(call: &Call, fields: &mut Fields) -> Option<Ask> {
    let Some(token) = call.bearer() else {
        return fields.refuse(Failure::invalid("Authorization", "must be Bearer and an access token"));
    };
    Some(Ask::OfGrant(call.target(&token).secret_of(TokenKind::AccessToken), GrantAction::Disconnect))
}

fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    match done.outcome {
        Outcome::ConnectionChanged { .. } => Ok(Reply::empty(204)),
        _ => Err(UNEXPECTED),
    }
}

fn refuse(failure: &Failure, _: &Asked) -> Reply {
    let status = match error::status(failure) {
        401 | 403 | 409 => 400,
        status => status,
    };
    let description = match failure {
        Failure::MediaType => "Send the body as JSON or as a form.".to_owned(),
        _ => error::description(failure),
    };
    let body = Object::new().with("error", error::code(failure)).with("error_description", description);
    failure.on(Reply::json(status, &body))
}
