//! The browser of an authorization request: its cookie, and the languages of its reader.

use crate::core::Digest;
use crate::dialects::extract::Extract;
use crate::dialects::input::Input;
use crate::dialects::request::HttpRequest;
use crate::dialects::validator::Validator;
use crate::operations::ApiError;

/// How long a browser keeps the cookie, in seconds: while the user signs in, and then answers.
const COOKIE_SECONDS: u32 = 1_200;

/// The name of the cookie of a request. Each request has its own, so that two tabs do not disturb each other.
///
/// A browser accepts the prefix `__Host-` only over https, where it keeps other hosts from setting the cookie.
pub(super) fn cookie_name(origin: &str, browser: &Digest) -> String {
    let prefix = if origin.starts_with("https:") { "__Host-" } else { "" };
    format!("{prefix}hookswitch-{}", browser.key().as_str())
}

/// The cookie of a request.
pub(super) fn cookie(origin: &str, browser: &Digest, value: &str) -> String {
    let name = cookie_name(origin, browser);
    let secure = if origin.starts_with("https:") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}")
}

/// The browser: its cookies, and the languages of its reader.
pub(super) struct Browser {
    cookies: String,
    /// The header `Accept-Language`.
    pub(super) languages: String,
}

impl Browser {
    /// The value of a cookie (RFC 6265 §4.2.1).
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }
}

impl Extract for Browser {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, _: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        let header = |name| request.header(name).unwrap_or_default();
        Ok(Some(Self { cookies: header("cookie"), languages: header("accept-language") }))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.header("Cookie", "The cookie that the authorize endpoint set.");
        spec.header("Accept-Language", "The languages that the reader understands.");
    }
}
