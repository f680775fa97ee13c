//! OAuth 2.0: token (RFC 6749, with PKCE by RFC 7636), introspection (RFC 7662), revocation (RFC 7009) and metadata
//! (RFC 8414). The authorization code is a connection token.
//!
//! Where the standards leave a choice, this dialect decides:
//!
//! - Refresh tokens of public clients rotate. Refresh tokens of confidential clients stay, and live on from each use.
//! - The answer to a refresh of a confidential client has the refresh token that stays.
//! - Confidential clients introspect their own tokens. An API key introspects the tokens of users that it has write
//!   access to; it is a bearer token, or the password of Basic. Public clients introspect nothing.
//! - A client may revoke a code of its own, as it may revoke a token.
//! - A public id (`tok_…`) is not a token: everybody may know it.
//! - `token_type_hint` is ignored: the prefix of a token is its type.

pub mod client;
pub mod error;
pub mod introspection;
pub mod metadata;
pub mod tokens;

use serde::{Deserialize, Serialize};

use self::client::ClientParameters;
use self::introspection::Introspection;
use self::tokens::{LIFETIMES, TokenRequest, TokenResponse};
use super::error_format::ErrorFormat;
use super::extract::{FormBody, read_form};
use super::field::{Field, not_empty};
use super::operation::{IN_PARAMETERS, Operation, Security, SecurityPlace, Tag};
use super::problem_types::{
    CONNECTION_REVOKED, IDEMPOTENCY_CONFLICT, INVALID_CLIENT, INVALID_GRANT, INVALID_SCOPE, TOKEN_CONSUMED,
    TOKEN_EXPIRED, TOKEN_NOT_FOUND, TOKEN_REVOKED, UNAUTHENTICATED, UNSUPPORTED_GRANT_TYPE, UNSUPPORTED_TOKEN_TYPE,
};
use super::request::HttpRequest;
use super::respond::{Body, EmptyObject, Respond};
use super::response::HttpResponse;
use super::route::{Dialect, Route};
use super::schema::Described;
use super::validator::{Validate, Validator};
use crate::core::{HandleKind, NamedToken, TokenKind, TokenRef, Verdict};
use crate::operations::{ApiError, Config, Context, CredentialProblem, Credentials, Secret, oauth};

/// OAuth at `/oauth/`, and its metadata.
pub static DIALECT: Dialect = Dialect {
    name: "oauth",
    prefixes: &["/oauth/", "/.well-known/oauth-authorization-server"],
    credentials,
    errors: ErrorFormat::of::<error::OAuthErrors>(),
    routes,
};

fn routes() -> Vec<Route> {
    vec![
        Route::post("/oauth/token", token).cors().operation(|| TOKEN),
        Route::post("/oauth/introspect", introspect)
            .read_only()
            .credentials(introspection_credentials)
            .errors::<error::IntrospectionErrors>()
            .operation(|| INTROSPECT),
        Route::post("/oauth/revoke", revoke).cors().operation(|| REVOKE),
        Route::get("/.well-known/oauth-authorization-server", metadata::metadata)
            .public()
            .cors()
            .operation(|| metadata::METADATA),
    ]
}

/// The client of a form.
fn credentials(request: &HttpRequest<'_>, config: &Config) -> Result<Credentials, ApiError> {
    read_form::<ClientParameters>(request)?.credentials(request, config)
}

/// Whether the text is the root key, or an API key of this deployment.
fn is_key(config: &Config, text: &str) -> bool {
    config.is_root_key(text) || config.keyring.open(text).is_ok_and(|handle| handle.kind() == HandleKind::ApiKey)
}

/// An API key, as a bearer token or as the password of Basic, or a confidential client.
fn introspection_credentials(request: &HttpRequest<'_>, config: &Config) -> Result<Credentials, ApiError> {
    if let Some(key) = request.bearer() {
        return Ok(Credentials::Key(Secret(key)));
    }
    let mut passwords = request.basic().unwrap_or_default().into_iter().map(|basic| basic.password);
    if let Some(key) = passwords.find(|password| is_key(config, password)) {
        return Ok(Credentials::Key(Secret(key)));
    }
    match credentials(request, config)? {
        Credentials::Client(client) if client.secret.is_none() => {
            Ok(Credentials::Invalid(CredentialProblem::PublicClient))
        }
        credentials => Ok(credentials),
    }
}

async fn token(
    cx: &Context<'_>,
    FormBody(grant): FormBody<TokenRequest>,
) -> Result<NotCached<TokenResponse>, ApiError> {
    // Some clients take an answer without a refresh token for the end of it, so a token that stays is in the answer.
    let presented = grant.refresh_token().map(str::to_owned);
    let response = tokens::issue(cx, grant, LIFETIMES).await?;
    Ok(NotCached(TokenResponse { refresh_token: response.refresh_token.or(presented), ..response }))
}

/// A request about one token. Other parameters are ignored, also `token_type_hint`.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PresentedToken {
    /// The token to introspect or revoke.
    token: Field<String>,
    /// The client, unless it authenticates with HTTP Basic.
    #[serde(default, deserialize_with = "not_empty")]
    #[expect(dead_code, reason = "described here, and read by the client authentication")]
    client_id: Field<String>,
    /// The secret of a confidential client, unless it authenticates with HTTP Basic.
    #[serde(default, deserialize_with = "not_empty")]
    #[expect(dead_code, reason = "described here, and read by the client authentication")]
    client_secret: Field<String>,
}

