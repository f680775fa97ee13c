//! The meaning of a provider's response for the credential.
//!
//! ```
//! use hookswitch::core::Timestamp;
//! use hookswitch::core::revocation::ProviderReply;
//! use hookswitch::upstream::http::ProviderResponse;
//! use hookswitch::upstream::{answer::interpret, catalogue};
//!
//! let google = catalogue::all().find(|provider| provider.slug.as_str() == "google").unwrap();
//! let call = google.revocation.as_ref().unwrap();
//! let response = |status, body: &str| ProviderResponse { status, retry_after: None, body: body.to_owned() };
//! let now = Timestamp::from_millis(0);
//! assert_eq!(interpret(call, &response(200, "{}"), now), ProviderReply::Revoked);
//! assert!(matches!(interpret(call, &response(503, ""), now), ProviderReply::Retry { .. }));
//! ```

use super::answer_body::AnswerBody;
use super::http::ProviderResponse;
use super::retry_after;
use crate::core::Timestamp;
use crate::core::provider::{AnswerMeaning, AnswerRule, CallMethod, ProviderCall};
use crate::core::revocation::ProviderReply;

/// Interprets the response to a request that revokes a credential.
///
/// Only a response that the provider documents as success or as "already invalid" counts as such. An unclear response is
/// no success: it is tried again if that may help, or else refused. In this order:
///
/// 1. the rules of the provider. A rule that means success does not match a body that reports a failure;
/// 2. the statuses and errors that mean that the credential was already invalid;
/// 3. failures that pass, by their status, by `Retry-After` or by the error in the body;
/// 4. success: 200 or 204, unless a rule of the provider defines success;
/// 5. everything else. A success of another kind, such as 202, is unclear and is tried again.
#[must_use]
pub fn interpret(call: &ProviderCall, response: &ProviderResponse, now: Timestamp) -> ProviderReply {
    let status = response.status;
    let body = AnswerBody::parse(&response.body);
    let error = || match body.code(status) {
        Some(code) => format!("HTTP {status}, {code}"),
        None => format!("HTTP {status}"),
    };
    let retry = || {
        let after = response.retry_after.as_ref().and_then(|header| retry_after::seconds(header, now));
        ProviderReply::Retry { after, error: error() }
    };
    let refused = || ProviderReply::Refused { error: error() };

    if let Some(rule) = call.answers.iter().find(|rule| matches(rule, call, status, &body)) {
        return match rule.means {
            AnswerMeaning::Revoked => ProviderReply::Revoked,
            AnswerMeaning::Gone => ProviderReply::Gone,
            AnswerMeaning::Retry => retry(),
            AnswerMeaning::Rejected => refused(),
        };
    }
    let is_passing_status = matches!(status, 408 | 425 | 429 | 500..=599);
    let is_gone_error = body.error().is_some_and(|error| call.gone_errors.iter().any(|gone| gone == error));
    if call.gone_statuses.contains(&status) || (is_gone_error && !is_passing_status) {
        return ProviderReply::Gone;
    }
    let asks_to_wait = response.retry_after.is_some() && (400..=499).contains(&status);
    if is_passing_status || asks_to_wait || body.is_passing() {
        return retry();
    }
    let has_success_rule = call.answers.iter().any(|rule| rule.means == AnswerMeaning::Revoked);
    if !has_success_rule && matches!(status, 200 | 204) && is_clear(call, &body, |_| false) {
        return ProviderReply::Revoked;
    }
    let is_unclear = (200..=299).contains(&status) && body.code(status).is_none();
    if is_unclear && !body.reports_failure(|_| false) || body == AnswerBody::Broken && status < 300 {
        return retry();
    }
    refused()
}

/// Whether a response is one of those that a rule describes.
fn matches(rule: &AnswerRule, call: &ProviderCall, status: u16, body: &AnswerBody) -> bool {
    let is_described = rule.status == status && rule.body.iter().all(|(pointer, value)| body.has(pointer, value));
    let is_expected = |name: &str| rule.body.keys().any(|pointer| pointer.strip_prefix('/') == Some(name));
    is_described && (rule.means != AnswerMeaning::Revoked || is_clear(call, body, is_expected))
}

