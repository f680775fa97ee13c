//! Flinks Outbound: tokens for a code or a refresh token, and the revocation of a connection by its access token.
//!
//! Source: Flinks' `POST /api/v1/token`, `DELETE /api/v1/revoke` and list of authorization errors, all of which are 400
//! (<https://docs.flinks.com/api/outbound>).
//!
//! Where Flinks is silent, this dialect decides:
//!
//! - The token call accepts a form and JSON, and has no `client_credentials` grant.
//! - A bearer token that is dead, forged or has no connection is 400 `invalid_grant`; a missing one is 400
//!   `invalid_request`.
//! - The body of the revocation is ignored, whatever it is.

use super::error_format::{ErrorContext, ErrorFormat, RenderErrors};
use super::extract::{Extract, FormOrJsonBody, read_form_or_json};
use super::oauth::client::ClientParameters;
use super::oauth::error::{self, OAuthError};
use super::oauth::tokens::{self, TokenRequest, TokenResponse};
use super::operation::{IN_PARAMETERS, Operation, Security, SecurityPlace, Tag};
use super::problem_types::{
    INVALID_CLIENT, INVALID_GRANT, INVALID_SCOPE, UNAUTHENTICATED, UNSUPPORTED_GRANT_TYPE, with_headers,
};
use super::request::HttpRequest;
use super::respond::{Body, NoContent};
use super::response::HttpResponse;
use super::route::{Dialect, Input, Route};
use super::validator::Validator;
use crate::core::params::Lifetimes;
use crate::core::{NamedToken, TokenKind};
use crate::operations::{ApiError, Context, Credentials, oauth};

/// Flinks' API.
pub static DIALECT: Dialect = Dialect {
    name: "flinks",
    prefixes: &["/api/v1/"],
    credentials: |request, config| read_form_or_json::<ClientParameters>(request)?.credentials_in_body(config),
    errors: ErrorFormat::of::<FlinksErrors>(),
    routes,
};

fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/token", token).operation(|| TOKEN),
        Route::delete("/api/v1/revoke", revoke).credentials(|_, _| Ok(Credentials::Token)).operation(|| REVOKE),
    ]
}

/// The validity of Flinks' tokens: five minutes, and 30 days from the last use.
const LIFETIMES: Lifetimes = Lifetimes { access: 300, refresh: Some(2_592_000) };

async fn token(
    cx: &Context<'_>,
    FormOrJsonBody(grant): FormOrJsonBody<TokenRequest>,
) -> Result<Body<TokenResponse>, ApiError> {
    let response = tokens::issue(cx, grant, LIFETIMES).await?;
    // Without a refresh token, Flinks' answer has no scope.
    let scope = response.scope.filter(|_| response.refresh_token.is_some());
    Ok(Body(TokenResponse { scope, ..response }))
}

async fn revoke(cx: &Context<'_>, PresentedAccessToken(text): PresentedAccessToken) -> Result<NoContent, ApiError> {
    let token = NamedToken::of(cx.config.keyring.open(&text)).by_secret(TokenKind::AccessToken);
    oauth::revoke_connection(cx, &token).await?;
    Ok(NoContent)
}

/// The access token in `Authorization: Bearer`.
struct PresentedAccessToken(String);

impl Extract for PresentedAccessToken {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        let token = request.bearer();
        if token.is_none() {
            check.fail("Authorization", "must be Bearer followed by an access token");
        }
        Ok(token.map(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(_: &mut super::describe::Spec<'_>) {}
}

/// OAuth's errors with the statuses of Flinks: every error of the client is 400.
struct FlinksErrors;

impl RenderErrors for FlinksErrors {
    type Body = OAuthError;

    fn render(error: &ApiError, _: &ErrorContext<'_>) -> HttpResponse {
        let status = match error::status(error) {
            401 | 403 | 409 => 400,
            status => status,
        };
        let mut body = OAuthError::of(error);
        if *error == ApiError::UnsupportedMediaType {
            "Send the body as JSON or as a form.".clone_into(&mut body.error_description);
        }
        with_headers(error, HttpResponse::json(status, &body))
    }
}

const TAG: Tag = Tag {
    name: "Flinks",
    description: "The calls of Flinks Outbound with which an app gets tokens and ends a connection, at Flinks' paths. Every \
        error of the client is 400.",
};

const ACCESS_TOKEN: Security = Security {
    name: "flinksAccessToken",
    place: SecurityPlace::Bearer,
    description: "An access token of the connection: `hat_` and 48 hex digits.",
};

const TOKEN: Operation = Operation {
    id: "flinksToken",
    summary: "Get tokens",
    description: "Exchanges an authorization code, or a refresh token, for tokens. The code is a connection token.",
    tag: TAG,
    security: &[],
    problems: &[&UNSUPPORTED_GRANT_TYPE, &INVALID_SCOPE, &UNAUTHENTICATED, &INVALID_CLIENT, &INVALID_GRANT],
};

const REVOKE: Operation = Operation {
    id: "flinksRevoke",
    summary: "Revoke a connection",
    description: "Revokes the connection that the access token was issued under, with every token of it. The body is \
        ignored.",
    tag: TAG,
    security: &[ACCESS_TOKEN, IN_PARAMETERS],
    problems: &[&INVALID_GRANT],
};
