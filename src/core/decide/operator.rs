//! Commands of the operator's ledger: providers, webhook endpoints, deliveries and abandoned revocations.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::operator::{ListWebhooks, PutProvider};
//!
//! assert_eq!(ListWebhooks::NAME, "list_webhooks");
//! assert_eq!(PutProvider::NAME, "put_provider");
//! ```

use serde::{Deserialize, Serialize};

use super::{Idempotency, PutEffect, matching_response, stored_reply};
use crate::core::access::Principal;
use crate::core::command::{Command, Reply, Request};
use crate::core::digest::Digest;
use crate::core::error::{DecisionError, Resource};
use crate::core::event::EventType;
use crate::core::ids::{Slug, UserId};
use crate::core::params::{Page, PageRequest, Positioned};
use crate::core::provider::{ProviderEvent, StoredProvider};
use crate::core::revocation::Revocation;
use crate::core::sealed::Sealed;
use crate::core::snapshot::StoredResponse;
use crate::core::time::Timestamp;
use crate::core::webhook::{Delivery, Disabled, ENDPOINTS_MAX, Endpoint, PreviousSigningSecret};

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
    /// A page of deliveries to an endpoint, newest first.
    pub deliveries: Option<(Slug, PageRequest)>,
    /// A page of abandoned revocations, newest first.
    pub abandoned: Option<(AbandonedFilter, PageRequest)>,
    /// Whether this sign-in code was used.
    pub used_sign_in_code: Option<Digest>,
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
    /// The page of deliveries.
    pub deliveries: Vec<Positioned<Delivery>>,
    /// The page of abandoned revocations.
    pub abandoned: Vec<Positioned<Revocation>>,
    /// Whether the sign-in code was used.
    pub is_sign_in_code_used: bool,
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
    /// Delete an endpoint and its deliveries.
    DeleteEndpoint(Slug),
    /// Add a delivery; the oldest of its endpoint are deleted beyond a limit.
    AddDelivery(Delivery),
    /// Insert or replace an abandoned revocation.
    PutAbandoned(Revocation),
    /// Delete an abandoned revocation by its id.
    DeleteAbandoned(String),
    /// Remember until it expires that a sign-in code was used.
    AddUsedSignInCode {
        /// The digest of the code.
        code: Digest,
        /// When the code expires.
        expires_at: Timestamp,
    },
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

pub use super::providers::{
    ApproveProvider, DeleteProvider, GetProvider, GetProviderVersions, ListProviderEvents, ListProviders, PutProvider,
};

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

/// The signing secret in a command that writes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningSecret {
    /// A secret that the operator provides. It replaces the current one.
    Provided(Sealed),
    /// A fresh secret, used if the endpoint is new.
    Fresh(Sealed),
}

/// Creates a webhook endpoint or replaces its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutWebhook {
    /// The endpoint's name.
    pub name: Slug,
    /// The URL that receives events.
    pub url: String,
    /// The types of event to send; all types if empty.
    pub events: Vec<EventType>,
    /// Whether no events are sent.
    pub disabled: bool,
    /// The signing secret.
    pub secret: SigningSecret,
}

/// The outcome of a command that writes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookPut {
    /// The endpoint now.
    pub endpoint: Endpoint,
    /// Whether the endpoint was created.
    pub effect: PutEffect,
    /// The new secret to show, encrypted; `None` if the operator knows the secret.
    pub show_secret: Option<Sealed>,
}

operator_command!(PutWebhook, "put_webhook", Created, WebhookPut);

