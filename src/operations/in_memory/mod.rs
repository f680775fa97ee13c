//! A platform in memory, with simulated time, for native tests and tools.
//!
//! [`InMemoryPlatform::run`] polls a future to its end. Time stands still while anything can make progress, and jumps to the
//! next timer when nothing can, so a test of a slow ledger takes no time. Ledgers, KV and providers can be slow or down.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::in_memory::Behaviour;
//! use hookswitch::operations::tokens::{self, Check};
//!
//! // A check of a token while its ledger is down is an error, and never a verdict.
//! let deployment = InMemoryDeployment::new().unwrap();
//! let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! deployment.platform.ledgers.set(Behaviour::down_after(0));
//! let check = Check { token: deployment.open(&created.secret), user_id: None };
//! assert!(deployment.run(tokens::check(&deployment.root(), check)).unwrap().is_err());
//! # }
//! ```

mod deployment;
mod memory;
mod services;
mod timeline;

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

pub use self::deployment::InMemoryDeployment;
pub use self::memory::UnboundedMemory;
pub use self::services::{InMemoryConnectionList, InMemoryRecords, ObservedLedgers, ScriptedHttp};
pub use self::timeline::{Behaviour, Sleep, Timeline};
use super::ledgers::Ledgers;
use super::platform::{ConnectionList, HttpClient, IsolateMemory, Platform, RandomnessUnavailable, TokenRecords};
use crate::core::Digest;

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
    /// A platform over these ledgers. Everything answers at once until a test changes that.
    #[must_use]
    pub fn new(ledgers: L) -> Self {
        let timeline = Timeline::default();
        Self {
            ledgers: ObservedLedgers::new(ledgers, timeline.clone()),
            http: ScriptedHttp::new(timeline.clone()),
            memory: UnboundedMemory::default(),
            records: InMemoryRecords::new(timeline.clone()),
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
        let mut cx = Context::from_waker(Waker::noop());
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
