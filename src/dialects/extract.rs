//! Extractors: the arguments of handlers.
//!
//! An extractor declares which part of the request it reads ([`Input`]) and reads it. So the edge, native tests and the API
//! description agree on the input of a route.

use serde::de::DeserializeOwned;

use super::field::{FieldValue, Sent};
use super::request::{HttpRequest, Method};
use super::route::{BodyInput, Input, QueryInput};
use super::schema::Described;
use super::validator::{Validate, Validator};
use super::{json, parameters};
use crate::core::Rule;
use crate::operations::ApiError;

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// An argument of a handler that is read from the request.
pub trait Extract: Sized {
    /// The parts of the request that are read.
    const INPUT: Input;

    /// Reads the argument. `None` means that the validator has recorded a violation.
    ///
    /// # Errors
    /// The request cannot be read at all.
    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError>;

    /// Adds the argument to the description of the API.
    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>);
}

/// A request type: it is read from the request and then validated.
pub trait RequestType: DeserializeOwned + Validate + Described {}

impl<T: DeserializeOwned + Validate + Described> RequestType for T {}

/// A JSON body. An empty body counts as `{}`, but not in a PUT: it would replace every field by its default.
pub struct JsonBody<T: Validate>(pub T::Valid);

impl<T: RequestType> Extract for JsonBody<T> {
    const INPUT: Input = Input { body: BodyInput::Json, query: QueryInput::Ignored };

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        if request.body.is_empty() && request.method == Method::Put {
            check.fail("body", "is required; {} gives every field its default");
            return Ok(None);
        }
        let valid = json::read::<T>(request)?.validate(check);
        if check.has_violations() && !request.body.is_empty() {
            // A text that is not JSON is reported as such, whatever else is wrong with it.
            json::check_syntax(std::str::from_utf8(request.body).unwrap_or_default())?;
        }
        Ok(valid.map(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.body::<T>(&["application/json"]);
    }
}

/// A form. Empty parameters count as absent (RFC 6749 §3.2).
pub struct FormBody<T: Validate>(pub T::Valid);

impl<T: RequestType> Extract for FormBody<T> {
    const INPUT: Input = Input { body: BodyInput::Form, query: QueryInput::Ignored };

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        Ok(read_form::<T>(request)?.validate(check).map(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.body::<T>(&[FORM]);
    }
}

/// A form or a JSON body, by the content type.
pub struct FormOrJsonBody<T: Validate>(pub T::Valid);

impl<T: RequestType> Extract for FormOrJsonBody<T> {
    const INPUT: Input = Input { body: BodyInput::FormOrJson, query: QueryInput::Ignored };

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        Ok(read_form_or_json::<T>(request)?.validate(check).map(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.body::<T>(&[FORM, "application/json"]);
    }
}

/// The parameters of the query. A parameter of the request type that comes twice is rejected.
pub struct Query<T: Validate>(pub T::Valid);

impl<T: RequestType> Extract for Query<T> {
    const INPUT: Input = Input { body: BodyInput::None, query: QueryInput::Parameters };

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        Ok(read_query::<T>(request)?.validate(check).map(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.query::<T>();
    }
}

/// The parameters of the query, each a list of the values that are not empty: a parameter may come more than once.
pub struct RepeatedQuery<T: Validate>(pub T::Valid);

impl<T: RequestType> Extract for RepeatedQuery<T> {
    const INPUT: Input = Query::<T>::INPUT;

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        let parameters = without_empty(parameters::split(request.query.as_bytes()));
        Ok(parameters::read_repeated::<T>("query", parameters)?.validate(check).map(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.query::<T>();
    }
}

/// The parameter of the path.
pub struct Path<T>(pub T);

impl<T: FieldValue + Described> Extract for Path<T> {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        Ok(param(request, 0, check)?.map(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.path_param::<T>(0);
    }
}

/// The two parameters of the path, in its order.
pub struct PathPair<T, U>(pub T, pub U);

impl<T: FieldValue + Described, U: FieldValue + Described> Extract for PathPair<T, U> {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        let values = (param(request, 0, check)?, param(request, 1, check)?);
        Ok(values.0.zip(values.1).map(|(first, second)| Self(first, second)))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.path_param::<T>(0);
        spec.path_param::<U>(1);
    }
}

/// The value of the header `if-none-match`.
pub struct IfNoneMatch(pub Option<String>);

impl Extract for IfNoneMatch {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, _: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        Ok(Some(Self(request.header("if-none-match"))))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.header(
            "If-None-Match",
            "The `ETag` of an earlier response. If nothing has changed since, the status is 304.",
        );
    }
}

/// A request to open a WebSocket.
pub struct WebSocketUpgrade;

impl Extract for WebSocketUpgrade {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        let upgrade = request.header("upgrade").unwrap_or_default();
        if upgrade.eq_ignore_ascii_case("websocket") || check.has_violations() {
            Ok(Some(Self))
        } else {
            Err(ApiError::UpgradeRequired)
        }
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.header("Upgrade", "Always `websocket`.");
    }
}

fn param<T: FieldValue>(
    request: &HttpRequest<'_>,
    index: usize,
    check: &mut Validator<'_>,
) -> Result<Option<T>, ApiError> {
    let (name, value) = request.params.get(index).ok_or(ApiError::Internal("the path has no such parameter"))?;
    Ok(check.parsed(name, T::check(Sent::Text(value.into()))))
}

/// Reads a form as a request type. Empty parameters count as absent.
///
/// # Errors
/// [`ApiError::UnsupportedMediaType`]; [`ApiError::Invalid`] if a parameter comes twice or is not known.
pub fn read_form<T: DeserializeOwned>(request: &HttpRequest<'_>) -> Result<T, ApiError> {
    if request.media_type().is_some_and(|essence| essence != FORM) {
        return Err(ApiError::UnsupportedMediaType);
    }
    parameters::read("body", without_empty(parameters::split(request.body)))
}

/// Reads a form or a JSON body as a request type, by the content type.
///
/// # Errors
/// Those of [`read_form`] and [`json::read`].
pub fn read_form_or_json<T: DeserializeOwned>(request: &HttpRequest<'_>) -> Result<T, ApiError> {
    if request.media_type().is_some_and(|essence| essence == FORM) { read_form(request) } else { json::read(request) }
}

/// Reads the query as a request type.
///
/// # Errors
/// [`ApiError::Invalid`] if a parameter comes twice or is not known.
pub fn read_query<T: DeserializeOwned>(request: &HttpRequest<'_>) -> Result<T, ApiError> {
    parameters::read("query", parameters::split(request.query.as_bytes()))
}

/// Fails if the query has a parameter.
///
/// # Errors
/// [`ApiError::Invalid`] with the parameter.
pub(super) fn reject_query(request: &HttpRequest<'_>) -> Result<(), ApiError> {
    let parameters = parameters::split(request.query.as_bytes());
    let Some((name, _)) = parameters.first() else {
        return Ok(());
    };
    Err(match json::shown(name) {
        Some(name) => ApiError::invalid(name, Rule::new("is not a parameter of this call")),
        None => ApiError::invalid("query", Rule::new("has a parameter that the call does not have")),
    })
}

fn without_empty(mut parameters: Vec<(String, String)>) -> Vec<(String, String)> {
    parameters.retain(|(_, value)| !value.is_empty());
    parameters
}
