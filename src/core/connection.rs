//! Connections: the link between a user and an app.

use super::access::Actor;
use super::ids::{AppId, ConnectionId, Slug};
use super::json::Json;
use super::pack::packed;
use super::scope::Scope;
use super::time::Timestamp;
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
    /// Whether it never changes again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Failed | Self::Expired | Self::Revoked)
    }

    /// Whether time alone ends it: what nobody has authorized yet.
    #[must_use]
    pub const fn runs_out(self) -> bool {
        matches!(self, Self::Initiated)
    }

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
    /// The status that was recorded last. What time or a cutoff did since, `connection_status` says.
    pub recorded: ConnectionStanding,
    /// Whether its death, however it came, has been told, and nothing is left to be done at the provider.
    pub settled: bool,
    /// Whose credentials it holds; none, where it never held any.
    pub provider: Option<Slug>,
    /// Whether it was deleted: it is dead then, and nobody is shown it any more.
    pub deleted: bool,
}

packed!(struct Connection { id, app_id, scope, metadata, created_at, created_by, expires_at, activated_at, recorded, settled, provider, deleted });
