//! Connections: initiated, authorized, switched off and on, revoked.

use super::{Case, grant};
use crate::core::answer::Outcome;
use crate::core::app::App;
use crate::core::command::Action;
use crate::core::connection::{Connection, ConnectionStanding, ConnectionStatus};
use crate::core::cutoff::{Cutoff, Kinds, Reach};
use crate::core::event::EventType;
use crate::core::ids::{AppId, ConnectionId};
use crate::core::json::{Json, Object};
use crate::core::order::Page;
use crate::core::refusal::Refusal;
use crate::core::scope::Scope;
use crate::core::status::connection_status;
use crate::core::time::Timestamp;
use crate::core::token::Token;
use crate::core::user::User;
use crate::core::verdict::ConnectionVerdict;
use crate::core::view::{Change, Writes};

impl From<ConnectionVerdict> for Refusal {
    fn from(verdict: ConnectionVerdict) -> Self {
        Self::ConnectionIs(Box::new(verdict))
    }
}

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
        let of_app = self.view.connections.iter().filter(|connection| connection.app_id == app.app_id);
        for connection in of_app {
            match self.standing(connection).status {
                ConnectionStatus::Active => return Ok(connection.id.clone()),
                ConnectionStatus::Initiated => {
                    if connection.expires_at < until {
                        let connection = Connection { expires_at: until, ..connection.clone() };
                        writes.changes.push(Change::PutConnection(connection));
                    }
                    return Ok(connection.id.clone());
                }
                _ => {}
            }
        }
        let connection = Connection {
            expires_at: until,
            ..self.new_connection(&app.app_id, ConnectionStatus::Initiated, scope.cloned())?
        };
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
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let app = self.request.app.as_ref().ok_or(Refusal::AppUnknown)?;
        let scope = grant(scope, app.registration.scopes.as_ref())?;
        let connection = Connection {
            metadata: metadata.cloned(),
            activated_at: Some(self.now),
            ..self.new_connection(app_id, ConnectionStatus::Active, scope)?
        };
        record(user, EventType::ConnectionCreated, &connection, writes);
        Ok(Outcome::Connection(self.shown(user, &connection)))
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
        let connection = if before.recorded.status == ConnectionStatus::Active {
            Connection { scope: Scope::union(before.scope.clone(), authorized), ..before.clone() }
        } else {
            // What was asked for until now, nobody has authorized.
            let (scope, activated_at) = (authorized.cloned(), Some(self.now));
            let recorded = self.recorded(ConnectionStatus::Active, None);
            Connection { scope, recorded, activated_at, expires_at: None, ..before.clone() }
        };
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
        let connection = self.view.connection(id).ok_or(Refusal::ConnectionUnknown)?;
        match action {
            Action::Get => Ok(Outcome::Connection(self.shown(user, connection))),
            Action::Revoke(reason) => Ok(self.revoke_connection(user, connection, reason.as_deref(), writes)),
            Action::Enable(reason) => self.switch(user, connection, true, reason.as_deref(), writes),
            Action::Disable(reason) => self.switch(user, connection, false, reason.as_deref(), writes),
            Action::Issue(asked, lifetimes) => {
                if self.standing(connection).status != ConnectionStatus::Active {
                    return Err(self.shown(user, connection).into());
                }
                let scope = grant(asked.as_ref(), connection.scope.as_ref())?;
                self.issue(user, connection, scope.as_ref(), *lifetimes, writes)
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
        let previous = self.standing(connection).status;
        let (wanted, event_type) = if on {
            (ConnectionStatus::Active, EventType::ConnectionEnabled)
        } else {
            (ConnectionStatus::Inactive, EventType::ConnectionDisabled)
        };
        if !matches!(previous, ConnectionStatus::Active | ConnectionStatus::Inactive) {
            return Err(self.shown(user, connection).into());
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
        let previous = self.standing(connection).status;
        let mut connection = connection.clone();
        if !previous.is_dead() {
            connection.recorded = self.recorded(ConnectionStatus::Revoked, reason);
            connection.settled = true;
            record(user, EventType::ConnectionRevoked, &connection, writes);
            writes.changes.push(Change::AddCutoff(Cutoff {
                before: self.now,
                reach: Reach::Connection(connection.id.clone()),
                kinds: Kinds::ALL,
                at: self.now,
                by: self.actor.clone(),
                reason: reason.map(str::to_owned),
            }));
        }
        Outcome::ConnectionChanged { previous, verdict: self.shown(user, &connection) }
    }

    /// Revokes all connections to an app, and with them all under them.
    pub(super) fn disconnect_app(&self, user: &User, app_id: &AppId, writes: &mut Writes) -> Result<Outcome, Refusal> {
        if self.request.app.is_none() {
            return Err(Refusal::AppUnknown);
        }
        let lives =
            |connection: &Connection| connection.app_id == *app_id && !self.standing(connection).status.is_dead();
        if self.view.connections.iter().any(lives) {
            let by = self.actor.clone();
            writes.changes.push(Change::AddCutoff(Cutoff {
                before: self.now,
                reach: Reach::App(app_id.clone()),
                kinds: Kinds::CONNECTIONS,
                at: self.now,
                by: by.clone(),
                reason: None,
            }));
            let data = Object::new().with("before", self.now.rfc3339()).with("app_id", app_id.as_str());
            writes.tell_of_user(EventType::UserRevoked, by, user, self.now, data);
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
        let (rows, next) = page.split(&self.view.connection_page, |(seq, _)| *seq);
        let items = rows
            .iter()
            .map(|(_, connection)| self.shown(user, connection))
            .filter(|verdict| wanted.is_none_or(|wanted| verdict.status() == wanted))
            .filter(|verdict| app_id.is_none_or(|app_id| verdict.connection.app_id == *app_id))
            .collect();
        Outcome::Connections(items, next)
    }

    /// The apps that the user has authorized, each with what it may do.
    pub(super) fn connected_apps(&self) -> Outcome {
        let mut apps: Vec<(AppId, Option<Scope>)> = Vec::new();
        for connection in &self.view.connections {
            if !matches!(self.standing(connection).status, ConnectionStatus::Active | ConnectionStatus::Inactive) {
                continue;
            }
            match apps.iter_mut().find(|(app_id, _)| *app_id == connection.app_id) {
                Some((_, scope)) => *scope = Scope::union(scope.take(), connection.scope.as_ref()),
                None => apps.push((connection.app_id.clone(), connection.scope.clone())),
            }
        }
        Outcome::ConnectedApps(apps)
    }

    /// The connection that a token hangs on.
    pub(super) fn connection_of(&self, user: &User, token: &Token) -> Result<ConnectionVerdict, Refusal> {
        Ok(self.shown(user, self.above(token)?))
    }

    /// The connection that a token hangs on, as it is kept.
    pub(super) fn above(&self, token: &Token) -> Result<&Connection, Refusal> {
        let id = token.facts.connection_id.as_ref().ok_or(Refusal::Corrupt)?;
        self.view.connection(id).ok_or(Refusal::Corrupt)
    }

    pub(super) fn standing(&self, connection: &Connection) -> ConnectionStanding {
        connection_status(connection, &self.view.cutoffs, self.now)
    }

    pub(super) fn shown(&self, user: &User, connection: &Connection) -> ConnectionVerdict {
        ConnectionVerdict::of(&user.user_id, connection, &self.view.cutoffs, self.now)
    }

    fn recorded(&self, status: ConnectionStatus, reason: Option<&str>) -> ConnectionStanding {
        let by = Some(self.actor.clone());
        ConnectionStanding { status, at: self.now, by, reason: reason.map(str::to_owned) }
    }
}

/// Keeps a connection as it is now, and tells of it.
fn record(user: &User, event_type: EventType, connection: &Connection, writes: &mut Writes) {
    writes.tell_of_connection(event_type, user, connection);
    writes.changes.push(Change::PutConnection(connection.clone()));
}
