//! Hookswitch: connection tokens and connections at the edge. It issues, checks, consumes and revokes them.
//!
//! This crate is a Cloudflare Worker (feature `worker`, the default) and the core of an npm package (feature `browser`).
//! Without features it is plain Rust that runs anywhere.
//!
//! # The way of a request
//!
//! ```text
//! request → edge → dialect (parse) → operation → ledger: read → decide → write → dialect (render) → response
//! ```
//!
//! | Module | Subject |
//! | --- | --- |
//! | [`core`] | tokens, connections, users, apps, access rules, statuses, and the decisions on commands. Pure. |
//! | [`ledger`] | the Durable Object classes: schema, reads, writes, alarm jobs |
//! | [`operations`] | one typed async function for each thing that a request can do |
//! | [`dialects`] | the APIs: the native one, OAuth, Partoo, Flinks, Stytch, Composio, and the link page |
//! | [`upstream`] | providers as data, and the requests that revoke credentials there; webhooks |
//! | [`browser`] | the form of handles and the words of statuses, for the npm package |
//! | `edge` | the fetch handler: routing, authentication, rate limit, CORS, log (feature `worker`) |
//! | `platform` | Cloudflare's runtime behind the traits of [`operations::platform`] (feature `worker`) |
//!
//! To read the design in order, start with [`core::handle`], [`mod@core::status`], [`mod@core::decide`] and [`ledger`].
//! Then follow one call: [`operations::tokens::consume`].
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::core::Status;
//! use hookswitch::operations::{in_memory::InMemoryDeployment, tokens};
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! assert_eq!(created.verdict.status(), Status::Valid);
//!
//! let (cx, token) = (deployment.root(), deployment.open(&created.secret));
//! assert!(deployment.run(tokens::consume(&cx, &token)).unwrap().is_ok());
//! assert!(deployment.run(tokens::consume(&cx, &token)).unwrap().is_err());
//! # }
//! ```
//!
//! # Features
//!
//! | Feature | Adds |
//! | --- | --- |
//! | `worker` | the edge, the platform, and the Durable Object classes |
//! | `browser` | the exports of the npm package |
//! | `in-memory` | ledgers and a platform in memory, for tests and examples |
//! | `openapi` | the schemas that `/openapi.json` is generated from |
//! | `panic-test` | a function that panics, for a test of the log |
//!
//! # What this crate does not do
//!
//! - It has no passwords, sign-in or sessions. A user is an id that the operator chooses.
//! - It has no authorization page of OAuth: the operator's page asks the user. The link page is the exception.
//! - It issues no self-contained tokens (JWTs). Every token is opaque, and a check asks the service.
//! - It has no list of users or apps, and cannot delete them.
//! - It is not a general library: its public items are for its own tests, tools and builds, and may change at any time.

pub mod browser;
pub mod core;
pub mod dialects;
#[cfg(any(feature = "worker", test))]
#[cfg_attr(not(feature = "worker"), allow(dead_code, reason = "native tests use a part of it"))]
mod edge;
pub mod ledger;
pub mod operations;
#[cfg(any(feature = "worker", test))]
#[cfg_attr(not(feature = "worker"), allow(dead_code, reason = "native tests use a part of it"))]
pub(crate) mod platform;
pub mod upstream;

#[cfg(feature = "panic-test")]
pub mod panic_test;
