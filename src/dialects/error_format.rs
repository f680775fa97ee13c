//! Error formats: how a vendor's API writes errors.
//!
//! ```
//! use hookswitch::core::DecisionError;
//! use hookswitch::dialects::error_format::ErrorContext;
//! use hookswitch::dialects::request::Method;
//! use hookswitch::dialects::router::Router;
//!
//! // The same error, as each API writes it.
//! let error = DecisionError::Forbidden.into();
//! let body = |path| {
//!     let found = Router::get().find(Some(Method::Post), path).ok().unwrap();
//!     found.render_error(&error, &ErrorContext::default()).body
//! };
//! assert!(body("/v1/tokens").contains(r#""code":"forbidden""#));
//! assert!(!body("/v2/connection/generate_token").contains("code"));
//! ```

use super::request::AuthScheme;
use super::response::HttpResponse;
use super::schema::Described;
use crate::operations::ApiError;

/// The facts about a request that an error response may contain.
#[derive(Clone, Copy, Debug, Default)]
pub struct ErrorContext<'a> {
    /// The id of the request.
    pub request_id: &'a str,
    /// The scheme of the request's header `Authorization`.
    pub auth_scheme: AuthScheme,
    /// The header `Accept-Language`; empty if there is none.
    pub languages: &'a str,
}

/// Writes errors in the form that a vendor's clients expect. It is implemented by a type without fields.
pub trait RenderErrors {
    /// The body of every error.
    type Body: Described;
    /// The media type of the body.
    const CONTENT_TYPE: &'static str = "application/json";

    /// Writes an error.
    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse;
}

/// A [`RenderErrors`] as a value.
#[derive(Clone, Copy)]
pub struct ErrorFormat {
    /// Writes an error.
    pub render: fn(&ApiError, &ErrorContext<'_>) -> HttpResponse,
    /// The media type of the body.
    pub content_type: &'static str,
    /// The schema of the body.
    #[cfg(feature = "openapi")]
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

impl ErrorFormat {
    /// The format that `T` writes.
    #[must_use]
    pub const fn of<T: RenderErrors>() -> Self {
        Self {
            render: T::render,
            content_type: T::CONTENT_TYPE,
            #[cfg(feature = "openapi")]
            schema: schemars::SchemaGenerator::subschema_for::<T::Body>,
        }
    }
}
