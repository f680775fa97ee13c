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
}
