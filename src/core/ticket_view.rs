//! The view of a status ticket: the status of its subject, and nothing that only the owner may know.
//!
//! ```
//! use hookswitch::core::ticket_view::TicketView;
//! use hookswitch::core::{Source, Timestamp};
//!
//! let at = |as_of| TicketView {
//!     subject: "connection".to_owned(),
//!     id: format!("ca_{}", "0".repeat(48)),
//!     kind: None,
//!     app_id: None,
//!     scope: None,
//!     status: "active".to_owned(),
//!     created_at: Timestamp::from_millis(0),
//!     expires_at: None,
//!     activated_at: None,
//!     consumed_at: None,
//!     revoked_at: None,
//!     provider_revocation: None,
//!     as_of: Timestamp::from_millis(as_of),
//!     source: Source::Ledger,
//! };
//! // The entity tag does not depend on the time of the read.
//! assert_eq!(at(1).tag(), at(2).tag());
//! ```

use serde::{Deserialize, Serialize};

use super::connection::ConnectionStatus;
use super::credential::CredentialState;
use super::digest::Digest;
use super::ids::AppId;
use super::json::Json;
use super::scope::Scope;
use super::status::DeadStatus;
use super::string_enum::string_enum;
use super::time::Timestamp;
use super::token::TokenKind;
use super::verdict::{ConnectionVerdict, Source, Verdict};

string_enum! {
    /// How far the revocation at the provider is, of a connection that is `revoking`.
    pub enum ProviderRevocation {
        /// The provider is being asked to revoke a credential.
        InProgress = "in_progress",
        /// The provider did not confirm the revocation, and is not asked again until an operator decides.
        Unconfirmed = "unconfirmed",
    }
}

/// The status that a ticket shows at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketView {
    /// `token` or `connection`.
    pub subject: String,
    /// The public id of the subject.
    pub id: String,
    /// The kind of a token.
    pub kind: Option<TokenKind>,
    /// The id of the app.
    pub app_id: Option<AppId>,
    /// The scopes of the subject.
    pub scope: Option<Scope>,
    /// The status of the token or connection.
    pub status: String,
    /// When the subject was created.
    pub created_at: Timestamp,
    /// When a token expires; by when a connection must be authorized.
    pub expires_at: Option<Timestamp>,
    /// When a connection was first authorized.
    pub activated_at: Option<Timestamp>,
    /// When a token was consumed.
    pub consumed_at: Option<Timestamp>,
    /// When the subject was revoked.
    pub revoked_at: Option<Timestamp>,
    /// How far the revocation at the provider is, if the status is `revoking`.
    #[serde(default)]
    pub provider_revocation: Option<ProviderRevocation>,
    /// When this was true.
    pub as_of: Timestamp,
    /// Where it comes from.
    pub source: Source,
}

impl TicketView {
    /// The view of a token.
    #[must_use]
    pub fn of_token(verdict: &Verdict) -> Self {
        let died = |status| verdict.state.death().filter(|death| death.status == status).map(|death| death.at);
        Self {
            subject: "token".to_owned(),
            id: verdict.token_id.as_str().to_owned(),
            kind: Some(verdict.kind),
            app_id: verdict.facts.app_id.clone(),
            scope: verdict.facts.scope.clone(),
            status: verdict.status().as_str().to_owned(),
            created_at: verdict.created_at,
            expires_at: verdict.expires_at,
            activated_at: None,
            consumed_at: died(DeadStatus::Consumed),
            revoked_at: died(DeadStatus::Revoked),
            provider_revocation: None,
            as_of: verdict.as_of,
            source: Source::Ledger,
        }
    }

    /// The view of a connection.
    #[must_use]
    pub fn of_connection(verdict: &ConnectionVerdict) -> Self {
        let (connection, status) = (&verdict.connection, verdict.status());
        let waits = matches!(status, ConnectionStatus::Initiated | ConnectionStatus::Expired);
        let is_revoked = matches!(status, ConnectionStatus::Revoking | ConnectionStatus::Revoked);
        Self {
            subject: "connection".to_owned(),
            id: connection.id.as_str().to_owned(),
            kind: None,
            app_id: Some(connection.app_id.clone()),
            scope: connection.scope.clone(),
            status: status.as_str().to_owned(),
            created_at: connection.created_at,
            expires_at: connection.expires_at.filter(|_| waits),
            activated_at: connection.activated_at,
            consumed_at: None,
            revoked_at: is_revoked.then_some(verdict.state.at),
            provider_revocation: (status == ConnectionStatus::Revoking).then(|| provider_revocation(verdict)),
            as_of: verdict.as_of,
            source: Source::Ledger,
        }
    }

    /// A text that differs if anything but `as_of` differs: 64 hex digits. It is the `ETag` of the status.
    #[must_use]
    pub fn tag(&self) -> String {
        let timeless = Self { as_of: Timestamp::from_micros(0), ..self.clone() };
        Digest::of(Json::of(&timeless).as_str().as_bytes()).as_str().to_owned()
    }
}

fn provider_revocation(verdict: &ConnectionVerdict) -> ProviderRevocation {
    let is_asked = verdict.credentials.iter().any(|credential| credential.state == CredentialState::Revoking);
    if is_asked { ProviderRevocation::InProgress } else { ProviderRevocation::Unconfirmed }
}
