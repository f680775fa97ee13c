//! The pages that explain why a link cannot be used.

use super::page;
use crate::core::{App, ConnectionStatus, DecisionError, Resource, Status};
use crate::dialects::error_format::{ErrorContext, RenderErrors};
use crate::dialects::problem_types::{problem_type, with_headers};
use crate::dialects::response::HttpResponse;
use crate::operations::ApiError;

/// Errors as pages.
pub(super) struct LinkPageErrors;

impl RenderErrors for LinkPageErrors {
    type Body = String;
    const CONTENT_TYPE: &'static str = "text/html; charset=utf-8";

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        let status = problem_type(error).status;
        let name = match error {
            ApiError::Refused(DecisionError::TokenNotActive(verdict)) => {
                return dead_link(verdict.status(), None, context.languages, context.origin);
            }
            ApiError::Refused(DecisionError::InvalidConnectionState(verdict)) => {
                let is_disabled = verdict.status() == ConnectionStatus::Inactive;
                let status = if is_disabled { Status::Inactive } else { Status::Revoked };
                return dead_link(status, None, context.languages, context.origin);
            }
            // The page was answered before, and the result cannot be read any more.
            ApiError::Refused(DecisionError::IdempotencyConflict) => {
                return dead_link(Status::Consumed, None, context.languages, context.origin);
            }
            ApiError::Refused(DecisionError::NotFound(Resource::App) | DecisionError::RedirectUriUnregistered) => {
                "changed"
            }
            ApiError::Refused(DecisionError::NotConnectable) => "revoked",
            ApiError::Refused(DecisionError::Forbidden) => "elsewhere",
            ApiError::Invalid(_) | ApiError::UnsupportedMediaType | ApiError::BodyTooLarge { .. } => "incomplete",
            _ if status == 429 || status >= 500 => "failed",
            _ => "unknown",
        };
        with_headers(error, page::message(status, name, None, context.languages, context.origin))
    }
}

/// The page about a token that cannot be used, with the way back to its app.
pub(super) fn dead_link(status: Status, app: Option<&App>, languages: &str, origin: &str) -> HttpResponse {
    let (status, name) = match status {
        Status::Consumed => (410, "consumed"),
        Status::Revoked => (410, "revoked"),
        Status::Inactive => (409, "inactive"),
        Status::Expired | Status::Valid => (410, "expired"),
    };
    page::message(status, name, app, languages, origin)
}
