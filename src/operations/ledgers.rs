//! Calls of ledgers.
//!
//! [`Ledgers`] carries a message to a ledger and its answer back. The calls of this module make it typed: a command goes
//! in, its outcome comes out, with the handles that were created for it. A command of another class of ledger does not
//! compile.

use futures_util::future::LocalBoxFuture;

use super::apps;
use super::context::Context;
use super::error::ApiError;
use crate::core::command::{IdempotencyKey, MintedHandles};
use crate::core::decide::UserCommand;
use crate::core::decide::apps::AppCommand;
use crate::core::decide::external_ids::ExternalIdCommand;
use crate::core::decide::operator::OperatorCommand;
use crate::core::handle::MintNonce;
use crate::core::{
    App, AppId, Command, DecisionError, ExternalId, LedgerId, Minted, Principal, Reply, Request, Resource, UserId,
};

/// The class of a ledger, which is the class of its Durable Object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedgerClass {
    /// A user with its tokens and connections.
    User,
    /// An app.
    App,
    /// An external id, and the user that has it.
    ExternalId,
    /// Providers, webhook endpoints and abandoned revocations. There is one for each deployment.
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
struct Call<'c> {
    context: &'c Context<'c>,
    class: LedgerClass,
    ledger_id: LedgerId,
    principal: Option<Principal>,
    idempotency: Option<IdempotencyKey>,
    nonce: Option<MintNonce>,
    app: Option<App>,
}

impl<'c> Call<'c> {
    fn new(context: &'c Context<'c>, class: LedgerClass, ledger_id: LedgerId) -> Self {
        let idempotency = context.idempotency.clone();
        Self { context, class, ledger_id, principal: None, idempotency, nonce: None, app: None }
    }

    /// Creates the handles of the command, sends it and reads the reply.
    async fn run<C: Command>(self, command: C) -> Result<Ran<C::Outcome>, ApiError> {
        let Self { context, class, ledger_id, principal, idempotency, nonce, app } = self;
        let principal = match principal {
            Some(principal) => principal,
            None => context.principal()?.clone(),
        };
        let keyring = &context.config.keyring;
        let minted = match (command.mints(), nonce) {
            ([], _) => Minted::default(),
            (kinds, Some(nonce)) => keyring.mint_all(nonce, kinds, ledger_id),
            (kinds, None) => keyring.mint_all(context.nonce()?, kinds, ledger_id),
        };
        let request = Request { principal, command, app, minted: minted.handles.clone(), idempotency };
        let message = request.message().map_err(|_| ApiError::Internal("a request cannot be serialized"))?;
        let reply = context.platform.ledgers().call(class, ledger_id, message).await?;
        // A reply that cannot be read is of another version: the ledger may have run the command.
        let reply: Reply<C::Outcome> = serde_json::from_str(&reply).map_err(|_| LedgerUnavailable)?;
        let outcome = reply.outcome?;
        match reply.replayed {
            None => Ok(Ran { outcome, minted, replayed: false }),
            Some(earlier) => {
                context.mark_replayed();
                Ok(Ran { outcome, minted: again(context, &earlier, ledger_id)?, replayed: true })
            }
        }
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

/// A call of a user's ledger.
#[derive(Clone)]
pub struct UserCall<'c>(Call<'c>);

impl UserCall<'_> {
    /// Makes the call as another principal than the caller of the request.
    #[must_use]
    pub fn as_principal(mut self, principal: Principal) -> Self {
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
            self.0.app = apps::find(self.0.context, app_id).await?;
        }
        self.0.run(command).await
    }

    /// Runs a command that only reads and creates no handles.
    ///
    /// # Errors
    /// The refusal of the ledger, or that a ledger did not answer.
    pub async fn read<C: UserCommand>(self, command: C) -> Result<C::Outcome, ApiError> {
        Ok(self.with_idempotency(None).run(command).await?.outcome)
    }
}

/// A call of a ledger that is not a user's.
#[derive(Clone)]
pub struct AppCall<'c>(Call<'c>);

impl AppCall<'_> {
    /// Runs a command of the app's registry.
    ///
    /// # Errors
    /// The refusal of the ledger, or that it did not answer.
    pub async fn run<C: AppCommand>(self, command: C) -> Result<Ran<C::Outcome>, ApiError> {
        self.0.run(command).await
    }

    /// Runs a command as another principal than the caller of the request.
    #[must_use]
    pub fn as_principal(mut self, principal: Principal) -> Self {
        self.0.principal = Some(principal);
        self
    }
}

/// A call of the ledger of an external id.
#[derive(Clone)]
pub struct ExternalIdCall<'c>(Call<'c>);

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
pub struct OperatorCall<'c>(Call<'c>);

impl OperatorCall<'_> {
    /// Runs a command of the operator's ledger.
    ///
    /// # Errors
    /// The refusal of the ledger, or that it did not answer.
    pub async fn run<C: OperatorCommand>(self, command: C) -> Result<Ran<C::Outcome>, ApiError> {
        self.0.run(command).await
    }

    /// Runs a command as another principal than the caller of the request.
    #[must_use]
    pub fn as_principal(mut self, principal: Principal) -> Self {
        self.0.principal = Some(principal);
        self
    }
}

impl Context<'_> {
    /// Prepares a call of a user's ledger, which a handle names.
    #[must_use]
    pub fn user_ledger(&self, id: LedgerId) -> UserCall<'_> {
        UserCall(Call::new(self, LedgerClass::User, id))
    }

    /// Prepares a call of the ledger of a user.
    #[must_use]
    pub fn ledger_of(&self, user_id: &UserId) -> UserCall<'_> {
        self.user_ledger(LedgerId::of_user(user_id))
    }

    /// Prepares a call of an app's registry.
    #[must_use]
    pub fn app_registry(&self, app_id: &AppId) -> AppCall<'_> {
        AppCall(Call::new(self, LedgerClass::App, LedgerId::of_app(app_id)))
    }

    /// Prepares a call of the ledger of an external id. It is made as root: these ledgers are internal.
    #[must_use]
    pub fn external_id(&self, id: &ExternalId) -> ExternalIdCall<'_> {
        let call = Call::new(self, LedgerClass::ExternalId, LedgerId::of_external_id(id));
        ExternalIdCall(Call { principal: Some(Principal::Root), idempotency: None, ..call })
    }

    /// Prepares a call of the operator's ledger.
    #[must_use]
    pub fn operator(&self) -> OperatorCall<'_> {
        OperatorCall(Call::new(self, LedgerClass::Operator, LedgerId::of_operator()))
    }
}
