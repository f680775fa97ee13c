//! Base64 in either alphabet of RFC 4648, padded or not: one decoder for all there is to decode.

use base64ct::{Base64UrlUnpadded, Encoding};

/// Decodes a text; none, where it is not base64.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let url = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    Base64UrlUnpadded::decode_vec(&url).ok()
}
