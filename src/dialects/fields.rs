//! The fields of a body or a query, taken one by one.
//!
//! Each is checked as it is taken, and what was not taken in the end is refused. No message repeats a value: it may be
//! a secret that was put in the wrong place.

use super::{Call, Failure};
use crate::core::json::{Json, Object, Value};

/// The fields of a request.
#[derive(Debug)]
pub struct Fields(Object);

impl Fields {
    /// The fields of a JSON body.
    ///
    /// # Errors
    /// [`Failure::MediaType`], [`Failure::NotJson`], or [`Failure::Invalid`] where it is not an object.
    pub fn json(call: &Call) -> Result<Self, Failure> {
        if media_type(call).is_some_and(|essence| essence != "application/json" && !essence.ends_with("+json")) {
            return Err(Failure::MediaType);
        }
        if call.body.is_empty() {
            return Ok(Self(Object::new()));
        }
        let text = std::str::from_utf8(call.body).map_err(|_| Failure::invalid("body", "must be UTF-8"))?;
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Failure::invalid("body", "must be a JSON object")),
            Err(error) => Err(Failure::NotJson { line: error.line(), column: error.column() }),
        }
    }

    /// The parameters of a form. Empty ones count as absent (RFC 6749 §3.2).
    ///
    /// # Errors
    /// [`Failure::MediaType`], or [`Failure::Invalid`] where one comes twice.
    pub fn form(call: &Call) -> Result<Self, Failure> {
        if media_type(call).is_some_and(|essence| essence != FORM) {
            return Err(Failure::MediaType);
        }
        parameters(call.body)
    }

    /// The parameters of a form, or the members of a JSON body, as the content type says.
    ///
    /// # Errors
    /// As [`Self::form`] and [`Self::json`].
    pub fn form_or_json(call: &Call) -> Result<Self, Failure> {
        if media_type(call).is_some_and(|essence| essence == FORM) { Self::form(call) } else { Self::json(call) }
    }

    /// The parameters of the query, all of them texts.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where one comes twice.
    pub fn query(call: &Call) -> Result<Self, Failure> {
        let mut fields = Object::new();
        for (name, value) in form_urlencoded::parse(call.query.as_bytes()) {
            put_once(&mut fields, &name, value.into_owned())?;
        }
        Ok(Self(fields))
    }

    /// Whether a field is there and not yet taken.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// Takes a field that may be `null` as much as absent.
    #[must_use]
    pub fn nullable(&mut self, name: &str) -> &mut Self {
        if self.0.get(name) == Some(&Value::Null) {
            self.0.take(name);
        }
        self
    }

    /// Takes any text.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is not a text.
    pub fn string(&mut self, name: &str) -> Result<Option<String>, Failure> {
        match self.0.take(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Failure::invalid(name, "must be a string")),
        }
    }

    /// Takes a text, checked.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is not a text, or not such a one.
    pub fn text<T>(&mut self, name: &str, parse: fn(&str) -> Result<T, &'static str>) -> Result<Option<T>, Failure> {
        match self.string(name)? {
            None => Ok(None),
            Some(text) => parse(&text).map(Some).map_err(|problem| Failure::invalid(name, problem)),
        }
    }

    /// Takes a text that has to be there, checked.
    ///
    /// # Errors
    /// As [`Self::text`], and where it is not there.
    pub fn required<T>(&mut self, name: &str, parse: fn(&str) -> Result<T, &'static str>) -> Result<T, Failure> {
        parse(&self.required_text(name)?).map_err(|problem| Failure::invalid(name, problem))
    }

    /// Takes any text, which has to be there.
    ///
    /// # Errors
    /// As [`Self::string`], and where it is not there.
    pub fn required_text(&mut self, name: &str) -> Result<String, Failure> {
        self.string(name)?.ok_or_else(|| Failure::invalid(name, "is required"))
    }

    /// Takes a text of at most so many characters, none of them a control character.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn short_text(&mut self, name: &str, max: usize) -> Result<Option<String>, Failure> {
        let text = self.string(name)?;
        if text.as_deref().is_some_and(|text| text.chars().nth(max).is_some() || text.chars().any(char::is_control)) {
            return Err(Failure::invalid(name, &format!("must be at most {max} characters, none of them a control")));
        }
        Ok(text)
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is not a whole number, or out of range.
    pub fn integer(&mut self, name: &str, min: u32, max: u32) -> Result<Option<u32>, Failure> {
        let Some(value) = self.0.take(name) else {
            return Ok(None);
        };
        let number = match value {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            _ => None,
        };
        in_range(name, number, min, max)
    }

    /// Takes a whole number from a query, where it is a text.
    ///
    /// # Errors
    /// As [`Self::integer`].
    pub fn digits(&mut self, name: &str, min: u32, max: u32) -> Result<Option<u32>, Failure> {
        let Some(text) = self.string(name)? else {
            return Ok(None);
        };
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        in_range(name, text.parse().ok().filter(|_| plain), min, max)
    }

    /// Takes a yes or no.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is neither.
    pub fn boolean(&mut self, name: &str) -> Result<Option<bool>, Failure> {
        match self.0.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(Failure::invalid(name, "must be true or false")),
        }
    }

    /// Takes a list of texts, each checked.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is not such a list, or longer or shorter than it may be.
    pub fn list<T>(
        &mut self,
        name: &str,
        min: usize,
        max: usize,
        parse: fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<Vec<T>>, Failure> {
        let Some(items) = self.strings(name, min, max)? else {
            return Ok(None);
        };
        let mut list = Vec::with_capacity(items.len());
        for item in &items {
            list.push(parse(item).map_err(|problem| Failure::invalid(name, problem))?);
        }
        Ok(Some(list))
    }

    /// Takes a list of texts.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn strings(&mut self, name: &str, min: usize, max: usize) -> Result<Option<Vec<String>>, Failure> {
        let wrong = || Failure::invalid(name, &format!("must be a list of {min} to {max} strings"));
        let items = match self.0.take(name) {
            None => return Ok(None),
            Some(Value::List(items)) if (min..=max).contains(&items.len()) => items,
            Some(_) => return Err(wrong()),
        };
        let mut strings = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::Text(text) => strings.push(text),
                _ => return Err(wrong()),
            }
        }
        Ok(Some(strings))
    }

    /// Takes an object whose JSON is at most so many bytes long.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is no object, or longer.
    pub fn object(&mut self, name: &str, max: usize) -> Result<Option<Json>, Failure> {
        match self.0.take(name) {
            None => return Ok(None),
            Some(Value::Object(object)) => {
                let json = Json::from(object);
                if json.as_str().len() <= max {
                    return Ok(Some(json));
                }
            }
            Some(_) => {}
        }
        Err(Failure::invalid(name, &format!("must be an object of at most {max} bytes of JSON")))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where a field is left that the call does not know.
    pub fn finish(self) -> Result<(), Failure> {
        match self.0.any_name() {
            None => Ok(()),
            Some(name) => Err(Failure::invalid(shown(name), "is not a field of this call")),
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The body's media type, in small letters, if it has one.
fn media_type(call: &Call) -> Option<String> {
    let content_type = call.headers.get("content-type")?;
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!essence.is_empty()).then_some(essence)
}

fn parameters(body: &[u8]) -> Result<Fields, Failure> {
    let mut fields = Object::new();
    for (name, value) in form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty()) {
        put_once(&mut fields, &name, value.into_owned())
            .map_err(|_| Failure::invalid("body", &format!("has {} more than once", shown(&name))))?;
    }
    Ok(Fields(fields))
}

fn put_once(fields: &mut Object, name: &str, value: String) -> Result<(), Failure> {
    if fields.get(name).is_some() {
        return Err(Failure::invalid(shown(name), "must be given once"));
    }
    fields.put(name, value.into());
    Ok(())
}

/// The whole number that a number like `60.0` is: to JSON, as to JSON Schema, it is one.
fn whole(number: f64) -> Option<u64> {
    // Far above every limit here, and far below where whole numbers begin to be skipped.
    const MAX: f64 = 9_007_199_254_740_991.0;
    // Within these bounds and without a fraction, nothing is lost.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (number.fract() == 0.0 && (0.0..=MAX).contains(&number)).then_some(number as u64)
}

fn in_range(name: &str, number: Option<u64>, min: u32, max: u32) -> Result<Option<u32>, Failure> {
    match number.and_then(|number| u32::try_from(number).ok()) {
        Some(number) if (min..=max).contains(&number) => Ok(Some(number)),
        _ => Err(Failure::invalid(name, &format!("must be a whole number from {min} to {max}"))),
    }
}

/// A field's name as a message may show it: one that does not look like a name might be a secret.
fn shown(name: &str) -> &str {
    let plain = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain { name } else { "body" }
}
