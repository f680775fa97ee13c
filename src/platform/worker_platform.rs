//! [`Platform`] for the Worker.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use worker::{Context, Delay, Env};

use super::connection_list::KvConnectionList;
use super::http_client::FetchClient;
use super::isolate_memory::SharedMemory;
use super::ledgers::DurableLedgers;
use super::token_records::KvRecords;
use crate::operations::Ledgers;
use crate::operations::platform::{
    ConnectionList, HttpClient, IsolateMemory, Platform, RandomnessUnavailable, TokenRecords,
};

/// The platform of one request.
pub(crate) struct WorkerPlatform {
    ledgers: DurableLedgers,
    records: KvRecords,
    connection_list: KvConnectionList,
    context: Context,
}

impl WorkerPlatform {
    pub(crate) fn new(env: &Env, context: Context) -> Self {
        Self {
            ledgers: DurableLedgers::new(env),
            records: KvRecords::new(env),
            connection_list: KvConnectionList::new(env),
            context,
        }
    }

    /// The ledgers as Durable Objects, for WebSockets.
    pub(crate) const fn durable_ledgers(&self) -> &DurableLedgers {
        &self.ledgers
    }
}

impl Platform for WorkerPlatform {
    fn ledgers(&self) -> &dyn Ledgers {
        &self.ledgers
    }

    fn http(&self) -> &dyn HttpClient {
        &FetchClient
    }

    fn memory(&self) -> &dyn IsolateMemory {
        &SharedMemory
    }

    fn records(&self) -> &dyn TokenRecords {
        &self.records
    }

    fn connection_list(&self) -> &dyn ConnectionList {
        &self.connection_list
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        getrandom::fill(buffer).map_err(|_| RandomnessUnavailable)
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(Delay::from(duration))
    }

    fn defer(&self, work: LocalBoxFuture<'static, ()>) {
        self.context.wait_until(work);
    }
}
