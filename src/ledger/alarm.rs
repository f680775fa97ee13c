//! The alarm of a ledger: what it needs of the platform, and how its jobs run.
//!
//! A ledger has one alarm. It is set when something is due, and only if it would ring later otherwise. When it rings, each
//! job does one bounded batch; if more is left, the alarm rings again at once, so requests are answered in between. A job
//! that fails does not stop the others: it is tried again after [`REST_SECONDS`].

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::error::StorageError;
use super::settings::LedgerSettings;
use crate::core::decide::operator::{ListWebhooks, OperatorCommand};
use crate::core::webhook::Endpoint;
use crate::core::{Connection, Keyring, LedgerId, Principal, Reply, Request, Timestamp, UserId};
use crate::operations::ledgers::{LedgerClass, Ledgers};
use crate::upstream::http::HttpClient;

/// How long the alarm rests after a job failed, in seconds.
pub const REST_SECONDS: i64 = 10;

/// The part of the platform that the jobs of the alarm need.
pub trait AlarmPlatform {
    /// The time of the platform's clock.
    fn now(&self) -> Timestamp;

    /// A random number that spreads retries.
    fn jitter(&self) -> u8;

    /// Fills the buffer with random bytes.
    ///
    /// # Errors
    /// [`StorageError::Platform`] if there are none.
    fn random(&self, buffer: &mut [u8]) -> Result<(), StorageError>;

    /// The keys of the deployment's secrets.
    ///
    /// # Errors
    /// [`StorageError::Platform`] if the secrets are missing or cannot be used.
    fn keyring(&self) -> Result<Keyring, StorageError>;

    /// Waits for the duration.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()>;

    /// The other ledgers.
    fn ledgers(&self) -> &dyn Ledgers;

    /// The client for requests to providers and webhook endpoints.
    fn http(&self) -> &dyn HttpClient;

    /// How long a provider has to answer.
    fn upstream_timeout(&self) -> Duration;

    /// How long a webhook endpoint has to answer.
    fn webhook_timeout(&self) -> Duration;

    /// The webhook endpoints that the isolate remembers.
    fn endpoints(&self) -> &EndpointCache;

    /// Writes the entry of a connection in the list of all connections, or deletes it if the connection was deleted. `ttl`
    /// is the validity of the entry in seconds; without it, the entry stays. Returns whether it was written.
    fn write_entry<'a>(
        &'a self,
        user_id: &'a UserId,
        connection: &'a Connection,
        ttl: Option<u64>,
    ) -> LocalBoxFuture<'a, bool>;

    /// Sends the current status to the WebSocket subscribers of this ledger, after statuses may have changed.
    fn notify_subscribers(&self);

    /// Logs that a job failed.
    fn log_failure(&self, job: &'static str, error: &StorageError);
}

/// The webhook endpoints as an isolate remembers them, for all of its ledgers, so that not every ledger asks the operator's
/// ledger. They are used for [`LedgerSettings::webhook_cache`] seconds. For so long an endpoint that was changed or deleted
/// may receive events as before. Events that are recorded so soon after the first endpoint was created may wait for the next
/// event of their ledger.
#[derive(Debug, Default)]
pub struct EndpointCache(RefCell<Option<KnownEndpoints>>);

/// The webhook endpoints, and when the operator's ledger was asked for them.
#[derive(Clone, Debug)]
pub struct KnownEndpoints {
    /// When the operator's ledger was asked.
    pub asked_at: Timestamp,
    /// The endpoints, by name.
    pub endpoints: Rc<Vec<Endpoint>>,
}

/// The work that new events cause for webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookAction {
    /// Nothing: no endpoint is enabled.
    None,
    /// The alarm delivers the events.
    Ring,
    /// The endpoints have to be read again, without a write: there was no enabled one when they were read last.
    Refresh,
}

