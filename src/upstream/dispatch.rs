//! Telling providers: each credential that is due is opened, and its provider is asked to revoke it.

use worker::Env;

use super::{answer, call, catalogue};
use crate::core::provider::{Provider, Stored};
use crate::core::revocation::{Reply, Report};
use crate::core::{Keyring, Slug};
use crate::platform::env::number;
use crate::platform::http::{Outgoing, Pending};
use crate::platform::ledgers::{Ledgers, Unavailable};
use crate::platform::seal;
use crate::platform::wire::{Due, Message};

/// How long a provider has to answer, in milliseconds, where `UPSTREAM_TIMEOUT_MS` does not say.
const TIMEOUT: u32 = 10_000;

/// A provider, and what we prove there with who we are.
struct Known {
    slug: Slug,
    /// None, where there is no such provider.
    provider: Option<Provider>,
    /// None, where it cannot be opened.
    client_secret: Option<String>,
}

/// What is under way for a credential.
enum Asked {
    Answered(Reply),
    Pending(Pending, crate::core::provider::Revocation),
}

/// Asks providers to revoke what is due, all at once.
pub(crate) async fn dispatch(env: &Env, keyring: &Keyring, due: &[Due]) -> Vec<Report> {
    let mut known: Vec<Known> = Vec::new();
    let mut asked = Vec::new();
    for credential in due {
        let place = known.iter().position(|known| known.slug == credential.provider);
        let found = match place.and_then(|place| known.get(place)) {
            Some(found) => Ok(found),
            None => match find(env, keyring, &credential.provider).await {
                Ok(found) => {
                    known.push(found);
                    known.last().ok_or(Unavailable)
                }
                Err(error) => Err(error),
            },
        };
        asked.push(match found {
            Ok(known) => (credential, ask(env, keyring, known, credential).await),
            // Nobody was asked: that is no attempt, and the ledger comes back to it.
            Err(Unavailable) => continue,
        });
    }
    let mut reports = Vec::new();
    for (credential, asked) in asked {
        let reply = match asked {
            Asked::Answered(reply) => reply,
            Asked::Pending(pending, revocation) => match pending.answer().await {
                Ok(got) => answer::read(&revocation, got.status, got.retry_after.as_deref(), &got.body),
                Err(error) => Reply::Retry(None, error),
            },
        };
        reports.push(Report { seq: credential.seq, attempts: credential.attempts, reply });
    }
    reports
}

/// The provider of this name: the one that an operator has put, or the one that ships.
pub(crate) async fn provider(env: &Env, slug: &Slug) -> Result<Option<Stored>, Unavailable> {
    Ledgers::of(env).ok_or(Unavailable)?.operator(&Message::Provider(slug.clone())).await
}

async fn find(env: &Env, keyring: &Keyring, slug: &Slug) -> Result<Known, Unavailable> {
    let Some(stored) = provider(env, slug).await? else {
        let client_secret = Some(String::new());
        return Ok(Known { slug: slug.clone(), provider: catalogue::find(slug), client_secret });
    };
    let client_secret = match &stored.client_secret {
        Some(sealed) => seal::open(keyring, &Stored::sealed_for(slug), sealed).await,
        None => Some(String::new()),
    };
    Ok(Known { slug: slug.clone(), provider: Some(stored.provider), client_secret })
}

async fn ask(env: &Env, keyring: &Keyring, known: &Known, credential: &Due) -> Asked {
    let unsupported = Asked::Answered(Reply::Unsupported);
    let refused = |why: &str| Asked::Answered(Reply::Refused(why.to_owned()));
    let Some(provider) = &known.provider else {
        return refused("there is no such provider");
    };
    let Some(revocation) = provider.revocation.as_ref().filter(|_| provider.revokes(credential.token_type)) else {
        return unsupported;
    };
    let Some(token) = seal::open(keyring, credential.connection_id.as_str(), &credential.sealed).await else {
        return refused("the secret that it was sealed with was dropped");
    };
    let Some(client_secret) = known.client_secret.as_deref() else {
        return refused("the secret that the provider's client secret was sealed with was dropped");
    };
    // A call without its client would be answered like one about a token that is dead.
    if provider.client_id.is_none() && call::names_client(revocation) {
        return refused("the provider has no client_id");
    }
    let Some(call) = call::revoke(provider, Some(client_secret), credential.token_type, &token) else {
        return unsupported;
    };
    let outgoing = Outgoing {
        method: call.method,
        url: &call.url,
        headers: &call.headers,
        body: call.body.as_deref(),
        timeout: number(env, "UPSTREAM_TIMEOUT_MS").unwrap_or(TIMEOUT),
    };
    Asked::Pending(outgoing.send(), revocation.clone())
}
