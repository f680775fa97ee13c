//! Stytch's errors: five members, with the words of Stytch or of OAuth.

use serde::Serialize;

use super::request_id;
use crate::core::{DecisionError, Resource};
use crate::dialects::error_format::{ErrorContext, RenderErrors};
use crate::dialects::oauth::error::{self, OAuthError};
use crate::dialects::problem_types::{detail, problem_type, with_headers};
use crate::dialects::response::HttpResponse;
use crate::operations::ApiError;

/// An error of Stytch.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct StytchErrorBody {
    /// The HTTP status.
    status_code: u16,
    /// The id of the request.
    request_id: String,
    /// The code of the error.
    error_type: &'static str,
    /// The error in a sentence.
    error_message: String,
    /// Stytch's page about the error.
    error_url: String,
}

/// Errors as Stytch writes them.
pub(super) struct StytchErrors;

impl RenderErrors for StytchErrors {
    type Body = StytchErrorBody;

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        let status = problem_type(error).status;
        let (error_type, message) = match (status, error) {
            (_, ApiError::Refused(DecisionError::NotFound(Resource::User))) => {
                ("user_not_found", Some("User could not be found."))
            }
            (_, ApiError::Refused(DecisionError::NotFound(Resource::App))) => {
                ("connected_app_not_found", Some("The Connected App requested could not be found."))
            }
            (401, _) => ("unauthorized_credentials", Some("Unauthorized credentials.")),
            (404, _) => ("route_not_found", Some("The route provided is not supported.")),
            (405, _) => ("method_not_allowed", Some("The route has other methods.")),
            (413, _) => ("request_too_large", None),
            (415, _) => ("unsupported_media_type", None),
            (429, _) => ("too_many_requests", Some("Too many requests have been made.")),
            (500, _) => ("internal_server_error", Some("Oops, something seems to have gone wrong.")),
            (503, _) => ("service_unavailable", None),
            _ => ("bad_request", None),
        };
        let body = StytchErrorBody {
            status_code: status,
            request_id: request_id(context.request_id),
            error_type,
            error_message: message.map_or_else(|| detail(error), str::to_owned),
            error_url: error_url(status, error_type),
        };
        let response = with_headers(error, HttpResponse::json(status, &body));
        if status == 401 { response.with("www-authenticate", "Basic realm=\"hookswitch\"") } else { response }
    }
}

/// An error of Stytch's OAuth calls.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct StytchOAuthErrorBody {
    /// The HTTP status.
    status_code: u16,
    /// The id of the request.
    request_id: String,
    /// The code of the error.
    error: &'static str,
    /// The error in a sentence.
    error_description: String,
    /// Stytch's page about the error.
    error_uri: String,
}

/// Errors as Stytch writes them in its OAuth calls.
pub(super) struct StytchOAuthErrors;

impl RenderErrors for StytchOAuthErrors {
    type Body = StytchOAuthErrorBody;

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        let status = error::status(error);
        let OAuthError { error: code, error_description } = match error {
            ApiError::NoSuchPath => OAuthError {
                error: "project_not_found",
                error_description: "The project could not be found.".to_owned(),
            },
            ApiError::UnsupportedMediaType => OAuthError {
                error_description: "Send the body as a form or as JSON.".to_owned(),
                ..OAuthError::of(error)
            },
            error => OAuthError::of(error),
        };
        let body = StytchOAuthErrorBody {
            status_code: status,
            request_id: request_id(context.request_id),
            error: code,
            error_description,
            error_uri: error_url(status, code),
        };
        let challenge = error::challenge(error, context);
        error::with_challenge(status, challenge, with_headers(error, HttpResponse::json(status, &body)))
    }
}

fn error_url(status: u16, code: &str) -> String {
    format!("https://stytch.com/docs/api/errors/{status}#{code}")
}
