//! The errors of the authorize endpoint and of the consent page, as pages.

use crate::core::{DecisionError, Resource};
use crate::dialects::error_format::{ErrorContext, RenderErrors};
use crate::dialects::link_page::page;
use crate::dialects::problem_types::{detail, problem_type, with_headers};
use crate::dialects::response::HttpResponse;
use crate::operations::ApiError;

/// Errors as pages.
pub(super) struct AuthorizationPages;

impl RenderErrors for AuthorizationPages {
    type Body = String;
    const CONTENT_TYPE: &'static str = "text/html; charset=utf-8";

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        let status = problem_type(error).status;
        let (status, name) = match error {
            ApiError::Refused(DecisionError::ClientInvalid) => (400, "request"),
            ApiError::OtherBrowser | ApiError::Refused(DecisionError::Forbidden) => (403, "restart"),
            ApiError::Refused(
                DecisionError::TokenNotActive(_)
                | DecisionError::IdempotencyConflict
                | DecisionError::NotFound(Resource::Token | Resource::User),
            ) => (410, "restart"),
            _ if status == 429 || status >= 500 => (status, "failed"),
            _ => (status, "request"),
        };
        let detail = (name == "request").then(|| request_detail(error));
        with_headers(error, page::explanation(status, name, detail.as_deref(), context.languages, context.origin))
    }
}

/// The sentences for the makers of the app.
fn request_detail(error: &ApiError) -> String {
    match error {
        ApiError::Refused(DecisionError::ClientInvalid) => {
            "client_id is not an app of this deployment. Correct it, or register the app with PUT /v1/apps/{app_id}."
                .to_owned()
        }
        ApiError::NoSuchPath => "The deployment has no sign-in page. Set LOGIN_URL to the URL of yours.".to_owned(),
        _ => detail(error),
    }
}
