//! What a provider's answer means for the token.

use crate::core::json::Value;
use crate::core::provider::Revocation;

/// What became of a token at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is dead now.
    Done,
    /// It was dead before.
    Gone,
    /// That is not known: try again, after so many seconds where the provider says so.
    Retry(Option<i64>),
    /// It is alive, and trying again will not change that.
    Refused,
}

/// Reads an answer: its status, its `Retry-After`, and the first of its body.
#[must_use]
pub fn read(revocation: &Revocation, status: u16, retry_after: Option<&str>, body: &str) -> Answer {
    let said = said(body);
    if said.as_deref().is_some_and(|error| revocation.gone.iter().any(|gone| gone == error))
        || revocation.gone_statuses.contains(&u32::from(status))
    {
        return Answer::Gone;
    }
    match status {
        // Some say in the body alone that it did not work.
        200..=299 if said.is_some() => Answer::Refused,
        200..=299 => Answer::Done,
        408 | 425 | 429 | 500..=599 => Answer::Retry(retry_after.and_then(|seconds| seconds.trim().parse().ok())),
        _ => Answer::Refused,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::Slug;
    use crate::upstream::catalogue;

    fn read_of(slug: &str, status: u16, retry_after: Option<&str>, body: &str) -> Option<Answer> {
        let revocation = catalogue::find(&Slug::stored(slug.to_owned()))?.revocation?;
        Some(read(&revocation, status, retry_after, body))
    }

    #[test]
    fn what_an_answer_means() {
        let answers = [
            ("google", 200, None, "{}", Answer::Done),
            ("google", 200, None, "", Answer::Done),
            ("google", 400, None, r#"{"error":"invalid_token"}"#, Answer::Gone),
            ("google", 400, None, r#"{"error":"invalid_request"}"#, Answer::Refused),
            ("google", 401, None, "<html>", Answer::Refused),
            ("google", 302, None, "", Answer::Refused),
            ("google", 429, Some("7"), "", Answer::Retry(Some(7))),
            ("google", 503, Some("Fri, 31 Dec 1999 23:59:59 GMT"), "", Answer::Retry(None)),
            ("google", 500, None, "", Answer::Retry(None)),
            ("slack", 200, None, r#"{"ok":true,"revoked":true}"#, Answer::Done),
            ("slack", 200, None, r#"{"ok":false,"error":"token_revoked"}"#, Answer::Gone),
            ("slack", 200, None, r#"{"ok":false,"error":"missing_scope"}"#, Answer::Refused),
            ("github", 204, None, "", Answer::Done),
            ("github", 404, None, r#"{"message":"Not Found"}"#, Answer::Gone),
            ("dropbox", 401, None, "", Answer::Gone),
        ];
        for (slug, status, retry_after, body, meaning) in answers {
            assert_eq!(read_of(slug, status, retry_after, body), Some(meaning), "{slug} {status} {body}");
        }
    }
}
