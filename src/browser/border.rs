//! What comes in from JavaScript and goes out to it. Whatever does not fit is a `TypeError` that says what is wrong, and
//! never repeats what was sent: it may have been a secret.

use js_sys::{Date, Reflect, TypeError};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::connection::ConnectionStatus;
use crate::core::reading::{Present, Read, Reading};
use crate::core::{Status, Timestamp};

/// The milliseconds that a `Date` of JavaScript can hold, before the epoch and after it.
const DATE_LIMIT: f64 = 8.64e15;

/// A `TypeError` of the function with this name.
pub(super) fn refuse(function: &str, why: &str) -> JsValue {
    TypeError::new(&format!("{function}: {why}")).into()
}

/// A value as an object of JavaScript, with null for what is not there.
pub(super) fn give<T: Serialize>(function: &str, value: &T) -> Result<JsValue, JsValue> {
    let to_null = Serializer::new().serialize_missing_as_null(true);
    value.serialize(&to_null).map_err(|_| refuse(function, "the answer cannot be written"))
}

/// What a status that was read says.
///
/// Read member by member, and not with `serde`: its errors can show any value, and the code that prints a number alone
/// is as large as all of this. So each member that does not fit is named, too.
pub(super) fn reading(function: &str, status: &JsValue) -> Result<Reading, JsValue> {
    if !status.is_object() {
        return Err(refuse(function, "the status must be an object, as GET /v1/status answers it"));
    }
    let member = |name| Member { function, name, value: Reflect::get(status, &name.into()) };
    let read = read(&member("subject").string()?, &member("status").string()?);
    Ok(Reading {
        read: read.map_err(|why| refuse(function, &why))?,
        as_of: member("as_of").time()?,
        created_at: member("created_at").time()?,
        expires_at: member("expires_at").optional_time()?,
        activated_at: member("activated_at").optional_time()?,
        consumed_at: member("consumed_at").optional_time()?,
        revoked_at: member("revoked_at").optional_time()?,
    })
}

/// One member of an object that came in.
struct Member<'a> {
    function: &'a str,
    name: &'a str,
    /// What it is, or what the object threw when it was asked.
    value: Result<JsValue, JsValue>,
}

impl Member<'_> {
    fn string(self) -> Result<String, JsValue> {
        let text = self.value?.as_string();
        text.ok_or_else(|| refuse(self.function, &format!("the status has no {}", self.name)))
    }

    fn time(self) -> Result<Timestamp, JsValue> {
        let time = self.value?.as_string().and_then(|text| Timestamp::parse_rfc3339(&text));
        time.ok_or_else(|| refuse(self.function, &format!("{} must be a time as RFC 3339 writes it", self.name)))
    }

    fn optional_time(self) -> Result<Option<Timestamp>, JsValue> {
        if self.value.as_ref().is_ok_and(|value| value.is_null() || value.is_undefined()) {
            return Ok(None);
        }
        self.time().map(Some)
    }
}

/// A status from its words.
pub(super) fn read(subject: &str, status: &str) -> Result<Read, String> {
    match subject {
        "token" => {
            Status::parse(status).map(Read::Token).ok_or_else(|| format!("a token's status {}", Status::CHOICES))
        }
        "connection" => ConnectionStatus::parse(status)
            .map(Read::Connection)
            .ok_or_else(|| format!("a connection's status {}", ConnectionStatus::CHOICES)),
        _ => Err("the subject must be token or connection".to_owned()),
    }
}

/// A `Date`, or milliseconds since the epoch.
pub(super) fn moment(function: &str, value: &JsValue) -> Result<Timestamp, JsValue> {
    let date = value.dyn_ref::<Date>().map(Date::get_time);
    match date.or_else(|| value.as_f64()) {
        Some(millis) if millis.abs() <= DATE_LIMIT => Ok(from_millis(millis)),
        _ => Err(refuse(function, "the time must be a valid Date, or a number of milliseconds since 1970")),
    }
}

/// To the microsecond below.
#[allow(clippy::cast_possible_truncation)] // Within DATE_LIMIT it fits, and what is below a microsecond is to go.
fn from_millis(millis: f64) -> Timestamp {
    Timestamp::from_micros((millis * 1_000.0).floor() as i64)
}

/// What `statusAt` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
    status: &'static str,
    since: Option<String>,
    terminal: bool,
    ends_at: Option<String>,
    seconds_left: Option<i64>,
}

impl From<Present> for Standing {
    fn from(present: Present) -> Self {
        Self {
            status: present.read.as_str(),
            since: present.since.map(Timestamp::rfc3339),
            terminal: present.read.is_terminal(),
            ends_at: present.ends_at.map(Timestamp::rfc3339),
            seconds_left: present.seconds_left,
        }
    }
}
