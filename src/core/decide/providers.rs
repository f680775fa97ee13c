//! Commands of the operator's ledger about providers.
//!
//! A credential is sent only where its provider revoked tokens when it was stored: each change of the call makes a new
//! version of the provider, and a credential keeps the version that it was stored with. Only root changes the host of a
//! provider, and only root lets a version apply to the credentials of earlier ones.
//!
//! ```
//! use hookswitch::core::decide::operator::OperatorCommand;
//! use hookswitch::core::decide::providers::GetProvider;
//!
//! let command = GetProvider { slug: "google".parse().unwrap() };
//! assert_eq!(command.reads().provider, Some("google".parse().unwrap()));
//! ```

use serde::{Deserialize, Serialize};

use super::Put;
use super::operator::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::access::Principal;
use crate::core::command::Command;
use crate::core::error::{DecisionError, Resource};
use crate::core::ids::Slug;
use crate::core::params::{Page, PageRequest};
use crate::core::provider::{
    Provider, ProviderCall, ProviderEvent, ProviderEventType, ProviderVersions, StoredProvider,
};
use crate::core::sealed::Sealed;

/// Configures a provider.
///
/// Without a new client secret the provider keeps the one it has, as long as client id and host stay the same: otherwise
/// a principal that changes the configuration could have the secret sent elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutProvider {
    /// The configuration.
    pub provider: Provider,
    /// The new client secret, encrypted.
    pub client_secret: Option<Sealed>,
    /// The provider as the catalogue has it.
    #[serde(default)]
    pub shipped: Option<Provider>,
}

operator_command!(PutProvider, "put_provider", Created, Put<StoredProvider>);

impl OperatorCommand for PutProvider {
    fn reads(&self) -> OperatorReads {
        of_provider(&self.provider.slug)
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<Put<StoredProvider>, DecisionError> {
        let before = cx.snapshot.providers.first();
        let (host, is_root) = (host(&self.provider), *cx.principal == Principal::Root);
        let known_host = known_host(cx, self.shipped.as_ref());
        let is_known = before.is_some() || self.shipped.is_some() || known_host.is_some();
        if host.is_some() && host != known_host && is_known && !is_root {
            return Err(DecisionError::RootRequired);
        }
        let is_same_client = |before: &&StoredProvider| {
            before.provider.client_id == self.provider.client_id && self::host(&before.provider) == host
        };
        let kept = before.filter(is_same_client).and_then(|before| before.client_secret.as_ref());
        let is_same_call = |before: &&StoredProvider| before.provider.revocation == self.provider.revocation;
        let same_call = before.filter(is_same_call);
        let stored = StoredProvider {
            provider: self.provider.clone(),
            client_secret: self.client_secret.as_ref().or(kept).cloned(),
            created_at: before.map_or(cx.now, |before| before.created_at),
            updated_at: cx.now,
            version: Some(same_call.and_then(|before| before.version).unwrap_or(cx.now)),
            // Root decides at once that a change at the same host applies to stored credentials, too.
            applies_to_earlier: same_call
                .map_or(is_root && host.is_some() && host == known_host, |before| before.applies_to_earlier),
        };
        if let Some(before) = before.filter(|_| same_call.is_none()) {
            mutations.push(OperatorMutation::KeepVersion(before.clone()));
        }
        if let Some(host) = host.as_ref().filter(|_| host != known_host) {
            mutations.push(OperatorMutation::PutHost(self.provider.slug.clone(), host.clone()));
        }
        let event_type = if before.is_some() { ProviderEventType::Updated } else { ProviderEventType::Created };
        let event = ProviderEvent { host, previous_host: known_host, ..event(cx, event_type, &self.provider.slug) };
        mutations.push(OperatorMutation::AddProviderEvent(event));
        mutations.push(OperatorMutation::PutProvider(stored.clone()));
        Ok(Put::of(stored, before.is_some()))
    }
}

/// Lets the configuration of a provider apply to the credentials that were stored with earlier ones. Only root may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveProvider {
    /// The provider.
    pub slug: Slug,
}

operator_command!(ApproveProvider, "approve_provider", Created, StoredProvider);

impl OperatorCommand for ApproveProvider {
    fn reads(&self) -> OperatorReads {
        of_provider(&self.slug)
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<StoredProvider, DecisionError> {
        if *cx.principal != Principal::Root {
            return Err(DecisionError::RootRequired);
        }
        let before = cx.snapshot.providers.first().ok_or(DecisionError::NotFound(Resource::Provider))?;
        let approved = StoredProvider { applies_to_earlier: true, updated_at: cx.now, ..before.clone() };
        let host = host(&approved.provider);
        let event = ProviderEvent { host, ..event(cx, ProviderEventType::Approved, &self.slug) };
        mutations.push(OperatorMutation::AddProviderEvent(event));
        mutations.push(OperatorMutation::PutProvider(approved.clone()));
        Ok(approved)
    }
}

/// Reads the configuration of a provider. The outcome is `None` if an operator did not configure it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetProvider {
    /// The provider.
    pub slug: Slug,
}

