//! Connection tokens and connections at the edge: issued, checked, consumed exactly once, revoked for good.
//!
//! One way through, and the map of this crate:
//!
//! ```text
//! request ─ dialect ─ authenticate ─ route ─ ledger: authorize → decide → commit ─ dialect ─ response
//!            parse     principal      by user         one transaction                 render
//! ```
//!
//! - [`core`]: what is true of tokens, users and connections. Pure: no clock, no randomness, no I/O.
//! - [`dialects`]: one vendor's API each; a dialect parses a request into an [`dialects::Ask`], mostly a
//!   [`core::Command`], and renders the [`core::Outcome`]. It decides nothing.
//! - [`upstream`]: what is asked of providers, to revoke what they granted, and what their answers mean; pure, but for
//!   the two files that ask them and send webhooks (feature `worker`).
//! - `ledger` (feature `worker`): the Durable Object that holds everything about one user, and the only place
//!   where a state changes.
//! - `edge` (feature `worker`): the Worker's fetch handler: routing, authentication, where a verdict comes from.
//! - `platform` (feature `worker`): what Cloudflare gives to both: calls between them, KV, sealing, HTTP, the clock.
//! - [`browser`]: what the npm package says of a handle and a status, in four languages; pure, but for the wasm-bindgen
//!   exports (feature `browser`).

pub mod browser;
pub mod core;
pub mod dialects;
pub mod upstream;

#[cfg(feature = "worker")]
pub mod edge;
#[cfg(feature = "worker")]
pub mod ledger;
#[cfg(feature = "worker")]
pub(crate) mod platform;

#[cfg(feature = "panic-test")]
pub mod panic_test;
