//! The part of the authorization server that a browser sees: the authorize endpoint (RFC 6749 §4.1.1) and the consent page.
//! The operator's sign-in page stands between them.
//!
//! Answers are redirects, and pages as those of links. Nobody is authenticated, so the rate limit counts IP addresses.

mod browser;
mod consent;
mod error;
mod request;

use self::error::AuthorizationPages;
use super::error_format::ErrorFormat;
use super::operation::Tag;
use super::route::{Dialect, Route};
use crate::operations::Credentials;

/// The authorize endpoint and the consent page.
pub static DIALECT: Dialect = Dialect {
    name: "authorize",
    prefixes: &["/oauth/authorize", "/oauth/consent"],
    credentials: |_, _| Ok(Credentials::Token),
    errors: ErrorFormat::of::<AuthorizationPages>(),
    routes,
};

fn routes() -> Vec<Route> {
    vec![
        Route::get("/oauth/authorize", request::by_get).operation(|| request::BY_GET),
        Route::post("/oauth/authorize", request::by_post).operation(|| request::BY_POST),
        Route::get("/oauth/consent", consent::show).operation(|| consent::SHOW),
        Route::post("/oauth/consent", consent::answer).operation(|| consent::ANSWER),
    ]
}

/// The group of the pages.
const TAG: Tag = Tag {
    name: "Authorization pages",
    description: "The authorize endpoint and the consent page: HTML and redirects for a browser. Your sign-in page (`LOGIN_URL`) \
        and the calls of `/v1/authorizations` stand between them.",
};
