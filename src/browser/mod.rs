//! The core of the npm package: the form of handles, and statuses in words.
//!
//! There is no secret, clock or network here. A handle is recognised by its form, a status is computed from one that was
//! read before, and the caller passes the time. The border to JavaScript is the module `exports` (feature `browser`);
//! everything else is pure.
//!
//! ```
//! use hookswitch::browser::{locale::Locale, words};
//! use hookswitch::core::{ConnectionStatus, status_snapshot::StatusKind};
//!
//! let words = words::describe(StatusKind::Connection(ConnectionStatus::Active), Locale::En);
//! assert_eq!(words.label, "Connected");
//! ```

#[cfg(feature = "browser")]
mod border;
#[cfg(feature = "browser")]
mod exports;
pub mod locale;
mod phrases;
pub mod words;

#[cfg(feature = "browser")]
pub use exports::{describe, handle_kind, parse_handle, status_at};
