//! The meaning of a provider's response for the credential.
//!
//! ```
//! use hookswitch::core::revocation::ProviderReply;
//! use hookswitch::upstream::http::ProviderResponse;
//! use hookswitch::upstream::{answer::interpret, catalogue};
//!
//! let google = catalogue::all().find(|provider| provider.slug.as_str() == "google").unwrap();
//! let call = google.revocation.as_ref().unwrap();
//! let response = |status, body: &str| ProviderResponse { status, retry_after: None, body: body.to_owned() };
//! assert_eq!(interpret(call, &response(200, "{}")), ProviderReply::Revoked);
//! assert!(matches!(interpret(call, &response(503, "")), ProviderReply::Retry { .. }));
//! ```

use serde::Deserialize;

use super::http::ProviderResponse;
use crate::core::provider::ProviderCall;
use crate::core::revocation::ProviderReply;

/// The longest error code of a provider that is stored, in bytes.
const CODE_MAX: usize = 64;

/// Interprets the response to a request that revokes a credential.
///
/// Only a response that the provider documents as success or as "already invalid" counts as such. Some providers report a
/// failure in the body of a 200 response.
#[must_use]
pub fn interpret(call: &ProviderCall, response: &ProviderResponse) -> ProviderReply {
    let (status, code) = (response.status, error_code(&response.body));
    let is_gone_error = code.as_ref().is_some_and(|code| call.gone_errors.contains(code));
    if is_gone_error || call.gone_statuses.contains(&status) {
        return ProviderReply::Gone;
    }
    if (200..=299).contains(&status) && code.is_none() {
        return ProviderReply::Revoked;
    }
    let error = match code.filter(|code| is_plain(code)) {
        Some(code) => format!("HTTP {status}, {code}"),
        None => format!("HTTP {status}"),
    };
    match status {
        408 | 425 | 429 | 500..=599 => {
            let after = response.retry_after.as_ref().and_then(|seconds| seconds.trim().parse().ok());
            ProviderReply::Retry { after, error }
        }
        _ => ProviderReply::Refused { error },
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: String,
}

/// The `error` of a JSON object, if it is a text.
fn error_code(body: &str) -> Option<String> {
    serde_json::from_str(body).ok().map(|body: ErrorBody| body.error)
}

/// Whether a text is a code. Any other text could contain the credential.
fn is_plain(code: &str) -> bool {
    code.len() <= CODE_MAX && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::catalogue;

    fn refused(error: &str) -> ProviderReply {
        ProviderReply::Refused { error: error.to_owned() }
    }

    fn retry(after: Option<u32>, error: &str) -> ProviderReply {
        ProviderReply::Retry { after, error: error.to_owned() }
    }

    #[test]
    fn response_is_interpreted_as_the_provider_documents_it() {
        let cases = [
            ("google", 200, None, "{}", ProviderReply::Revoked),
            ("google", 200, None, "", ProviderReply::Revoked),
            ("google", 400, None, r#"{"error":"invalid_token"}"#, ProviderReply::Gone),
            ("google", 400, None, r#"{"error":"invalid_request"}"#, refused("HTTP 400, invalid_request")),
            ("google", 400, None, r#"{"error":"Token ya29.x is bad"}"#, refused("HTTP 400")),
            ("google", 401, None, "<html>", refused("HTTP 401")),
            ("google", 302, None, "", refused("HTTP 302")),
            ("google", 429, Some("7"), "", retry(Some(7), "HTTP 429")),
            ("google", 503, Some("Fri, 31 Dec 1999 23:59:59 GMT"), "", retry(None, "HTTP 503")),
            ("google", 500, None, "", retry(None, "HTTP 500")),
            ("slack", 200, None, r#"{"ok":true,"revoked":true}"#, ProviderReply::Revoked),
            ("slack", 200, None, r#"{"ok":false,"error":"token_revoked"}"#, ProviderReply::Gone),
            ("slack", 200, None, r#"{"ok":false,"error":"missing_scope"}"#, refused("HTTP 200, missing_scope")),
            ("github", 204, None, "", ProviderReply::Revoked),
            ("github", 404, None, r#"{"message":"Not Found"}"#, ProviderReply::Gone),
            ("dropbox", 401, None, "", ProviderReply::Gone),
        ];
        for (slug, status, retry_after, body, expected) in cases {
            let call = catalogue::find(&slug.parse().unwrap()).and_then(|provider| provider.revocation).unwrap();
            let (retry_after, body) = (retry_after.map(str::to_owned), body.to_owned());
            let reply = interpret(&call, &ProviderResponse { status, retry_after, body: body.clone() });
            assert_eq!(reply, expected, "{slug} {status} {body}");
        }
    }
}
