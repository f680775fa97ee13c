//! Scopes: what an app may do, spelled as in RFC 6749 §3.3.
//!
//! ```
//! use hookswitch::core::Scope;
//!
//! let (asked, granted) = (Scope::parse("read").unwrap(), Scope::parse("read write").unwrap());
//! assert!(asked.is_within(Some(&granted)));
//! assert!(!granted.is_within(Some(&asked)));
//! ```

use serde::{Deserialize, Serialize};

use super::rule::Rule;

/// The longest list of scopes, in bytes.
const LENGTH_MAX: usize = 1_024;

/// A list of one or more scopes, separated by single spaces, without duplicates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Scope(String);

impl Scope {
    /// Parses a list of scopes. It is at most 1,024 bytes long.
    ///
    /// # Errors
    /// The [`Rule`] that the text breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        if text.len() <= LENGTH_MAX && text.split(' ').all(is_scope) {
            let mut scopes = Self(String::new());
            scopes.add(text);
            Ok(scopes)
        } else {
            Err(Rule::new("must be scopes separated by single spaces, 1024 characters at most (RFC 6749)"))
        }
    }

    /// Parses one scope of 1 to 128 characters.
    ///
    /// # Errors
    /// The [`Rule`] that the text breaks.
    pub fn parse_one(text: &str) -> Result<Self, Rule> {
        if text.len() <= 128 && is_scope(text) {
            Ok(Self(text.to_owned()))
        } else {
            let rule = "must be scopes of 1 to 128 visible ASCII characters without quotes and backslashes (RFC 6749)";
            Err(Rule::new(rule))
        }
    }

    /// Wraps a text that [`Self::as_str`] returned before.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The list as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Iterates over the scopes.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// Whether every scope of this list is in `granted`.
    #[must_use]
    pub fn is_within(&self, granted: Option<&Self>) -> bool {
        granted.is_some_and(|granted| self.words().all(|asked| granted.words().any(|word| word == asked)))
    }

    /// The scopes of both lists, each once.
    #[must_use]
    pub fn union(first: Option<Self>, second: Option<&Self>) -> Option<Self> {
        match (first, second) {
            (Some(mut all), Some(second)) => {
                all.add(&second.0);
                Some(all)
            }
            (first, second) => first.or_else(|| second.cloned()),
        }
    }

    /// Adds the scopes that the list does not contain yet.
    fn add(&mut self, scopes: &str) {
        for word in scopes.split(' ') {
            if self.0.is_empty() {
                self.0.push_str(word);
            } else if !self.words().any(|known| known == word) {
                self.0.push(' ');
                self.0.push_str(word);
            }
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        Self::parse(text)
    }
}

fn is_scope(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn scopes_are_compared_one_by_one() {
        assert!(scope("b a").is_within(Some(&scope("a b c"))));
        assert!(!scope("ab").is_within(Some(&scope("a b"))));
        assert!(!scope("a").is_within(None));
    }

    #[test]
    fn union_contains_each_scope_once() {
        let union = Scope::union(Some(scope("a b")), Some(&scope("b c")));
        assert_eq!(union, Some(scope("a b c")));
        assert_eq!(Scope::union(None, Some(&scope("a"))), Some(scope("a")));
        assert_eq!(Scope::union(Some(scope("a")), None), Some(scope("a")));
    }
}
