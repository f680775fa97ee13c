//! OAuth 2.0: token (RFC 6749, with PKCE by RFC 7636), introspection (RFC 7662), revocation (RFC 7009), metadata (RFC
//! 8414). The authorization code is a connection token.
//!
//! Where the standards leave it open, this holds: a public client's refresh tokens rotate and a confidential one's stay;
//! introspection is for confidential clients, of their own tokens, and for API keys, of users they may write; a code of
//! the client's own is revoked as a token is.

pub mod client;
pub mod error;
pub mod tokens;

use super::failure::UNEXPECTED;
use super::reply::texts;
use super::{Ask, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route};
use crate::core::command::GrantAction;
use crate::core::json::Object;
use crate::core::target::TokenName;
use crate::core::{AppId, Outcome, Scope, Target, Timestamp, TokenKind};

/// OAuth at `/oauth/`, and its metadata.
pub const DIALECT: Dialect = Dialect {
    name: "oauth",
    prefixes: &["/oauth/", "/.well-known/oauth-authorization-server"],
    identify: |call| client::identify(call, &mut form(call)?),
    refuse: error::refuse,
    routes: &[
        Route::post("/oauth/token", form, tokens::request, |done| reply(tokens::issued(done))).shared(),
        Route::post("/oauth/introspect", form, introspect, |done| reply(introspected(done))).by(identify_introspection),
        Route::post("/oauth/revoke", form, revoke, |done| reply(revoked(done))).shared(),
        Route::open("/.well-known/oauth-authorization-server", metadata).shared(),
    ],
};

/// The parameters of a form; those that are not known are left alone (RFC 6749 §3.2).
fn form(call: &Call) -> Result<Fields, Failure> {
    Fields::form(call).map(Fields::open)
}

fn reply(body: Result<Object, Failure>) -> Result<Reply, Failure> {
    Ok(Reply::json(200, &body?).with("pragma", "no-cache"))
}

/// An API key will do, or a client that proves itself.
fn identify_introspection(call: &Call) -> Result<Credential, Failure> {
    if let Some(key) = call.bearer() {
        return Ok(Credential::Key(key));
    }
    match client::identify(call, &mut form(call)?)? {
        Credential::Client(_, None) => Ok(Credential::Invalid),
        credential => Ok(credential),
    }
}

/// The token that is asked about. A public id is none.
fn named(call: &Call, body: &mut Fields) -> Option<Target> {
    Some(match call.target(&body.required_text("token")?) {
        Target::Known { name: TokenName::Public(_), .. } => Target::Forged,
        target => target,
    })
}

/// Reads a request to introspect a token. The hint is of no use: a token says what it is.
pub fn introspect(call: &Call, body: &mut Fields) -> Option<Ask> {
    Some(Ask::OfGrant(named(call, body)?, GrantAction::Introspect))
}

fn introspected(done: &Done) -> Result<Object, Failure> {
    let Outcome::Introspected(verdict) = &done.outcome else {
        return inactive(done);
    };
    let access = verdict.kind == TokenKind::AccessToken;
    Ok(Object::new()
        .with("active", true)
        .with_some("scope", verdict.facts.scope.as_ref().map(Scope::as_str))
        .with_some("client_id", verdict.facts.app_id.as_ref().map(AppId::as_str))
        .with_some("token_type", access.then_some("Bearer"))
        .with_some("exp", verdict.expires_at.map(Timestamp::unix))
        .with("iat", verdict.created_at.unix())
        .with("iss", done.context.origin.as_str())
        .with("sub", verdict.user_id.as_str())
        .with("jti", verdict.token_id.as_str()))
}

/// All that is said of a token of which there is nothing to say.
///
/// # Errors
/// An outcome that introspection cannot have.
pub fn inactive(done: &Done) -> Result<Object, Failure> {
    match done.outcome {
        Outcome::Nothing => Ok(Object::new().with("active", false)),
        _ => Err(UNEXPECTED),
    }
}

/// Reads a request to revoke a token: one that is no API key.
pub fn revoke(call: &Call, body: &mut Fields) -> Option<Ask> {
    match named(call, body)? {
        Target::Known { name: TokenName::Secret(TokenKind::ApiKey, _), .. } => {
            body.refuse(Failure::Unsupported("unsupported_token_type"))
        }
        target => Some(Ask::OfGrant(target, GrantAction::Revoke)),
    }
}

/// What is answered where a token is dead now, whether it was before, or never was.
///
/// # Errors
/// An outcome that revocation cannot have.
pub fn revoked(done: &Done) -> Result<Object, Failure> {
    match done.outcome {
        Outcome::Revoked { .. } | Outcome::Nothing => Ok(Object::new()),
        _ => Err(UNEXPECTED),
    }
}

fn metadata(call: &Call, _: &mut Fields) -> Option<Ask> {
    let at = |path: &str| format!("{}{path}", call.origin);
    let list = |words: &[&str]| texts(&mut words.iter().copied());
    let by_any = || list(&["client_secret_basic", "client_secret_post", "none"]);
    let page = call.settings.authorization_endpoint.as_str();
    let body = Object::new()
        .with("issuer", call.origin)
        .with_some("authorization_endpoint", (!page.is_empty()).then_some(page))
        .with("token_endpoint", at("/oauth/token"))
        .with("introspection_endpoint", at("/oauth/introspect"))
        .with("revocation_endpoint", at("/oauth/revoke"))
        .with("response_types_supported", list(&["code"]))
        .with("grant_types_supported", list(&["authorization_code", "refresh_token"]))
        .with("code_challenge_methods_supported", list(&["S256"]))
        .with("token_endpoint_auth_methods_supported", by_any())
        .with("introspection_endpoint_auth_methods_supported", list(&["client_secret_basic", "client_secret_post"]))
        .with("revocation_endpoint_auth_methods_supported", by_any());
    Some(Ask::Answered(Reply::json(200, &body)))
}
