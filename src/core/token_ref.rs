//! Names of tokens and connections in requests.
//!
//! ```
//! use hookswitch::core::{Keyring, NamedToken};
//!
//! // Text that this deployment did not create names no token, and costs no lookup.
//! let keyring = Keyring::new(&[7; 32], &[]).unwrap();
//! let forged = format!("hct_{}", "0".repeat(48));
//! assert!(matches!(NamedToken::of(keyring.open(&forged)), NamedToken::Invalid));
//! ```

use serde::{Deserialize, Serialize};

use super::digest::{Digest, TokenKey};
use super::handle::{Handle, HandleKind, InvalidHandle};
use super::ids::{ConnectionId, LedgerId, TokenId, UserId};
use super::token::TokenKind;

/// How a command names a token of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenRef {
    /// By the digest of its secret, which proves that the caller has the token.
    Secret {
        /// The kind that the secret's prefix names.
        kind: TokenKind,
        /// The digest of the secret.
        digest: Digest,
    },
    /// By its public id, which proves nothing.
    Public {
        /// The public id.
        token_id: TokenId,
        /// The row key in it.
        key: TokenKey,
    },
}

impl TokenRef {
    /// The key of the token's row.
    #[must_use]
    pub fn key(&self) -> TokenKey {
        match self {
            Self::Secret { digest, .. } => digest.key(),
            Self::Public { key, .. } => key.clone(),
        }
    }

    /// The digest of the secret, if the token is named by it.
    #[must_use]
    pub const fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Secret { digest, .. } => Some(digest),
            Self::Public { .. } => None,
        }
    }
}

/// A token that a request names. A forged or foreign handle is [`NamedToken::Invalid`]: there is nothing to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedToken {
    /// A handle that this deployment created.
    Known {
        /// The handle. Its ledger id names the user's ledger.
        handle: Handle,
        /// How the ledger finds the token.
        token: TokenRef,
    },
    /// Not a token of this deployment, or not of the user that the request names.
    Invalid,
}

impl NamedToken {
    /// The token that a handle names; connection ids and client secrets name none.
    #[must_use]
    pub fn of(handle: Result<Handle, InvalidHandle>) -> Self {
        let Ok(handle) = handle else {
            return Self::Invalid;
        };
        let token = match (TokenKind::of(handle.kind()), handle.kind()) {
            (Some(kind), _) => TokenRef::Secret { kind, digest: handle.digest() },
            (None, HandleKind::TokenId) => match handle.text().parse() {
                Ok(token_id) => TokenRef::Public { token_id, key: handle.token_key() },
                Err(_) => return Self::Invalid,
            },
            (None, _) => return Self::Invalid,
        };
        Self::Known { handle, token }
    }

    /// The same token if it belongs to this user, which the ledger id shows without a lookup.
    #[must_use]
    pub fn of_user(self, user: &UserId) -> Self {
        match self {
            Self::Known { handle, .. } if handle.ledger_id() != LedgerId::of_user(user) => Self::Invalid,
            token => token,
        }
    }

    /// The same token if it is named by its public id.
    #[must_use]
    pub fn by_public_id(self) -> Self {
        match self {
            Self::Known { token: TokenRef::Public { .. }, .. } => self,
            _ => Self::Invalid,
        }
    }

    /// The same token if it is named by the secret of this kind.
    #[must_use]
    pub fn by_secret(self, wanted: TokenKind) -> Self {
        match self {
            Self::Known { token: TokenRef::Secret { kind, .. }, .. } if kind == wanted => self,
            _ => Self::Invalid,
        }
    }
}

/// A connection that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionRef {
    /// An id that this deployment created.
    Known {
        /// The user's ledger.
        ledger_id: LedgerId,
        /// The connection's id.
        id: ConnectionId,
    },
    /// Not a connection id of this deployment.
    Invalid,
}

impl ConnectionRef {
    /// The connection that a handle names; tokens name none.
    #[must_use]
    pub fn of(handle: Result<Handle, InvalidHandle>) -> Self {
        match handle {
            Ok(handle) if handle.kind() == HandleKind::ConnectionId => {
                let ledger_id = handle.ledger_id();
                handle.text().parse().map_or(Self::Invalid, |id| Self::Known { ledger_id, id })
            }
            _ => Self::Invalid,
        }
    }
}
