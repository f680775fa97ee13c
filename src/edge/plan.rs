//! What becomes of a request that is one command to one ledger: what comes before it, the command, and what comes after.

use std::mem;

use super::execute::{Executor, Work, digest, known, named};
use super::memory;
use super::operator::{allowed, fresh_secret};
use super::session::{Session, fresh_nonce};
use crate::core::codec::Nonce;
use crate::core::command::{Action, RevocationAction};
use crate::core::credential::Deposits;
use crate::core::operator::{EndpointOrder, OperatorCommand};
use crate::core::provider::{Provider, Stored};
use crate::core::target::TokenName;
use crate::core::webhook::Endpoint;
use crate::core::{
    AppId, Command, ConnectionId, ExternalId, Kind, Link, Outcome, Principal, Refusal, Sealed, Shard, UserId,
};
use crate::dialects::ask::{NewEndpoint, Upstream};
use crate::dialects::{Ask, Beside, Failure};
use crate::upstream::catalogue;

/// What was made ready before a command.
#[derive(Default)]
pub(super) struct Ready {
    /// The secrets of the request, sealed.
    sealed: Vec<Sealed>,
    /// What the command is to mint of, where its name was needed before.
    nonce: Option<Nonce>,
}

/// A command, the ledger that it is for, and what comes after it.
pub(super) struct Plan {
    pub(super) shard: Shard,
    pub(super) command: Command,
    pub(super) nonce: Option<Nonce>,
    pub(super) after: After,
}

/// What comes after a command.
#[derive(Default)]
pub(super) enum After {
    #[default]
    Nothing,
    /// The verdict that came of it is remembered, where the token is dead.
    Remember(TokenName),
    /// Whoever claimed an external id has it now.
    Confirm(ExternalId, UserId),
    /// The provider of a connection in this ledger is told, where it is to be.
    Tell(Shard),
    /// Where no provider is known of what the connection is to hold, its app's is.
    Hold(ConnectionId, Deposits),
    /// The apps that are named in what came of it are shown beside it, and this one.
    ShowApps(Option<AppId>),
    /// The secret of the endpoint is shown, once.
    ShowSecret,
    /// The provider that ships is shown, where none was put in its place.
    ShowShipped(Option<Box<Provider>>),
}

/// What is said of the end of a connection by a call that wants its provider told.
const REASON: &str = "Revoked via user-initiated revoke endpoint";

impl Session<'_> {
    /// Does what has to be done first, and seals the secrets of the request.
    pub(super) async fn before(&self, ask: &Ask) -> Result<Ready, Failure> {
        if matches!(ask, Ask::PutProvider(..) | Ask::PutEndpoint(_) | Ask::RotateEndpointSecret(..)) {
            allowed(&self.principal)?;
        }
        let fresh;
        let mut nonce = None;
        let (name, secrets) = match ask {
            Ask::Run(Command::PutUser(user_id, profile)) => {
                if let Some(external_id) = self.claimed(profile.external_id.as_ref()) {
                    self.executor.claim(external_id, user_id).await?;
                }
                return Ok(Ready::default());
            }
            Ask::RevokeAccount(link) => {
                self.needs_support(link).await?;
                return Ok(Ready::default());
            }
            Ask::Connect(command, upstream) => {
                let of = fresh_nonce()?;
                nonce = Some(of);
                let id = self.executor.config.keyring.mint(of, 0, Kind::ConnectionId, ledger_of(command)?);
                (id.text(), secrets(upstream))
            }
            Ask::Hold(Link::Known(_, id), upstream) => (id.as_str().to_owned(), secrets(upstream)),
            Ask::PutProvider(provider, Some(secret)) => (Stored::sealed_for(&provider.slug), vec![secret.0.as_str()]),
            Ask::PutEndpoint(NewEndpoint { name, secret: Some(secret), .. }) => {
                (Endpoint::sealed_for(name), vec![secret.0.as_str()])
            }
            Ask::PutEndpoint(NewEndpoint { name, .. }) | Ask::RotateEndpointSecret(name, _) => {
                fresh = fresh_secret()?;
                (Endpoint::sealed_for(name), vec![fresh.as_str()])
            }
            _ => return Ok(Ready::default()),
        };
        Ok(Ready { sealed: self.executor.seal(&name, &secrets).await?, nonce })
    }

    /// The command, with the secrets of the request in it.
    pub(super) fn plan(&self, ask: Ask, ready: Ready) -> Result<Plan, Failure> {
        let principal = &self.principal;
        let Ready { mut sealed, nonce } = ready;
        let (shard, command, after) = match ask {
            Ask::Run(command) => {
                let after = match &command {
                    Command::PutUser(user_id, profile) => self
                        .claimed(profile.external_id.as_ref())
                        .map_or(After::Nothing, |external_id| After::Confirm(external_id.clone(), user_id.clone())),
                    _ => After::Nothing,
                };
                (ledger_of(&command)?, command, after)
            }
            Ask::Connect(mut command, credentials) => {
                if let Command::Connect { upstream, .. } = &mut command {
                    *upstream = Some(self.executor.deposits(&credentials, sealed));
                }
                (ledger_of(&command)?, command, After::Nothing)
            }
            Ask::Consume(target) => {
                let (handle, name) = known(target, None, principal)?;
                (handle.shard(), Command::Consume(name.clone()), After::Remember(name))
            }
            Ask::Revoke { target, user_id, reason } => {
                let (handle, token) = known(target, user_id.as_ref(), principal)?;
                let after = After::Remember(token.clone());
                (handle.shard(), Command::Revoke { token, reason }, after)
            }
            Ask::OfRevocation(id, action) => {
                allowed(principal)?;
                let after = if action == RevocationAction::Retry { After::Tell(id.shard) } else { After::Nothing };
                (id.shard, Command::OfRevocation(id.seq, action), after)
            }
            Ask::OfConnection(link, action) => {
                let (shard, id) = named(link, principal)?;
                (shard, Command::OfConnection(id, action), After::Tell(shard))
            }
            Ask::RevokeAccount(link) => {
                let (shard, id) = named(link, principal)?;
                let action = Action::RevokeActive(Some(REASON.to_owned()));
                (shard, Command::OfConnection(id, action), After::Tell(shard))
            }
            Ask::Account(link) => {
                let (shard, id) = named(link, principal)?;
                (shard, Command::OfConnection(id, Action::Get), After::ShowApps(None))
            }
            Ask::Hold(link, upstream) => {
                let (shard, id) = named(link, principal)?;
                let deposits = self.executor.deposits(&upstream, sealed);
                let command = Command::OfConnection(id.clone(), Action::Hold(deposits.clone()));
                (shard, command, After::Hold(id, deposits))
            }
            Ask::PutProvider(provider, _) => {
                of_operator(principal, OperatorCommand::PutProvider(provider, sealed.pop()), After::Nothing)?
            }
            Ask::GetProvider(slug) => {
                let shipped = catalogue::find(&slug).map(Box::new);
                of_operator(principal, OperatorCommand::GetProvider(slug), After::ShowShipped(shipped))?
            }
            Ask::PutEndpoint(new) => {
                let order = EndpointOrder {
                    secret: sealed.pop().ok_or(UNPLANNED)?,
                    name: new.name,
                    url: new.url,
                    events: new.events,
                    disabled: new.disabled,
                    replaces: new.secret.is_some(),
                };
                of_operator(principal, OperatorCommand::PutEndpoint(order), After::ShowSecret)?
            }
            Ask::RotateEndpointSecret(name, ttl) => {
                let secret = sealed.pop().ok_or(UNPLANNED)?;
                of_operator(principal, OperatorCommand::RotateSecret(name, secret, ttl), After::ShowSecret)?
            }
            _ => return Err(UNPLANNED),
        };
        Ok(Plan { shard, command, nonce, after })
    }
}

