//! Client ID metadata documents: the registration that a client publishes at the URL that is its `client_id`
//! (draft-ietf-oauth-client-id-metadata-document-02).
//!
//! ```
//! use hookswitch::core::ScopeCatalogue;
//! use hookswitch::core::client_document::read;
//!
//! let url = "https://client.example/id.json";
//! let text = r#"{"client_id": "https://client.example/id.json", "redirect_uris": ["http://127.0.0.1/cb"]}"#;
//! let registration = read(text, url, "client.example", &ScopeCatalogue::default()).unwrap();
//! assert_eq!(registration.name, "client.example");
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::app::{ClientKeys, ClientType, LastTokenPolicy, REDIRECT_URIS_MAX, Registration};
use super::jwk::JwkSet;
use super::redirect_uri;
use super::rule::Rule;
use super::scope::Scope;
use super::scope_catalogue::ScopeCatalogue;

/// The longest document, in bytes.
pub const LENGTH_MAX: usize = 5_120;
/// The longest name of a client, in characters.
const NAME_MAX: usize = 128;

/// The members of a document that Hookswitch reads. Others are ignored.
#[derive(Deserialize)]
struct Document {
    client_id: String,
    #[serde(default)]
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    jwks: Option<JwkSet>,
    #[serde(default)]
    jwks_uri: Option<String>,
    #[serde(default)]
    client_secret: Option<IgnoredAny>,
    #[serde(default)]
    client_secret_expires_at: Option<IgnoredAny>,
}

/// Whether the path of a client's URL can be that of a document: it is more than `/`, and has no dot segments.
#[must_use]
pub fn has_document_path(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default().split_once('/').map_or("", |(_, path)| path);
    let is_dots = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    !path.is_empty() && !path.split('/').any(is_dots)
}

/// Reads the document of the client at this URL. `scopes` are those that such clients may ask for.
///
/// # Errors
/// The [`Rule`] that the document breaks, as the end of a sentence whose subject is the document.
pub fn read(text: &str, url: &str, host: &str, scopes: &ScopeCatalogue) -> Result<Registration, Rule> {
    let document: Document = serde_json::from_str(text)
        .map_err(|_| Rule::new("must be a JSON object with the texts client_id and redirect_uris (RFC 7591)"))?;
    if document.client_id != url {
        return Err(Rule::new("must have its own URL as client_id"));
    }
    if document.client_secret.is_some() || document.client_secret_expires_at.is_some() {
        return Err(Rule::new("must not have a client secret"));
    }
    if !(1..=REDIRECT_URIS_MAX).contains(&document.redirect_uris.len()) {
        return Err(Rule::new(format!("must have 1 to {REDIRECT_URIS_MAX} redirect_uris")));
    }
    for uri in &document.redirect_uris {
        redirect_uri::check(uri).map_err(|_| Rule::new("must have absolute redirect_uris without fragments"))?;
    }
    let name = document.client_name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| host.to_owned());
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Rule::new("must have a client_name of at most 128 characters without control characters"));
    }
    let keys = keys(&document)?;
    Ok(Registration {
        name,
        description: None,
        client_type: if keys.is_some() { ClientType::Confidential } else { ClientType::Public },
        scopes: allowed(document.scope.as_deref(), scopes),
        redirect_uris: document.redirect_uris,
        logo_url: None,
        homepage_url: None,
        on_last_token_revoked: LastTokenPolicy::default(),
        provider: None,
        scope_descriptions: BTreeMap::new(),
        keys,
    })
}

/// The keys of a client that authenticates with them.
fn keys(document: &Document) -> Result<Option<ClientKeys>, Rule> {
    let keys = match (&document.jwks, &document.jwks_uri) {
        (Some(_), Some(_)) => return Err(Rule::new("must have jwks or jwks_uri, and not both")),
        (Some(set), None) => {
            set.check().map_err(|rule| Rule::new(format!("has jwks that {rule}")))?;
            Some(ClientKeys::Set(set.clone()))
        }
        (None, uri) => uri.clone().map(ClientKeys::Uri),
    };
    match (document.token_endpoint_auth_method.as_deref(), keys) {
        (Some("none"), _) => Ok(None),
        (Some("private_key_jwt"), None) => Err(Rule::new("must have jwks or jwks_uri for private_key_jwt")),
        (None | Some("private_key_jwt"), keys) => Ok(keys),
        _ => Err(Rule::new("must have none or private_key_jwt as token_endpoint_auth_method")),
    }
}

