//! Revocations at providers: their attempts are recorded, and operators read, retry and dismiss them.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::revocations::{ManageRevocation, RecordAttempts};
//!
//! assert_eq!(ManageRevocation::NAME, "manage_revocation");
//! assert_eq!(RecordAttempts::NAME, "record_attempts");
//! ```

use serde::{Deserialize, Serialize};

use super::connections::{emit_connection_event, pending};
use super::{DecisionContext, Idempotency, UserCommand};
use crate::core::access::Actor;
use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionState, ConnectionStatus};
use crate::core::credential::{Credential, CredentialState};
use crate::core::error::{DecisionError, Resource};
use crate::core::event::{AbandonedData, EventType};
use crate::core::ids::{ConnectionId, UserId};
use crate::core::revocation::{PendingRevocation, ProviderReply, Revocation, RevocationAttempt, dispatch_deadline};
use crate::core::schedule::{Schedule, next_attempt};
use crate::core::snapshot::{ChangeSet, ConnectionSelection, EventSubject, Mutation, Reads};
use crate::core::string_enum::string_enum;
use crate::core::time::Timestamp;
use crate::core::verdict::ConnectionVerdict;

string_enum! {
    /// An action of an operator on a revocation.
    pub enum RevocationAction {
        /// Reads the revocation.
        Get = "get",
        /// Starts it again.
        Retry = "retry",
        /// Leaves the credential as it is at the provider.
        Dismiss = "dismiss",
    }
}

/// Reads, retries or dismisses the revocation of a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManageRevocation {
    /// The credential's row number.
    pub seq: u64,
    /// The action of the operator.
    pub action: RevocationAction,
}

/// The outcome of [`ManageRevocation`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationResult {
    /// The revocation now.
    pub revocation: Revocation,
    /// Its connection now.
    pub connection: ConnectionVerdict,
    /// The credentials that the caller asks the provider to revoke.
    pub pending: Vec<PendingRevocation>,
}

impl Command for ManageRevocation {
    const NAME: &'static str = "manage_revocation";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = RevocationResult;
}

impl UserCommand for ManageRevocation {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ByCredential(self.seq))
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_operator()?;
        match cx.snapshot.user {
            Some(_) => Ok(()),
            None => Err(DecisionError::NotFound(Resource::Revocation)),
        }
    }

    fn redact(outcome: &mut RevocationResult) {
        outcome.pending.clear();
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<RevocationResult, DecisionError> {
        let user = cx.user()?;
        let mut credentials = cx.snapshot.credentials.clone();
        let credential = credentials
            .iter_mut()
            .find(|credential| credential.seq == self.seq && credential.state != CredentialState::Held)
            .ok_or(DecisionError::NotFound(Resource::Revocation))?;
        let connection = cx.snapshot.connection(&credential.connection_id).ok_or(DecisionError::Inconsistent)?;
        let before = credential.state;
        match (self.action, before) {
            (RevocationAction::Get, _) | (RevocationAction::Dismiss, CredentialState::Dismissed) => {}
            (RevocationAction::Retry, CredentialState::Abandoned) => {
                credential.start_revocation(dispatch_deadline(cx.now), cx.now);
            }
            (RevocationAction::Dismiss, CredentialState::Abandoned | CredentialState::Revoking) => {
                credential.finish(CredentialState::Dismissed, cx.now);
            }
            (_, state) => return Err(DecisionError::InvalidRevocationState(state)),
        }
        if credential.state != before {
            changes.push(Mutation::PutCredential(credential.clone()));
        }
        let revocation = Revocation::of(&user.user_id, connection, credential);
        let connection = finish(&user.user_id, connection, &credentials, cx.now, changes);
        let retried = Credential::of(&connection, &credentials);
        let pending = match self.action {
            RevocationAction::Retry => pending(&connection, &retried),
            RevocationAction::Get | RevocationAction::Dismiss => Vec::new(),
        };
        Ok(RevocationResult { revocation, connection: cx.verdict_with(user, &connection, &credentials), pending })
    }
}

/// Records attempts to revoke the credentials of a connection. The outcome is `None` if the connection does not exist.
///
/// The Worker runs it after it dispatched the revocations that a command returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAttempts {
    /// The connection.
    pub connection_id: ConnectionId,
    /// The attempts.
    pub attempts: Vec<RevocationAttempt>,
    /// The waits between further attempts.
    pub schedule: Schedule,
}

