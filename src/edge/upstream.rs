//! What connections hold of their providers', and telling those at once when a connection is revoked.

use super::execute::{Executor, Work, named};
use super::session::Session;
use crate::core::command::Action;
use crate::core::credential::{Deposit, Deposits};
use crate::core::{
    Answer, Command, ConnectionId, ConnectionStatus, ConnectionVerdict, CredentialState, Link, Outcome, Principal,
    Refusal, Request, Shard,
};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Expiry, Failure, Upstream};
use crate::platform::seal;
use crate::upstream::{catalogue, dispatch};

impl Session<'_> {
    /// Makes a connection that holds credentials from the start.
    pub(super) async fn connect(&self, command: Command, upstream: Upstream) -> Result<Work, Failure> {
        let shard = command.shard().ok_or(Failure::Internal("a command names no ledger"))?;
        let app = self.executor.app_of(&command).await?;
        let (handles, minting) = self.executor.mint_for(&command, shard)?;
        let id = minting.connection_id.as_ref().ok_or(Failure::Internal("a connection has no name"))?;
        let Command::Connect { user_id, app_id, scope, metadata, .. } = command else {
            return Err(Failure::Internal("only a new connection holds something from the start"));
        };
        let upstream = Some(self.executor.seal(id, upstream).await?);
        let command = Command::Connect { user_id, app_id, scope, metadata, upstream };
        self.done(self.send(shard, command, app, handles, minting)).await
    }

    /// Has a connection hold credentials: of the provider that is named, or else of its own, or else of its app's.
    pub(super) async fn hold(&self, link: Link, upstream: Upstream) -> Result<Work, Failure> {
        let (shard, id) = named(link, &self.principal)?;
        let mut deposits = self.executor.seal(&id, upstream).await?;
        let command = Command::OfConnection(id.clone(), Action::Hold(deposits.clone()));
        let done = self.run(shard, command).await;
        if !matches!(done, Err(Failure::Refused(Refusal::ProviderMissing))) {
            return done;
        }
        let verdict = self.connection(shard, id.clone()).await?;
        let apps = self.executor.apps(&[&verdict.connection.app_id]).await?;
        deposits.provider = apps.into_iter().find_map(|app| app.registration.provider);
        if deposits.provider.is_none() {
            return done;
        }
        self.run(shard, Command::OfConnection(id, Action::Hold(deposits))).await
    }

    /// Refuses to end an active connection whose provider offers no way to.
    pub(super) async fn needs_support(&self, link: &Link) -> Result<(), Failure> {
        let (shard, id) = named(link.clone(), &self.principal)?;
        let verdict = self.connection(shard, id).await?;
        if verdict.status() == ConnectionStatus::Active && !self.executor.is_supported(&verdict).await? {
            return Err(Refusal::RevocationUnsupported.into());
        }
        Ok(())
    }

    /// The connection, as its ledger shows it.
    async fn connection(&self, shard: Shard, id: ConnectionId) -> Result<ConnectionVerdict, Failure> {
        let answer: Answer = self.look(shard, Command::OfConnection(id, Action::Get)).await?;
        match answer.outcome? {
            Outcome::Connection(verdict) => Ok(verdict),
            _ => Err(UNEXPECTED),
        }
    }
}

impl Executor<'_> {
    async fn seal(&self, id: &ConnectionId, upstream: Upstream) -> Result<Deposits, Failure> {
        let mut tokens = Vec::new();
        for (token_type, secret, expiry) in upstream.tokens {
            let sealed = seal::seal(&self.config.keyring, id.as_str(), &secret.0).await.ok_or(UNSEALED)?;
            let expires_at = expiry.map(|expiry| match expiry {
                Expiry::At(at) => at,
                Expiry::In(seconds) => self.now.plus_seconds(i64::from(seconds)),
            });
            tokens.push(Deposit { token_type, sealed, expires_at });
        }
        Ok(Deposits { provider: upstream.provider, tokens })
    }

    /// Whether anything of what a connection holds can be revoked at its provider, or there is nothing to be.
    async fn is_supported(&self, verdict: &ConnectionVerdict) -> Result<bool, Failure> {
        let mut held =
            verdict.credentials.iter().filter(|credential| credential.state == CredentialState::Held).peekable();
        let (Some(slug), Some(_)) = (&verdict.connection.provider, held.peek()) else {
            return Ok(true);
        };
        let provider = match dispatch::provider(self.env, slug).await? {
            Some(stored) => Some(stored.provider),
            None => catalogue::find(slug),
        };
        Ok(provider.is_some_and(|provider| held.any(|credential| provider.revokes(credential.token_type))))
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
        let id = verdict.connection.id.clone();
        let now = if work.replayed { self.as_it_is(shard, id).await } else { self.tell_provider(shard, &id).await };
        if let Ok(Some(now)) = now {
            *verdict = now;
        }
        if let Outcome::Revocation(revocation, verdict) = &mut work.outcome {
            let credential = verdict.credentials.iter().find(|known| known.seq == revocation.credential.seq);
            revocation.credential = credential.unwrap_or(&revocation.credential).clone();
        }
    }

    async fn tell_provider(&self, shard: Shard, id: &ConnectionId) -> Result<Option<ConnectionVerdict>, Failure> {
        let due = self.ledgers.due(shard, id).await?;
        let reports = dispatch::dispatch(self.env, &self.config.keyring, &due).await;
        Ok(self.ledgers.settle(shard, id, reports).await?)
    }

    /// An earlier answer may be of a connection that its provider was still to be told of.
    async fn as_it_is(&self, shard: Shard, id: ConnectionId) -> Result<Option<ConnectionVerdict>, Failure> {
        let request = Request::plain(Principal::Root, Command::OfConnection(id, Action::Get));
        match self.ledgers.run(shard, &request).await?.outcome {
            Ok(Outcome::Connection(verdict)) => Ok(Some(verdict)),
            _ => Ok(None),
        }
    }
}

pub(super) const UNSEALED: Failure = Failure::Internal("the platform does not seal");
