//! [`Platform`] for the Worker.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use worker::{Context, Delay, Env};

use super::directory::D1Directory;
use super::http_client::FetchClient;
use super::isolate_memory::SharedMemory;
use super::ledgers::DurableLedgers;
use super::token_records::KvRecords;
use super::web_crypto::WebCrypto;
use crate::directory::Directory;
use crate::operations::Ledgers;
use crate::operations::platform::{
    HttpClient, IsolateMemory, Platform, RandomnessUnavailable, Signatures, TokenRecords,
};

/// The platform of one request.
pub(crate) struct WorkerPlatform {
    ledgers: DurableLedgers,
    records: KvRecords,
    directory: D1Directory,
    context: Context,
}

impl WorkerPlatform {
    pub(crate) fn new(env: &Env, context: Context) -> Self {
        Self {
            ledgers: DurableLedgers::new(env),
            records: KvRecords::new(env),
            directory: D1Directory::new(env),
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

    fn directory(&self) -> &dyn Directory {
        &self.directory
    }

    fn signatures(&self) -> &dyn Signatures {
        &WebCrypto
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
