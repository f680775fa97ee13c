//! Apps: OAuth clients that users connect to.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::ids::{AppId, Slug};
use super::scope::Scope;
use super::string_enum::string_enum;
use super::time::Timestamp;

/// The highest number of redirect URIs of an app.
pub const REDIRECT_URIS_MAX: usize = 20;
/// The highest number of scopes of an app.
pub const SCOPES_MAX: usize = 64;
/// The longest time that a replaced client secret stays valid, in seconds: a week.
pub const PREVIOUS_SECRET_TTL_MAX: u32 = 604_800;

string_enum! {
    /// Whether an app can keep a secret (RFC 6749 §2.1).
    pub enum ClientType {
        /// The app runs on its users' devices and has no client secret.
        Public = "public",
        /// The app runs on a server and authenticates with a client secret.
        Confidential = "confidential",
    }
}

/// The part of an app that an administrator sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The name that users see.
    pub name: String,
    /// The purpose of the app in a sentence.
    pub description: Option<String>,
    /// The redirect URIs, compared exactly; at most [`REDIRECT_URIS_MAX`].
    pub redirect_uris: Vec<String>,
    /// The scopes that the app may ask for.
    pub scopes: Option<Scope>,
    /// Whether the app can keep a secret.
    pub client_type: ClientType,
    /// The URL of the app's logo.
    pub logo_url: Option<String>,
    /// The provider whose credentials the app's connections store.
    pub provider: Option<Slug>,
}

/// A client secret that was replaced and stays valid for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The digest of the secret.
    pub digest: Digest,
    /// The end of its validity.
    pub valid_until: Timestamp,
}

/// An OAuth client, and what users connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// The app's id, which is its OAuth `client_id`.
    pub app_id: AppId,
    /// The part that an administrator sets.
    pub registration: Registration,
    /// The digest of the client secret; `None` for a public app.
    pub secret: Option<Digest>,
    /// The client secret before the last rotation, while it is valid.
    pub previous_secret: Option<PreviousSecret>,
    /// When the app was created.
    pub created_at: Timestamp,
    /// When the app last changed.
    pub updated_at: Timestamp,
}

impl App {
    /// Whether a client that presents this secret, or none, is this app.
    ///
    /// A public app has no secret. A confidential app presents its current secret, or the previous one while that is valid.
    #[must_use]
    pub fn verify_secret(&self, presented: Option<&Digest>, now: Timestamp) -> bool {
        match (self.registration.client_type, presented) {
            (ClientType::Public, presented) => presented.is_none(),
            (ClientType::Confidential, None) => false,
            (ClientType::Confidential, Some(presented)) => {
                let previous = self.previous_secret.as_ref().filter(|previous| now < previous.valid_until);
                self.secret.as_ref() == Some(presented)
                    || previous.is_some_and(|previous| previous.digest == *presented)
            }
        }
    }

    /// Whether the app has registered this redirect URI.
    #[must_use]
    pub fn has_redirect_uri(&self, redirect_uri: &str) -> bool {
        self.registration.redirect_uris.iter().any(|registered| registered == redirect_uri)
    }

    /// Whether an authorization request may name this redirect URI: the app has registered it, apart from the port of a
    /// loopback address (RFC 8252 §7.3). `localhost` counts as one, because many command-line clients use it.
    #[must_use]
    pub fn accepts_redirect_uri(&self, redirect_uri: &str) -> bool {
        let without_port = loopback_without_port(redirect_uri);
        self.has_redirect_uri(redirect_uri)
            || without_port.is_some_and(|asked| {
                let registered = &self.registration.redirect_uris;
                registered.iter().any(|registered| loopback_without_port(registered) == Some(asked))
            })
    }
}

/// The host and the rest of a redirect URI to the user's own device; `None` for all others.
fn loopback_without_port(redirect_uri: &str) -> Option<(&str, &str)> {
    let rest = redirect_uri.strip_prefix("http://")?;
    let (authority, rest) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
    let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| authority.starts_with(host))?;
    let port = authority.strip_prefix(host)?;
    let is_port = |port: &str| port.parse::<u16>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit());
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_redirect_uris_differ_in_their_port_only() {
        let host_and_path = |uri| loopback_without_port(uri);
        for uri in ["http://127.0.0.1/cb?x=1", "http://127.0.0.1:1/cb?x=1", "http://127.0.0.1:65535/cb?x=1"] {
            assert_eq!(host_and_path(uri), Some(("127.0.0.1", "/cb?x=1")), "{uri}");
        }
        assert_eq!(host_and_path("http://[::1]:8080"), Some(("[::1]", "")));
        assert_eq!(host_and_path("http://localhost:8080/"), Some(("localhost", "/")));
        for uri in [
            "https://127.0.0.1/cb",
            "http://127.0.0.1.example/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:+1/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://127.0.0.10/cb",
            "http://localhost.example/cb",
            "http://user@127.0.0.1/cb",
            "http://127.0.0.2/cb",
            "app://127.0.0.1/cb",
        ] {
            assert_eq!(host_and_path(uri), None, "{uri}");
        }
    }
}
