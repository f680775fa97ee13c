//! Points in time, in whole microseconds.

use chrono::{DateTime, Datelike, SecondsFormat};
use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
///
/// The unit is the microsecond because the native API and Partoo print six digits, and because the clock of a ledger
/// advances by one microsecond when two requests arrive within one tick of the platform's clock. From the year 1684 to the
/// year 2255 the number is between -2^53 and 2^53, so a JavaScript number represents it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time `micros` microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The time `millis` milliseconds after the epoch, as a JavaScript clock gives it.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded up: never before this time.
    #[must_use]
    pub const fn millis_ceil(self) -> i64 {
        self.0.saturating_add(999).div_euclid(1_000)
    }

    /// Whole seconds from an earlier time to this one, rounded down.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1_000_000)
    }

    /// Whole seconds since the epoch, as JSON Web Tokens and their like write a time; 0 for what was before.
    #[must_use]
    pub const fn unix(self) -> u64 {
        if self.0 < 0 { 0 } else { self.seconds().unsigned_abs() }
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This time and `seconds` more; saturates instead of overflowing.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// This time and `millis` milliseconds more; saturates instead of overflowing.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// This time and `seconds` less; saturates instead of overflowing.
    #[must_use]
    pub const fn minus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds.saturating_mul(1_000_000)))
    }

    /// The smallest time after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// RFC 3339 in UTC with six digits and `Z`: `2026-11-21T07:28:23.123000Z`.
    ///
    /// ```
    /// use hookswitch::core::Timestamp;
    /// assert_eq!(Timestamp::from_millis(1).rfc3339(), "1970-01-01T00:00:00.001000Z");
    /// ```
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.in_utc().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// As [`Self::rfc3339`], with the offset as a number: `2019-08-01T19:15:54.256000+00:00`.
    #[must_use]
    pub fn rfc3339_with_offset(self) -> String {
        self.in_utc().to_rfc3339_opts(SecondsFormat::Micros, false)
    }

    /// Reads an RFC 3339 date and time with any offset and a year from 0001 to 9999. Digits beyond the microsecond are
    /// dropped.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok().filter(|time| (1..=9_999).contains(&time.year()))?;
        Some(Self(time.timestamp_micros()))
    }

    /// The epoch stands in for a time that a calendar of 262,000 years cannot show.
    fn in_utc(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_with_six_digits() {
        let time = Timestamp::from_micros(1_564_686_954_256_000);
        assert_eq!(time.rfc3339(), "2019-08-01T19:15:54.256000Z");
        assert_eq!(time.rfc3339_with_offset(), "2019-08-01T19:15:54.256000+00:00");
    }

    #[test]
    fn a_time_is_read_with_any_offset() {
        let time = Timestamp::parse_rfc3339("2019-08-01T21:15:54.256000+02:00");
        assert_eq!(time, Some(Timestamp::from_micros(1_564_686_954_256_000)));
        for text in ["yesterday", "0000-12-31T23:59:59Z", "10000-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn an_alarm_is_never_early() {
        assert_eq!(Timestamp::from_micros(1_001).millis_ceil(), 2);
        assert_eq!(Timestamp::from_micros(2_000).millis_ceil(), 2);
    }
}
