//! Verdicts: the answers to checks.
//!
//! ```
//! use hookswitch::core::Source;
//!
//! // Only the ledger returns `valid`. A copy returns final statuses.
//! assert_eq!((Source::Ledger.as_str(), Source::Replica.as_str()), ("ledger", "replica"));
//! ```

use serde::{Deserialize, Serialize};

use super::connection::{Connection, ConnectionState, ConnectionStatus};
use super::credential::Credential;
use super::cutoff::RevocationCutoff;
use super::ids::{TokenId, UserId};
use super::lease::Leases;
use super::status::{Status, TokenState, connection_state};
use super::string_enum::string_enum;
use super::time::Timestamp;
use super::token::{Token, TokenFacts, TokenKind};

string_enum! {
    /// Where a verdict comes from.
    pub enum Source {
        /// The ledger. Only the ledger may answer `valid`.
        Ledger = "ledger",
        /// A `valid` verdict of the ledger that is reused before its lease ends.
        Lease = "lease",
        /// A copy of a terminal verdict, in KV or in the isolate's memory.
        Replica = "replica",
    }
}

/// The status of a token with its times, actor, reason and source. It contains no secret and no digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The user that the token belongs to.
    pub user_id: UserId,
    /// The public id of the token.
    pub token_id: TokenId,
    /// The kind of token.
    pub kind: TokenKind,
    /// When the token was created.
    pub created_at: Timestamp,
    /// When the token expires or expired.
    pub expires_at: Option<Timestamp>,
    /// The facts that never change.
    pub facts: TokenFacts,
    /// The state of the token.
    pub state: TokenState,
    /// When the verdict was true.
    pub as_of: Timestamp,
    source: Source,
    /// The end of the lease, on the clock of the isolate that asked for the verdict.
    #[serde(skip)]
    leased_until: Option<Timestamp>,
}

impl Verdict {
    /// The ledger's verdict on a token.
    #[must_use]
    pub fn of(user_id: &UserId, token: &Token, state: TokenState, as_of: Timestamp) -> Self {
        Self {
            user_id: user_id.clone(),
            token_id: token.token_id.clone(),
            kind: token.kind,
            created_at: token.created_at,
            expires_at: token.expires_at,
            facts: token.facts.clone(),
            state,
            as_of,
            source: Source::Ledger,
            leased_until: None,
        }
    }

    /// The verdict with the lease that it has if the edge asked for it at `sent_at`.
    #[must_use]
    pub fn leased(self, leases: Leases, sent_at: Timestamp) -> Self {
        Self { leased_until: leases.lease_of(&self, sent_at), ..self }
    }

    /// The verdict if it may be used again at `now` without asking the ledger; `None` if it has no lease, or an old one.
    #[must_use]
    pub fn reused(&self, now: Timestamp) -> Option<Self> {
        let is_leased = self.leased_until.is_some_and(|until| now < until);
        is_leased.then(|| Self { source: Source::Lease, ..self.clone() })
    }

    /// Until when the verdict may be used again: the end of its lease, or `as_of` if it has none. `None` if the verdict is
    /// terminal: it is true forever.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        (!self.status().is_terminal()).then(|| self.leased_until.unwrap_or(self.as_of))
    }

    /// The copy of a terminal verdict that may be stored and shown later; `None` if the verdict can change.
    #[must_use]
    pub fn replica(&self) -> Option<Self> {
        self.status().is_terminal().then(|| Self { source: Source::Replica, ..self.clone() })
    }

    /// The status alone.
    #[must_use]
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Where the verdict comes from.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }
}

/// The status of a connection with its times and credentials. It contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionVerdict {
    /// The user that the connection belongs to.
    pub user_id: UserId,
    /// The connection as it is stored.
    pub connection: Connection,
    /// The state of the connection.
    pub state: ConnectionState,
    /// The credentials that the connection stores or stored.
    pub credentials: Vec<Credential>,
    /// When the verdict was true.
    pub as_of: Timestamp,
}

impl ConnectionVerdict {
    /// The verdict on a connection at a time.
    #[must_use]
    pub fn of(
        user_id: &UserId,
        connection: &Connection,
        credentials: &[Credential],
        cutoffs: &[RevocationCutoff],
        now: Timestamp,
    ) -> Self {
        Self {
            user_id: user_id.clone(),
            state: connection_state(connection, cutoffs, now),
            connection: connection.clone(),
            credentials: Credential::of(connection, credentials),
            as_of: now,
        }
    }

    /// The status alone.
    #[must_use]
    pub const fn status(&self) -> ConnectionStatus {
        self.state.status
    }

    /// Whether the provider has confirmed that at least one of the credentials is dead.
    #[must_use]
    pub fn has_dead_credential(&self) -> bool {
        self.credentials.iter().any(|credential| credential.state.is_dead())
    }
}
