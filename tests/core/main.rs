//! The promises of the core, tested natively: tables, properties, and formats that must not change by accident.
//!
//! `cargo test --no-default-features --test core`

// The lints of the crate keep panics out of the Worker. A test panics when it fails.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod events;
mod history;
mod kit;
mod ledger;
mod observed;
mod promises;
mod steps;
mod vectors;

mod access;
mod connections;
mod docs;
mod escalation;
mod formats;
mod grants;
mod handles;
mod json;
mod link;
mod permissions;
mod registries;
mod retries;
mod revocations;
mod sequences;
mod status_snapshot;
mod status_words;
mod string_enum;
mod sweep;
mod tickets;
mod token_state;
mod user_revoke;
