//! URLs with `{client_id}` and `{token}` in them.

const CLIENT_ID: &str = "client_id}";
const TOKEN: &str = "token}";

/// A URL in which these stand for what they say, and no other braces are.
#[derive(Clone, Copy, Debug)]
pub struct Template<'a>(&'a str);

impl<'a> Template<'a> {
    /// The template; none, where it has other braces.
    #[must_use]
    pub fn of(url: &'a str) -> Option<Self> {
        let mut parts = url.split('{');
        let first = parts.next().unwrap_or_default();
        let fits = |part: &str| part.strip_prefix(CLIENT_ID).or(part.strip_prefix(TOKEN)).is_some_and(is_plain);
        (is_plain(first) && parts.all(fits)).then_some(Self(url))
    }

    /// Whether it says where the client goes.
    #[must_use]
    pub fn names_client(self) -> bool {
        self.0.split('{').skip(1).any(|part| part.starts_with(CLIENT_ID))
    }

    /// Whether it says where the token goes.
    #[must_use]
    pub fn names_token(self) -> bool {
        self.0.split('{').skip(1).any(|part| part.starts_with(TOKEN))
    }

    /// The URL, with what they stand for, percent-encoded already.
    #[must_use]
    pub fn filled(self, client_id: &str, token: &str) -> String {
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
    use super::Template;

    #[test]
    fn a_template_is_filled() {
        let filled = |url| Template::of(url).map(|template| template.filled("id", "t%2F1"));
        assert_eq!(
            filled("https://a.example/{client_id}/x?t={token}").as_deref(),
            Some("https://a.example/id/x?t=t%2F1")
        );
        assert_eq!(filled("https://a.example/").as_deref(), Some("https://a.example/"));
    }

    #[test]
    fn other_braces_are_refused() {
        for url in [
            "https://a.example/{}",
            "https://a.example/{secret}",
            "https://a.example/}",
            "https://a.example/{token}}",
            "{{token}",
        ] {
            assert!(Template::of(url).is_none(), "{url}");
        }
    }

    #[test]
    fn it_says_whether_the_token_is_in_it() {
        let names = |url| Template::of(url).is_some_and(Template::names_token);
        assert!(names("https://a.example/{client_id}/{token}"));
        assert!(!names("https://a.example/{client_id}/token"));
    }
}
