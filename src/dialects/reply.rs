//! An answer, as dialects write it.

use super::html::Page;
use crate::core::Timestamp;
use crate::core::json::{Object, Value};

/// A time in a body: RFC 3339, in UTC.
impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Text(time.rfc3339())
    }
}

/// A list of texts in a body.
pub fn texts(texts: &mut dyn Iterator<Item = &str>) -> Value {
    let mut list = Vec::new();
    for text in texts {
        list.push(text.into());
    }
    Value::List(list)
}

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
    /// The page that the edge makes the body from, where it is one.
    pub page: Option<Box<Page>>,
}

impl Reply {
    /// An answer in JSON.
    #[must_use]
    pub fn json(status: u16, body: &Object) -> Self {
        Self::text(status, "application/json", body.text())
    }

    /// An answer whose body is written already.
    #[must_use]
    pub const fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type: Some(content_type), headers: Vec::new(), body, page: None }
    }

    /// An answer with a page, which is yet to be filled in.
    #[must_use]
    pub fn page(status: u16, page: Page) -> Self {
        Self { page: Some(Box::new(page)), ..Self::text(status, "text/html; charset=utf-8", String::new()) }
    }

    /// An answer without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: String::new(), page: None }
    }

    /// The same answer with a header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}
