//! Connections that are revoked and deleted.

use serde::{Deserialize, Serialize};

use super::emit_connection_event;
use super::switch::ConnectionChanged;
use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionState, ConnectionStatus};
use crate::core::credential::{Credential, CredentialState};
use crate::core::decide::{DecisionContext, Idempotency, UserCommand};
use crate::core::error::DecisionError;
use crate::core::event::EventType;
use crate::core::ids::ConnectionId;
use crate::core::provider::Provider;
use crate::core::revocation::{PendingRevocation, dispatch_deadline};
use crate::core::snapshot::{ChangeSet, ConnectionSelection, Mutation, Reads};
use crate::core::string_enum::string_enum;
use crate::core::time::Timestamp;
use crate::core::user::User;

/// Revokes a connection and everything under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

impl Command for RevokeConnection {
    const NAME: &'static str = "revoke_connection";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for RevokeConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn redact(outcome: &mut ConnectionChanged) {
        outcome.pending.clear();
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user()?;
        Ok(cx.revoke_connection(user, cx.named_connection(&self.id)?, self.reason.as_deref(), changes))
    }
}

/// Revokes a connection that is active, if its provider can revoke at least one of the credentials that it stores.
///
/// The decision needs the provider's configuration if the connection stores credentials. A caller that does not know the
/// provider gets [`DecisionError::ProviderRequired`] and repeats the command with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeActiveConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
    /// The configuration of the connection's provider.
    pub provider: Option<Provider>,
}

impl Command for RevokeActiveConnection {
    const NAME: &'static str = "revoke_active_connection";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for RevokeActiveConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn redact(outcome: &mut ConnectionChanged) {
        outcome.pending.clear();
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        match cx.status_of(connection) {
            ConnectionStatus::Active => self.require_support(cx, connection)?,
            ConnectionStatus::Revoked => {}
            _ => return Err(cx.invalid_state(user, connection)),
        }
        Ok(cx.revoke_connection(user, connection, self.reason.as_deref(), changes))
    }
}

impl RevokeActiveConnection {
    /// Checks that the provider can revoke at least one of the `held` credentials.
    fn require_support(&self, cx: &DecisionContext<'_>, connection: &Connection) -> Result<(), DecisionError> {
        let credentials = Credential::of(connection, &cx.snapshot.credentials);
        let mut held = credentials.iter().filter(|credential| credential.state == CredentialState::Held).peekable();
        let (Some(slug), Some(_)) = (&connection.provider, held.peek()) else {
            return Ok(());
        };
        match self.provider.as_ref().filter(|provider| provider.slug == *slug) {
            None => Err(DecisionError::ProviderRequired { slug: slug.clone() }),
            Some(provider) if held.any(|credential| provider.revokes(credential.token_type)) => Ok(()),
            Some(_) => Err(DecisionError::RevocationUnsupported),
        }
    }
}

string_enum! {
    /// The fate of stored credentials when their connection is deleted.
    pub enum AtProvider {
        /// The provider is asked to revoke them.
        Revoke = "revoke",
        /// They stay alive at the provider and are erased here.
        Forget = "forget",
    }
}

/// Revokes a connection if it is alive, and hides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteConnection {
    /// The connection.
    pub id: ConnectionId,
    /// The fate of its credentials.
    pub at_provider: AtProvider,
}

impl Command for DeleteConnection {
    const NAME: &'static str = "delete_connection";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for DeleteConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn redact(outcome: &mut ConnectionChanged) {
        outcome.pending.clear();
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        let previous = cx.status_of(connection);
        let deleted = Connection { deleted: true, ..connection.clone() };
        if previous.is_dead() {
            changes.push(Mutation::MarkDeleted(self.id.clone()));
            let verdict = cx.connection_verdict(user, &deleted);
            return Ok(ConnectionChanged { previous, verdict, pending: Vec::new() });
        }
        Ok(cx.end_connection(user, &deleted, Some("deleted"), self.at_provider, changes))
    }
}

