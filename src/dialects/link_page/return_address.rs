//! The address with which a user returns to the app.

use form_urlencoded::byte_serialize;

/// Adds a result to the query of a redirect URI (RFC 6749 §4.1.2), with the app's state and the issuer (RFC 9207).
///
/// ```
/// use hookswitch::dialects::link_page::return_address::build;
/// let address = build("https://app.example/?a=1", ("code", "hct_1"), Some("s t"), "https://hookswitch.example");
/// assert_eq!(address, "https://app.example/?a=1&code=hct_1&iss=https%3A%2F%2Fhookswitch.example&state=s+t");
/// ```
#[must_use]
pub fn build(redirect_uri: &str, result: (&str, &str), state: Option<&str>, issuer: &str) -> String {
    build_all(redirect_uri, &[result], state, issuer)
}

/// As [`build`], with several results.
#[must_use]
pub fn build_all(redirect_uri: &str, results: &[(&str, &str)], state: Option<&str>, issuer: &str) -> String {
    let mut address = redirect_uri.to_owned();
    if !redirect_uri.ends_with(['?', '&']) {
        address.push(if redirect_uri.contains('?') { '&' } else { '?' });
    }
    for (name, value) in results {
        address.push_str(name);
        address.push('=');
        address.extend(byte_serialize(value.as_bytes()));
        address.push('&');
    }
    address.push_str("iss=");
    address.extend(byte_serialize(issuer.as_bytes()));
    if let Some(state) = state {
        address.push_str("&state=");
        address.extend(byte_serialize(state.as_bytes()));
    }
    address
}

/// The scheme of a URI.
#[must_use]
pub fn scheme(uri: &str) -> &str {
    uri.split_once(':').map_or("", |(scheme, _)| scheme)
}

/// The host and port of a web address, with the user name before them if there is one; `None` for other schemes.
#[must_use]
pub fn host(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_added_to_the_query_of_the_redirect_uri() {
        for (uri, expected) in [
            ("https://a.example/", "https://a.example/?error=no"),
            ("https://a.example/?x=1", "https://a.example/?x=1&error=no"),
            ("https://a.example/?", "https://a.example/?error=no"),
            ("https://a.example/?x=1&", "https://a.example/?x=1&error=no"),
            ("myapp:callback", "myapp:callback?error=no"),
        ] {
            assert_eq!(build(uri, ("error", "no"), None, "i"), format!("{expected}&iss=i"));
        }
    }

    #[test]
    fn a_web_address_has_a_host_and_other_uris_have_a_scheme() {
        for (uri, expected) in [
            ("https://app.example/callback", Some("app.example")),
            ("http://127.0.0.1:3000?x", Some("127.0.0.1:3000")),
            ("https://a.example\\@b.example/", Some("a.example")),
            ("com.example.app:/callback", None),
            ("myapp://host/;x", None),
        ] {
            assert_eq!(host(uri), expected, "{uri}");
        }
        assert_eq!(scheme("com.example.app:/callback"), "com.example.app");
    }
}
