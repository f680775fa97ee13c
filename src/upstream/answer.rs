//! What a provider's answer means for the token.

use crate::core::json::Value;
use crate::core::provider::Revocation;
use crate::core::revocation::Reply;

/// The longest word of a provider's that is kept as the reason of a failure.
const WORD_MAX: usize = 64;

/// Reads an answer: its status, its `Retry-After`, and the first of its body.
#[must_use]
pub fn read(revocation: &Revocation, status: u16, retry_after: Option<&str>, body: &str) -> Reply {
    let said = said(body);
    if said.as_deref().is_some_and(|error| revocation.gone.iter().any(|gone| gone == error))
        || revocation.gone_statuses.contains(&u32::from(status))
    {
        return Reply::Gone;
    }
    // Some say in the body alone that it did not work.
    if (200..=299).contains(&status) && said.is_none() {
        return Reply::Revoked;
    }
    let mut error = format!("HTTP {status}");
    if let Some(word) = said.as_deref().filter(|word| is_plain(word)) {
        error.push_str(", ");
        error.push_str(word);
    }
    match status {
        408 | 425 | 429 | 500..=599 => Reply::Retry(retry_after.and_then(|seconds| seconds.trim().parse().ok()), error),
        _ => Reply::Refused(error),
    }
}

/// The `error` of a body in JSON.
fn said(body: &str) -> Option<String> {
    let Ok(Value::Object(mut body)) = Value::parse(body) else {
        return None;
    };
    match body.take("error") {
        Some(Value::Text(error)) => Some(error),
        _ => None,
    }
}

/// Whether it is a code, as against a text that may hold anything.
fn is_plain(word: &str) -> bool {
    word.len() <= WORD_MAX && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::Slug;
    use crate::upstream::catalogue;

    fn read_of(slug: &str, status: u16, retry_after: Option<&str>, body: &str) -> Option<Reply> {
        let revocation = catalogue::find(&Slug::stored(slug.to_owned()))?.revocation?;
        Some(read(&revocation, status, retry_after, body))
    }

    fn refused(error: &str) -> Reply {
        Reply::Refused(error.to_owned())
    }

    fn retry(after: Option<u32>, error: &str) -> Reply {
        Reply::Retry(after, error.to_owned())
    }

    #[test]
    fn what_an_answer_means() {
        let answers = [
            ("google", 200, None, "{}", Reply::Revoked),
            ("google", 200, None, "", Reply::Revoked),
            ("google", 400, None, r#"{"error":"invalid_token"}"#, Reply::Gone),
            ("google", 400, None, r#"{"error":"invalid_request"}"#, refused("HTTP 400, invalid_request")),
            ("google", 400, None, r#"{"error":"Token ya29.x is bad"}"#, refused("HTTP 400")),
            ("google", 401, None, "<html>", refused("HTTP 401")),
            ("google", 302, None, "", refused("HTTP 302")),
            ("google", 429, Some("7"), "", retry(Some(7), "HTTP 429")),
            ("google", 503, Some("Fri, 31 Dec 1999 23:59:59 GMT"), "", retry(None, "HTTP 503")),
            ("google", 500, None, "", retry(None, "HTTP 500")),
            ("slack", 200, None, r#"{"ok":true,"revoked":true}"#, Reply::Revoked),
            ("slack", 200, None, r#"{"ok":false,"error":"token_revoked"}"#, Reply::Gone),
            ("slack", 200, None, r#"{"ok":false,"error":"missing_scope"}"#, refused("HTTP 200, missing_scope")),
            ("github", 204, None, "", Reply::Revoked),
            ("github", 404, None, r#"{"message":"Not Found"}"#, Reply::Gone),
            ("dropbox", 401, None, "", Reply::Gone),
        ];
        for (slug, status, retry_after, body, meaning) in answers {
            assert_eq!(read_of(slug, status, retry_after, body), Some(meaning), "{slug} {status} {body}");
        }
    }
}
