//! Proof Key for Code Exchange: RFC 7636, method S256 alone. A challenge is kept as the digest that it spells.

use super::base64;
use super::digest::Digest;
use super::ids::BadId;

/// The challenge that a verifier answers to. A verifier of any form has one, since one of a wrong form answers to none
/// that was ever made.
#[must_use]
pub fn challenge(verifier: &str) -> Digest {
    Digest::of(verifier.as_bytes())
}

/// Reads a challenge: the base64url of a SHA-256.
///
/// # Errors
/// What a challenge has to be.
pub fn parse_challenge(text: &str) -> Result<Digest, BadId> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let bytes = base64::decode(text).filter(|bytes| bytes.len() == 32 && text.bytes().all(fits));
    let digest = bytes.map(|bytes| Digest::stored(hex::encode(bytes)));
    digest.ok_or("must be an S256 challenge: 43 characters of base64url (RFC 7636)")
}
