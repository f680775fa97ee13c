//! Connection tokens and connections at the edge: issue, check, consume and revoke.

pub mod core;
pub mod operations;
pub mod upstream;
