//! The part of Cloudflare's platform that the jobs of the alarm need.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde_json::json;
use worker::Env;

use crate::core::{Connection, Keyring, Timestamp, UserId};
use crate::ledger::alarm::{AlarmPlatform, EndpointCache};
use crate::ledger::error::StorageError;
use crate::ledger::settings::LedgerSettings;
use crate::operations::{Ledgers, Settings};
use crate::platform::clock;
use crate::platform::config::{configuration, number, text};
use crate::platform::connection_list::KvConnectionList;
use crate::platform::http_client::FetchClient;
use crate::platform::ledgers::DurableLedgers;
use crate::upstream::http::HttpClient;

thread_local! {
    /// The webhook endpoints. All ledgers of an isolate share them.
    static ENDPOINTS: &'static EndpointCache = Box::leak(Box::new(EndpointCache::new()));
}

/// The webhook endpoints that the isolate remembers.
pub(super) fn endpoints() -> &'static EndpointCache {
    ENDPOINTS.with(|endpoints| *endpoints)
}

/// The settings of the deployment, and whether it has earlier secrets.
pub(super) fn settings(env: &Env) -> (LedgerSettings, bool) {
    let defaults = LedgerSettings::default();
    let config = configuration(env).ok();
    let (retention, upstream_retry) = match &config {
        Some(config) => {
            let retention = i64::try_from(config.settings.retention.as_secs()).unwrap_or(defaults.retention);
            (retention, config.settings.upstream_retry)
        }
        None => (defaults.retention, defaults.upstream_retry),
    };
    let max = |name, default| number(env, name).map_or(default, u64::from);
    let settings = LedgerSettings {
        retention,
        upstream_retry,
        webhook_retry: number(env, "WEBHOOK_RETRY_MS").unwrap_or(defaults.webhook_retry),
        // Zero is a value here: the endpoints are read again after each event.
        webhook_cache: text(env, "WEBHOOK_CACHE_SECONDS").parse().map_or(defaults.webhook_cache, |s: u32| s.into()),
        tokens_max: max("USER_TOKENS_MAX", defaults.tokens_max),
        api_keys_max: max("USER_API_KEYS_MAX", defaults.api_keys_max),
        connections_max: max("USER_CONNECTIONS_MAX", defaults.connections_max),
        responses_max: max("USER_STORED_RESPONSES_MAX", defaults.responses_max),
        size_max: max("LEDGER_BYTES_MAX", defaults.size_max),
    };
    (settings, config.is_some_and(|config| config.keyring.earlier_seal_keys().next().is_some()))
}

/// The platform of one ring of the alarm.
pub(super) struct DurablePlatform<'a> {
    env: &'a Env,
    ledgers: DurableLedgers,
    connection_list: KvConnectionList,
    /// Sends the current status to the WebSocket subscribers of the ledger.
    notify: &'a dyn Fn(),
}

impl<'a> DurablePlatform<'a> {
    pub(super) fn new(env: &'a Env, notify: &'a dyn Fn()) -> Self {
        Self { env, ledgers: DurableLedgers::new(env), connection_list: KvConnectionList::new(env), notify }
    }

    fn timeout(&self, of: fn(&Settings) -> Duration) -> Duration {
        configuration(self.env).map_or_else(|_| of(&Settings::default()), |config| of(&config.settings))
    }
}

impl AlarmPlatform for DurablePlatform<'_> {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn jitter(&self) -> u8 {
        jitter()
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), StorageError> {
        getrandom::fill(buffer).map_err(|_| StorageError::Platform("there are no random bytes".to_owned()))
    }

    fn keyring(&self) -> Result<Keyring, StorageError> {
        let config = configuration(self.env);
        let config = config.map_err(|_| StorageError::Platform("the deployment is misconfigured".to_owned()))?;
        Ok(config.keyring.clone())
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(worker::Delay::from(duration))
    }

    fn ledgers(&self) -> &dyn Ledgers {
        &self.ledgers
    }

    fn http(&self) -> &dyn HttpClient {
        &FetchClient
    }

    fn upstream_timeout(&self) -> Duration {
        self.timeout(|settings| settings.upstream_timeout)
    }

    fn webhook_timeout(&self) -> Duration {
        self.timeout(|settings| settings.webhook_timeout)
    }

    fn endpoints(&self) -> &EndpointCache {
        endpoints()
    }

    fn write_entry<'a>(
        &'a self,
        user_id: &'a UserId,
        connection: &'a Connection,
        ttl: Option<u64>,
    ) -> LocalBoxFuture<'a, bool> {
        Box::pin(async move { self.connection_list.write(user_id, connection, ttl).await.is_ok() })
    }

    fn notify_subscribers(&self) {
        (self.notify)();
    }

    fn log_failure(&self, job: &'static str, error: &StorageError) {
        log("alarm job failed", Some(job), error);
    }
}

/// A random number that spreads retries.
pub(super) fn jitter() -> u8 {
    getrandom::u32().map_or(0, |random| u8::try_from(random & 255).unwrap_or_default())
}

/// Writes an error to the log.
pub(super) fn log(message: &str, job: Option<&str>, error: &StorageError) {
    let line = json!({ "level": "error", "message": message, "job": job, "error": error.to_string() });
    worker::console_error!("{line}");
}
