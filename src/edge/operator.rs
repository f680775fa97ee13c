//! What belongs to no user: providers, webhook endpoints, revocations to look at.

use super::execute::{Executor, Work};
use super::upstream::UNSEALED;
use crate::core::command::RevocationAction;
use crate::core::credential::RevocationId;
use crate::core::json::Object;
use crate::core::operator::{EndpointOrder, OperatorCommand, OperatorOutcome};
use crate::core::provider::{Provider, Stored};
use crate::core::request::Retry;
use crate::core::webhook::{self, Delivery, Endpoint};
use crate::core::{Command, Outcome, Principal, Refusal, Sealed, Shard, Slug};
use crate::dialects::{Beside, Failure, NewEndpoint, Secret};
use crate::platform::wire::Message;
use crate::platform::{random, seal};
use crate::upstream::catalogue;
use crate::upstream::webhooks::{self, Sent};

impl Executor<'_> {
    pub(super) async fn put_provider(
        &self,
        provider: Provider,
        secret: Option<Secret>,
        principal: Principal,
    ) -> Result<Work, Failure> {
        allowed(&principal)?;
        let sealed = match secret {
            Some(secret) => Some(self.sealed(&Stored::sealed_for(&provider.slug), &secret.0).await?),
            None => None,
        };
        self.of_operator(OperatorCommand::PutProvider(provider, sealed), principal, None).await
    }

    /// The provider that was put under this name, or else the one that ships.
    pub(super) async fn get_provider(&self, slug: Slug, principal: Principal) -> Result<Work, Failure> {
        let shipped = catalogue::find(&slug);
        let mut work = self.of_operator(OperatorCommand::GetProvider(slug), principal, None).await?;
        if let Some(shipped) = shipped {
            work.beside = Beside::Shipped(Box::new(shipped));
        }
        Ok(work)
    }

    pub(super) async fn put_endpoint(&self, new: NewEndpoint, principal: Principal) -> Result<Work, Failure> {
        allowed(&principal)?;
        let replaces = new.secret.is_some();
        let secret = match new.secret {
            Some(secret) => secret.0,
            None => fresh_secret()?,
        };
        let order = EndpointOrder {
            secret: self.sealed(&Endpoint::sealed_for(&new.name), &secret).await?,
            name: new.name,
            url: new.url,
            events: new.events,
            disabled: new.disabled,
            replaces,
        };
        let work = self.of_operator(OperatorCommand::PutEndpoint(order), principal, None).await?;
        self.with_secret(work).await
    }

    pub(super) async fn rotate_endpoint_secret(
        &self,
        name: Slug,
        ttl: u32,
        principal: Principal,
        retry: Option<Retry>,
    ) -> Result<Work, Failure> {
        allowed(&principal)?;
        let sealed = self.sealed(&Endpoint::sealed_for(&name), &fresh_secret()?).await?;
        let work = self.of_operator(OperatorCommand::RotateSecret(name, sealed, ttl), principal, retry).await?;
        self.with_secret(work).await
    }

    /// Sends an endpoint an event that says nothing, once and now.
    pub(super) async fn test_endpoint(&self, name: Slug, principal: Principal) -> Result<Work, Failure> {
        let mut work = self.of_operator(OperatorCommand::GetEndpoint(name), principal, None).await?;
        let Outcome::Operator(OperatorOutcome::Endpoint(endpoint, _)) = &work.outcome else {
            return Ok(work);
        };
        let id = format!("evt_test{:016x}", random().unwrap_or_default());
        let data = Object::new().with("event_id", id.as_str()).with("endpoint", endpoint.name.as_str());
        let body = webhook::message(TEST, self.now, data);
        let Sent { status, error, .. } = webhooks::send(self.env, &self.config.keyring, endpoint, &id, &body).await;
        let delivery = Delivery {
            endpoint: endpoint.name.clone(),
            event_id: id,
            event_type: TEST.to_owned(),
            at: self.now,
            attempt: 1,
            status: status.map(u32::from),
            error,
            next_at: None,
        };
        // The log is for people to look at; whoever asks is told the same.
        let message = Message::Delivered(vec![delivery.clone()], Vec::new());
        let _: Result<bool, _> = self.ledgers.operator(&message).await;
        work.beside = Beside::Delivery(Box::new(delivery));
        Ok(work)
    }

    /// Something of a revocation at a provider, which is told at once where it is to be told again.
    pub(super) async fn of_revocation(
        &self,
        id: RevocationId,
        action: RevocationAction,
        principal: Principal,
        retry: Option<Retry>,
    ) -> Result<Work, Failure> {
        allowed(&principal)?;
        let work = self.run(id.shard, principal, Command::OfRevocation(id.seq, action), retry).await?;
        Ok(if action == RevocationAction::Retry { self.told(id.shard, work).await } else { work })
    }

    async fn of_operator(
        &self,
        command: OperatorCommand,
        principal: Principal,
        retry: Option<Retry>,
    ) -> Result<Work, Failure> {
        allowed(&principal)?;
        self.run(Shard::of_operator(), principal, Command::OfOperator(command), retry).await
    }

    async fn sealed(&self, name: &str, secret: &str) -> Result<Sealed, Failure> {
        seal::seal(&self.config.keyring, name, secret).await.ok_or(UNSEALED)
    }

    /// Adds the secret that is to be shown, once.
    async fn with_secret(&self, mut work: Work) -> Result<Work, Failure> {
        if let Outcome::Operator(OperatorOutcome::EndpointWithSecret(endpoint, _)) = &work.outcome {
            let name = Endpoint::sealed_for(&endpoint.name);
            let secret = seal::open(&self.config.keyring, &name, &endpoint.secret).await;
            work.beside = Beside::Secret(secret.ok_or(Failure::Internal("a secret cannot be opened again"))?);
        }
        Ok(work)
    }
}

/// The type of an event that says nothing.
const TEST: &str = "webhook.test";

fn fresh_secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Failure::Internal("there is no randomness"))?;
    Ok(webhook::secret(&bytes))
}

/// Whether it may have to do with what belongs to no user. The ledger says so, too: this keeps others from asking it.
fn allowed(principal: &Principal) -> Result<(), Failure> {
    if principal.writes_everyone() { Ok(()) } else { Err(Refusal::Forbidden.into()) }
}
