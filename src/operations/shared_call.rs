//! Calls of the ledgers that belong to no user: app registries, external ids, and the operator's ledger.
//!
//! A command of another class of ledger does not compile.

use super::context::Context;
use super::error::ApiError;
use super::ledger_call::{LedgerCall, Ran};
use super::ledgers::LedgerClass;
use crate::core::decide::apps::AppCommand;
use crate::core::decide::external_ids::ExternalIdCommand;
use crate::core::decide::operator::OperatorCommand;
use crate::core::{AppId, ExternalId, LedgerId, Principal};

/// A call of an app's registry.
#[derive(Clone)]
pub struct AppCall<'c>(LedgerCall<'c>);

impl AppCall<'_> {
    /// Runs a command of the app's registry.
    ///
    /// # Errors
    /// The refusal of the ledger, or that it did not answer.
    pub async fn run<C: AppCommand>(self, command: C) -> Result<Ran<C::Outcome>, ApiError> {
        self.0.run(command).await
    }

    /// Runs a command that changes nothing if it is repeated, or only reads.
    ///
    /// # Errors
    /// The refusal of the ledger, or that it did not answer.
    pub async fn run_plain<C: AppCommand>(mut self, command: C) -> Result<C::Outcome, ApiError> {
        self.0.idempotency = None;
        Ok(self.run(command).await?.outcome)
    }

    /// Runs a command as another principal than the caller of the request.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.0.principal = Some(principal);
        self
    }
}

/// A call of the ledger of an external id.
#[derive(Clone)]
pub struct ExternalIdCall<'c>(LedgerCall<'c>);

impl ExternalIdCall<'_> {
    /// Runs a command of the external id.
    ///
    /// # Errors
    /// The refusal of the ledger, or that it did not answer.
    pub async fn run<C: ExternalIdCommand>(self, command: C) -> Result<C::Outcome, ApiError> {
        Ok(self.0.run(command).await?.outcome)
    }
}

/// A call of the operator's ledger.
#[derive(Clone)]
pub struct OperatorCall<'c>(LedgerCall<'c>);

impl OperatorCall<'_> {
    /// Runs a command of the operator's ledger.
    ///
    /// There is one such ledger, and it refuses everybody but administrators. The early refusal saves its calls.
    ///
    /// # Errors
    /// The refusal of the ledger, or that it did not answer.
    pub async fn run<C: OperatorCommand>(self, command: C) -> Result<Ran<C::Outcome>, ApiError> {
        if self.0.principal.is_none() {
            self.0.context.require_operator()?;
        }
        self.0.run(command).await
    }

    /// Runs a command that changes nothing if it is repeated, or only reads.
    ///
    /// # Errors
    /// The refusal of the ledger, or that it did not answer.
    pub async fn run_plain<C: OperatorCommand>(mut self, command: C) -> Result<C::Outcome, ApiError> {
        self.0.idempotency = None;
        Ok(self.run(command).await?.outcome)
    }

    /// Runs a command as another principal than the caller of the request.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.0.principal = Some(principal);
        self
    }
}

impl Context<'_> {
    /// Prepares a call of an app's registry.
    #[must_use]
    pub fn app_registry(&self, app_id: &AppId) -> AppCall<'_> {
        AppCall(LedgerCall::new(self, LedgerClass::App, LedgerId::of_app(app_id)))
    }

    /// Prepares a call of the ledger of an external id. It is made as root: these ledgers are internal.
    #[must_use]
    pub fn external_id(&self, id: &ExternalId) -> ExternalIdCall<'_> {
        let mut call = LedgerCall::new(self, LedgerClass::ExternalId, LedgerId::of_external_id(id));
        call.principal = Some(Principal::Root);
        call.idempotency = None;
        ExternalIdCall(call)
    }

    /// Prepares a call of the operator's ledger.
    #[must_use]
    pub fn operator(&self) -> OperatorCall<'_> {
        OperatorCall(LedgerCall::new(self, LedgerClass::Operator, LedgerId::of_operator()))
    }
}