impl OperatorCommand for PutWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<WebhookPut, DecisionError> {
        let before = cx.snapshot.endpoint(&self.name).ok();
        if before.is_none() && cx.snapshot.endpoints.len() >= ENDPOINTS_MAX {
            return Err(DecisionError::TooManyEndpoints { max: ENDPOINTS_MAX });
        }
        let (secret, previous_secret) = match (&self.secret, before) {
            (SigningSecret::Fresh(_), Some(before)) => (before.secret.clone(), before.previous_secret.clone()),
            (SigningSecret::Provided(secret) | SigningSecret::Fresh(secret), _) => (secret.clone(), None),
        };
        let disabled = self.disabled.then(|| {
            let kept = before.and_then(|before| before.disabled.clone());
            kept.unwrap_or_else(|| Disabled { at: cx.now, reason: "disabled by an operator".to_owned() })
        });
        let endpoint = Endpoint {
            name: self.name.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
            secret,
            previous_secret,
            disabled,
            created_at: before.map_or(cx.now, |before| before.created_at),
            updated_at: cx.now,
        };
        mutations.push(OperatorMutation::PutEndpoint(endpoint.clone()));
        let effect = if before.is_some() { PutEffect::Kept } else { PutEffect::Created };
        let show_secret = (effect == PutEffect::Created).then(|| endpoint.secret.clone());
        Ok(WebhookPut { endpoint, effect, show_secret })
    }
}

/// Gives an endpoint a new signing secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotateWebhookSecret {
    /// The endpoint.
    pub name: Slug,
    /// The new secret, encrypted.
    pub secret: Sealed,
    /// How long the previous secret signs beside it, in seconds.
    pub previous_ttl: u32,
}

operator_command!(RotateWebhookSecret, "rotate_webhook_secret", Created, WebhookPut);

impl OperatorCommand for RotateWebhookSecret {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<WebhookPut, DecisionError> {
        let before = cx.snapshot.endpoint(&self.name)?;
        let valid_until = cx.now.plus_seconds(i64::from(self.previous_ttl));
        let previous = PreviousSigningSecret { sealed: before.secret.clone(), valid_until };
        let endpoint = Endpoint {
            secret: self.secret.clone(),
            previous_secret: (self.previous_ttl > 0).then_some(previous),
            updated_at: cx.now,
            ..before.clone()
        };
        mutations.push(OperatorMutation::PutEndpoint(endpoint.clone()));
        let show_secret = Some(endpoint.secret.clone());
        Ok(WebhookPut { endpoint, effect: PutEffect::Kept, show_secret })
    }
}

/// Reads an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetWebhook {
    /// The endpoint.
    pub name: Slug,
}

operator_command!(GetWebhook, "get_webhook", NotCreated, Endpoint);

impl OperatorCommand for GetWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, _: &mut Vec<OperatorMutation>) -> Result<Endpoint, DecisionError> {
        cx.snapshot.endpoint(&self.name).cloned()
    }
}

/// Lists the endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListWebhooks {}

operator_command!(ListWebhooks, "list_webhooks", NotCreated, Vec<Endpoint>);

impl OperatorCommand for ListWebhooks {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, _: &mut Vec<OperatorMutation>) -> Result<Vec<Endpoint>, DecisionError> {
        Ok(cx.snapshot.endpoints.clone())
    }
}

/// Deletes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteWebhook {
    /// The endpoint.
    pub name: Slug,
}

operator_command!(DeleteWebhook, "delete_webhook", NotCreated, ());

impl OperatorCommand for DeleteWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        cx.snapshot.endpoint(&self.name)?;
        mutations.push(OperatorMutation::DeleteEndpoint(self.name.clone()));
        Ok(())
    }
}

/// Lists the latest deliveries to an endpoint, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDeliveries {
    /// The endpoint.
    pub name: Slug,
    /// The page of the list to read.
    pub page: PageRequest,
}

operator_command!(ListDeliveries, "list_deliveries", NotCreated, Page<Delivery>);

