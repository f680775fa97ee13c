//! The records of dead tokens in KV: [`TokenRecords`].

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use worker::Env;
use worker::kv::{KvError, KvStore};

use crate::operations::platform::TokenRecords;

/// The binding of the KV namespace.
pub(super) const NAMESPACE: &str = "TOKENS";

/// The shortest validity of an entry that KV accepts, in seconds.
const TTL_MIN: u64 = 60;

/// The records of dead tokens in KV.
pub(crate) struct KvRecords {
    env: Env,
}

impl KvRecords {
    pub(crate) fn new(env: &Env) -> Self {
        Self { env: env.clone() }
    }
}

impl TokenRecords for KvRecords {
    fn read(&self, key: String) -> LocalBoxFuture<'_, Option<String>> {
        Box::pin(async move { self.env.kv(NAMESPACE).ok()?.get(&key).text().await.ok()? })
    }

    fn write(&self, key: String, record: String, ttl: Duration) -> LocalBoxFuture<'static, ()> {
        let kv = self.env.kv(NAMESPACE).ok();
        let ttl = ttl.as_secs().max(TTL_MIN);
        Box::pin(async move {
            // A record that is missing costs a ledger call later, and no check is wrong.
            if let Some(kv) = kv {
                let _ = write(&kv, &key, &record, ttl).await;
            }
        })
    }
}

async fn write(kv: &KvStore, key: &str, record: &str, ttl: u64) -> Result<(), KvError> {
    kv.put(key, record)?.expiration_ttl(ttl).execute().await
}
