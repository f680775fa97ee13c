//! The documentation of a route.

use super::problem_types::ProblemType;

/// The documentation of a route: what its types do not show.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The id of the operation, which generated clients use as the name of a method.
    pub id: &'static str,
    /// The call in a few words.
    pub summary: &'static str,
    /// The call in a few sentences, in Markdown.
    pub description: &'static str,
    /// The group of calls.
    pub tag: Tag,
    /// The ways to authenticate, each of which is enough; empty if everybody may make the call.
    pub security: &'static [Security],
    /// The problems that the call can have, beyond those of its input and of every call.
    pub problems: &'static [&'static ProblemType],
}

/// A group of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The name of the group.
    pub name: &'static str,
    /// The group in a few sentences, in Markdown.
    pub description: &'static str,
}

/// A way to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security {
    /// The name of the security scheme; empty for a request that carries its credentials in the body or the query.
    pub name: &'static str,
    /// Where the credentials are.
    pub place: SecurityPlace,
    /// The credentials in a sentence.
    pub description: &'static str,
}

/// Where credentials are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityPlace {
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`.
    Basic,
    /// This header.
    Header(&'static str),
    /// Fields or parameters, which the request type describes.
    Parameters,
}

/// Credentials in the body or the query: the request type describes them.
pub const IN_PARAMETERS: Security = Security { name: "", place: SecurityPlace::Parameters, description: "" };

impl Operation {
    /// The documentation of a route that has none. A test finds such routes.
    pub const UNDOCUMENTED: Self = Self {
        id: "",
        summary: "",
        description: "",
        tag: Tag { name: "", description: "" },
        security: &[],
        problems: &[],
    };
}

impl Default for Operation {
    fn default() -> Self {
        Self::UNDOCUMENTED
    }
}
