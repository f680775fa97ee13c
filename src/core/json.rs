//! JSON objects, built member by member.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An object in the making. Its members stay in the order in which they were put.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(Map<String, Value>);

impl Object {
    /// An object without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The object with a member more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.put(name, value.into());
        self
    }

    /// The object with a member more, where there is a value for it.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The object with all members of another one.
    #[must_use]
    pub fn with_all(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

impl From<Map<String, Value>> for Object {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}

/// The text of a JSON object that passes through: it is kept and sent on, and not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(String);

impl Json {
    /// What storage holds: the text that [`Self::as_str`] gave.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The object; null, where what was stored is no JSON.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self(Value::from(object).to_string())
    }
}
