//! Base64: one alphabet, and one encoder and decoder, for all there is.

use base64ct::{Base64, Base64Unpadded, Encoding};

/// Encodes with the alphabet of RFC 4648 §4, padded.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Decodes a text in either alphabet of RFC 4648, padded or not; none, where it is not base64.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.as_bytes().to_vec();
    while bytes.last() == Some(&b'=') {
        bytes.pop();
    }
    for byte in &mut bytes {
        match *byte {
            b'-' => *byte = b'+',
            b'_' => *byte = b'/',
            _ => {}
        }
    }
    Some(Base64Unpadded::decode_in_place(&mut bytes).ok()?.to_vec())
}
