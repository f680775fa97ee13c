//! The parts of a request that a route reads.
//!
//! ```
//! use hookswitch::dialects::input::{BodyInput, Input};
//!
//! assert!(!Input::NOTHING.has_body());
//! assert!(Input { body: BodyInput::Json, ..Input::NOTHING }.has_body());
//! ```

/// The body that a route reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyInput {
    /// None: a body that is sent is ignored.
    None,
    /// A body of JSON.
    Json,
    /// A body in the form of a web page.
    Form,
    /// A form or JSON.
    FormOrJson,
}

/// The query that a route reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryInput {
    /// Parameters are ignored.
    Ignored,
    /// Parameters are rejected.
    Rejected,
    /// The route has parameters.
    Parameters,
}

/// The parts of a request that a route reads. The extractors of its handler declare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The body. The edge reads it exactly if this is not [`BodyInput::None`], whatever the method.
    pub body: BodyInput,
    /// The parameters of the query.
    pub query: QueryInput,
}

impl Input {
    /// Neither body nor query.
    pub const NOTHING: Self = Self { body: BodyInput::None, query: QueryInput::Ignored };

    /// The inputs of two extractors together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let body = if matches!(self.body, BodyInput::None) { other.body } else { self.body };
        let query = if matches!(self.query, QueryInput::Ignored) { other.query } else { self.query };
        Self { body, query }
    }

    /// Whether the route reads neither body nor query. The answer is the same for everybody then.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        matches!(self, Self::NOTHING)
    }

    /// Whether the route reads the body.
    #[must_use]
    pub const fn has_body(self) -> bool {
        !matches!(self.body, BodyInput::None)
    }
}
