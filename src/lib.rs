//! Connection tokens and connections at the edge: issue, check, consume and revoke.

pub mod browser;
pub mod core;
pub mod dialects;
#[cfg(any(feature = "worker", test))]
#[cfg_attr(not(feature = "worker"), allow(dead_code, reason = "native tests use a part of it"))]
mod edge;
pub mod ledger;
pub mod operations;
#[cfg(any(feature = "worker", test))]
#[cfg_attr(not(feature = "worker"), allow(dead_code, reason = "native tests use a part of it"))]
pub(crate) mod platform;
pub mod upstream;

#[cfg(feature = "panic-test")]
pub mod panic_test;
