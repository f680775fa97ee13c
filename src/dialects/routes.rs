//! The routing table: every dialect's calls, by path.

use super::call::decode_segment;
use super::{ALL, Dialect, Failure, Identify, Method, Refuse, Route, native};

/// The call that a request is for.
#[derive(Debug)]
pub struct Found {
    /// Whose call it is.
    pub dialect: &'static Dialect,
    /// The call.
    pub route: &'static Route,
    /// The parameters of the path, percent-decoded.
    pub parameters: Vec<(&'static str, String)>,
}

impl Found {
    /// How the call finds out who makes the request.
    #[must_use]
    pub fn identify(&self) -> Identify {
        self.route.identify.unwrap_or(self.dialect.identify)
    }

    /// How the call writes a failure.
    #[must_use]
    pub fn refuse(&self) -> Refuse {
        refuse(self.dialect, self.route)
    }
}

fn refuse(dialect: &Dialect, route: &Route) -> Refuse {
    route.refuse.unwrap_or(dialect.refuse)
}

/// Finds the call for a request; a path is as it came, percent-encoded. The first template that it is of the form of is
/// its own: one that says more stands before one that says less.
///
/// # Errors
/// That there is none, and in whose words to say so.
pub fn find(method: Option<Method>, path: &str) -> Result<Found, (Refuse, Failure)> {
    let mut elsewhere: Option<(&Dialect, &Route)> = None;
    let mut allow = String::new();
    for dialect in ALL {
        for route in dialect.routes.iter().filter(|route| matches(route.path, path)) {
            if elsewhere.is_some_and(|(_, first)| first.path != route.path) {
                continue;
            }
            if Some(route.method) == method {
                let parameters = parameters(route.path, path).map_err(|failure| (refuse(dialect, route), failure))?;
                return Ok(Found { dialect, route, parameters });
            }
            elsewhere = elsewhere.or(Some((dialect, route)));
            allow.push_str(if allow.is_empty() { "" } else { ", " });
            allow.push_str(route.method.allow());
        }
    }
    Err(match elsewhere {
        Some((dialect, route)) => (refuse(dialect, route), Failure::MethodNotAllowed { allow: allow.into() }),
        None => (owner(path).refuse, Failure::NotFound),
    })
}

/// Whether there is a call at this path that pages of other origins may make, too.
#[must_use]
pub fn is_shared(path: &str) -> bool {
    ALL.iter().flat_map(|dialect| dialect.routes).any(|route| route.shared && matches(route.path, path))
}

/// Whether a path is of a template's form. A parameter stands for one segment, and not for an empty one.
fn matches(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fits = template.split('/').all(|wanted| match segments.next() {
        Some(segment) if name(wanted).is_some() => !segment.is_empty(),
        segment => segment == Some(wanted),
    });
    fits && segments.next().is_none()
}

/// The parameters of a path that is of the template's form.
fn parameters(template: &'static str, path: &str) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut parameters = Vec::new();
    for (wanted, segment) in template.split('/').zip(path.split('/')) {
        if let Some(name) = name(wanted) {
            parameters.push((name, decode_segment(name, segment)?));
        }
    }
    Ok(parameters)
}

/// The name of a parameter, where a segment of a template is one: `{name}`.
fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Whose words to use at a path that nobody knows.
fn owner(path: &str) -> &'static Dialect {
    let owns = |dialect: &&&'static Dialect| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix));
    ALL.iter().find(owns).copied().unwrap_or(&native::DIALECT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_every_dialect_is_found() {
        for dialect in ALL {
            for route in dialect.routes {
                let path = route.path.replace(['{', '}'], "");
                let found = find(Some(route.method), &path).map(|found| (found.dialect.name, found.route.path));
                assert_eq!(found.ok(), Some((dialect.name, route.path)));
            }
        }
    }

    #[test]
    fn a_path_that_says_more_is_its_own() {
        let of = |method| find(Some(method), "/api/v3.1/connected_accounts/link").map(|found| found.route.path);
        assert_eq!(of(Method::Post).ok(), Some("/api/v3.1/connected_accounts/link"));
        let allow = "POST".into();
        assert_eq!(of(Method::Get).map_err(|(_, failure)| failure), Err(Failure::MethodNotAllowed { allow }));
    }

    #[test]
    fn a_parameter_is_one_segment() {
        assert!(matches("/v1/users/{user_id}", "/v1/users/a%2Fb"));
        for path in ["/v1/users/", "/v1/users", "/v1/users/a/", "/v1/users/a/b", "v1/users/a", "//v1/users/a"] {
            assert!(!matches("/v1/users/{user_id}", path), "{path}");
        }
    }
}
