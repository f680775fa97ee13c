//! Dialects and their routes.
//!
//! ```
//! use hookswitch::dialects::route::{BodyInput, Input};
//!
//! assert!(!Input::NOTHING.has_body());
//! assert!(Input { body: BodyInput::Json, ..Input::NOTHING }.has_body());
//! ```

use std::marker::PhantomData;

use super::error_format::{ErrorFormat, RenderErrors};
use super::extract::reject_query;
use super::handler::{AnyHandler, Handler, ResponseFuture, Typed};
use super::operation::Operation;
use super::request::{HttpRequest, Method};
use crate::operations::{ApiError, Config, Context, Credentials};

/// Finds the credentials of a request. Nothing is looked up.
pub type FindCredentials = fn(&HttpRequest<'_>, &Config) -> Result<Credentials, ApiError>;

/// The API of one vendor, or of one standard.
pub struct Dialect {
    /// The name of the dialect in logs.
    pub name: &'static str,
    /// The beginnings of the paths that belong to the dialect, also where it has no route.
    pub prefixes: &'static [&'static str],
    /// Finds the credentials of a request, unless the route has its own way.
    pub credentials: FindCredentials,
    /// How errors are written, unless the route has its own way.
    pub errors: ErrorFormat,
    /// The routes of the dialect.
    pub routes: fn() -> Vec<Route>,
}

/// The body that a route reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyInput {
    /// None: a body that is sent is ignored.
    None,
    /// A body of JSON.
    Json,
    /// A body in the form of a web page.
    Form,
    /// A form or JSON.
    FormOrJson,
}

/// The query that a route reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryInput {
    /// Parameters are ignored.
    Ignored,
    /// Parameters are rejected.
    Rejected,
    /// The route has parameters.
    Parameters,
}

/// The parts of a request that a route reads. The extractors of its handler declare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The body. The edge reads it exactly if this is not [`BodyInput::None`], whatever the method.
    pub body: BodyInput,
    /// The parameters of the query.
    pub query: QueryInput,
}

impl Input {
    /// Neither body nor query.
    pub const NOTHING: Self = Self { body: BodyInput::None, query: QueryInput::Ignored };

    /// The inputs of two extractors together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let body = if matches!(self.body, BodyInput::None) { other.body } else { self.body };
        let query = if matches!(self.query, QueryInput::Ignored) { other.query } else { self.query };
        Self { body, query }
    }

    /// Whether the route reads neither body nor query. The answer is the same for everybody then.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        matches!(self, Self::NOTHING)
    }

    /// Whether the route reads the body.
    #[must_use]
    pub const fn has_body(self) -> bool {
        !matches!(self.body, BodyInput::None)
    }
}

/// One call of a dialect.
pub struct Route {
    /// The method of the call.
    pub method: Method,
    /// The path, with `{name}` for a segment that is a parameter.
    pub path: &'static str,
    /// The parts of the request that the route reads.
    pub input: Input,
    /// Finds the credentials of a request, if not as the dialect does.
    pub credentials: Option<FindCredentials>,
    /// How errors are written, if not as the dialect does.
    pub errors: Option<ErrorFormat>,
    /// Whether pages of the origins in `CORS_ORIGINS` may call the route.
    pub cors: bool,
    /// Whether the route changes nothing. Such requests are not logged by default.
    pub is_read: bool,
    handler: Box<dyn AnyHandler>,
    /// The documentation of the call.
    #[cfg(feature = "openapi")]
    pub operation: fn() -> Operation,
    /// Describes the types of the call.
    #[cfg(feature = "openapi")]
    pub describe: fn(&mut super::describe::Spec<'_>),
}

impl Route {
    fn new<Args: 'static, H: Handler<Args>>(method: Method, path: &'static str, handler: H) -> Self {
        Self {
            method,
            path,
            input: H::INPUT,
            credentials: None,
            errors: None,
            cors: false,
            is_read: matches!(method, Method::Get),
            handler: Box::new(Typed(handler, PhantomData)),
            #[cfg(feature = "openapi")]
            operation: || Operation::UNDOCUMENTED,
            #[cfg(feature = "openapi")]
            describe: H::describe,
        }
    }

    /// A call that reads.
    #[must_use]
    pub fn get<Args: 'static>(path: &'static str, handler: impl Handler<Args>) -> Self {
        Self::new(Method::Get, path, handler)
    }

    /// A call that creates or changes.
    #[must_use]
    pub fn post<Args: 'static>(path: &'static str, handler: impl Handler<Args>) -> Self {
        Self::new(Method::Post, path, handler)
    }

    /// A call that creates or replaces.
    #[must_use]
    pub fn put<Args: 'static>(path: &'static str, handler: impl Handler<Args>) -> Self {
        Self::new(Method::Put, path, handler)
    }

    /// A call that deletes.
    #[must_use]
    pub fn delete<Args: 'static>(path: &'static str, handler: impl Handler<Args>) -> Self {
        Self::new(Method::Delete, path, handler)
    }

    /// A call that changes a part.
    #[must_use]
    pub fn patch<Args: 'static>(path: &'static str, handler: impl Handler<Args>) -> Self {
        Self::new(Method::Patch, path, handler)
    }

    /// Gives the route its own way to find credentials.
    #[must_use]
    pub fn credentials(mut self, credentials: FindCredentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Opens the route to everybody.
    #[must_use]
    pub fn public(self) -> Self {
        self.credentials(|_, _| Ok(Credentials::Public))
    }

    /// Gives the route its own way to write errors.
    #[must_use]
    pub fn errors<T: RenderErrors>(mut self) -> Self {
        self.errors = Some(ErrorFormat::of::<T>());
        self
    }

    /// Opens the route to pages of the origins in `CORS_ORIGINS`.
    #[must_use]
    pub fn cors(mut self) -> Self {
        self.cors = true;
        self
    }

    /// Marks a POST that changes nothing.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.is_read = true;
        self
    }

    /// Rejects parameters in the query, unless the handler reads the query.
    #[must_use]
    pub fn reject_query(mut self) -> Self {
        if self.input.query == QueryInput::Ignored {
            self.input.query = QueryInput::Rejected;
        }
        self
    }

    /// Documents the route. The texts are not in the Worker: without the feature `openapi` the function is never called.
    #[must_use]
    #[cfg_attr(not(feature = "openapi"), expect(unused_mut, unused_variables, reason = "nothing is documented"))]
    pub fn operation(mut self, operation: fn() -> Operation) -> Self {
        #[cfg(feature = "openapi")]
        {
            self.operation = operation;
        }
        self
    }

    /// Answers a request.
    #[must_use]
    pub fn handle<'a>(&'a self, cx: &'a Context<'a>, request: &'a HttpRequest<'a>) -> ResponseFuture<'a> {
        if self.input.query == QueryInput::Rejected
            && let Err(error) = reject_query(request)
        {
            return Box::pin(std::future::ready(Err(error)));
        }
        self.handler.call(cx, request)
    }
}
