//! The steps of a connection until it is active, the events about it, and the verdicts on it.

use crate::core::access::Actor;
use crate::core::app::App;
use crate::core::connection::{Connection, ConnectionState, ConnectionStatus};
use crate::core::credential::Credential;
use crate::core::decide::DecisionContext;
use crate::core::error::{DecisionError, Resource};
use crate::core::event::{ConnectionData, EventType};
use crate::core::ids::{AppId, ConnectionId, UserId};
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, EventSubject, Mutation};
use crate::core::time::Timestamp;
use crate::core::token::{Token, TokenFacts};
use crate::core::user::User;
use crate::core::verdict::ConnectionVerdict;

/// Emits an event about a connection in its recorded state.
pub(crate) fn emit_connection_event(
    event_type: EventType,
    user_id: &UserId,
    connection: &Connection,
    credentials: &[Credential],
    at: Timestamp,
    changes: &mut ChangeSet,
) {
    let actor = connection.recorded.by.clone().unwrap_or_else(Actor::system);
    let data = ConnectionData::of(connection, credentials);
    changes.emit_event(event_type, actor, user_id, EventSubject::Connection(&connection.id), at, &data);
}

/// Writes a connection and emits the event about it.
pub(crate) fn put_connection(event_type: EventType, user: &User, connection: &Connection, changes: &mut ChangeSet) {
    emit_connection_event(event_type, &user.user_id, connection, &[], connection.recorded.at, changes);
    changes.push(Mutation::PutConnection(connection.clone()));
}

impl DecisionContext<'_> {
    /// The connection that a token for the app completes: the user's newest initiated or active one, or a new one that
    /// waits as long as the token lives.
    pub(crate) fn initiate(
        &self,
        user: &User,
        app: &App,
        facts: &TokenFacts,
        until: Option<Timestamp>,
        changes: &mut ChangeSet,
    ) -> Result<ConnectionId, DecisionError> {
        for connection in self.snapshot.connections.iter().filter(|connection| connection.app_id == app.app_id) {
            match self.status_of(connection) {
                ConnectionStatus::Active => return Ok(connection.id.clone()),
                ConnectionStatus::Initiated => {
                    if connection.expires_at < until {
                        changes.push(Mutation::PutConnection(Connection { expires_at: until, ..connection.clone() }));
                    }
                    return Ok(connection.id.clone());
                }
                _ => {}
            }
        }
        self.begin(user, app, facts, until, changes)
    }

    /// Begins a connection of its own for a token, which waits as long as the token lives.
    pub(crate) fn begin(
        &self,
        user: &User,
        app: &App,
        facts: &TokenFacts,
        until: Option<Timestamp>,
        changes: &mut ChangeSet,
    ) -> Result<ConnectionId, DecisionError> {
        let mut connection = self.new_connection(&app.app_id, ConnectionStatus::Initiated, facts.scope.clone())?;
        connection.expires_at = until;
        connection.label.clone_from(&facts.label);
        connection.metadata.clone_from(&facts.metadata);
        put_connection(EventType::ConnectionCreated, user, &connection, changes);
        Ok(connection.id)
    }

    pub(crate) fn new_connection(
        &self,
        app_id: &AppId,
        status: ConnectionStatus,
        scope: Option<Scope>,
    ) -> Result<Connection, DecisionError> {
        Ok(Connection {
            id: self.minted.connection_id()?.clone(),
            app_id: app_id.clone(),
            scope,
            audience: None,
            label: None,
            metadata: None,
            created_at: self.now,
            created_by: self.actor.clone(),
            expires_at: None,
            activated_at: None,
            recorded: self.new_state(status, None),
            end_recorded: false,
            provider: None,
            deleted: false,
            rejection: None,
            access_ended_at: None,
            last_used_at: None,
        })
    }

    /// Activates the connection of a token that its user consumes, which is the user's authorization of the app.
    pub(crate) fn activate(
        &self,
        user: &User,
        token: &Token,
        changes: &mut ChangeSet,
    ) -> Result<Option<ConnectionVerdict>, DecisionError> {
        if token.facts.connection_id.is_none() {
            return Ok(None);
        }
        let before = self.connection_of(token)?;
        let authorized = token.facts.scope.as_ref();
        let mut connection = before.clone();
        if before.recorded.status == ConnectionStatus::Active {
            connection.scope = Scope::union(before.scope.clone(), authorized);
            self.reset_health(user, &mut connection, changes);
            // A further authorization of an active connection replaces nothing that was stored with it.
            connection.label = connection.label.or_else(|| token.facts.label.clone());
            connection.metadata = connection.metadata.or_else(|| token.facts.metadata.clone());
            if connection != *before {
                changes.push(Mutation::PutConnection(connection.clone()));
            }
        } else {
            // The scopes of an initiated connection were asked for and not authorized.
            connection.scope = authorized.cloned();
            connection.label = token.facts.label.clone().or(connection.label);
            connection.metadata = token.facts.metadata.clone().or(connection.metadata);
            connection.recorded = self.new_state(ConnectionStatus::Active, None);
            connection.activated_at = Some(self.now);
            connection.expires_at = None;
            put_connection(EventType::ConnectionActivated, user, &connection, changes);
        }
        Ok(Some(self.connection_verdict(user, &connection)))
    }

    /// Replaces the verdict of a stored answer with the present one, if the connection cannot be used any more.
    pub(crate) fn update_connection(&self, stored: &mut ConnectionVerdict) -> Result<(), DecisionError> {
        let found = self.snapshot.connection(&stored.connection.id);
        let now = self.connection_verdict(self.user()?, found.ok_or(DecisionError::NotFound(Resource::Connection))?);
        if now.status() != stored.status() && now.status() != ConnectionStatus::Active {
            *stored = now;
        }
        Ok(())
    }

    /// The connection that the command names. A deleted one does not exist.
    pub(crate) fn named_connection(&self, id: &ConnectionId) -> Result<&Connection, DecisionError> {
        let found = self.snapshot.connection(id).filter(|connection| !connection.deleted);
        found.ok_or(DecisionError::NotFound(Resource::Connection))
    }

    /// The verdict on a connection.
    pub(crate) fn connection_verdict(&self, user: &User, connection: &Connection) -> ConnectionVerdict {
        self.verdict_with(user, connection, &self.snapshot.credentials)
    }

    pub(crate) fn verdict_with(
        &self,
        user: &User,
        connection: &Connection,
        credentials: &[Credential],
    ) -> ConnectionVerdict {
        ConnectionVerdict::of(&user.user_id, connection, credentials, &self.snapshot.cutoffs, self.now)
    }

    /// The error that the status of the connection does not allow the command.
    pub(crate) fn invalid_state(&self, user: &User, connection: &Connection) -> DecisionError {
        DecisionError::InvalidConnectionState(Box::new(self.connection_verdict(user, connection)))
    }

    pub(super) fn new_state(&self, status: ConnectionStatus, reason: Option<&str>) -> ConnectionState {
        let by = Some(self.actor.clone());
        ConnectionState { status, at: self.now, by, reason: reason.map(str::to_owned) }
    }
}
