//! The view of a ticket for a user: the user's connections, and nothing that only an operator may know.
//!
//! ```
//! use hookswitch::core::Timestamp;
//! use hookswitch::core::connections_view::ConnectionsView;
//!
//! let at = |as_of| ConnectionsView { connections: Vec::new(), has_more: false, as_of: Timestamp::from_millis(as_of) };
//! // The entity tag does not depend on the time of the read.
//! assert_eq!(at(1).tag(), at(2).tag());
//! ```

use serde::{Deserialize, Serialize};

use super::connection::{ConnectionStatus, Health};
use super::digest::Digest;
use super::ids::{AppId, ConnectionId};
use super::json::Json;
use super::rfc3339::Rfc3339;
use super::scope::Scope;
use super::ticket::{TicketRight, TicketUser};
use super::ticket_view::{ProviderRevocation, TicketView};
use super::time::Timestamp;
use super::verdict::ConnectionVerdict;

/// The highest number of connections in a view.
pub const SHOWN_MAX: u32 = 100;

/// The connections of a user that are authorized, or still alive at their provider; newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionsView {
    /// The connections, at most [`SHOWN_MAX`].
    pub connections: Vec<ConnectionView>,
    /// Whether the user has more of them.
    pub has_more: bool,
    /// When this was true.
    pub as_of: Timestamp,
}

/// A connection as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionView {
    /// The connection's id.
    pub id: ConnectionId,
    /// The id of the app.
    pub app_id: AppId,
    /// The scopes that the app was granted.
    pub scope: Option<Scope>,
    /// The status of the connection.
    pub status: ConnectionStatus,
    /// When the connection was created.
    pub created_at: Timestamp,
    /// When the user first authorized the app.
    pub activated_at: Option<Timestamp>,
    /// How far the revocation at the provider is, if the status is `revoking`.
    pub provider_revocation: Option<ProviderRevocation>,
    /// The health of the connection, if it is active or disabled.
    #[serde(default)]
    pub health: Option<Health>,
    /// When a token of the connection was last used, to within 15 minutes.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
}

impl ConnectionView {
    /// The view of a connection.
    #[must_use]
    pub fn of(verdict: &ConnectionVerdict) -> Self {
        let view = TicketView::of_connection(verdict);
        Self {
            id: verdict.connection.id.clone(),
            app_id: verdict.connection.app_id.clone(),
            scope: view.scope,
            status: verdict.status(),
            created_at: view.created_at,
            activated_at: view.activated_at,
            provider_revocation: view.provider_revocation,
            health: view.health,
            last_used_at: verdict.connection.last_used_at,
        }
    }
}

impl ConnectionsView {
    /// A text that differs if anything but `as_of` differs: 64 hex digits. It is the `ETag` of the list.
    #[must_use]
    pub fn tag(&self) -> String {
        let timeless = Self { as_of: Timestamp::from_micros(0), ..self.clone() };
        Digest::of(Json::of(&timeless).as_str().as_bytes()).as_str().to_owned()
    }
}

/// A connection in the JSON for the holder of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "UserConnection"))]
pub struct ConnectionMessage {
    /// The connection's id.
    pub id: ConnectionId,
    /// The id of the app.
    pub app_id: AppId,
    /// The scopes that the app was granted.
    pub scope: Option<Scope>,
    /// The status of the connection: `active`, `inactive` or `revoking`; after a revocation also `revoked`.
    pub status: ConnectionStatus,
    /// When the connection was created.
    pub created_at: Rfc3339,
    /// When the user first authorized the app.
    pub activated_at: Option<Rfc3339>,
    /// How far the revocation at the provider is, while the status is `revoking`. Null otherwise.
    pub provider_revocation: Option<ProviderRevocation>,
    /// The health of a connection that is `active` or `inactive`: `needs_reconnect` if its provider rejected the credentials.
    pub health: Option<Health>,
    /// When a token of the connection was last used, to within 15 minutes.
    pub last_used_at: Option<Rfc3339>,
}

impl From<ConnectionView> for ConnectionMessage {
    fn from(view: ConnectionView) -> Self {
        Self {
            id: view.id,
            app_id: view.app_id,
            scope: view.scope,
            status: view.status,
            created_at: Rfc3339(view.created_at),
            activated_at: view.activated_at.map(Rfc3339),
            provider_revocation: view.provider_revocation,
            health: view.health,
            last_used_at: view.last_used_at.map(Rfc3339),
        }
    }
}

/// The JSON that the holder of a ticket for a user gets: in the body of a response, and as each message of a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "UserConnections"))]
pub struct ConnectionsMessage {
    /// The connections that are authorized, or still alive at their provider; newest first, at most 100.
    pub connections: Vec<ConnectionMessage>,
    /// Whether the user has more of them.
    pub has_more: bool,
    /// The rights of the holder of the ticket.
    pub can: Vec<TicketRight>,
    /// When this was true.
    pub as_of: Rfc3339,
    /// When the ticket expires.
    pub ticket_expires_at: Rfc3339,
}

impl ConnectionsMessage {
    /// The view of a ticket for this user that is valid until `ticket_expires_at`.
    #[must_use]
    pub fn of(view: ConnectionsView, user: &TicketUser, ticket_expires_at: Timestamp) -> Self {
        Self {
            connections: view.connections.into_iter().map(ConnectionMessage::from).collect(),
            has_more: view.has_more,
            can: user.rights(),
            as_of: Rfc3339(view.as_of),
            ticket_expires_at: Rfc3339(ticket_expires_at),
        }
    }
}
