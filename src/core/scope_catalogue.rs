//! The scopes of a deployment in words, for the people who grant them.
//!
//! ```
//! use hookswitch::core::ScopeCatalogue;
//!
//! let scopes = ScopeCatalogue::parse(r#"{"read": "Read your calendar"}"#).unwrap();
//! assert_eq!(scopes.get("read"), Some("Read your calendar"));
//! assert_eq!(scopes.scope().unwrap().as_str(), "read");
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::app::SCOPES_MAX;
use super::rule::Rule;
use super::scope::Scope;

/// The longest description of a scope, in characters.
const LENGTH_MAX: usize = 256;

/// The descriptions of scopes, by scope. An empty description counts as none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeCatalogue(BTreeMap<String, String>);

impl ScopeCatalogue {
    /// Checks descriptions: at most [`SCOPES_MAX`], each at most 256 characters without control characters.
    ///
    /// # Errors
    /// The [`Rule`] that they break.
    pub fn of(descriptions: BTreeMap<String, String>) -> Result<Self, Rule> {
        let is_plain = |text: &str| text.chars().count() <= LENGTH_MAX && !text.chars().any(char::is_control);
        if descriptions.len() > SCOPES_MAX || !descriptions.values().all(|text| is_plain(text)) {
            let rule = "must have at most 64 descriptions of at most 256 characters without control characters";
            return Err(Rule::new(rule));
        }
        descriptions.keys().try_for_each(|scope| Scope::parse_one(scope).map(drop))?;
        Ok(Self(descriptions))
    }

    /// Reads an object of JSON with a text for each scope.
    ///
    /// # Errors
    /// The [`Rule`] that the text breaks.
    pub fn parse(json: &str) -> Result<Self, Rule> {
        let descriptions = serde_json::from_str(json);
        Self::of(descriptions.map_err(|_| Rule::new("must be a JSON object with a text for each scope"))?)
    }

    /// The description of a scope.
    #[must_use]
    pub fn get(&self, scope: &str) -> Option<&str> {
        self.0.get(scope).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Whether there are no scopes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, in their order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The scopes as a list; `None` if there are none.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        let all = self.scopes().filter_map(|scope| Scope::parse_one(scope).ok());
        all.fold(None, |all, scope| Scope::union(all, Some(&scope)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_texts_of_scopes() {
        assert_eq!(ScopeCatalogue::parse("{}"), Ok(ScopeCatalogue::default()));
        let scopes = ScopeCatalogue::parse(r#"{"b:write": "Write", "a": ""}"#).unwrap();
        assert_eq!((scopes.get("a"), scopes.get("b:write"), scopes.get("c")), (None, Some("Write"), None));
        assert_eq!(scopes.scope().unwrap().as_str(), "a b:write");
        let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(257));
        for json in ["", "[]", r#"{"a": 1}"#, r#"{"a b": "x"}"#, r#"{"": "x"}"#, r#"{"a": "\n"}"#, long.as_str()] {
            assert!(ScopeCatalogue::parse(json).is_err(), "{json}");
        }
    }
}
