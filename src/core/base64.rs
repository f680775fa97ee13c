//! Base64: one alphabet, and one encoder and decoder, for all there is.

use base64ct::{Base64Unpadded, Encoding};

/// Encodes with the alphabet of RFC 4648 §4, padded.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = Base64Unpadded::encode_string(bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Decodes a text in either alphabet of RFC 4648, padded or not; none, where it is not base64.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    Base64Unpadded::decode_vec(&text).ok()
}
