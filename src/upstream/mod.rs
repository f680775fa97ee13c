//! Providers, and the dispatch of revocations to them.
//!
//! What is asked of a provider and what its answers mean is pure, as the core is: a [`call::Call`] is built from data, and
//! an answer is read into what became of the token. Only `dispatch` (feature `worker`) talks to anybody.

pub mod address;
pub mod answer;
pub mod call;
pub mod catalogue;
