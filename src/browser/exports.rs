//! The functions of the npm package. `www/package/core.ts` has their types, as TypeScript's users see them.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::border::{Standing, give, moment, read, reading, refuse};
use super::locale::Locale;
use super::words;
use crate::core::form;

/// What a text is by its form; undefined, where it is nothing that is made here. It says nothing about whether a
/// deployment made it.
///
/// # Errors
/// A `TypeError` for what is no string.
#[wasm_bindgen(js_name = handleKind, skip_typescript)]
pub fn handle_kind(text: &JsValue) -> Result<Option<String>, JsValue> {
    let text = string("handleKind", "the text", text)?;
    Ok(form::recognise(&text).map(|form| form.as_str().to_owned()))
}

/// What `parseHandle` answers.
#[derive(Serialize)]
struct Handle {
    kind: &'static str,
    text: String,
    secret: bool,
}

/// What a text is by its form, how it is spelled canonically, and whether it is a secret; undefined, where it is nothing
/// that is made here.
///
/// # Errors
/// A `TypeError` for what is no string.
#[wasm_bindgen(js_name = parseHandle, skip_typescript)]
pub fn parse_handle(text: &JsValue) -> Result<JsValue, JsValue> {
    let text = string("parseHandle", "the text", text)?;
    let Some((form, text)) = form::canonical(&text) else {
        return Ok(JsValue::UNDEFINED);
    };
    give("parseHandle", &Handle { kind: form.as_str(), text, secret: form.is_secret() })
}

/// What a status that was read is at a time.
///
/// # Errors
/// A `TypeError` for what is no status, and what is no time.
#[wasm_bindgen(js_name = statusAt, skip_typescript)]
pub fn status_at(status: &JsValue, at: &JsValue) -> Result<JsValue, JsValue> {
    let reading = reading("statusAt", status)?;
    let present = reading.at(moment("statusAt", at)?);
    give("statusAt", &Standing::from(present))
}

/// What `describe` answers.
#[derive(Serialize)]
struct Words {
    label: &'static str,
    sentence: &'static str,
    tone: &'static str,
    locale: &'static str,
}

/// A status in the words of the language that fits best.
///
/// # Errors
/// A `TypeError` for a subject or a status that there is not, and a language that is no string.
#[wasm_bindgen(skip_typescript)]
pub fn describe(subject: &JsValue, status: &JsValue, locale: &JsValue) -> Result<JsValue, JsValue> {
    let subject = string("describe", "the subject", subject)?;
    let status = string("describe", "the status", status)?;
    let locale = match locale {
        none if none.is_undefined() || none.is_null() => Locale::En,
        tag => Locale::fitting(&string("describe", "the locale", tag)?),
    };
    let read = read(&subject, &status).map_err(|why| refuse("describe", &why))?;
    let said = words::describe(read, locale);
    let words =
        Words { label: said.label, sentence: said.sentence, tone: said.tone.as_str(), locale: said.locale.as_str() };
    give("describe", &words)
}

fn string(function: &str, what: &str, value: &JsValue) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| refuse(function, &format!("{what} must be a string")))
}
