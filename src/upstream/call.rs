//! The request that revokes a credential at its provider, built from data.
//!
//! ```
//! use hookswitch::core::UpstreamTokenType;
//! use hookswitch::upstream::{call::revocation_request, catalogue};
//!
//! // The call of GitHub revokes access tokens only.
//! let github = catalogue::all().find(|provider| provider.slug.as_str() == "github").unwrap();
//! assert_eq!(revocation_request(&github, Some("secret"), UpstreamTokenType::RefreshToken, "token"), None);
//! ```

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::http::OutboundRequest;
use super::template::UrlTemplate;
use crate::core::base64;
use crate::core::provider::{CallAuth, CallBody, CallMethod, Provider, ProviderCall, UpstreamTokenType};

/// Every character that RFC 3986 §2.3 does not list as unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The client of a deployment at a provider.
#[derive(Clone, Copy, Default)]
struct Client<'a> {
    id: &'a str,
    secret: &'a str,
}

/// The request that revokes a credential at its provider; `None` if the provider has no call for this type of token.
#[must_use]
pub fn revocation_request(
    provider: &Provider,
    client_secret: Option<&str>,
    token_type: UpstreamTokenType,
    token: &str,
) -> Option<OutboundRequest> {
    let call = provider.revocation.as_ref().filter(|call| call.tokens.contains(&token_type))?;
    let client =
        Client { id: provider.client_id.as_deref().unwrap_or_default(), secret: client_secret.unwrap_or_default() };
    let mut request = OutboundRequest {
        method: match call.method {
            CallMethod::Rfc7009 | CallMethod::Post => "POST",
            CallMethod::Delete => "DELETE",
            CallMethod::Get => "GET",
        },
        url: UrlTemplate::parse(&call.url)?.fill(&encode(client.id), &encode(token)),
        headers: vec![("accept".into(), "application/json".to_owned())],
        body: None,
    };
    match call.auth {
        CallAuth::Basic => {
            let pair = format!("{}:{}", encode(client.id), encode(client.secret));
            request.headers.push(("authorization".into(), format!("Basic {}", base64::encode(pair.as_bytes()))));
        }
        CallAuth::Bearer => request.headers.push(("authorization".into(), format!("Bearer {token}"))),
        CallAuth::Post | CallAuth::None => {}
    }
    add_parameters(&mut request, call.body, &parameters(call, token_type, token, client));
    for (name, value) in &call.headers {
        let name = name.to_ascii_lowercase();
        request.headers.retain(|(other, _)| *other != name);
        request.headers.push((name.into(), value.clone()));
    }
    Some(request)
}

/// Whether the request names the client.
#[must_use]
pub fn names_client(call: &ProviderCall) -> bool {
    matches!(call.auth, CallAuth::Basic | CallAuth::Post)
        || UrlTemplate::parse(&call.url).is_some_and(UrlTemplate::has_client_id)
}

/// The parameters of the request, in order.
fn parameters<'a>(
    call: &'a ProviderCall,
    token_type: UpstreamTokenType,
    token: &'a str,
    client: Client<'a>,
) -> Vec<(&'a str, &'a str)> {
    let mut parameters = vec![(call.parameter.as_str(), token)];
    if call.method == CallMethod::Rfc7009 {
        parameters.push(("token_type_hint", token_type.as_str()));
    }
    if call.auth == CallAuth::Post {
        parameters.push(("client_id", client.id));
        if !client.secret.is_empty() {
            parameters.push(("client_secret", client.secret));
        }
    }
    parameters
}

