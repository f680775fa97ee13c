//! The router: from method and path to the route of a dialect.
//!
//! ```
//! use hookswitch::dialects::request::Method;
//! use hookswitch::dialects::router::Router;
//!
//! let found = Router::get().find(Some(Method::Post), "/oauth/token").ok().unwrap();
//! assert_eq!(found.dialect.name, "oauth");
//! assert!(Router::get().find(Some(Method::Get), "/v1/nothing").is_err());
//! ```

use std::sync::OnceLock;

use super::error_format::ErrorContext;
use super::request::{Method, PathParams, decode_segment};
use super::response::HttpResponse;
use super::route::{Dialect, FindCredentials, Route};
use crate::core::Rule;
use crate::operations::ApiError;

/// The routes of all dialects.
pub struct Router {
    dialects: &'static [&'static Dialect],
    paths: matchit::Router<Vec<Target>>,
}

/// A route with its dialect.
struct Target {
    dialect: &'static Dialect,
    route: Route,
}

/// The route of a request.
pub struct Found<'r> {
    /// The dialect of the route.
    pub dialect: &'static Dialect,
    /// The route that was found.
    pub route: &'r Route,
    /// The parameters of the path, percent-decoded.
    pub params: PathParams,
}

impl Found<'_> {
    /// How the route finds credentials.
    #[must_use]
    pub fn credentials(&self) -> FindCredentials {
        self.route.credentials.unwrap_or(self.dialect.credentials)
    }

    /// Writes an error of the route.
    #[must_use]
    pub fn render_error(&self, error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        render_error(self.dialect, Some(self.route), error, context)
    }
}

/// A request that has no route.
pub struct NoRoute<'r> {
    /// The dialect that the path belongs to.
    pub dialect: &'static Dialect,
    /// Why there is no route: [`ApiError::NoSuchPath`], [`ApiError::MethodNotAllowed`] or a parameter that cannot be decoded.
    pub error: ApiError,
    /// Whether pages of the origins in `CORS_ORIGINS` may call a route with this path.
    pub cors: bool,
    route: Option<&'r Route>,
}

impl NoRoute<'_> {
    /// Writes the error.
    #[must_use]
    pub fn render_error(&self, context: &ErrorContext<'_>) -> HttpResponse {
        render_error(self.dialect, self.route, &self.error, context)
    }
}

fn render_error(
    dialect: &Dialect,
    route: Option<&Route>,
    error: &ApiError,
    context: &ErrorContext<'_>,
) -> HttpResponse {
    let format = route.and_then(|route| route.errors).unwrap_or(dialect.errors);
    (format.render)(error, context)
}

