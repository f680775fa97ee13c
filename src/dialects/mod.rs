//! Dialects: the APIs of vendors and standards, and our own.
//!
//! A dialect is a list of [`route::Route`]s, a way to find credentials and a way to write errors. A handler parses the
//! request with its extractors, calls one operation and renders the result. A dialect decides nothing and does no I/O of
//! its own, so it runs natively over in-memory ledgers.
//!
//! To add a vendor, write one file with its [`route::Dialect`] as `DIALECT` and add its name to the list below.
//!
//! ```
//! use hookswitch::dialects::request::Method;
//! use hookswitch::dialects::router::Router;
//!
//! let found = Router::get().find(Some(Method::Get), "/v1/users/anna").ok().unwrap();
//! assert_eq!((found.dialect.name, found.route.path), ("native", "/v1/users/{user_id}"));
//! ```

#[cfg(feature = "openapi")]
pub mod describe;
pub mod error_format;
pub mod extract;
pub mod field;
#[cfg(feature = "openapi")]
mod field_schema;
pub mod field_types;
pub mod handler;
pub mod html;
pub mod json;
pub mod operation;
pub mod parameters;
pub mod problem_types;
pub mod request;
pub mod respond;
pub mod response;
pub mod route;
pub mod router;
pub mod schema;
pub mod validator;

/// Declares the module of each dialect and lists it in [`ALL`].
macro_rules! dialects {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// Every dialect. The first one answers paths that belong to none.
        pub static ALL: &[&route::Dialect] = &[$(&$name::DIALECT),+];
    };
}

dialects! {
    native,
    oauth,
    partoo,
    flinks,
    stytch,
    composio,
    link_page,
}
