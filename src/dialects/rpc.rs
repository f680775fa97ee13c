//! The calls that other Workers of the account make over RPC: the entrypoint `Tokens`.
//!
//! A service binding is the authorization, so the calls have no credentials and see every token. `validateToken` is the
//! contract that the resource servers of `@cloudflare/workers-oauth-provider` have with their authorization server.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::dialects::rpc;
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let cx = deployment.root();
//! let validation = rpc::validate_token(&cx, "https://mcp.example/mcp", "forged");
//! assert!(deployment.run(validation).unwrap().unwrap().is_none());
//! # }
//! ```

use serde::Serialize;

use super::native::{UnknownVerdict, VerdictResponse};
use crate::core::rfc3339::Rfc3339;
use crate::core::{AppId, Audience, ConnectionId, DecisionError, NamedToken, Timestamp, TokenId, TokenKind, UserId};
use crate::operations::tokens::{self, Check};
use crate::operations::{ApiError, Context};

/// The answer of `validateToken` for an access token that is valid for the resource.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenValidation {
    /// The data that the resource server's handler gets.
    props: TokenProps,
    /// The resource, as the resource server spells it.
    audience: String,
    /// When the token expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    /// The scopes of the token.
    scope: Vec<String>,
    /// The user that the token belongs to.
    user_id: UserId,
    /// The app that the token was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<AppId>,
}

/// The ids of a token and of its owners.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "these are the names of the members")]
struct TokenProps {
    /// The user that the token belongs to.
    user_id: UserId,
    /// The connection that the token was issued under.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<ConnectionId>,
    /// The public id of the token.
    token_id: TokenId,
}

/// Validates an access token for a resource server. The result is `None` for a token that is not active, or that was not
/// issued for this resource.
///
/// # Errors
/// [`ApiError::Invalid`] if `resource` is no URI of a resource, or [`ApiError::Unavailable`] if there is no verdict.
pub async fn validate_token(
    cx: &Context<'_>,
    resource: &str,
    token: &str,
) -> Result<Option<TokenValidation>, ApiError> {
    Audience::of([resource]).map_err(|rule| ApiError::invalid("resource", rule))?;
    let verdict = super::oauth::introspect_token(cx, token).await?;
    let verdict = verdict.filter(|verdict| verdict.kind == TokenKind::AccessToken);
    let verdict = verdict.filter(|verdict| verdict.facts.audience.as_ref().is_some_and(|uris| uris.includes(resource)));
    Ok(verdict.map(|verdict| TokenValidation {
        props: TokenProps {
            user_id: verdict.user_id.clone(),
            connection_id: verdict.facts.connection_id,
            token_id: verdict.token_id,
        },
        audience: resource.to_owned(),
        expires_at: verdict.expires_at.map(Timestamp::unix),
        scope: verdict.facts.scope.iter().flat_map(|scope| scope.as_str().split(' ').map(str::to_owned)).collect(),
        user_id: verdict.user_id,
        client_id: verdict.facts.app_id,
    }))
}

/// The answer of `check`: what `POST /v1/tokens/check` answers for one of many tokens.
#[derive(Serialize)]
#[serde(untagged)]
pub enum CheckedToken {
    /// The verdict.
    Known(Box<VerdictResponse>),
    /// The token does not exist.
    Unknown(UnknownVerdict),
}

/// Checks a token of any kind, by its secret or its public id.
///
/// # Errors
/// [`ApiError::Unavailable`] if there is no verdict.
pub async fn check(cx: &Context<'_>, token: &str) -> Result<CheckedToken, ApiError> {
    let token = NamedToken::of(cx.config.keyring.open(token));
    match tokens::check(cx, Check { token, user_id: None }).await {
        Ok(verdict) => Ok(CheckedToken::Known(Box::new(verdict.into()))),
        Err(ApiError::Refused(DecisionError::NotFound(_))) => {
            Ok(CheckedToken::Unknown(UnknownVerdict::at(Rfc3339(cx.now))))
        }
        Err(error) => Err(error),
    }
}
