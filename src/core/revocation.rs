//! Revocations of credentials at their providers.
//!
//! ```
//! use hookswitch::core::Timestamp;
//! use hookswitch::core::revocation::{DISPATCH_SECONDS, dispatch_deadline};
//!
//! let now = Timestamp::from_millis(0);
//! assert_eq!(dispatch_deadline(now).seconds_since(now), DISPATCH_SECONDS);
//! ```

use serde::{Deserialize, Serialize};

use super::connection::Connection;
use super::credential::{Credential, RevocationId};
use super::ids::{AppId, ConnectionId, LedgerId, Slug, UserId};
use super::provider::UpstreamTokenType;
use super::sealed::Sealed;
use super::time::Timestamp;

/// How long the caller of a command has the first attempt to itself, in seconds: longer than a provider has to answer.
/// After that the ledger makes the attempt.
pub const DISPATCH_SECONDS: i64 = 15;

/// The meaning of a provider's answer to one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderReply {
    /// The provider revoked the credential.
    Revoked,
    /// The credential was already invalid.
    Gone,
    /// The provider has no call that revokes the credential.
    Unsupported,
    /// The result is unknown: try again.
    Retry {
        /// The wait that the provider asks for, in seconds.
        after: Option<u32>,
        /// Why the result is unknown.
        error: String,
    },
    /// The provider refused, and another attempt would not change that.
    Refused {
        /// The reason, without a secret.
        error: String,
    },
}

/// The result of one attempt to revoke a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationAttempt {
    /// The credential's row number.
    pub seq: u64,
    /// How many attempts there were before.
    pub attempts: u32,
    /// The answer of the provider.
    pub reply: ProviderReply,
}

/// A credential that its provider must be asked to revoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRevocation {
    /// The credential's row number.
    pub seq: u64,
    /// How many attempts there were.
    pub attempts: u32,
    /// The connection that stores the credential.
    pub connection_id: ConnectionId,
    /// The provider.
    pub provider: Slug,
    /// The version of the provider that the credential was stored with; `None` for the catalogue's.
    #[serde(default)]
    pub provider_version: Option<Timestamp>,
    /// The type of the credential.
    pub token_type: UpstreamTokenType,
    /// The encrypted credential.
    pub sealed: Sealed,
}

/// A revocation at a provider as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The user of the connection.
    pub user_id: UserId,
    /// The app of the connection.
    pub app_id: AppId,
    /// The provider.
    pub provider: Option<Slug>,
    /// The credential and its progress.
    pub credential: Credential,
}

impl Revocation {
    /// The revocation of a credential of a connection.
    #[must_use]
    pub fn of(user_id: &UserId, connection: &Connection, credential: &Credential) -> Self {
        Self {
            user_id: user_id.clone(),
            app_id: connection.app_id.clone(),
            provider: connection.provider.clone(),
            credential: credential.clone(),
        }
    }

    /// The id of the revocation.
    #[must_use]
    pub fn id(&self) -> RevocationId {
        RevocationId { ledger_id: LedgerId::of_user(&self.user_id), seq: self.credential.seq }
    }
}

/// When a revocation that starts now is due in the ledger, unless the caller reports an attempt before.
#[must_use]
pub const fn dispatch_deadline(now: Timestamp) -> Timestamp {
    now.plus_seconds(DISPATCH_SECONDS)
}
