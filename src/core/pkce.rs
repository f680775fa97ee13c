//! Proof Key for Code Exchange (RFC 7636), method S256 only.
//!
//! ```
//! use hookswitch::core::pkce;
//!
//! // The example of RFC 7636, appendix B.
//! let challenge = pkce::parse_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
//! assert_eq!(pkce::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), challenge);
//! ```

use super::base64;
use super::digest::Digest;
use super::rule::Rule;

/// The challenge that belongs to a verifier: its SHA-256.
#[must_use]
pub fn challenge(verifier: &str) -> Digest {
    Digest::of(verifier.as_bytes())
}

/// Checks a verifier: 43 to 128 unreserved characters (RFC 7636 §4.1).
///
/// # Errors
/// The [`Rule`] that the text breaks.
pub fn parse_verifier(text: &str) -> Result<String, Rule> {
    let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    if (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved) {
        Ok(text.to_owned())
    } else {
        Err(Rule::new("must be 43 to 128 letters, digits, `-`, `.`, `_` or `~` (RFC 7636)"))
    }
}

/// Parses a challenge: 43 characters of base64url that encode a SHA-256.
///
/// # Errors
/// The [`Rule`] that the text breaks.
pub fn parse_challenge(text: &str) -> Result<Digest, Rule> {
    let is_base64url = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let bytes = base64::decode(text).filter(|bytes| bytes.len() == 32 && is_base64url);
    let digest = bytes.map(|bytes| Digest::stored(hex::encode(bytes)));
    digest.ok_or_else(|| Rule::new("must be an S256 challenge: 43 characters of base64url (RFC 7636)"))
}
