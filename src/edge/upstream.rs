//! What connections hold of their providers', and telling those at once when a connection is revoked.

use super::execute::{Executor, Work, named};
use super::session::Session;
use crate::core::command::Action;
use crate::core::credential::{Deposit, Deposits};
use crate::core::{
    Answer, Command, ConnectionId, ConnectionStatus, ConnectionVerdict, CredentialState, Link, Outcome, Principal,
    Refusal, Request, Sealed, Shard,
};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Expiry, Failure, Upstream};
use crate::platform::seal;
use crate::upstream::{catalogue, dispatch};

impl Session<'_> {
    /// Has a connection hold credentials of its app's provider.
    pub(super) async fn hold(&self, shard: Shard, id: ConnectionId, mut deposits: Deposits) -> Result<Work, Failure> {
        let verdict = connection(self.look(shard, Command::OfConnection(id.clone(), Action::Get)).await?)?;
        let app = self.executor.apps(&[&verdict.connection.app_id]).await?.pop();
        deposits.provider = app.and_then(|app| app.registration.provider);
        if deposits.provider.is_none() {
            return Err(Refusal::ProviderMissing.into());
        }
        self.run(shard, Command::OfConnection(id, Action::Hold(deposits)), None, None).await
    }

    /// Refuses to end an active connection whose provider offers no way to: that is one that can revoke nothing of what
    /// the connection holds.
    pub(super) async fn needs_support(&self, link: &Link) -> Result<(), Failure> {
        let (shard, id) = named(link.clone(), &self.principal)?;
        let verdict = connection(self.look(shard, Command::OfConnection(id, Action::Get)).await?)?;
        let mut held = verdict.credentials.iter().filter(|held| held.state == CredentialState::Held).peekable();
        let (ConnectionStatus::Active, Some(slug), Some(_)) =
            (verdict.status(), &verdict.connection.provider, held.peek())
        else {
            return Ok(());
        };
        let stored = dispatch::provider(self.executor.env, slug).await?;
        let provider = stored.map_or_else(|| catalogue::find(slug), |stored| Some(stored.provider));
        if provider.is_some_and(|provider| held.any(|credential| provider.revokes(credential.token_type))) {
            return Ok(());
        }
        Err(Refusal::RevocationUnsupported.into())
    }
}

impl Executor<'_> {
    /// Seals secrets for what has this name, in their order.
    pub(super) async fn seal(&self, name: &str, secrets: &[&str]) -> Result<Vec<Sealed>, Failure> {
        let mut all = Vec::new();
        for secret in secrets {
            let sealed = seal::seal(&self.config.keyring, name, secret).await;
            all.push(sealed.ok_or(Failure::Internal("the platform does not seal"))?);
        }
        Ok(all)
    }

    /// Credentials, sealed, as they go to a ledger.
    pub(super) fn deposits(&self, upstream: &Upstream, sealed: Vec<Sealed>) -> Deposits {
        let mut tokens = Vec::new();
        for (&(token_type, _, expiry), sealed) in upstream.tokens.iter().zip(sealed) {
            let expires_at = expiry.map(|expiry| match expiry {
                Expiry::At(at) => at,
                Expiry::In(seconds) => self.now.plus_seconds(i64::from(seconds)),
            });
            tokens.push(Deposit { token_type, sealed, expires_at });
        }
        Deposits { provider: upstream.provider.clone(), tokens }
    }

    /// Tells the provider what it is to be told of what came of a request, and has that say what it is then. What fails
    /// here the ledger does again.
    pub(super) async fn tell(&self, shard: Shard, work: &mut Work) {
        let verdict = match &mut work.outcome {
            Outcome::ConnectionChanged { previous, verdict }
                if *previous != ConnectionStatus::Revoking && verdict.status() == ConnectionStatus::Revoking =>
            {
                verdict
            }
            Outcome::Revocation(revocation, verdict) if revocation.credential.state == CredentialState::Revoking => {
                verdict
            }
            _ => return,
        };
        let now = self.told(shard, verdict.connection.id.clone(), work.replayed).await;
        if let Ok(now) = now {
            *verdict = now;
        }
        if let Outcome::Revocation(revocation, verdict) = &mut work.outcome {
            for credential in &verdict.credentials {
                if credential.seq == revocation.credential.seq {
                    revocation.credential = credential.clone();
                }
            }
        }
    }

    /// What a connection is once its provider was told of it: now, or by the request that came before.
    async fn told(&self, shard: Shard, id: ConnectionId, before: bool) -> Result<ConnectionVerdict, Failure> {
        if before {
            let request = Request::plain(Principal::Root, Command::OfConnection(id, Action::Get));
            return connection(self.ledgers.run(shard, &request).await?);
        }
        let due = self.ledgers.due(shard, &id).await?;
        let reports = dispatch::dispatch(self.env, &self.config.keyring, &due).await;
        self.ledgers.settle(shard, &id, reports).await?.ok_or(UNEXPECTED)
    }
}

/// The connection that a ledger shows.
fn connection(answer: Answer) -> Result<ConnectionVerdict, Failure> {
    match answer.outcome? {
        Outcome::Connection(verdict) => Ok(verdict),
        _ => Err(UNEXPECTED),
    }
}
