//! Connections: the link between a user and an app.

use super::access::Actor;
use super::ids::{AppId, ConnectionId, UserId};
use super::json::Json;
use super::pack::packed;
use super::scope::Scope;
use super::time::Timestamp;
use super::view::Cutoff;
use super::words::words;

words! {
    /// A connection's status. `failed`, `expired` and `revoked` are for ever.
    pub enum ConnectionStatus {
        /// A connection token for the app was minted, and not used yet.
        Initiated = "initiated",
        /// The user has authorized the app.
        Active = "active",
        /// Switched off for a while: nothing under it can be used.
        Inactive = "inactive",
        /// The authorization came to nothing.
        Failed = "failed",
        /// Nobody authorized the app in time.
        Expired = "expired",
        /// Revoked here, and still alive at the provider.
        Revoking = "revoking",
        /// Revoked.
        Revoked = "revoked",
    }
}

impl ConnectionStatus {
    /// Whether nothing can be issued or used under it ever again.
    #[must_use]
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Failed | Self::Expired | Self::Revoking | Self::Revoked)
    }
}

/// A status, and since when, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionStanding {
    /// The status.
    pub status: ConnectionStatus,
    /// Since when.
    pub at: Timestamp,
    /// By whom; nobody, where time ran out.
    pub by: Option<Actor>,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
}

packed!(struct ConnectionStanding { status, at, by, reason });

/// A connection, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its name.
    pub id: ConnectionId,
    /// The app.
    pub app_id: AppId,
    /// What the app may do.
    pub scope: Option<Scope>,
    /// Whatever else its owner keeps with it.
    pub metadata: Option<Json>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// Until when it has to be authorized; none, once that was done.
    pub expires_at: Option<Timestamp>,
    /// When it was first authorized.
    pub activated_at: Option<Timestamp>,
    /// The status that was recorded last. What time or a cutoff did since, [`connection_status`] says.
    pub recorded: ConnectionStanding,
    /// Whether its death, however it came, has been told.
    pub settled: bool,
}

packed!(struct Connection { id, app_id, scope, metadata, created_at, created_by, expires_at, activated_at, recorded, settled });

/// The status of a connection at a time: the one that was recorded, or the first death that befell it since.
#[must_use]
pub fn connection_status(connection: &Connection, cutoffs: &[Cutoff], now: Timestamp) -> ConnectionStanding {
    let recorded = &connection.recorded;
    if recorded.status.is_dead() {
        return recorded.clone();
    }
    let waits = recorded.status == ConnectionStatus::Initiated;
    let expired = connection.expires_at.filter(|at| waits && *at <= now).map(|at| ConnectionStanding {
        status: ConnectionStatus::Expired,
        at,
        by: None,
        reason: None,
    });
    let cut = cutoffs.iter().filter(|cutoff| cutoff.covers_connection(connection)).map(|cutoff| ConnectionStanding {
        status: ConnectionStatus::Revoked,
        at: cutoff.at,
        by: Some(cutoff.by.clone()),
        reason: cutoff.reason.clone(),
    });
    expired.into_iter().chain(cut).min_by_key(|death| death.at).unwrap_or_else(|| recorded.clone())
}

/// What is said of a connection: its status, since when, as of when. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionVerdict {
    /// Whose connection.
    pub user_id: UserId,
    /// The connection.
    pub connection: Connection,
    /// Its status, with since when, by whom and why.
    pub standing: ConnectionStanding,
    /// When this was true.
    pub as_of: Timestamp,
}

packed!(struct ConnectionVerdict { user_id, connection, standing, as_of });

impl ConnectionVerdict {
    /// What is said of a connection at a time.
    #[must_use]
    pub fn of(user_id: &UserId, connection: &Connection, cutoffs: &[Cutoff], now: Timestamp) -> Self {
        Self {
            user_id: user_id.clone(),
            standing: connection_status(connection, cutoffs, now),
            connection: connection.clone(),
            as_of: now,
        }
    }

    /// The status alone.
    #[must_use]
    pub const fn status(&self) -> ConnectionStatus {
        self.standing.status
    }
}
