//! Addresses that the page leads to, and the redirect URI with an answer in it.

use form_urlencoded::byte_serialize;

/// The scheme of a URL.
#[must_use]
pub fn scheme(url: &str) -> &str {
    url.split_once(':').map_or("", |(scheme, _)| scheme)
}

/// The host and port of a web address, with whatever user stands before them.
#[must_use]
pub fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'\\')).unwrap_or(rest.len());
    rest.get(..end)
}

/// A redirect URI with an answer in its query (RFC 6749 §4.1.2): this one, the state as it came, and whose it is, so
/// that a client of several servers knows (RFC 9207).
#[must_use]
pub fn answer(redirect_uri: &str, (name, value): (&str, &str), state: Option<&str>, issuer: &str) -> String {
    let mut location = redirect_uri.to_owned();
    if !redirect_uri.ends_with(['?', '&']) {
        location.push(if redirect_uri.contains('?') { '&' } else { '?' });
    }
    for part in [name, "="] {
        location.push_str(part);
    }
    location.extend(byte_serialize(value.as_bytes()));
    location.push_str("&iss=");
    location.extend(byte_serialize(issuer.as_bytes()));
    if let Some(state) = state {
        location.push_str("&state=");
        location.extend(byte_serialize(state.as_bytes()));
    }
    location
}
