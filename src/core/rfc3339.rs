//! Dates and times as RFC 3339 spells them, of the years 0 to 9999. A library's calendar knows of more, zones and leap
//! tables among it, and takes five times the code; a test holds this one against it.
//!
//! The calendar is reckoned as Howard Hinnant does in <https://howardhinnant.github.io/date_algorithms.html>: a year
//! begins with March, so that the leap day is its last, and an era of 400 years has always as many days.

// Four digits of a year and two of all else come nowhere near the bounds of an `i64`, nor does a number of microseconds
// that was divided.
#![allow(clippy::arithmetic_side_effects)]

const DAYS_OF_ERA: i64 = 146_097;
/// From the first day of the first era, 0000-03-01, to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;
const DAY: i64 = 86_400;
const SECOND: i64 = 1_000_000;

/// Writes a time in microseconds since 1970, with six digits. The epoch stands in for one of other years.
pub(super) fn write(micros: i64, zone: &str) -> String {
    let seconds = micros.div_euclid(SECOND);
    let (year, month, day) = date(seconds.div_euclid(DAY));
    if !(0..=9_999).contains(&year) {
        return write(0, zone);
    }
    let of_day = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let fraction = micros.rem_euclid(SECOND);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}{zone}")
}

/// Reads a time, with any offset, in microseconds since 1970. Digits beyond the microsecond are dropped.
pub(super) fn read(text: &str) -> Option<i64> {
    let (moment, rest) = text.split_at_checked(19)?;
    // RFC 3339 lets a small letter or a space stand between date and time.
    let marks: Vec<u8> = moment.bytes().skip(4).step_by(3).collect();
    if ![b"--T::", b"--t::", b"-- ::"].contains(&marks.as_slice().first_chunk()?) {
        return None;
    }
    let part = |from: usize, to: usize, max: i64| number(moment.get(from..to)?).filter(|number| *number <= max);
    let date_read = (part(0, 4, 9_999)?, part(5, 7, 12)?, part(8, 10, 31)?);
    let days = days(date_read);
    if date(days) != date_read {
        return None;
    }
    // Second 60 is a leap second, which is the first of the next minute here.
    let seconds = days * DAY + part(11, 13, 23)? * 3_600 + part(14, 16, 59)? * 60 + part(17, 19, 60)?;
    let (fraction, zone) = fraction(rest)?;
    Some((seconds - offset(zone)?) * SECOND + fraction)
}

/// The microseconds of a fraction, if there is one, and what follows it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(fraction) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = fraction.strip_suffix(zone).filter(|digits| !digits.is_empty())?;
    let micros = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
    Some((micros.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')), zone))
}

/// The seconds that a zone is before UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, (hours, minutes)) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest.split_once(':')?),
        ("-", rest) => (-1, rest.split_once(':')?),
        _ => return None,
    };
    let part = |text: &str, max: i64| number(text).filter(|number| text.len() == 2 && *number <= max);
    Some(sign * (part(hours, 23)? * 3_600 + part(minutes, 59)? * 60))
}

/// A number that is nothing but digits.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Days since 1970 to a date: year, month, day.
const fn days((year, month, day): (i64, i64, i64)) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_era = year.rem_euclid(400);
    let before = year.div_euclid(400) * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100;
    before + (153 * month + 2) / 5 + day - 1 - DAYS_TO_EPOCH
}

/// The date so many days after 1970-01-01: year, month, day.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_EPOCH;
    let of_era = days.rem_euclid(DAYS_OF_ERA);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = year + days.div_euclid(DAYS_OF_ERA) * 400;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, SecondsFormat};
    use proptest::prelude::*;

    /// From 0000-01-01 to the end of 9999.
    const YEARS: std::ops::Range<i64> = -62_167_219_200_000_000..253_402_300_800_000_000;

    proptest! {
        #[test]
        fn a_time_is_written_as_a_library_writes_it(micros in YEARS) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(write(micros, "Z"), time.to_rfc3339_opts(SecondsFormat::Micros, true));
            prop_assert_eq!(read(&write(micros, "Z")), Some(micros));
        }

        #[test]
        fn a_time_is_read_as_a_library_reads_it(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,9})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])"
        ) {
            let time = DateTime::parse_from_rfc3339(&text).ok();
            prop_assert_eq!(read(&text), time.map(|time| time.timestamp_micros()), "{}", text);
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in
            ["", "yesterday", "2026-11-21", "2026-11-21T07:28:23", "2026-11-21T07:28:23.Z", "2026-02-29T00:00:00Z"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        for text in
            ["+026-11-21T07:28:23Z", "2026-11-21T07:28:23+2:00", "2026-11-21T07:28:23Zulu", "2026-11-21Ü07:28:23Z"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
