//! The status of a token or connection: pure functions of what is stored and the time.
//!
//! ```
//! use hookswitch::core::{Status, Timestamp};
//! use hookswitch::core::status::expired_at;
//!
//! assert!(Status::Consumed.is_terminal() && !Status::Inactive.is_terminal());
//! let (expiry, later) = (Timestamp::from_millis(1_000), Timestamp::from_millis(2_000));
//! assert_eq!(expired_at(Some(expiry), later), Some(expiry));
//! assert_eq!(expired_at(None, later), None);
//! ```

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::connection::{Connection, ConnectionState, ConnectionStatus};
use super::cutoff::RevocationCutoff;
use super::string_enum::string_enum;
use super::time::Timestamp;
use super::token::{EndKind, Token};

string_enum! {
    /// The status of a token. `consumed`, `revoked` and `expired` are final and exclude each other.
    pub enum Status {
        /// The token can be used.
        Valid = "valid",
        /// The token was consumed.
        Consumed = "consumed",
        /// The token was revoked before it was consumed or expired.
        Revoked = "revoked",
        /// The token expired before it was consumed or revoked.
        Expired = "expired",
        /// The token cannot be used while its connection is disabled.
        Inactive = "inactive",
    }
}

impl Status {
    /// Whether the status never changes again.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Valid | Self::Inactive)
    }

    /// Whether the token expires by itself in this status. A disabled connection does not stop the clock.
    #[must_use]
    pub const fn runs_out(self) -> bool {
        !self.is_terminal()
    }
}

string_enum! {
    /// The terminal statuses of a token.
    pub enum DeadStatus {
        /// The token was consumed.
        Consumed = "consumed",
        /// The token was revoked.
        Revoked = "revoked",
        /// The token expired.
        Expired = "expired",
    }
}

impl From<DeadStatus> for Status {
    fn from(status: DeadStatus) -> Self {
        match status {
            DeadStatus::Consumed => Self::Consumed,
            DeadStatus::Revoked => Self::Revoked,
            DeadStatus::Expired => Self::Expired,
        }
    }
}

/// The end of a token with its time, actor and reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Death {
    /// How the token ended.
    pub status: DeadStatus,
    /// The time of the end.
    pub at: Timestamp,
    /// The actor that ended the token; `None` if it expired.
    pub by: Option<Actor>,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

/// The state of a token: alive, disabled with its connection, or dead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// The token can be used.
    Valid,
    /// The token's connection is disabled.
    Inactive,
    /// The token is dead.
    Dead(Death),
}

impl TokenState {
    /// The status alone.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Valid => Status::Valid,
            Self::Inactive => Status::Inactive,
            Self::Dead(death) => death.status.into(),
        }
    }

    /// The end of the token, if it is dead.
    #[must_use]
    pub const fn death(&self) -> Option<&Death> {
        match self {
            Self::Valid | Self::Inactive => None,
            Self::Dead(death) => Some(death),
        }
    }
}

/// One of the events that could have ended a token or connection.
struct Candidate<'a> {
    status: DeadStatus,
    at: Timestamp,
    by: Option<&'a Actor>,
    reason: Option<&'a String>,
}

impl<'a> Candidate<'a> {
    const fn expiry(at: Timestamp) -> Self {
        Self { status: DeadStatus::Expired, at, by: None, reason: None }
    }

    const fn revocation(at: Timestamp, by: &'a Actor, reason: Option<&'a String>) -> Self {
        Self { status: DeadStatus::Revoked, at, by: Some(by), reason }
    }

    fn of_cutoff(cutoff: &'a RevocationCutoff) -> Self {
        Self::revocation(cutoff.at, &cutoff.by, cutoff.reason.as_ref())
    }

    /// Keeps the earlier of two candidates. At equal times the first candidate stays: a token that expired
    /// at that moment could not be revoked any more.
    fn keep_earlier(self, first: &mut Option<Self>) {
        if first.as_ref().is_none_or(|first| self.at < first.at) {
            *first = Some(self);
        }
    }
}

/// The state of a token at a time: the first of all events that ended it.
///
/// A token is only as alive as its connection and its user. The end of a connection, or a cutoff, ends everything under it
/// in the write that records it, and that write touches no token. `connection` is the connection in the token's facts.
#[must_use]
pub fn status(
    token: &Token,
    connection: Option<&Connection>,
    cutoffs: &[RevocationCutoff],
    now: Timestamp,
) -> TokenState {
    let above = connection.map(|connection| connection_state(connection, cutoffs, now));
    let mut first = expired_at(token.expires_at, now).map(Candidate::expiry);
    if let Some(end) = &token.end {
        let status = match end.kind {
            EndKind::Consumed => DeadStatus::Consumed,
            EndKind::Revoked => DeadStatus::Revoked,
        };
        let by = Some(&end.by);
        Candidate { status, at: end.at, by, reason: end.reason.as_ref() }.keep_earlier(&mut first);
    }
    for cutoff in cutoffs.iter().filter(|cutoff| cutoff.matches(token)) {
        Candidate::of_cutoff(cutoff).keep_earlier(&mut first);
    }
    if let Some(above) = above.as_ref().filter(|above| above.status.is_dead()) {
        let end = match &above.by {
            None => Candidate::expiry(above.at),
            Some(by) => Candidate::revocation(above.at, by, above.reason.as_ref()),
        };
        end.keep_earlier(&mut first);
    }
    match first {
        Some(Candidate { status, at, by, reason }) => {
            TokenState::Dead(Death { status, at, by: by.cloned(), reason: reason.cloned() })
        }
        None if above.as_ref().is_some_and(|above| above.status == ConnectionStatus::Inactive) => TokenState::Inactive,
        None => TokenState::Valid,
    }
}

/// The time of expiry, if it has passed. At `expires_at` itself the token is expired.
#[must_use]
pub fn expired_at(expires_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    expires_at.filter(|at| *at <= now)
}

/// The state of a connection at a time: the recorded one, or the first end since.
#[must_use]
pub fn connection_state(connection: &Connection, cutoffs: &[RevocationCutoff], now: Timestamp) -> ConnectionState {
    let recorded = &connection.recorded;
    if recorded.status.is_dead() {
        return recorded.clone();
    }
    let until = connection.expires_at.filter(|_| recorded.status.runs_out());
    let mut first = expired_at(until, now).map(Candidate::expiry);
    for cutoff in cutoffs.iter().filter(|cutoff| cutoff.matches_connection(connection)) {
        Candidate::of_cutoff(cutoff).keep_earlier(&mut first);
    }
    let Some(Candidate { at, by, reason, .. }) = first else {
        return recorded.clone();
    };
    let status = match by {
        None => ConnectionStatus::Expired,
        // The credentials are still alive at the provider.
        Some(_) if connection.provider.is_some() => ConnectionStatus::Revoking,
        Some(_) => ConnectionStatus::Revoked,
    };
    ConnectionState { status, at, by: by.cloned(), reason: reason.cloned() }
}
