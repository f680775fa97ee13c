//! JSON bodies.
//!
//! ```
//! use hookswitch::dialects::json::check_syntax;
//!
//! assert!(check_syntax(r#"{"user_id": "ada"}"#).is_ok());
//! assert!(check_syntax(r#"{"user_id": "ada",}"#).is_err());
//! ```

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::request::HttpRequest;
use crate::core::Rule;
use crate::operations::ApiError;

/// Reads a JSON body as a request type. An empty body counts as `{}`.
///
/// # Errors
/// [`ApiError::UnsupportedMediaType`]; [`ApiError::NotJson`]; [`ApiError::Invalid`] if the body is not an object, or has a
/// field that the type does not have. serde's own messages contain values, so they do not leave this module.
pub fn read<T: DeserializeOwned>(request: &HttpRequest<'_>) -> Result<T, ApiError> {
    let is_json = |essence: &String| essence == "application/json" || essence.ends_with("+json");
    if request.media_type().is_some_and(|essence| !is_json(&essence)) {
        return Err(ApiError::UnsupportedMediaType);
    }
    let body = if request.body.is_empty() { b"{}" } else { request.body };
    let text = std::str::from_utf8(body).map_err(|_| ApiError::invalid("body", Rule::new("must be UTF-8")))?;
    if !text.trim_start().starts_with('{') {
        // A struct would also be read from a list, field by field.
        check_syntax(text)?;
        return Err(ApiError::invalid("body", Rule::new("must be a JSON object")));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer);
    match value {
        Ok(value) => deserializer.end().map(|()| value).map_err(|error| not_json(&error)),
        Err(error) => {
            check_syntax(text)?;
            Err(invalid(&error))
        }
    }
}

/// Fails if a text is not JSON, or has more than 128 values inside one another.
///
/// # Errors
/// [`ApiError::NotJson`] with the place of the first error.
pub fn check_syntax(text: &str) -> Result<(), ApiError> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Err(error) if !is_number(&error) => Err(not_json(&error)),
        _ => Ok(()),
    }
}

/// Whether the error is a number that no 64-bit float can represent, which is JSON nevertheless.
fn is_number(error: &serde_json::Error) -> bool {
    error.classify() == Category::Syntax && error.to_string().starts_with("number out of range")
}

fn not_json(error: &serde_json::Error) -> ApiError {
    ApiError::NotJson { line: error.line(), column: error.column() }
}

/// The path of an error with the rule that is broken. serde's message only has the kind of the error.
fn invalid(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let message = error.inner().to_string();
    let path = error.path().to_string();
    let path = if path == "." { "" } else { path.as_str() };
    let or_body = |path: &str| if path.is_empty() { "body".to_owned() } else { path.to_owned() };
    if message.starts_with("unknown field") {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        return match shown(name) {
            Some(_) => ApiError::invalid(path, Rule::new("is not a field of this call")),
            None => ApiError::invalid(or_body(parent), Rule::new("has a field that the call does not have")),
        };
    }
    // This name is one of the request type, so it is no value.
    if let Some(name) = message.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next()) {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        return ApiError::invalid(path, Rule::new("must be given once"));
    }
    let rule = if is_number(error.inner()) { "must be a smaller number" } else { "cannot be read" };
    ApiError::invalid(or_body(path), Rule::new(rule))
}

