//! The documentation of a route.

use super::problem_types::ProblemType;

/// The documentation of a route: what its types do not show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Operation {
    /// The id of the operation, which generated clients use as the name of a method.
    pub id: &'static str,
    /// The call in a few words.
    pub summary: &'static str,
    /// The call in a few sentences, in Markdown.
    pub description: &'static str,
    /// The group of calls.
    pub tag: &'static str,
    /// The ways to authenticate; the dialect's if `None`. Each is a list of names of security schemes.
    pub security: Option<&'static [&'static str]>,
    /// The problems that the call can have, beyond those of its input and of every call.
    pub problems: &'static [&'static ProblemType],
}

impl Operation {
    /// The documentation of a route that has none. A test finds such routes.
    #[must_use]
    pub fn undocumented() -> Self {
        Self::default()
    }
}
