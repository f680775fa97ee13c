//! Dispatch of revocations: each credential is decrypted, and its provider is asked to revoke it.
//!
//! ```
//! use hookswitch::core::provider::ProviderVersions;
//! use hookswitch::upstream::dispatch::{ConfiguredProvider, with_catalogue};
//!
//! // A provider of the catalogue needs no configuration; an unknown one has none.
//! let versions = |slug: &str| {
//!     let slug = slug.parse().unwrap();
//!     with_catalogue(ProviderVersions { slug, shipped: None, current: None, earlier: Vec::new() })
//! };
//! assert!(ConfiguredProvider::current(&versions("google")).is_some());
//! assert!(ConfiguredProvider::current(&versions("unknown")).is_none());
//! ```

use std::time::Duration;

use futures_util::future::join_all;

use super::http::{HttpClient, NoResponse};
use super::{answer, call, catalogue};
use crate::core::provider::{Provider, ProviderVersions, StoredProvider};
use crate::core::revocation::{PendingRevocation, ProviderReply, RevocationAttempt};
use crate::core::{Keyring, Sealed, Timestamp};

/// The configuration of a provider that applies to a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredProvider {
    /// The provider.
    pub provider: Provider,
    /// The client secret at the provider, encrypted.
    pub client_secret: Option<Sealed>,
}

/// Adds the catalogue's configuration to those of the operator.
#[must_use]
pub fn with_catalogue(versions: ProviderVersions) -> ProviderVersions {
    ProviderVersions { shipped: catalogue::find(&versions.slug), ..versions }
}

impl ConfiguredProvider {
    /// The configuration that new credentials are stored with; `None` if nobody knows the provider.
    #[must_use]
    pub fn current(versions: &ProviderVersions) -> Option<Self> {
        versions.current.as_ref().map(Self::of).or_else(|| Self::shipped(versions))
    }

    /// The configuration that applies to a credential of this version.
    fn for_credential(versions: &ProviderVersions, version: Option<Timestamp>) -> Option<Self> {
        let configured = versions.for_credential(version).map(Self::of);
        configured.or_else(|| Self::shipped(versions).filter(|_| version.is_none()))
    }

    fn of(stored: &StoredProvider) -> Self {
        Self { provider: stored.provider.clone(), client_secret: stored.client_secret.clone() }
    }

    fn shipped(versions: &ProviderVersions) -> Option<Self> {
        versions.shipped.clone().map(|provider| Self { provider, client_secret: None })
    }
}

/// A client for requests to providers.
#[derive(Clone, Copy)]
pub struct Dispatcher<'a> {
    /// Sends the requests.
    pub http: &'a dyn HttpClient,
    /// Decrypts the credentials.
    pub keyring: &'a Keyring,
    /// How long a provider has to answer.
    pub timeout: Duration,
    /// The time, for providers that name a date at which they may be asked again.
    pub now: Timestamp,
}

impl Dispatcher<'_> {
    /// Asks providers to revoke credentials, all at once. `providers` has every provider that was
    /// read.
    pub async fn dispatch(
        &self,
        pending: &[PendingRevocation],
        providers: &[ProviderVersions],
    ) -> Vec<RevocationAttempt> {
        let attempts = pending.iter().map(|revocation| async move {
            let provider = providers.iter().find(|versions| versions.slug == revocation.provider);
            let reply = self.attempt(revocation, provider).await.unwrap_or_else(|reply| reply);
            RevocationAttempt { seq: revocation.seq, attempts: revocation.attempts, reply }
        });
        join_all(attempts).await
    }

    /// Makes one attempt. The error is the reply to an attempt that could not be made.
    async fn attempt(
        &self,
        revocation: &PendingRevocation,
        versions: Option<&ProviderVersions>,
    ) -> Result<ProviderReply, ProviderReply> {
        let versions = versions.ok_or_else(|| refused("the provider does not exist"))?;
        let configured = ConfiguredProvider::for_credential(versions, revocation.provider_version);
        let configured = configured.ok_or_else(|| refused("the provider does not exist"))?;
        let ConfiguredProvider { provider, client_secret } = &configured;
        let token_type = revocation.token_type;
        if !provider.revokes(token_type) {
            // The credential stays if a configuration that root has not approved for it could revoke it.
            let is_supported_now =
                ConfiguredProvider::current(versions).is_some_and(|current| current.provider.revokes(token_type));
            return Err(if is_supported_now {
                refused("root has not approved the provider's new call for this credential")
            } else {
                ProviderReply::Unsupported
            });
        }
        let provider_call = provider.revocation.as_ref().ok_or(ProviderReply::Unsupported)?;
        let token = self.keyring.unseal(revocation.connection_id.as_str(), &revocation.sealed);
        let token = token.ok_or_else(|| refused("the secret that encrypted the credential was dropped"))?;
        let client_secret = match client_secret {
            Some(sealed) => {
                let secret = self.keyring.unseal(&StoredProvider::seal_owner(&provider.slug), sealed);
                Some(secret.ok_or_else(|| refused("the secret that encrypted the client secret was dropped"))?)
            }
            None => None,
        };
        // Some providers answer a request without a client as if the token were invalid.
        if provider.client_id.is_none() && call::names_client(provider_call) {
            return Err(refused("the provider has no client_id"));
        }
        let request = call::revocation_request(provider, client_secret.as_deref(), token_type, &token);
        let request = request.ok_or(ProviderReply::Unsupported)?;
        Ok(match self.http.send(request, self.timeout).await {
            Ok(response) => answer::interpret(provider_call, &response, self.now),
            Err(NoResponse(error)) => ProviderReply::Retry { after: None, error },
        })
    }
}

fn refused(error: &str) -> ProviderReply {
    ProviderReply::Refused { error: error.to_owned() }
}
