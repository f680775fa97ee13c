//! Connection tokens and connections at the edge: issue, check, consume and revoke.

pub mod browser;
pub mod core;
pub mod dialects;
#[cfg(any(feature = "worker", test))]
mod edge;
pub mod ledger;
pub mod operations;
#[cfg(any(feature = "worker", test))]
pub(crate) mod platform;
pub mod upstream;

#[cfg(feature = "panic-test")]
pub mod panic_test;
