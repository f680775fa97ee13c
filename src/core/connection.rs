//! Connections: the link between a user and an app.
//!
//! ```
//! use hookswitch::core::ConnectionStatus;
//!
//! assert!(ConnectionStatus::Revoking.is_dead());
//! assert!(!ConnectionStatus::Revoking.is_final());
//! assert!(!ConnectionStatus::Inactive.is_dead());
//! ```

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::ids::{AppId, ConnectionId, Slug};
use super::json::Json;
use super::scope::Scope;
use super::string_enum::string_enum;
use super::time::Timestamp;

string_enum! {
    /// The status of a connection. `expired` and `revoked` are final.
    pub enum ConnectionStatus {
        /// A connection token for the app was created and not consumed yet.
        Initiated = "initiated",
        /// The user has authorized the app.
        Active = "active",
        /// The connection is disabled: nothing under it can be used.
        Inactive = "inactive",
        /// The user did not authorize the app in time.
        Expired = "expired",
        /// The connection is revoked here, and a credential is still alive at its provider.
        Revoking = "revoking",
        /// The connection is revoked.
        Revoked = "revoked",
    }
}

impl ConnectionStatus {
    /// Whether the status never changes again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Expired | Self::Revoked)
    }

    /// Whether the connection ends by itself at `expires_at`.
    #[must_use]
    pub const fn runs_out(self) -> bool {
        matches!(self, Self::Initiated)
    }

    /// Whether nothing can be issued or used under the connection ever again.
    #[must_use]
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Expired | Self::Revoking | Self::Revoked)
    }
}

/// The status of a connection with its time, actor and reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionState {
    /// The status that was entered.
    pub status: ConnectionStatus,
    /// When the connection entered the status.
    pub at: Timestamp,
    /// The actor that changed the status; `None` if the connection expired.
    pub by: Option<Actor>,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

/// A connection as the user's ledger stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The connection's id.
    pub id: ConnectionId,
    /// The id of the app.
    pub app_id: AppId,
    /// The scopes that the app was granted.
    pub scope: Option<Scope>,
    /// Data that the caller stored with the connection.
    pub metadata: Option<Json>,
    /// When the connection was created.
    pub created_at: Timestamp,
    /// The actor that created the connection.
    pub created_by: Actor,
    /// The time by which the user must authorize the app; `None` once that is done.
    pub expires_at: Option<Timestamp>,
    /// When the user first authorized the app.
    pub activated_at: Option<Timestamp>,
    /// The status that was recorded last. [`super::status::connection_state`] adds what time and cutoffs did since.
    pub recorded: ConnectionState,
    /// Whether the end of the connection is recorded and no provider has to be asked any more.
    pub end_recorded: bool,
    /// The provider whose credentials the connection stores or stored.
    pub provider: Option<Slug>,
    /// Whether the connection was deleted: it is dead, and it is not shown any more.
    pub deleted: bool,
}
