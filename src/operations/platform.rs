//! The platform that operations run on: ledgers, outbound HTTP, caches, time and randomness.
//!
//! The Worker implements these traits on Cloudflare's platform, tests implement them in memory.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::ledgers::Ledgers;
use crate::core::{
    App, AppId, ConnectionId, ConnectionStatus, Digest, Principal, Slug, Timestamp, TokenKey, UserId, Verdict,
};
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

    /// The list of all connections of the deployment.
    fn connection_list(&self) -> &dyn ConnectionList;

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
pub trait IsolateMemory: VerdictCache + LeaseCache + KeyCache + AppCache {}

impl<T: VerdictCache + LeaseCache + KeyCache + AppCache> IsolateMemory for T {}

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

/// The records of dead tokens in KV. A failure to read is a miss, and a failure to write is ignored.
pub trait TokenRecords {
    /// Reads the record under this key; `None` if there is none or KV failed.
    fn read(&self, key: String) -> LocalBoxFuture<'_, Option<String>>;

    /// Writes a record that is kept for `ttl`. The future does not borrow the platform, so that it can be deferred.
    fn write(&self, key: String, record: String, ttl: Duration) -> LocalBoxFuture<'static, ()>;
}

/// The list of all connections of the deployment, newest first. It may lag behind the ledgers by a minute.
pub trait ConnectionList {
    /// Reads a page of at most `limit` entries.
    fn page(
        &self,
        cursor: Option<String>,
        limit: u32,
    ) -> LocalBoxFuture<'_, Result<ConnectionListPage, ConnectionListUnavailable>>;
}

/// A page of the list of all connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionListPage {
    /// The entries.
    pub entries: Vec<ListedConnection>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// A connection as it was when its entry in the list was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedConnection {
    /// The connection's id.
    pub id: ConnectionId,
    /// The id of the user.
    pub user_id: UserId,
    /// The id of the app.
    pub app_id: AppId,
    /// The provider whose credentials the connection stores.
    pub provider: Option<Slug>,
    /// The status of the connection.
    pub status: ConnectionStatus,
}

/// The list of all connections cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list of all connections cannot be read")]
pub struct ConnectionListUnavailable;
