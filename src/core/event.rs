//! The audit trail: what happened, once each.

use super::access::Actor;
use super::ids::{ConnectionId, Shard, TokenId, UserId};
use super::json::Json;
use super::pack::packed;
use super::time::Timestamp;
use super::token::TokenKind;
use super::words::words;

words! {
    /// What happened.
    pub enum EventType {
        /// A user was put for the first time.
        UserCreated = "user.created",
        /// A user's profile changed.
        UserUpdated = "user.updated",
        /// Everything of a user, up to a time and maybe of some kinds, was revoked.
        UserRevoked = "user.revoked",
        /// A token was minted.
        TokenCreated = "token.created",
        /// A token was used, once and for all.
        TokenConsumed = "token.consumed",
        /// A token was taken back, by itself or together with its user.
        TokenRevoked = "token.revoked",
        /// A token ran out.
        TokenExpired = "token.expired",
        /// A code or refresh token came again after it was used up: what came of it is revoked.
        TokenReplayed = "token.replayed",
        /// A connection was made.
        ConnectionCreated = "connection.created",
        /// A user authorized the app of a connection.
        ConnectionActivated = "connection.activated",
        /// A connection was switched off.
        ConnectionDisabled = "connection.disabled",
        /// A connection was switched on again.
        ConnectionEnabled = "connection.enabled",
        /// A connection was revoked, by itself or together with its user.
        ConnectionRevoked = "connection.revoked",
        /// Nobody authorized the app of a connection in time.
        ConnectionExpired = "connection.expired",
        /// A connection was revoked here, and its provider is being told.
        ConnectionRevoking = "connection.revoking",
        /// A provider refused to revoke a credential, or could not be told: it is alive there.
        RevocationAbandoned = "revocation.abandoned",
    }
}

/// One thing that happened to one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub event_type: EventType,
    /// When. Where it came to light later (a token that ran out), when it happened, not when it was told.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Whose.
    pub user_id: UserId,
    /// Which token.
    pub token_id: Option<TokenId>,
    /// What kind of token.
    pub kind: Option<TokenKind>,
    /// Which connection.
    pub connection_id: Option<ConnectionId>,
    /// What else there is to say; no secrets.
    pub data: Json,
}

packed!(struct Event { event_type, at, actor, user_id, token_id, kind, connection_id, data });

/// An event with its place in the ledger: the first is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place.
    pub seq: u64,
    /// What happened.
    pub event: Event,
}

packed!(struct Recorded { seq, event });

impl Recorded {
    /// The event's id, the same whenever and wherever it is told: `evt_`, the ledger's name, the place.
    #[must_use]
    pub fn id(&self) -> String {
        Shard::of(&self.event.user_id).place("evt_", self.seq)
    }
}
