//! Apps: what users connect to, and who authenticates as an OAuth client.

use super::digest::Digest;
use super::ids::{AppId, Slug};
use super::pack::packed;
use super::scope::Scope;
use super::time::Timestamp;
use super::words::words;

/// The most redirect URIs of an app.
pub const REDIRECT_URIS_MAX: usize = 20;
/// The most scopes of an app.
pub const SCOPES_MAX: usize = 64;
/// How long a client secret that was replaced may stay good, in seconds: a week.
pub const PREVIOUS_SECRET_TTL_MAX: u32 = 604_800;

words! {
    /// Whether an app can keep a secret (RFC 6749 §2.1).
    pub enum ClientType {
        /// It runs where its users can read all it holds: in a browser, on a phone.
        Public = "public",
        /// It has a server.
        Confidential = "confidential",
    }
}

/// What an administrator says of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What people know it as.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// Where it may have users sent; compared exactly.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Option<Scope>,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// A picture of it.
    pub logo_url: Option<String>,
    /// Whose credentials its connections hold.
    pub provider: Option<Slug>,
}

packed!(struct Registration { name, description, redirect_uris, scopes, client_type, logo_url, provider });

/// An app, as its ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its name, and its `client_id`.
    pub app_id: AppId,
    /// What an administrator said of it.
    pub registration: Registration,
    /// Stands for its client secret; none, for a public one.
    pub secret: Option<Digest>,
    /// Stands for the client secret before, and says until when that is good.
    pub previous_secret: Option<(Digest, Timestamp)>,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

packed!(struct App { app_id, registration, secret, previous_secret, created_at, updated_at });

impl App {
    /// Whether a client that says it is this app, and comes with this secret or none, is believed: a public one has
    /// none, and a confidential one has one of its own.
    #[must_use]
    pub fn admits(&self, secret: Option<&Digest>, now: Timestamp) -> bool {
        match (self.registration.client_type, secret) {
            (ClientType::Public, secret) => secret.is_none(),
            (ClientType::Confidential, None) => false,
            (ClientType::Confidential, Some(secret)) => {
                let before = self.previous_secret.as_ref().filter(|(_, until)| now < *until).map(|(digest, _)| digest);
                self.secret.as_ref() == Some(secret) || before == Some(secret)
            }
        }
    }

    /// Whether users may be sent there.
    #[must_use]
    pub fn registers(&self, redirect_uri: &str) -> bool {
        self.registration.redirect_uris.iter().any(|registered| registered == redirect_uri)
    }
}
