//! A status that was read once, and what it is now if only time has passed.
//!
//! The rules are those of [`mod@super::status`]. Only the ledger knows later changes by others.
//!
//! ```
//! use hookswitch::core::status_snapshot::{StatusKind, StatusSnapshot};
//! use hookswitch::core::{Status, Timestamp};
//!
//! let second = |second: i64| Timestamp::from_millis(second * 1_000);
//! let snapshot = StatusSnapshot {
//!     status: StatusKind::Token(Status::Valid),
//!     as_of: second(0),
//!     created_at: second(0),
//!     expires_at: Some(second(60)),
//!     activated_at: None,
//!     consumed_at: None,
//!     revoked_at: None,
//! };
//! assert_eq!(snapshot.at(second(45)).seconds_left, Some(15));
//! assert_eq!(snapshot.at(second(60)).status, StatusKind::Token(Status::Expired));
//! ```

use super::connection::ConnectionStatus;
use super::status::{Status, expired_at};
use super::time::Timestamp;

/// The status of a token or of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusKind {
    /// The status of a token.
    Token(Status),
    /// The status of a connection.
    Connection(ConnectionStatus),
}

impl StatusKind {
    /// The status as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token(status) => status.as_str(),
            Self::Connection(status) => status.as_str(),
        }
    }

    /// Whether the status never changes again.
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
pub struct StatusSnapshot {
    /// The status at the time of the snapshot.
    pub status: StatusKind,
    /// When it was true.
    pub as_of: Timestamp,
    /// When the token or connection was created.
    pub created_at: Timestamp,
    /// When a token expires; by when a connection must be authorized.
    pub expires_at: Option<Timestamp>,
    /// When a connection was first authorized.
    pub activated_at: Option<Timestamp>,
    /// When a token was consumed.
    pub consumed_at: Option<Timestamp>,
    /// When the token or connection was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The status of a snapshot at a later time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusAt {
    /// The status at the asked time.
    pub status: StatusKind,
    /// The time since when, if the snapshot has it.
    pub since: Option<Timestamp>,
    /// When it ends by itself; `None` if time does not end it.
    pub ends_at: Option<Timestamp>,
    /// Whole seconds until then, rounded down.
    pub seconds_left: Option<i64>,
}

impl StatusSnapshot {
    /// The status at a time. Before `as_of` it is the status that was read.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> StatusAt {
        let until = self.expires_at.filter(|_| self.status.runs_out());
        if let Some(at) = expired_at(until, now) {
            return StatusAt { status: self.status.expired(), since: Some(at), ends_at: None, seconds_left: None };
        }
        StatusAt {
            status: self.status,
            since: self.since(),
            ends_at: until,
            seconds_left: until.map(|at| at.seconds_since(now)),
        }
    }

    /// When the status began. The snapshot has no time for a disabled connection, nor for a token that expired before its
    /// own time together with its connection.
    fn since(&self) -> Option<Timestamp> {
        match self.status {
            StatusKind::Token(Status::Valid) | StatusKind::Connection(ConnectionStatus::Initiated) => {
                Some(self.created_at)
            }
            StatusKind::Connection(ConnectionStatus::Active) => self.activated_at,
            StatusKind::Token(Status::Consumed) => self.consumed_at,
            StatusKind::Token(Status::Revoked)
            | StatusKind::Connection(ConnectionStatus::Revoking | ConnectionStatus::Revoked) => self.revoked_at,
            StatusKind::Token(Status::Expired) | StatusKind::Connection(ConnectionStatus::Expired) => {
                expired_at(self.expires_at, self.as_of)
            }
            StatusKind::Token(Status::Inactive) | StatusKind::Connection(ConnectionStatus::Inactive) => None,
        }
    }
}
