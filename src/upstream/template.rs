//! URL templates of provider calls, with the placeholders `{client_id}` and `{token}`.
//!
//! ```
//! use hookswitch::upstream::template::UrlTemplate;
//!
//! let template = UrlTemplate::parse("https://api.example/apps/{client_id}/token").unwrap();
//! assert_eq!(template.fill("me", ""), "https://api.example/apps/me/token");
//! assert!(UrlTemplate::parse("https://api.example/{other}").is_none());
//! ```

const CLIENT_ID: &str = "client_id}";
const TOKEN: &str = "token}";

/// A URL with the placeholders `{client_id}` and `{token}` and no other braces.
#[derive(Clone, Copy, Debug)]
pub struct UrlTemplate<'a>(&'a str);

impl<'a> UrlTemplate<'a> {
    /// Parses a template; `None` if the URL has other braces.
    #[must_use]
    pub fn parse(url: &'a str) -> Option<Self> {
        let mut parts = url.split('{');
        let first = parts.next().unwrap_or_default();
        let fits = |part: &str| part.strip_prefix(CLIENT_ID).or(part.strip_prefix(TOKEN)).is_some_and(is_plain);
        (is_plain(first) && parts.all(fits)).then_some(Self(url))
    }

    /// Whether the template has the placeholder `{client_id}`.
    #[must_use]
    pub fn has_client_id(self) -> bool {
        self.0.split('{').skip(1).any(|part| part.starts_with(CLIENT_ID))
    }

    /// Whether the template has the placeholder `{token}`.
    #[must_use]
    pub fn has_token(self) -> bool {
        self.0.split('{').skip(1).any(|part| part.starts_with(TOKEN))
    }

    /// Replaces the placeholders by values that are percent-encoded already.
    #[must_use]
    pub fn fill(self, client_id: &str, token: &str) -> String {
        let mut url = String::new();
        for part in self.0.split('{') {
            let (value, rest) = match (part.strip_prefix(CLIENT_ID), part.strip_prefix(TOKEN)) {
                (Some(rest), _) => (client_id, rest),
                (_, Some(rest)) => (token, rest),
                _ => ("", part),
            };
            url.push_str(value);
            url.push_str(rest);
        }
        url
    }
}

fn is_plain(part: &str) -> bool {
    !part.contains('}')
}

#[cfg(test)]
mod tests {
    use super::UrlTemplate;

    #[test]
    fn placeholders_are_replaced() {
        let filled = |url| UrlTemplate::parse(url).map(|template| template.fill("id", "t%2F1"));
        assert_eq!(
            filled("https://a.example/{client_id}/x?t={token}").as_deref(),
            Some("https://a.example/id/x?t=t%2F1")
        );
        assert_eq!(filled("https://a.example/").as_deref(), Some("https://a.example/"));
    }

    #[test]
    fn template_with_other_braces_is_rejected() {
        for url in [
            "https://a.example/{}",
            "https://a.example/{secret}",
            "https://a.example/}",
            "https://a.example/{token}}",
            "{{token}",
        ] {
            assert!(UrlTemplate::parse(url).is_none(), "{url}");
        }
    }

    #[test]
    fn template_reports_the_token_placeholder() {
        let has_token = |url| UrlTemplate::parse(url).is_some_and(UrlTemplate::has_token);
        assert!(has_token("https://a.example/{client_id}/{token}"));
        assert!(!has_token("https://a.example/{client_id}/token"));
    }
}
