//! The rule of redirect URIs (RFC 6749 §3.1.2).
//!
//! ```
//! use hookswitch::core::redirect_uri::check;
//!
//! assert!(check("https://app.example/callback").is_ok());
//! assert!(check("javascript:x").is_err());
//! ```

use super::rule::Rule;

/// The longest redirect URI, in characters.
const LENGTH_MAX: usize = 2_048;

/// Checks that a text is an absolute URI without a fragment, with no scheme that a browser would execute.
///
/// # Errors
/// The [`Rule`] that the text breaks.
pub fn check(text: &str) -> Result<(), Rule> {
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let has_scheme = scheme.len() < text.len()
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'));
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    let is_executed = matches!(scheme.as_str(), "javascript" | "data" | "vbscript");
    if text.len() <= LENGTH_MAX && has_scheme && is_plain && !is_executed {
        Ok(())
    } else {
        Err(Rule::new("must be an absolute URI without a fragment, 2048 characters at most (RFC 6749)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_absolute_and_not_executable() {
        for text in ["https://app.example/callback?a=b", "com.example.app:/callback", "http://127.0.0.1:8080/"] {
            assert!(check(text).is_ok(), "{text}");
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
            assert!(check(text).is_err(), "{text}");
        }
    }
}