operator_command!(GetProvider, "get_provider", NotCreated, Option<StoredProvider>);

impl OperatorCommand for GetProvider {
    fn reads(&self) -> OperatorReads {
        of_provider(&self.slug)
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Option<StoredProvider>, DecisionError> {
        Ok(cx.snapshot.providers.first().cloned())
    }
}

/// Reads all versions of a provider that an operator configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetProviderVersions {
    /// The provider.
    pub slug: Slug,
}

operator_command!(GetProviderVersions, "get_provider_versions", NotCreated, ProviderVersions);

impl OperatorCommand for GetProviderVersions {
    fn reads(&self) -> OperatorReads {
        of_provider(&self.slug)
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<ProviderVersions, DecisionError> {
        let (current, earlier) = (cx.snapshot.providers.first().cloned(), cx.snapshot.earlier.clone());
        Ok(ProviderVersions { slug: self.slug.clone(), shipped: None, current, earlier })
    }
}

/// Lists the providers that an operator configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListProviders {}

operator_command!(ListProviders, "list_providers", NotCreated, Vec<StoredProvider>);

impl OperatorCommand for ListProviders {
    fn reads(&self) -> OperatorReads {
        OperatorReads { providers: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Vec<StoredProvider>, DecisionError> {
        Ok(cx.snapshot.providers.clone())
    }
}

/// Deletes the configuration of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteProvider {
    /// The provider.
    pub slug: Slug,
    /// The provider as the catalogue has it.
    #[serde(default)]
    pub shipped: Option<Provider>,
}

operator_command!(DeleteProvider, "delete_provider", Created, ());

impl OperatorCommand for DeleteProvider {
    fn reads(&self) -> OperatorReads {
        of_provider(&self.slug)
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        let before = cx.snapshot.providers.first().ok_or(DecisionError::NotFound(Resource::Provider))?;
        let shipped_host = self.shipped.as_ref().and_then(host);
        let changes_host = shipped_host.is_some() && shipped_host != host(&before.provider);
        if changes_host && *cx.principal != Principal::Root {
            return Err(DecisionError::RootRequired);
        }
        if let Some(host) = shipped_host.clone() {
            mutations.push(OperatorMutation::PutHost(self.slug.clone(), host));
        }
        let previous_host = known_host(cx, None);
        let event = event(cx, ProviderEventType::Deleted, &self.slug);
        mutations.push(OperatorMutation::AddProviderEvent(ProviderEvent {
            host: shipped_host,
            previous_host,
            ..event
        }));
        mutations.push(OperatorMutation::DeleteProvider(self.slug.clone()));
        Ok(())
    }
}

/// Lists the events about a provider, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListProviderEvents {
    /// The provider.
    pub slug: Slug,
    /// The page of the list to return.
    pub page: PageRequest,
}

operator_command!(ListProviderEvents, "list_provider_events", NotCreated, Page<ProviderEvent>);

impl OperatorCommand for ListProviderEvents {
    fn reads(&self) -> OperatorReads {
        OperatorReads { provider_events: Some((self.slug.clone(), self.page)), ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Page<ProviderEvent>, DecisionError> {
        Ok(self.page.page(&cx.snapshot.provider_events, |event| Some(event.clone())))
    }
}

fn of_provider(slug: &Slug) -> OperatorReads {
    OperatorReads { provider: Some(slug.clone()), ..OperatorReads::default() }
}

fn event(cx: &OperatorContext<'_>, event_type: ProviderEventType, slug: &Slug) -> ProviderEvent {
    let (slug, actor) = (slug.clone(), cx.principal.actor());
    ProviderEvent { event_type, slug, at: cx.now, actor, host: None, previous_host: None }
}

/// The host at which the provider revokes tokens now, or last did.
fn known_host(cx: &OperatorContext<'_>, shipped: Option<&Provider>) -> Option<String> {
    let current = cx.snapshot.providers.first().and_then(|stored| host(&stored.provider));
    current.or_else(|| cx.snapshot.host.clone()).or_else(|| shipped.and_then(host))
}

/// The scheme, host and port of the URL at which a provider revokes tokens.
fn host(provider: &Provider) -> Option<String> {
    provider.revocation.as_ref().and_then(ProviderCall::host)
}