impl Validate for PresentedToken {
    type Valid = String;

    fn validate(self, check: &mut Validator<'_>) -> Option<String> {
        check.required("token", self.token.unless_empty())
    }
}

/// The token that a client presents. A public id proves nothing, so it counts as unknown.
fn presented(cx: &Context<'_>, text: &str) -> NamedToken {
    match NamedToken::of(cx.config.keyring.open(text)) {
        NamedToken::Known { token: TokenRef::Public { .. }, .. } => NamedToken::Invalid,
        token => token,
    }
}

async fn introspect(
    cx: &Context<'_>,
    FormBody(token): FormBody<PresentedToken>,
) -> Result<NotCached<Introspection>, ApiError> {
    let verdict = introspect_token(cx, &token).await?;
    Ok(NotCached(verdict.map_or_else(Introspection::default, |verdict| Introspection::of(&verdict, cx.origin))))
}

/// Introspects a token. The result is `None` for a token that is not active.
///
/// # Errors
/// Those of the operation.
pub async fn introspect_token(cx: &Context<'_>, token: &str) -> Result<Option<Verdict>, ApiError> {
    oauth::introspect(cx, &presented(cx, token)).await
}

async fn revoke(
    cx: &Context<'_>,
    FormBody(token): FormBody<PresentedToken>,
) -> Result<NotCached<EmptyObject>, ApiError> {
    revoke_token(cx, &token).await?;
    Ok(NotCached(EmptyObject {}))
}

/// Revokes a token. A token that does not exist, or is dead already, counts as revoked (RFC 7009 §2.2).
///
/// # Errors
/// [`ApiError::UnsupportedTokenType`] for an API key, and those of the operation.
pub async fn revoke_token(cx: &Context<'_>, token: &str) -> Result<(), ApiError> {
    let token = presented(cx, token);
    if matches!(&token, NamedToken::Known { token: TokenRef::Secret { kind: TokenKind::ApiKey, .. }, .. }) {
        return Err(ApiError::UnsupportedTokenType);
    }
    oauth::revoke(cx, &token).await?;
    Ok(())
}

/// 200 with a JSON body and `Pragma: no-cache` (RFC 6749 §5.1).
struct NotCached<T>(T);

impl<T: Serialize + Described> Respond for NotCached<T> {
    fn respond(self) -> HttpResponse {
        Body(self.0).respond().with("pragma", "no-cache")
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        Body::<T>::describe(spec);
    }
}

/// The group of the OAuth calls.
pub(super) const TAG: Tag = Tag {
    name: "OAuth 2.0",
    description: "The token endpoint of RFC 6749 with PKCE (RFC 7636), introspection (RFC 7662), revocation (RFC 7009) and \
        metadata (RFC 8414). A client is an app, and an authorization code is a connection token that was created for it. \
        Bodies are forms. Unknown parameters are ignored, and empty ones count as absent.",
};

/// The way to authenticate an OAuth client.
pub(super) const CLIENT: Security = Security {
    name: "oauthClient",
    place: SecurityPlace::Basic,
    description: "The id and the secret of a client, as they are or form-encoded. They can be sent as `client_id` and \
        `client_secret` in the body instead. A public client sends only its id.",
};

/// The API key of a resource server that introspects tokens.
const KEY: Security = Security {
    name: "bearer",
    place: SecurityPlace::Bearer,
    description: "An API key (`hak_` and 48 hex digits), or the root key of the deployment. At introspection it can also be \
        the password of Basic, with any user name.",
};

const TOKEN: Operation = Operation {
    id: "oauthToken",
    summary: "Get tokens",
    description: "Exchanges an authorization code, or a refresh token, for tokens. The code is a connection token.",
    tag: TAG,
    security: &[CLIENT, IN_PARAMETERS],
    problems: &[
        &UNSUPPORTED_GRANT_TYPE,
        &INVALID_SCOPE,
        &UNAUTHENTICATED,
        &INVALID_CLIENT,
        &INVALID_GRANT,
        &TOKEN_NOT_FOUND,
        &TOKEN_CONSUMED,
        &TOKEN_REVOKED,
        &TOKEN_EXPIRED,
        &CONNECTION_REVOKED,
        &IDEMPOTENCY_CONFLICT,
    ],
};

const INTROSPECT: Operation = Operation {
    id: "oauthIntrospect",
    summary: "Introspect a token",
    description: "Describes an active access token, and an active refresh token to its own client. For every other token the \
        answer is `{\"active\": false}`.",
    tag: TAG,
    security: &[CLIENT, KEY, IN_PARAMETERS],
    problems: &[&UNAUTHENTICATED, &INVALID_CLIENT],
};

const REVOKE: Operation = Operation {
    id: "oauthRevoke",
    summary: "Revoke a token",
    description: "Revokes a token of the client. Revoking a refresh token revokes every token of the same \
        authorization. A token that does not exist counts as revoked.",
    tag: TAG,
    security: &[CLIENT, IN_PARAMETERS],
    problems: &[&UNSUPPORTED_TOKEN_TYPE, &UNAUTHENTICATED, &INVALID_CLIENT, &IDEMPOTENCY_CONFLICT],
};