/// Writes the parameters into the query or body of the request.
fn add_parameters(request: &mut OutboundRequest, body: CallBody, parameters: &[(&str, &str)]) {
    let form = || {
        let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        pairs.join("&")
    };
    let (content_type, body) = match body {
        CallBody::None => return,
        CallBody::Query => {
            request.url.push(if request.url.contains('?') { '&' } else { '?' });
            request.url.push_str(&form());
            return;
        }
        CallBody::Form => ("application/x-www-form-urlencoded", form()),
        CallBody::Json => {
            let object: serde_json::Map<_, _> =
                parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
            ("application/json", serde_json::Value::Object(object).to_string())
        }
    };
    request.headers.push(("content-type".into(), content_type.to_owned()));
    request.body = Some(body);
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::catalogue;

    fn request(slug: &str, token_type: UpstreamTokenType) -> Option<OutboundRequest> {
        let provider = catalogue::find(&slug.parse().unwrap())?;
        let provider = Provider { client_id: Some("id".to_owned()), ..provider };
        revocation_request(&provider, Some("se&cret"), token_type, "t/1")
    }

    #[test]
    fn rfc_7009_request_authenticates_the_client_with_basic() {
        let expected = OutboundRequest {
            method: "POST",
            url: "https://discord.com/api/oauth2/token/revoke".to_owned(),
            headers: vec![
                ("accept".into(), "application/json".to_owned()),
                ("authorization".into(), format!("Basic {}", base64::encode(b"id:se%26cret"))),
                ("content-type".into(), "application/x-www-form-urlencoded".to_owned()),
            ],
            body: Some("token=t%2F1&token_type_hint=refresh_token".to_owned()),
        };
        assert_eq!(request("discord", UpstreamTokenType::RefreshToken), Some(expected));
    }

    #[test]
    fn rfc_7009_request_authenticates_the_client_in_the_body() {
        let body = request("gitlab", UpstreamTokenType::AccessToken).and_then(|request| request.body);
        let expected = "token=t%2F1&token_type_hint=access_token&client_id=id&client_secret=se%26cret";
        assert_eq!(body.as_deref(), Some(expected));
    }

    #[test]
    fn requests_of_providers_without_rfc_7009_match_their_documentation() {
        let parts = |slug, token_type| {
            request(slug, token_type).map(|request| (request.method, request.url, request.body.unwrap_or_default()))
        };
        let cases = [
            (
                "github",
                UpstreamTokenType::AccessToken,
                ("DELETE", "https://api.github.com/applications/id/token", r#"{"access_token":"t/1"}"#),
            ),
            (
                "hubspot",
                UpstreamTokenType::RefreshToken,
                ("DELETE", "https://api.hubapi.com/oauth/v1/refresh-tokens/t%2F1", ""),
            ),
            (
                "facebook",
                UpstreamTokenType::AccessToken,
                ("DELETE", "https://graph.facebook.com/me/permissions?access_token=t%2F1", ""),
            ),
        ];
        for (slug, token_type, (method, url, body)) in cases {
            assert_eq!(parts(slug, token_type), Some((method, url.to_owned(), body.to_owned())), "{slug}");
        }
    }

    #[test]
    fn further_headers_are_sent_and_replace_defaults() {
        let headers = |slug: &str, name: &str, value: &str| {
            let mut provider = catalogue::find(&slug.parse().unwrap()).unwrap();
            let call = provider.revocation.as_mut().unwrap();
            call.headers.insert(name.to_owned(), value.to_owned());
            revocation_request(&provider, None, UpstreamTokenType::AccessToken, "t").unwrap().headers
        };
        let notion = headers("notion", "X-Trace", "a b");
        assert!(notion.contains(&("x-trace".into(), "a b".to_owned())), "{notion:?}");
        assert!(notion.iter().any(|(name, value)| name == "notion-version" && !value.is_empty()), "{notion:?}");
        let google = headers("google", "Accept", "text/plain");
        let accepted: Vec<_> = google.iter().filter(|(name, _)| name == "accept").map(|(_, value)| value).collect();
        assert_eq!(accepted, ["text/plain"]);
    }

    #[test]
    fn provider_without_a_call_for_the_token_type_gets_no_request() {
        assert_eq!(request("hubspot", UpstreamTokenType::AccessToken), None);
        assert_eq!(request("spotify", UpstreamTokenType::RefreshToken), None);
    }
}
