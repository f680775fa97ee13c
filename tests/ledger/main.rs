//! Ledgers on SQLite in memory: what they store, what it costs, and what two neighbouring versions make of it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails may panic"
)]

mod bounds;
mod cost;
mod delivery;
mod expiry;
mod growth;
mod kit;
mod platform;
mod retention;
mod sign_in;
mod versions;
