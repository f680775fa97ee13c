//! What becomes of a request that is one command to one ledger: what comes before it, the command, and what comes after.

use super::execute::{Work, digest, known, named};
use super::memory;
use super::operator::{allowed, fresh_secret};
use super::session::Session;
use super::upstream::UNSEALED;
use crate::core::command::{Action, RevocationAction};
use crate::core::operator::{EndpointOrder, OperatorCommand};
use crate::core::provider::{Provider, Stored};
use crate::core::target::TokenName;
use crate::core::webhook::Endpoint;
use crate::core::{Command, ExternalId, Link, Outcome, Principal, Refusal, Sealed, Shard, UserId};
use crate::dialects::{Ask, Beside, Failure};
use crate::platform::seal;
use crate::upstream::catalogue;

/// A command, the ledger that it is for, and what comes after it.
pub(super) struct Plan {
    pub(super) shard: Shard,
    pub(super) command: Command,
    pub(super) after: After,
}

/// What comes after a command.
pub(super) enum After {
    Nothing,
    /// The verdict that came of it is remembered, where the token is dead.
    Remember(TokenName),
    /// Whoever claimed an external id has it now.
    Confirm(ExternalId, UserId),
    /// The provider is told, where it is to be.
    Tell,
    /// The app of the connection is shown beside it.
    ShowApp,
    /// The secret of the endpoint is shown, once.
    ShowSecret,
    /// The provider that ships is shown, where none was put in its place.
    ShowShipped(Option<Provider>),
}

/// What is said of the end of a connection by a call that wants its provider told.
const REASON: &str = "Revoked via user-initiated revoke endpoint";

impl Session<'_> {
    /// Does what has to be done first, and gives the secret of the request, sealed.
    pub(super) async fn before(&self, ask: &Ask) -> Result<Option<Sealed>, Failure> {
        let (name, secret) = match ask {
            Ask::Run(Command::PutUser(user_id, profile)) => {
                if let Some(external_id) = self.claimed(profile.external_id.as_ref()) {
                    self.executor.claim(external_id, user_id).await?;
                }
                return Ok(None);
            }
            Ask::RevokeAccount(link) => {
                self.needs_support(link).await?;
                return Ok(None);
            }
            Ask::PutProvider(provider, Some(secret)) => (Stored::sealed_for(&provider.slug), secret.0.clone()),
            Ask::PutEndpoint(new) => {
                let brought = new.secret.as_ref().map(|secret| secret.0.clone());
                (Endpoint::sealed_for(&new.name), brought.map_or_else(fresh_secret, Ok)?)
            }
            Ask::RotateEndpointSecret(name, _) => (Endpoint::sealed_for(name), fresh_secret()?),
            _ => return Ok(None),
        };
        allowed(&self.principal)?;
        seal::seal(&self.executor.config.keyring, &name, &secret).await.map(Some).ok_or(UNSEALED)
    }

    /// The command, with the secret of the request in it.
    pub(super) fn plan(&self, ask: Ask, sealed: Option<Sealed>) -> Result<Plan, Failure> {
        let principal = &self.principal;
        let of_connection = |link: Link, action: Action, after: After| {
            let (shard, id) = named(link, principal)?;
            Ok(Plan { shard, command: Command::OfConnection(id, action), after })
        };
        match ask {
            Ask::Run(command) => {
                let after = match &command {
                    Command::PutUser(user_id, profile) => self
                        .claimed(profile.external_id.as_ref())
                        .map_or(After::Nothing, |external_id| After::Confirm(external_id.clone(), user_id.clone())),
                    _ => After::Nothing,
                };
                let shard = command.shard().ok_or(Failure::Internal("a command names no ledger"))?;
                Ok(Plan { shard, command, after })
            }
            Ask::Consume(target) => {
                let (handle, name) = known(target, None, principal)?;
                Ok(Plan {
                    shard: handle.shard(),
                    command: Command::Consume(name.clone()),
                    after: After::Remember(name),
                })
            }
            Ask::Revoke { target, user_id, reason } => {
                let (handle, token) = known(target, user_id.as_ref(), principal)?;
                let after = After::Remember(token.clone());
                Ok(Plan { shard: handle.shard(), command: Command::Revoke { token, reason }, after })
            }
            Ask::OfConnection(link, action) => of_connection(link, action, After::Tell),
            Ask::RevokeAccount(link) => of_connection(link, Action::RevokeActive(Some(REASON.to_owned())), After::Tell),
            Ask::Account(link) => of_connection(link, Action::Get, After::ShowApp),
            Ask::OfRevocation(id, action) => {
                allowed(principal)?;
                let after = if action == RevocationAction::Retry { After::Tell } else { After::Nothing };
                Ok(Plan { shard: id.shard, command: Command::OfRevocation(id.seq, action), after })
            }
            ask => {
                allowed(principal)?;
                let (command, after) = of_operator(ask, sealed)?;
                Ok(Plan { shard: Shard::of_operator(), command: Command::OfOperator(command), after })
            }
        }
    }

    /// What comes after the command.
    pub(super) async fn after(&self, shard: Shard, after: After, done: Result<Work, Failure>) -> Result<Work, Failure> {
        if let After::Remember(name) = &after {
            remember(name, &done);
        }
        let mut work = done?;
        match after {
            After::Nothing | After::Remember(_) => {}
            After::Confirm(external_id, user_id) => {
                // What fails here only keeps others waiting for a while.
                let _ = self.executor.ledgers.confirm(&external_id, &user_id).await;
            }
            After::Tell => self.executor.tell(shard, &mut work).await,
            After::ShowApp => {
                if let Outcome::Connection(verdict) = &work.outcome {
                    work.apps = self.executor.apps(&[&verdict.connection.app_id]).await?;
                }
            }
            After::ShowSecret => self.executor.show_secret(&mut work).await?,
            After::ShowShipped(shipped) => {
                if let Some(shipped) = shipped {
                    work.beside = Beside::Shipped(Box::new(shipped));
                }
            }
        }
        Ok(work)
    }
}

/// A command about what belongs to no user.
fn of_operator(ask: Ask, sealed: Option<Sealed>) -> Result<(OperatorCommand, After), Failure> {
    Ok(match (ask, sealed) {
        (Ask::PutProvider(provider, _), sealed) => (OperatorCommand::PutProvider(provider, sealed), After::Nothing),
        (Ask::GetProvider(slug), _) => {
            let shipped = After::ShowShipped(catalogue::find(&slug));
            (OperatorCommand::GetProvider(slug), shipped)
        }
        (Ask::PutEndpoint(new), Some(secret)) => {
            let order = EndpointOrder {
                secret,
                name: new.name,
                url: new.url,
                events: new.events,
                disabled: new.disabled,
                replaces: new.secret.is_some(),
            };
            (OperatorCommand::PutEndpoint(order), After::ShowSecret)
        }
        (Ask::RotateEndpointSecret(name, ttl), Some(sealed)) => {
            (OperatorCommand::RotateSecret(name, sealed, ttl), After::ShowSecret)
        }
        _ => return Err(Failure::Internal("this was done before")),
    })
}

/// Remembers the verdict that came of a command on a token.
fn remember(name: &TokenName, done: &Result<Work, Failure>) {
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
