//! Times in requests and responses: RFC 3339.

use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::rule::Rule;
use super::time::Timestamp;

/// The first microsecond after the year 2200. Later times are not stored: JavaScript represents a number of microseconds
/// exactly only until the year 2255.
const YEAR_2201: Timestamp = Timestamp::from_micros(7_289_654_400_000_000);

/// A time that is written in RFC 3339: in UTC with six digits and `Z`. It is read with any offset, until the end of the
/// year 2200.
///
/// ```
/// use hookswitch::core::rfc3339::Rfc3339;
/// let time: Rfc3339 = "2026-11-21T08:28:23.123+01:00".parse().unwrap();
/// assert_eq!(serde_json::to_string(&time).unwrap(), "\"2026-11-21T07:28:23.123000Z\"");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339(pub Timestamp);

impl FromStr for Rfc3339 {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let time = parse(text)?;
        if time < YEAR_2201 { Ok(Self(time)) } else { Err(Rule::new("must not be after the year 2200")) }
    }
}

/// The time at which something expires; `None` for a time after the year 2200, which stands for "never".
///
/// ```
/// use hookswitch::core::rfc3339::ExpiryTime;
/// let time: ExpiryTime = "9999-12-31T23:59:59.9999999Z".parse().unwrap();
/// assert_eq!(time, ExpiryTime(None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiryTime(pub Option<Timestamp>);

impl FromStr for ExpiryTime {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        Ok(Self(Some(parse(text)?).filter(|time| *time < YEAR_2201)))
    }
}

fn parse(text: &str) -> Result<Timestamp, Rule> {
    let time = Timestamp::parse_rfc3339(text);
    time.ok_or_else(|| Rule::new("must be a date and time of RFC 3339 in the years 0001 to 9999"))
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339())
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for ExpiryTime {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ExpiryTime".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<Rfc3339>()
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Rfc3339 {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A date and time of RFC 3339. Responses have UTC with microseconds.",
            "type": "string",
            "format": "date-time",
            "examples": ["2026-11-21T07:28:23.123000Z"],
        })
    }
}
