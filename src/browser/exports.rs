//! The functions of the npm package. `www/package/core.ts` has their TypeScript types.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::border::{error, read_status, read_status_kind, read_string, read_time, write};
use super::locale::Locale;
use super::words;
use crate::core::{Timestamp, handle_format};

/// The kind of handle that a text looks like; undefined if it looks like none. Whether a deployment created the handle is a
/// separate question.
///
/// # Errors
/// A `TypeError` if the argument is not a string.
#[wasm_bindgen(js_name = handleKind, skip_typescript)]
pub fn handle_kind(text: &JsValue) -> Result<Option<String>, JsValue> {
    let text = read_string("handleKind", "the text", text)?;
    Ok(handle_format::recognise(&text).map(|format| format.as_str().to_owned()))
}

/// The result of `parseHandle`.
#[derive(Serialize)]
struct ParsedHandle {
    kind: &'static str,
    text: String,
    secret: bool,
}

/// The kind of handle that a text looks like, its canonical spelling, and whether it is a secret; undefined if it looks
/// like no handle.
///
/// # Errors
/// A `TypeError` if the argument is not a string.
#[wasm_bindgen(js_name = parseHandle, skip_typescript)]
pub fn parse_handle(text: &JsValue) -> Result<JsValue, JsValue> {
    let text = read_string("parseHandle", "the text", text)?;
    let Some((format, text)) = handle_format::canonical(&text) else {
        return Ok(JsValue::UNDEFINED);
    };
    write("parseHandle", &ParsedHandle { kind: format.as_str(), text, secret: format.is_secret() })
}

/// The result of `statusAt`. Times are RFC 3339.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    status: &'static str,
    since: Option<String>,
    terminal: bool,
    ends_at: Option<String>,
    seconds_left: Option<i64>,
}

/// The status at a time, computed from a status that was read before.
///
/// # Errors
/// A `TypeError` if an argument is not a status or not a time.
#[wasm_bindgen(js_name = statusAt, skip_typescript)]
pub fn status_at(status: &JsValue, at: &JsValue) -> Result<JsValue, JsValue> {
    let snapshot = read_status("statusAt", status)?;
    let at = snapshot.at(read_time("statusAt", at)?);
    let standing = Standing {
        status: at.status.as_str(),
        since: at.since.map(Timestamp::rfc3339),
        terminal: at.status.is_terminal(),
        ends_at: at.ends_at.map(Timestamp::rfc3339),
        seconds_left: at.seconds_left,
    };
    write("statusAt", &standing)
}

/// The words for a status in the language of a BCP 47 tag; in English without one.
///
/// # Errors
/// A `TypeError` if the subject or the status does not exist, or the language is not a string.
#[wasm_bindgen(skip_typescript)]
pub fn describe(subject: &JsValue, status: &JsValue, locale: &JsValue) -> Result<JsValue, JsValue> {
    let subject = read_string("describe", "the subject", subject)?;
    let status = read_string("describe", "the status", status)?;
    let locale = match locale {
        none if none.is_undefined() || none.is_null() => Locale::En,
        tag => Locale::fitting(&read_string("describe", "the locale", tag)?),
    };
    let status = read_status_kind(&subject, &status).map_err(|rule| error("describe", &rule))?;
    write("describe", &words::describe(status, locale))
}
