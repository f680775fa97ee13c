//! Operations: one typed async function for each thing that a request can do.
//!
//! A handler of a dialect parses a request, calls one operation and renders its result. An operation calls ledgers through
//! [`ledgers::Ledgers`] and everything else through [`platform::Platform`], so operations run natively over in-memory
//! ledgers. The ledger decides what is allowed: an operation never decides policy on an earlier read.

mod app_lookup;
pub mod apps;
pub mod authenticate;
pub mod authorize;
pub mod caller;
pub mod config;
pub mod connection_search;
pub mod connections;
pub mod context;
pub mod error;
#[cfg(feature = "in-memory")]
pub mod in_memory;
mod ledger_call;
pub mod ledgers;
pub mod link_page;
pub mod oauth;
pub mod platform;
mod provider_dispatch;
pub mod providers;
pub mod revocations;
mod shared_call;
pub mod status;
pub mod tokens;
mod user_call;
pub mod users;
pub mod verdicts;
pub mod violations;
pub mod webhooks;

pub use caller::{Caller, ClientCredentials, Credentials, Secret};
pub use config::{Config, Hedge, Settings};
pub use context::Context;
pub use error::{ApiError, ConfigurationProblem};
pub use ledger_call::Ran;
pub use ledgers::{LedgerClass, LedgerUnavailable, Ledgers};
pub use platform::Platform;
pub use violations::{Violation, Violations};
