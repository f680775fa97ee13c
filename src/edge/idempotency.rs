//! The header `Idempotency-Key`.

use crate::core::command::IdempotencyKey;
use crate::core::{Digest, Rule};
use crate::dialects::request::{HttpRequest, Method};
use crate::operations::{ApiError, Caller};

/// The longest `Idempotency-Key`, in characters.
const LENGTH_MAX: usize = 255;

/// How the ledger recognises the request if it is repeated; `None` if it has no key, or is not a POST of a known caller.
///
/// # Errors
/// [`ApiError::Invalid`] if the header breaks its rule.
pub(super) fn idempotency_key(request: &HttpRequest<'_>, caller: &Caller) -> Result<Option<IdempotencyKey>, ApiError> {
    let (Method::Post, Some(key)) = (request.method, request.header("idempotency-key")) else {
        return Ok(None);
    };
    let Some(digest) = caller.idempotency_digest(&key) else {
        return Ok(None);
    };
    if !(1..=LENGTH_MAX).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::invalid("Idempotency-Key", Rule::new("must be 1 to 255 visible ASCII characters")));
    }
    Ok(Some(IdempotencyKey {
        key: digest,
        request: Digest::of_parts(&[request.path.as_bytes(), request.query.as_bytes(), request.body]),
        grace: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::request::Headers;

    fn key(method: Method, headers: &dyn Headers, body: &[u8]) -> Result<Option<IdempotencyKey>, ApiError> {
        let (path, query, origin) = ("/v1/tokens", "", "https://example.com");
        let request = HttpRequest { method, path, query, params: Vec::new(), headers, body, origin };
        idempotency_key(&request, &Caller::Principal(crate::core::Principal::Root))
    }

    #[test]
    fn key_recognises_the_same_request_of_the_same_caller() {
        let headers = [("idempotency-key", "k1")];
        let first = key(Method::Post, &headers, b"{}").unwrap().unwrap();
        assert_eq!(key(Method::Post, &headers, b"{}").unwrap(), Some(first.clone()));
        let other_body = key(Method::Post, &headers, b"{ }").unwrap().unwrap();
        assert_eq!((&other_body.key, other_body.request == first.request), (&first.key, false));
        assert_eq!(key(Method::Put, &headers, b"{}").unwrap(), None);
        assert_eq!(key(Method::Post, &[], b"{}").unwrap(), None);
    }

    #[test]
    fn key_is_1_to_255_visible_ascii_characters() {
        for (text, is_valid) in [("k", true), ("", false), ("two words", false), ("ü", false)] {
            assert_eq!(key(Method::Post, &[("idempotency-key", text)], b"").is_ok(), is_valid, "{text}");
        }
        assert!(key(Method::Post, &[("idempotency-key", "x".repeat(255).as_str())], b"").is_ok());
        assert!(key(Method::Post, &[("idempotency-key", "x".repeat(256).as_str())], b"").is_err());
    }
}
