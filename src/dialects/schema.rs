//! The bound on types that the API description shows.
//!
//! With the feature `openapi`, [`Schema`] is [`schemars::JsonSchema`]. Without it every type has one, so nothing of schemars
//! is in the Worker.

#[cfg(feature = "openapi")]
pub use schemars::JsonSchema as Schema;

/// A type that the API description shows.
#[cfg(not(feature = "openapi"))]
pub trait Schema {}

#[cfg(not(feature = "openapi"))]
impl<T> Schema for T {}
