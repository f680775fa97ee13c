//! The fields of a body or a query, taken one by one.
//!
//! Each is checked as it is taken; the first thing that is wrong is remembered and told in the end, and so is what was
//! not taken. So whoever takes fields may stop with `?` where one is missing: why is remembered here. No message repeats
//! a value: it may be a secret that was put in the wrong place.

use super::{Call, Failure};
use crate::core::json::{Json, Object, Value};

/// The fields of a request.
#[derive(Debug)]
pub struct Fields {
    /// What stands before their names: of which field they are the fields.
    within: String,
    members: Object,
    /// Whether fields that nobody takes are left alone.
    open: bool,
    /// The first thing that is wrong.
    failure: Option<Failure>,
}

impl Fields {
    fn of(members: Object) -> Self {
        Self { within: String::new(), members, open: false, failure: None }
    }

    /// No fields.
    #[must_use]
    pub fn none() -> Self {
        Self::of(Object::new())
    }

    /// The same fields, where those that nobody takes are left alone.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// The fields of a JSON body.
    ///
    /// # Errors
    /// [`Failure::MediaType`], [`Failure::NotJson`], or [`Failure::Invalid`] where it is not an object.
    pub fn json(call: &Call) -> Result<Self, Failure> {
        if media_type(call).is_some_and(|essence| essence != "application/json" && !essence.ends_with("+json")) {
            return Err(Failure::MediaType);
        }
        if call.body.is_empty() {
            return Ok(Self::none());
        }
        let text = std::str::from_utf8(call.body).map_err(|_| Failure::invalid("body", "must be UTF-8"))?;
        match Value::parse(text) {
            Ok(Value::Object(fields)) => Ok(Self::of(fields)),
            Ok(_) => Err(Failure::invalid("body", "must be a JSON object")),
            Err((line, column)) => Err(Failure::NotJson { line, column }),
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
    /// [`Failure::Invalid`] where one comes twice, or there are more than any call has.
    pub fn query(call: &Call) -> Result<Self, Failure> {
        few("query", call.query.as_bytes())?;
        let mut fields = Object::new();
        for (name, value) in pairs(call.query.as_bytes()) {
            put_once(&mut fields, &name, value)?;
        }
        Ok(Self::of(fields))
    }

    /// The values of the query by their names, each a list: they may come more than once. What is empty is not there.
    #[must_use]
    pub fn values(call: &Call) -> Self {
        let mut fields = Object::new();
        for (name, value) in filled(call.query.as_bytes()) {
            let mut values = match fields.take(&name) {
                Some(Value::List(values)) => values,
                _ => Vec::new(),
            };
            values.push(Value::Text(value));
            fields.put(&name, Value::List(values));
        }
        Self::of(fields)
    }

    /// Whether a field is there and not yet taken.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some()
    }

    /// Remembers what is wrong with a field, if it is the first thing that is wrong.
    pub fn fail(&mut self, name: &str, problem: &str) {
        if self.failure.is_none() {
            self.failure = Some(Failure::invalid(&[&self.within, name].concat(), problem));
        }
    }

    /// Refuses the request, whatever else is wrong with it.
    pub fn refuse<T>(&mut self, failure: impl Into<Failure>) -> Option<T> {
        self.failure = Some(failure.into());
        None
    }

    /// A parameter of the path, checked.
    pub fn parameter<T>(&mut self, call: &Call, name: &str, parse: fn(&str) -> Result<T, &'static str>) -> Option<T> {
        parse(call.segment(name)).map_err(|problem| self.fail(name, problem)).ok()
    }

    /// Takes a field that may be `null` as much as absent.
    #[must_use]
    pub fn nullable(&mut self, name: &str) -> &mut Self {
        if self.members.get(name) == Some(&Value::Null) {
            self.members.take(name);
        }
        self
    }

    /// Takes any text.
    pub fn string(&mut self, name: &str) -> Option<String> {
        if let Value::Text(text) = self.members.take(name)? {
            return Some(text);
        }
        self.fail(name, "must be a string");
        None
    }

    /// Takes a text, checked.
    pub fn text<T>(&mut self, name: &str, parse: fn(&str) -> Result<T, &'static str>) -> Option<T> {
        let text = self.string(name)?;
        parse(&text).map_err(|problem| self.fail(name, problem)).ok()
    }

    /// Takes one of some words.
    pub fn word<T>(&mut self, name: &str, parse: fn(&str) -> Option<T>, choices: &str) -> Option<T> {
        let word = parse(&self.string(name)?);
        if word.is_none() {
            self.fail(name, choices);
        }
        word
    }

    /// Takes a text that has to be there, checked.
    pub fn required<T>(&mut self, name: &str, parse: fn(&str) -> Result<T, &'static str>) -> Option<T> {
        self.require(name).text(name, parse)
    }

    /// Takes any text, which has to be there.
    pub fn required_text(&mut self, name: &str) -> Option<String> {
        self.require(name).string(name)
    }

    /// Says that a field has to be there.
    pub fn require(&mut self, name: &str) -> &mut Self {
        if !self.has(name) {
            self.fail(name, "is required");
        }
        self
    }

    /// Takes a text of at most so many characters, none of them a control character.
    pub fn short_text(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.string(name)?;
        if text.chars().nth(max).is_none() && !text.chars().any(char::is_control) {
            return Some(text);
        }
        self.fail(name, &format!("must be at most {max} characters, none of them a control"));
        None
    }

    /// Takes a whole number.
    pub fn integer(&mut self, name: &str, min: u32, max: u32) -> Option<u32> {
        let number = match self.members.take(name)? {
            Value::Number(number) => whole(&number),
            _ => None,
        };
        self.in_range(name, number, min, max)
    }

    /// Takes a whole number from a query, where it is a text.
    pub fn digits(&mut self, name: &str, min: u32, max: u32) -> Option<u32> {
        let text = self.string(name)?;
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        self.in_range(name, text.parse().ok().filter(|_| plain), min, max)
    }

    fn in_range(&mut self, name: &str, number: Option<u64>, min: u32, max: u32) -> Option<u32> {
        let number = number.and_then(|number| u32::try_from(number).ok());
        if number.is_none_or(|number| !(min..=max).contains(&number)) {
            self.fail(name, &format!("must be a whole number from {min} to {max}"));
        }
        number
    }

    /// Takes a yes or no.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        if let Value::Bool(value) = self.members.take(name)? {
            return Some(value);
        }
        self.fail(name, "must be true or false");
        None
    }

    /// Takes a list of texts, each checked; empty, where it is not there.
    pub fn list<T>(
        &mut self,
        name: &str,
        min: usize,
        max: usize,
        parse: fn(&str) -> Result<T, &'static str>,
    ) -> Vec<T> {
        let items = self.strings(name, min, max).unwrap_or_default();
        self.each(name, &items, parse)
    }

    /// Checks each of some texts that a field has.
    pub fn each<T>(&mut self, name: &str, items: &[String], parse: fn(&str) -> Result<T, &'static str>) -> Vec<T> {
        let mut list = Vec::new();
        for item in items {
            match parse(item) {
                Ok(item) => list.push(item),
                Err(problem) => self.fail(name, problem),
            }
        }
        list
    }

    /// Takes a list of texts.
    pub fn strings(&mut self, name: &str, min: usize, max: usize) -> Option<Vec<String>> {
        let mut strings = Vec::new();
        let fits = match self.members.take(name)? {
            Value::List(items) if (min..=max).contains(&items.len()) => items.into_iter().all(|item| {
                let Value::Text(text) = item else {
                    return false;
                };
                strings.push(text);
                true
            }),
            _ => false,
        };
        if !fits {
            self.fail(name, &format!("must be a list of {min} to {max} strings"));
        }
        Some(strings)
    }

    /// Takes a list of whole numbers; empty, where it is not there.
    pub fn integers(&mut self, name: &str, longest: usize, min: u32, max: u32) -> Vec<u32> {
        let number = |item: Value| match item {
            Value::Number(number) => whole(&number).and_then(|number| u32::try_from(number).ok()),
            _ => None,
        };
        let numbers = match self.members.take(name) {
            None => return Vec::new(),
            Some(Value::List(items)) => items.into_iter().map(number).collect(),
            Some(_) => None,
        };
        let fits = |list: &Vec<u32>| list.len() <= longest && list.iter().all(|number| (min..=max).contains(number));
        numbers.filter(fits).unwrap_or_else(|| {
            self.fail(name, &format!("must be a list of at most {longest} whole numbers from {min} to {max}"));
            Vec::new()
        })
    }

    /// Takes an object, to take its fields one by one. What is wrong with one is told by both names: `a.b`.
    pub fn inner(&mut self, name: &str) -> Option<Self> {
        if let Value::Object(fields) = self.members.take(name)? {
            return Some(Self { within: [&self.within, name, "."].concat(), ..Self::of(fields) });
        }
        self.fail(name, "must be an object");
        None
    }

    /// Goes on with the fields of an inner object, where there is nothing wrong with these and none of them is left.
    pub fn go_on(&mut self, inner: Self) -> Option<()> {
        self.finish()?;
        *self = inner;
        Some(())
    }

    /// Takes an object whose JSON is at most so many bytes long.
    pub fn object(&mut self, name: &str, max: usize) -> Option<Json> {
        if let Value::Object(object) = self.members.take(name)? {
            let json = Json::from(object);
            if json.as_str().len() <= max {
                return Some(json);
            }
        }
        self.fail(name, &format!("must be an object of at most {max} bytes of JSON"));
        None
    }

    /// Whether all that was taken so far was as it has to be.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&mut self) -> Result<(), Failure> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Ends the reading: a field that is left is one that the call does not know. Something, where nothing is wrong.
    pub fn finish(&mut self) -> Option<()> {
        if let (Some(left), false, None) = (self.members.any_name(), self.open, &self.failure) {
            self.failure = Some(match (shown(left), self.within.strip_suffix('.')) {
                (None, Some(whole)) => Failure::invalid(whole, "has a field that the call does not know"),
                (name, _) => {
                    let field = [&self.within, name.unwrap_or("body")].concat();
                    Failure::invalid(&field, "is not a field of this call")
                }
            });
        }
        self.failure.is_none().then_some(())
    }
}