impl Command for RecordAttempts {
    const NAME: &'static str = "record_attempts";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<ConnectionVerdict>;
}

impl UserCommand for RecordAttempts {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.connection_id.clone()))
    }

    /// Only the Worker and the ledger itself run this command, never on behalf of a caller.
    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_operator()
    }

    /// An attempt that is not the next one of its credential is ignored, unless it shows that the credential is dead.
    fn decide(
        &self,
        cx: &DecisionContext<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Option<ConnectionVerdict>, DecisionError> {
        let (Some(user), Some(connection)) = (&cx.snapshot.user, cx.snapshot.connection(&self.connection_id)) else {
            return Ok(None);
        };
        let mut credentials = Credential::of(connection, &cx.snapshot.credentials);
        for attempt in &self.attempts {
            let Some(credential) = credentials.iter_mut().find(|credential| credential.seq == attempt.seq) else {
                continue;
            };
            let before = credential.state;
            if !record(credential, attempt, self.schedule, cx.now) {
                continue;
            }
            if credential.state == CredentialState::Abandoned && before != CredentialState::Abandoned {
                emit_abandoned(&user.user_id, connection, credential, cx.now, changes);
            }
            changes.push(Mutation::PutCredential(credential.clone()));
        }
        let connection = finish(&user.user_id, connection, &credentials, cx.now, changes);
        Ok(Some(cx.verdict_with(user, &connection, &credentials)))
    }
}

/// Completes the revocation of a connection once none of its credentials is open, and returns the connection as it is then.
fn finish(
    user_id: &UserId,
    connection: &Connection,
    credentials: &[Credential],
    now: Timestamp,
    changes: &mut ChangeSet,
) -> Connection {
    let own = Credential::of(connection, credentials);
    let is_open = own.iter().any(|credential| credential.state.is_open());
    if connection.recorded.status != ConnectionStatus::Revoking || is_open {
        return connection.clone();
    }
    // The connection died when it was revoked here: its time stays.
    let recorded = ConnectionState { status: ConnectionStatus::Revoked, ..connection.recorded.clone() };
    let connection = Connection { recorded, end_recorded: true, ..connection.clone() };
    emit_connection_event(EventType::ConnectionRevoked, user_id, &connection, &own, now, changes);
    changes.push(Mutation::PutConnection(connection.clone()));
    connection
}

/// Records an attempt in its credential. Returns whether the credential changed.
fn record(credential: &mut Credential, attempt: &RevocationAttempt, schedule: Schedule, now: Timestamp) -> bool {
    let is_open = credential.state.is_open();
    let is_next = credential.state == CredentialState::Revoking && credential.attempts == attempt.attempts;
    let made = attempt.attempts.saturating_add(1).max(credential.attempts);
    match &attempt.reply {
        ProviderReply::Revoked if is_open => finish_credential(credential, CredentialState::Revoked, made, None, now),
        ProviderReply::Gone if is_open => finish_credential(credential, CredentialState::Gone, made, None, now),
        // The provider was not asked.
        ProviderReply::Unsupported if is_next => credential.finish(CredentialState::Unsupported, now),
        ProviderReply::Retry { after, error } if is_next => match next_attempt(now, made, schedule, *after) {
            Some(due_at) => {
                credential.attempts = made;
                credential.error = Some(error.clone());
                credential.due_at = Some(due_at);
            }
            None => finish_credential(credential, CredentialState::Abandoned, made, Some(error), now),
        },
        ProviderReply::Refused { error } if is_next => {
            finish_credential(credential, CredentialState::Abandoned, made, Some(error), now);
        }
        _ => return false,
    }
    true
}

fn finish_credential(
    credential: &mut Credential,
    state: CredentialState,
    attempts: u32,
    error: Option<&String>,
    now: Timestamp,
) {
    credential.attempts = attempts;
    credential.error = error.cloned();
    credential.finish(state, now);
}

fn emit_abandoned(
    user_id: &UserId,
    connection: &Connection,
    credential: &Credential,
    now: Timestamp,
    changes: &mut ChangeSet,
) {
    let data = AbandonedData {
        revocation_id: credential.revocation_id(user_id).to_string(),
        app_id: &connection.app_id,
        provider: connection.provider.as_ref(),
        token_type: credential.token_type,
        attempts: credential.attempts,
        error: credential.error.as_deref(),
    };
    let subject = EventSubject::Connection(&connection.id);
    changes.emit_event(EventType::RevocationAbandoned, Actor::system(), user_id, subject, now, &data);
}
