//! Fields of requests: read leniently, so that all wrong values are found at once.
//!
//! A request type has a [`Field`] for each of its fields. Reading one never fails for its value: a field is absent, valid,
//! or breaks a [`Rule`]. The [`Validator`](super::validator::Validator) then takes the values and collects the rules that
//! are broken. Only an unknown or repeated field fails at once.
//!
//! ```
//! use hookswitch::dialects::field::Field;
//!
//! #[derive(serde::Deserialize)]
//! struct Request {
//!     #[serde(default)]
//!     label: Field<String>,
//! }
//!
//! let request: Request = serde_json::from_str(r#"{"label": "door"}"#).unwrap();
//! assert!(request.label.is_present());
//! let request: Request = serde_json::from_str(r#"{"label": null}"#).unwrap();
//! assert!(!request.label.is_present());
//! ```

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::core::Rule;

/// A field of a request. `null` counts as absent.
///
/// An optional field needs `#[serde(default)]` too, so that the schema does not require it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// The field is absent or `null`.
    #[default]
    Absent,
    /// The value keeps its rule.
    Valid(T),
    /// The value breaks this rule.
    Invalid(Rule),
}

impl<T> Field<T> {
    /// Whether the field was sent, with a valid value or another one.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

impl Field<String> {
    /// The field, absent if its text is empty. For an optional field, use [`not_empty`].
    #[must_use]
    pub fn unless_empty(self) -> Self {
        match self {
            Self::Valid(text) if text.is_empty() => Self::Absent,
            field => field,
        }
    }
}

/// Reads a field in which `null` breaks the rule of the type, for vendors to whom it is not the same as an absent field.
///
/// Use it as `#[serde(default, deserialize_with = "not_null")]`.
///
/// # Errors
/// Those of the deserializer.
pub fn not_null<'de, T: FieldValue, D: Deserializer<'de>>(deserializer: D) -> Result<Field<T>, D::Error> {
    Ok(T::read(deserializer)?.map_or_else(Field::Invalid, Field::Valid))
}

/// Reads a field in which an empty text counts as absent, as RFC 6749 §3.2 has it for the parameters of OAuth.
///
/// Use it as `#[serde(default, deserialize_with = "not_empty")]`.
///
/// # Errors
/// Those of the deserializer.
pub fn not_empty<'de, T: FieldValue, D: Deserializer<'de>>(deserializer: D) -> Result<Field<T>, D::Error> {
    Ok(match Sent::deserialize(deserializer)? {
        Sent::Null => Field::Absent,
        Sent::Text(text) if text.is_empty() => Field::Absent,
        sent => T::check(sent).map_or_else(Field::Invalid, Field::Valid),
    })
}

/// A type that a field can have.
pub trait FieldValue: Sized {
    /// Checks a value that was sent.
    ///
    /// # Errors
    /// The rule that the value breaks.
    fn check(sent: Sent<'_>) -> Result<Self, Rule>;

    /// Reads a value and checks it. The outer error means that the request cannot be read.
    ///
    /// # Errors
    /// Those of the deserializer.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Result<Self, Rule>, D::Error> {
        Ok(Self::check(Sent::deserialize(deserializer)?))
    }
}

impl<'de, T: FieldValue> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: FieldValue> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Absent)
    }

    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Absent)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field<T>, D::Error> {
        Ok(T::read(deserializer)?.map_or_else(Field::Invalid, Field::Valid))
    }

    // The parameters of queries and forms are never absent: their deserializer has no options.

    fn visit_str<E>(self, text: &str) -> Result<Field<T>, E> {
        Ok(T::check(Sent::Text(Cow::Borrowed(text))).map_or_else(Field::Invalid, Field::Valid))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field<T>, A::Error> {
        Ok(T::check(SentVisitor.visit_seq(list)?).map_or_else(Field::Invalid, Field::Valid))
    }
}

/// A value of any type, as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Sent<'de> {
    /// `null`, inside a list.
    Null,
    /// A boolean of JSON.
    Bool(bool),
    /// A number of JSON.
    Number(f64),
    /// A text. Parameters of queries and forms are always texts.
    Text(Cow<'de, str>),
    /// A list of JSON.
    List(Vec<Self>),
    /// An object. Its members are dropped.
    Object,
}

impl<'de> Deserialize<'de> for Sent<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SentVisitor)
    }
}

struct SentVisitor;

