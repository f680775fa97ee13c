//! The statuses of Composio's connected accounts.

use crate::core::string_enum::string_enum;
use crate::core::{ConnectionStatus, ConnectionVerdict};

string_enum! {
    /// The status of a connected account.
    pub enum AccountStatus {
        /// The link exists. Hookswitch shows such an account as `INITIATED`.
        Initializing = "INITIALIZING",
        /// The user has not authorized the app yet.
        Initiated = "INITIATED",
        /// The user has authorized the app.
        Active = "ACTIVE",
        /// The authorization failed. Hookswitch has no such account.
        Failed = "FAILED",
        /// The user did not authorize the app in time.
        Expired = "EXPIRED",
        /// The account cannot be used.
        Inactive = "INACTIVE",
        /// The account is revoked.
        Revoked = "REVOKED",
    }
}

impl AccountStatus {
    /// The status of a connection.
    ///
    /// Composio has none for a connection that is dead here and alive at its provider. If the provider has confirmed that a
    /// part is dead, the account is `REVOKED`; else it is `INACTIVE`.
    #[must_use]
    pub fn of(verdict: &ConnectionVerdict) -> Self {
        match verdict.status() {
            ConnectionStatus::Initiated => Self::Initiated,
            ConnectionStatus::Active => Self::Active,
            ConnectionStatus::Expired => Self::Expired,
            ConnectionStatus::Revoked => Self::Revoked,
            ConnectionStatus::Revoking if verdict.has_dead_credential() => Self::Revoked,
            ConnectionStatus::Inactive | ConnectionStatus::Revoking => Self::Inactive,
        }
    }

    /// The statuses of connections that can have this status.
    #[must_use]
    pub const fn connections(self) -> &'static [ConnectionStatus] {
        match self {
            Self::Initializing | Self::Initiated => &[ConnectionStatus::Initiated],
            Self::Active => &[ConnectionStatus::Active],
            Self::Failed => &[],
            Self::Expired => &[ConnectionStatus::Expired],
            Self::Inactive => &[ConnectionStatus::Inactive, ConnectionStatus::Revoking],
            Self::Revoked => &[ConnectionStatus::Revoked, ConnectionStatus::Revoking],
        }
    }
}
