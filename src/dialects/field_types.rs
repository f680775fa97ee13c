//! Types of fields: booleans, numbers in a range, texts of limited length, JSON objects.
//!
//! ```
//! use hookswitch::dialects::field::Field;
//! use hookswitch::dialects::field_types::Whole;
//!
//! let ttl: Field<Whole<1, 86_400>> = serde_json::from_str("600").unwrap();
//! assert!(matches!(ttl, Field::Valid(Whole(600))));
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::field::{FieldValue, Sent};
use crate::core::{Json, Rule};

/// A boolean of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag(pub bool);

impl FieldValue for Flag {
    fn check(sent: Sent<'_>) -> Result<Self, Rule> {
        match sent {
            Sent::Bool(value) => Ok(Self(value)),
            _ => Err(Rule::new("must be true or false")),
        }
    }
}

/// A whole number from `MIN` to `MAX`. In JSON, `60`, `60.0` and `6e1` are the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: u32, const MAX: u32>(pub u32);

impl<const MIN: u32, const MAX: u32> Whole<MIN, MAX> {
    fn of(number: Option<u32>) -> Result<Self, Rule> {
        let number = number.filter(|number| (MIN..=MAX).contains(number));
        number.map(Self).ok_or_else(|| Rule::new(format!("must be a whole number from {MIN} to {MAX}")))
    }
}

impl<const MIN: u32, const MAX: u32> FieldValue for Whole<MIN, MAX> {
    fn check(sent: Sent<'_>) -> Result<Self, Rule> {
        Self::of(match sent {
            Sent::Number(number) => whole(number),
            _ => None,
        })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn whole(number: f64) -> Option<u32> {
    let fits = (0.0..=f64::from(u32::MAX)).contains(&number) && number.fract() == 0.0;
    fits.then_some(number as u32)
}

/// A whole number from `MIN` to `MAX` in a query, where it is a text of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits<const MIN: u32, const MAX: u32>(pub u32);

impl<const MIN: u32, const MAX: u32> FieldValue for Digits<MIN, MAX> {
    fn check(sent: Sent<'_>) -> Result<Self, Rule> {
        let number = match sent {
            Sent::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        Whole::<MIN, MAX>::of(number).map(|Whole(number)| Self(number))
    }
}

/// A text of `MIN` to `MAX` characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortText<const MIN: usize, const MAX: usize>(pub String);

impl<const MIN: usize, const MAX: usize> FromStr for ShortText<MIN, MAX> {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let fits = (MIN..=MAX).contains(&text.chars().take(MAX.saturating_add(1)).count());
        if fits && !text.chars().any(char::is_control) {
            return Ok(Self(text.to_owned()));
        }
        Err(Rule::new(if MIN == 0 {
            format!("must be at most {MAX} characters without control characters")
        } else {
            format!("must be {MIN} to {MAX} characters without control characters")
        }))
    }
}

/// A secret that somebody else made, or a name that belongs to one: 1 to 4096 visible ASCII characters.
///
/// `.` and `..` are excluded, because they would change the path of a URL that contains them.
#[derive(Clone, PartialEq, Eq)]
pub struct ForeignSecret(pub String);

impl FromStr for ForeignSecret {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let fits = (1..=4_096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits && !matches!(text, "." | "..") {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::new("must be 1 to 4096 visible ASCII characters"))
        }
    }
}

impl fmt::Debug for ForeignSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForeignSecret(…)")
    }
}

/// A JSON object of at most `MAX` bytes. Numbers and the order of members stay as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonObject<const MAX: usize>(pub Json);

impl<const MAX: usize> JsonObject<MAX> {
    fn rule() -> Rule {
        Rule::new(format!("must be an object of at most {MAX} bytes of JSON"))
    }
}

impl<const MAX: usize> FieldValue for JsonObject<MAX> {
    fn check(_: Sent<'_>) -> Result<Self, Rule> {
        Err(Self::rule())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Result<Self, Rule>, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // A raw value may be nested to any depth. This limits it to 128.
        let is_readable = serde_json::from_str::<serde_json::Value>(raw.get()).is_ok();
        let json = raw.get().parse::<Json>().ok().filter(|json| is_readable && json.as_str().len() <= MAX);
        Ok(json.map(Self).ok_or_else(Self::rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::field::Field;

    fn read<T: FieldValue>(json: &str) -> Option<T> {
        match serde_json::from_str::<Field<T>>(json).unwrap() {
            Field::Valid(value) => Some(value),
            Field::Invalid(_) | Field::Absent => None,
        }
    }

    #[test]
    fn whole_numbers_are_compared_by_value() {
        for json in ["60", "60.0", "6e1", "6.0E+1"] {
            assert_eq!(read::<Whole<1, 60>>(json), Some(Whole(60)), "{json}");
        }
        for json in ["0", "61", "-1", "1.5", "1e300", "\"60\"", "true", "[60]", "18446744073709551615"] {
            assert_eq!(read::<Whole<1, 60>>(json), None, "{json}");
        }
    }

    #[test]
    fn flags_are_booleans_and_not_texts() {
        assert_eq!(read::<Flag>("true"), Some(Flag(true)));
        for json in ["\"true\"", "1", "[]"] {
            assert_eq!(read::<Flag>(json), None, "{json}");
        }
    }

    #[test]
    fn numbers_in_queries_are_digits() {
        assert_eq!(read::<Digits<1, 60>>("\"60\""), Some(Digits(60)));
        for json in ["\"\"", "\"+6\"", "\"6e1\"", "\" 6\"", "6", "\"61\"", "\"99999999999\""] {
            assert_eq!(read::<Digits<1, 60>>(json), None, "{json}");
        }
    }

    #[test]
    fn texts_are_counted_in_characters() {
        assert!("é".repeat(3).parse::<ShortText<0, 3>>().is_ok());
        assert!("é".repeat(4).parse::<ShortText<0, 3>>().is_err());
        assert!("a\n".parse::<ShortText<0, 3>>().is_err());
        assert!("".parse::<ShortText<1, 3>>().is_err());
    }

    #[test]
    fn json_objects_are_kept_as_they_were_sent() {
        let JsonObject(json) = read::<JsonObject<32>>("{\"b\": 1.0e40, \"a\": {}}").unwrap();
        assert_eq!(json.as_str(), "{\"b\":1.0e40,\"a\":{}}");
        for json in ["[]", "\"{}\"", "1", "{\"a\":\"0123456789012345678901234567890\"}"] {
            assert_eq!(read::<JsonObject<32>>(json), None, "{json}");
        }
    }
}
