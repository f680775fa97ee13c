//! What the core promises, run natively: tables, properties, and formats that may not change by accident.
//!
//! `cargo test --no-default-features --test core`

// The lints of the crate keep panics out of the Worker; a test is made to panic, and so is what it is built from.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod dialects;
mod kit;
mod model;
mod vectors;

mod access;
mod consent;
mod escalation;
mod formats;
mod grants;
mod handles;
mod history;
mod json;
mod page;
mod promises;
mod readme;
mod retries;
mod sequences;
mod standing;
mod steps;
mod sweep;
mod telling;
mod tickets;
mod user_revoke;
mod words;
