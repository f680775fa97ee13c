//! Typed results of handlers, which become responses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::response::HttpResponse;
use super::schema::Described;
use crate::core::decide::PutEffect;

/// The characters that are not unreserved in a URI (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The result of a handler.
pub trait Respond {
    /// The response.
    fn respond(self) -> HttpResponse;

    /// Adds the responses to the description of the API.
    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>);
}

/// Any response. The route describes it.
impl Respond for HttpResponse {
    fn respond(self) -> HttpResponse {
        self
    }

    #[cfg(feature = "openapi")]
    fn describe(_: &mut super::describe::Spec<'_>) {}
}

/// 200 with a JSON body.
pub struct Body<T>(pub T);

impl<T: Serialize + Described> Respond for Body<T> {
    fn respond(self) -> HttpResponse {
        HttpResponse::json(200, &self.0)
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.response::<T>(200, "The result.");
    }
}

/// An empty JSON object, as a body or in one.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EmptyObject {}

/// 201 with a JSON body, for a resource that has no URL of its own or is shown only once.
pub struct CreatedBody<T>(pub T);

impl<T: Serialize + Described> Respond for CreatedBody<T> {
    fn respond(self) -> HttpResponse {
        HttpResponse::json(201, &self.0)
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.response::<T>(201, "Created.");
    }
}

/// 201 with a JSON body and the path of the resource in `Location`.
pub struct CreatedAt<T> {
    /// The path of the new resource.
    pub location: Location,
    /// The body of the answer.
    pub body: T,
}

impl<T: Serialize + Described> Respond for CreatedAt<T> {
    fn respond(self) -> HttpResponse {
        HttpResponse::json(201, &self.body).with("location", self.location.0)
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.response::<T>(201, "Created.");
        spec.response_header(201, "Location", "The path of the resource.");
    }
}

/// 202 with a JSON body and the path of the job in `Location`.
pub struct AcceptedAt<T> {
    /// The path of the job.
    pub location: Location,
    /// The body of the answer.
    pub body: T,
}

impl<T: Serialize + Described> Respond for AcceptedAt<T> {
    fn respond(self) -> HttpResponse {
        HttpResponse::json(202, &self.body).with("location", self.location.0)
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.response::<T>(202, "The job begins.");
        spec.response_header(202, "Location", "The path of the job.");
    }
}

/// The result of a PUT: 201 with `Location` if the resource was created, 200 if it was replaced.
pub enum CreatedOrReplaced<T> {
    /// The resource was created.
    Created(CreatedAt<T>),
    /// The resource was there before.
    Replaced(T),
}

impl<T> CreatedOrReplaced<T> {
    /// The result with the effect of the PUT.
    pub fn of(effect: PutEffect, location: Location, body: T) -> Self {
        match effect {
            PutEffect::Created => Self::Created(CreatedAt { location, body }),
            PutEffect::Kept => Self::Replaced(body),
        }
    }
}

impl<T: Serialize + Described> Respond for CreatedOrReplaced<T> {
    fn respond(self) -> HttpResponse {
        match self {
            Self::Created(created) => created.respond(),
            Self::Replaced(body) => HttpResponse::json(200, &body),
        }
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.response::<T>(200, "Replaced.");
        CreatedAt::<T>::describe(spec);
    }
}

/// 204 without a body.
pub struct NoContent;

impl Respond for NoContent {
    fn respond(self) -> HttpResponse {
        HttpResponse::empty(204)
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.empty_response(204, "Done.");
    }
}

/// The path of a resource: a prefix, and an id that is percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(String);

impl Location {
    /// The path `{prefix}{id}`.
    ///
    /// ```
    /// use hookswitch::dialects::respond::Location;
    /// assert_eq!(Location::new("/v1/users/", "a/b").as_str(), "/v1/users/a%2Fb");
    /// ```
    #[must_use]
    pub fn new(prefix: &str, id: &str) -> Self {
        Self(format!("{prefix}{}", utf8_percent_encode(id, RESERVED)))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
