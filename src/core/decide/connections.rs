//! Connections: initiated, authorized, switched off and on, revoked.

use super::{Case, grant};
use crate::core::answer::Outcome;
use crate::core::app::App;
use crate::core::command::Action;
use crate::core::connection::{Connection, ConnectionStanding, ConnectionStatus};
use crate::core::credential::{Credential, CredentialState, Deposits};
use crate::core::cutoff::{Kinds, Reach};
use crate::core::event::EventType;
use crate::core::ids::{AppId, ConnectionId, Slug};
use crate::core::json::{Json, Object};
use crate::core::order::Page;
use crate::core::refusal::Refusal;
use crate::core::revocation::end;
use crate::core::scope::Scope;
use crate::core::status::connection_status;
use crate::core::time::Timestamp;
use crate::core::token::Token;
use crate::core::user::User;
use crate::core::verdict::ConnectionVerdict;
use crate::core::view::{Change, Writes};

impl Case<'_> {
    /// The connection that a token to be minted for the app is to complete: the user's newest that waits or lives, or
    /// a new one that waits as long as the token lives.
    pub(super) fn initiate(
        &self,
        user: &User,
        app: &App,
        scope: Option<&Scope>,
        until: Option<Timestamp>,
        writes: &mut Writes,
    ) -> Result<ConnectionId, Refusal> {
        for connection in &self.view.connections {
            if connection.app_id != app.app_id {
                continue;
            }
            match self.status(connection) {
                ConnectionStatus::Active => return Ok(connection.id.clone()),
                ConnectionStatus::Initiated => {
                    if connection.expires_at < until {
                        let mut connection = connection.clone();
                        connection.expires_at = until;
                        writes.changes.push(Change::PutConnection(connection));
                    }
                    return Ok(connection.id.clone());
                }
                _ => {}
            }
        }
        let mut connection = self.new_connection(&app.app_id, ConnectionStatus::Initiated, scope.cloned())?;
        connection.expires_at = until;
        record(user, EventType::ConnectionCreated, &connection, writes);
        Ok(connection.id)
    }

    /// Makes a connection that whoever asks has authorized.
    pub(super) fn connect(
        &self,
        user: &User,
        app_id: &AppId,
        scope: Option<&Scope>,
        metadata: Option<&Json>,
        upstream: Option<&Deposits>,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let app = self.request.app.as_ref().ok_or(Refusal::AppUnknown)?;
        let scope = grant(scope, app.registration.scopes.as_ref())?;
        let of_app = app.registration.provider.as_ref();
        let mut connection = self.new_connection(app_id, ConnectionStatus::Active, scope)?;
        connection.metadata = metadata.cloned();
        connection.activated_at = Some(self.now);
        connection.provider = upstream.map(|upstream| provider(upstream, of_app)).transpose()?;
        record(user, EventType::ConnectionCreated, &connection, writes);
        Ok(Outcome::Connection(match upstream {
            Some(upstream) => self.deposit(user, &connection, upstream, writes),
            None => self.shown(user, &connection),
        }))
    }

    fn new_connection(
        &self,
        app_id: &AppId,
        status: ConnectionStatus,
        scope: Option<Scope>,
    ) -> Result<Connection, Refusal> {
        let by = self.actor.clone();
        Ok(Connection {
            id: self.request.minting.connection_id()?.clone(),
            app_id: app_id.clone(),
            scope,
            metadata: None,
            created_at: self.now,
            created_by: by.clone(),
            expires_at: None,
            activated_at: None,
            recorded: ConnectionStanding { status, at: self.now, by: Some(by), reason: None },
            settled: false,
            provider: None,
            deleted: false,
        })
    }

    /// Has the user's authorization, which consuming a connection token is, take effect on the token's connection.
    pub(super) fn activate(
        &self,
        user: &User,
        token: &Token,
        writes: &mut Writes,
    ) -> Result<Option<ConnectionVerdict>, Refusal> {
        let Some(id) = &token.facts.connection_id else {
            return Ok(None);
        };
        let before = self.view.connection(id).ok_or(Refusal::Corrupt)?;
        let authorized = token.facts.scope.as_ref();
        let mut connection = before.clone();
        if before.recorded.status == ConnectionStatus::Active {
            connection.scope = Scope::union(before.scope.clone(), authorized);
        } else {
            // What was asked for until now, nobody has authorized.
            connection.scope = authorized.cloned();
            connection.recorded = self.recorded(ConnectionStatus::Active, None);
            connection.activated_at = Some(self.now);
            connection.expires_at = None;
        }
        if connection.recorded != before.recorded {
            record(user, EventType::ConnectionActivated, &connection, writes);
        } else if connection != *before {
            writes.changes.push(Change::PutConnection(connection.clone()));
        }
        Ok(Some(self.shown(user, &connection)))
    }

    pub(super) fn of_connection(
        &self,
        user: &User,
        id: &ConnectionId,
        action: &Action,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let found = self.view.connection(id).filter(|connection| !connection.deleted);
        let connection = found.ok_or(Refusal::ConnectionUnknown)?;
        match action {
            Action::Get => Ok(Outcome::Connection(self.shown(user, connection))),
            Action::Revoke(reason) => Ok(self.revoke_connection(user, connection, reason.as_deref(), writes)),
            Action::RevokeActive(reason) => match self.status(connection) {
                ConnectionStatus::Active | ConnectionStatus::Revoked => {
                    Ok(self.revoke_connection(user, connection, reason.as_deref(), writes))
                }
                _ => Err(self.connection_is(user, connection)),
            },
            Action::Delete { revoke } => Ok(self.delete_connection(user, connection, *revoke, writes)),
            Action::Hold(upstream) => self.hold(user, connection, upstream, writes),
            Action::Enable(reason) => self.switch(user, connection, true, reason.as_deref(), writes),
            Action::Disable(reason) => self.switch(user, connection, false, reason.as_deref(), writes),
            Action::Issue(asked, lifetimes) => {
                if self.status(connection) != ConnectionStatus::Active {
                    return Err(self.connection_is(user, connection));
                }
                let scope = grant(asked.as_ref(), connection.scope.as_ref())?;
                self.issue(user, connection, scope.as_ref(), None, *lifetimes, writes)
            }
        }
    }

    fn switch(
        &self,
        user: &User,
        connection: &Connection,
        on: bool,
        reason: Option<&str>,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let previous = self.status(connection);
        let (wanted, event_type) = if on {
            (ConnectionStatus::Active, EventType::ConnectionEnabled)
        } else {
            (ConnectionStatus::Inactive, EventType::ConnectionDisabled)
        };
        if !matches!(previous, ConnectionStatus::Active | ConnectionStatus::Inactive) {
            return Err(self.connection_is(user, connection));
        }
        let mut connection = connection.clone();
        if previous != wanted {
            connection.recorded = self.recorded(wanted, reason);
            record(user, event_type, &connection, writes);
        }
        Ok(Outcome::ConnectionChanged { previous, verdict: self.shown(user, &connection) })
    }

    /// Revokes a connection: one row for itself, and one that has all under it told of, however much that is.
    pub(super) fn revoke_connection(
        &self,
        user: &User,
        connection: &Connection,
        reason: Option<&str>,
        writes: &mut Writes,
    ) -> Outcome {
        let previous = self.status(connection);
        if previous.is_dead() {
            return Outcome::ConnectionChanged { previous, verdict: self.shown(user, connection) };
        }
        let verdict = self.end_connection(user, connection, reason, Some(self.lease()), writes);
        Outcome::ConnectionChanged { previous, verdict }
    }

    /// Ends a connection that lives, with all under it.
    fn end_connection(
        &self,
        user: &User,
        connection: &Connection,
        reason: Option<&str>,
        due_at: Option<Timestamp>,
        writes: &mut Writes,
    ) -> ConnectionVerdict {
        self.cut(self.now, Reach::Connection(connection.id.clone()), Kinds::ALL, reason, writes);
        let standing = self.recorded(ConnectionStatus::Revoked, reason);
        let (connection, credentials) =
            end(user, connection, &self.view.credentials, standing, due_at, self.now, writes);
        self.shown_with(user, &connection, &credentials)
    }

    /// Ends a connection, if it lives, and has nobody shown it any more. What it holds of its provider's is revoked
    /// there, or is left alive there and forgotten here.
    fn delete_connection(&self, user: &User, connection: &Connection, revoke: bool, writes: &mut Writes) -> Outcome {
        let previous = self.status(connection);
        let mut deleted = connection.clone();
        deleted.deleted = true;
        let verdict = if previous.is_dead() {
            writes.changes.push(Change::MarkDeleted(connection.id.clone()));
            self.shown(user, &deleted)
        } else {
            self.end_connection(user, &deleted, Some("deleted"), revoke.then(|| self.lease()), writes)
        };
        Outcome::ConnectionChanged { previous, verdict }
    }

    /// Has a connection that lives hold credentials of its provider's, each in the place of the one before.
    fn hold(
        &self,
        user: &User,
        connection: &Connection,
        upstream: &Deposits,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        if !matches!(self.status(connection), ConnectionStatus::Active | ConnectionStatus::Inactive) {
            return Err(self.connection_is(user, connection));
        }
        let provider = Some(provider(upstream, connection.provider.as_ref())?);
        let stays =
            |credential: &Credential| credential.state == CredentialState::Held && !upstream.replaces(credential);
        if connection.provider != provider && self.credentials_of(connection).iter().any(stays) {
            return Err(Refusal::ProviderDiffers);
        }
        let mut connection = connection.clone();
        connection.provider = provider;
        writes.changes.push(Change::PutConnection(connection.clone()));
        Ok(Outcome::Connection(self.deposit(user, &connection, upstream, writes)))
    }

    /// Keeps credentials that come in for a connection, and shows it with them. Their places are the ledger's to give.
    fn deposit(
        &self,
        user: &User,
        connection: &Connection,
        upstream: &Deposits,
        writes: &mut Writes,
    ) -> ConnectionVerdict {
        writes.changes.push(Change::Deposit(connection.id.clone(), upstream.tokens.clone()));
        let mut held = self.credentials_of(connection);
        held.retain(|credential| !upstream.replaces(credential));
        for deposit in &upstream.tokens {
            held.push(Credential {
                seq: 0,
                connection_id: connection.id.clone(),
                token_type: deposit.token_type,
                state: CredentialState::Held,
                expires_at: deposit.expires_at,
                attempts: 0,
                due_at: None,
                changed_at: self.now,
                error: None,
            });
        }
        self.shown_with(user, connection, &held)
    }

    /// Revokes all connections to an app, and with them all under them.
    pub(super) fn disconnect_app(&self, user: &User, app_id: &AppId, writes: &mut Writes) -> Result<Outcome, Refusal> {
        if self.request.app.is_none() {
            return Err(Refusal::AppUnknown);
        }
        let lives = |connection: &Connection| connection.app_id == *app_id && !self.status(connection).is_dead();
        if self.view.connections.iter().any(lives) {
            self.cut(self.now, Reach::App(app_id.clone()), Kinds::CONNECTIONS, None, writes);
            let data = Object::new().with("before", self.now.rfc3339()).with("app_id", app_id.as_str());
            writes.tell_of_user(EventType::UserRevoked, self.actor.clone(), user, self.now, data);
        }
        Ok(Outcome::Disconnected)
    }

    pub(super) fn list_connections(
        &self,
        user: &User,
        page: Page,
        wanted: Option<ConnectionStatus>,
        app_id: Option<&AppId>,
    ) -> Outcome {
        let show = |(_, connection): &(u64, Connection)| {
            let is_wanted = !connection.deleted
                && app_id.is_none_or(|app_id| connection.app_id == *app_id)
                && wanted.is_none_or(|wanted| self.status(connection) == wanted);
            is_wanted.then(|| self.shown(user, connection))
        };
        let (items, next) = page.list(&self.view.connection_page, |(seq, _)| *seq, show);
        Outcome::Connections(items, next)
    }

    /// The apps that the user has authorized, each with what it may do.
    pub(super) fn connected_apps(&self) -> Outcome {
        let mut apps: Vec<(AppId, Option<Scope>)> = Vec::new();
        for connection in &self.view.connections {
            if !matches!(self.status(connection), ConnectionStatus::Active | ConnectionStatus::Inactive) {
                continue;
            }
            match apps.iter_mut().find(|(app_id, _)| *app_id == connection.app_id) {
                Some((_, scope)) => *scope = Scope::union(scope.take(), connection.scope.as_ref()),
                None => apps.push((connection.app_id.clone(), connection.scope.clone())),
            }
        }
        Outcome::ConnectedApps(apps)
    }

    /// The connection that a token hangs on, as it is kept.
    pub(super) fn above(&self, token: &Token) -> Result<&Connection, Refusal> {
        let id = token.facts.connection_id.as_ref().ok_or(Refusal::Corrupt)?;
        self.view.connection(id).ok_or(Refusal::Corrupt)
    }

    /// The status of a connection now.
    pub(super) fn status(&self, connection: &Connection) -> ConnectionStatus {
        connection_status(connection, &self.view.cutoffs, self.now).status
    }

    pub(super) fn shown(&self, user: &User, connection: &Connection) -> ConnectionVerdict {
        self.shown_with(user, connection, &self.view.credentials)
    }

    /// What is said of a connection that holds those of these credentials that are its own.
    pub(super) fn shown_with(
        &self,
        user: &User,
        connection: &Connection,
        credentials: &[Credential],
    ) -> ConnectionVerdict {
        ConnectionVerdict::of(&user.user_id, connection, credentials, &self.view.cutoffs, self.now)
    }

    /// The refusal of what cannot be done in the status that the connection is in.
    pub(super) fn connection_is(&self, user: &User, connection: &Connection) -> Refusal {
        Refusal::ConnectionIs(Box::new(self.shown(user, connection)))
    }

    fn recorded(&self, status: ConnectionStatus, reason: Option<&str>) -> ConnectionStanding {
        let by = Some(self.actor.clone());
        ConnectionStanding { status, at: self.now, by, reason: reason.map(str::to_owned) }
    }
}

/// Keeps a connection as it is now, and tells of it.
fn record(user: &User, event_type: EventType, connection: &Connection, writes: &mut Writes) {
    writes.tell_of_connection(event_type, user, connection, &[], connection.recorded.at);
    writes.changes.push(Change::PutConnection(connection.clone()));
}

/// Whose credentials these are.
fn provider(upstream: &Deposits, of_app: Option<&Slug>) -> Result<Slug, Refusal> {
    upstream.provider.as_ref().or(of_app).cloned().ok_or(Refusal::ProviderMissing)
}
