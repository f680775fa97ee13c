//! The rules that a request breaks, each with the path of its value.

use std::fmt;

use crate::core::Rule;

/// A rule that one value of a request breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the value, such as `upstream.expires_at`: the name of a field, parameter or header.
    pub path: String,
    /// The rule that the value breaks.
    pub rule: Rule,
}

/// All rules that a request breaks. It never contains a value of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// One broken rule.
    ///
    /// ```
    /// use hookswitch::{core::Rule, operations::violations::Violations};
    /// let violations = Violations::one("cursor", Rule::new("must be the next_cursor of an earlier answer"));
    /// assert_eq!(violations.to_string(), "`cursor` must be the next_cursor of an earlier answer");
    /// ```
    #[must_use]
    pub fn one(path: impl Into<String>, rule: Rule) -> Self {
        let mut violations = Self::default();
        violations.add(path, rule);
        violations
    }

    /// Adds a broken rule.
    pub fn add(&mut self, path: impl Into<String>, rule: Rule) {
        self.0.push(Violation { path: path.into(), rule });
    }

    /// Whether no rule is broken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the broken rules in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// The first broken rule.
    #[must_use]
    pub fn first(&self) -> Option<&Violation> {
        self.0.first()
    }

    /// Fails if a rule is broken.
    ///
    /// # Errors
    /// The violations themselves.
    pub fn check(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl<'v> IntoIterator for &'v Violations {
    type Item = &'v Violation;
    type IntoIter = std::slice::Iter<'v, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.path, self.rule)
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}