impl OperatorCommand for ListDeliveries {
    fn reads(&self) -> OperatorReads {
        let deliveries = Some((self.name.clone(), self.page));
        OperatorReads { endpoints: true, deliveries, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, _: &mut Vec<OperatorMutation>) -> Result<Page<Delivery>, DecisionError> {
        cx.snapshot.endpoint(&self.name)?;
        Ok(self.page.page(&cx.snapshot.deliveries, |delivery| Some(delivery.clone())))
    }
}

/// Which abandoned revocations are listed: those of which everything that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbandonedFilter {
    /// The user of the connection.
    pub user_id: Option<UserId>,
    /// The provider.
    pub provider: Option<Slug>,
}

/// Lists the abandoned revocations, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAbandoned {
    /// Which revocations are listed.
    #[serde(default)]
    pub filter: AbandonedFilter,
    /// The page of the list to return.
    pub page: PageRequest,
}

operator_command!(ListAbandoned, "list_abandoned", NotCreated, Page<Revocation>);

impl OperatorCommand for ListAbandoned {
    fn reads(&self) -> OperatorReads {
        OperatorReads { abandoned: Some((self.filter.clone(), self.page)), ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Page<Revocation>, DecisionError> {
        Ok(self.page.page(&cx.snapshot.abandoned, |revocation| Some(revocation.clone())))
    }
}

/// An endpoint that asked to receive no more events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscription {
    /// The endpoint.
    pub endpoint: Slug,
    /// The reason for the administrator, without a secret.
    pub reason: String,
}

/// Records deliveries to endpoints, and disables endpoints that asked for no more events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDeliveries {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// The endpoints to disable.
    pub unsubscriptions: Vec<Unsubscription>,
}

operator_command!(RecordDeliveries, "record_deliveries", NotCreated, ());

impl OperatorCommand for RecordDeliveries {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        let exists = |delivery: &&Delivery| cx.snapshot.endpoint(&delivery.endpoint).is_ok();
        mutations.extend(self.deliveries.iter().filter(exists).cloned().map(OperatorMutation::AddDelivery));
        for Unsubscription { endpoint, reason } in &self.unsubscriptions {
            let Some(endpoint) = cx.snapshot.endpoint(endpoint).ok().filter(|endpoint| endpoint.disabled.is_none())
            else {
                continue;
            };
            let disabled = Some(Disabled { at: cx.now, reason: reason.clone() });
            mutations.push(OperatorMutation::PutEndpoint(Endpoint {
                disabled,
                updated_at: cx.now,
                ..endpoint.clone()
            }));
        }
        Ok(())
    }
}

/// Lists a revocation that was abandoned, or takes one off the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateAbandoned {
    /// Lists the revocation.
    List(Box<Revocation>),
    /// Takes the revocation with this id off the list.
    Unlist(String),
}

operator_command!(UpdateAbandoned, "update_abandoned", NotCreated, ());

impl OperatorCommand for UpdateAbandoned {
    fn reads(&self) -> OperatorReads {
        OperatorReads::default()
    }

    fn decide(&self, _: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        mutations.push(match self {
            Self::List(revocation) => OperatorMutation::PutAbandoned(revocation.as_ref().clone()),
            Self::Unlist(id) => OperatorMutation::DeleteAbandoned(id.clone()),
        });
        Ok(())
    }
}

/// Uses a sign-in code. A code can be used once.
///
/// Codes are signed, so only used ones are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseSignInCode {
    /// The digest of the code.
    pub code: Digest,
    /// When the code expires.
    pub expires_at: Timestamp,
}

operator_command!(UseSignInCode, "use_sign_in_code", NotCreated, ());

impl OperatorCommand for UseSignInCode {
    fn reads(&self) -> OperatorReads {
        OperatorReads { used_sign_in_code: Some(self.code.clone()), ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        // The ledger forgets used codes when they expire on its own clock, so this clock decides.
        if cx.snapshot.is_sign_in_code_used || self.expires_at <= cx.now {
            return Err(DecisionError::SignInCodeInvalid);
        }
        mutations.push(OperatorMutation::AddUsedSignInCode { code: self.code.clone(), expires_at: self.expires_at });
        Ok(())
    }
}
