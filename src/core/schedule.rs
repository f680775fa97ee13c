//! When a revocation that failed is tried again.

use super::Timestamp;

/// How often a revocation is tried before an operator has to look at it.
pub const ATTEMPTS_MAX: u32 = 6;
/// The longest wait that a provider can ask for, in seconds: an hour.
const RETRY_AFTER_MAX: u32 = 3_600;

/// How long to wait between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The first wait, in milliseconds.
    pub base: u32,
    /// Anything from 0 to 255, by chance.
    pub jitter: u8,
}

/// When to try again what has failed `attempts` times; never, where that was the last time. The wait doubles from the
/// first and is between all and half as much again, so that many do not come at once; a provider that asks for a longer
/// one, in seconds, gets it.
#[must_use]
pub fn next(now: Timestamp, attempts: u32, schedule: Schedule, retry_after: Option<u32>) -> Option<Timestamp> {
    if attempts >= ATTEMPTS_MAX {
        return None;
    }
    let doubled = i64::from(schedule.base).saturating_mul(2_i64.saturating_pow(attempts.saturating_sub(1)));
    let extra = doubled.saturating_mul(i64::from(schedule.jitter)).div_euclid(512);
    let asked = i64::from(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX)).saturating_mul(1_000);
    Some(now.plus_millis(doubled.saturating_add(extra).max(asked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_246_103_123);

    fn wait(attempts: u32, base: u32, jitter: u8, retry_after: Option<u32>) -> Option<i64> {
        next(NOW, attempts, Schedule { base, jitter }, retry_after).map(|at| at.seconds_since(NOW))
    }

    #[test]
    fn the_wait_doubles_from_the_base() {
        let waits: Vec<_> = (1..=6).map(|attempts| wait(attempts, 10_000, 0, None)).collect();
        assert_eq!(waits, [Some(10), Some(20), Some(40), Some(80), Some(160), None]);
    }

    #[test]
    fn jitter_adds_less_than_half() {
        assert_eq!(wait(1, 100_000, 255, None), Some(149));
    }

    #[test]
    fn a_provider_may_ask_for_more_and_not_for_less_or_for_ever() {
        assert_eq!(wait(1, 10_000, 0, Some(60)), Some(60));
        assert_eq!(wait(1, 10_000, 0, Some(1)), Some(10));
        assert_eq!(wait(1, 10_000, 0, Some(u32::MAX)), Some(3_600));
    }
}
