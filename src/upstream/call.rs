//! What is asked of a provider: one HTTP request, built from data.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::template::Template;
use crate::core::base64;
use crate::core::json::Object;
use crate::core::provider::{Auth, Body, Method, Provider, Revocation, TokenType};

/// What is not unreserved in a URI (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An HTTP request to a provider. Its `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// The headers, in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<String>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({} …)", self.method)
    }
}

/// The request that revokes a token at its provider; none, where it offers no way to revoke such a one.
#[must_use]
pub fn revoke(provider: &Provider, client_secret: Option<&str>, token_type: TokenType, token: &str) -> Option<Call> {
    let revocation = provider.revocation.as_ref().filter(|revocation| revocation.tokens.contains(&token_type))?;
    let client_id = provider.client_id.as_deref().unwrap_or_default();
    let client_secret = client_secret.unwrap_or_default();
    let mut call = Call {
        method: match revocation.method {
            Method::Rfc7009 | Method::Post => "POST",
            Method::Delete => "DELETE",
            Method::Get => "GET",
        },
        url: Template::of(&revocation.url)?.filled(&encoded(client_id), &encoded(token)),
        headers: vec![("accept", "application/json".to_owned())],
        body: None,
    };
    match revocation.auth {
        Auth::Basic => {
            let pair = [&encoded(client_id), ":", &encoded(client_secret)].concat();
            call.headers.push(("authorization", ["Basic ", &base64::encode(pair.as_bytes())].concat()));
        }
        Auth::Bearer => call.headers.push(("authorization", ["Bearer ", token].concat())),
        Auth::Post | Auth::None => {}
    }
    fill(&mut call, revocation, &parameters(revocation, token_type, token, client_id, client_secret));
    Some(call)
}

/// Whether the request says who the client is.
#[must_use]
pub fn names_client(revocation: &Revocation) -> bool {
    matches!(revocation.auth, Auth::Basic | Auth::Post)
        || Template::of(&revocation.url).is_some_and(Template::names_client)
}

/// The parameters of the request, in order.
fn parameters<'a>(
    revocation: &'a Revocation,
    token_type: TokenType,
    token: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let mut parameters = vec![(revocation.parameter.as_str(), token)];
    if revocation.method == Method::Rfc7009 {
        parameters.push(("token_type_hint", token_type.as_str()));
    }
    if revocation.auth == Auth::Post {
        parameters.push(("client_id", client_id));
        if !client_secret.is_empty() {
            parameters.push(("client_secret", client_secret));
        }
    }
    parameters
}

/// Puts the parameters where they go.
fn fill(call: &mut Call, revocation: &Revocation, parameters: &[(&str, &str)]) {
    let mut form = String::new();
    let mut body = Object::new();
    for (name, value) in parameters {
        let before = if form.is_empty() { "" } else { "&" };
        form.push_str(&[before, name, "=", &encoded(value)].concat());
        body.put(name, (*value).into());
    }
    let (content_type, body) = match revocation.body {
        Body::None => return,
        Body::Query => {
            call.url.push(if call.url.contains('?') { '&' } else { '?' });
            call.url.push_str(&form);
            return;
        }
        Body::Form => ("application/x-www-form-urlencoded", form),
        Body::Json => ("application/json", body.text()),
    };
    call.headers.push(("content-type", content_type.to_owned()));
    call.body = Some(body);
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::Slug;
    use crate::upstream::catalogue;

    fn of(slug: &str, token_type: TokenType) -> Option<Call> {
        let provider = catalogue::find(&Slug::stored(slug.to_owned()))?;
        let provider = Provider { client_id: Some("id".to_owned()), ..provider };
        revoke(&provider, Some("se&cret"), token_type, "t/1")
    }

    #[test]
    fn rfc_7009_with_basic() {
        let expected = Call {
            method: "POST",
            url: "https://discord.com/api/oauth2/token/revoke".to_owned(),
            headers: vec![
                ("accept", "application/json".to_owned()),
                ("authorization", format!("Basic {}", base64::encode(b"id:se%26cret"))),
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ],
            body: Some("token=t%2F1&token_type_hint=refresh_token".to_owned()),
        };
        assert_eq!(of("discord", TokenType::RefreshToken), Some(expected));
    }

    #[test]
    fn rfc_7009_with_the_client_in_the_body() {
        let body = of("gitlab", TokenType::AccessToken).and_then(|call| call.body);
        let expected = "token=t%2F1&token_type_hint=access_token&client_id=id&client_secret=se%26cret";
        assert_eq!(body.as_deref(), Some(expected));
    }

    #[test]
    fn calls_of_their_own() {
        let github = of("github", TokenType::AccessToken);
        let github = github.map(|call| (call.method, call.url, call.body));
        let url = "https://api.github.com/applications/id/token".to_owned();
        assert_eq!(github, Some(("DELETE", url, Some(r#"{"access_token":"t/1"}"#.to_owned()))));
        let hubspot = of("hubspot", TokenType::RefreshToken).map(|call| (call.method, call.url, call.body));
        let url = "https://api.hubapi.com/oauth/v1/refresh-tokens/t%2F1".to_owned();
        assert_eq!(hubspot, Some(("DELETE", url, None)));
        let facebook = of("facebook", TokenType::AccessToken).map(|call| call.url);
        assert_eq!(facebook.as_deref(), Some("https://graph.facebook.com/me/permissions?access_token=t%2F1"));
    }

    #[test]
    fn what_a_provider_does_not_revoke_is_not_asked() {
        assert_eq!(of("hubspot", TokenType::AccessToken), None);
        assert_eq!(of("spotify", TokenType::RefreshToken), None);
        assert_eq!(of("nobody", TokenType::RefreshToken), None);
    }

    #[test]
    fn every_provider_that_ships_is_whole() {
        let slugs: Vec<_> = catalogue::CATALOGUE.iter().map(|known| known.slug).collect();
        assert!(slugs.is_sorted() && slugs.len() >= 20, "{slugs:?}");
        for known in catalogue::CATALOGUE {
            assert!(Slug::parse(known.slug).is_ok() && known.source.starts_with("https://"), "{known:?}");
            let provider = catalogue::find(&Slug::stored(known.slug.to_owned()));
            let revocation = provider.and_then(|provider| provider.revocation);
            assert!(revocation.is_none_or(|r| r.url.starts_with("https://") && !r.tokens.is_empty()), "{known:?}");
        }
    }
}
