//! Operations: one typed async function for each thing that a request can do.
//!
//! A handler of a dialect parses a request, calls one operation and renders its result. An operation calls ledgers through
//! [`ledgers::Ledgers`] and everything else through [`platform::Platform`], so operations run natively over in-memory
//! ledgers. The ledger decides what is allowed: an operation never decides policy on an earlier read.

pub mod apps;
pub mod authenticate;
pub mod context;
pub mod error;
pub mod ledgers;
pub mod platform;
pub mod violations;

pub use authenticate::{Caller, ClientCredentials, Credentials};
pub use context::{Config, Context, Hedge, Secret, Settings};
pub use error::{ApiError, ConfigurationProblem};
pub use ledgers::{LedgerClass, LedgerUnavailable, Ledgers, Ran};
pub use platform::Platform;
pub use violations::{Violation, Violations};