impl Executor<'_> {
    /// Does what comes after a command.
    pub(super) async fn after(&self, work: &mut Work) -> Result<(), Failure> {
        match mem::take(&mut work.after) {
            After::Nothing | After::Remember(_) | After::Hold(..) | After::ShowShipped(None) => {}
            After::Confirm(external_id, user_id) => {
                // What fails here only keeps others waiting for a while.
                let _ = self.ledgers.confirm(&external_id, &user_id).await;
            }
            After::Tell(shard) => self.tell(shard, work).await,
            After::ShowApps(named) => {
                let mut ids: Vec<_> = named.iter().collect();
                match &work.outcome {
                    Outcome::Connection(verdict) => ids.push(&verdict.connection.app_id),
                    Outcome::ConnectedApps(connected) => {
                        for (app_id, _) in connected {
                            ids.push(app_id);
                        }
                    }
                    _ => {}
                }
                work.apps = self.apps(&ids).await?;
            }
            After::ShowSecret => self.show_secret(work).await?,
            After::ShowShipped(Some(shipped)) => work.beside = Beside::Shipped(shipped),
        }
        Ok(())
    }
}

/// The ledger that a command names.
fn ledger_of(command: &Command) -> Result<Shard, Failure> {
    command.shard().ok_or(Failure::Internal("a command names no ledger"))
}

/// The secrets among credentials.
fn secrets(upstream: &Upstream) -> Vec<&str> {
    upstream.tokens.iter().map(|(_, secret, _)| secret.0.as_str()).collect()
}

/// A command about what belongs to no user.
fn of_operator(
    principal: &Principal,
    command: OperatorCommand,
    after: After,
) -> Result<(Shard, Command, After), Failure> {
    allowed(principal)?;
    Ok((Shard::of_operator(), Command::OfOperator(command), after))
}

/// There is no command for it.
const UNPLANNED: Failure = Failure::Internal("an ask that is not planned");

/// Remembers the verdict that came of a command on a token.
pub(super) fn remember(name: &TokenName, done: &Result<Work, Failure>) {
    let verdict = match done {
        Ok(Work { outcome: Outcome::Consumed(verdict, ..) | Outcome::Revoked { verdict, .. }, .. }) => verdict,
        Err(Failure::Refused(Refusal::Dead(verdict))) => verdict,
        _ => return,
    };
    if let Some(digest) = digest(name) {
        memory::remember_dead(digest, verdict);
    }
}

impl Session<'_> {
    /// The external id that a user is put with, where the principal is one who gives them.
    fn claimed<'t>(&self, external_id: Option<&'t ExternalId>) -> Option<&'t ExternalId> {
        external_id.filter(|_| Principal::writes_everyone(&self.principal))
    }
}
