//! Parameters of queries and forms (`application/x-www-form-urlencoded`).
//!
//! ```
//! use hookswitch::dialects::parameters::split;
//!
//! let parameters = split(b"limit=10&status=valid");
//! assert_eq!(parameters[1], ("status".to_owned(), "valid".to_owned()));
//! ```

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::json::shown;
use crate::core::Rule;
use crate::operations::{ApiError, Violations};

/// Splits a query or form into names and values.
#[must_use]
pub fn split(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// Reads parameters as a request type. `place` is `query` or `body`. A parameter of the type that comes twice is rejected.
/// The type decides whether other parameters are rejected.
///
/// # Errors
/// [`ApiError::Invalid`] with the name of the parameter, if the name may be shown.
pub fn read<T: DeserializeOwned>(place: &str, parameters: Vec<(String, String)>) -> Result<T, ApiError> {
    deserialize(place, parameters)
}

/// The name of a parameter without the `[]` or `[0]` that some clients add for a list.
#[must_use]
pub fn without_index(name: &str) -> &str {
    let list = name.strip_suffix(']').and_then(|name| name.rsplit_once('['));
    list.filter(|(_, index)| index.bytes().all(|byte| byte.is_ascii_digit())).map_or(name, |(list, _)| list)
}

/// Reads parameters as a request type whose fields are lists: a parameter may come more than once, as `name`, `name[]` or
/// `name[0]`.
///
/// # Errors
/// As [`read`].
pub fn read_repeated<T: DeserializeOwned>(place: &str, parameters: Vec<(String, String)>) -> Result<T, ApiError> {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in parameters {
        lists.entry(without_index(&name).to_owned()).or_default().push(value);
    }
    deserialize(place, lists)
}

fn deserialize<T, V>(place: &str, parameters: impl IntoIterator<Item = (String, V)>) -> Result<T, ApiError>
where
    T: DeserializeOwned,
    V: for<'de> IntoDeserializer<'de, ParameterError>,
{
    T::deserialize(MapDeserializer::new(parameters.into_iter())).map_err(|error| {
        let (path, rule) = match &error {
            ParameterError::Unknown(name) => match shown(name) {
                Some(name) => (name, "is not a parameter of this call"),
                None => (place, "has a parameter that the call does not have"),
            },
            ParameterError::Repeated(name) => (*name, "must be given once"),
            ParameterError::Other => (place, "cannot be read"),
        };
        ApiError::Invalid(Violations::one(path, Rule::new(rule)))
    })
}

/// Why parameters cannot be read as a request type.
#[derive(Debug)]
enum ParameterError {
    /// The request type has no such parameter.
    Unknown(String),
    /// The parameter comes twice.
    Repeated(&'static str),
    /// Another error, which no request type of this crate causes.
    Other,
}

impl std::error::Error for ParameterError {}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the parameters cannot be read")
    }
}

impl serde::de::Error for ParameterError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown(name.to_owned())
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::Repeated(name)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::dialects::field::{Field, List};
    use crate::dialects::field_types::Digits;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[serde(default)]
        limit: Field<Digits<1, 100>>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Open {
        #[serde(default)]
        token: Field<String>,
        #[serde(default)]
        ids: Field<List<String, 1, 2>>,
    }

    fn strict(query: &str) -> Result<Strict, String> {
        read("query", split(query.as_bytes())).map_err(|error| error.to_string())
    }

    #[test]
    fn parameters_are_read_by_name() {
        assert_eq!(strict("limit=7").unwrap().limit, Field::Valid(Digits(7)));
        assert_eq!(strict("").unwrap().limit, Field::Absent);
        assert!(matches!(strict("limit=").unwrap().limit, Field::Invalid(_)));
    }

    #[test]
    fn unknown_and_repeated_parameters_are_rejected_and_odd_names_are_not_shown() {
        for (query, expected) in [
            ("verbose=1", "`verbose` is not a parameter of this call"),
            ("hct_0123=1", "`query` has a parameter that the call does not have"),
            ("limit=1&limit=2", "`limit` must be given once"),
        ] {
            assert_eq!(strict(query).unwrap_err(), expected, "{query}");
        }
    }

    #[test]
    fn unknown_parameters_of_an_open_type_are_ignored_even_if_repeated() {
        let open: Open = read("body", split(b"x=1&token=a+b%21&x=2")).unwrap();
        assert_eq!(open.token, Field::Valid("a b!".to_owned()));
    }

    #[test]
    fn repeated_parameters_are_read_as_a_list() {
        let open: Open = read_repeated("query", split(b"ids=a&x=1&ids=b")).unwrap();
        assert_eq!(open.ids, Field::Valid(List(vec!["a".to_owned(), "b".to_owned()])));
    }

    #[test]
    fn any_number_of_other_parameters_is_ignored() {
        let many: Vec<_> = (0..5_000).map(|index| format!("x{index}=1&x{index}=2&")).collect();
        let many = many.concat();
        let body = format!("{many}token=a&{many}");
        let open: Open = read("body", split(body.as_bytes())).unwrap();
        assert_eq!(open.token, Field::Valid("a".to_owned()));
        let open: Open = read_repeated("query", split(body.as_bytes())).unwrap();
        assert_eq!(open.ids, Field::Absent);
    }
}
