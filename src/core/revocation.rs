//! What comes of telling a provider: each credential ends, is tried again, or is left to an operator.

use super::connection::{Connection, ConnectionStanding, ConnectionStatus};
use super::credential::{Credential, CredentialState, RevocationId};
use super::event::EventType;
use super::ids::{AppId, Shard, Slug, UserId};
use super::json::Object;
use super::pack::packed;
use super::provider::TokenType;
use super::schedule::{self, Schedule};
use super::time::Timestamp;
use super::user::User;
use super::view::{Change, Writes};

/// For how long whoever tells a provider is the only one to, in seconds: longer than the provider has to answer. After
/// that the ledger tells it.
pub const LEASE_SECONDS: i64 = 15;

/// What became of a token at its provider, as far as one attempt tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is dead now.
    Revoked,
    /// It was dead before.
    Gone,
    /// The provider offers no way to revoke it.
    Unsupported,
    /// That is not known, and why: try again, after so many seconds where the provider says so.
    Retry(Option<u32>, String),
    /// It is alive, and why: trying again will not change that.
    Refused(String),
}

packed!(enum Reply {
    0 => Revoked,
    1 => Gone,
    2 => Unsupported,
    3 => Retry(a, b),
    4 => Refused(a),
});

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The credential's place in the ledger.
    pub seq: u64,
    /// How often the provider had been asked before.
    pub attempts: u32,
    /// What it answered.
    pub reply: Reply,
}

packed!(struct Report { seq, attempts, reply });

/// A revocation at a provider, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Whose connection it was.
    pub user_id: UserId,
    /// To which app.
    pub app_id: AppId,
    /// At which provider.
    pub provider: Option<Slug>,
    /// Of which credential, and how far it is.
    pub credential: Credential,
}

packed!(struct Revocation { user_id, app_id, provider, credential });

impl Revocation {
    /// The revocation of a credential that a connection holds, or held.
    #[must_use]
    pub fn of(user_id: &UserId, connection: &Connection, credential: &Credential) -> Self {
        Self {
            user_id: user_id.clone(),
            app_id: connection.app_id.clone(),
            provider: connection.provider.clone(),
            credential: credential.clone(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> RevocationId {
        RevocationId { shard: Shard::of(&self.user_id), seq: self.credential.seq }
    }
}

/// Ends a connection: it is dead here at once. What it holds of its provider's is asked for there, by `due_at` at the
/// latest; or, where nobody is to be asked, is left alive there and forgotten here.
pub(crate) fn end(
    user: &User,
    connection: &Connection,
    credentials: &[Credential],
    mut standing: ConnectionStanding,
    due_at: Option<Timestamp>,
    now: Timestamp,
    writes: &mut Writes,
) -> (Connection, Vec<Credential>) {
    let mut left = Credential::of(connection, credentials);
    for credential in &mut left {
        if credential.state == CredentialState::Held {
            match due_at {
                Some(due_at) => credential.revoke(due_at, now),
                None => credential.end(CredentialState::Dismissed, now),
            }
            writes.changes.push(Change::PutCredential(credential.clone()));
        }
    }
    let open = left.iter().any(|credential| credential.state.is_open());
    let (status, event_type) = match standing.status {
        ConnectionStatus::Expired => (ConnectionStatus::Expired, EventType::ConnectionExpired),
        _ if open => (ConnectionStatus::Revoking, EventType::ConnectionRevoking),
        _ => (ConnectionStatus::Revoked, EventType::ConnectionRevoked),
    };
    standing.status = status;
    let at = standing.at;
    let mut connection = connection.clone();
    connection.recorded = standing;
    connection.settled = !open;
    writes.tell_of_connection(event_type, user, &connection, &left, at);
    writes.changes.push(Change::PutConnection(connection.clone()));
    (connection, left)
}

/// What to write of attempts on a connection's credentials, of which these are all. What is known already, or came of an
/// attempt before the last, is passed over, unless it says that a credential is dead.
#[must_use]
pub fn settle(
    user: &User,
    connection: &Connection,
    credentials: &[Credential],
    reports: &[Report],
    schedule: Schedule,
    now: Timestamp,
) -> Writes {
    let mut writes = Writes::default();
    let mut credentials = credentials.to_vec();
    for report in reports {
        let Some(credential) = credentials.iter_mut().find(|credential| credential.seq == report.seq) else {
            continue;
        };
        let before = credential.state;
        if record(credential, report, schedule, now) {
            if credential.state == CredentialState::Abandoned && before != CredentialState::Abandoned {
                tell_abandoned(user, connection, credential, now, &mut writes);
            }
            writes.changes.push(Change::PutCredential(credential.clone()));
        }
    }
    finish(user, connection, &credentials, now, &mut writes);
    writes
}

/// Ends a connection for good, once nothing more is to be done about any credential. Gives it as it is then.
pub(crate) fn finish(
    user: &User,
    connection: &Connection,
    credentials: &[Credential],
    now: Timestamp,
    writes: &mut Writes,
) -> Connection {
    let open = credentials.iter().any(|credential| credential.state.is_open());
    let mut connection = connection.clone();
    if connection.recorded.status == ConnectionStatus::Revoking && !open {
        // It died when it was revoked here: that does not change.
        connection.recorded.status = ConnectionStatus::Revoked;
        connection.settled = true;
        writes.tell_of_connection(EventType::ConnectionRevoked, user, &connection, credentials, now);
        writes.changes.push(Change::PutConnection(connection.clone()));
    }
    connection
}

/// Has a credential say what came of an attempt. Whether that was news.
fn record(credential: &mut Credential, report: &Report, schedule: Schedule, now: Timestamp) -> bool {
    let is_open = credential.state.is_open();
    let waits = credential.state == CredentialState::Revoking && credential.attempts == report.attempts;
    let (state, error) = match &report.reply {
        Reply::Revoked if is_open => (CredentialState::Revoked, None),
        Reply::Gone if is_open => (CredentialState::Gone, None),
        // Nobody was asked.
        Reply::Unsupported if waits => {
            credential.end(CredentialState::Unsupported, now);
            return true;
        }
        // Unless it is to be tried again, which is found out below.
        Reply::Retry(_, error) | Reply::Refused(error) if waits => (CredentialState::Abandoned, Some(error.clone())),
        _ => return false,
    };
    credential.attempts = report.attempts.saturating_add(1).max(credential.attempts);
    credential.error = error;
    let again = match report.reply {
        Reply::Retry(after, _) => schedule::next(now, credential.attempts, schedule, after),
        _ => None,
    };
    match again {
        Some(_) => credential.due_at = again,
        None => credential.end(state, now),
    }
    true
}

fn tell_abandoned(user: &User, connection: &Connection, credential: &Credential, now: Timestamp, writes: &mut Writes) {
    let data = Object::new()
        .with("revocation_id", credential.revocation_id(&user.user_id))
        .with("app_id", connection.app_id.as_str())
        .with("provider", connection.provider.as_ref().map(Slug::as_str))
        .with("token_type", TokenType::as_str(credential.token_type))
        .with("attempts", u64::from(credential.attempts))
        .with("error", credential.error.as_deref());
    writes.tell_of_revocation(user, connection, now, data);
}
