//! A platform in memory, with simulated time, for native tests and tools.
//!
//! [`InMemoryPlatform::run`] polls a future to its end. Time stands still while anything can make progress, and jumps to the
//! next timer when nothing can, so a test of a slow ledger takes no time. Ledgers, KV and providers can be slow or down.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, Waker};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::ledgers::{LedgerClass, LedgerUnavailable, Ledgers};
use super::platform::{
    AppCache, ConnectionList, ConnectionListPage, ConnectionListUnavailable, DeadToken, HttpClient, IsolateMemory,
    KeyCache, ListedConnection, NoResponse, OutboundRequest, Platform, ProviderResponse, RandomnessUnavailable,
    RememberedApp, RememberedKey, TokenRecords, VerdictCache,
};
use crate::core::{AppId, Digest, LedgerId, TokenKey};

/// How a part of the platform behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// The time until it answers.
    pub delay: Duration,
    /// Whether it then fails.
    pub is_down: bool,
}

impl Behaviour {
    /// Answers after this many milliseconds.
    #[must_use]
    pub const fn slow(millis: u64) -> Self {
        Self { delay: Duration::from_millis(millis), is_down: false }
    }

    /// Fails after this many milliseconds.
    #[must_use]
    pub const fn down_after(millis: u64) -> Self {
        Self { delay: Duration::from_millis(millis), is_down: true }
    }
}

/// Simulated time and its timers.
#[derive(Clone, Default)]
pub struct Timeline(Rc<TimelineState>);

#[derive(Default)]
struct TimelineState {
    elapsed: Cell<Duration>,
    timers: RefCell<Vec<(Duration, Waker)>>,
}

impl Timeline {
    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed.get()
    }

    /// Completes after this time.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep { timeline: self.clone(), until: self.elapsed().saturating_add(duration) }
    }

    /// Jumps to the next timer. Returns whether there is one.
    fn advance(&self) -> bool {
        let mut timers = self.0.timers.borrow_mut();
        let Some(next) = timers.iter().map(|(at, _)| *at).min() else {
            return false;
        };
        self.0.elapsed.set(next.max(self.elapsed()));
        timers.retain(|(at, waker)| {
            if *at <= next {
                waker.wake_by_ref();
            }
            *at > next
        });
        true
    }
}

/// The future of [`Timeline::sleep`].
pub struct Sleep {
    timeline: Timeline,
    until: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<()> {
        if self.timeline.elapsed() >= self.until {
            return Poll::Ready(());
        }
        self.timeline.0.timers.borrow_mut().push((self.until, cx.waker().clone()));
        Poll::Pending
    }
}

/// Ledgers whose behaviour a test sets, and which count their calls.
pub struct ObservedLedgers<L> {
    inner: L,
    timeline: Timeline,
    behaviour: Cell<Behaviour>,
    of_class: RefCell<HashMap<LedgerClass, Behaviour>>,
    calls: RefCell<Vec<(LedgerClass, String)>>,
}

impl<L> ObservedLedgers<L> {
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

/// The memory of an isolate, without a bound.
#[derive(Default)]
pub struct UnboundedMemory {
    dead_tokens: RefCell<HashMap<TokenKey, DeadToken>>,
    keys: RefCell<HashMap<Digest, RememberedKey>>,
    apps: RefCell<HashMap<AppId, RememberedApp>>,
}

impl UnboundedMemory {
    /// Forgets everything, as a new isolate would.
    pub fn clear(&self) {
        self.dead_tokens.borrow_mut().clear();
        self.keys.borrow_mut().clear();
        self.apps.borrow_mut().clear();
    }
}

impl VerdictCache for UnboundedMemory {
    fn dead_token(&self, token: &TokenKey) -> Option<DeadToken> {
        self.dead_tokens.borrow().get(token).cloned()
    }

