//! What a page may know of a handle and a status, and how it says so to people: the core of the npm package.
//!
//! No secret, no clock and no network: a handle is told by its form, a status is computed from what was read, and the
//! time comes in as an argument. `exports` (feature `browser`) is the border to JavaScript; all else is pure.

#[cfg(feature = "browser")]
mod border;
#[cfg(feature = "browser")]
mod exports;
pub mod locale;
mod phrases;
pub mod words;

#[cfg(feature = "browser")]
pub use exports::{describe, handle_kind, parse_handle, status_at};
