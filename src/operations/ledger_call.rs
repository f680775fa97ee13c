//! The call of a ledger: a typed command goes in, its outcome and the handles that were created for it come out.

use serde_json::value::{RawValue, to_raw_value};

use super::authenticate::{current_principal, forget_key};
use super::context::Context;
use super::error::{ApiError, CredentialProblem};
use super::ledgers::{LedgerClass, LedgerUnavailable};
use crate::core::command::{Authority, IdempotencyKey, Minted, MintedHandles, Reply, Request};
use crate::core::handle::MintNonce;
use crate::core::{App, Command, DecisionError, HandleKind, LedgerId, Principal, Resource};

/// The result of a command.
#[derive(Clone, Debug)]
pub struct Ran<O> {
    /// The outcome of the command.
    pub outcome: O,
    /// The handles that were created for the command, or for the earlier request that the answer repeats.
    pub minted: Minted,
    /// Whether the answer repeats the one to an earlier request.
    pub replayed: bool,
}

/// A call of a ledger that is being prepared.
#[derive(Clone)]
pub(super) struct LedgerCall<'c> {
    pub(super) context: &'c Context<'c>,
    class: LedgerClass,
    ledger_id: LedgerId,
    /// The principal that makes the call; the caller of the request if `None`.
    pub(super) principal: Option<Principal>,
    /// How the ledger recognises a repeated request.
    pub(super) idempotency: Option<IdempotencyKey>,
    /// From what the handles of the command are created; a fresh nonce if `None`.
    pub(super) nonce: Option<MintNonce>,
    /// The registration of the app that the command names.
    pub(super) app: Option<App>,
}

impl<'c> LedgerCall<'c> {
    pub(super) fn new(context: &'c Context<'c>, class: LedgerClass, ledger_id: LedgerId) -> Self {
        let idempotency = context.idempotency.clone();
        Self { context, class, ledger_id, principal: None, idempotency, nonce: None, app: None }
    }

    /// Runs a command and reads its outcome.
    pub(super) async fn run<C: Command>(self, command: C) -> Result<Ran<C::Outcome>, ApiError> {
        let json = to_raw_value(&command).map_err(|_| ApiError::Internal("a command cannot be serialized"))?;
        let Ran { outcome, minted, replayed } =
            Box::pin(self.exchange(C::NAME, C::AUTHORITY, command.mints(), json)).await?;
        // An outcome that cannot be read is of another version: the ledger may have run the command.
        let outcome = serde_json::from_str(outcome.get()).map_err(|_| LedgerUnavailable)?;
        Ok(Ran { outcome, minted, replayed })
    }

    /// Creates the handles of a command, sends it and reads the reply, except for the outcome.
    ///
    /// This part is the same for all commands, so it is compiled once and not once for each of them (a fifth of the
    /// Worker's code).
    async fn exchange(
        self,
        name: &'static str,
        authority: Authority,
        mints: &'static [HandleKind],
        command: Box<RawValue>,
    ) -> Result<Ran<Box<RawValue>>, ApiError> {
        let Self { context, class, ledger_id, principal, idempotency, nonce, app } = self;
        let principal = match principal {
            Some(principal) => principal,
            None => context.principal()?.clone(),
        };
        let principal = match authority {
            Authority::NotCreated => principal,
            Authority::Created if looks_itself(class, ledger_id, &principal) => principal,
            Authority::Created => current_principal(context, principal).await?,
        };
        let keyring = &context.config.keyring;
        let minted = match (mints, nonce) {
            ([], _) => Minted::default(),
            (kinds, Some(nonce)) => keyring.mint_all(nonce, kinds, ledger_id),
            (kinds, None) => keyring.mint_all(context.nonce()?, kinds, ledger_id),
        };
        let request = Request { principal, command, app, minted: minted.handles.clone(), idempotency };
        let message = request.message_of(name).map_err(|_| ApiError::Internal("a request cannot be serialized"))?;
        let reply = context.platform.ledgers().call(class, ledger_id, message).await?;
        let reply: Reply<Box<RawValue>> = serde_json::from_str(&reply).map_err(|_| LedgerUnavailable)?;
        let outcome = reply.outcome.map_err(|error| refused(context, error))?;
        match reply.replayed {
            None => Ok(Ran { outcome, minted, replayed: false }),
            Some(earlier) => {
                context.mark_replayed();
                Ok(Ran { outcome, minted: again(context, &earlier, ledger_id)?, replayed: true })
            }
        }
    }
}

/// Whether the ledger is the principal's own. It verifies the API key of a command that creates authority itself.
fn looks_itself(class: LedgerClass, ledger_id: LedgerId, principal: &Principal) -> bool {
    let is_own = |user_id| class == LedgerClass::User && ledger_id == LedgerId::of_user(user_id);
    matches!(principal, Principal::User { user_id, .. } if is_own(user_id))
}

/// The refusal of a ledger. A dead API key is refused from then on.
fn refused(context: &Context<'_>, error: DecisionError) -> ApiError {
    match error {
        DecisionError::KeyNotActive => {
            forget_key(context);
            ApiError::CredentialsInvalid(CredentialProblem::DeadKey)
        }
        error => error.into(),
    }
}

/// The handles of an earlier request.
///
/// # Errors
/// [`DecisionError::NotFound`] if the secret that created them was dropped: everything created with it is dead.
fn again(context: &Context<'_>, earlier: &MintedHandles, ledger_id: LedgerId) -> Result<Minted, DecisionError> {
    let minted = context.config.keyring.mint_all_again(earlier, ledger_id);
    minted.ok_or(DecisionError::NotFound(Resource::Token))
}

impl<O> Ran<O> {
    /// The text of a handle that was created for the command.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if the command creates no such handle.
    pub(super) fn secret(&self, kind: HandleKind) -> Result<String, ApiError> {
        self.minted.secret(kind).ok_or(ApiError::Internal("the command creates no such handle"))
    }
}
