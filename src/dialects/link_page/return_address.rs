//! The address with which a user returns to the app.

use form_urlencoded::byte_serialize;

/// Adds parameters to the query of a redirect URI (RFC 6749 §4.1.2).
///
/// ```
/// use hookswitch::dialects::link_page::return_address::build;
/// let address = build("https://app.example/?a=1", &[("code", "hct_1"), ("state", "s t")]);
/// assert_eq!(address, "https://app.example/?a=1&code=hct_1&state=s+t");
/// ```
#[must_use]
pub fn build(redirect_uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = redirect_uri.to_owned();
    for (name, value) in parameters {
        if !address.ends_with(['?', '&']) {
            address.push(if address.contains('?') { '&' } else { '?' });
        }
        address.push_str(name);
        address.push('=');
        address.extend(byte_serialize(value.as_bytes()));
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
            assert_eq!(build(uri, &[("error", "no"), ("iss", "i")]), format!("{expected}&iss=i"));
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
