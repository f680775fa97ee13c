//! The header `Retry-After` (RFC 9110 §10.2.3): a number of seconds, or a date in one of the three forms of HTTP
//! (RFC 9110 §5.6.7).

use chrono::NaiveDate;

use crate::core::Timestamp;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The wait that a header asks for, in seconds; `None` if the header cannot be read. A date in the past is no wait.
///
/// ```
/// use hookswitch::core::Timestamp;
/// use hookswitch::upstream::retry_after::seconds;
/// let now = Timestamp::parse_rfc3339("1994-11-06T08:49:07Z").unwrap();
/// assert_eq!(seconds("120", now), Some(120));
/// assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(30));
/// ```
#[must_use]
pub fn seconds(header: &str, now: Timestamp) -> Option<u32> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(header.parse().unwrap_or(u32::MAX));
    }
    // Half a second more is a second: the provider may not be asked before the date.
    let wait = http_date(header, now)?.seconds_since(now.next()).saturating_add(1);
    Some(u32::try_from(wait.max(0)).unwrap_or(u32::MAX))
}

/// Reads a date of HTTP.
fn http_date(text: &str, now: Timestamp) -> Option<Timestamp> {
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    // Sun, 06 Nov 1994 08:49:37 GMT, and Sunday, 06-Nov-94 08:49:37 GMT; or Sun Nov  6 08:49:37 1994.
    let ([_, day, month, year, time, "GMT" | "UTC"] | [_, month, day, time, year]) = *words.as_slice() else {
        return None;
    };
    let month = MONTHS.iter().zip(1..).find(|(name, _)| name.eq_ignore_ascii_case(month))?.1;
    let mut parts = time.splitn(3, ':').map(number);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let date = NaiveDate::from_ymd_opt(full_year(year, now)?, month, number(day)?)?;
    // A leap second counts as the second before it.
    let time = date.and_hms_opt(hour, minute, second.min(59))?;
    Some(Timestamp::from_micros(time.and_utc().timestamp_micros()))
}

/// A year of four digits, or of two: then the latest one that is at most 50 years ahead.
fn full_year(text: &str, now: Timestamp) -> Option<i32> {
    let year = i32::try_from(number(text)?).ok()?;
    if text.len() != 2 {
        return Some(year);
    }
    let this_year = now.rfc3339().get(..4)?.parse::<i32>().ok()?;
    let year = this_year.checked_sub(this_year.rem_euclid(100))?.checked_add(year)?;
    if year > this_year.checked_add(50)? { year.checked_sub(100) } else { Some(year) }
}

fn number(text: &str) -> Option<u32> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_every_form_of_a_date_are_read() {
        let now = Timestamp::parse_rfc3339("2026-11-30T08:00:00.250000Z").unwrap();
        for (header, expected) in [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("99999999999999999999", Some(u32::MAX)),
            ("Mon, 30 Nov 2026 08:00:30 GMT", Some(30)),
            ("Monday, 30-Nov-26 08:00:30 GMT", Some(30)),
            ("Mon Nov 30 08:00:30 2026", Some(30)),
            ("Tue Dec  1 08:00:00 2026", Some(86_400)),
            ("Mon, 30 Nov 2026 08:00:01 GMT", Some(1)),
            ("Mon, 30 Nov 2026 08:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 1999 23:59:59 GMT", Some(0)),
            ("Friday, 31-Dec-99 23:59:59 GMT", Some(0)),
            ("Sat, 31 Dec 2016 23:59:60 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Mon, 31 Feb 2026 08:00:30 GMT", None),
            ("Mon, 30 Nov 2026 25:00:30 GMT", None),
            ("Mon, 30 Nov 2026 08:00 GMT", None),
            ("Mon, 30 Nov 2026 08:00:30 CET", None),
            ("2026-11-30T08:00:30Z", None),
        ] {
            assert_eq!(seconds(header, now), expected, "{header}");
        }
    }
}