/// The scopes of the deployment that a document names; all of them if it names none.
fn allowed(asked: Option<&str>, scopes: &ScopeCatalogue) -> Option<Scope> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return scopes.scope();
    };
    let known = asked.split(' ').filter(|word| scopes.scopes().any(|scope| scope == *word));
    known.filter_map(|word| Scope::parse_one(word).ok()).fold(None, |all, scope| Scope::union(all, Some(&scope)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const URL: &str = "https://client.example/id.json";

    fn registration(change: impl FnOnce(&mut Value)) -> Result<Registration, Rule> {
        let mut document =
            json!({ "client_id": URL, "client_name": "Client", "redirect_uris": ["https://a.example/"] });
        change(&mut document);
        let scopes = ScopeCatalogue::parse(r#"{"read": "", "write": ""}"#).unwrap();
        read(&document.to_string(), URL, "client.example", &scopes)
    }

    #[test]
    fn a_document_is_a_registration_without_a_secret() {
        let plain = registration(|_| {}).unwrap();
        assert_eq!((plain.name.as_str(), plain.client_type, plain.keys), ("Client", ClientType::Public, None));
        assert_eq!(plain.scopes.unwrap().as_str(), "read write");
        let narrowed = registration(|document| document["scope"] = json!("admin write")).unwrap();
        assert_eq!(narrowed.scopes.unwrap().as_str(), "write");
        assert_eq!(registration(|document| document["scope"] = json!("admin")).unwrap().scopes, None);
        let unnamed = registration(|document| document["client_name"] = Value::Null).unwrap();
        assert_eq!(unnamed.name, "client.example");
        let with_keys = registration(|document| document["jwks_uri"] = json!("https://client.example/keys")).unwrap();
        assert_eq!((with_keys.client_type, with_keys.has_secret()), (ClientType::Confidential, false));
        let ignored = registration(|document| document["logo_uri"] = json!("https://a.example/logo")).unwrap();
        assert_eq!(ignored.logo_url, None);
    }

    #[test]
    fn a_document_that_breaks_a_rule_is_refused() {
        for (name, value) in [
            ("client_id", json!("https://client.example/other.json")),
            ("client_id", json!("https://client.example/id.json/")),
            ("client_id", Value::Null),
            ("redirect_uris", Value::Null),
            ("redirect_uris", json!([])),
            ("redirect_uris", json!("https://a.example/")),
            ("redirect_uris", json!(["javascript:x"])),
            ("redirect_uris", json!(vec!["https://a.example/"; 21])),
            ("client_name", json!("a\nb")),
            ("client_name", json!("a".repeat(129))),
            ("client_secret", json!("s")),
            ("client_secret_expires_at", json!(0)),
            ("token_endpoint_auth_method", json!("client_secret_basic")),
            ("token_endpoint_auth_method", json!("client_secret_post")),
            ("token_endpoint_auth_method", json!("private_key_jwt")),
            ("jwks", json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] })),
        ] {
            assert!(registration(|document| document[name] = value.clone()).is_err(), "{name}: {value}");
        }
        for text in ["", "[]", "{", "null"] {
            assert!(read(text, URL, "client.example", &ScopeCatalogue::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_url_of_a_client_has_a_path_without_dot_segments() {
        for (url, expected) in [
            (URL, true),
            ("https://client.example/a/b?c=d", true),
            ("https://client.example/.well-known/x", true),
            ("https://client.example", false),
            ("https://client.example/", false),
            ("https://client.example?a=/b", false),
            ("https://client.example/a/../b", false),
            ("https://client.example/./b", false),
            ("https://client.example/%2E%2e/b", false),
            ("client", false),
        ] {
            assert_eq!(has_document_path(url), expected, "{url}");
        }
    }
}
