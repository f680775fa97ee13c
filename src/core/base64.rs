//! Base64: encoding with the standard alphabet, decoding of both alphabets.
//!
//! ```
//! use hookswitch::core::base64;
//!
//! assert_eq!(base64::encode(b"hook"), "aG9vaw==");
//! assert_eq!(base64::decode("aG9vaw").as_deref(), Some(&b"hook"[..]));
//! ```

use base64ct::{Base64, Base64Unpadded, Encoding};

/// Encodes with the alphabet of RFC 4648 §4 and padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Decodes a text in either alphabet of RFC 4648, with or without padding; `None` if it is not base64.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    Base64Unpadded::decode_vec(&standard).ok()
}
