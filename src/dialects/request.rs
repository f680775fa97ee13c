//! Requests, as dialects read them.
//!
//! ```
//! use hookswitch::dialects::request::{HttpRequest, Method};
//!
//! let request = HttpRequest {
//!     method: Method::Get,
//!     path: "/v1/users/ada",
//!     query: "",
//!     params: vec![("user_id", "ada".to_owned())],
//!     headers: &[("authorization", "Bearer hak_1")],
//!     body: b"",
//!     origin: "https://hook.example",
//! };
//! assert_eq!(request.bearer().as_deref(), Some("hak_1"));
//! assert_eq!(request.param("user_id"), "ada");
//! ```

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::core::base64;

/// The methods that routes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads a resource.
    Get,
    /// Creates or changes.
    Post,
    /// Creates or replaces.
    Put,
    /// Deletes a resource.
    Delete,
    /// Changes a part.
    Patch,
}

impl Method {
    /// The method of a request. `HEAD` counts as GET; the edge drops the body of the response.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "DELETE" => Some(Self::Delete),
            "PATCH" => Some(Self::Patch),
            _ => None,
        }
    }

    /// The method's part of an `Allow` header.
    #[must_use]
    pub const fn allow(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
        }
    }

    /// The method in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
            Self::Patch => "patch",
        }
    }
}

/// The headers of a request.
pub trait Headers {
    /// The value of a header that is text; `None` if there is none. The name is in lower case.
    fn get(&self, name: &str) -> Option<String>;
}

/// A few headers, for tests.
impl Headers for [(&str, &str)] {
    fn get(&self, name: &str) -> Option<String> {
        self.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned())
    }
}

impl<const N: usize> Headers for [(&str, &str); N] {
    fn get(&self, name: &str) -> Option<String> {
        Headers::get(self.as_slice(), name)
    }
}

/// The parameters of a path: each name of the route's template with its percent-decoded segment.
pub type PathParams = Vec<(&'static str, String)>;

/// A request, as dialects read it.
pub struct HttpRequest<'a> {
    /// The method of the request.
    pub method: Method,
    /// The path as it was sent: percent-encoded.
    pub path: &'a str,
    /// The part after the `?` as it was sent; empty if there is none.
    pub query: &'a str,
    /// The parameters of the path.
    pub params: PathParams,
    /// The headers.
    pub headers: &'a dyn Headers,
    /// The body: at most 64 KiB; empty if the route's [`Input`](super::route::Input) has no body.
    pub body: &'a [u8],
    /// Scheme, host and port of the request: `https://example.com`.
    pub origin: &'a str,
}

impl HttpRequest<'_> {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)
    }

    /// A parameter of the path; empty if the route has none of this name.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    /// Whether the request was made over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// The key in `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(&self) -> Option<String> {
        self.authorization("bearer")
    }

    /// The readings of `Authorization: Basic …`; `None` if the request has no such header.
    ///
    /// RFC 6749 §2.3.1 form-encodes name and password, and not every client does. So there are two readings: as sent, and
    /// decoded. The list is empty if the header cannot be read.
    #[must_use]
    pub fn basic(&self) -> Option<Vec<BasicCredentials>> {
        let text = self.authorization("basic")?;
        let decoded = base64::decode(&text).and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((name, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
            return Some(Vec::new());
        };
        let form_decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        Some(vec![
            BasicCredentials { name: name.to_owned(), password: password.to_owned() },
            BasicCredentials { name: form_decoded(name), password: form_decoded(password) },
        ])
    }

    /// The scheme of the header `Authorization`, whether or not the rest of the header can be read.
    #[must_use]
    pub fn auth_scheme(&self) -> AuthScheme {
        let header = self.header("authorization").unwrap_or_default();
        match header.split_ascii_whitespace().next() {
            None => AuthScheme::None,
            Some(scheme) if scheme.eq_ignore_ascii_case("basic") => AuthScheme::Basic,
            Some(scheme) if scheme.eq_ignore_ascii_case("bearer") => AuthScheme::Bearer,
            Some(_) => AuthScheme::Other,
        }
    }

    /// The media type of the body in lower case, without parameters; `None` if there is none.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let content_type = self.header("content-type")?;
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        (!essence.is_empty()).then_some(essence)
    }

    fn authorization(&self, wanted: &str) -> Option<String> {
        let header = self.header("authorization")?;
        let (scheme, value) = header.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
    }
}

/// The scheme of the header `Authorization` (RFC 9110 §11.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthScheme {
    /// The request has no such header.
    #[default]
    None,
    /// `Basic`.
    Basic,
    /// `Bearer`.
    Bearer,
    /// Another scheme.
    Other,
}

impl AuthScheme {
    /// Every scheme.
    pub const ALL: [Self; 4] = [Self::None, Self::Basic, Self::Bearer, Self::Other];
}

/// One reading of an `Authorization: Basic` header.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    /// The user name, which is a client id or a project id.
    pub name: String,
    /// The password, which is a secret.
    pub password: String,
}

/// Decodes a segment of a path once; `None` if it is not percent-encoded UTF-8.
#[must_use]
pub fn decode_segment(segment: &str) -> Option<String> {
    let is_encoded =
        segment.split('%').skip(1).all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2);
    percent_decode_str(segment).decode_utf8().ok().filter(|_| is_encoded).map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &dyn Headers) -> HttpRequest<'_> {
        let (path, query, origin) = ("/", "", "https://example.com");
        HttpRequest { method: Method::Get, path, query, params: Vec::new(), headers, body: b"", origin }
    }

    #[test]
    fn segments_are_decoded_once() {
        for (segment, expected) in [
            ("a%2Fb", Some("a/b")),
            ("%2561", Some("%61")),
            ("%", None),
            ("%zz", None),
            ("%2", None),
            ("%ff", None),
            ("%ed%a0%80", None),
        ] {
            assert_eq!(decode_segment(segment).as_deref(), expected, "{segment}");
        }
    }

    #[test]
    fn basic_credentials_are_read_as_sent_and_form_decoded() {
        let headers = [("authorization", "Basic YSUzQTE6Yitj")];
        let readings = request(&headers).basic().unwrap();
        let readings: Vec<_> = readings.iter().map(|basic| (basic.name.as_str(), basic.password.as_str())).collect();
        assert_eq!(readings, [("a%3A1", "b+c"), ("a:1", "b c")]);
        assert!(request(&[("authorization", "basic ***")]).basic().is_some_and(|readings| readings.is_empty()));
        assert!(request(&[("authorization", "Bearer x")]).basic().is_none());
    }

    #[test]
    fn media_types_are_compared_in_lower_case_and_without_parameters() {
        let headers = [("content-type", "Application/JSON; charset=utf-8")];
        assert_eq!(request(&headers).media_type().as_deref(), Some("application/json"));
        assert_eq!(request(&[("content-type", "")]).media_type(), None);
    }
}
