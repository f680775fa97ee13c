//! Leases: for how long the edge may reuse a `valid` verdict without asking the ledger.
//!
//! A lease begins when the edge sends its request to the ledger, and is measured on the clock of the isolate that sent it.
//! A revocation that the ledger commits afterwards therefore takes effect at most one lease later: at the `effective_at` of
//! its answer. While a deployment with another lease rolls out, the longer of the two leases counts.
//!
//! Only tokens that are used more than once have leases: access tokens and API keys.

use super::access::Principal;
use super::status::Status;
use super::time::Timestamp;
use super::token::TokenKind;
use super::user::Role;
use super::verdict::Verdict;

/// The leases of a deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leases {
    /// The validity of a new lease, in seconds (`LEASE_SECONDS`). Zero: every check asks the ledger.
    pub current: u32,
    /// The validity of the leases of the version that is being replaced, in seconds (`LEASE_SECONDS_PREVIOUS`).
    pub previous: u32,
}

impl Leases {
    /// The longest lease, in seconds.
    pub const MAX_SECONDS: u32 = 3_600;

    /// Leases of these lengths in seconds, at most [`Leases::MAX_SECONDS`] each.
    #[must_use]
    pub fn new(current: u32, previous: u32) -> Self {
        Self { current: current.min(Self::MAX_SECONDS), previous: previous.min(Self::MAX_SECONDS) }
    }

    /// When a revocation that was committed at `at` is effective everywhere: no check returns `valid` after this time.
    ///
    /// ```
    /// use hookswitch::core::{Timestamp, lease::Leases};
    /// let at = Timestamp::from_millis(0);
    /// assert_eq!(Leases::new(0, 30).effective_at(at), at.plus_seconds(30));
    /// ```
    #[must_use]
    pub fn effective_at(self, at: Timestamp) -> Timestamp {
        at.plus_seconds(self.current.max(self.previous).into())
    }

    /// The end of the lease of a verdict that the edge asked for at `sent_at`; `None` if the verdict has no lease. A lease
    /// ends with its token.
    #[must_use]
    pub fn lease_of(self, verdict: &Verdict, sent_at: Timestamp) -> Option<Timestamp> {
        let has_lease = self.current > 0
            && verdict.status() == Status::Valid
            && matches!(verdict.kind, TokenKind::AccessToken | TokenKind::ApiKey);
        let end = sent_at.plus_seconds(self.current.into());
        has_lease.then(|| verdict.expires_at.map_or(end, |expires_at| end.min(expires_at)))
    }
}

impl Principal {
    /// Whether the principal may get a verdict again without a call of the ledger: root, admins, and the app that the token
    /// belongs to. The access of everybody else depends on what the ledger knows.
    #[must_use]
    pub fn reuses_leases_of(&self, verdict: &Verdict) -> bool {
        match self {
            Self::Root | Self::User { role: Role::Admin, .. } => true,
            Self::App(app_id) => verdict.facts.app_id.as_ref() == Some(app_id),
            Self::User { .. } | Self::Holder => false,
        }
    }
}
