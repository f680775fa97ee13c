//! Who is told: providers, to revoke what they granted, and webhook endpoints, of what happened.
//!
//! What is asked of a provider and what its answers mean is pure, as the core is: a [`call::Call`] is built from data, and
//! an answer is read into what became of the token. Only `dispatch` and `webhooks` (feature `worker`) talk to anybody.

pub mod address;
pub mod answer;
pub mod call;
pub mod catalogue;
#[cfg(feature = "worker")]
pub(crate) mod dispatch;
pub mod template;
#[cfg(feature = "worker")]
pub(crate) mod webhooks;
