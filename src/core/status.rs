//! Whether a token is alive: one pure function.

use super::access::Actor;
use super::connection::{Connection, ConnectionStanding, ConnectionStatus};
use super::cutoff::Cutoff;
use super::pack::packed;
use super::time::Timestamp;
use super::token::{End, How, Token};
use super::words::words;

words! {
    /// A token's status. All but `valid` and `inactive` are for ever, and exclude each other.
    pub enum Status {
        /// Can be used.
        Valid = "valid",
        /// Was used.
        Consumed = "consumed",
        /// Was taken back before it was used or ran out.
        Revoked = "revoked",
        /// Ran out before it was used or taken back.
        Expired = "expired",
        /// Cannot be used while its connection is switched off.
        Inactive = "inactive",
    }
}

impl Status {
    /// Whether it can never change again.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Valid | Self::Inactive)
    }

    /// Whether time alone ends it. Being switched off stops no clock.
    #[must_use]
    pub const fn runs_out(self) -> bool {
        !self.is_terminal()
    }
}

/// A status, and for a dead token since when, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Alive.
    Valid,
    /// Dead.
    Dead {
        /// What it died of; terminal.
        status: Status,
        /// When.
        at: Timestamp,
        /// By whom; nobody, where it ran out.
        by: Option<Actor>,
        /// Why.
        reason: Option<String>,
    },
    /// Its connection is switched off.
    Inactive,
}

packed!(enum Standing {
    0 => Valid,
    1 => Dead { status, at, by, reason },
    2 => Inactive,
});

impl Standing {
    /// The status alone.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Valid => Status::Valid,
            Self::Inactive => Status::Inactive,
            Self::Dead { status, .. } => *status,
        }
    }

    /// The end to record for the token; none, where it is alive or ran out by itself.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        let Self::Dead { status, at, by: Some(by), reason } = self else {
            return None;
        };
        let how = match status {
            Status::Consumed => How::Consumed,
            Status::Revoked => How::Revoked,
            Status::Valid | Status::Inactive | Status::Expired => return None,
        };
        Some(End { how, at: *at, by: by.clone(), reason: reason.clone() })
    }

    /// When it died.
    #[must_use]
    pub const fn died_at(&self) -> Option<Timestamp> {
        match self {
            Self::Valid | Self::Inactive => None,
            Self::Dead { at, .. } => Some(*at),
        }
    }
}

/// One of the ends that befell something, by somebody or by time alone.
struct Death<'a> {
    status: Status,
    at: Timestamp,
    by: Option<&'a Actor>,
    reason: Option<&'a String>,
}

impl<'a> Death<'a> {
    const fn by_time(at: Timestamp) -> Self {
        Self { status: Status::Expired, at, by: None, reason: None }
    }

    const fn by(status: Status, at: Timestamp, by: &'a Actor, reason: Option<&'a String>) -> Self {
        Self { status, at, by: Some(by), reason }
    }

    /// Keeps the first. Of equal times it is the one known before: what had run out at that moment could not be ended
    /// any more.
    fn note(self, first: &mut Option<Self>) {
        if first.as_ref().is_none_or(|first| self.at < first.at) {
            *first = Some(self);
        }
    }
}

/// The status of a token at a time: the first of all the ends that befell it.
///
/// A token is only as alive as its connection and its user: the death of a connection, or a cutoff, kills everything
/// under it in the one write that records it, without touching any token. `connection` is the one that the token's
/// facts name.
#[must_use]
pub fn status(token: &Token, connection: Option<&Connection>, cutoffs: &[Cutoff], now: Timestamp) -> Standing {
    let above = connection.map(|connection| connection_status(connection, cutoffs, now));
    let mut first = run_out_by(token.expires_at, now).map(Death::by_time);
    if let Some(end) = &token.end {
        let status = match end.how {
            How::Consumed => Status::Consumed,
            How::Revoked => Status::Revoked,
        };
        Death::by(status, end.at, &end.by, end.reason.as_ref()).note(&mut first);
    }
    for cutoff in cutoffs {
        if cutoff.covers(token) {
            Death::by(Status::Revoked, cutoff.at, &cutoff.by, cutoff.reason.as_ref()).note(&mut first);
        }
    }
    if let Some(above) = above.as_ref().filter(|above| above.status.is_dead()) {
        let fell = match &above.by {
            None => Death::by_time(above.at),
            Some(by) => Death::by(Status::Revoked, above.at, by, above.reason.as_ref()),
        };
        fell.note(&mut first);
    }
    match first {
        Some(Death { status, at, by, reason }) => {
            Standing::Dead { status, at, by: by.cloned(), reason: reason.cloned() }
        }
        None if above.as_ref().is_some_and(|above| above.status == ConnectionStatus::Inactive) => Standing::Inactive,
        None => Standing::Valid,
    }
}

/// When what has until `expires_at` ran out, if it has by now: at that very moment it is over.
#[must_use]
pub fn run_out_by(expires_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    expires_at.filter(|at| *at <= now)
}

/// The status of a connection at a time: the one that was recorded, or the first death that befell it since.
#[must_use]
pub fn connection_status(connection: &Connection, cutoffs: &[Cutoff], now: Timestamp) -> ConnectionStanding {
    let recorded = &connection.recorded;
    if recorded.status.is_dead() {
        return recorded.clone();
    }
    let until = connection.expires_at.filter(|_| recorded.status.runs_out());
    let mut first = run_out_by(until, now).map(Death::by_time);
    for cutoff in cutoffs {
        if cutoff.covers_connection(connection) {
            Death::by(Status::Revoked, cutoff.at, &cutoff.by, cutoff.reason.as_ref()).note(&mut first);
        }
    }
    let Some(Death { at, by, reason, .. }) = first else {
        return recorded.clone();
    };
    let status = match by {
        None => ConnectionStatus::Expired,
        // What it holds of its provider's is alive there for now.
        Some(_) if connection.provider.is_some() => ConnectionStatus::Revoking,
        Some(_) => ConnectionStatus::Revoked,
    };
    ConnectionStanding { status, at, by: by.cloned(), reason: reason.cloned() }
}