/// A name of a field or parameter, if a message may show it: a text that does not look like a name may be a secret.
pub(super) fn shown(name: &str) -> Option<&str> {
    let is_name = name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::core::UserId;
    use crate::dialects::field::{Field, Nested};
    use crate::dialects::field_types::{JsonObject, Whole};
    use crate::dialects::request::{HttpRequest, Method};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        user_id: Field<UserId>,
        #[serde(default)]
        ttl: Field<Whole<1, 60>>,
        #[serde(default)]
        metadata: Field<JsonObject<64>>,
        #[serde(default)]
        upstream: Field<Nested<SampleInner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct SampleInner {
        #[serde(default)]
        expires_in: Field<Whole<1, 60>>,
    }

    fn read_body(content_type: &str, body: &[u8]) -> Result<Sample, ApiError> {
        let headers = [("content-type", content_type)];
        let (path, query, origin) = ("/", "", "https://example.com");
        let (method, params) = (Method::Post, Vec::new());
        read(&HttpRequest { method, path, query, params, headers: &headers, body, origin })
    }

    #[test]
    fn values_are_read_and_kept_for_validation() {
        let body =
            read_body("", b" {\"user_id\":\"u\",\"ttl\":61,\"metadata\":{\"a\":[1.50]},\"upstream\":{}} ").unwrap();
        assert_eq!(body.user_id.clone(), Field::Valid("u".parse().unwrap()));
        assert!(matches!(body.ttl, Field::Invalid(_)));
        let Field::Valid(JsonObject(metadata)) = body.metadata else { panic!("{body:?}") };
        assert_eq!(metadata.as_str(), "{\"a\":[1.50]}");
        let Field::Valid(Nested(inner)) = body.upstream else { panic!("no upstream") };
        assert_eq!(inner.expires_in, Field::Absent);
    }

    #[test]
    fn null_and_missing_fields_are_absent() {
        for json in ["", "{}", "{\"user_id\":null,\"ttl\":null,\"metadata\":null,\"upstream\":null}"] {
            let body = read_body("application/json", json.as_bytes()).unwrap();
            assert!(!body.user_id.is_present() && !body.ttl.is_present(), "{json}");
            assert!(!body.metadata.is_present() && !body.upstream.is_present(), "{json}");
        }
    }

    #[test]
    fn errors_name_the_path_and_no_value() {
        for (json, expected) in [
            ("[]", "`body` must be a JSON object"),
            ("[\"hct_secret\"]", "`body` must be a JSON object"),
            ("null", "`body` must be a JSON object"),
            ("{\"admin\":true}", "`admin` is not a field of this call"),
            ("{\"hct_0123\":true}", "`body` has a field that the call does not have"),
            ("{\"User_Id\":true}", "`body` has a field that the call does not have"),
            ("{\"user_id\":\"a\",\"user_id\":\"b\"}", "`user_id` must be given once"),
            ("{\"upstream\":{\"secret\":1}}", "`upstream.secret` is not a field of this call"),
            ("{\"upstream\":{\"hct_0123\":1}}", "`upstream` has a field that the call does not have"),
            ("{\"ttl\":1e400}", "`ttl` must be a smaller number"),
        ] {
            assert_eq!(read_body("", json.as_bytes()).unwrap_err().to_string(), expected, "{json}");
        }
        assert_eq!(read_body("", b"{\"\xff\":1}").unwrap_err().to_string(), "`body` must be UTF-8");
    }

    #[test]
    fn syntax_errors_come_before_everything_else() {
        let deep = format!("{{\"metadata\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
        for json in [
            "{",
            "nonsense",
            "{\"user_id\":\"u\",}",
            "{'user_id':'u'}",
            "{\"user_id\":\"u\"}{}",
            "{\"a\":1}{}",
            "{\"user_id\":NaN}",
            "{\"user_id\":\"\\ud800\"}",
            "{\"unknown\":\"\\x41\"}",
            &deep,
        ] {
            let error = read_body("", json.as_bytes()).map(|body| body.metadata).and_then(|field| match field {
                Field::Invalid(_) => check_syntax(json),
                _ => Ok(()),
            });
            let json = json.get(..40).unwrap_or(json);
            assert!(matches!(error, Err(ApiError::NotJson { .. })), "{json} {error:?}");
        }
    }

    #[test]
    fn other_media_types_are_rejected() {
        for accepted in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json", ""] {
            assert!(read_body(accepted, b"{}").is_ok(), "{accepted}");
        }
        for rejected in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"] {
            assert_eq!(read_body(rejected, b"{}").unwrap_err(), ApiError::UnsupportedMediaType, "{rejected}");
        }
    }
}
