//! Times in requests and responses: RFC 3339.

use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::rule::Rule;
use super::time::Timestamp;

/// A time that is written in RFC 3339: in UTC with six digits and `Z`. It is read with any offset.
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
        let time = Timestamp::parse_rfc3339(text);
        time.map(Self).ok_or_else(|| Rule::new("must be a date and time of RFC 3339"))
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339())
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