/// Whether a body does not contradict a status of success.
///
/// By RFC 7009 §2.2 the client ignores the body. A call that only one provider has answers with JSON or with nothing: any
/// other text, such as a page, did not come from the API.
fn is_clear(call: &ProviderCall, body: &AnswerBody, is_expected: impl Fn(&str) -> bool) -> bool {
    let may_be_text = call.method == CallMethod::Rfc7009;
    !body.reports_failure(is_expected) && (may_be_text || *body != AnswerBody::Text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::catalogue;

    const NOW: Timestamp = Timestamp::from_millis(1_795_246_103_000);

    fn refused(error: &str) -> ProviderReply {
        ProviderReply::Refused { error: error.to_owned() }
    }

    fn retry(after: Option<u32>, error: &str) -> ProviderReply {
        ProviderReply::Retry { after, error: error.to_owned() }
    }

    fn call_of(slug: &str) -> ProviderCall {
        catalogue::find(&slug.parse().unwrap()).and_then(|provider| provider.revocation).unwrap()
    }

    fn reply(call: &ProviderCall, status: u16, retry_after: Option<&str>, body: &str) -> ProviderReply {
        let response = ProviderResponse { status, retry_after: retry_after.map(str::to_owned), body: body.to_owned() };
        interpret(call, &response, NOW)
    }

    #[test]
    fn response_is_interpreted_as_the_provider_documents_it() {
        use ProviderReply::{Gone, Revoked};
        let facebook = |code: u32, subcode: u32| {
            format!(r#"{{"error":{{"type":"OAuthException","code":{code},"error_subcode":{subcode}}}}}"#)
        };
        let (expired, checkpoint, busy) = (facebook(190, 463), facebook(190, 459), facebook(4, 0));
        let cases = [
            ("google", 200, None, "{}", Revoked),
            ("google", 200, None, "", Revoked),
            ("google", 400, None, r#"{"error":"invalid_token"}"#, Gone),
            ("google", 503, None, r#"{"error":"invalid_token"}"#, retry(None, "HTTP 503, invalid_token")),
            ("google", 400, None, r#"{"error":"invalid_request"}"#, refused("HTTP 400, invalid_request")),
            ("google", 400, None, r#"{"error":"Token ya29.x is bad"}"#, refused("HTTP 400")),
            ("google", 401, None, "<html>", refused("HTTP 401")),
            ("google", 302, None, "", refused("HTTP 302")),
            ("google", 204, None, "", retry(None, "HTTP 204")),
            ("google", 202, None, "", retry(None, "HTTP 202")),
            ("google", 429, Some("7"), "", retry(Some(7), "HTTP 429")),
            ("google", 503, Some("Fri, 31 Dec 1999 23:59:59 GMT"), "", retry(Some(0), "HTTP 503")),
            ("google", 503, Some("Sat, 21 Nov 2026 07:29:23 GMT"), "", retry(Some(60), "HTTP 503")),
            ("google", 500, None, "", retry(None, "HTTP 500")),
            (
                "google",
                400,
                None,
                r#"{"error":"temporarily_unavailable"}"#,
                retry(None, "HTTP 400, temporarily_unavailable"),
            ),
            ("slack", 200, None, r#"{"ok":true,"revoked":true}"#, Revoked),
            ("slack", 200, None, r#"{"ok":true,"revoked":false}"#, refused("HTTP 200")),
            ("slack", 200, None, r#"{"ok":true}"#, retry(None, "HTTP 200")),
            ("slack", 200, None, "", retry(None, "HTTP 200")),
            ("slack", 200, None, r#"{"ok":false,"error":"token_revoked"}"#, Gone),
            ("slack", 200, None, r#"{"ok":false,"error":"invalid_auth"}"#, refused("HTTP 200, invalid_auth")),
            ("slack", 200, None, r#"{"ok":false,"error":"missing_scope"}"#, refused("HTTP 200, missing_scope")),
            ("slack", 200, None, r#"{"ok":false,"error":"internal_error"}"#, retry(None, "HTTP 200, internal_error")),
            ("slack", 200, None, r#"{"ok":false,"error":"fatal_error"}"#, retry(None, "HTTP 200, fatal_error")),
            ("slack", 200, None, r#"{"ok":false,"error":"ratelimited"}"#, retry(None, "HTTP 200, ratelimited")),
            (
                "slack",
                200,
                None,
                r#"{"ok":false,"error":"team_added_to_org"}"#,
                retry(None, "HTTP 200, team_added_to_org"),
            ),
            ("github", 204, None, "", Revoked),
            ("github", 200, None, "{}", retry(None, "HTTP 200")),
            ("github", 404, None, r#"{"message":"Not Found","status":"404"}"#, refused("HTTP 404")),
            ("github", 422, None, r#"{"message":"Validation Failed"}"#, retry(None, "HTTP 422")),
            ("github", 403, Some("60"), r#"{"message":"rate limit"}"#, retry(Some(60), "HTTP 403")),
            ("dropbox", 200, None, "null", Revoked),
            ("dropbox", 401, None, r#"{"error":{".tag":"invalid_access_token"}}"#, Gone),
            ("dropbox", 401, None, r#"{"error":{".tag":"expired_access_token"}}"#, Gone),
            ("dropbox", 401, None, r#"{"error":{".tag":"missing_scope"}}"#, refused("HTTP 401, missing_scope")),
            ("dropbox", 401, None, r#"{"error":{".tag":"user_suspended"}}"#, refused("HTTP 401, user_suspended")),
            ("dropbox", 401, None, "", refused("HTTP 401")),
            ("facebook", 200, None, r#"{"success":true}"#, Revoked),
            ("facebook", 200, None, "", retry(None, "HTTP 200")),
            ("facebook", 400, None, expired.as_str(), Gone),
            ("facebook", 400, None, checkpoint.as_str(), refused("HTTP 400, 190")),
            ("facebook", 400, None, busy.as_str(), retry(None, "HTTP 400, 4")),
            ("facebook", 400, None, r#"{"error":{"code":100}}"#, refused("HTTP 400, 100")),
            ("hubspot", 204, None, "", Revoked),
            ("hubspot", 404, None, "", refused("HTTP 404")),
            ("linear", 400, None, "", refused("HTTP 400")),
            ("notion", 200, None, r#"{"request_id":"x"}"#, Revoked),
            ("notion", 400, None, r#"{"object":"error","code":"invalid_grant"}"#, refused("HTTP 400, invalid_grant")),
            ("quickbooks", 400, None, r#"{"error":"invalid_token"}"#, refused("HTTP 400, invalid_token")),
            ("strava", 200, None, "", Revoked),
            (
                "strava",
                401,
                None,
                r#"{"message":"Authorization Error","errors":[{"code":"invalid"}]}"#,
                refused("HTTP 401, invalid"),
            ),
            ("reddit", 204, None, "", Revoked),
            ("twitch", 200, None, "", Revoked),
            ("twitch", 400, None, r#"{"status":400,"message":"Invalid token"}"#, Gone),
            ("twitch", 400, None, r#"{"status":400,"message":"missing client id"}"#, refused("HTTP 400")),
            ("zoom", 200, None, r#"{"status":"success"}"#, Revoked),
            ("zoom", 200, None, r#"{"status":"error"}"#, refused("HTTP 200, error")),
        ];
        for (slug, status, retry_after, body, expected) in cases {
            assert_eq!(reply(&call_of(slug), status, retry_after, body), expected, "{slug} {status} {body}");
        }
    }

    #[test]
    fn body_that_reports_a_failure_is_never_a_success() {
        for slug in catalogue::all().filter_map(|provider| provider.revocation.map(|_| provider.slug)) {
            let call = call_of(slug.as_str());
            for status in [200, 204] {
                for body in [
                    r#"{"error":{"code":401}}"#,
                    r#"{"error":401}"#,
                    r#"{"error":true}"#,
                    r#"{"errors":[{"message":"x"}]}"#,
                    r#"{"ok":false}"#,
                    r#"{"success":false}"#,
                    r#"{"status":"error"}"#,
                    r#"["x"]"#,
                    "false",
                    r#"{"a":"#,
                ] {
                    let reply = reply(&call, status, None, body);
                    let is_unclear = matches!(reply, ProviderReply::Retry { .. } | ProviderReply::Refused { .. });
                    assert!(is_unclear, "{slug} {status} {body}: {reply:?}");
                }
            }
        }
    }

    #[test]
    fn provider_without_rules_succeeds_with_200_or_204() {
        let mut call = ProviderCall { answers: Vec::new(), ..call_of("google") };
        let page = "<html>Done</html>";
        for (status, body) in [(200, ""), (204, ""), (200, "{}"), (200, page)] {
            assert_eq!(reply(&call, status, None, body), ProviderReply::Revoked, "{status} {body}");
        }
        call.method = CallMethod::Post;
        assert_eq!(reply(&call, 200, None, "{}"), ProviderReply::Revoked);
        assert_eq!(reply(&call, 200, None, page), retry(None, "HTTP 200"));
        for status in [201, 202, 203, 205, 206] {
            assert_eq!(reply(&call, status, None, ""), retry(None, &format!("HTTP {status}")));
        }
    }
}
