//! The public OAuth calls, with and without the project in the path.

use serde::Serialize;

use super::StytchAnswer;
use super::connected_apps::TAG;
use super::error::StytchOAuthErrors;
use crate::core::app::LastTokenPolicy;
use crate::core::{AppId, Scope, Timestamp, TokenKind, UserId, Verdict};
use crate::dialects::extract::{FormOrJsonBody, read_form_or_json};
use crate::dialects::oauth::CLIENT;
use crate::dialects::oauth::client::ClientParameters;
use crate::dialects::oauth::tokens::{self, TokenRequest, TokenResponse};
use crate::dialects::oauth::{PresentedToken, introspect_token, revoke_token};
use crate::dialects::operation::{IN_PARAMETERS, Operation};
use crate::dialects::problem_types::{
    IDEMPOTENCY_CONFLICT, INVALID_CLIENT, INVALID_GRANT, INVALID_SCOPE, NOT_FOUND, TOKEN_NOT_FOUND, UNAUTHENTICATED,
    UNSUPPORTED_GRANT_TYPE, UNSUPPORTED_TOKEN_TYPE,
};
use crate::dialects::request::HttpRequest;
use crate::dialects::respond::{Body, EmptyObject};
use crate::dialects::route::Route;
use crate::operations::{ApiError, Config, Context, Credentials};

pub(super) fn routes() -> Vec<Route> {
    let routes = [
        Route::post("/v1/public/{project_id}/oauth2/token", token)
            .operation(|| Operation { id: "stytchTokenOfProject", ..TOKEN }),
        Route::post("/v1/public/{project_id}/oauth2/introspect", introspect)
            .read_only()
            .operation(|| Operation { id: "stytchIntrospectOfProject", ..INTROSPECT }),
        Route::post("/v1/public/{project_id}/oauth2/revoke", revoke)
            .operation(|| Operation { id: "stytchRevokeTokenOfProject", ..REVOKE }),
        Route::post("/v1/oauth2/token", token).operation(|| TOKEN),
        Route::post("/v1/oauth2/introspect", introspect).read_only().operation(|| INTROSPECT),
        Route::post("/v1/oauth2/revoke", revoke).operation(|| REVOKE),
    ];
    routes.into_iter().map(|route| route.credentials(client).errors::<StytchOAuthErrors>()).collect()
}

/// The client of an OAuth call.
fn client(request: &HttpRequest<'_>, config: &Config) -> Result<Credentials, ApiError> {
    let project_id = request.param("project_id");
    if !project_id.is_empty() && project_id != config.settings.project_id {
        return Err(ApiError::NoSuchPath);
    }
    let parameters = read_form_or_json::<ClientParameters>(request)?;
    if parameters.names_client() {
        parameters.credentials_in_body(config)
    } else {
        parameters.credentials(request, config)
    }
}

async fn token(
    cx: &Context<'_>,
    FormOrJsonBody(grant): FormOrJsonBody<TokenRequest>,
) -> Result<Body<StytchAnswer<TokenResponse>>, ApiError> {
    let response = tokens::issue(cx, grant, tokens::LIFETIMES).await?;
    Ok(StytchAnswer::new(cx, TokenResponse { token_type: "bearer", ..response }))
}

/// The answer of introspection. A token that is not active has nothing but `active`.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct StytchIntrospection {
    /// Whether the token is an access or refresh token of the client that can be used.
    active: bool,
    #[serde(flatten)]
    facts: Option<StytchTokenFacts>,
}

/// The facts about an active token.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct StytchTokenFacts {
    /// The project.
    aud: [String; 1],
    /// The app that the token was issued to.
    client_id: Option<AppId>,
    /// When the token expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
    /// When the token was issued, in seconds since 1970.
    iat: u64,
    /// The same as `iat`.
    nbf: u64,
    /// The issuer: the address of the deployment.
    iss: String,
    /// The scopes of the token, separated by spaces; empty if it has none.
    scope: String,
    /// The id of the user.
    sub: UserId,
    /// `access_token` or `refresh_token`.
    token_type: TokenKind,
}

impl StytchTokenFacts {
    fn of(verdict: Verdict, cx: &Context<'_>) -> Self {
        Self {
            aud: [cx.config.settings.project_id.clone()],
            exp: verdict.expires_at.map(Timestamp::unix),
            iat: verdict.created_at.unix(),
            nbf: verdict.created_at.unix(),
            iss: cx.origin.to_owned(),
            scope: verdict.facts.scope.as_ref().map_or("", Scope::as_str).to_owned(),
            client_id: verdict.facts.app_id,
            sub: verdict.user_id,
            token_type: verdict.kind,
        }
    }
}

async fn introspect(
    cx: &Context<'_>,
    FormOrJsonBody(token): FormOrJsonBody<PresentedToken>,
) -> Result<Body<StytchAnswer<StytchIntrospection>>, ApiError> {
    let facts = introspect_token(cx, &token).await?.map(|verdict| StytchTokenFacts::of(verdict, cx));
    Ok(StytchAnswer::new(cx, StytchIntrospection { active: facts.is_some(), facts }))
}

async fn revoke(
    cx: &Context<'_>,
    FormOrJsonBody(token): FormOrJsonBody<PresentedToken>,
) -> Result<Body<StytchAnswer<EmptyObject>>, ApiError> {
    // Stytch revokes the tokens, and the user's consent stays until the app is revoked.
    revoke_token(cx, &token, Some(LastTokenPolicy::KeepConnection)).await?;
    Ok(StytchAnswer::new(cx, EmptyObject {}))
}

const TOKEN: Operation = Operation {
    id: "stytchToken",
    summary: "Get tokens",
    description: "Exchanges an authorization code, or a refresh token, for tokens.",
    tag: TAG,
    security: &[CLIENT, IN_PARAMETERS],
    problems: &[
        &UNSUPPORTED_GRANT_TYPE,
        &INVALID_SCOPE,
        &UNAUTHENTICATED,
        &INVALID_CLIENT,
        &INVALID_GRANT,
        &TOKEN_NOT_FOUND,
        &IDEMPOTENCY_CONFLICT,
        &NOT_FOUND,
    ],
};

const INTROSPECT: Operation = Operation {
    id: "stytchIntrospect",
    summary: "Introspect a token",
    description: "Describes an active token of the client.",
    tag: TAG,
    security: &[CLIENT, IN_PARAMETERS],
    problems: &[&UNAUTHENTICATED, &INVALID_CLIENT, &NOT_FOUND],
};

const REVOKE: Operation = Operation {
    id: "stytchRevokeToken",
    summary: "Revoke a token",
    description: "Revokes a token of the client. A token that does not exist counts as revoked.",
    tag: TAG,
    security: &[CLIENT, IN_PARAMETERS],
    problems: &[&UNSUPPORTED_TOKEN_TYPE, &UNAUTHENTICATED, &INVALID_CLIENT, &IDEMPOTENCY_CONFLICT, &NOT_FOUND],
};
