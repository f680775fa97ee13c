//! The log: one line of JSON for each request.
//!
//! A line contains no secret: it has the template of the route instead of the path, and no query.

use serde::Serialize;

use crate::core::Actor;
use crate::core::string_enum::string_enum;
use crate::operations::ApiError;

string_enum! {
    /// Which requests are logged.
    #[derive(Default)]
    pub enum LogLevel {
        /// Requests that failed in the Worker: status 500 or more.
        Errors = "errors",
        /// Those, and every request that can change something.
        #[default]
        Changes = "changes",
        /// Every request.
        All = "all",
    }
}

impl LogLevel {
    /// Whether a request is logged.
    pub(super) const fn includes(self, status: u16, is_read: bool) -> bool {
        match self {
            Self::All => true,
            Self::Changes => status >= 500 || !is_read,
            Self::Errors => status >= 500,
        }
    }
}

/// The log line of a request.
#[derive(Debug, Default, Serialize)]
pub(super) struct LogLine {
    /// `info` or `error`.
    pub(super) level: &'static str,
    /// Always `request`.
    pub(super) message: &'static str,
    /// The id of the request, which the response has too.
    pub(super) request_id: String,
    /// Cloudflare's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ray: Option<String>,
    /// The HTTP method.
    pub(super) method: String,
    /// The dialect of the route.
    pub(super) dialect: Option<&'static str>,
    /// The template of the route.
    pub(super) route: Option<&'static str>,
    /// Who made the request.
    pub(super) principal: Option<Actor>,
    /// The status of the response.
    pub(super) status: u16,
    /// The cause of an internal error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'static str>,
    /// The duration of the request, on a clock that stands still while the Worker computes.
    pub(super) milliseconds: i64,
}

impl LogLine {
    /// Records why the request failed, if the cause is not in the response.
    pub(super) const fn failed(&mut self, error: &ApiError) {
        if let ApiError::Internal(cause) = error {
            self.error = Some(*cause);
        }
    }

    /// The line as text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_selects_requests() {
        let included = |level: LogLevel| [(200, true), (200, false), (404, false), (503, true)].map(|(status, is_read)| level.includes(status, is_read));
        assert_eq!(included(LogLevel::Errors), [false, false, false, true]);
        assert_eq!(included(LogLevel::Changes), [false, true, true, true]);
        assert_eq!(included(LogLevel::All), [true, true, true, true]);
    }

    #[test]
    fn log_line_format_unchanged() {
        let line = LogLine { level: "info", message: "request", status: 200, ..LogLine::default() };
        assert_eq!(
            line.text(),
            r#"{"level":"info","message":"request","request_id":"","method":"","dialect":null,"route":null,"principal":null,"status":200,"milliseconds":0}"#
        );
    }
}
