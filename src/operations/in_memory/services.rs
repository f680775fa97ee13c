//! Services of the platform that can be slow or down: ledgers, providers and KV.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::timeline::{Behaviour, Timeline};
use crate::core::LedgerId;
use crate::operations::ledgers::{LedgerClass, LedgerUnavailable, Ledgers};
use crate::operations::platform::{
    ConnectionList, ConnectionListPage, ConnectionListUnavailable, HttpClient, ListedConnection, NoResponse,
    OutboundRequest, ProviderResponse, TokenRecords,
};

/// Ledgers whose behaviour a test sets, and which count their calls.
pub struct ObservedLedgers<L> {
    inner: L,
    timeline: Timeline,
    behaviour: Cell<Behaviour>,
    of_class: RefCell<HashMap<LedgerClass, Behaviour>>,
    broken: RefCell<Vec<LedgerId>>,
    calls: RefCell<Vec<(LedgerClass, String)>>,
}

impl<L> ObservedLedgers<L> {
    pub(super) fn new(inner: L, timeline: Timeline) -> Self {
        let (behaviour, of_class, calls) = (Cell::default(), RefCell::default(), RefCell::default());
        Self { inner, timeline, behaviour, of_class, broken: RefCell::default(), calls }
    }

    /// The ledgers.
    pub const fn inner(&self) -> &L {
        &self.inner
    }

    /// Sets how the ledgers behave.
    pub fn set(&self, behaviour: Behaviour) {
        self.behaviour.set(behaviour);
    }

    /// Sets how the ledgers of one class behave.
    pub fn set_class(&self, class: LedgerClass, behaviour: Behaviour) {
        self.of_class.borrow_mut().insert(class, behaviour);
    }

    /// Lets one ledger fail from now on.
    pub fn break_ledger(&self, id: LedgerId) {
        self.broken.borrow_mut().push(id);
    }

    /// The classes and messages of all calls since the last time, and forgets them.
    pub fn take_calls(&self) -> Vec<(LedgerClass, String)> {
        self.calls.take()
    }
}

impl<L: Ledgers> Ledgers for ObservedLedgers<L> {
    fn call(
        &self,
        class: LedgerClass,
        id: LedgerId,
        message: String,
    ) -> LocalBoxFuture<'_, Result<String, LedgerUnavailable>> {
        self.calls.borrow_mut().push((class, message.clone()));
        let of_class = self.of_class.borrow().get(&class).copied();
        let Behaviour { delay, is_down } = of_class.unwrap_or(self.behaviour.get());
        let is_down = is_down || self.broken.borrow().contains(&id);
        Box::pin(async move {
            self.timeline.sleep(delay).await;
            if is_down { Err(LedgerUnavailable) } else { self.inner.call(class, id, message).await }
        })
    }
}

/// Providers and webhook endpoints whose responses a test sets.
#[derive(Default)]
pub struct ScriptedHttp {
    timeline: Timeline,
    responses: RefCell<VecDeque<Result<ProviderResponse, NoResponse>>>,
    requests: RefCell<Vec<OutboundRequest>>,
    delay: Cell<Duration>,
}

impl ScriptedHttp {
    pub(super) fn new(timeline: Timeline) -> Self {
        Self { timeline, ..Self::default() }
    }

    /// Adds a response with this status and body. Requests without a response get none.
    pub fn respond(&self, status: u16, body: &str) {
        let response = ProviderResponse { status, retry_after: None, body: body.to_owned() };
        self.responses.borrow_mut().push_back(Ok(response));
    }

    /// Sets the time until a response comes.
    pub fn set_delay(&self, delay: Duration) {
        self.delay.set(delay);
    }

    /// The requests since the last time, and forgets them.
    pub fn take_requests(&self) -> Vec<OutboundRequest> {
        self.requests.take()
    }
}

impl HttpClient for ScriptedHttp {
    fn send(
        &self,
        request: OutboundRequest,
        timeout: Duration,
    ) -> LocalBoxFuture<'_, Result<ProviderResponse, NoResponse>> {
        self.requests.borrow_mut().push(request);
        let response = self.responses.borrow_mut().pop_front();
        let delay = self.delay.get();
        Box::pin(async move {
            self.timeline.sleep(delay.min(timeout)).await;
            let timed_out = || Err(NoResponse("no response in time".to_owned()));
            if delay > timeout { timed_out() } else { response.unwrap_or_else(timed_out) }
        })
    }
}

/// A KV namespace whose behaviour a test sets, and which counts its operations.
#[derive(Clone, Default)]
pub struct InMemoryRecords(Rc<RecordsState>);

#[derive(Default)]
struct RecordsState {
    timeline: Timeline,
    behaviour: Cell<Behaviour>,
    records: RefCell<HashMap<String, String>>,
    reads: Cell<usize>,
    writes: Cell<usize>,
}

impl InMemoryRecords {
    pub(super) fn new(timeline: Timeline) -> Self {
        Self(Rc::new(RecordsState { timeline, ..RecordsState::default() }))
    }

    /// Sets how KV behaves.
    pub fn set(&self, behaviour: Behaviour) {
        self.0.behaviour.set(behaviour);
    }

    /// The number of reads since the last time, and starts again from 0.
    #[must_use]
    pub fn take_reads(&self) -> usize {
        self.0.reads.take()
    }

    /// The number of writes since the last time, and starts again from 0.
    #[must_use]
    pub fn take_writes(&self) -> usize {
        self.0.writes.take()
    }

    async fn answer(&self) -> bool {
        let Behaviour { delay, is_down } = self.0.behaviour.get();
        self.0.timeline.sleep(delay).await;
        !is_down
    }
}

impl TokenRecords for InMemoryRecords {
    fn read(&self, key: String) -> LocalBoxFuture<'_, Option<String>> {
        self.0.reads.set(self.0.reads.get().saturating_add(1));
        Box::pin(async move { if self.answer().await { self.0.records.borrow().get(&key).cloned() } else { None } })
    }

    fn write(&self, key: String, record: String, _: Duration) -> LocalBoxFuture<'static, ()> {
        self.0.writes.set(self.0.writes.get().saturating_add(1));
        let records = self.clone();
        Box::pin(async move {
            if records.answer().await {
                records.0.records.borrow_mut().insert(key, record);
            }
        })
    }
}

/// A list of connections that a test sets.
#[derive(Default)]
pub struct InMemoryConnectionList(RefCell<Vec<ListedConnection>>);

impl InMemoryConnectionList {
    /// Adds a connection as the newest.
    pub fn add(&self, connection: ListedConnection) {
        self.0.borrow_mut().insert(0, connection);
    }
}

impl ConnectionList for InMemoryConnectionList {
    fn page(
        &self,
        cursor: Option<String>,
        limit: u32,
    ) -> LocalBoxFuture<'_, Result<ConnectionListPage, ConnectionListUnavailable>> {
        let start = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0_usize);
        let end = start.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX));
        let all = self.0.borrow();
        let entries = all.iter().skip(start).take(end.saturating_sub(start)).cloned().collect();
        let next = (end < all.len()).then(|| end.to_string());
        Box::pin(std::future::ready(Ok(ConnectionListPage { entries, next })))
    }
}
