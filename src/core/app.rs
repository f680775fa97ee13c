//! Apps: OAuth clients that users connect to.
//!
//! ```
//! use hookswitch::core::app::{ClientType, Registration};
//! use hookswitch::core::{App, Digest, Timestamp};
//!
//! let now = Timestamp::from_millis(0);
//! let app = App {
//!     app_id: "calendar".parse().unwrap(),
//!     registration: Registration {
//!         name: "Calendar".to_owned(),
//!         description: None,
//!         redirect_uris: vec!["https://calendar.example/back".to_owned()],
//!         scopes: None,
//!         client_type: ClientType::Confidential,
//!         logo_url: None,
//!         provider: None,
//!     },
//!     secret: Some(Digest::of(b"secret")),
//!     previous_secret: None,
//!     created_at: now,
//!     updated_at: now,
//! };
//! assert!(app.verify_secret(Some(&Digest::of(b"secret")), now));
//! assert!(!app.has_redirect_uri("https://calendar.example/back/"));
//! ```

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
    /// The redirect URIs; see [`App::has_redirect_uri`]. At most [`REDIRECT_URIS_MAX`].
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

    /// Whether the app has registered this redirect URI. URIs are compared exactly, except for the port of a loopback URI
    /// (RFC 8252 §7.3, RFC 9700 §2.1): an app on a device listens on any free port.
    #[must_use]
    pub fn has_redirect_uri(&self, redirect_uri: &str) -> bool {
        let asked = without_port(redirect_uri);
        self.registration
            .redirect_uris
            .iter()
            .any(|registered| registered == redirect_uri || (asked.is_some() && asked == without_port(registered)))
    }
}

/// The hosts of loopback redirect URIs.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// The host of a loopback redirect URI and the rest after its port; `None` for every other URI.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let authority = uri.strip_prefix("http://")?;
    let (host, rest) = LOOPBACK.into_iter().find_map(|host| Some((host, authority.strip_prefix(host)?)))?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let end = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
            let (port, rest) = port.split_at_checked(end)?;
            port.parse().ok().filter(|port: &u16| *port > 0)?;
            rest
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(redirect_uris: &[&str]) -> App {
        App {
            app_id: AppId::stored("app".to_owned()),
            registration: Registration {
                name: "App".to_owned(),
                description: None,
                redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
                scopes: None,
                client_type: ClientType::Public,
                logo_url: None,
                provider: None,
            },
            secret: None,
            previous_secret: None,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_loopback_redirect_uri_has_any_port_and_every_other_uri_is_compared_exactly() {
        for (registered, asked, expected) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:8080/cb", "http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb", true),
            ("http://127.0.0.1", "http://127.0.0.1:1", true),
            ("http://127.0.0.1/cb?a=1", "http://127.0.0.1:51004/cb?a=1", true),
            ("http://127.0.0.1?a=1", "http://127.0.0.1:65535?a=1", true),
            ("http://[::1]/cb", "http://[::1]:51004/cb", true),
            ("http://localhost/cb", "http://localhost:51004/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb/", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb?a=1", false),
            ("http://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false),
            ("https://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false),
            ("http://127.0.0.1/cb", "http://localhost:51004/cb", false),
            ("http://127.0.0.1/cb", "http://[::1]:51004/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.2:51004/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1.example/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5a/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:+5/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80@app.example/cb", false),
            ("http://127.0.0.1/cb", "http://user@127.0.0.1:80/cb", false),
            ("http://localhost/cb", "http://localhost.example:80/cb", false),
            ("http://localhost@app.example/cb", "http://localhost@app.example:80/cb", false),
            ("https://app.example/cb", "https://app.example:8443/cb", false),
            ("http://app.example/cb", "http://app.example:8080/cb", false),
            ("com.example:/cb", "com.example:/cb", true),
        ] {
            assert_eq!(
                app(&["https://other.example/", registered]).has_redirect_uri(asked),
                expected,
                "{registered} {asked}"
            );
        }
    }
}
