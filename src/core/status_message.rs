//! The JSON that the holder of a status ticket gets: as the body of a response, and as each message of a WebSocket.
//!
//! ```
//! use hookswitch::core::status_message::StatusMessage;
//! use hookswitch::core::ticket_view::TicketView;
//! use hookswitch::core::{Source, Timestamp};
//!
//! let now = Timestamp::from_millis(1_767_225_600_000);
//! let view = TicketView {
//!     subject: "connection".to_owned(),
//!     id: format!("ca_{}", "0".repeat(48)),
//!     kind: None,
//!     app_id: None,
//!     scope: None,
//!     status: "active".to_owned(),
//!     created_at: now,
//!     expires_at: None,
//!     activated_at: Some(now),
//!     consumed_at: None,
//!     revoked_at: None,
//!     provider_revocation: None,
//!     as_of: now,
//!     source: Source::Ledger,
//! };
//! let message = StatusMessage::of(view, now.plus_seconds(3_600));
//! assert!(serde_json::to_string(&message).unwrap().contains(r#""status":"active""#));
//! ```

use serde::Serialize;

use super::ids::AppId;
use super::rfc3339::Rfc3339;
use super::scope::Scope;
use super::ticket_view::{ProviderRevocation, TicketView};
use super::time::Timestamp;
use super::token::TokenKind;
use super::verdict::Source;

/// The view that a status ticket shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct StatusMessage {
    /// `connection` or `token`.
    pub subject: String,
    /// The public id of the subject.
    pub id: String,
    /// The kind of a token; null for a connection.
    pub kind: Option<TokenKind>,
    /// The id of the app.
    pub app_id: Option<AppId>,
    /// The scopes of the subject.
    pub scope: Option<Scope>,
    /// The status of the token or connection.
    pub status: String,
    /// When the subject was created.
    pub created_at: Rfc3339,
    /// When a token expires; by when a connection must be authorized.
    pub expires_at: Option<Rfc3339>,
    /// When a connection was first authorized.
    pub activated_at: Option<Rfc3339>,
    /// When a token was consumed.
    pub consumed_at: Option<Rfc3339>,
    /// When the subject was revoked.
    pub revoked_at: Option<Rfc3339>,
    /// How far the revocation at the provider is, while the status of a connection is `revoking`: `in_progress`, or
    /// `unconfirmed` if the provider did not confirm it and an operator has to decide. Null otherwise.
    pub provider_revocation: Option<ProviderRevocation>,
    /// When this was true.
    pub as_of: Rfc3339,
    /// Where it comes from.
    pub source: Source,
    /// When the ticket expires.
    pub ticket_expires_at: Rfc3339,
}

impl StatusMessage {
    /// The view of a ticket that is valid until `ticket_expires_at`.
    #[must_use]
    pub fn of(view: TicketView, ticket_expires_at: Timestamp) -> Self {
        Self {
            subject: view.subject,
            id: view.id,
            kind: view.kind,
            app_id: view.app_id,
            scope: view.scope,
            status: view.status,
            created_at: Rfc3339(view.created_at),
            expires_at: view.expires_at.map(Rfc3339),
            activated_at: view.activated_at.map(Rfc3339),
            consumed_at: view.consumed_at.map(Rfc3339),
            revoked_at: view.revoked_at.map(Rfc3339),
            provider_revocation: view.provider_revocation,
            as_of: Rfc3339(view.as_of),
            source: view.source,
            ticket_expires_at: Rfc3339(ticket_expires_at),
        }
    }
}
