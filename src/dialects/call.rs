//! A request, as dialects see it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Failure;
use crate::core::Keyring;

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
        }
    }
}

/// Looks a request's header up; names are in lower case.
pub trait Headers {
    /// The value, if there is one that is text.
    fn get(&self, name: &str) -> Option<String>;
}

/// A request, as dialects see it.
pub struct Call<'a> {
    /// The deployment's secrets, to verify the handles in the request.
    pub keyring: &'a Keyring,
    /// The parameters of the path, percent-decoded.
    pub parameters: Vec<(String, String)>,
    /// What follows the `?`, as it came.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a dyn Headers,
    /// The body: at most 64 KiB.
    pub body: &'a [u8],
}

impl Call<'_> {
    /// A parameter of the path, checked.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with what it has to be.
    pub fn parameter<T>(&self, name: &str, parse: fn(&str) -> Result<T, &'static str>) -> Result<T, Failure> {
        let text = self.parameters.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
        parse(text).map_err(|problem| Failure::invalid(name, problem))
    }

    /// The key in `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(&self) -> Option<String> {
        let header = self.headers.get("authorization")?;
        let (scheme, key) = header.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
    }
}

/// Decodes one segment of a path, once.
///
/// # Errors
/// [`Failure::NotFound`] where it is not UTF-8: nothing here has such a name.
pub fn decode_segment(segment: &str) -> Result<String, Failure> {
    percent_decode_str(segment).decode_utf8().map(Cow::into_owned).map_err(|_| Failure::NotFound)
}