impl Router {
    /// The router of all dialects. It is built once.
    pub fn get() -> &'static Self {
        static ROUTER: OnceLock<Router> = OnceLock::new();
        ROUTER.get_or_init(|| Self::new(super::ALL))
    }

    /// A router of these dialects. The first one answers paths that belong to none.
    ///
    /// If two templates differ only in the names of their parameters, the second one is left out; a test finds such routes.
    #[must_use]
    pub fn new(dialects: &'static [&'static Dialect]) -> Self {
        let mut templates: Vec<(&'static str, Vec<Target>)> = Vec::new();
        for &dialect in dialects {
            for route in (dialect.routes)() {
                let path = route.path;
                let target = Target { dialect, route };
                match templates.iter_mut().find(|(template, _)| *template == path) {
                    Some((_, targets)) => targets.push(target),
                    None => templates.push((path, vec![target])),
                }
            }
        }
        let mut paths = matchit::Router::new();
        for (template, targets) in templates {
            let _ = paths.insert(template, targets);
        }
        Self { dialects, paths }
    }

    /// Finds the route of a request. The path is as it was sent: percent-encoded. A literal segment goes before a parameter,
    /// and a parameter stands for one segment that is not empty.
    ///
    /// # Errors
    /// The request has no route.
    pub fn find(&self, method: Option<Method>, path: &str) -> Result<Found<'_>, NoRoute<'_>> {
        let Ok(matched) = self.paths.at(path) else {
            return Err(NoRoute { dialect: self.owner(path), error: ApiError::NoSuchPath, cors: false, route: None });
        };
        let targets = matched.value;
        let cors = targets.iter().any(|target| target.route.cors);
        let no_route = |target: &'_ Target, error| NoRoute { dialect: target.dialect, error, cors, route: None };
        if let Some(target) = targets.iter().find(|target| Some(target.route.method) == method) {
            return match decode(target.route.path, path) {
                Ok(params) => Ok(Found { dialect: target.dialect, route: &target.route, params }),
                Err(error) => Err(NoRoute { route: Some(&target.route), ..no_route(target, error) }),
            };
        }
        let allow: Vec<&str> = targets.iter().map(|target| target.route.method.allow()).collect();
        let error = ApiError::MethodNotAllowed { allow: allow.join(", ") };
        match targets.first() {
            Some(target) => Err(NoRoute { route: Some(&target.route), ..no_route(target, error) }),
            None => Err(NoRoute { dialect: self.owner(path), error: ApiError::NoSuchPath, cors, route: None }),
        }
    }

    /// Every route with its dialect.
    pub fn routes(&self) -> impl Iterator<Item = (&'static Dialect, Route)> {
        self.dialects.iter().flat_map(|dialect| (dialect.routes)().into_iter().map(|route| (*dialect, route)))
    }

    /// The dialect that a path belongs to.
    fn owner(&self, path: &str) -> &'static Dialect {
        let owns = |dialect: &&&'static Dialect| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix));
        let first = self.dialects.first().copied().unwrap_or(&super::native::DIALECT);
        self.dialects.iter().find(owns).copied().unwrap_or(first)
    }
}

/// The parameters of a path that fits the template.
fn decode(template: &'static str, path: &str) -> Result<PathParams, ApiError> {
    let mut params = PathParams::new();
    for (wanted, segment) in template.split('/').zip(path.split('/')) {
        if let Some(name) = wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            let value = decode_segment(segment);
            let value = value.ok_or_else(|| ApiError::invalid(name, Rule::new("must be percent-encoded UTF-8")))?;
            params.push((name, value));
        }
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_every_dialect_is_found() {
        let router = Router::get();
        for (dialect, route) in router.routes() {
            let path = route.path.replace(['{', '}'], "");
            let found = router.find(Some(route.method), &path).map(|found| (found.dialect.name, found.route.path));
            assert_eq!(found.ok(), Some((dialect.name, route.path)));
        }
    }

    #[test]
    fn a_parameter_is_one_segment_that_is_not_empty() {
        let router = Router::get();
        let found = router.find(Some(Method::Get), "/v1/users/a%2Fb").ok().map(|found| found.params);
        assert_eq!(found, Some(vec![("user_id", "a/b".to_owned())]));
        for path in ["/v1/users/", "/v1/users/a/", "/v1/users/a/b", "v1/users/a", "//v1/users/a", "/V1/users/a"] {
            let error = router.find(Some(Method::Get), path).err().map(|no_route| no_route.error);
            assert_eq!(error, Some(ApiError::NoSuchPath), "{path}");
        }
        let error = router.find(Some(Method::Get), "/v1/users/%ff").err().map(|no_route| no_route.error);
        assert_eq!(error.unwrap().to_string(), "`user_id` must be percent-encoded UTF-8");
    }

    #[test]
    fn a_path_without_the_method_lists_its_methods() {
        let error = Router::get().find(Some(Method::Delete), "/v1/users/a").err().map(|no_route| no_route.error);
        assert_eq!(error, Some(ApiError::MethodNotAllowed { allow: "PUT, GET, HEAD".to_owned() }));
    }
}
