//! A request, as dialects see it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Failure;
use crate::core::base64;
use crate::core::{Keyring, Link, Target};

/// The methods that calls have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes.
    Post,
    /// Replaces.
    Put,
    /// Takes away.
    Delete,
    /// Changes a part.
    Patch,
}

impl Method {
    /// The method of a request; `HEAD` is a GET whose answer loses its body on the way out.
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

    /// What `Allow` says of it.
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
}

/// Looks a request's header up; names are in lower case.
pub trait Headers {
    /// The value, if there is one that is text.
    fn get(&self, name: &str) -> Option<String>;
}

/// What an operator has set, as dialects need it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Stytch's name for the deployment; empty, where there is none.
    pub project_id: String,
    /// Where an app sends a user who is to authorize it; empty, where the operator has no such page.
    pub authorization_endpoint: String,
}

/// A request, as dialects see it.
pub struct Call<'a> {
    /// The deployment's secrets, to verify the handles in the request.
    pub keyring: &'a Keyring,
    /// What an operator has set, as dialects need it.
    pub settings: &'a Settings,
    /// Scheme, host and port that the request was made to: `https://example.com`.
    pub origin: &'a str,
    /// The parameters of the path, percent-decoded.
    pub parameters: Vec<(&'static str, String)>,
    /// What follows the `?`, as it came.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a dyn Headers,
    /// The body: at most 64 KiB.
    pub body: &'a [u8],
}

impl Call<'_> {
    /// A parameter of the path; empty, where there is none of this name.
    #[must_use]
    pub fn segment(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    /// The token that a text names.
    #[must_use]
    pub fn target(&self, text: &str) -> Target {
        Target::of(self.keyring.open(text))
    }

    /// The connection that a text names.
    #[must_use]
    pub fn link(&self, text: &str) -> Link {
        Link::of(self.keyring.open(text))
    }

    /// The key in `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(&self) -> Option<String> {
        self.authorization("bearer")
    }

    /// Name and password in `Authorization: Basic …`, as they came and as they are where they were form-encoded: RFC
    /// 6749 §2.3.1 wants that, and not every client does it. Neither, where it cannot be read.
    #[must_use]
    pub fn basic(&self) -> Option<Vec<(String, String)>> {
        let text = self.authorization("basic")?;
        let decoded = base64::decode(&text).and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
        let Some((name, password)) = pair else {
            return Some(Vec::new());
        };
        let read = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        Some(vec![(name.to_owned(), password.to_owned()), (read(name), read(password))])
    }

    fn authorization(&self, wanted: &str) -> Option<String> {
        let header = self.headers.get("authorization")?;
        let (scheme, value) = header.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
    }
}

/// Decodes the segment of a path that is the parameter of this name, once.
///
/// # Errors
/// [`Failure::Invalid`] where a `%` is not followed by two hex digits, or what comes out is not UTF-8.
pub fn decode_segment(name: &str, segment: &str) -> Result<String, Failure> {
    let encoded =
        segment.split('%').skip(1).all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2);
    let decoded = percent_decode_str(segment).decode_utf8().ok().filter(|_| encoded);
    decoded.map(Cow::into_owned).ok_or_else(|| Failure::invalid(name, "is not percent-encoded UTF-8"))
}