/// The most parameters of a form.
const PARAMETERS_MAX: usize = 64;
const FORM: &str = "application/x-www-form-urlencoded";

/// The body's media type, in small letters, if it has one.
fn media_type(call: &Call) -> Option<String> {
    let content_type = call.headers.get("content-type")?;
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!essence.is_empty()).then_some(essence)
}

fn parameters(body: &[u8]) -> Result<Fields, Failure> {
    let mut fields = Object::new();
    few("body", body)?;
    for (name, value) in filled(body) {
        put_once(&mut fields, &name, value)
            .map_err(|_| Failure::invalid("body", &format!("has {} more than once", shown(&name).unwrap_or("body"))))?;
    }
    Ok(Fields::of(fields))
}

/// Names and values, as they are encoded in a query or a form.
fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// Those of them that have a value.
fn filled(encoded: &[u8]) -> Vec<(String, String)> {
    let mut pairs = pairs(encoded);
    pairs.retain(|(_, value)| !value.is_empty());
    pairs
}

/// Refuses more parameters than any call has.
fn few(place: &str, parameters: &[u8]) -> Result<(), Failure> {
    match parameters.split(|&byte| byte == b'&').nth(PARAMETERS_MAX) {
        Some(_) => Err(Failure::invalid(place, &format!("must have at most {PARAMETERS_MAX} parameters"))),
        None => Ok(()),
    }
}

fn put_once(fields: &mut Object, name: &str, value: String) -> Result<(), Failure> {
    if fields.get(name).is_some() {
        return Err(Failure::invalid(shown(name).unwrap_or("body"), "must be given once"));
    }
    fields.put(name, value.into());
    Ok(())
}

/// The whole number that a JSON number is; `60.0` is one too, to JSON as to JSON Schema.
fn whole(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit == b'0'))
}

/// A field's name, if a message may show it: one that does not look like a name might be a secret.
fn shown(name: &str) -> Option<&str> {
    let plain = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    plain.then_some(name)
}
