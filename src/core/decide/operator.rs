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

use super::{Idempotency, Put, PutEffect, matching_response, stored_reply};
use crate::core::access::Principal;
use crate::core::command::{Command, Reply, Request};
use crate::core::error::{DecisionError, Resource};
use crate::core::event::EventType;
use crate::core::ids::Slug;
use crate::core::params::{Page, PageRequest, Positioned};
use crate::core::provider::{Provider, StoredProvider};
use crate::core::revocation::Revocation;
use crate::core::sealed::Sealed;
use crate::core::snapshot::StoredResponse;
use crate::core::time::Timestamp;
use crate::core::webhook::{Delivery, Disabled, ENDPOINTS_MAX, Endpoint, PreviousSigningSecret};

/// The rows that a decision needs of the operator's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperatorReads {
    /// The provider with this name.
    pub provider: Option<Slug>,
    /// Whether all providers are read.
    pub providers: bool,
    /// Whether all endpoints are read.
    pub endpoints: bool,
    /// A page of deliveries to an endpoint, newest first.
    pub deliveries: Option<(Slug, PageRequest)>,
    /// A page of abandoned revocations, newest first.
    pub abandoned: Option<PageRequest>,
}

/// The rows that the operator's ledger read for a command.
#[derive(Clone, Debug, Default)]
pub struct OperatorSnapshot {
    /// The providers that were read, by name.
    pub providers: Vec<StoredProvider>,
    /// The endpoints, by name.
    pub endpoints: Vec<Endpoint>,
    /// The page of deliveries.
    pub deliveries: Vec<Positioned<Delivery>>,
    /// The page of abandoned revocations.
    pub abandoned: Vec<Positioned<Revocation>>,
    /// The stored answer to an earlier request with the same key.
    pub stored: Option<StoredResponse>,
}

/// One row to write in the operator's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorMutation {
    /// Insert or replace a provider.
    PutProvider(StoredProvider),
    /// Delete a provider.
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
        snapshot: &OperatorSnapshot,
        now: Timestamp,
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
    let outcome = request.command.decide(snapshot, now, mutations)?;
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
    ($name:ident, $text:literal, $outcome:ty) => {
        impl Command for $name {
            const NAME: &'static str = $text;
            type Outcome = $outcome;
        }
    };
}

/// Configures a provider.
///
/// Without a new client secret the provider keeps the one it has, as long as client id and host stay the same: otherwise
/// a caller that changes the configuration could have the secret sent elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutProvider {
    /// The configuration.
    pub provider: Provider,
    /// The new client secret, encrypted.
    pub client_secret: Option<Sealed>,
}

operator_command!(PutProvider, "put_provider", Put<StoredProvider>);

