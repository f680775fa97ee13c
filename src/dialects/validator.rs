//! Validation: takes the fields of a request and collects every rule that is broken.

use super::field::Field;
use super::request::HttpRequest;
use crate::core::Rule;
use crate::operations::Violations;

/// A request type that can be validated.
///
/// ```
/// use hookswitch::core::UserId;
/// use hookswitch::dialects::field::Field;
/// use hookswitch::dialects::validator::{Validate, Validator};
///
/// struct Greeting {
///     user_id: Field<UserId>,
///     text: Field<String>,
/// }
///
/// impl Validate for Greeting {
///     type Valid = (UserId, Option<String>);
///
///     fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
///         let user_id = check.required("user_id", self.user_id);
///         let text = check.optional("text", self.text);
///         Some((user_id?, text))
///     }
/// }
/// ```
pub trait Validate {
    /// The request after every rule was checked.
    type Valid;

    /// Checks every rule. The result counts only if the validator found no violation.
    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid>;
}

/// Collects the rules that a request breaks.
pub struct Validator<'a> {
    request: &'a HttpRequest<'a>,
    /// The path of the object whose fields are checked; empty, or with a `.` at its end.
    within: String,
    violations: Violations,
}

impl<'a> Validator<'a> {
    /// A validator for the fields of a request.
    #[must_use]
    pub fn new(request: &'a HttpRequest<'a>) -> Self {
        Self { request, within: String::new(), violations: Violations::default() }
    }

    /// The request whose fields are checked.
    #[must_use]
    pub const fn request(&self) -> &'a HttpRequest<'a> {
        self.request
    }

    /// Takes a field that the request must have.
    pub fn required<T>(&mut self, name: &str, field: Field<T>) -> Option<T> {
        if matches!(field, Field::Absent) {
            self.fail(name, "is required");
        }
        self.optional(name, field)
    }

    /// Takes a field that may be absent.
    pub fn optional<T>(&mut self, name: &str, field: Field<T>) -> Option<T> {
        match field {
            Field::Absent => None,
            Field::Valid(value) => Some(value),
            Field::Invalid(rule) => {
                self.add(name, rule);
                None
            }
        }
    }

    /// Checks a value that was parsed elsewhere.
    pub fn parsed<T>(&mut self, name: &str, value: Result<T, Rule>) -> Option<T> {
        value.map_err(|rule| self.add(name, rule)).ok()
    }

    /// Records that a field breaks a rule.
    pub fn fail(&mut self, name: &str, rule: &'static str) {
        self.add(name, Rule::new(rule));
    }

    /// Records that a field breaks a rule. The first rule of a field is kept.
    pub fn add(&mut self, name: &str, rule: Rule) {
        let path = format!("{}{name}", self.within);
        if !self.violations.iter().any(|violation| violation.path == path) {
            self.violations.add(path, rule);
        }
    }

    /// Validates an object in a field.
    pub fn nested<T: Validate>(&mut self, name: &str, object: T) -> Option<T::Valid> {
        let outer = self.within.clone();
        self.within.push_str(name);
        self.within.push('.');
        let valid = object.validate(self);
        self.within = outer;
        valid
    }

    /// Whether a rule was broken.
    #[must_use]
    pub const fn has_violations(&self) -> bool {
        !self.violations.is_empty()
    }

    /// The rules that were broken.
    #[must_use]
    pub fn into_violations(self) -> Violations {
        self.violations
    }
}
