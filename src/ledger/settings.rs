//! The settings of ledgers, and the context of one call.
//!
//! ```
//! use hookswitch::core::Timestamp;
//! use hookswitch::ledger::LedgerSettings;
//!
//! let settings = LedgerSettings::default();
//! let ended = Timestamp::from_millis(0);
//! assert!(settings.deletion_of(ended).seconds_since(ended) >= 30 * 24 * 3_600);
//! ```

use crate::core::Timestamp;
use crate::core::error::Limit;
use crate::core::schedule::Schedule;

/// One day, in seconds.
const DAY: i64 = 86_400;

/// The settings of a deployment that ledgers obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerSettings {
    /// How long dead tokens, ended connections and events are kept, in seconds: `RETENTION_DAYS` or
    /// `RETENTION_SECONDS`.
    pub retention: i64,
    /// The first wait before a provider is asked again, in milliseconds: `UPSTREAM_RETRY_MS`.
    pub upstream_retry: u32,
    /// The first wait before a webhook is sent again, in milliseconds: `WEBHOOK_RETRY_MS`.
    pub webhook_retry: u32,
    /// How long an isolate may use the list of webhook endpoints that it read, in seconds: `WEBHOOK_CACHE_SECONDS`.
    pub webhook_cache: i64,
    /// The highest number of live tokens of a user: `USER_TOKENS_MAX`.
    pub tokens_max: u64,
    /// The highest number of live API keys of a user: `USER_API_KEYS_MAX`.
    pub api_keys_max: u64,
    /// The highest number of live connections of a user: `USER_CONNECTIONS_MAX`.
    pub connections_max: u64,
    /// The highest number of answers that are stored for requests of a user with an `Idempotency-Key`:
    /// `USER_STORED_RESPONSES_MAX`.
    pub responses_max: u64,
    /// The size of a user's database above which nothing more is issued, in bytes: `LEDGER_BYTES_MAX`.
    pub size_max: u64,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            retention: 30 * DAY,
            upstream_retry: 10_000,
            webhook_retry: 5_000,
            webhook_cache: 10,
            tokens_max: 100_000,
            api_keys_max: 1_000,
            connections_max: 10_000,
            responses_max: 10_000,
            size_max: 1_000_000_000,
        }
    }
}

impl LedgerSettings {
    /// How long a deletion may wait after the retention is over, in seconds, so that rows are deleted in batches: up to an
    /// hour.
    #[must_use]
    pub fn slack(&self) -> i64 {
        self.retention.min(DAY).div_euclid(24).max(1)
    }

    /// The highest number of something that a user's ledger stores.
    #[must_use]
    pub const fn max(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Tokens => self.tokens_max,
            Limit::ApiKeys => self.api_keys_max,
            Limit::Connections => self.connections_max,
            Limit::StoredResponses => self.responses_max,
        }
    }

    /// The time until which things must have ended to be deleted now.
    #[must_use]
    pub const fn kept_since(&self, now: Timestamp) -> Timestamp {
        now.minus_seconds(self.retention)
    }

    /// The time by which something that ends now is deleted.
    #[must_use]
    pub fn deletion_of(&self, ended_at: Timestamp) -> Timestamp {
        ended_at.plus_seconds(self.retention.saturating_add(self.slack()))
    }
}

/// The context of a call of a ledger: everything beside its storage and its message.
#[derive(Clone, Copy, Debug)]
pub struct LedgerContext<'a> {
    /// The time of the platform's clock.
    pub now: Timestamp,
    /// A random number that spreads retries.
    pub jitter: u8,
    /// The settings of the deployment.
    pub settings: &'a LedgerSettings,
    /// Whether the deployment has earlier secrets: what they encrypted is encrypted again then.
    pub has_earlier_secrets: bool,
}

impl LedgerContext<'_> {
    /// The schedule of attempts at providers.
    #[must_use]
    pub const fn provider_schedule(&self) -> Schedule {
        Schedule { base: self.settings.upstream_retry, jitter: self.jitter }
    }
}
