//! An answer, as dialects write it.

use serde::Serialize;

use super::Failure;

/// An answer, as dialects write it. The edge adds what every answer has: request id, cache and security headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What the body is; none, where there is no body.
    pub content_type: Option<&'static str>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// An answer in JSON.
    ///
    /// # Errors
    /// [`Failure::Internal`] where the value does not serialize, which none of ours does.
    pub fn json(status: u16, value: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_string(value).map_err(|_| Failure::Internal("an answer does not serialize"))?;
        Ok(Self::text(status, "application/json", body))
    }

    /// An answer whose body is written already.
    #[must_use]
    pub const fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type: Some(content_type), headers: Vec::new(), body }
    }

    /// The same answer with a header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}
