//! The fields of a body or a query, taken one by one.
//!
//! Each is checked as it is taken, and what was not taken in the end is refused. No message repeats a value: it may be
//! a secret that was put in the wrong place.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{Call, Failure};
use crate::core::Json;

/// The fields of a request.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of a JSON body.
    ///
    /// # Errors
    /// [`Failure::MediaType`], [`Failure::NotJson`], or [`Failure::Invalid`] where it is not an object.
    pub fn json(call: &Call) -> Result<Self, Failure> {
        if let Some(content_type) = call.headers.get("content-type") {
            let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            if !essence.is_empty() && essence != "application/json" && !essence.ends_with("+json") {
                return Err(Failure::MediaType);
            }
        }
        if call.body.is_empty() {
            return Ok(Self(Map::new()));
        }
        let text = std::str::from_utf8(call.body).map_err(|_| Failure::invalid("body", "must be UTF-8"))?;
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Failure::invalid("body", "must be a JSON object")),
            Err(error) => Err(Failure::NotJson { line: error.line(), column: error.column() }),
        }
    }

    /// The parameters of the query, all of them texts.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where one comes twice.
    pub fn query(call: &Call) -> Result<Self, Failure> {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(call.query.as_bytes()) {
            if fields.insert(name.clone().into_owned(), value.into_owned().into()).is_some() {
                return Err(Failure::invalid(shown(&name), "must be given once"));
            }
        }
        Ok(Self(fields))
    }

    /// Whether a field is there and not yet taken.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a field that may be `null` as much as absent.
    #[must_use]
    pub fn nullable(&mut self, name: &str) -> &mut Self {
        if self.0.get(name).is_some_and(Value::is_null) {
            self.0.remove(name);
        }
        self
    }

    /// Takes a text, checked.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is not a text, or not such a one.
    pub fn text<T, E: AsRef<str>>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Failure> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => {
                parse(&text).map(Some).map_err(|problem| Failure::invalid(name, problem.as_ref()))
            }
            Some(_) => Err(Failure::invalid(name, "must be a string")),
        }
    }

    /// Takes a text of at most so many characters.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn short_text(&mut self, name: &str, max: usize) -> Result<Option<String>, Failure> {
        self.text(name, |text| {
            if text.chars().count() <= max {
                Ok(text.to_owned())
            } else {
                Err(format!("must be at most {max} characters"))
            }
        })
    }

    /// Takes a text that has to be there, checked.
    ///
    /// # Errors
    /// As [`Self::text`], and where it is not there.
    pub fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<T, Failure> {
        self.text(name, parse)?.ok_or_else(|| Failure::invalid(name, "is required"))
    }

    /// Takes a whole number; one in a query is a text.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is not a whole number, or out of range.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, Failure> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(value) => value
                .as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| range.contains(number))
                .map(Some)
                .ok_or_else(|| out_of_range(name, &range)),
        }
    }

    /// Takes a whole number from a query.
    ///
    /// # Errors
    /// As [`Self::integer`].
    pub fn digits(&mut self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, Failure> {
        match self.text(name, |text| Ok::<_, &str>(text.parse().ok()))? {
            None => Ok(None),
            Some(number) => {
                number.filter(|number| range.contains(number)).map(Some).ok_or_else(|| out_of_range(name, &range))
            }
        }
    }

    /// Takes a yes or no.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is neither.
    pub fn boolean(&mut self, name: &str) -> Result<Option<bool>, Failure> {
        match self.0.remove(name) {
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
        length: RangeInclusive<usize>,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<Vec<T>>, Failure> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Array(items)) if length.contains(&items.len()) => {
                let parse = |item: &Value| parse(item.as_str().ok_or("must be a list of strings")?);
                let items: Result<_, _> = items.iter().map(parse).collect();
                items.map(Some).map_err(|problem| Failure::invalid(name, problem))
            }
            Some(_) => {
                let (min, max) = (length.start(), length.end());
                Err(Failure::invalid(name, &format!("must be a list of {min} to {max} strings")))
            }
        }
    }

    /// Takes an object whose JSON is at most so many bytes long.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where it is no object, or longer.
    pub fn object(&mut self, name: &str, max: usize) -> Result<Option<Json>, Failure> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Object(object)) if serde_json::to_string(&object).is_ok_and(|text| text.len() <= max) => {
                Ok(Some(Json::of(object)))
            }
            Some(_) => Err(Failure::invalid(name, &format!("must be an object of at most {max} bytes of JSON"))),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where a field is left that the call does not know.
    pub fn finish(self) -> Result<(), Failure> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Failure::invalid(shown(name), "is not a field of this call")),
        }
    }
}

/// A field's name as a message may show it: one that does not look like a name might be a secret.
fn shown(name: &str) -> &str {
    let plain = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain { name } else { "body" }
}

fn out_of_range(name: &str, range: &RangeInclusive<u32>) -> Failure {
    let (min, max) = (range.start(), range.end());
    Failure::invalid(name, &format!("must be a whole number from {min} to {max}"))
}
