//! Values that cross the border to JavaScript. A value that does not fit is a `TypeError` with the field and its rule. The
//! message never contains the value: it may be a secret in the wrong place.

use js_sys::{Date, Object, Reflect, TypeError};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::{Deserializer, Serializer};
use wasm_bindgen::{JsCast, JsValue};

use crate::core::Timestamp;
use crate::core::status_snapshot::{StatusKind, StatusSnapshot};

/// The milliseconds before and after the epoch that a `Date` of JavaScript can represent.
const DATE_LIMIT: f64 = 8.64e15;

/// A `TypeError` of the function with this name.
pub(super) fn error(function: &str, rule: &str) -> JsValue {
    TypeError::new(&format!("{function}: {rule}")).into()
}

/// A value as an object of JavaScript, with null for `None`.
pub(super) fn write<T: Serialize>(function: &str, value: &T) -> Result<JsValue, JsValue> {
    let with_nulls = Serializer::new().serialize_missing_as_null(true);
    value.serialize(&with_nulls).map_err(|_| error(function, "the answer cannot be written"))
}

/// A string. `name` is the subject of the error message.
pub(super) fn read_string(function: &str, name: &str, value: &JsValue) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| error(function, &format!("{name} must be a string")))
}

/// The fields of `GET /v1/status` that a later status is computed from. Times are RFC 3339.
#[derive(Deserialize)]
struct StatusFields {
    subject: Option<String>,
    status: Option<String>,
    as_of: Option<String>,
    created_at: Option<String>,
    expires_at: Option<String>,
    activated_at: Option<String>,
    consumed_at: Option<String>,
    revoked_at: Option<String>,
}

/// The names of [`StatusFields`].
const STATUS_FIELDS: [&str; 8] =
    ["subject", "status", "as_of", "created_at", "expires_at", "activated_at", "consumed_at", "revoked_at"];

/// A status, as `GET /v1/status` answers it.
///
/// # Errors
/// A `TypeError`, or what a getter of the object throws.
pub(super) fn read_status(function: &str, value: &JsValue) -> Result<StatusSnapshot, JsValue> {
    let rule = |rule: &str| error(function, rule);
    if !value.is_object() {
        return Err(rule("the status must be an object, as GET /v1/status answers it"));
    }
    // A getter that throws must not unwind through the deserializer, so each field is read once before it.
    let fields = Object::new();
    for name in STATUS_FIELDS {
        let name = JsValue::from_str(name);
        Reflect::set(&fields, &name, &Reflect::get(value, &name)?)?;
    }
    // The error of serde contains the value: only its path is used.
    let fields: StatusFields = serde_path_to_error::deserialize(Deserializer::from(JsValue::from(fields)))
        .map_err(|wrong| rule(&field_rule(&wrong.path().to_string())))?;
    let required = |name, text: Option<String>| text.ok_or_else(|| rule(&field_rule(name)));
    let optional_time = |name, text: Option<String>| {
        let time = |text: String| Timestamp::parse_rfc3339(&text).ok_or_else(|| rule(&field_rule(name)));
        text.map(time).transpose()
    };
    let time = |name, text| optional_time(name, text)?.ok_or_else(|| rule(&field_rule(name)));

    let subject = required("subject", fields.subject)?;
    let status = required("status", fields.status)?;
    Ok(StatusSnapshot {
        status: read_status_kind(&subject, &status).map_err(|broken| rule(&broken))?,
        as_of: time("as_of", fields.as_of)?,
        created_at: time("created_at", fields.created_at)?,
        expires_at: optional_time("expires_at", fields.expires_at)?,
        activated_at: optional_time("activated_at", fields.activated_at)?,
        consumed_at: optional_time("consumed_at", fields.consumed_at)?,
        revoked_at: optional_time("revoked_at", fields.revoked_at)?,
    })
}

/// The rule that a field of a status breaks.
fn field_rule(name: &str) -> String {
    match name {
        "subject" | "status" => format!("the status has no {name}"),
        _ => format!("{name} must be a time as RFC 3339 writes it"),
    }
}

/// A status of a subject: `token` or `connection`.
///
/// # Errors
/// The rule that one of the texts breaks.
pub(super) fn read_status_kind(subject: &str, status: &str) -> Result<StatusKind, String> {
    match subject {
        "token" => status.parse().map(StatusKind::Token).map_err(|rule| format!("a token's status {rule}")),
        "connection" => {
            status.parse().map(StatusKind::Connection).map_err(|rule| format!("a connection's status {rule}"))
        }
        _ => Err("the subject must be token or connection".to_owned()),
    }
}

/// A `Date`, or a number of milliseconds since the epoch.
pub(super) fn read_time(function: &str, value: &JsValue) -> Result<Timestamp, JsValue> {
    let date = value.dyn_ref::<Date>().map(Date::get_time);
    match date.or_else(|| value.as_f64()) {
        Some(millis) if millis.abs() <= DATE_LIMIT => Ok(from_millis(millis)),
        _ => Err(error(function, "the time must be a valid Date, or a number of milliseconds since 1970")),
    }
}

/// The time in microseconds, rounded down.
#[allow(clippy::cast_possible_truncation)] // DATE_LIMIT fits, and fractions of a microsecond are cut off.
fn from_millis(millis: f64) -> Timestamp {
    Timestamp::from_micros((millis * 1_000.0).floor() as i64)
}
