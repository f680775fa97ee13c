//! Cutoffs: the revocation of many tokens or connections in one row.
//!
//! ```
//! use hookswitch::core::TokenKind;
//! use hookswitch::core::cutoff::TokenKindSet;
//!
//! let keys = TokenKindSet::from_iter([TokenKind::ApiKey]);
//! assert!(keys.contains(TokenKind::ApiKey) && !keys.contains_connections());
//! assert!(keys.with(TokenKindSet::CONNECTIONS).contains_connections());
//! ```

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::connection::Connection;
use super::ids::{AppId, TokenId};
use super::time::Timestamp;
use super::token::{Token, TokenKind};

/// A set of token kinds, and connections. Storage has it as a number with one bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenKindSet(u32);

impl TokenKindSet {
    /// Everything, including kinds that are added later.
    pub const ALL: Self = Self(u32::MAX);
    /// Connections, which end with everything under them.
    pub const CONNECTIONS: Self = Self(16);

    /// The set that these stored bits are.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The set as stored bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the set contains the kind.
    #[must_use]
    pub const fn contains(self, kind: TokenKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// Whether the set contains connections.
    #[must_use]
    pub const fn contains_connections(self) -> bool {
        self.0 & Self::CONNECTIONS.0 != 0
    }

    /// The union of two sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<TokenKind> for TokenKindSet {
    fn from_iter<I: IntoIterator<Item = TokenKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | kind.bit()))
    }
}

/// The part of a user's tokens and connections that a cutoff revokes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoffScope {
    /// Everything of the user.
    Everything,
    /// Tokens and connections of an app.
    App(AppId),
    /// Tokens of one authorization; see [`super::token::Grant::family`].
    Family(TokenId),
}

/// The revocation, in one write, of everything in a scope that was created up to a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationCutoff {
    /// Tokens and connections created up to and including this time are revoked.
    pub before: Timestamp,
    /// The part of the user's tokens and connections.
    pub scope: CutoffScope,
    /// The kinds of token that the cutoff ends.
    pub kinds: TokenKindSet,
    /// When the cutoff was recorded.
    pub at: Timestamp,
    /// The actor that revoked.
    pub by: Actor,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

impl RevocationCutoff {
    /// Whether the cutoff revokes the token itself.
    #[must_use]
    pub fn matches(&self, token: &Token) -> bool {
        let in_scope = match &self.scope {
            CutoffScope::Everything => true,
            CutoffScope::App(app_id) => token.facts.app_id.as_ref() == Some(app_id),
            CutoffScope::Family(family) => token.grant.family.as_ref() == Some(family),
        };
        in_scope && token.created_at <= self.before && self.kinds.contains(token.kind)
    }

    /// Whether the cutoff revokes the connection, and with it everything under it.
    #[must_use]
    pub fn matches_connection(&self, connection: &Connection) -> bool {
        let in_scope = match &self.scope {
            CutoffScope::Everything => true,
            CutoffScope::App(app_id) => connection.app_id == *app_id,
            // A connection outlives the families of tokens under it.
            CutoffScope::Family(_) => false,
        };
        in_scope && connection.created_at <= self.before && self.kinds.contains_connections()
    }
}

/// Numbers of tokens of each kind, and of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Counts {
    /// The number of connection tokens.
    pub connection_token: u64,
    /// The number of access tokens.
    pub access_token: u64,
    /// The number of refresh tokens.
    pub refresh_token: u64,
    /// The number of API keys.
    pub api_key: u64,
    /// The number of connections.
    pub connection: u64,
}

impl Counts {
    /// Adds tokens of a kind.
    pub fn add(&mut self, kind: TokenKind, count: u64) {
        let number = match kind {
            TokenKind::ConnectionToken => &mut self.connection_token,
            TokenKind::AccessToken => &mut self.access_token,
            TokenKind::RefreshToken => &mut self.refresh_token,
            TokenKind::ApiKey => &mut self.api_key,
        };
        *number = number.saturating_add(count);
    }

    /// Adds the numbers of others.
    pub const fn add_all(&mut self, others: &Self) {
        self.connection_token = self.connection_token.saturating_add(others.connection_token);
        self.access_token = self.access_token.saturating_add(others.access_token);
        self.refresh_token = self.refresh_token.saturating_add(others.refresh_token);
        self.api_key = self.api_key.saturating_add(others.api_key);
        self.connection = self.connection.saturating_add(others.connection);
    }

    /// The sum of all numbers.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.connection_token
            .saturating_add(self.access_token)
            .saturating_add(self.refresh_token)
            .saturating_add(self.api_key)
            .saturating_add(self.connection)
    }
}
