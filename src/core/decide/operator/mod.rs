//! Commands of the operator's ledger: providers, webhook endpoints and used sign-in codes.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::operator::{ListWebhooks, PutProvider};
//!
//! assert_eq!(ListWebhooks::NAME, "list_webhooks");
//! assert_eq!(PutProvider::NAME, "put_provider");
//! ```

mod sign_in;
mod unsubscriptions;
mod webhooks;

use crate::core::access::Principal;
use crate::core::command::{Command, Reply, Request};
use crate::core::decide::{Idempotency, matching_response, stored_reply};
use crate::core::digest::Digest;
use crate::core::error::{DecisionError, Resource};
use crate::core::ids::Slug;
use crate::core::params::{PageRequest, Positioned};
use crate::core::provider::{ProviderEvent, StoredProvider};
use crate::core::signing_key::SigningKey;
use crate::core::snapshot::StoredResponse;
use crate::core::time::Timestamp;
use crate::core::webhook::Endpoint;

pub use self::sign_in::UseSignInCode;
pub use self::unsubscriptions::{UnsubscribeWebhooks, Unsubscription};
pub use self::webhooks::{
    DeleteWebhook, GetWebhook, ListWebhooks, PutWebhook, RotateWebhookSecret, SigningSecret, WebhookPut,
};
pub use super::providers::{
    ApproveProvider, DeleteProvider, GetProvider, GetProviderVersions, ListProviderEvents, ListProviders, PutProvider,
};

/// The rows that a decision needs of the operator's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperatorReads {
    /// The provider with this name, and its earlier versions.
    pub provider: Option<Slug>,
    /// A page of events about this provider, newest first.
    pub provider_events: Option<(Slug, PageRequest)>,
    /// Whether all providers are read.
    pub providers: bool,
    /// Whether all endpoints are read.
    pub endpoints: bool,
    /// Whether this sign-in code was used.
    pub used_sign_in_code: Option<Digest>,
    /// Whether all signing keys are read.
    pub signing_keys: bool,
}

/// The rows that the operator's ledger read for a command.
#[derive(Clone, Debug, Default)]
pub struct OperatorSnapshot {
    /// The providers that were read, by name.
    pub providers: Vec<StoredProvider>,
    /// The earlier versions of the provider that was read alone, oldest first.
    pub earlier: Vec<StoredProvider>,
    /// The host at which the provider that was read alone revokes tokens, or last did, also after it was deleted.
    pub host: Option<String>,
    /// The page of events about a provider.
    pub provider_events: Vec<Positioned<ProviderEvent>>,
    /// The endpoints, by name.
    pub endpoints: Vec<Endpoint>,
    /// Whether the sign-in code was used.
    pub is_sign_in_code_used: bool,
    /// The signing keys, from the oldest to the newest.
    pub signing_keys: Vec<SigningKey>,
    /// The stored answer to an earlier request with the same key.
    pub stored: Option<StoredResponse>,
}

/// One row to write in the operator's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorMutation {
    /// Insert or replace a provider.
    PutProvider(StoredProvider),
    /// Keep a version of a provider for the credentials that were stored with it.
    KeepVersion(StoredProvider),
    /// Record the host at which a provider revokes tokens.
    PutHost(Slug, String),
    /// Record an event about a provider; the oldest are deleted beyond a limit.
    AddProviderEvent(ProviderEvent),
    /// Delete a provider and its earlier versions.
    DeleteProvider(Slug),
    /// Insert or replace an endpoint.
    PutEndpoint(Endpoint),
    /// Delete an endpoint.
    DeleteEndpoint(Slug),
    /// Remember until it expires that a sign-in code was used.
    AddUsedSignInCode {
        /// The digest of the code.
        code: Digest,
        /// When the code expires.
        expires_at: Timestamp,
    },
    /// Insert or replace a signing key.
    PutSigningKey(SigningKey),
    /// Delete a signing key by its name.
    DeleteSigningKey(String),
}

/// The output of a decision of the operator's ledger: its writes and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorDecision<O> {
    /// The rows to write, all or none.
    pub mutations: Vec<OperatorMutation>,
    /// Whether the answer is stored for repeated requests.
    pub store_response: bool,
    /// The reply to the caller.
    pub reply: Reply<O>,
}

/// The input of a decision of the operator's ledger, beside the command.
#[derive(Clone, Copy, Debug)]
pub struct OperatorContext<'a> {
    /// The rows that were read for the command.
    pub snapshot: &'a OperatorSnapshot,
    /// The principal that runs the command.
    pub principal: &'a Principal,
    /// The time of the decision.
    pub now: Timestamp,
}

/// A command of the operator's ledger. Administrators run them, and the Worker and other ledgers as root.
pub trait OperatorCommand: Command {
    /// Whether the answer is stored for repeated requests.
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    /// The rows that the decision needs of the ledger.
    fn reads(&self) -> OperatorReads;

    /// Decides the command and adds what it writes to `mutations`.
    ///
    /// # Errors
    /// Why the command is refused. Nothing is written then.
    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<Self::Outcome, DecisionError>;
}

/// Decides a request to the operator's ledger.
#[must_use]
pub fn decide_operator<C: OperatorCommand>(
    snapshot: &OperatorSnapshot,
    request: &Request<C>,
    now: Timestamp,
) -> OperatorDecision<C::Outcome> {
    let mut mutations = Vec::new();
    match answer(snapshot, request, now, &mut mutations) {
        Ok(reply) => {
            let is_new = request.idempotency.is_some() && reply.replayed.is_none();
            let store_response = is_new && C::IDEMPOTENCY == Idempotency::Stored;
            OperatorDecision { mutations, store_response, reply }
        }
        Err(error) => OperatorDecision {
            mutations: Vec::new(),
            store_response: false,
            reply: Reply { outcome: Err(error), replayed: None },
        },
    }
}

fn answer<C: OperatorCommand>(
    snapshot: &OperatorSnapshot,
    request: &Request<C>,
    now: Timestamp,
    mutations: &mut Vec<OperatorMutation>,
) -> Result<Reply<C::Outcome>, DecisionError> {
    if !Principal::writes_everyone(&request.principal) {
        return Err(DecisionError::Forbidden);
    }
    if let Some(stored) = matching_response(request.idempotency.as_ref(), snapshot.stored.as_ref())? {
        return stored_reply(stored);
    }
    let cx = OperatorContext { snapshot, principal: &request.principal, now };
    let outcome = request.command.decide(&cx, mutations)?;
    Ok(Reply { outcome: Ok(outcome), replayed: None })
}

impl OperatorSnapshot {
    fn endpoint(&self, name: &Slug) -> Result<&Endpoint, DecisionError> {
        let found = self.endpoints.iter().find(|endpoint| endpoint.name == *name);
        found.ok_or(DecisionError::NotFound(Resource::Webhook))
    }
}

/// Declares a command of the operator's ledger.
macro_rules! operator_command {
    ($name:ident, $text:literal, $authority:ident, $outcome:ty) => {
        impl Command for $name {
            const NAME: &'static str = $text;
            const AUTHORITY: $crate::core::command::Authority = $crate::core::command::Authority::$authority;
            type Outcome = $outcome;
        }
    };
}

pub(super) use operator_command;
