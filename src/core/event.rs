//! Events: the audit trail and the content of webhooks. Each change writes one event.
//!
//! ```
//! use hookswitch::core::event::EventType;
//!
//! assert_eq!(EventType::UserRevoked.as_str(), "user.revoked");
//! assert_eq!("token.consumed".parse(), Ok(EventType::TokenConsumed));
//! ```

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::connection::{Connection, ConnectionStatus};
use super::credential::{Credential, CredentialState};
use super::cutoff::Counts;
use super::ids::{AppId, ConnectionId, ExternalId, Group, LedgerId, Slug, TokenId, UserId};
use super::json::Json;
use super::provider::UpstreamTokenType;
use super::scope::Scope;
use super::string_enum::string_enum;
use super::time::Timestamp;
use super::token::{Token, TokenKind};
use super::user::{Profile, Role};

string_enum! {
    /// The type of an event.
    pub enum EventType {
        /// A user was created.
        UserCreated = "user.created",
        /// The profile of a user changed.
        UserUpdated = "user.updated",
        /// Tokens and connections of a user were revoked together.
        UserRevoked = "user.revoked",
        /// A token was created.
        TokenCreated = "token.created",
        /// A token was consumed.
        TokenConsumed = "token.consumed",
        /// A token was revoked by itself.
        TokenRevoked = "token.revoked",
        /// A connection token expired.
        TokenExpired = "token.expired",
        /// A consumed code or refresh token was presented again: its family is revoked.
        TokenReplayed = "token.replayed",
        /// A connection was created.
        ConnectionCreated = "connection.created",
        /// The user authorized the app of a connection.
        ConnectionActivated = "connection.activated",
        /// A connection was disabled.
        ConnectionDisabled = "connection.disabled",
        /// A connection was enabled.
        ConnectionEnabled = "connection.enabled",
        /// A connection is revoked, here and at its provider.
        ConnectionRevoked = "connection.revoked",
        /// The user did not authorize the app of a connection in time.
        ConnectionExpired = "connection.expired",
        /// A connection is revoked here, and its provider is being asked to revoke its credentials.
        ConnectionRevoking = "connection.revoking",
        /// A provider did not confirm the revocation of a credential: the credential may be alive there.
        RevocationAbandoned = "revocation.abandoned",
    }
}

/// An event of a user's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The type of the event.
    pub event_type: EventType,
    /// When it happened. An expiry is recorded later than it happened.
    pub at: Timestamp,
    /// The actor that caused the change.
    pub actor: Actor,
    /// The id of the user.
    pub user_id: UserId,
    /// The token, if the event is about one.
    pub token_id: Option<TokenId>,
    /// The kind of that token.
    pub kind: Option<TokenKind>,
    /// The connection, if the event is about one or about a token under one.
    pub connection_id: Option<ConnectionId>,
    /// Details that depend on the type; no secrets.
    pub data: Json,
}

/// An event with its number in the ledger. Numbers start at 1 and never repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEvent {
    /// The number of the event in its ledger.
    pub seq: u64,
    /// The recorded event.
    pub event: Event,
}

impl RecordedEvent {
    /// The id of the event: `evt_`, the ledger's name, and the number in hex.
    #[must_use]
    pub fn id(&self) -> String {
        LedgerId::of_user(&self.event.user_id).numbered("evt_", self.seq)
    }
}

/// The data of `user.created` and `user.updated`.
#[derive(Serialize)]
pub(crate) struct UserData<'a> {
    role: Role,
    groups: &'a [Group],
    external_id: Option<&'a ExternalId>,
    connectable: bool,
}

impl<'a> UserData<'a> {
    pub(crate) fn of(profile: &'a Profile) -> Self {
        let Profile { role, groups, external_id, connectable } = profile;
        Self { role: *role, groups, external_id: external_id.as_ref(), connectable: *connectable }
    }
}

/// The data of `user.revoked`.
#[derive(Serialize)]
pub(crate) struct UserRevokedData<'a> {
    /// The time of the cutoff, in RFC 3339.
    pub(crate) before: String,
    pub(crate) revoked: &'a Counts,
    /// The connections that ended, up to 100.
    pub(crate) connections: Vec<&'a ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app_id: Option<&'a AppId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
}

/// The data of token events.
#[derive(Serialize)]
pub(crate) struct TokenData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app_id: Option<&'a AppId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
    /// The refresh token that was issued together with an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token_id: Option<&'a TokenId>,
    /// The refresh token that was consumed for the new tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replaced_token_id: Option<&'a TokenId>,
}

impl<'a> TokenData<'a> {
    pub(crate) fn of(token: &'a Token) -> Self {
        Self {
            app_id: token.facts.app_id.as_ref(),
            label: token.facts.label.as_deref(),
            reason: None,
            refresh_token_id: None,
            replaced_token_id: None,
        }
    }
}

/// The data of connection events.
#[derive(Serialize)]
pub(crate) struct ConnectionData<'a> {
    app_id: &'a AppId,
    status: ConnectionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    upstream: Vec<CredentialData<'a>>,
}

#[derive(Serialize)]
struct CredentialData<'a> {
    token_type: UpstreamTokenType,
    state: CredentialState,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a> ConnectionData<'a> {
    pub(crate) fn of(connection: &'a Connection, credentials: &'a [Credential]) -> Self {
        let of = |credential: &'a Credential| CredentialData {
            token_type: credential.token_type,
            state: credential.state,
            error: credential.error.as_deref(),
        };
        Self {
            app_id: &connection.app_id,
            status: connection.recorded.status,
            scope: connection.scope.as_ref(),
            reason: connection.recorded.reason.as_deref(),
            upstream: credentials.iter().map(of).collect(),
        }
    }
}

/// The data of `revocation.abandoned`.
#[derive(Serialize)]
pub(crate) struct AbandonedData<'a> {
    pub(crate) revocation_id: String,
    pub(crate) app_id: &'a AppId,
    pub(crate) provider: Option<&'a Slug>,
    pub(crate) token_type: UpstreamTokenType,
    pub(crate) attempts: u32,
    pub(crate) error: Option<&'a str>,
}
