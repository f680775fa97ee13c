//! JSON schemas of the types of fields.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::field::{Field, List, Nested};
use super::field_types::{Digits, Flag, ForeignSecret, JsonObject, ShortText, Whole};

/// Implements [`JsonSchema`] for types whose schema stands where the type is used.
macro_rules! inline_schema {
    ([$($parameters:tt)*] $type:ty, $generator:ident => $schema:expr) => {
        impl<$($parameters)*> JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

inline_schema!([T: JsonSchema] Field<T>, generator => generator.subschema_for::<T>());
inline_schema!([T: JsonSchema] Nested<T>, generator => generator.subschema_for::<T>());
inline_schema!([T: JsonSchema, const MIN: usize, const MAX: usize] List<T, MIN, MAX>, generator => json_schema!({
    "type": "array",
    "minItems": MIN,
    "maxItems": MAX,
    "items": generator.subschema_for::<T>(),
}));
inline_schema!([const MIN: u32, const MAX: u32] Whole<MIN, MAX>, _generator => json_schema!({
    "type": "integer",
    "minimum": MIN,
    "maximum": MAX,
}));
inline_schema!([const MIN: u32, const MAX: u32] Digits<MIN, MAX>, _generator => json_schema!({
    "type": "integer",
    "minimum": MIN,
    "maximum": MAX,
}));
inline_schema!([const MIN: usize, const MAX: usize] ShortText<MIN, MAX>, _generator => json_schema!({
    "type": "string",
    "minLength": MIN,
    "maxLength": MAX,
}));
inline_schema!([] Flag, _generator => json_schema!({ "type": "boolean" }));
inline_schema!([] ForeignSecret, _generator => json_schema!({
    "type": "string",
    "minLength": 1,
    "maxLength": 4096,
    "pattern": "^[!-~]+$",
}));
inline_schema!([const MAX: usize] JsonObject<MAX>, _generator => json_schema!({
    "type": "object",
    "description": format!("Any JSON object of at most {MAX} bytes."),
}));
