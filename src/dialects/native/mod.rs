//! The native API: JSON, `Authorization: Bearer`, and errors as problems of RFC 9457.

mod api_keys;
mod apps;
mod called_url;
mod connection_response;
mod connections;
mod events;
mod list;
mod problem;
mod provider_call;
mod providers;
mod redirect_uri;
mod revocations;
mod service;
mod sign_in;
mod status;
mod tokens;
mod upstream;
mod users;
mod verdict;
mod webhooks;

use self::problem::Problems;
use super::error_format::ErrorFormat;
use super::operation::{Security, SecurityPlace};
use super::route::{Dialect, Route};
use crate::operations::{Credentials, Secret};

/// The native API. Paths that no dialect owns are its own.
pub static DIALECT: Dialect = Dialect {
    name: "native",
    prefixes: &[],
    credentials: |request, _| Ok(request.bearer().map_or(Credentials::Missing, |key| Credentials::Key(Secret(key)))),
    errors: ErrorFormat::of::<Problems>(),
    routes,
};

/// The way to authenticate in the native API.
const BEARER: Security = Security {
    name: "bearer",
    place: SecurityPlace::Bearer,
    description: "An API key (`hak_` and 48 hex digits), or the root key of the deployment.",
};

fn routes() -> Vec<Route> {
    let routes = [
        users::routes(),
        tokens::routes(),
        api_keys::routes(),
        apps::routes(),
        connections::routes(),
        revocations::routes(),
        providers::routes(),
        webhooks::routes(),
        status::routes(),
        sign_in::routes(),
    ];
    // The parameters of native calls are known, so an unknown one is a mistake of the caller.
    routes.into_iter().flatten().map(Route::reject_query).chain(service::routes()).collect()
}
