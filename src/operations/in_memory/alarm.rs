//! The alarms of ledgers in memory.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::InMemoryPlatform;
use crate::core::{Keyring, Timestamp};
use crate::directory::Directory;
use crate::ledger::StorageError;
use crate::ledger::alarm::{AlarmPlatform, EndpointCache};
use crate::ledger::in_memory::{InMemoryLedgers, TestClock};
use crate::operations::Ledgers;
use crate::upstream::http::HttpClient;

/// How many seconds the clock is moved on for work that is due soon.
const SETTLE_SECONDS: i64 = 5;

/// The platform of the alarms of ledgers in memory.
struct InMemoryAlarms<'a> {
    platform: &'a InMemoryPlatform<InMemoryLedgers>,
    clock: &'a TestClock,
    keyring: &'a Keyring,
    endpoints: EndpointCache,
}

impl InMemoryPlatform<InMemoryLedgers> {
    /// Moves the clock on by a few seconds, second by second, and rings every alarm that is due. After that the directory
    /// has what was changed before.
    ///
    /// # Errors
    /// [`StorageError`] if a ledger cannot be read.
    pub async fn settle(&self, clock: &TestClock, keyring: &Keyring) -> Result<(), StorageError> {
        let alarms = InMemoryAlarms { platform: self, clock, keyring, endpoints: EndpointCache::new() };
        for _ in 0..SETTLE_SECONDS {
            clock.advance_seconds(1);
            self.ledgers.inner().ring_due(&alarms).await?;
        }
        Ok(())
    }
}

impl AlarmPlatform for InMemoryAlarms<'_> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn jitter(&self) -> u8 {
        0
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), StorageError> {
        use crate::operations::Platform;
        self.platform.random(buffer).map_err(|error| StorageError::Platform(error.to_string()))
    }

    fn keyring(&self) -> Result<Keyring, StorageError> {
        Ok(self.keyring.clone())
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(self.platform.timeline.sleep(duration))
    }

    fn ledgers(&self) -> &dyn Ledgers {
        &self.platform.ledgers
    }

    fn http(&self) -> &dyn HttpClient {
        &self.platform.http
    }

    fn upstream_timeout(&self) -> Duration {
        Duration::from_secs(10)
    }

    fn webhook_timeout(&self) -> Duration {
        Duration::from_secs(15)
    }

    fn directory(&self) -> &dyn Directory {
        &self.platform.directory
    }

    fn endpoints(&self) -> &EndpointCache {
        &self.endpoints
    }

    fn notify_subscribers(&self) {}

    fn log_failure(&self, _: &'static str, _: &StorageError) {}
}
