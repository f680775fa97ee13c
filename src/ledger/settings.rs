//! What an operator can set of a ledger.

use worker::Env;

use crate::platform::env::{self, text};

const DAY: i64 = 86_400;
/// Ten years: what is to be kept longer does not belong in a ledger.
const RETENTION_MAX: i64 = 3_650 * DAY;

/// What an operator can set of a ledger.
pub(super) struct Settings {
    /// How long a dead token and an event are kept, in seconds: `RETENTION_DAYS`, or `RETENTION_SECONDS` where that is
    /// set. 30 days where neither is a positive number; ten years at most.
    pub(super) retention: i64,
    /// The first wait before a provider is told again, in milliseconds: `UPSTREAM_RETRY_MS`; 10 s where that is not set.
    pub(super) upstream_retry: u32,
    /// The first wait before an endpoint is told again, in milliseconds: `WEBHOOK_RETRY_MS`; 5 s where that is not set.
    pub(super) webhook_retry: u32,
}

impl Settings {
    pub(super) fn read(env: &Env) -> Self {
        let number = |name| text(env, name).trim().parse::<i64>().ok().filter(|number| *number > 0);
        let days = || number("RETENTION_DAYS").map(|days| days.saturating_mul(DAY));
        Self {
            retention: number("RETENTION_SECONDS").or_else(days).unwrap_or(30 * DAY).min(RETENTION_MAX),
            upstream_retry: env::number(env, "UPSTREAM_RETRY_MS").unwrap_or(10_000),
            webhook_retry: env::number(env, "WEBHOOK_RETRY_MS").unwrap_or(5_000),
        }
    }
}
