//! Connection tokens and connections at the edge: issue, check, consume and revoke.

pub mod browser;
pub mod core;
