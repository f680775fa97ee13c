//! Proof Key for Code Exchange: RFC 7636, method S256 alone.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest as _, Sha256};

use super::ids::BadId;

/// The challenge that a verifier answers to: base64url of its SHA-256. A verifier of any form has one, since one of a
/// wrong form answers to none that was ever made.
#[must_use]
pub fn challenge(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(verifier))
}

/// Checks the form of a challenge.
///
/// # Errors
/// What a challenge has to be.
pub fn parse_challenge(text: &str) -> Result<String, BadId> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if text.len() == 43 && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("must be an S256 challenge: 43 characters of base64url (RFC 7636)")
    }
}
