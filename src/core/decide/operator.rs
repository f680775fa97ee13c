//! What belongs to no user: providers and webhook endpoints.

use super::Case;
use crate::core::answer::Outcome;
use crate::core::credential::Sealed;
use crate::core::ids::Slug;
use crate::core::operator::{EndpointOrder, OperatorChange, OperatorCommand, OperatorOutcome};
use crate::core::provider::{Provider, Stored};
use crate::core::refusal::{Refusal, Thing};
use crate::core::revocation::Revocation;
use crate::core::view::{Change, Writes};
use crate::core::webhook::{Delivery, ENDPOINTS_MAX, Endpoint};

impl Case<'_> {
    pub(super) fn of_operator(&self, command: &OperatorCommand, writes: &mut Writes) -> Result<Outcome, Refusal> {
        let shown = &self.view.operator;
        Ok(Outcome::Operator(match command {
            OperatorCommand::PutProvider(provider, secret) => self.put_provider(provider, secret.as_ref(), writes),
            OperatorCommand::GetProvider(_) => OperatorOutcome::Provider(shown.providers.first().cloned(), false),
            OperatorCommand::ListProviders => OperatorOutcome::Providers(shown.providers.clone()),
            OperatorCommand::DeleteProvider(slug) => {
                shown.providers.first().ok_or(Refusal::NotThere(Thing::Provider))?;
                writes.changes.push(Change::Operator(OperatorChange::DeleteProvider(slug.clone())));
                OperatorOutcome::Deleted
            }
            OperatorCommand::PutEndpoint(order) => self.put_endpoint(order, writes)?,
            OperatorCommand::RotateSecret(name, secret, ttl) => self.rotate_endpoint(name, secret, *ttl, writes)?,
            OperatorCommand::GetEndpoint(name) => OperatorOutcome::Endpoint(self.endpoint(name)?.clone(), false),
            OperatorCommand::ListEndpoints => OperatorOutcome::Endpoints(shown.endpoints.clone()),
            OperatorCommand::DeleteEndpoint(name) => {
                self.endpoint(name)?;
                writes.changes.push(Change::Operator(OperatorChange::DeleteEndpoint(name.clone())));
                OperatorOutcome::Deleted
            }
            OperatorCommand::ListDeliveries(name, page) => {
                self.endpoint(name)?;
                let show = |(_, delivery): &(u64, Delivery)| Some(delivery.clone());
                let (deliveries, next) = page.list(&shown.deliveries, |(seq, _)| *seq, show);
                OperatorOutcome::Deliveries(deliveries, next)
            }
            OperatorCommand::ListAbandoned(page) => {
                let show = |(_, revocation): &(u64, Revocation)| Some(revocation.clone());
                let (abandoned, next) = page.list(&shown.abandoned, |(seq, _)| *seq, show);
                OperatorOutcome::Abandoned(abandoned, next)
            }
        }))
    }

    /// Puts a provider. Without a new client secret it keeps the one that it has, as long as it is the same client at the
    /// same host: else whoever puts it could have the secret sent elsewhere.
    fn put_provider(&self, provider: &Provider, secret: Option<&Sealed>, writes: &mut Writes) -> OperatorOutcome {
        let before = self.view.operator.providers.first();
        let same = |before: &&Stored| {
            before.provider.client_id == provider.client_id && host(&before.provider) == host(provider)
        };
        let kept = before.filter(same);
        let client_secret = secret.or_else(|| kept.and_then(|before| before.client_secret.as_ref()));
        let stored = Stored {
            provider: provider.clone(),
            client_secret: client_secret.cloned(),
            created_at: before.map_or(self.now, |before| before.created_at),
            updated_at: self.now,
        };
        writes.changes.push(Change::Operator(OperatorChange::PutProvider(stored.clone())));
        OperatorOutcome::Provider(Some(stored), before.is_none())
    }

    fn endpoint(&self, name: &Slug) -> Result<&Endpoint, Refusal> {
        let endpoints = &self.view.operator.endpoints;
        endpoints.iter().find(|endpoint| endpoint.name == *name).ok_or(Refusal::NotThere(Thing::Webhook))
    }

    fn put_endpoint(&self, order: &EndpointOrder, writes: &mut Writes) -> Result<OperatorOutcome, Refusal> {
        let before = self.endpoint(&order.name).ok();
        if before.is_none() && self.view.operator.endpoints.len() >= ENDPOINTS_MAX {
            return Err(Refusal::TooManyEndpoints);
        }
        let disabled = before.and_then(|before| before.disabled.clone());
        let by_hand = || (self.now, "disabled by an operator".to_owned());
        let kept = before.filter(|_| !order.replaces);
        let endpoint = Endpoint {
            name: order.name.clone(),
            url: order.url.clone(),
            events: order.events.clone(),
            secret: kept.map_or(&order.secret, |before| &before.secret).clone(),
            previous_secret: kept.and_then(|before| before.previous_secret.clone()),
            disabled: order.disabled.then(|| disabled.unwrap_or_else(by_hand)),
            created_at: before.map_or(self.now, |before| before.created_at),
            updated_at: self.now,
        };
        writes.changes.push(Change::Operator(OperatorChange::PutEndpoint(endpoint.clone())));
        Ok(match before {
            None => OperatorOutcome::EndpointWithSecret(endpoint, true),
            Some(_) => OperatorOutcome::Endpoint(endpoint, false),
        })
    }

    fn rotate_endpoint(
        &self,
        name: &Slug,
        secret: &Sealed,
        ttl: u32,
        writes: &mut Writes,
    ) -> Result<OperatorOutcome, Refusal> {
        let before = self.endpoint(name)?;
        let until = self.now.plus_seconds(i64::from(ttl));
        let mut endpoint = before.clone();
        let replaced = std::mem::replace(&mut endpoint.secret, secret.clone());
        endpoint.previous_secret = (ttl > 0).then_some((replaced, until));
        endpoint.updated_at = self.now;
        writes.changes.push(Change::Operator(OperatorChange::PutEndpoint(endpoint.clone())));
        Ok(OperatorOutcome::EndpointWithSecret(endpoint, false))
    }
}

/// The URL of a provider's revocations up to its path: the scheme and the host.
fn host(provider: &Provider) -> Option<(&str, &str)> {
    let mut parts = provider.revocation.as_ref()?.url.split('/');
    Some((parts.next()?, parts.nth(1).unwrap_or_default()))
}
