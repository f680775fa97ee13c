//! The edge: the Worker's fetch handler, from a request to its response.
//!
//! The edge routes, reads the body, authenticates, limits and logs. The handler interprets the request
//! ([`crate::dialects`]), and the ledger decides what is allowed.
//!
//! `entry.js` is the JavaScript entry point of the Worker.

#[cfg(feature = "worker")]
mod config;
mod cors;
#[cfg(feature = "worker")]
mod fetch;
mod idempotency;
mod log;
#[cfg(feature = "worker")]
mod rate_limit;
#[cfg(feature = "worker")]
mod request;
#[cfg(feature = "worker")]
mod response;
mod url;
