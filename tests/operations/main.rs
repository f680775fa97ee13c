//! Operations over ledgers in memory, end to end.
//!
//! `cargo test --no-default-features --features in-memory --test operations`

// The lints of the crate keep panics out of the Worker. A test may panic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod connections;
mod kit;
mod leases;
mod oauth;
mod tokens;
mod users;
mod verdicts;
mod webhooks;
