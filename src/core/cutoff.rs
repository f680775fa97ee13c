//! What part of what a user has is revoked at once, and how much that is.

use super::access::Actor;
use super::connection::Connection;
use super::ids::{AppId, ConnectionId, TokenId};
use super::json::Object;
use super::pack::packed;
use super::time::Timestamp;
use super::token::{Token, TokenKind};

/// A set of what can be revoked: kinds of token, and connections. In storage, a number with the bit of each set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u32);

packed!(struct Kinds(a));

impl Kinds {
    /// Everything, also what is to come.
    pub const ALL: Self = Self(u32::MAX);
    /// Connections, which take all under them along, and no token by itself.
    pub const CONNECTIONS: Self = Self(16);

    /// The set as storage has it.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The set as storage has it.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the kind is in the set.
    #[must_use]
    pub const fn contains(self, kind: TokenKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// Whether connections are in the set.
    #[must_use]
    pub const fn contains_connections(self) -> bool {
        self.0 & Self::CONNECTIONS.0 != 0
    }

    /// What is in either set.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<TokenKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = TokenKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | kind.bit()))
    }
}

/// What part of what a user has a cutoff is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of it.
    Everything,
    /// What belongs to an app.
    App(AppId),
    /// What was issued under a connection.
    Connection(ConnectionId),
    /// What came of one authorization; see [`super::token::Grant::family`].
    Family(TokenId),
}

/// A part of what a user has, minted up to a time, is revoked, as of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cutoff {
    /// What was minted up to and including this time.
    pub before: Timestamp,
    /// What part of it.
    pub reach: Reach,
    /// Only these kinds.
    pub kinds: Kinds,
    /// When it was decided.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Why.
    pub reason: Option<String>,
}

impl Cutoff {
    /// Whether the token is among what was revoked.
    #[must_use]
    pub fn covers(&self, token: &Token) -> bool {
        let reached = match &self.reach {
            Reach::Everything => true,
            Reach::App(app_id) => token.facts.app_id.as_ref() == Some(app_id),
            Reach::Connection(id) => token.facts.connection_id.as_ref() == Some(id),
            Reach::Family(family) => token.grant.family.as_ref() == Some(family),
        };
        reached && token.created_at <= self.before && self.kinds.contains(token.kind)
    }

    /// Whether the connection is among what was revoked.
    #[must_use]
    pub fn covers_connection(&self, connection: &Connection) -> bool {
        let reached = match &self.reach {
            Reach::Everything => true,
            Reach::App(app_id) => connection.app_id == *app_id,
            // A connection is revoked in the write that makes a cutoff of what is under it, and outlives its families.
            Reach::Connection(_) | Reach::Family(_) => false,
        };
        reached && connection.created_at <= self.before && self.kinds.contains_connections()
    }
}

/// How many tokens of each kind there are, and how many connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Kinds of which there are none are left out.
    tokens: Vec<(TokenKind, u64)>,
    /// Connections.
    pub connections: u64,
}

packed!(struct Counts { tokens, connections });

impl Counts {
    /// Counts tokens of a kind that was not counted yet.
    pub fn add(&mut self, kind: TokenKind, count: u64) {
        self.tokens.push((kind, count));
    }

    /// Each kind with its count, those of which there are none among them.
    pub fn tokens(&self) -> impl Iterator<Item = (TokenKind, u64)> {
        TokenKind::ALL.iter().map(|kind| {
            let counted = self.tokens.iter().find(|(of, _)| of == kind);
            (*kind, counted.map_or(0, |(_, count)| *count))
        })
    }

    /// All of them together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.tokens.iter().fold(self.connections, |total, (_, count)| total.saturating_add(*count))
    }

    /// Each by its word.
    #[must_use]
    pub fn body(&self) -> Object {
        let mut body = Object::new();
        for (kind, count) in self.tokens() {
            body.put(kind.as_str(), count.into());
        }
        body.with("connection", self.connections)
    }
}
