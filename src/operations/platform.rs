//! The platform that operations run on: ledgers, outbound HTTP, caches, time and randomness.
//!
//! The Worker implements these traits on Cloudflare's platform, tests implement them in memory.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::documents::RememberedDocument;
use super::ledgers::Ledgers;
use super::signing::RememberedSigningKeys;
use crate::core::jwk::Jwk;
use crate::core::signing_key::PrivateKey;
use crate::core::{App, AppId, Digest, Principal, Timestamp, TokenKey, Verdict};
use crate::directory::Directory;
pub use crate::upstream::http::{HttpClient, NoResponse, OutboundRequest, ProviderResponse};

/// How long an isolate remembers the owner of an API key or the registration of an app, in seconds. A revoked key, a
/// changed role and a changed app take effect everywhere after this time.
pub const REMEMBERED_SECONDS: i64 = 10;

/// The platform that operations run on.
pub trait Platform {
    /// The ledgers of the deployment.
    fn ledgers(&self) -> &dyn Ledgers;

    /// The client for requests to providers and webhook endpoints.
    fn http(&self) -> &dyn HttpClient;

    /// The memory of the isolate.
    fn memory(&self) -> &dyn IsolateMemory;

    /// The records of dead tokens in KV.
    fn records(&self) -> &dyn TokenRecords;

    /// The directory.
    fn directory(&self) -> &dyn Directory;

    /// Signatures with public keys.
    fn signatures(&self) -> &dyn Signatures;

    /// Fills the buffer with random bytes.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] if the platform has none.
    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomnessUnavailable>;

    /// Completes after this time.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;

    /// Runs a future to its end after the response was sent (`waitUntil`).
    fn defer(&self, work: LocalBoxFuture<'static, ()>);
}

/// The platform has no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the platform has no random bytes")]
pub struct RandomnessUnavailable;

/// The memory of an isolate. It is bounded: an entry can be forgotten at any time.
pub trait IsolateMemory: VerdictCache + LeaseCache + KeyCache + AppCache + DocumentCache + SigningKeyCache {}

impl<T: VerdictCache + LeaseCache + KeyCache + AppCache + DocumentCache + SigningKeyCache> IsolateMemory for T {}

/// The dead tokens that an isolate remembers.
pub trait VerdictCache {
    /// The terminal verdict on the token with this key.
    fn dead_token(&self, token: &TokenKey) -> Option<DeadToken>;

    /// Remembers a dead token in place of an earlier entry.
    fn remember_dead_token(&self, token: &TokenKey, dead: DeadToken);
}

/// A dead token in the memory of an isolate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadToken {
    /// The terminal verdict. Its source is `replica`.
    pub verdict: Verdict,
    /// Whether this isolate wrote or read the KV record of the token.
    pub is_recorded: bool,
}

/// The `valid` verdicts with a lease that an isolate remembers, by the digest of the token.
pub trait LeaseCache {
    /// The verdict on the token with this digest. The caller checks its lease.
    fn leased_verdict(&self, token: &Digest) -> Option<Verdict>;

    /// Remembers a verdict in place of an earlier one.
    fn remember_lease(&self, token: &Digest, verdict: Verdict);
}

/// The owners of API keys that an isolate remembers.
pub trait KeyCache {
    /// The entry of the API key with this digest. The caller checks its validity.
    fn key_owner(&self, key: &Digest) -> Option<RememberedKey>;

    /// Remembers the owner of an API key.
    fn remember_key_owner(&self, key: &Digest, owner: RememberedKey);
}

/// The owner of an API key in the memory of an isolate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedKey {
    /// The owner; `None` if the key is not valid.
    pub principal: Option<Principal>,
    /// The end of the entry's validity.
    pub valid_until: Timestamp,
}

/// The apps that an isolate remembers.
pub trait AppCache {
    /// The entry of an app. The caller checks its validity.
    fn app(&self, app_id: &AppId) -> Option<RememberedApp>;

    /// Remembers the registration of an app.
    fn remember_app(&self, app_id: &AppId, app: RememberedApp);
}

/// The registration of an app in the memory of an isolate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedApp {
    /// The registration; `None` if the app does not exist.
    pub app: Option<App>,
    /// The end of the entry's validity.
    pub valid_until: Timestamp,
}

/// The documents of clients that an isolate remembers.
pub trait DocumentCache {
    /// The document at a URL. The caller checks its validity.
    fn document(&self, url: &str) -> Option<RememberedDocument>;

    /// Remembers the document at a URL.
    fn remember_document(&self, url: &str, document: RememberedDocument);
}

/// The keys of the deployment that an isolate remembers.
pub trait SigningKeyCache {
    /// The keys. The caller checks their validity.
    fn signing_keys(&self) -> Option<Rc<RememberedSigningKeys>>;

    /// Remembers the keys.
    fn remember_signing_keys(&self, keys: Rc<RememberedSigningKeys>);
}

/// Signatures with ES256 and, on Cloudflare's platform, RS256. A signature has the form of RFC 7518.
pub trait Signatures {
    /// Makes a P-256 key.
    fn generate(&self) -> LocalBoxFuture<'_, Result<PrivateKey, SignaturesUnavailable>>;

    /// Signs a message with ES256.
    fn sign<'a>(
        &'a self,
        key: &'a PrivateKey,
        message: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<Vec<u8>, SignaturesUnavailable>>;

    /// Verifies a signature with the algorithm of the key. A key that is no point of the curve is an error.
    fn verify<'a>(
        &'a self,
        key: &'a Jwk,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignaturesUnavailable>>;
}

/// The platform cannot sign or verify with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the platform cannot sign or verify with the key")]
pub struct SignaturesUnavailable;

/// The records of dead tokens in KV. A failure to read is a miss, and a failure to write is ignored.
pub trait TokenRecords {
    /// Reads the record under this key; `None` if there is none or KV failed.
    fn read(&self, key: String) -> LocalBoxFuture<'_, Option<String>>;

    /// Writes a record that is kept for `ttl`. The future does not borrow the platform, so that it can be deferred.
    fn write(&self, key: String, record: String, ttl: Duration) -> LocalBoxFuture<'static, ()>;
}