impl<'de> Visitor<'de> for SentVisitor {
    type Value = Sent<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Sent<'de>, E> {
        Ok(Sent::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Sent<'de>, E> {
        Ok(Sent::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers above 2^53 are out of range for every field")]
    fn visit_i64<E>(self, value: i64) -> Result<Sent<'de>, E> {
        Ok(Sent::Number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers above 2^53 are out of range for every field")]
    fn visit_u64<E>(self, value: u64) -> Result<Sent<'de>, E> {
        Ok(Sent::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Sent<'de>, E> {
        Ok(Sent::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Sent<'de>, E> {
        Ok(Sent::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Sent<'de>, E> {
        Ok(Sent::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Sent<'de>, E> {
        Ok(Sent::Text(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sent<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Sent::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Sent<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Sent::Object)
    }
}

/// Every type that is parsed from a text with a [`Rule`], such as ids, scopes and enums, and [`String`].
impl<T: FromStr<Err: Into<Rule>>> FieldValue for T {
    fn check(sent: Sent<'_>) -> Result<Self, Rule> {
        match sent {
            Sent::Text(text) => text.parse().map_err(Into::into),
            _ => Err(Rule::new("must be a string")),
        }
    }
}

/// A list of `MIN` to `MAX` items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(pub Vec<T>);

impl<T: FieldValue, const MIN: usize, const MAX: usize> FieldValue for List<T, MIN, MAX> {
    fn check(sent: Sent<'_>) -> Result<Self, Rule> {
        let items = match sent {
            Sent::List(items) if (MIN..=MAX).contains(&items.len()) => items,
            _ => return Err(Rule::new(format!("must be a list of {MIN} to {MAX} items"))),
        };
        let checked = items
            .into_iter()
            .zip(1..)
            .map(|(item, number)| T::check(item).map_err(|rule: Rule| Rule::new(format!("item {number} {rule}"))));
        checked.collect::<Result<_, _>>().map(Self)
    }
}

/// An object with fields of its own. Their paths begin with the path of this field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nested<T>(pub T);

impl<T: DeserializeOwned> FieldValue for Nested<T> {
    fn check(_: Sent<'_>) -> Result<Self, Rule> {
        Err(Rule::new("must be an object"))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Result<Self, Rule>, D::Error> {
        deserializer.deserialize_any(NestedVisitor(PhantomData))
    }
}

/// Reads an object as `T`; every other value breaks a rule. A struct alone would also read a list as its fields.
struct NestedVisitor<T>(PhantomData<T>);

impl<T> NestedVisitor<T> {
    fn wrong() -> Result<Nested<T>, Rule> {
        Err(Rule::new("must be an object"))
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for NestedVisitor<T> {
    type Value = Result<Nested<T>, Rule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Self::wrong())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Self::wrong())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Self::wrong())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Self::wrong())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Self::wrong())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::wrong())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(serde::de::value::MapAccessDeserializer::new(members)).map(Nested).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Role, UserId};

    fn read<T: FieldValue>(json: &str) -> Result<T, String> {
        match serde_json::from_str::<Field<T>>(json).unwrap() {
            Field::Valid(value) => Ok(value),
            Field::Invalid(rule) => Err(rule.to_string()),
            Field::Absent => Err("absent".to_owned()),
        }
    }

    #[test]
    fn a_field_is_absent_valid_or_breaks_a_rule() {
        assert_eq!(read::<UserId>("null").unwrap_err(), "absent");
        assert_eq!(read::<UserId>("\"root\"").unwrap_err(), "is reserved");
        assert_eq!(read::<Role>("\"admin\"").unwrap(), Role::Admin);
        for json in ["1", "true", "[]", "{\"a\":{}}", "-1", "1e300"] {
            assert_eq!(read::<UserId>(json).unwrap_err(), "must be a string", "{json}");
        }
    }

    #[test]
    fn a_list_names_its_first_wrong_item() {
        type Two = List<UserId, 1, 2>;
        assert_eq!(read::<Two>("[\"a\"]").unwrap().0.len(), 1);
        for json in ["[]", "[\"a\",\"b\",\"c\"]", "\"a\"", "{}"] {
            assert_eq!(read::<Two>(json).unwrap_err(), "must be a list of 1 to 2 items", "{json}");
        }
        assert_eq!(read::<Two>("[\"a\",null]").unwrap_err(), "item 2 must be a string");
        assert_eq!(read::<Two>("[\"a\",\"root\"]").unwrap_err(), "item 2 is reserved");
    }

    #[test]
    fn a_nested_object_is_not_read_from_a_list() {
        #[derive(Debug, Deserialize)]
        struct Inner {
            user_id: Field<UserId>,
        }
        assert_eq!(read::<Nested<Inner>>("{}").unwrap().0.user_id, Field::Absent);
        for json in ["[\"a\"]", "\"a\"", "1", "false"] {
            assert_eq!(read::<Nested<Inner>>(json).unwrap_err(), "must be an object", "{json}");
        }
    }
}
