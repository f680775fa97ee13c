//! Dialects over ledgers in memory, end to end: a request goes in, its response comes out.
//!
//! `cargo test --no-default-features --features in-memory --test dialects`

// The lints of the crate keep panics out of the Worker. A test may panic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod authority;
mod composio;
mod composio_list;
mod connectable;
mod errors;
mod flinks;
mod hostile;
mod kit;
mod link_page;
mod messages;
mod native;
mod oauth;
mod partoo;
mod routes;
mod spellings;
mod stytch;
