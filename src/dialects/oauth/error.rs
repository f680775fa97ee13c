//! Errors of OAuth: `error` and `error_description` (RFC 6749 §5.2).

use serde::Serialize;

use crate::core::{DecisionError, Resource};
use crate::dialects::error_format::{ErrorContext, RenderErrors};
use crate::dialects::problem_types::{detail, problem_type, with_headers};
use crate::dialects::response::HttpResponse;
use crate::operations::ApiError;

/// An error of OAuth.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct OAuthError {
    /// The code.
    pub error: &'static str,
    /// The error in sentences. They may change.
    pub error_description: String,
}

impl OAuthError {
    /// The error as RFC 6749 names and explains it.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        Self { error: code(error), error_description: description(error) }
    }
}

/// The code of an error.
#[must_use]
pub fn code(error: &ApiError) -> &'static str {
    match error {
        ApiError::UnsupportedGrantType => "unsupported_grant_type",
        ApiError::UnsupportedTokenType => "unsupported_token_type",
        ApiError::CredentialsMissing
        | ApiError::CredentialsInvalid
        | ApiError::Refused(DecisionError::ClientInvalid) => "invalid_client",
        ApiError::Invalid(violations) if violations.iter().all(|violation| violation.path == "scope") => {
            "invalid_scope"
        }
        ApiError::Refused(DecisionError::ScopeTooWide) => "invalid_scope",
        ApiError::Invalid(violations) if violations.iter().all(|violation| violation.path == "resource") => {
            "invalid_target"
        }
        ApiError::Refused(DecisionError::AudienceTooWide) => "invalid_target",
        // The code or token does not exist, is dead, belongs to another client, or cannot be used now.
        ApiError::Refused(
            DecisionError::NotFound(Resource::Token)
            | DecisionError::WrongClient
            | DecisionError::TokenNotActive(_)
            | DecisionError::InvalidConnectionState(_)
            | DecisionError::RedirectUriMismatch
            | DecisionError::VerifierMismatch,
        ) => "invalid_grant",
        ApiError::Refused(DecisionError::Forbidden) => "unauthorized_client",
        _ => match problem_type(error).status {
            429 | 503 => "temporarily_unavailable",
            500.. => "server_error",
            _ => "invalid_request",
        },
    }
}

/// The HTTP status of an error.
#[must_use]
pub fn status(error: &ApiError) -> u16 {
    match code(error) {
        "invalid_grant" | "unauthorized_client" => 400,
        "invalid_client" => 401,
        _ => problem_type(error).status,
    }
}

fn description(error: &ApiError) -> String {
    match error {
        ApiError::CredentialsMissing => "The client did not authenticate.".to_owned(),
        ApiError::CredentialsInvalid => "The client is unknown, or its secret is wrong.".to_owned(),
        ApiError::UnsupportedMediaType => "Send the body as application/x-www-form-urlencoded.".to_owned(),
        ApiError::Refused(DecisionError::NotFound(Resource::Token)) => "The code or token is unknown.".to_owned(),
        _ => detail(error),
    }
}

/// Errors as RFC 6749 writes them.
pub(super) struct OAuthErrors;

impl RenderErrors for OAuthErrors {
    type Body = OAuthError;

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        let status = status(error);
        let response = HttpResponse::json(status, &OAuthError::of(error)).with("pragma", "no-cache");
        with_challenge(status, context, with_headers(error, response))
    }
}

/// Adds the challenge that RFC 6749 §5.2 requires if the client used HTTP Basic. Other clients get none: some take one
/// for the whole error.
#[must_use]
pub fn with_challenge(status: u16, context: &ErrorContext<'_>, response: HttpResponse) -> HttpResponse {
    if status == 401 && context.is_basic {
        response.with("www-authenticate", "Basic realm=\"hookswitch\"")
    } else {
        response
    }
}
