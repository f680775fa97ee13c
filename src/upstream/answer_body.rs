//! The body of a provider's answer: whether it reports a failure, and which.
//!
//! Providers report failures in many shapes, also in answers of the status 200: a code or an object in `error`, a list in
//! `errors`, `"ok": false`, a status of its own. A body is read with suspicion: what may be a failure counts as one.

use serde_json::Value;

use crate::core::provider::AnswerValue;

/// Members that report a failure if they are present.
const FAILURES: [&str; 9] = [
    "error",
    "errors",
    "errorcode",
    "errordescription",
    "errormessage",
    "errortype",
    "errorsummary",
    "exception",
    "fault",
];
/// Members that report a success with `true`, and a failure with everything else.
const SUCCESSES: [&str; 6] = ["ok", "success", "succeeded", "successful", "issuccess", "revoked"];
/// Members with a status: a number of HTTP, or a word.
const STATUSES: [&str; 8] =
    ["status", "statuscode", "code", "httpstatus", "httpstatuscode", "result", "type", "object"];
/// Words that report that the revocation did not happen.
const FAILURE_WORDS: [&str; 14] = [
    "error",
    "errors",
    "fail",
    "failed",
    "failure",
    "ko",
    "nok",
    "denied",
    "rejected",
    "invalid",
    "unauthorized",
    "forbidden",
    "pending",
    "notrevoked",
];
/// The JSON pointers at which a body may have its error code.
const CODES: [&str; 16] = [
    "/error",
    "/error/code",
    "/error/type",
    "/error/status",
    "/error/error",
    "/error/.tag",
    "/error/errors/0/reason",
    "/errors/0",
    "/errors/0/code",
    "/errors/0/errorType",
    "/errors/0/type",
    "/code",
    "/error_code",
    "/errorCode",
    "/status",
    "/statusCode",
];
/// Codes of failures that pass, without the characters that are no letters or digits.
const PASSING: [&str; 24] = [
    "temporarilyunavailable",
    "servererror",
    "fatalerror",
    "serviceunavailable",
    "internalerror",
    "internalservererror",
    "unavailable",
    "backenderror",
    "badgateway",
    "gatewaytimeout",
    "timeout",
    "requesttimeout",
    "overloaded",
    "slowdown",
    "tryagain",
    "tryagainlater",
    "ratelimited",
    "ratelimit",
    "ratelimitexceeded",
    "userratelimitexceeded",
    "toomanyrequests",
    "resourceexhausted",
    "databaseerror",
    "unknownerror",
];
/// The longest error code of a provider that is stored, in bytes.
const CODE_MAX: usize = 64;

/// A body, as far as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum AnswerBody {
    /// There is none.
    Empty,
    /// The body is valid JSON.
    Json(Value),
    /// JSON that is broken, or longer than what was read.
    Broken,
    /// Any other text.
    Text,
}

impl AnswerBody {
    pub(super) fn parse(body: &str) -> Self {
        let body = body.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str(body) {
            Ok(json) => Self::Json(json),
            Err(_) if body.is_empty() => Self::Empty,
            Err(_) if body.starts_with(['{', '[', '"']) => Self::Broken,
            Err(_) => Self::Text,
        }
    }

    /// Whether the body has this value at a JSON pointer.
    pub(super) fn has(&self, pointer: &str, expected: &AnswerValue) -> bool {
        let Self::Json(json) = self else {
            return false;
        };
        json.pointer(pointer).is_some_and(|value| match expected {
            AnswerValue::Flag(flag) => value.as_bool() == Some(*flag),
            AnswerValue::Number(number) => value.as_i64() == Some(*number),
            AnswerValue::Text(text) => value.as_str() == Some(text),
        })
    }

