//! Audiences: the resource servers that a token is for (RFC 8707).

use serde::{Deserialize, Serialize};

use super::rule::Rule;

/// The highest number of resources in one request.
const RESOURCES_MAX: usize = 8;
/// The longest URI of a resource, in bytes.
const LENGTH_MAX: usize = 512;

/// One or more URIs of resource servers, separated by single spaces, without duplicates.
///
/// A token without an audience is not restricted to a resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Audience(String);

impl Audience {
    /// The audience of these `resource` parameters; `None` if there are none.
    ///
    /// # Errors
    /// The [`Rule`] that one of the URIs, or their number, breaks.
    pub fn of<'a>(resources: impl IntoIterator<Item = &'a str>) -> Result<Option<Self>, Rule> {
        let mut uris: Vec<&str> = Vec::new();
        for resource in resources {
            if !is_resource(resource) {
                return Err(Rule::new("must be an absolute http or https URI without a fragment (RFC 8707)"));
            }
            if !uris.contains(&resource) {
                uris.push(resource);
            }
        }
        if uris.len() > RESOURCES_MAX {
            return Err(Rule::new(format!("must be given at most {RESOURCES_MAX} times")));
        }
        Ok((!uris.is_empty()).then(|| Self(uris.join(" "))))
    }

    /// Wraps a text that [`Self::as_str`] returned before.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The URIs as one text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Iterates over the URIs.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// Whether the URI of a resource server is in this audience. The case of scheme and host, and the `/` of an empty path,
    /// make no difference (RFC 3986 §6.2.2.1 and §6.2.3): clients write a URI as their library does.
    #[must_use]
    pub fn includes(&self, resource: &str) -> bool {
        self.uris().any(|uri| is_same(uri, resource))
    }

    /// Whether every URI of this audience is in `granted`. Everything is within an audience that is not restricted.
    #[must_use]
    pub fn is_within(&self, granted: Option<&Self>) -> bool {
        granted.is_none_or(|granted| self.uris().all(|asked| granted.includes(asked)))
    }

    /// Whether a grant for `granted` includes a request for `asked`. A request without an audience needs a grant without
    /// one.
    #[must_use]
    pub fn covers(granted: Option<&Self>, asked: Option<&Self>) -> bool {
        asked.map_or(granted.is_none(), |asked| asked.is_within(granted))
    }
}

/// Whether two URIs of resources are the same, without regard to the case of scheme and host and to an empty path.
fn is_same(one: &str, other: &str) -> bool {
    let ((authority, rest), (other_authority, other_rest)) = (split(one), split(other));
    let is_path = |rest: &str| rest.starts_with('/');
    let same_rest = match (is_path(rest), is_path(other_rest)) {
        (false, true) => other_rest.strip_prefix('/') == Some(rest),
        (true, false) => rest.strip_prefix('/') == Some(other_rest),
        _ => rest == other_rest,
    };
    same_rest && authority.eq_ignore_ascii_case(other_authority)
}

/// Splits a URI into scheme and authority, and path and query.
fn split(uri: &str) -> (&str, &str) {
    let authority = uri.find("://").map_or(0, |end| end.saturating_add(3));
    let after = uri.get(authority..).unwrap_or_default();
    let length = after.find(['/', '?']).unwrap_or(after.len());
    uri.split_at_checked(authority.saturating_add(length)).unwrap_or((uri, ""))
}

/// Whether a text is an absolute http or https URI without a fragment.
fn is_resource(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', ':', '@']));
    has_host && text.len() <= LENGTH_MAX && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audience(uris: &[&str]) -> Audience {
        Audience::of(uris.iter().copied()).unwrap().unwrap()
    }

    #[test]
    fn a_resource_is_an_absolute_uri_without_a_fragment() {
        assert_eq!(Audience::of([]), Ok(None));
        let both = audience(&["https://a.example/mcp", "http://127.0.0.1:3000", "https://a.example/mcp"]);
        assert_eq!(both.as_str(), "https://a.example/mcp http://127.0.0.1:3000");
        let long = format!("https://a.example/{}", "x".repeat(LENGTH_MAX));
        for text in
            ["", "a.example", "/mcp", "https://", "https:///x", "https://a.example/#b", "https://a b", "urn:x", &long]
        {
            assert!(Audience::of([text]).is_err(), "{text}");
        }
        let many: Vec<String> = (0..=RESOURCES_MAX).map(|number| format!("https://a.example/{number}")).collect();
        assert!(Audience::of(many.iter().map(String::as_str)).is_err());
    }

    #[test]
    fn an_audience_includes_a_resource_in_another_spelling() {
        let audience = audience(&["https://A.example", "http://127.0.0.1:3000/mcp?x=Y"]);
        for same in ["https://a.example/", "https://a.EXAMPLE", "http://127.0.0.1:3000/mcp?x=Y"] {
            assert!(audience.includes(same), "{same}");
        }
        let others = [
            "http://a.example",
            "https://a.example/mcp",
            "https://a.example.evil",
            "https://a.example?",
            "http://127.0.0.1:3000/MCP?x=Y",
            "http://127.0.0.1:3000/mcp",
            "http://127.0.0.1:3000/mcp/?x=Y",
            "a.example",
            "",
        ];
        for other in others {
            assert!(!audience.includes(other), "{other}");
        }
        assert!(Audience::of(["https://a.example?b"]).unwrap().unwrap().includes("https://a.example/?b"));
    }

    #[test]
    fn an_audience_is_within_one_that_names_it_or_is_not_restricted() {
        let (first, both) = (audience(&["https://a.example"]), audience(&["https://b.example", "https://a.example"]));
        assert!(first.is_within(Some(&both)) && first.is_within(None));
        assert!(!both.is_within(Some(&first)));
        assert!(Audience::covers(Some(&both), Some(&first)) && Audience::covers(None, Some(&first)));
        assert!(Audience::covers(None, None) && !Audience::covers(Some(&first), None));
    }
}
