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
use super::{Ask, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route};
use crate::core::command::GrantAction;
use crate::core::json::Object;
use crate::core::target::TokenName;
use crate::core::{AppId, Outcome, Scope, Target, Timestamp, TokenKind};

/// OAuth at `/oauth/`, and its metadata.
pub const DIALECT: Dialect = Dialect {
    name: "oauth",
    prefixes: &["/oauth/", "/.well-known/oauth-authorization-server"],
    identify: |call| client::identify(call, &mut Fields::form(call)?),
    refuse: error::refuse,
    routes: &[
        Route::post(
            "/oauth/token",
            |call| tokens::request(call, &mut Fields::form(call)?, tokens::LIFETIMES),
            |done| tokens::issued(done).map(|body| reply(&body)),
        )
        .shared(),
        Route::post("/oauth/introspect", introspect, |done| introspected(done).map(|body| reply(&body)))
            .by(identify_introspection),
        Route::post("/oauth/revoke", revoke, |done| revoked(done).map(|body| reply(&body))).shared(),
        Route::open("/.well-known/oauth-authorization-server", |call| {
            Ok(Ask::Answered(Reply::json(200, &metadata(call))))
        })
        .shared(),
    ],
};

fn reply(body: &Object) -> Reply {
    Reply::json(200, body).with("pragma", "no-cache")
}

/// An API key will do, or a client that proves itself.
fn identify_introspection(call: &Call) -> Result<Credential, Failure> {
    if let Some(key) = call.bearer() {
        return Ok(Credential::Key(key));
    }
    match client::identify(call, &mut Fields::form(call)?)? {
        Credential::Client(_, None) => Ok(Credential::Invalid),
        credential => Ok(credential),
    }
}

fn introspect(call: &Call) -> Result<Ask, Failure> {
    introspection(call, &mut Fields::form(call)?)
}

/// Reads a request to introspect a token. The hint is of no use: a token says what it is.
///
/// # Errors
/// [`Failure::Invalid`] where there is no token.
pub fn introspection(call: &Call, body: &mut Fields) -> Result<Ask, Failure> {
    let target = match call.target(&body.required_text("token")?) {
        Target::Known { name: TokenName::Public(_), .. } => Target::Forged,
        target => target,
    };
    Ok(Ask::OfGrant(target, GrantAction::Introspect))
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

fn revoke(call: &Call) -> Result<Ask, Failure> {
    revocation(call, &mut Fields::form(call)?)
}

/// Reads a request to revoke a token.
///
/// # Errors
/// [`Failure::Invalid`] where there is no token, [`Failure::Unsupported`] where it is an API key.
pub fn revocation(call: &Call, body: &mut Fields) -> Result<Ask, Failure> {
    match call.target(&body.required_text("token")?) {
        Target::Known { name: TokenName::Secret(TokenKind::ApiKey, _), .. } => {
            Err(Failure::Unsupported("unsupported_token_type"))
        }
        Target::Known { name: TokenName::Public(_), .. } => Ok(Ask::OfGrant(Target::Forged, GrantAction::Revoke)),
        target => Ok(Ask::OfGrant(target, GrantAction::Revoke)),
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

fn metadata(call: &Call) -> Object {
    let at = |path: &str| format!("{}{path}", call.origin);
    let by_secret = || vec!["client_secret_basic", "client_secret_post"];
    let by_any = || vec!["client_secret_basic", "client_secret_post", "none"];
    let page = call.settings.authorization_endpoint.as_str();
    Object::new()
        .with("issuer", call.origin)
        .with_some("authorization_endpoint", (!page.is_empty()).then_some(page))
        .with("token_endpoint", at("/oauth/token"))
        .with("introspection_endpoint", at("/oauth/introspect"))
        .with("revocation_endpoint", at("/oauth/revoke"))
        .with("response_types_supported", vec!["code"])
        .with("grant_types_supported", vec!["authorization_code", "refresh_token"])
        .with("code_challenge_methods_supported", vec!["S256"])
        .with("token_endpoint_auth_methods_supported", by_any())
        .with("introspection_endpoint_auth_methods_supported", by_secret())
        .with("revocation_endpoint_auth_methods_supported", by_any())
}
