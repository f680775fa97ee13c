//! The pages that explain why a link cannot be used.

use super::page;
use crate::core::{ConnectionStatus, DecisionError, Resource, Status};
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
                return dead_link(verdict.status(), context.languages);
            }
            ApiError::Refused(DecisionError::InvalidConnectionState(verdict)) => {
                let is_disabled = verdict.status() == ConnectionStatus::Inactive;
                return dead_link(if is_disabled { Status::Inactive } else { Status::Revoked }, context.languages);
            }
            // The page was answered before, and the result cannot be read any more.
            ApiError::Refused(DecisionError::IdempotencyConflict) => {
                return dead_link(Status::Consumed, context.languages);
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
        with_headers(error, page::message(status, name, None, context.languages))
    }
}

/// The page about a token that cannot be used.
pub(super) fn dead_link(status: Status, languages: &str) -> HttpResponse {
    let (status, name) = match status {
        Status::Consumed => (410, "consumed"),
        Status::Revoked => (410, "revoked"),
        Status::Inactive => (409, "inactive"),
        Status::Expired | Status::Valid => (410, "expired"),
    };
    page::message(status, name, None, languages)
}
