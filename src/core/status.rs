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

/// The status of a token at a time: the first of all the ends that befell it.
///
/// A token is only as alive as its connection and its user: the death of a connection, or a cutoff, kills everything
/// under it in the one write that records it, without touching any token. `connection` is the one that the token's
/// facts name.
#[must_use]
pub fn status(token: &Token, connection: Option<&Connection>, cutoffs: &[Cutoff], now: Timestamp) -> Standing {
    let expired = run_out_by(token.expires_at, now).map(ran_out);
    let ended = token.end.as_ref().map(|end| Standing::Dead {
        status: match end.how {
            How::Consumed => Status::Consumed,
            How::Revoked => Status::Revoked,
        },
        at: end.at,
        by: Some(end.by.clone()),
        reason: end.reason.clone(),
    });
    let cut = cutoffs.iter().filter(|cutoff| cutoff.covers(token)).map(|cutoff| Standing::Dead {
        status: Status::Revoked,
        at: cutoff.at,
        by: Some(cutoff.by.clone()),
        reason: cutoff.reason.clone(),
    });
    let above = connection.map(|connection| connection_status(connection, cutoffs, now));
    let inactive = above.as_ref().is_some_and(|above| above.status == ConnectionStatus::Inactive);
    let fell = above.filter(|above| above.status.is_dead()).map(|above| match above.by {
        None => ran_out(above.at),
        by => Standing::Dead { status: Status::Revoked, at: above.at, by, reason: above.reason },
    });
    // Of equal times the first listed wins: what had run out at that moment could not be ended any more.
    let ends = expired.into_iter().chain(ended).chain(cut).chain(fell);
    let otherwise = if inactive { Standing::Inactive } else { Standing::Valid };
    ends.min_by_key(Standing::died_at).unwrap_or(otherwise)
}

/// When what has until `expires_at` ran out, if it has by now: at that very moment it is over.
#[must_use]
pub fn run_out_by(expires_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    expires_at.filter(|at| *at <= now)
}

const fn ran_out(at: Timestamp) -> Standing {
    Standing::Dead { status: Status::Expired, at, by: None, reason: None }
}

/// The status of a connection at a time: the one that was recorded, or the first death that befell it since.
#[must_use]
pub fn connection_status(connection: &Connection, cutoffs: &[Cutoff], now: Timestamp) -> ConnectionStanding {
    let recorded = &connection.recorded;
    if recorded.status.is_dead() {
        return recorded.clone();
    }
    let until = connection.expires_at.filter(|_| recorded.status.runs_out());
    let expired = run_out_by(until, now).map(|at| ConnectionStanding {
        status: ConnectionStatus::Expired,
        at,
        by: None,
        reason: None,
    });
    let cut = cutoffs.iter().filter(|cutoff| cutoff.covers_connection(connection)).map(|cutoff| ConnectionStanding {
        // What it holds of its provider's is alive there for now.
        status: if connection.provider.is_some() { ConnectionStatus::Revoking } else { ConnectionStatus::Revoked },
        at: cutoff.at,
        by: Some(cutoff.by.clone()),
        reason: cutoff.reason.clone(),
    });
    expired.into_iter().chain(cut).min_by_key(|death| death.at).unwrap_or_else(|| recorded.clone())
}
