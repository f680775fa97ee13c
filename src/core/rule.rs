//! The rule that an input value breaks.
//!
//! ```
//! use hookswitch::core::Rule;
//!
//! let rule = Rule::new("must be an https URL");
//! assert_eq!(format!("`url` {rule}."), "`url` must be an https URL.");
//! ```

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

/// The rule that an input value breaks: the end of a sentence whose subject is the field, such as
/// `must be 1 to 64 characters without control characters`.
///
/// A rule never contains the value: it may be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Rule(Cow<'static, str>);

impl Rule {
    /// Makes a rule from the end of a sentence.
    #[must_use]
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Types that every text is a value of, such as [`String`], have no rule to break.
impl From<Infallible> for Rule {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
