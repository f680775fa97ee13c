//! The bound on types that the API description shows.
//!
//! With the feature `openapi`, [`Described`] is `schemars::JsonSchema`. Without it every type has one, so nothing of schemars
//! is in the Worker.

#[cfg(feature = "openapi")]
pub use schemars::JsonSchema as Described;

/// A type that the API description shows.
#[cfg(not(feature = "openapi"))]
pub trait Described {}

#[cfg(not(feature = "openapi"))]
impl<T> Described for T {}
