//! Redirect URIs of apps and tokens.

use std::str::FromStr;

use crate::core::Rule;

/// The longest redirect URI, in characters.
const LENGTH_MAX: usize = 2_048;

/// An absolute URI without a fragment (RFC 6749 §3.1.2), and with no scheme that a browser would execute.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct RedirectUri(#[cfg_attr(feature = "openapi", schemars(length(max = 2048)))] pub(super) String);

impl FromStr for RedirectUri {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let has_scheme = scheme.len() < text.len()
            && scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'));
        let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
        let is_executed = matches!(scheme.as_str(), "javascript" | "data" | "vbscript");
        if text.len() <= LENGTH_MAX && has_scheme && is_plain && !is_executed {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::new("must be an absolute URI without a fragment, 2048 characters at most (RFC 6749)"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_absolute_and_not_executable() {
        for text in ["https://app.example/callback?a=b", "com.example.app:/callback", "http://127.0.0.1:8080/"] {
            assert!(text.parse::<RedirectUri>().is_ok(), "{text}");
        }
        let long = format!("https://app.example/{}", "x".repeat(LENGTH_MAX));
        for text in [
            "",
            "/callback",
            "app.example",
            "https://a.example/#b",
            "https://a.example/\r\n",
            "JavaScript:x",
            "data:x",
            &long,
        ] {
            assert!(text.parse::<RedirectUri>().is_err(), "{text}");
        }
    }
}
