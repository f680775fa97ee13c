//! Errors of OAuth: `error` and `error_description` (RFC 6749 §5.2).

use serde::Serialize;

use crate::core::{DecisionError, Resource};
use crate::dialects::error_format::{ErrorContext, RenderErrors};
use crate::dialects::problem_types::{INVALID_CLIENT, detail, problem_type, with_headers};
use crate::dialects::request::AuthScheme;
use crate::dialects::response::HttpResponse;
use crate::operations::{ApiError, CredentialProblem};

/// An error of OAuth.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct OAuthError {
    /// The code of the error (RFC 6749 §5.2).
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
        | ApiError::CredentialsInvalid(_)
        | ApiError::Refused(DecisionError::ClientInvalid) => "invalid_client",
        ApiError::Invalid(violations) if violations.iter().all(|violation| violation.path == "scope") => {
            "invalid_scope"
        }
        ApiError::Refused(DecisionError::ScopeTooWide) => "invalid_scope",
        // The code or token does not exist, is dead, belongs to another client, or cannot be used now.
        ApiError::Refused(
            DecisionError::NotFound(Resource::Token)
            | DecisionError::WrongClient
            | DecisionError::TokenNotActive(_)
            | DecisionError::NotConnectable
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
        "invalid_grant" => 400,
        "invalid_client" => 401,
        _ => problem_type(error).status,
    }
}

fn description(error: &ApiError) -> String {
    match error {
        ApiError::CredentialsMissing => {
            "The client did not authenticate. Send client_id and client_secret, by HTTP Basic or in the body."
                .to_owned()
        }
        ApiError::CredentialsInvalid(CredentialProblem::PublicClient) => {
            "A public client may not make this call. Use a confidential client or an API key.".to_owned()
        }
        ApiError::CredentialsInvalid(_) => INVALID_CLIENT.detail.to_owned(),
        ApiError::UnsupportedMediaType => "Send the body as application/x-www-form-urlencoded.".to_owned(),
        ApiError::Refused(DecisionError::NotFound(Resource::Token)) => {
            "The code or token is unknown. Start a new authorization.".to_owned()
        }
        _ => detail(error),
    }
}

/// Errors as RFC 6749 writes them.
pub(super) struct OAuthErrors;

impl RenderErrors for OAuthErrors {
    type Body = OAuthError;

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        render(error, challenge(error, context))
    }
}

/// Errors of introspection, whose caller may also authenticate with a bearer token (RFC 7662 §2.1, RFC 6750 §3).
pub(super) struct IntrospectionErrors;

impl RenderErrors for IntrospectionErrors {
    type Body = OAuthError;

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        render(
            error,
            match context.auth_scheme {
                AuthScheme::Bearer => Some("Bearer realm=\"hookswitch\", error=\"invalid_token\""),
                _ => challenge(error, context),
            },
        )
    }
}

fn render(error: &ApiError, challenge: Option<&'static str>) -> HttpResponse {
    let status = status(error);
    let response = HttpResponse::json(status, &OAuthError::of(error)).with("pragma", "no-cache");
    with_challenge(status, challenge, with_headers(error, response))
}

/// The challenge that RFC 6749 §5.2 requires of a client that used the header `Authorization`, or nothing. A client in the
/// body gets none: some clients take a challenge for the whole error.
#[must_use]
pub fn challenge(error: &ApiError, context: &ErrorContext<'_>) -> Option<&'static str> {
    let is_in_body = context.auth_scheme == AuthScheme::None && *error != ApiError::CredentialsMissing;
    (!is_in_body).then_some("Basic realm=\"hookswitch\"")
}

/// Adds a challenge to a response with the status 401.
#[must_use]
pub fn with_challenge(status: u16, challenge: Option<&'static str>, response: HttpResponse) -> HttpResponse {
    match challenge {
        Some(challenge) if status == 401 => response.with("www-authenticate", challenge),
        _ => response,
    }
}
