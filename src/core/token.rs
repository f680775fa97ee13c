//! Tokens, as the ledger keeps them.

use super::access::Actor;
use super::codec::Kind;
use super::digest::Digest;
use super::ids::{AppId, ConnectionId, TokenId};
use super::json::Json;
use super::pack::packed;
use super::scope::Scope;
use super::time::Timestamp;
use super::words::words;

/// The longest life of a connection token, and its default, in seconds: one day.
pub const CONNECTION_TOKEN_TTL_MAX: u32 = 86_400;

words! {
    /// The kinds of handle that are tokens: secrets with a life of their own.
    pub enum TokenKind {
        /// Single use: lets a user in, or lets a user connect an app.
        ConnectionToken = "connection_token",
        /// Issued under a connection.
        AccessToken = "access_token",
        /// Issued under a connection; gets access tokens.
        RefreshToken = "refresh_token",
        /// Authenticates its owner.
        ApiKey = "api_key",
    }
}

impl TokenKind {
    /// The bit that stands for it in a set of kinds, in storage.
    #[must_use]
    pub const fn bit(self) -> u32 {
        match self {
            Self::ConnectionToken => 1,
            Self::AccessToken => 2,
            Self::RefreshToken => 4,
            Self::ApiKey => 8,
        }
    }

    /// The kind of a handle that is a token.
    #[must_use]
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::ConnectionToken => Some(Self::ConnectionToken),
            Kind::AccessToken => Some(Self::AccessToken),
            Kind::RefreshToken => Some(Self::RefreshToken),
            Kind::ApiKey => Some(Self::ApiKey),
            Kind::ConnectionId | Kind::TokenId | Kind::ClientSecret => None,
        }
    }

    /// The handle that such a token is.
    #[must_use]
    pub const fn handle(self) -> Kind {
        match self {
            Self::ConnectionToken => Kind::ConnectionToken,
            Self::AccessToken => Kind::AccessToken,
            Self::RefreshToken => Kind::RefreshToken,
            Self::ApiKey => Kind::ApiKey,
        }
    }
}

words! {
    /// How a token was ended, as against running out by itself.
    pub enum How {
        /// Used, once and for all.
        Consumed = "consumed",
        /// Taken back.
        Revoked = "revoked",
    }
}

/// The end that was recorded for a token. There is at most one, so consumed and revoked exclude each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How.
    pub how: How,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
}

packed!(struct End { how, at, by, reason });

/// What was said of a token when it was minted, and never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Who minted it.
    pub created_by: Actor,
    /// The app it lets the user connect.
    pub app_id: Option<AppId>,
    /// What the app may do.
    pub scope: Option<Scope>,
    /// Where the user is sent afterwards.
    pub redirect_uri: Option<String>,
    /// A word of its owner's to tell it by.
    pub label: Option<String>,
    /// Whatever else its owner keeps with it.
    pub metadata: Option<Json>,
    /// The connection that it was issued under, or that it completes.
    pub connection_id: Option<ConnectionId>,
}

packed!(struct Facts { created_by, app_id, scope, redirect_uri, label, metadata, connection_id });

/// How a token came of an authorization. Nobody but the ledger needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// What it was first of all issued for: a code, or the first of a line of refresh tokens. All with the same one
    /// are a family, and die together where one of them is stolen.
    pub family: Option<TokenId>,
    /// The S256 challenge that whoever exchanges a code has to meet (RFC 7636).
    pub code_challenge: Option<Digest>,
    /// Whether it came again after it was used up, which is told once.
    pub replayed: bool,
    /// For how many seconds more a refresh token lives after a use that does not replace it.
    pub lifetime: Option<u32>,
    /// Whether an API key acts as a member at most: one that somebody made for another user, and may not write all
    /// whom that user will ever write.
    pub limited: bool,
}

packed!(struct Grant { family, code_challenge, replayed, lifetime, limited });

/// A token, as the ledger keeps it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its public name.
    pub token_id: TokenId,
    /// Stands for the secret.
    pub digest: Digest,
    /// What it is.
    pub kind: TokenKind,
    /// When it was minted.
    pub created_at: Timestamp,
    /// When it runs out by itself; never, for some API keys.
    pub expires_at: Option<Timestamp>,
    /// The end that was recorded for it.
    pub end: Option<End>,
    /// Whether its death, however it came, has been told: event written, replica under way.
    pub settled: bool,
    /// What was said of it when it was minted.
    pub facts: Facts,
    /// How it came of an authorization.
    pub grant: Grant,
}

packed!(struct Token { token_id, digest, kind, created_at, expires_at, end, settled, facts, grant });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_kind_storage_format_unchanged() {
        let bits: Vec<_> = TokenKind::ALL.iter().map(|kind| (kind.as_str(), kind.bit())).collect();
        assert_eq!(bits, [("connection_token", 1), ("access_token", 2), ("refresh_token", 4), ("api_key", 8)]);
    }
}