impl OperatorCommand for PutProvider {
    fn reads(&self) -> OperatorReads {
        OperatorReads { provider: Some(self.provider.slug.clone()), ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        now: Timestamp,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<Put<StoredProvider>, DecisionError> {
        let before = snapshot.providers.first();
        let is_same_client = |before: &&StoredProvider| {
            before.provider.client_id == self.provider.client_id && host(&before.provider) == host(&self.provider)
        };
        let kept = before.filter(is_same_client).and_then(|before| before.client_secret.as_ref());
        let stored = StoredProvider {
            provider: self.provider.clone(),
            client_secret: self.client_secret.as_ref().or(kept).cloned(),
            created_at: before.map_or(now, |before| before.created_at),
            updated_at: now,
        };
        mutations.push(OperatorMutation::PutProvider(stored.clone()));
        Ok(Put::of(stored, before.is_some()))
    }
}

/// The scheme and host of the URL at which a provider revokes tokens.
fn host(provider: &Provider) -> Option<(&str, &str)> {
    let (scheme, rest) = provider.revocation.as_ref()?.url.split_once("://")?;
    Some((scheme, rest.split(['/', '?']).next().unwrap_or_default()))
}

/// Reads the configuration of a provider. The outcome is `None` if an operator did not configure it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetProvider {
    /// The provider.
    pub slug: Slug,
}

operator_command!(GetProvider, "get_provider", Option<StoredProvider>);

impl OperatorCommand for GetProvider {
    fn reads(&self) -> OperatorReads {
        OperatorReads { provider: Some(self.slug.clone()), ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Option<StoredProvider>, DecisionError> {
        Ok(snapshot.providers.first().cloned())
    }
}

/// Lists the providers that an operator configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListProviders {}

operator_command!(ListProviders, "list_providers", Vec<StoredProvider>);

impl OperatorCommand for ListProviders {
    fn reads(&self) -> OperatorReads {
        OperatorReads { providers: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Vec<StoredProvider>, DecisionError> {
        Ok(snapshot.providers.clone())
    }
}

/// Deletes the configuration of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteProvider {
    /// The provider.
    pub slug: Slug,
}

operator_command!(DeleteProvider, "delete_provider", ());

impl OperatorCommand for DeleteProvider {
    fn reads(&self) -> OperatorReads {
        OperatorReads { provider: Some(self.slug.clone()), ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<(), DecisionError> {
        snapshot.providers.first().ok_or(DecisionError::NotFound(Resource::Provider))?;
        mutations.push(OperatorMutation::DeleteProvider(self.slug.clone()));
        Ok(())
    }
}

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

operator_command!(PutWebhook, "put_webhook", WebhookPut);

impl OperatorCommand for PutWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        now: Timestamp,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<WebhookPut, DecisionError> {
        let before = snapshot.endpoint(&self.name).ok();
        if before.is_none() && snapshot.endpoints.len() >= ENDPOINTS_MAX {
            return Err(DecisionError::TooManyEndpoints { max: ENDPOINTS_MAX });
        }
        let (secret, previous_secret) = match (&self.secret, before) {
            (SigningSecret::Fresh(_), Some(before)) => (before.secret.clone(), before.previous_secret.clone()),
            (SigningSecret::Provided(secret) | SigningSecret::Fresh(secret), _) => (secret.clone(), None),
        };
        let disabled = self.disabled.then(|| {
            let kept = before.and_then(|before| before.disabled.clone());
            kept.unwrap_or_else(|| Disabled { at: now, reason: "disabled by an operator".to_owned() })
        });
        let endpoint = Endpoint {
            name: self.name.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
            secret,
            previous_secret,
            disabled,
            created_at: before.map_or(now, |before| before.created_at),
            updated_at: now,
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

operator_command!(RotateWebhookSecret, "rotate_webhook_secret", WebhookPut);

impl OperatorCommand for RotateWebhookSecret {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        now: Timestamp,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<WebhookPut, DecisionError> {
        let before = snapshot.endpoint(&self.name)?;
        let valid_until = now.plus_seconds(i64::from(self.previous_ttl));
        let previous = PreviousSigningSecret { sealed: before.secret.clone(), valid_until };
        let endpoint = Endpoint {
            secret: self.secret.clone(),
            previous_secret: (self.previous_ttl > 0).then_some(previous),
            updated_at: now,
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

operator_command!(GetWebhook, "get_webhook", Endpoint);

impl OperatorCommand for GetWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Endpoint, DecisionError> {
        snapshot.endpoint(&self.name).cloned()
    }
}

/// Lists the endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListWebhooks {}

operator_command!(ListWebhooks, "list_webhooks", Vec<Endpoint>);

impl OperatorCommand for ListWebhooks {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Vec<Endpoint>, DecisionError> {
        Ok(snapshot.endpoints.clone())
    }
}

/// Deletes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteWebhook {
    /// The endpoint.
    pub name: Slug,
}

operator_command!(DeleteWebhook, "delete_webhook", ());

impl OperatorCommand for DeleteWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<(), DecisionError> {
        snapshot.endpoint(&self.name)?;
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

operator_command!(ListDeliveries, "list_deliveries", Page<Delivery>);

impl OperatorCommand for ListDeliveries {
    fn reads(&self) -> OperatorReads {
        let deliveries = Some((self.name.clone(), self.page));
        OperatorReads { endpoints: true, deliveries, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Page<Delivery>, DecisionError> {
        snapshot.endpoint(&self.name)?;
        Ok(self.page.page(&snapshot.deliveries, |delivery| Some(delivery.clone())))
    }
}

/// Lists the abandoned revocations, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAbandoned {
    /// The page of the list to read.
    pub page: PageRequest,
}

operator_command!(ListAbandoned, "list_abandoned", Page<Revocation>);

impl OperatorCommand for ListAbandoned {
    fn reads(&self) -> OperatorReads {
        OperatorReads { abandoned: Some(self.page), ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        _: Timestamp,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Page<Revocation>, DecisionError> {
        Ok(self.page.page(&snapshot.abandoned, |revocation| Some(revocation.clone())))
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

operator_command!(RecordDeliveries, "record_deliveries", ());

impl OperatorCommand for RecordDeliveries {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        snapshot: &OperatorSnapshot,
        now: Timestamp,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<(), DecisionError> {
        let exists = |delivery: &&Delivery| snapshot.endpoint(&delivery.endpoint).is_ok();
        mutations.extend(self.deliveries.iter().filter(exists).cloned().map(OperatorMutation::AddDelivery));
        for Unsubscription { endpoint, reason } in &self.unsubscriptions {
            let Some(endpoint) = snapshot.endpoint(endpoint).ok().filter(|endpoint| endpoint.disabled.is_none()) else {
                continue;
            };
            let disabled = Some(Disabled { at: now, reason: reason.clone() });
            mutations.push(OperatorMutation::PutEndpoint(Endpoint { disabled, updated_at: now, ..endpoint.clone() }));
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

operator_command!(UpdateAbandoned, "update_abandoned", ());

impl OperatorCommand for UpdateAbandoned {
    fn reads(&self) -> OperatorReads {
        OperatorReads::default()
    }

    fn decide(
        &self,
        _: &OperatorSnapshot,
        _: Timestamp,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<(), DecisionError> {
        mutations.push(match self {
            Self::List(revocation) => OperatorMutation::PutAbandoned(revocation.as_ref().clone()),
            Self::Unlist(id) => OperatorMutation::DeleteAbandoned(id.clone()),
        });
        Ok(())
    }
}
