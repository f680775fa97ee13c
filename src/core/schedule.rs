//! The schedule of retries of revocations at providers.
//!
//! ```
//! use hookswitch::core::Timestamp;
//! use hookswitch::core::schedule::{Schedule, next_attempt};
//!
//! let (now, schedule) = (Timestamp::from_millis(0), Schedule { base: 10_000, jitter: 0 });
//! let wait = |attempts| next_attempt(now, attempts, schedule, None).map(|at| at.seconds_since(now));
//! assert_eq!((wait(1), wait(2), wait(6)), (Some(10), Some(20), None));
//! ```

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// The number of attempts before a revocation is abandoned.
pub const ATTEMPTS_MAX: u32 = 6;
/// The longest wait that a provider can ask for, in seconds: an hour.
const RETRY_AFTER_MAX: u32 = 3_600;

/// The waits between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The first wait, in milliseconds.
    pub base: u32,
    /// A random number from 0 to 255.
    pub jitter: u8,
}

/// The time of the next attempt after `attempts` failures; `None` after the last attempt.
///
/// The wait doubles with each failure. Jitter adds up to half of it. A longer wait that the provider asks for
/// (`retry_after`, in seconds) is granted up to an hour.
#[must_use]
pub fn next_attempt(now: Timestamp, attempts: u32, schedule: Schedule, retry_after: Option<u32>) -> Option<Timestamp> {
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
        next_attempt(NOW, attempts, Schedule { base, jitter }, retry_after).map(|at| at.seconds_since(NOW))
    }

    #[test]
    fn wait_doubles_from_the_base() {
        let waits: Vec<_> = (1..=6).map(|attempts| wait(attempts, 10_000, 0, None)).collect();
        assert_eq!(waits, [Some(10), Some(20), Some(40), Some(80), Some(160), None]);
    }

    #[test]
    fn jitter_adds_less_than_half() {
        assert_eq!(wait(1, 100_000, 255, None), Some(149));
    }

    #[test]
    fn provider_can_lengthen_the_wait_up_to_an_hour() {
        assert_eq!(wait(1, 10_000, 0, Some(60)), Some(60));
        assert_eq!(wait(1, 10_000, 0, Some(1)), Some(10));
        assert_eq!(wait(1, 10_000, 0, Some(u32::MAX)), Some(3_600));
    }
}
