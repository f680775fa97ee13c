//! What an app may do: scopes, as RFC 6749 §3.3 spells them.

use super::ids::BadId;
use super::pack::packed;

/// The longest list of scopes, in bytes.
const LENGTH_MAX: usize = 1_024;

/// One scope or more, separated by single spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

packed!(struct Scope(a));

impl Scope {
    /// Reads a list of scopes.
    ///
    /// # Errors
    /// What such a list has to be.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        if text.len() <= LENGTH_MAX && text.split(' ').all(is_scope) {
            let mut scopes = Self(String::new());
            scopes.add(text);
            Ok(scopes)
        } else {
            Err("must be scopes separated by single spaces, 1024 characters at most (RFC 6749)")
        }
    }

    /// Reads one scope.
    ///
    /// # Errors
    /// What a scope has to be.
    pub fn parse_one(text: &str) -> Result<Self, BadId> {
        if text.len() <= 128 && is_scope(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be scopes of 1 to 128 visible ASCII characters without quotes and backslashes (RFC 6749)")
        }
    }

    /// What storage holds: the text that [`Self::as_str`] gave.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The list as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The scopes, one by one.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// Whether each of these was granted.
    #[must_use]
    pub fn is_within(&self, granted: Option<&Self>) -> bool {
        granted.is_some_and(|granted| self.words().all(|asked| granted.words().any(|word| word == asked)))
    }

    /// These and those, each once.
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

    /// Adds those of these that are not there yet, each once.
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

fn is_scope(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap_or_else(|_| Scope(String::new()))
    }

    #[test]
    fn scopes_are_compared_word_by_word() {
        assert!(scope("b a").is_within(Some(&scope("a b c"))));
        assert!(!scope("ab").is_within(Some(&scope("a b"))));
        assert!(!scope("a").is_within(None));
    }

    #[test]
    fn a_union_has_each_scope_once() {
        let union = Scope::union(Some(scope("a b")), Some(&scope("b c")));
        assert_eq!(union, Some(scope("a b c")));
        assert_eq!(Scope::union(None, Some(&scope("a"))), Some(scope("a")));
        assert_eq!(Scope::union(Some(scope("a")), None), Some(scope("a")));
    }
}
