//! A command with all that is needed to decide it.

use super::access::Principal;
use super::app::App;
use super::codec::Nonce;
use super::command::Command;
use super::digest::Digest;
use super::ids::{ConnectionId, TokenId};
use super::pack::packed;
use super::refusal::Refusal;
use super::token::TokenKind;

/// A token that was minted for a request, as the ledger may know it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// What it is.
    pub kind: TokenKind,
    /// The public name.
    pub token_id: TokenId,
    /// Stands for the secret.
    pub digest: Digest,
}

packed!(struct Fresh { kind, token_id, digest });

/// What was minted for one request, and what it was made of: one for each of [`Command::mints`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minting {
    /// What they were made of.
    pub nonce: Nonce,
    /// Tokens; at most one of a kind.
    pub tokens: Vec<Fresh>,
    /// A connection's name.
    pub connection_id: Option<ConnectionId>,
    /// Stands for a client secret.
    pub client_secret: Option<Digest>,
}

packed!(struct Minting { nonce, tokens, connection_id, client_secret });

impl Minting {
    /// The fresh token of this kind.
    pub(crate) fn token(&self, kind: TokenKind) -> Result<&Fresh, Refusal> {
        self.tokens.iter().find(|fresh| fresh.kind == kind).ok_or(Refusal::Corrupt)
    }

    /// The fresh name of a connection.
    pub(crate) fn connection_id(&self) -> Result<&ConnectionId, Refusal> {
        self.connection_id.as_ref().ok_or(Refusal::Corrupt)
    }
}

/// A request that may come again: `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Stands for the principal and the key.
    pub key: Digest,
    /// Stands for path, query and body.
    pub request: Digest,
    /// Set where it is the use of a rotating refresh token, which `key` stands for then: for how many seconds afterwards
    /// another use gets the same answer, and not only one whose `request`, an `Idempotency-Key`, is the same.
    pub grace: Option<u32>,
}

packed!(struct Retry { key, request, grace });

/// A command with all that is needed to decide it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// What.
    pub command: Command,
    /// The app that the command names, as the edge knows it; none, where there is no such app.
    pub app: Option<App>,
    /// What to use, where the command mints.
    pub minting: Minting,
    /// How to know the request when it comes again.
    pub retry: Option<Retry>,
}

packed!(struct Request { principal, command, app, minting, retry });

impl Request {
    /// A request that neither mints nor comes again.
    #[must_use]
    pub const fn plain(principal: Principal, command: Command) -> Self {
        let tokens = Vec::new();
        let minting = Minting { nonce: Nonce(0, 0), tokens, connection_id: None, client_secret: None };
        Self { principal, command, app: None, minting, retry: None }
    }
}
