//! Cloudflare's platform, behind the traits of [`crate::operations::platform`].
//!
//! The edge and the Durable Objects share these implementations. Nothing here knows what the messages, records and
//! requests that it carries mean. Only the data structures compile without the platform, for their tests.

mod bounded_map;
#[cfg(feature = "worker")]
pub(crate) mod clock;
#[cfg(feature = "worker")]
pub(crate) mod config;
#[cfg(feature = "worker")]
pub(crate) mod connection_list;
#[cfg(feature = "worker")]
pub(crate) mod http_client;
#[cfg(feature = "worker")]
pub(crate) mod isolate_memory;
#[cfg(feature = "worker")]
pub(crate) mod ledgers;
#[cfg(feature = "worker")]
pub(crate) mod token_records;
#[cfg(feature = "worker")]
pub(crate) mod worker_platform;

#[cfg(feature = "worker")]
pub(crate) use self::{clock::now, config::configuration, worker_platform::WorkerPlatform};
