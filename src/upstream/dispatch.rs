//! Dispatch of revocations: each credential is decrypted, and its provider is asked to revoke it.
//!
//! ```
//! use hookswitch::upstream::dispatch::ConfiguredProvider;
//!
//! // A provider of the catalogue needs no configuration; an unknown one has none.
//! assert!(ConfiguredProvider::resolve(&"google".parse().unwrap(), None).is_some());
//! assert!(ConfiguredProvider::resolve(&"unknown".parse().unwrap(), None).is_none());
//! ```

use std::time::Duration;

use futures_util::future::join_all;

use super::http::{HttpClient, NoResponse};
use super::{answer, call, catalogue};
use crate::core::provider::{Provider, StoredProvider};
use crate::core::revocation::{PendingRevocation, ProviderReply, RevocationAttempt};
use crate::core::{Keyring, Sealed, Slug};

/// The configuration of a provider that is in force: the operator's, or the catalogue's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredProvider {
    /// The provider.
    pub provider: Provider,
    /// The client secret at the provider, encrypted.
    pub client_secret: Option<Sealed>,
}

impl ConfiguredProvider {
    /// The configuration that is in force if the operator has stored `stored`; `None` if nobody knows the provider.
    #[must_use]
    pub fn resolve(slug: &Slug, stored: Option<StoredProvider>) -> Option<Self> {
        match stored {
            Some(StoredProvider { provider, client_secret, .. }) => Some(Self { provider, client_secret }),
            None => catalogue::find(slug).map(|provider| Self { provider, client_secret: None }),
        }
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
}

impl Dispatcher<'_> {
    /// Asks providers to revoke credentials, all at once. `providers` has the configuration of every provider that is
    /// known.
    pub async fn dispatch(
        &self,
        pending: &[PendingRevocation],
        providers: &[ConfiguredProvider],
    ) -> Vec<RevocationAttempt> {
        let attempts = pending.iter().map(|revocation| async move {
            let provider = providers.iter().find(|configured| configured.provider.slug == revocation.provider);
            let reply = self.attempt(revocation, provider).await.unwrap_or_else(|reply| reply);
            RevocationAttempt { seq: revocation.seq, attempts: revocation.attempts, reply }
        });
        join_all(attempts).await
    }

    /// Makes one attempt. The error is the reply to an attempt that could not be made.
    async fn attempt(
        &self,
        revocation: &PendingRevocation,
        configured: Option<&ConfiguredProvider>,
    ) -> Result<ProviderReply, ProviderReply> {
        let ConfiguredProvider { provider, client_secret } =
            configured.ok_or_else(|| refused("the provider does not exist"))?;
        let token_type = revocation.token_type;
        let supported = provider.revocation.as_ref().filter(|call| call.tokens.contains(&token_type));
        let provider_call = supported.ok_or(ProviderReply::Unsupported)?;
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
            Ok(response) => answer::interpret(provider_call, &response),
            Err(NoResponse(error)) => ProviderReply::Retry { after: None, error },
        })
    }
}

fn refused(error: &str) -> ProviderReply {
    ProviderReply::Refused { error: error.to_owned() }
}
