//! The answer to a check.

use super::connection::{Connection, ConnectionStanding, ConnectionStatus};
use super::credential::Credential;
use super::cutoff::Cutoff;
use super::ids::{TokenId, UserId};
use super::pack::packed;
use super::status::{Standing, Status, connection_status};
use super::time::Timestamp;
use super::token::{Facts, Token, TokenKind};
use super::words::words;

words! {
    /// Who said so.
    pub enum Source {
        /// The ledger: the only one that may say `valid`.
        Ledger = "ledger",
        /// A copy of a verdict that can never change again.
        Replica = "replica",
    }
}

/// What is said of a token: its status, since when, as of when, and who said so. Holds no secret and no digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whose token.
    pub user_id: UserId,
    /// Its public name.
    pub token_id: TokenId,
    /// What it is.
    pub kind: TokenKind,
    /// When it was minted.
    pub created_at: Timestamp,
    /// When it runs out, or ran out, by itself.
    pub expires_at: Option<Timestamp>,
    /// What was said of it when it was minted.
    pub facts: Facts,
    /// Its status, with since when, by whom and why.
    pub standing: Standing,
    /// When this was true.
    pub as_of: Timestamp,
    source: Source,
}

packed!(struct Verdict { user_id, token_id, kind, created_at, expires_at, facts, standing, as_of, source });

impl Verdict {
    /// The ledger's verdict.
    #[must_use]
    pub fn of(user_id: &UserId, token: &Token, standing: Standing, as_of: Timestamp) -> Self {
        Self {
            user_id: user_id.clone(),
            token_id: token.token_id.clone(),
            kind: token.kind,
            created_at: token.created_at,
            expires_at: token.expires_at,
            facts: token.facts.clone(),
            standing,
            as_of,
            source: Source::Ledger,
        }
    }

    /// The copy of this verdict that may be kept and shown later; none, where it may change.
    #[must_use]
    pub fn replica(&self) -> Option<Self> {
        if !self.status().is_terminal() {
            return None;
        }
        let mut replica = self.clone();
        replica.source = Source::Replica;
        Some(replica)
    }

    /// The status alone.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.standing.status()
    }

    /// Who said so.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }
}

/// What is said of a connection: its status, since when, as of when. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionVerdict {
    /// Whose connection.
    pub user_id: UserId,
    /// The connection.
    pub connection: Connection,
    /// Its status, with since when, by whom and why.
    pub standing: ConnectionStanding,
    /// What it holds of its provider's, and what became of that.
    pub credentials: Vec<Credential>,
    /// When this was true.
    pub as_of: Timestamp,
}

packed!(struct ConnectionVerdict { user_id, connection, standing, credentials, as_of });

impl ConnectionVerdict {
    /// What is said of a connection at a time.
    #[must_use]
    pub fn of(
        user_id: &UserId,
        connection: &Connection,
        credentials: &[Credential],
        cutoffs: &[Cutoff],
        now: Timestamp,
    ) -> Self {
        Self {
            user_id: user_id.clone(),
            standing: connection_status(connection, cutoffs, now),
            connection: connection.clone(),
            credentials: Credential::of(connection, credentials),
            as_of: now,
        }
    }

    /// The status alone.
    #[must_use]
    pub const fn status(&self) -> ConnectionStatus {
        self.standing.status
    }

    /// Whether its provider has revoked some of what it held.
    #[must_use]
    pub fn is_dead_in_part(&self) -> bool {
        self.credentials.iter().any(|credential| credential.state.is_dead())
    }
}
