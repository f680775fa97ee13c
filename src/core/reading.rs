//! A status that was read once, and what it is by now if nothing but time has passed.
//!
//! The rules are those of [`mod@super::status`], from the same functions. What others may have done since, only the
//! ledger knows.

use super::connection::ConnectionStatus;
use super::status::{Status, run_out_by};
use super::time::Timestamp;

/// Whose status, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A token's.
    Token(Status),
    /// A connection's.
    Connection(ConnectionStatus),
}

impl Read {
    /// The word for the status.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token(status) => status.as_str(),
            Self::Connection(status) => status.as_str(),
        }
    }

    /// Whether it never changes again.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Token(status) => status.is_terminal(),
            Self::Connection(status) => status.is_final(),
        }
    }

    const fn runs_out(self) -> bool {
        match self {
            Self::Token(status) => status.runs_out(),
            Self::Connection(status) => status.runs_out(),
        }
    }

    const fn expired(self) -> Self {
        match self {
            Self::Token(_) => Self::Token(Status::Expired),
            Self::Connection(_) => Self::Connection(ConnectionStatus::Expired),
        }
    }
}

/// A status with its times, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The status.
    pub read: Read,
    /// When that was true.
    pub as_of: Timestamp,
    /// When the token or connection was made.
    pub created_at: Timestamp,
    /// Until when a token lives; until when a connection has to be authorized.
    pub expires_at: Option<Timestamp>,
    /// When a connection was first authorized.
    pub activated_at: Option<Timestamp>,
    /// When a token was used.
    pub consumed_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What a reading comes to at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// The status.
    pub read: Read,
    /// Since when, where the times that were read say so.
    pub since: Option<Timestamp>,
    /// When it ends by itself; none, where time does not end it.
    pub ends_at: Option<Timestamp>,
    /// Whole seconds until then, rounded down.
    pub seconds_left: Option<i64>,
}

impl Reading {
    /// What it comes to at a time. Before the time that it was read, it is what was read.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Present {
        let until = self.expires_at.filter(|_| self.read.runs_out());
        if let Some(at) = run_out_by(until, now) {
            return Present { read: self.read.expired(), since: Some(at), ends_at: None, seconds_left: None };
        }
        Present {
            read: self.read,
            since: self.since(),
            ends_at: until,
            seconds_left: until.map(|at| at.seconds_since(now)),
        }
    }

    /// Nothing that is read says when something was switched off or failed. What expired before its time did so with
    /// what it hung on.
    fn since(&self) -> Option<Timestamp> {
        match self.read {
            Read::Token(Status::Valid) | Read::Connection(ConnectionStatus::Initiated) => Some(self.created_at),
            Read::Connection(ConnectionStatus::Active) => self.activated_at,
            Read::Token(Status::Consumed) => self.consumed_at,
            Read::Token(Status::Revoked) | Read::Connection(ConnectionStatus::Revoking | ConnectionStatus::Revoked) => {
                self.revoked_at
            }
            Read::Token(Status::Expired) | Read::Connection(ConnectionStatus::Expired) => {
                run_out_by(self.expires_at, self.as_of)
            }
            Read::Token(Status::Inactive) | Read::Connection(ConnectionStatus::Inactive | ConnectionStatus::Failed) => {
                None
            }
        }
    }
}
