//! Cloudflare's platform, behind the traits of [`crate::operations::platform`].
//!
//! The edge and the Durable Objects share these implementations. Nothing here knows what the messages, records and
//! requests that it carries mean.

pub(crate) mod config;
pub(crate) mod connection_list;
pub(crate) mod http_client;
pub(crate) mod isolate_memory;
pub(crate) mod ledgers;
pub(crate) mod token_records;
mod worker_platform;

pub(crate) use config::configuration;
pub(crate) use http_client::FetchClient;
pub(crate) use ledgers::DurableLedgers;
pub(crate) use worker_platform::WorkerPlatform;

use crate::core::Timestamp;

/// The time of the platform. It stands still between two events, such as the start of a request and the end of a call.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(now_millis())
}

/// The same in milliseconds since the epoch.
#[allow(clippy::cast_possible_truncation)] // `Date.now()` is a whole number below 2^53.
pub(crate) fn now_millis() -> i64 {
    js_sys::Date::now() as i64
}
