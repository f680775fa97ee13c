//! What an operator can set of a ledger.

use worker::Env;

use super::env::text;

const DAY: i64 = 86_400;
/// Ten years: what is to be kept longer does not belong in a ledger.
const RETENTION_MAX: i64 = 3_650 * DAY;

/// What an operator can set of a ledger.
pub(super) struct Settings {
    /// How long a dead token and an event are kept, in seconds: `RETENTION_DAYS`, or `RETENTION_SECONDS` where that is
    /// set. 30 days where neither is a positive number; ten years at most.
    pub(super) retention: i64,
}

impl Settings {
    pub(super) fn read(env: &Env) -> Self {
        let number = |name| text(env, name).trim().parse::<i64>().ok().filter(|number| *number > 0);
        let days = || number("RETENTION_DAYS").map(|days| days.saturating_mul(DAY));
        Self { retention: number("RETENTION_SECONDS").or_else(days).unwrap_or(30 * DAY).min(RETENTION_MAX) }
    }
}