/// A connection that was ended, with its credentials as they are now.
pub(crate) struct EndedConnection {
    pub(crate) connection: Connection,
    pub(crate) credentials: Vec<Credential>,
}

/// Ends a connection: it is dead here at once. Its `held` credentials are revoked at the provider, the first attempt being
/// due at `dispatch_at`, or erased if that is `None`. Emits no event.
pub(crate) fn end(
    connection: &Connection,
    credentials: &[Credential],
    state: ConnectionState,
    dispatch_at: Option<Timestamp>,
    now: Timestamp,
    changes: &mut ChangeSet,
) -> EndedConnection {
    let mut credentials = Credential::of(connection, credentials);
    for credential in credentials.iter_mut().filter(|credential| credential.state == CredentialState::Held) {
        match dispatch_at {
            Some(due_at) => credential.start_revocation(due_at, now),
            None => credential.finish(CredentialState::Dismissed, now),
        }
        changes.push(Mutation::PutCredential(credential.clone()));
    }
    let is_open = credentials.iter().any(|credential| credential.state.is_open());
    let status = match state.status {
        ConnectionStatus::Expired => ConnectionStatus::Expired,
        _ if is_open => ConnectionStatus::Revoking,
        _ => ConnectionStatus::Revoked,
    };
    let recorded = ConnectionState { status, ..state };
    let connection = Connection { recorded, end_recorded: !is_open, ..connection.clone() };
    changes.push(Mutation::PutConnection(connection.clone()));
    EndedConnection { connection, credentials }
}

/// The credentials of a connection that its provider has to be asked to revoke for the first time.
pub(crate) fn pending(connection: &Connection, credentials: &[Credential]) -> Vec<PendingRevocation> {
    let Some(provider) = &connection.provider else {
        return Vec::new();
    };
    let is_new = |credential: &&Credential| credential.state == CredentialState::Revoking && credential.attempts == 0;
    let of = |credential: &Credential| {
        Some(PendingRevocation {
            seq: credential.seq,
            attempts: credential.attempts,
            connection_id: connection.id.clone(),
            provider: provider.clone(),
            provider_version: credential.provider_version,
            token_type: credential.token_type,
            sealed: credential.sealed.clone()?,
        })
    };
    credentials.iter().filter(is_new).filter_map(of).collect()
}

impl DecisionContext<'_> {
    /// Revokes a connection. A dead connection keeps its status.
    pub(crate) fn revoke_connection(
        &self,
        user: &User,
        connection: &Connection,
        reason: Option<&str>,
        changes: &mut ChangeSet,
    ) -> ConnectionChanged {
        let previous = self.status_of(connection);
        if previous.is_dead() {
            let verdict = self.connection_verdict(user, connection);
            return ConnectionChanged { previous, verdict, pending: Vec::new() };
        }
        self.end_connection(user, connection, reason, AtProvider::Revoke, changes)
    }

    /// Ends a live connection and emits the event.
    fn end_connection(
        &self,
        user: &User,
        connection: &Connection,
        reason: Option<&str>,
        at_provider: AtProvider,
        changes: &mut ChangeSet,
    ) -> ConnectionChanged {
        let previous = self.status_of(connection);
        let dispatch_at = (at_provider == AtProvider::Revoke).then(|| dispatch_deadline(self.now));
        let state = self.new_state(ConnectionStatus::Revoked, reason);
        let ended = end(connection, &self.snapshot.credentials, state, dispatch_at, self.now, changes);
        let EndedConnection { connection, credentials } = &ended;
        let event_type = match connection.recorded.status {
            ConnectionStatus::Revoking => EventType::ConnectionRevoking,
            _ => EventType::ConnectionRevoked,
        };
        emit_connection_event(event_type, &user.user_id, connection, credentials, self.now, changes);
        ConnectionChanged {
            previous,
            verdict: self.verdict_with(user, connection, credentials),
            pending: pending(connection, credentials),
        }
    }
}
