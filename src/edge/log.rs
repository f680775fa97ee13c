//! The log: one line of JSON for each request.
//!
//! A line contains no secret: it has the template of the route instead of the path, and no query.

use serde::Serialize;

use crate::core::Actor;
use crate::operations::ApiError;

/// Which requests are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogLevel {
    /// Requests that failed in the Worker: status 500 or more.
    Errors,
    /// Those, and every request that can change something.
    Changes,
    /// Every request.
    All,
}

impl LogLevel {
    /// Reads the variable `LOG`. Any text that is not a level is `changes`.
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "errors" => Self::Errors,
            "all" => Self::All,
            _ => Self::Changes,
        }
    }

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
#[derive(Debug, Serialize)]
pub(super) struct LogLine {
    /// The id of the request, which the response has too.
    pub(super) request_id: String,
    /// Cloudflare's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    ray: Option<String>,
    /// The HTTP method.
    method: String,
    /// The dialect of the route.
    pub(super) dialect: Option<&'static str>,
    /// The template of the route.
    pub(super) route: Option<&'static str>,
    /// The actor that made the request.
    pub(super) principal: Option<Actor>,
    /// The cause of an error, if the response does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// Whether the request changes nothing.
    #[serde(skip)]
    pub(super) is_read: bool,
    #[serde(skip)]
    started: i64,
}

/// A log line with what is known at the end of the request.
#[derive(Serialize)]
struct Finished<'l> {
    level: &'static str,
    message: &'static str,
    #[serde(flatten)]
    line: &'l LogLine,
    status: u16,
    /// The duration of the request. The clock stands still while the Worker computes.
    milliseconds: i64,
}

impl LogLine {
    /// The line of a request that starts now. `started` is in milliseconds since the epoch.
    pub(super) fn start(request_id: String, method: &str, ray: Option<String>, started: i64) -> Self {
        let method = method.to_owned();
        Self {
            request_id,
            ray,
            method,
            dialect: None,
            route: None,
            principal: None,
            error: None,
            is_read: true,
            started,
        }
    }

    /// Records why the request failed, if the response does not show the cause.
    pub(super) const fn failed(&mut self, error: &ApiError) {
        self.error = error.log_cause();
    }

    /// The level and the text of the finished line.
    pub(super) fn finish(&self, status: u16, now: i64) -> String {
        let level = if status >= 500 { "error" } else { "info" };
        let milliseconds = now.saturating_sub(self.started).max(0);
        let finished = Finished { level, message: "request", line: self, status, milliseconds };
        serde_json::to_string(&finished).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_selects_requests() {
        let included = |level: LogLevel| {
            [(200, true), (200, false), (404, false), (503, true)]
                .map(|(status, is_read)| level.includes(status, is_read))
        };
        assert_eq!(included(LogLevel::Errors), [false, false, false, true]);
        assert_eq!(included(LogLevel::Changes), [false, true, true, true]);
        assert_eq!(included(LogLevel::All), [true, true, true, true]);
    }

    #[test]
    fn log_line_format_unchanged() {
        let mut line = LogLine::start("3f0c".to_owned(), "POST", Some("8a1b-CDG".to_owned()), 1_000);
        line.route = Some("/v1/tokens");
        line.failed(&ApiError::Internal("a cause"));
        assert_eq!(
            line.finish(500, 1_012),
            r#"{"level":"error","message":"request","request_id":"3f0c","ray":"8a1b-CDG","method":"POST","dialect":null,"route":"/v1/tokens","principal":null,"error":"a cause","status":500,"milliseconds":12}"#
        );
    }
}
