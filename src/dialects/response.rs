//! Responses, as dialects write them.
//!
//! ```
//! use hookswitch::dialects::response::HttpResponse;
//!
//! let response = HttpResponse::json(200, &serde_json::json!({ "status": "ok" })).with("etag", "\"1\"");
//! assert_eq!((response.status, response.header("etag")), (200, Some("\"1\"")));
//! ```

use serde::Serialize;

use super::html::PageTemplate;
use crate::core::Ticket;
use crate::core::params::Cursor;
use crate::directory::list::EventFilter;

/// A response, as a dialect writes it.
///
/// The edge adds the headers that every response has: request id, caching and security.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// The media type of the body; `None` if the response has no body.
    pub content_type: Option<&'static str>,
    /// Further headers, with names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty if there is none.
    pub body: String,
    /// The page that the edge makes the body from.
    pub page: Option<Box<PageTemplate>>,
    /// The status ticket for which the edge opens a WebSocket instead of sending everything above.
    pub subscription: Option<Ticket>,
    /// The events that the edge sends after the body, line by line.
    pub export: Option<Box<EventExport>>,
}

/// The rest of an export of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventExport {
    /// The events to export.
    pub filter: EventFilter,
    /// The place after which the rest begins.
    pub after: Cursor,
}

impl HttpResponse {
    /// A response with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // Serialization fails only for maps whose keys are not texts, and no body has one.
        Self::text(status, "application/json", serde_json::to_string(body).unwrap_or_default())
    }

    /// A response whose body is a text.
    #[must_use]
    pub const fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type: Some(content_type),
            headers: Vec::new(),
            body,
            page: None,
            subscription: None,
            export: None,
        }
    }

    /// A response with a page. The edge fills the page in.
    #[must_use]
    pub fn page(status: u16, page: PageTemplate) -> Self {
        Self { page: Some(Box::new(page)), ..Self::text(status, "text/html; charset=utf-8", String::new()) }
    }

    /// A response without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            headers: Vec::new(),
            body: String::new(),
            page: None,
            subscription: None,
            export: None,
        }
    }

    /// A WebSocket that sends what the ticket shows after every change.
    #[must_use]
    pub fn subscription(ticket: Ticket) -> Self {
        Self { subscription: Some(ticket), ..Self::empty(101) }
    }

    /// The same response with one more header. The name is in lower case.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a header, for tests and for layers around dialects.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }
}