impl EndpointCache {
    /// An empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// The work for events that are recorded at this time.
    ///
    /// If the isolate has not read the endpoints yet, the alarm does: then a crash loses nothing.
    #[must_use]
    pub fn action(&self, now: Timestamp, settings: &LedgerSettings) -> WebhookAction {
        match &*self.0.borrow() {
            None => WebhookAction::Ring,
            Some(known) if known.has_enabled() => WebhookAction::Ring,
            Some(known) if known.is_fresh(now, settings) => WebhookAction::None,
            Some(_) => WebhookAction::Refresh,
        }
    }

    /// Forgets the endpoints.
    pub fn clear(&self) {
        self.0.replace(None);
    }

    /// The endpoints: the remembered ones while they are fresh, or else those of the operator's ledger.
    ///
    /// # Errors
    /// [`StorageError::Platform`] if the operator's ledger does not answer.
    pub async fn read(
        &self,
        platform: &dyn AlarmPlatform,
        settings: &LedgerSettings,
    ) -> Result<KnownEndpoints, StorageError> {
        let asked_at = platform.now();
        let known = self.0.borrow().clone();
        if let Some(known) = known.filter(|known| known.is_fresh(asked_at, settings)) {
            return Ok(known);
        }
        let known = KnownEndpoints { asked_at, endpoints: Rc::new(ask_operator(platform, ListWebhooks {}).await?) };
        self.0.replace(Some(known.clone()));
        Ok(known)
    }
}

impl KnownEndpoints {
    fn is_fresh(&self, now: Timestamp, settings: &LedgerSettings) -> bool {
        now < self.asked_at.plus_seconds(settings.webhook_cache)
    }

    /// Whether events are sent to any endpoint.
    #[must_use]
    pub fn has_enabled(&self) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.disabled.is_none())
    }
}

/// Runs a command of the operator's ledger.
///
/// # Errors
/// [`StorageError::Platform`] if the ledger does not answer or refuses the command.
pub(super) async fn ask_operator<C: OperatorCommand>(
    platform: &dyn AlarmPlatform,
    command: C,
) -> Result<C::Outcome, StorageError> {
    let failed = |reason: &str| StorageError::Platform(format!("the operator's ledger {reason}"));
    let message = Request::plain(Principal::Root, command).message();
    let message = message.map_err(|error| StorageError::json("message", &error))?;
    let reply = platform.ledgers().call(LedgerClass::Operator, LedgerId::of_operator(), message).await;
    let reply = reply.map_err(|_| failed("did not answer"))?;
    let reply: Reply<C::Outcome> = serde_json::from_str(&reply).map_err(|error| StorageError::json("reply", &error))?;
    reply.outcome.map_err(|_| failed("refused a command"))
}

/// When the alarm must ring next, gathered from the jobs of one ring.
#[derive(Debug)]
pub(super) struct Agenda<'a> {
    platform: &'a dyn AlarmPlatform,
    next: Option<Timestamp>,
    has_failed: bool,
}

impl std::fmt::Debug for dyn AlarmPlatform + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AlarmPlatform")
    }
}

impl<'a> Agenda<'a> {
    pub(super) const fn new(platform: &'a dyn AlarmPlatform) -> Self {
        Self { platform, next: None, has_failed: false }
    }

    /// Adds when a job is due next. A failure is logged.
    pub(super) fn add(&mut self, job: &'static str, due: Result<Option<Timestamp>, StorageError>) {
        match due {
            Ok(due) => self.next = self.next.into_iter().chain(due).min(),
            Err(error) => {
                self.platform.log_failure(job, &error);
                self.has_failed = true;
            }
        }
    }

    /// When the alarm would have to ring next.
    pub(super) fn peek(&self) -> Option<Timestamp> {
        let rested = self.platform.now().plus_seconds(REST_SECONDS);
        if self.has_failed { Some(self.next.map_or(rested, |next| next.max(rested))) } else { self.next }
    }

    /// When the alarm must ring next. After a failure it rests first.
    pub(super) fn next(self) -> Option<Timestamp> {
        self.peek()
    }
}
