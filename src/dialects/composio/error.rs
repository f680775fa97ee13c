//! Composio's errors: `{"error": {"message", "code", "slug", "status", "request_id"}}`.

use serde::Serialize;

use super::status::AccountStatus;
use crate::core::{DecisionError, Resource};
use crate::dialects::error_format::{ErrorContext, RenderErrors};
use crate::dialects::problem_types::{detail, problem_type, with_headers};
use crate::dialects::response::HttpResponse;
use crate::operations::ApiError;

/// An error in its envelope.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioEnvelope {
    error: ComposioError,
}

/// An error of Composio.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioError {
    /// The error in sentences.
    message: String,
    /// Composio's number of the error.
    code: u32,
    /// Composio's name of the error.
    slug: &'static str,
    /// The HTTP status.
    status: u16,
    /// The id of the request.
    request_id: String,
}

/// Too many requests: Composio answers them without an envelope.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioRateLimited {
    /// The error in a sentence.
    message: &'static str,
}

/// The body of an error.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(super) enum ComposioErrorBody {
    /// Every error but one.
    Envelope(ComposioEnvelope),
    /// Too many requests.
    RateLimited(ComposioRateLimited),
}

/// Errors as Composio writes them.
pub(super) struct ComposioErrors;

impl RenderErrors for ComposioErrors {
    type Body = ComposioErrorBody;

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        let status = problem_type(error).status;
        if status == 429 {
            let body =
                ComposioErrorBody::RateLimited(ComposioRateLimited { message: "Rate limit exceeded. Retry later." });
            return with_headers(error, HttpResponse::json(status, &body));
        }
        let message = match error {
            ApiError::Refused(DecisionError::NotFound(Resource::Connection)) => {
                "Connected account not found".to_owned()
            }
            ApiError::Refused(DecisionError::InvalidConnectionState(verdict)) => {
                format!("The connected account is {}, which does not allow this.", AccountStatus::of(verdict))
            }
            ApiError::Refused(DecisionError::RevocationUnsupported) => {
                "The toolkit does not support programmatic revocation.".to_owned()
            }
            ApiError::CredentialsMissing => "The request has no API key. Send it as x-api-key.".to_owned(),
            ApiError::CredentialsInvalid(_) => "Invalid API key".to_owned(),
            _ => detail(error),
        };
        let (code, slug) = match error {
            ApiError::NoSuchPath => (http_code(status), "HTTP_NotFound"),
            ApiError::Refused(DecisionError::NotFound(Resource::App)) => (302, "AuthConfig_ResourceNotFound"),
            ApiError::Refused(DecisionError::NotFound(Resource::Provider)) => (404, "Toolkit_ResourceNotFound"),
            _ => code(status),
        };
        with_headers(error, envelope(status, code, slug, message, context.request_id))
    }
}

/// The error if the provider has not revoked any token of an account.
pub(super) fn nothing_revoked(request_id: &str) -> HttpResponse {
    let message =
        "The provider could not revoke any token yet. The account is dead here, and the revocation is retried.";
    let (code, slug) = code(500);
    envelope(500, code, slug, message.to_owned(), request_id)
}

/// Composio's number and name of an error. Errors that have nothing to do with accounts are named after their status.
fn code(status: u16) -> (u32, &'static str) {
    match status {
        400 => (600, "ConnectedAccount_BadRequest"),
        401 => (http_code(status), "HTTP_Unauthorized"),
        403 => (http_code(status), "HTTP_Forbidden"),
        404 => (606, "ConnectedAccount_ResourceNotFound"),
        405 => (http_code(status), "HTTP_MethodNotAllowed"),
        409 => (600, "ConnectedAccount_Conflict"),
        413 => (http_code(status), "HTTP_PayloadTooLarge"),
        415 => (http_code(status), "HTTP_UnsupportedMediaType"),
        503 => (http_code(status), "HTTP_ServiceUnavailable"),
        _ => (601, "ConnectedAccount_InternalServerError"),
    }
}

fn http_code(status: u16) -> u32 {
    u32::from(status).saturating_add(10_000)
}

fn envelope(status: u16, code: u32, slug: &'static str, message: String, request_id: &str) -> HttpResponse {
    let response = HttpResponse::json(
        status,
        &ComposioErrorBody::Envelope(ComposioEnvelope {
            error: ComposioError { message, code, slug, status, request_id: request_id.to_owned() },
        }),
    );
    if matches!(status, 409 | 500) { response.with("x-should-retry", "false") } else { response }
}
