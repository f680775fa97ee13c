//! Operations: one typed async function for each thing that a request can do.
//!
//! A handler of a dialect parses a request, calls one operation and renders its result. An operation calls ledgers through
//! [`ledgers::Ledgers`] and everything else through [`platform::Platform`], so operations run natively over in-memory
//! ledgers. The ledger decides what is allowed: an operation never decides policy on an earlier read.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::tokens;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! let (cx, token) = (deployment.root(), deployment.open(&created.secret));
//! assert!(deployment.run(tokens::consume(&cx, &token)).unwrap().is_ok());
//! assert!(deployment.run(tokens::consume(&cx, &token)).unwrap().is_err());
//! # }
//! ```

mod address_key;
mod app_lookup;
pub mod apps;
pub mod authenticate;
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
pub mod sign_in;
pub mod status;
pub mod tokens;
mod user_call;
pub mod users;
pub mod verdicts;
pub mod violations;
pub mod webhooks;

pub use address_key::network_of;
pub use caller::{Caller, ClientCredentials, Credentials, Secret};
pub use config::{Config, Hedge, Settings};
pub use context::Context;
pub use error::{ApiError, ConfigurationProblem, CredentialProblem};
pub use ledger_call::Ran;
pub use ledgers::{LedgerClass, LedgerUnavailable, Ledgers};
pub use platform::Platform;
pub use violations::{Violation, Violations};
