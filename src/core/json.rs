//! A JSON object as text: the metadata of tokens and connections, and the data of events.
//!
//! ```
//! use hookswitch::core::Json;
//!
//! let metadata: Json = r#"{"invite": 7}"#.parse().unwrap();
//! assert_eq!(metadata.as_str(), r#"{"invite":7}"#);
//! assert!("[7]".parse::<Json>().is_err());
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::rule::Rule;

/// How many objects and lists may be inside each other: what the JSON readers of most languages accept.
const DEPTH_MAX: usize = 100;

/// The text of a JSON object. Numbers and the order of members stay as they were sent. At most 100 objects and lists are
/// inside each other.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Wraps a text that was checked before it was stored.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Serializes a value that is a JSON object; an empty object if it cannot be serialized.
    #[must_use]
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned()))
    }

    /// The text of the object.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Json {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let not_an_object = || Rule::new("must be an object");
        let compact =
            compact(text).ok_or_else(|| Rule::new("must have at most 100 objects and lists inside each other"))?;
        let is_object = compact.starts_with('{');
        // Reading the value checks the syntax, also inside.
        serde_json::from_str::<serde::de::IgnoredAny>(&compact).map_err(|_| not_an_object())?;
        if is_object { Ok(Self(compact)) } else { Err(not_an_object()) }
    }
}

/// Removes the white space between the tokens of a JSON text. Returns `None` if the text is too deep.
fn compact(text: &str) -> Option<String> {
    let (mut in_string, mut escaped, mut depth) = (false, false, 0_usize);
    let mut compact = String::with_capacity(text.len());
    for c in text.chars() {
        if in_string {
            in_string = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
        } else if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            in_string = c == '"';
            match c {
                '{' | '[' => depth = depth.saturating_add(1),
                '}' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEPTH_MAX {
                return None;
            }
        }
        compact.push(c);
    }
    Some(compact)
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        raw.get().parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Json {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "JsonObject".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_object_keeps_numbers_and_order() {
        let json: Json = "{ \"b\" : 1.50e400, \"a\": [ \"x \\\" y\" , 12345678901234567890 ] }".parse().unwrap();
        assert_eq!(json.as_str(), "{\"b\":1.50e400,\"a\":[\"x \\\" y\",12345678901234567890]}");
    }

    #[test]
    fn json_object_rejects_other_values() {
        for text in ["[]", "1", "\"{\"", "{", "{\"a\":}", ""] {
            assert!(text.parse::<Json>().is_err(), "{text}");
        }
    }
}
