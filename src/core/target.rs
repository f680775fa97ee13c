//! What a request names: a token, by its secret or its public id, or a connection.

use super::codec::{Forged, Handle, Kind};
use super::digest::Digest;
use super::ids::{ConnectionId, Shard, TokenId, UserId};
use super::pack::packed;
use super::token::TokenKind;

/// A token that a request names, by its secret or by its public id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A handle that this deployment minted.
    Known {
        /// The handle; its shard names the ledger.
        handle: Handle,
        /// What the ledger looks it up by.
        name: TokenName,
    },
    /// Nothing that this deployment minted for whom it was said to be: there is nothing to look up.
    Forged,
}

/// What a ledger looks a token up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenName {
    /// The digest of its secret.
    Secret(TokenKind, Digest),
    /// Its public id, which is no proof of holding it.
    Public(TokenId),
}

packed!(enum TokenName {
    0 => Secret(a, b),
    1 => Public(a),
});

impl Target {
    /// What a verified handle names; connection ids name no token.
    #[must_use]
    pub fn of(handle: Result<Handle, Forged>) -> Self {
        let Ok(handle) = handle else {
            return Self::Forged;
        };
        let name = match (TokenKind::of(handle.kind()), handle.kind()) {
            (Some(kind), _) => TokenName::Secret(kind, handle.digest()),
            (None, Kind::TokenId) => match TokenId::parse(&handle.text()) {
                Ok(token_id) => TokenName::Public(token_id),
                Err(_) => return Self::Forged,
            },
            (None, _) => return Self::Forged,
        };
        Self::Known { handle, name }
    }

    /// The same token, if it is this user's. The shard tells, so it costs no look-up.
    #[must_use]
    pub fn of_user(self, user: &UserId) -> Self {
        match self {
            Self::Known { handle, .. } if handle.shard() != Shard::of(user) => Self::Forged,
            target => target,
        }
    }

    /// The same token, if it is named by its public id.
    #[must_use]
    pub fn public(self) -> Self {
        match self {
            Self::Known { name: TokenName::Public(_), .. } => self,
            _ => Self::Forged,
        }
    }

    /// The same token, if it is of this kind and named by its secret.
    #[must_use]
    pub fn secret_of(self, wanted: TokenKind) -> Self {
        match self {
            Self::Known { name: TokenName::Secret(kind, _), .. } if kind == wanted => self,
            _ => Self::Forged,
        }
    }
}

/// A connection that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// An id that this deployment made, and the ledger that holds the connection.
    Known(Shard, ConnectionId),
    /// Nothing that this deployment made.
    Forged,
}

impl Link {
    /// What a verified handle names; tokens name no connection.
    #[must_use]
    pub fn of(handle: Result<Handle, Forged>) -> Self {
        match handle {
            Ok(handle) if handle.kind() == Kind::ConnectionId => {
                ConnectionId::parse(&handle.text()).map_or(Self::Forged, |id| Self::Known(handle.shard(), id))
            }
            _ => Self::Forged,
        }
    }
}