    /// Whether a member of the body reports a failure. Members that `is_expected` names are left out.
    pub(super) fn reports_failure(&self, is_expected: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Empty | Self::Text | Self::Json(Value::Null) => false,
            Self::Json(Value::Object(members)) => {
                members.iter().any(|(name, value)| !is_expected(name) && is_failure(&plain(name), value))
            }
            Self::Broken | Self::Json(_) => true,
        }
    }

    /// The text in `error`, the code of a failure by RFC 6749.
    pub(super) fn error(&self) -> Option<&str> {
        match self {
            Self::Json(json) => json.get("error").and_then(Value::as_str),
            _ => None,
        }
    }

    /// Whether a code of the body is one of a failure that passes.
    pub(super) fn is_passing(&self) -> bool {
        self.codes().any(|code| match code.as_u64() {
            Some(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            None => code.as_str().is_some_and(|code| PASSING.contains(&plain(code).as_str())),
        })
    }

    /// The code of the failure, to show to operators beside the status. Any other text could contain the credential.
    pub(super) fn code(&self, status: u16) -> Option<String> {
        let is_code = |code: &str| {
            let is_plain = code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            (1..=CODE_MAX).contains(&code.len()) && is_plain
        };
        self.codes().find_map(|code| match code {
            Value::Number(number) => {
                let number = number.as_u64().filter(|number| *number < 1_000_000 && *number != u64::from(status));
                number.map(|number| number.to_string())
            }
            Value::String(code) => is_code(code).then(|| code.clone()),
            _ => None,
        })
    }

    fn codes(&self) -> impl Iterator<Item = &Value> {
        let json = match self {
            Self::Json(json) => Some(json),
            _ => None,
        };
        json.into_iter().flat_map(|json| CODES.iter().filter_map(|pointer| json.pointer(pointer)))
    }
}

/// Whether a member reports a failure. The name has lower-case letters and digits only.
fn is_failure(name: &str, value: &Value) -> bool {
    if value.is_null() {
        return false;
    }
    if FAILURES.contains(&name) {
        return !value.as_array().is_some_and(Vec::is_empty);
    }
    if SUCCESSES.contains(&name) {
        return value.as_bool() != Some(true) && !value.as_str().is_some_and(|word| word.eq_ignore_ascii_case("true"));
    }
    STATUSES.contains(&name)
        && match value {
            Value::Number(number) => number.as_u64().is_none_or(|status| status >= 300),
            Value::String(word) => {
                FAILURE_WORDS.contains(&plain(word).as_str()) || word.parse().is_ok_and(|status: u32| status >= 300)
            }
            Value::Bool(is_good) => !is_good,
            _ => false,
        }
}

/// A name or code in lower case, without the characters that are no letters or digits.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_found_in_every_shape() {
        for body in [
            r#"{"error":"x"}"#,
            r#"{"error":""}"#,
            r#"{"error":{"code":401}}"#,
            r#"{"error":401}"#,
            r#"{"error":true}"#,
            r#"{"error":false}"#,
            r#"{"error":[]  ,"errors":[{}]}"#,
            r#"{"Error":{}}"#,
            r#"{"errors":["x"]}"#,
            r#"{"error_description":"x"}"#,
            r#"{"errorCode":7}"#,
            r#"{"Fault":{}}"#,
            r#"{"ok":false}"#,
            r#"{"ok":"no"}"#,
            r#"{"success":0}"#,
            r#"{"revoked":false}"#,
            r#"{"status":"error"}"#,
            r#"{"status":401}"#,
            r#"{"status":"401"}"#,
            r#"{"status":false}"#,
            r#"{"status_code":500}"#,
            r#"{"code":404,"message":"x"}"#,
            r#"{"result":"Failed"}"#,
            r#"{"object":"error"}"#,
            r#"{"status":"pending"}"#,
            "[]",
            r#"[{"error":"x"}]"#,
            "false",
            "0",
            r#""error""#,
            r#"{"a":"#,
            "[1,",
        ] {
            assert!(AnswerBody::parse(body).reports_failure(|_| false), "{body}");
        }
    }

    #[test]
    fn other_bodies_report_no_failure() {
        for body in [
            "",
            " \n",
            "null",
            "{}",
            r#"{"error":null,"errors":[]}"#,
            r#"{"ok":true,"revoked":true}"#,
            r#"{"success":"true"}"#,
            r#"{"status":"success"}"#,
            r#"{"status":200,"code":0}"#,
            r#"{"request_id":"x","message":"The token was revoked"}"#,
            r#"{"access_token":"x"}"#,
        ] {
            assert!(!AnswerBody::parse(body).reports_failure(|_| false), "{body}");
        }
        assert!(!AnswerBody::parse(r#"{"error":false}"#).reports_failure(|name| name == "error"));
    }
}
