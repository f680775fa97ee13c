//! A user's ledger on SQLite in memory, with a platform for its alarm.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use hookswitch::core::{Connection, Keyring, Timestamp, UserId};
use hookswitch::ledger::alarm::{AlarmPlatform, EndpointCache};
use hookswitch::ledger::in_memory::{InMemoryLedger, InMemoryLedgers, TestClock};
use hookswitch::ledger::{LedgerContext, LedgerSettings, StorageError};
use hookswitch::operations::{LedgerClass, Ledgers};
use hookswitch::upstream::http::{HttpClient, NoResponse, OutboundRequest, ProviderResponse};

use crate::history::Mirror;
use crate::kit;

/// The ledger of a user in SQL.
pub(crate) struct SqlLedger {
    ledger: InMemoryLedger,
    settings: LedgerSettings,
    platform: Platform,
}

impl SqlLedger {
    pub(crate) fn new() -> Self {
        let settings = LedgerSettings::default();
        let clock = TestClock::at(kit::second(0));
        let ledgers = InMemoryLedgers::new(clock.clone(), settings);
        let platform = Platform { clock, ledgers, endpoints: EndpointCache::new() };
        Self { ledger: InMemoryLedger::new(LedgerClass::User).unwrap(), settings, platform }
    }
}

impl Mirror for SqlLedger {
    fn answer(&mut self, message: &str, now: Timestamp) -> String {
        let cx = LedgerContext { now, jitter: 0, settings: &self.settings, has_earlier_secrets: false };
        self.ledger.answer(message, &cx).unwrap().reply
    }

    fn ring(&mut self, now: Timestamp) {
        self.platform.clock.set(now);
        // One ring handles one cutoff, and rings again for the next.
        for _ in 0..100 {
            let ring = self.ledger.ring(&self.platform, &self.settings);
            ring.now_or_never().expect("the platform does not wait").unwrap();
            if self.ledger.alarm().is_none_or(|due| due > now) {
                return;
            }
        }
        panic!("the alarm keeps ringing");
    }
}

/// A platform without webhook endpoints and providers.
struct Platform {
    clock: TestClock,
    ledgers: InMemoryLedgers,
    endpoints: EndpointCache,
}

impl HttpClient for Platform {
    fn send(&self, _: OutboundRequest, _: Duration) -> LocalBoxFuture<'_, Result<ProviderResponse, NoResponse>> {
        panic!("there is nobody to send a request to")
    }
}

impl AlarmPlatform for Platform {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn jitter(&self) -> u8 {
        0
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), StorageError> {
        buffer.fill(7);
        Ok(())
    }

    fn keyring(&self) -> Result<Keyring, StorageError> {
        Ok(Keyring::new(&[7; 32], &[]).unwrap())
    }

    fn sleep(&self, _: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn ledgers(&self) -> &dyn Ledgers {
        &self.ledgers
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

    fn write_entry<'a>(&'a self, _: &'a UserId, _: &'a Connection, _: Option<u64>) -> LocalBoxFuture<'a, bool> {
        Box::pin(async { true })
    }

    fn notify_subscribers(&self) {}

    fn log_failure(&self, job: &'static str, error: &StorageError) {
        panic!("{job}: {error}")
    }
}
