//! A platform for the alarm of a ledger: it records requests and gives the answers of the test.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use hookswitch::core::{Connection, ConnectionStatus, Keyring, LedgerId, Timestamp, UserId};
use hookswitch::ledger::alarm::{AlarmPlatform, EndpointCache};
use hookswitch::ledger::in_memory::InMemoryLedger;
use hookswitch::ledger::{LedgerCode, LedgerContext, LedgerSettings, StorageError};
use hookswitch::operations::{LedgerClass, LedgerUnavailable, Ledgers};
use hookswitch::upstream::http::{HttpClient, NoResponse, OutboundRequest, ProviderResponse};

use crate::kit::Ledger;

/// An entry of the list of all connections that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) status: ConnectionStatus,
    pub(crate) deleted: bool,
    pub(crate) ttl: Option<u64>,
}

pub(crate) struct TestPlatform {
    pub(crate) now: Cell<Timestamp>,
    pub(crate) keyring: Keyring,
    pub(crate) operator: InMemoryLedger,
    /// Whether the operator's ledger answers.
    pub(crate) operator_is_up: Cell<bool>,
    pub(crate) operator_calls: Cell<u32>,
    pub(crate) settings: LedgerSettings,
    pub(crate) endpoints: EndpointCache,
    pub(crate) entries: RefCell<Vec<Entry>>,
    /// Whether KV takes entries.
    pub(crate) kv_is_up: Cell<bool>,
    /// The requests to providers and webhook endpoints.
    pub(crate) requests: RefCell<Vec<OutboundRequest>>,
    /// The answers to the next requests; 200 after them.
    pub(crate) answers: RefCell<VecDeque<Result<u16, String>>>,
    /// The URLs that never answer.
    pub(crate) hanging_urls: RefCell<Vec<String>>,
    pub(crate) notified: Cell<u32>,
    pub(crate) failures: RefCell<Vec<(&'static str, StorageError)>>,
}

impl TestPlatform {
    pub(crate) fn of(ledger: &Ledger) -> Self {
        Self {
            now: Cell::new(ledger.now.get()),
            keyring: ledger.keyring.clone(),
            operator: InMemoryLedger::new(LedgerClass::Operator).unwrap(),
            operator_is_up: Cell::new(true),
            operator_calls: Cell::new(0),
            settings: ledger.settings,
            endpoints: EndpointCache::new(),
            entries: RefCell::default(),
            kv_is_up: Cell::new(true),
            requests: RefCell::default(),
            answers: RefCell::default(),
            hanging_urls: RefCell::default(),
            notified: Cell::new(0),
            failures: RefCell::default(),
        }
    }
}

impl Ledgers for TestPlatform {
    fn call(
        &self,
        class: LedgerClass,
        id: LedgerId,
        message: String,
    ) -> LocalBoxFuture<'_, Result<String, LedgerUnavailable>> {
        assert_eq!((class, id), (LedgerClass::Operator, LedgerId::of_operator()));
        self.operator_calls.set(self.operator_calls.get() + 1);
        let cx = LedgerContext { now: self.now.get(), jitter: 0, settings: &self.settings, has_earlier_secrets: false };
        let answer = self.operator.answer(&message, &cx).map(|answer| answer.reply).map_err(|_| LedgerUnavailable);
        let is_up = self.operator_is_up.get();
        Box::pin(async move { answer.and_then(|reply| if is_up { Ok(reply) } else { Err(LedgerUnavailable) }) })
    }
}

impl HttpClient for TestPlatform {
    fn send(&self, request: OutboundRequest, _: Duration) -> LocalBoxFuture<'_, Result<ProviderResponse, NoResponse>> {
        self.requests.borrow_mut().push(request);
        if self.hanging_urls.borrow().contains(&self.requests.borrow().last().unwrap().url) {
            return Box::pin(std::future::pending());
        }
        let answer = self.answers.borrow_mut().pop_front().unwrap_or(Ok(200));
        let answer = match answer {
            Ok(status) => Ok(ProviderResponse { status, retry_after: None, body: String::new() }),
            Err(error) => Err(NoResponse(error)),
        };
        Box::pin(async move { answer })
    }
}

impl AlarmPlatform for TestPlatform {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn jitter(&self) -> u8 {
        0
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), StorageError> {
        buffer.fill(7);
        Ok(())
    }

    fn keyring(&self) -> Result<Keyring, StorageError> {
        Ok(self.keyring.clone())
    }

    /// The clock stands still while a ring runs, unless a test sets it.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        let until = self.now.get().plus_millis(i64::try_from(duration.as_millis()).unwrap());
        Box::pin(std::future::poll_fn(move |_| if self.now.get() < until { Poll::Pending } else { Poll::Ready(()) }))
    }

    fn ledgers(&self) -> &dyn Ledgers {
        self
    }

    fn http(&self) -> &dyn HttpClient {
        self
    }

    fn upstream_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn webhook_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn endpoints(&self) -> &EndpointCache {
        &self.endpoints
    }

    fn write_entry<'a>(
        &'a self,
        _: &'a UserId,
        connection: &'a Connection,
        ttl: Option<u64>,
    ) -> LocalBoxFuture<'a, bool> {
        let is_up = self.kv_is_up.get();
        if is_up {
            self.entries.borrow_mut().push(Entry {
                id: connection.id.as_str().to_owned(),
                status: connection.recorded.status,
                deleted: connection.deleted,
                ttl,
            });
        }
        Box::pin(async move { is_up })
    }

    fn notify_subscribers(&self) {
        self.notified.set(self.notified.get() + 1);
    }

    fn log_failure(&self, job: &'static str, error: &StorageError) {
        self.failures.borrow_mut().push((job, error.clone()));
    }
}

impl Ledger {
    /// Rings the alarm once at the ledger's time, and returns when it rings next. Nothing of the test platform waits.
    pub(crate) fn ring(&self, platform: &TestPlatform) -> Option<Timestamp> {
        platform.now.set(self.now.get());
        self.alarm.set(None);
        let ring = self.code.ring(&self.sql, platform, &self.settings);
        let next = ring.now_or_never().expect("the test platform does not wait").unwrap();
        let next = self.alarm.get().into_iter().chain(next).min();
        self.alarm.set(next);
        if next.is_some() {
            self.sql.rows.set(self.sql.rows.get() + 1);
        }
        next
    }

    /// Rings the alarm whenever it is due until this time.
    pub(crate) fn run_until(&self, until: Timestamp, platform: &TestPlatform) {
        for _ in 0..10_000 {
            match self.alarm.get() {
                Some(due) if due <= until => {
                    self.now.set(self.now.get().max(due));
                    self.ring(platform);
                }
                _ => {
                    self.now.set(self.now.get().max(until));
                    return;
                }
            }
        }
        panic!("the alarm keeps ringing");
    }

    pub(crate) fn run_for(&self, seconds: i64, platform: &TestPlatform) {
        self.run_until(self.now.get().plus_seconds(seconds), platform);
    }
}
