//! JSON values whose objects are lists of members: they keep their order, and cost no map. Numbers keep their spelling:
//! none is turned into a float and back, which loses digits and takes 9 KB of tables.
//!
//! Reading and writing is `nojson`'s.

use std::fmt;

use nojson::{DisplayJson, JsonFormatter, JsonParseError, JsonValueKind, RawJson, RawJsonValue};

use super::pack::packed;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is spelled.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Object(Object),
}

/// A JSON object: one word long, since it goes through a call for each of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(Box<Members>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Members {
    list: Vec<(String, Value)>,
}

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
    pub fn with_all(mut self, mut other: Self) -> Self {
        self.0.list.append(&mut other.0.list);
        self
    }

    /// Puts a member at the end.
    pub fn put(&mut self, name: &str, value: Value) {
        self.0.list.push((name.to_owned(), value));
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.list.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Takes a member out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.list.iter().position(|(key, _)| key == name)?;
        Some(self.0.list.swap_remove(place).1)
    }

    /// The name of some member; none, where there are no members.
    #[must_use]
    pub fn any_name(&self) -> Option<&str> {
        self.0.list.first().map(|(name, _)| name.as_str())
    }

    /// The object as JSON.
    #[must_use]
    pub fn text(&self) -> String {
        nojson::Json(self).to_string()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            list.push(item.into());
        }
        Self::List(list)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Where a text stops to be JSON: line and column, from 1.
pub type Place = (usize, usize);

impl Value {
    /// Reads a JSON text, of at most 128 values within one another.
    ///
    /// # Errors
    /// Where it stops to be JSON.
    pub fn parse(text: &str) -> Result<Self, Place> {
        let parsed = RawJson::parse(text).and_then(|json| read(json.value()));
        parsed.map_err(|error| {
            let place = error.get_line_and_column_numbers(text);
            place.map_or((1, 1), |(line, column)| (line.get(), column.get()))
        })
    }
}

fn read(value: RawJsonValue) -> Result<Value, JsonParseError> {
    Ok(match value.kind() {
        JsonValueKind::Null => Value::Null,
        JsonValueKind::Boolean => Value::Bool(value.as_raw_str() == "true"),
        JsonValueKind::Integer | JsonValueKind::Float => Value::Number(value.as_raw_str().to_owned()),
        JsonValueKind::String => Value::Text(value.to_unquoted_string_str()?.into_owned()),
        JsonValueKind::Array => {
            let mut list = Vec::new();
            for item in value.to_array()? {
                list.push(read(item)?);
            }
            Value::List(list)
        }
        // A name that comes twice is there twice: whoever takes one finds the other left over.
        JsonValueKind::Object => {
            let mut object = Object::new();
            for (name, member) in value.to_object()? {
                object.put(&name.to_unquoted_string_str()?, read(member)?);
            }
            Value::Object(object)
        }
    })
}

impl DisplayJson for Value {
    fn fmt(&self, f: &mut JsonFormatter) -> fmt::Result {
        match self {
            Self::Null => f.inner_mut().write_str("null"),
            Self::Bool(value) => f.inner_mut().write_str(if *value { "true" } else { "false" }),
            Self::Number(number) => f.inner_mut().write_str(number),
            Self::Text(text) => f.string(text),
            Self::List(items) => f.array(|f| items.iter().try_for_each(|item| f.element(item))),
            Self::Object(object) => object.fmt(f),
        }
    }
}

impl DisplayJson for Object {
    fn fmt(&self, f: &mut JsonFormatter) -> fmt::Result {
        f.object(|f| self.0.list.iter().try_for_each(|(name, value)| f.member(name, value)))
    }
}

/// The text of a JSON object that passes through: it is kept and sent on, and not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(String);

packed!(struct Json(a));

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
        Value::parse(&self.0).unwrap_or(Value::Null)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self(object.text())
    }
}