    fn remember_dead_token(&self, token: &TokenKey, dead: DeadToken) {
        self.dead_tokens.borrow_mut().insert(token.clone(), dead);
    }
}

impl KeyCache for UnboundedMemory {
    fn key_owner(&self, key: &Digest) -> Option<RememberedKey> {
        self.keys.borrow().get(key).cloned()
    }

    fn remember_key_owner(&self, key: &Digest, owner: RememberedKey) {
        self.keys.borrow_mut().insert(key.clone(), owner);
    }
}

impl AppCache for UnboundedMemory {
    fn app(&self, app_id: &AppId) -> Option<RememberedApp> {
        self.apps.borrow().get(app_id).cloned()
    }

    fn remember_app(&self, app_id: &AppId, app: RememberedApp) {
        self.apps.borrow_mut().insert(app_id.clone(), app);
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

/// The platform.
pub struct InMemoryPlatform<L> {
    /// The simulated time.
    pub timeline: Timeline,
    /// The ledgers.
    pub ledgers: ObservedLedgers<L>,
    /// Providers and webhook endpoints.
    pub http: ScriptedHttp,
    /// The memory of the isolate.
    pub memory: UnboundedMemory,
    /// The records of dead tokens in KV.
    pub records: InMemoryRecords,
    /// The list of all connections.
    pub connections: InMemoryConnectionList,
    deferred: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    random: Cell<u64>,
}

impl<L: Ledgers> InMemoryPlatform<L> {
    /// A platform over these ledgers. Everything answers at once until a test says otherwise.
    #[must_use]
    pub fn new(ledgers: L) -> Self {
        let timeline = Timeline::default();
        let behaviour = Cell::default();
        Self {
            ledgers: ObservedLedgers {
                inner: ledgers,
                timeline: timeline.clone(),
                behaviour,
                of_class: RefCell::default(),
                calls: RefCell::default(),
            },
            http: ScriptedHttp { timeline: timeline.clone(), ..ScriptedHttp::default() },
            memory: UnboundedMemory::default(),
            records: InMemoryRecords(Rc::new(RecordsState { timeline: timeline.clone(), ..RecordsState::default() })),
            connections: InMemoryConnectionList::default(),
            deferred: RefCell::default(),
            random: Cell::default(),
            timeline,
        }
    }

    /// Polls a future to its end, and then everything that it deferred. Returns `None` if the future waits for something
    /// that never happens.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let result = self.run_alone(future);
        while let Some(deferred) = self.take_deferred() {
            self.run_alone(deferred);
        }
        result
    }

    fn take_deferred(&self) -> Option<LocalBoxFuture<'static, ()>> {
        self.deferred.borrow_mut().pop()
    }

    fn run_alone<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let mut cx = PollContext::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = future.as_mut().poll(&mut cx) {
                return Some(result);
            }
            if !self.timeline.advance() {
                return None;
            }
        }
    }
}

impl<L: Ledgers> Platform for InMemoryPlatform<L> {
    fn ledgers(&self) -> &dyn Ledgers {
        &self.ledgers
    }

    fn http(&self) -> &dyn HttpClient {
        &self.http
    }

    fn memory(&self) -> &dyn IsolateMemory {
        &self.memory
    }

    fn records(&self) -> &dyn TokenRecords {
        &self.records
    }

    fn connection_list(&self) -> &dyn ConnectionList {
        &self.connections
    }

    /// Numbers that look random and are the same in every run.
    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        for chunk in buffer.chunks_mut(32) {
            let count = self.random.get().wrapping_add(1);
            self.random.set(count);
            let block = hex::decode(Digest::of(&count.to_be_bytes()).as_str()).unwrap_or_default();
            for (byte, random) in chunk.iter_mut().zip(block) {
                *byte = random;
            }
        }
        Ok(())
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.timeline.sleep(duration))
    }

    fn defer(&self, work: LocalBoxFuture<'static, ()>) {
        self.deferred.borrow_mut().push(work);
    }
}
