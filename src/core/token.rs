//! Tokens as the user's ledger stores them.
//!
//! ```
//! use hookswitch::core::{HandleKind, TokenKind};
//!
//! assert_eq!(TokenKind::of(HandleKind::AccessToken), Some(TokenKind::AccessToken));
//! assert_eq!(TokenKind::of(HandleKind::ConnectionId), None);
//! assert!(TokenKind::ConnectionToken.emits_expiry() && !TokenKind::AccessToken.emits_expiry());
//! ```

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::digest::Digest;
use super::handle::HandleKind;
use super::ids::{AppId, ConnectionId, TokenId};
use super::json::Json;
use super::scope::Scope;
use super::string_enum::string_enum;
use super::time::Timestamp;

/// The longest validity of a connection token, and its default, in seconds: a day.
pub const CONNECTION_TOKEN_TTL_MAX: u32 = 86_400;

string_enum! {
    /// The kinds of handle that are tokens: secrets with a lifetime.
    pub enum TokenKind {
        /// A single-use secret that signs a user in, or lets a user connect an app.
        ConnectionToken = "connection_token",
        /// A token that is issued under a connection.
        AccessToken = "access_token",
        /// A token that is issued under a connection and gets access tokens.
        RefreshToken = "refresh_token",
        /// A multi-use token that authenticates its owner.
        ApiKey = "api_key",
    }
}

impl TokenKind {
    /// The bit that stands for the kind in a stored set of kinds.
    #[must_use]
    pub const fn bit(self) -> u32 {
        match self {
            Self::ConnectionToken => 1,
            Self::AccessToken => 2,
            Self::RefreshToken => 4,
            Self::ApiKey => 8,
        }
    }

    /// The kind of token that a handle is; `None` for ids and client secrets.
    #[must_use]
    pub const fn of(kind: HandleKind) -> Option<Self> {
        match kind {
            HandleKind::ConnectionToken => Some(Self::ConnectionToken),
            HandleKind::AccessToken => Some(Self::AccessToken),
            HandleKind::RefreshToken => Some(Self::RefreshToken),
            HandleKind::ApiKey => Some(Self::ApiKey),
            HandleKind::ConnectionId | HandleKind::TokenId | HandleKind::ClientSecret => None,
        }
    }

    /// Whether the expiry of such a token emits an event. It is recorded for connection tokens only.
    #[must_use]
    pub const fn emits_expiry(self) -> bool {
        matches!(self, Self::ConnectionToken)
    }

    /// The kind of handle that such a token is.
    #[must_use]
    pub const fn handle(self) -> HandleKind {
        match self {
            Self::ConnectionToken => HandleKind::ConnectionToken,
            Self::AccessToken => HandleKind::AccessToken,
            Self::RefreshToken => HandleKind::RefreshToken,
            Self::ApiKey => HandleKind::ApiKey,
        }
    }
}

string_enum! {
    /// How the end of a token was recorded. Expiry is computed and not recorded.
    pub enum EndKind {
        /// The token was consumed.
        Consumed = "consumed",
        /// The token was revoked.
        Revoked = "revoked",
    }
}

/// The recorded end of a token. A token has at most one, so consumed and revoked exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenEnd {
    /// Whether the token was consumed or revoked.
    pub kind: EndKind,
    /// The time of the change.
    pub at: Timestamp,
    /// The author of the change.
    pub by: Actor,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

string_enum! {
    /// The purpose of a connection token that names an app.
    #[derive(Default)]
    pub enum TokenPurpose {
        /// The user authorizes the app. The token completes the user's newest connection to the app, if one is open, and the
        /// redirect URI receives an authorization code.
        #[default]
        Authorization = "authorization",
        /// The user connects one more account. The token has a connection of its own, and the redirect URI receives its id.
        Account = "account",
    }
}

impl TokenPurpose {
    /// Whether this is the purpose of most tokens, which stored and sent formats leave out.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The facts of a token that are set when it is created and never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// The actor that created the token.
    pub created_by: Actor,
    /// The app that the token connects, or that it was issued to.
    pub app_id: Option<AppId>,
    /// The scopes that the app gets.
    pub scope: Option<Scope>,
    /// The URI to which the user returns.
    pub redirect_uri: Option<String>,
    /// A label that the caller chose.
    pub label: Option<String>,
    /// Data that the caller stored with the token.
    pub metadata: Option<Json>,
    /// The connection that the token completes, or that it was issued under.
    pub connection_id: Option<ConnectionId>,
    /// The purpose of a connection token that names an app.
    #[serde(default, skip_serializing_if = "TokenPurpose::is_default")]
    pub purpose: TokenPurpose,
}

/// The part of a token that only the ledger uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The family of the token: the id of the code, or of the first refresh token, of the same authorization. If one
    /// member is replayed, the whole family is revoked.
    pub family: Option<TokenId>,
    /// The S256 challenge of a code (RFC 7636).
    pub code_challenge: Option<Digest>,
    /// Whether the token was presented again after it was consumed. The event is emitted once.
    pub replayed: bool,
    /// How long a refresh token that does not rotate lives on after each use, in seconds.
    pub lifetime: Option<u32>,
    /// Whether an API key acts as a member at most, whatever role its owner has.
    pub limited: bool,
}

/// A token as the ledger stores it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The public id.
    pub token_id: TokenId,
    /// The digest of the secret. Its first 12 bytes are the row key.
    pub digest: Digest,
    /// The kind of token.
    pub kind: TokenKind,
    /// When the token was created.
    pub created_at: Timestamp,
    /// When the token expires; `None` for an API key without expiry.
    pub expires_at: Option<Timestamp>,
    /// The recorded end.
    pub end: Option<TokenEnd>,
    /// Whether the event of the token's expiry was emitted.
    pub expiry_recorded: bool,
    /// The facts that never change.
    pub facts: TokenFacts,
    /// The part that only the ledger uses.
    pub grant: Grant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_kind_storage_format_unchanged() {
        let bits: Vec<_> = TokenKind::ALL.iter().map(|kind| (kind.as_str(), kind.bit())).collect();
        assert_eq!(bits, [("connection_token", 1), ("access_token", 2), ("refresh_token", 4), ("api_key", 8)]);
    }
}
