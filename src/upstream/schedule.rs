//! When a revocation that failed is tried again.

use crate::core::Timestamp;

/// How often a revocation is tried before an operator has to look at it.
pub const ATTEMPTS_MAX: u32 = 6;
/// The longest wait that a provider can ask for, in seconds: an hour.
const RETRY_AFTER_MAX: i64 = 3_600;

/// When to try again what has failed `attempts` times; never, where that was the last time. The wait doubles from `base`
/// seconds and is between all and half as much again, as `jitter` says, so that many do not come at once; a provider that
/// asks for a longer one gets it.
#[must_use]
pub fn next(now: Timestamp, attempts: u32, base: u32, jitter: u8, retry_after: Option<i64>) -> Option<Timestamp> {
    if attempts >= ATTEMPTS_MAX {
        return None;
    }
    let doubled = i64::from(base).saturating_mul(2_i64.saturating_pow(attempts.saturating_sub(1)));
    let extra = doubled.saturating_mul(i64::from(jitter)).div_euclid(512);
    let asked = retry_after.unwrap_or_default().clamp(0, RETRY_AFTER_MAX);
    Some(now.plus_seconds(doubled.saturating_add(extra).max(asked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_246_103_123);

    #[test]
    fn the_wait_doubles_from_the_base() {
        let waits: Vec<_> =
            (1..=6).map(|attempts| next(NOW, attempts, 10, 0, None).map(|at| at.seconds_since(NOW))).collect();
        assert_eq!(waits, [Some(10), Some(20), Some(40), Some(80), Some(160), None]);
    }

    #[test]
    fn jitter_adds_less_than_half() {
        assert_eq!(next(NOW, 1, 100, 255, None).map(|at| at.seconds_since(NOW)), Some(149));
    }

    #[test]
    fn a_provider_may_ask_for_more_and_not_for_less_or_for_ever() {
        assert_eq!(next(NOW, 1, 10, 0, Some(60)).map(|at| at.seconds_since(NOW)), Some(60));
        assert_eq!(next(NOW, 1, 10, 0, Some(1)).map(|at| at.seconds_since(NOW)), Some(10));
        assert_eq!(next(NOW, 1, 10, 0, Some(i64::MAX)).map(|at| at.seconds_since(NOW)), Some(3_600));
    }
}
