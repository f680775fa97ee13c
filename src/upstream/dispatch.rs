//! Telling providers: each credential that is due is opened, and its provider is asked to revoke it.

use worker::Env;

use super::{answer, call, catalogue};
use crate::core::provider::{Revocation, Stored};
use crate::core::revocation::{Reply, Report};
use crate::core::{Keyring, Slug};
use crate::platform::env::number;
use crate::platform::http::{Outgoing, Pending};
use crate::platform::ledgers::{Ledgers, Unavailable};
use crate::platform::seal;
use crate::platform::wire::{Due, Message};

/// How long a provider has to answer, in milliseconds, where `UPSTREAM_TIMEOUT_MS` does not say.
const TIMEOUT: u32 = 10_000;

/// What is under way for a credential.
enum Asked {
    Answered(Reply),
    Pending(Pending, Revocation),
}

/// Asks providers to revoke what is due, all at once.
pub(crate) async fn dispatch(env: &Env, keyring: &Keyring, due: &[Due]) -> Vec<Report> {
    // What operators have put of the providers, if anything.
    let mut known: Vec<(&Slug, Option<Stored>)> = Vec::new();
    let mut asked = Vec::new();
    for credential in due {
        let slug = &credential.provider;
        if !known.iter().any(|(known, _)| *known == slug) {
            let Ok(stored) = provider(env, slug).await else {
                // Nobody was asked: that is no attempt, and the ledger comes back to it.
                continue;
            };
            known.push((slug, stored));
        }
        let stored = known.iter().find(|(known, _)| *known == slug).and_then(|(_, stored)| stored.as_ref());
        asked.push((credential, ask(env, keyring, stored, credential).await));
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

/// Asks a provider to revoke a credential: the one that an operator has put, or else the one that ships.
async fn ask(env: &Env, keyring: &Keyring, stored: Option<&Stored>, credential: &Due) -> Asked {
    let unsupported = Asked::Answered(Reply::Unsupported);
    let refused = |why: &str| Asked::Answered(Reply::Refused(why.to_owned()));
    let provider = stored.map(|stored| stored.provider.clone()).or_else(|| catalogue::find(&credential.provider));
    let Some(provider) = &provider else {
        return refused("there is no such provider");
    };
    let Some(revocation) = provider.revocation.as_ref().filter(|_| provider.revokes(credential.token_type)) else {
        return unsupported;
    };
    let Some(token) = seal::open(keyring, credential.connection_id.as_str(), &credential.sealed).await else {
        return refused("the secret that it was sealed with was dropped");
    };
    let client_secret = match stored.and_then(|stored| stored.client_secret.as_ref()) {
        Some(sealed) => seal::open(keyring, &Stored::sealed_for(&credential.provider), sealed).await,
        None => Some(String::new()),
    };
    let Some(client_secret) = client_secret else {
        return refused("the secret that the provider's client secret was sealed with was dropped");
    };
    // A call without its client would be answered like one about a token that is dead.
    if provider.client_id.is_none() && call::names_client(revocation) {
        return refused("the provider has no client_id");
    }
    let Some(call) = call::revoke(provider, Some(&client_secret), credential.token_type, &token) else {
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
