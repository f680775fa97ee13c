//! The routing table: every dialect's calls, by path.

use matchit::{Params, Router};

use crate::dialects::call::decode_segment;
use crate::dialects::{ALL, Dialect, Failure, Method, Route};

/// The calls at one path, all of one dialect.
struct Place {
    dialect: &'static Dialect,
    routes: Vec<&'static Route>,
}

thread_local! {
    static ROUTER: Router<Place> = router();
}

fn router() -> Router<Place> {
    let mut router = Router::new();
    for dialect in ALL {
        for route in dialect.routes {
            let shares_path = |other: &&'static Route| other.path == route.path;
            let here = dialect.routes.iter().filter(shares_path).collect();
            // A path that was inserted with its first route is there already.
            let _ = router.insert(route.path, Place { dialect, routes: here });
        }
    }
    router
}

/// The call that a request is for.
pub(super) struct Found {
    pub(super) dialect: &'static Dialect,
    pub(super) route: &'static Route,
    parameters: Vec<(String, String)>,
}

impl Found {
    /// The parameters of the path, percent-decoded.
    pub(super) fn parameters(&self) -> Result<Vec<(String, String)>, Failure> {
        let decode = |(name, raw): &(String, String)| Ok((name.clone(), decode_segment(raw)?));
        self.parameters.iter().map(decode).collect()
    }
}

/// Finds the call for a request, or whose failure it is that there is none.
pub(super) fn find(method: Option<Method>, path: &str) -> Result<Found, (&'static Dialect, Failure)> {
    ROUTER.with(|router| {
        let Ok(matched) = router.at(path) else {
            return Err((owner(path), Failure::NotFound));
        };
        let Place { dialect, routes } = matched.value;
        let Some(route) = routes.iter().find(|route| Some(route.method) == method) else {
            let allow: Vec<_> = routes.iter().map(|route| route.method.allow()).collect();
            return Err((dialect, Failure::MethodNotAllowed { allow: allow.join(", ") }));
        };
        Ok(Found { dialect, route, parameters: owned(&matched.params) })
    })
}

fn owned(parameters: &Params) -> Vec<(String, String)> {
    parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Whose words to use at a path that nobody knows.
fn owner(path: &str) -> &'static Dialect {
    let owns = |dialect: &&&'static Dialect| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix));
    ALL.iter().find(owns).copied().unwrap_or(&crate::dialects::native::DIALECT)
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
}
