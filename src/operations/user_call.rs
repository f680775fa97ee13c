//! Calls of users' ledgers. A command of another class of ledger does not compile.

use super::app_lookup;
use super::context::Context;
use super::error::ApiError;
use super::ledger_call::{LedgerCall, Ran};
use super::ledgers::LedgerClass;
use crate::core::command::IdempotencyKey;
use crate::core::decide::UserCommand;
use crate::core::handle::MintNonce;
use crate::core::{App, LedgerId, Principal, UserId};

/// A call of a user's ledger.
#[derive(Clone)]
pub struct UserCall<'c>(LedgerCall<'c>);

impl UserCall<'_> {
    /// Makes the call as another principal than the caller of the request.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.0.principal = Some(principal);
        self
    }

    /// Replaces how the ledger recognises a repeated request.
    #[must_use]
    pub fn with_idempotency(mut self, idempotency: Option<IdempotencyKey>) -> Self {
        self.0.idempotency = idempotency;
        self
    }

    /// Creates the handles from this nonce.
    #[must_use]
    pub const fn with_nonce(mut self, nonce: MintNonce) -> Self {
        self.0.nonce = Some(nonce);
        self
    }

    /// Sends this registration with the command, which is then not looked up.
    #[must_use]
    pub fn with_app(mut self, app: App) -> Self {
        self.0.app = Some(app);
        self
    }

    /// Runs a command. If the command names an app, its registration is looked up first.
    ///
    /// # Errors
    /// The refusal of the ledger, or that a ledger did not answer.
    pub async fn run<C: UserCommand>(mut self, command: C) -> Result<Ran<C::Outcome>, ApiError> {
        if let (None, Some(app_id)) = (&self.0.app, command.app_id()) {
            self.0.app = Box::pin(app_lookup::find(self.0.context, app_id)).await?;
        }
        self.0.run(command).await
    }

    /// Runs a command that changes nothing if it is repeated, or only reads.
    ///
    /// # Errors
    /// The refusal of the ledger, or that a ledger did not answer.
    pub async fn run_plain<C: UserCommand>(self, command: C) -> Result<C::Outcome, ApiError> {
        Ok(self.with_idempotency(None).run(command).await?.outcome)
    }
}

impl Context<'_> {
    /// Prepares a call of a user's ledger, which a handle names.
    #[must_use]
    pub fn user_ledger(&self, id: LedgerId) -> UserCall<'_> {
        UserCall(LedgerCall::new(self, LedgerClass::User, id))
    }

    /// Prepares a call of the ledger of a user.
    #[must_use]
    pub fn ledger_of(&self, user_id: &UserId) -> UserCall<'_> {
        self.user_ledger(LedgerId::of_user(user_id))
    }
}
