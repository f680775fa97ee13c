//! Ledgers: how messages get to them and their replies back.

use futures_util::future::LocalBoxFuture;

use crate::core::LedgerId;

/// The class of a ledger, which is the class of its Durable Object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedgerClass {
    /// A user with its tokens and connections.
    User,
    /// The registry of an app.
    App,
    /// An external id, and the user that has it.
    ExternalId,
    /// Providers and webhook endpoints. There is one for each deployment.
    Operator,
}

/// A ledger did not answer, or its answer could not be read. Whether it ran the command is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("a ledger did not answer")]
pub struct LedgerUnavailable;

/// The ledgers of a deployment.
pub trait Ledgers {
    /// Sends a message to a ledger and returns its reply. The call starts when the future is first polled or before.
    fn call(
        &self,
        class: LedgerClass,
        id: LedgerId,
        message: String,
    ) -> LocalBoxFuture<'_, Result<String, LedgerUnavailable>>;
}
