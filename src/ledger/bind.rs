//! Values to bind to a statement.

use wasm_bindgen::JsValue;

use crate::core::{
    Actor, AppId, ConnectionId, Digest, ExternalId, Json, Scope, Sealed, Slug, Timestamp, TokenId, UserId,
};

/// A value to bind.
#[derive(Clone, Copy)]
pub(super) enum Bind<'a> {
    Null,
    /// All whole numbers that are kept here stay below 2^53.
    Number(i64),
    Text(&'a str),
}

impl Bind<'_> {
    /// The value, for JavaScript.
    pub(super) fn value(&self) -> JsValue {
        match self {
            Self::Null => JsValue::NULL,
            #[allow(clippy::cast_precision_loss)]
            Self::Number(number) => JsValue::from_f64(*number as f64),
            Self::Text(text) => JsValue::from_str(text),
        }
    }
}

impl<'a> From<&'a str> for Bind<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Bind<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Bind<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Bind<'_> {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Bind<'_> {
    fn from(flag: bool) -> Self {
        Self::Number(flag.into())
    }
}

impl From<&Option<Timestamp>> for Bind<'_> {
    #[inline(never)]
    fn from(at: &Option<Timestamp>) -> Self {
        (*at).into()
    }
}

impl From<Timestamp> for Bind<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Number(at.micros())
    }
}

impl<T: Into<Self>> From<Option<T>> for Bind<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// These are stored as their texts. A statement binds many of them: what makes a value of one is there once, and not in
/// each place.
macro_rules! texts {
    ($($name:ident),+) => {
        $(impl<'a> From<&'a $name> for Bind<'a> {
            #[inline(never)]
            fn from(value: &'a $name) -> Self {
                Self::Text(value.as_str())
            }
        }

        impl<'a> From<&'a Option<$name>> for Bind<'a> {
            #[inline(never)]
            fn from(value: &'a Option<$name>) -> Self {
                value.as_ref().into()
            }
        })+
    };
}

texts!(Actor, AppId, ConnectionId, Digest, ExternalId, Json, Scope, Sealed, Slug, String, TokenId, UserId);
