//! Upstream credentials: the provider's tokens that a connection stores.
//!
//! ```
//! use hookswitch::core::CredentialState;
//!
//! assert!(CredentialState::Abandoned.is_kept());
//! assert!(!CredentialState::Revoked.is_kept());
//! ```

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::connection::Connection;
use super::ids::{ConnectionId, LedgerId, Slug, UserId};
use super::provider::{ProviderVersion, UpstreamTokenType};
use super::rule::Rule;
use super::sealed::Sealed;
use super::string_enum::string_enum;
use super::time::Timestamp;

string_enum! {
    /// The state of a stored credential.
    pub enum CredentialState {
        /// The credential is stored, and nobody asked to revoke it.
        Held = "held",
        /// The connection is dead, and the provider is being asked to revoke the credential.
        Revoking = "revoking",
        /// The provider revoked the credential.
        Revoked = "revoked",
        /// The provider reported that the credential was already invalid.
        Gone = "gone",
        /// The provider has no call that revokes it: it stays alive there until it expires.
        Unsupported = "unsupported",
        /// The provider refused, or all attempts failed: it may be alive there, and an operator has to look at it.
        Abandoned = "abandoned",
        /// An operator dismissed the revocation, or the connection was deleted without one.
        Dismissed = "dismissed",
    }
}

impl CredentialState {
    /// Whether the revocation is in progress or waits for an operator.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Revoking | Self::Abandoned)
    }

    /// Whether the secret is still stored. In all other states it is erased.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::Held | Self::Revoking | Self::Abandoned)
    }

    /// Whether the provider confirmed that the credential is dead.
    #[must_use]
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Revoked | Self::Gone)
    }
}

/// A credential to store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCredential {
    /// Whether it is an access or a refresh token.
    pub token_type: UpstreamTokenType,
    /// The encrypted secret.
    pub sealed: Sealed,
    /// When the credential expires at the provider.
    pub expires_at: Option<Timestamp>,
}

/// The credentials to store for a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCredentials {
    /// The provider; the app's provider if `None`.
    pub provider: Option<Slug>,
    /// At most one credential of each type.
    pub tokens: Vec<NewCredential>,
    /// The version of the provider that the credentials keep.
    #[serde(default)]
    pub version: ProviderVersion,
}

impl NewCredentials {
    /// Whether one of them replaces this credential.
    #[must_use]
    pub fn replaces(&self, credential: &Credential) -> bool {
        self.tokens.iter().any(|new| new.token_type == credential.token_type)
    }
}

/// A stored credential. Messages and answers never contain its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The row number in the ledger.
    pub seq: u64,
    /// The connection that stores it.
    pub connection_id: ConnectionId,
    /// Whether it is an access or a refresh token.
    pub token_type: UpstreamTokenType,
    /// The state of the credential.
    pub state: CredentialState,
    /// When it expires at the provider.
    pub expires_at: Option<Timestamp>,
    /// How many times the provider was asked to revoke it.
    pub attempts: u32,
    /// When the provider is asked next.
    pub due_at: Option<Timestamp>,
    /// When it entered its state.
    pub changed_at: Timestamp,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// The version of the provider that it was stored with; `None` for the catalogue's.
    #[serde(default)]
    pub provider_version: Option<Timestamp>,
    /// The encrypted secret, while it is kept. It stays in the ledger.
    #[serde(skip)]
    pub sealed: Option<Sealed>,
}

impl Credential {
    /// The credentials among these that the connection stores or stored.
    #[must_use]
    pub fn of(connection: &Connection, credentials: &[Self]) -> Vec<Self> {
        credentials.iter().filter(|credential| credential.connection_id == connection.id).cloned().collect()
    }

    /// Starts the revocation at the provider. The ledger makes the first attempt at `due_at` unless the edge reports one.
    pub fn start_revocation(&mut self, due_at: Timestamp, now: Timestamp) {
        self.state = CredentialState::Revoking;
        self.changed_at = now;
        self.attempts = 0;
        self.due_at = Some(due_at);
        self.error = None;
    }

    /// Enters a state in which no further attempt is made.
    pub fn finish(&mut self, state: CredentialState, now: Timestamp) {
        self.state = state;
        self.due_at = None;
        self.changed_at = now;
        if !state.is_kept() {
            self.sealed = None;
        }
    }

    /// The id of the revocation of this credential.
    #[must_use]
    pub fn revocation_id(&self, user_id: &UserId) -> RevocationId {
        RevocationId { ledger_id: LedgerId::of_user(user_id), seq: self.seq }
    }
}

/// The id of the revocation of a credential: `rev_`, the ledger's name, and the credential's row number in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct RevocationId {
    /// The user's ledger.
    pub ledger_id: LedgerId,
    /// The credential's row number.
    pub seq: u64,
}

impl std::fmt::Display for RevocationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.ledger_id.numbered("rev_", self.seq))
    }
}

impl FromStr for RevocationId {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let rule = || Rule::new("must be rev_ followed by 24 hex digits or more");
        let hex = text.strip_prefix("rev_").ok_or_else(rule)?;
        let (ledger_id, seq) = hex.split_at_checked(16).filter(|(_, seq)| seq.len() >= 8).ok_or_else(rule)?;
        let mut bytes = [0; 8];
        hex::decode_to_slice(ledger_id, &mut bytes).map_err(|_| rule())?;
        let seq = u64::from_str_radix(seq, 16).ok().filter(|seq| *seq < 1 << 53).ok_or_else(rule)?;
        Ok(Self { ledger_id: LedgerId(bytes), seq })
    }
}
