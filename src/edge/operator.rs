//! What belongs to no user: providers, webhook endpoints.

use super::execute::{Executor, Work};
use super::session::Session;
use crate::core::json::Object;
use crate::core::operator::{OperatorCommand, OperatorOutcome};
use crate::core::webhook::{self, Delivery, Endpoint};
use crate::core::{Answer, Command, Outcome, Principal, Refusal, Shard, Slug};
use crate::dialects::{Beside, Failure};
use crate::platform::wire::Message;
use crate::platform::{random, seal};
use crate::upstream::webhooks::{self, Sent};

impl Session<'_> {
    /// Sends an endpoint an event that says nothing, once and now.
    pub(super) async fn test_endpoint(&self, name: Slug) -> Result<Work, Failure> {
        allowed(&self.principal)?;
        let command = Command::OfOperator(OperatorCommand::GetEndpoint(name));
        let answer: Answer = self.look(Shard::of_operator(), command).await?;
        let mut work = Work::from(answer.outcome?);
        let Outcome::Operator(OperatorOutcome::Endpoint(endpoint, _)) = &work.outcome else {
            return Ok(work);
        };
        let Executor { env, config, ledgers, now } = self.executor;
        let id = format!("evt_test{:016x}", random().unwrap_or_default());
        let data = Object::new().with("event_id", id.as_str()).with("endpoint", endpoint.name.as_str());
        let body = webhook::message(TEST, *now, data);
        let Sent { status, error, .. } = webhooks::send(env, &config.keyring, endpoint, &id, &body).await;
        let delivery = Delivery {
            endpoint: endpoint.name.clone(),
            event_id: id,
            event_type: TEST.to_owned(),
            at: *now,
            attempt: 1,
            status: status.map(u32::from),
            error,
            next_at: None,
        };
        // The log is for people to look at; whoever asks is told the same.
        let message = Message::Delivered(vec![delivery.clone()], Vec::new());
        let _: Result<bool, _> = ledgers.operator(&message).await;
        work.beside = Beside::Delivery(Box::new(delivery));
        Ok(work)
    }
}

impl Executor<'_> {
    /// Adds the secret that is to be shown, once.
    pub(super) async fn show_secret(&self, work: &mut Work) -> Result<(), Failure> {
        if let Outcome::Operator(OperatorOutcome::EndpointWithSecret(endpoint, _)) = &work.outcome {
            let name = Endpoint::sealed_for(&endpoint.name);
            let secret = seal::open(&self.config.keyring, &name, &endpoint.secret).await;
            work.beside = Beside::Secret(secret.ok_or(Failure::Internal("a secret cannot be opened again"))?);
        }
        Ok(())
    }
}

/// The type of an event that says nothing.
const TEST: &str = "webhook.test";

pub(super) fn fresh_secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Failure::Internal("there is no randomness"))?;
    Ok(webhook::secret(&bytes))
}

/// Whether it may have to do with what belongs to no user. The ledger says so, too: this keeps others from asking it.
pub(super) fn allowed(principal: &Principal) -> Result<(), Failure> {
    if principal.writes_everyone() { Ok(()) } else { Err(Refusal::Forbidden.into()) }
}
