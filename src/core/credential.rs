//! What a connection holds of its provider's: tokens, sealed, and what becomes of each.

use super::connection::Connection;
use super::ids::{ConnectionId, Shard, Slug, UserId};
use super::json::Object;
use super::pack::packed;
use super::provider::TokenType;
use super::time::Timestamp;
use super::words::words;

words! {
    /// What became of a credential.
    pub enum CredentialState {
        /// It is kept, and its connection lives or was never to be revoked at the provider.
        Held = "held",
        /// Its connection is dead; the provider is being told.
        Revoking = "revoking",
        /// The provider has revoked it.
        Revoked = "revoked",
        /// The provider knew it as dead already.
        Gone = "gone",
        /// The provider offers no way to revoke it: it is alive there until it runs out.
        Unsupported = "unsupported",
        /// The provider refused, or could not be told, however often: it is alive there, and somebody has to look at it.
        Abandoned = "abandoned",
        /// Whether it is alive there was left at that.
        Dismissed = "dismissed",
    }
}

impl CredentialState {
    /// Whether its revocation is under way, or waits for somebody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Revoking | Self::Abandoned)
    }

    /// Whether the credential itself is still kept. In all other states it is erased.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::Held | Self::Revoking | Self::Abandoned)
    }

    /// Whether the provider says that it is dead.
    #[must_use]
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Revoked | Self::Gone)
    }
}

/// A secret that is sealed with AES-256-GCM: only who has the deployment's secret opens it, and only for what it was
/// sealed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(String);

packed!(struct Sealed(a));

impl Sealed {
    /// What was sealed, or what storage holds.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A credential that comes in, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Which one.
    pub token_type: TokenType,
    /// The credential.
    pub sealed: Sealed,
    /// When it runs out by itself.
    pub expires_at: Option<Timestamp>,
}

packed!(struct Deposit { token_type, sealed, expires_at });

/// The credentials that come in for a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposits {
    /// Whose they are; its app's provider, where none is named.
    pub provider: Option<Slug>,
    /// At most one of each type.
    pub tokens: Vec<Deposit>,
}

packed!(struct Deposits { provider, tokens });

impl Deposits {
    /// Whether one of them takes the place of this credential.
    #[must_use]
    pub fn replaces(&self, credential: &Credential) -> bool {
        self.tokens.iter().any(|deposit| deposit.token_type == credential.token_type)
    }
}

/// A credential, as the ledger keeps it: without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its place in the ledger.
    pub seq: u64,
    /// Which connection holds it.
    pub connection_id: ConnectionId,
    /// Which one it is.
    pub token_type: TokenType,
    /// What became of it.
    pub state: CredentialState,
    /// When it runs out by itself.
    pub expires_at: Option<Timestamp>,
    /// How often the provider was asked to revoke it.
    pub attempts: u32,
    /// When it is asked next.
    pub due_at: Option<Timestamp>,
    /// Since when it is in its state.
    pub changed_at: Timestamp,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

packed!(struct Credential { seq, connection_id, token_type, state, expires_at, attempts, due_at, changed_at, error });

impl Credential {
    /// Those of these that the connection holds, or held.
    #[must_use]
    pub fn of(connection: &Connection, credentials: &[Self]) -> Vec<Self> {
        let mut held = Vec::new();
        for credential in credentials {
            if credential.connection_id == connection.id {
                held.push(credential.clone());
            }
        }
        held
    }

    /// Has the provider asked to revoke it, by `due_at` at the latest.
    pub fn revoke(&mut self, due_at: Timestamp, now: Timestamp) {
        self.state = CredentialState::Revoking;
        self.changed_at = now;
        self.attempts = 0;
        self.due_at = Some(due_at);
        self.error = None;
    }

    /// Puts it into a state that nothing more is to be done in.
    pub fn end(&mut self, state: CredentialState, now: Timestamp) {
        self.state = state;
        self.due_at = None;
        self.changed_at = now;
    }

    /// Which one it is and what became of it.
    #[must_use]
    pub fn summary(&self) -> Object {
        Object::new()
            .with("token_type", self.token_type.as_str())
            .with("state", self.state.as_str())
            .with_some("error", self.error.as_deref())
    }

    /// The name of its revocation: `rev_`, the ledger's name, the place.
    #[must_use]
    pub fn revocation_id(&self, user_id: &UserId) -> String {
        RevocationId { shard: Shard::of(user_id), seq: self.seq }.text()
    }
}

/// Names the revocation of a credential: `rev_`, the ledger's name, and the credential's place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationId {
    /// The ledger.
    pub shard: Shard,
    /// The place.
    pub seq: u64,
}

impl RevocationId {
    /// The text.
    #[must_use]
    pub fn text(self) -> String {
        self.shard.place("rev_", self.seq)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// What such a name has to be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let otherwise = "must be rev_ followed by 24 hex digits or more";
        let hex = text.strip_prefix("rev_").ok_or(otherwise)?;
        let (shard, seq) = hex.split_at_checked(16).filter(|(_, seq)| seq.len() >= 8).ok_or(otherwise)?;
        let mut bytes = [0; 8];
        hex::decode_to_slice(shard, &mut bytes).map_err(|_| otherwise)?;
        let seq = u64::from_str_radix(seq, 16).ok().filter(|seq| *seq < 1 << 53).ok_or(otherwise)?;
        Ok(Self { shard: Shard(bytes), seq })
    }
}
