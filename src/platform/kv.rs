//! The KV namespace, and the list of all connections in it.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::env::binding;
use super::host;
use crate::core::json::{Object, Value};
use crate::core::{AppId, Connection, ConnectionId, ConnectionStatus, Slug, Timestamp, UserId};

/// The KV namespace.
pub(crate) struct Kv(JsValue);

impl Kv {
    /// The namespace, if there is a binding `TOKENS`.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        binding(env, "TOKENS").map(Self)
    }

    /// What lies under each of some keys, one after the other with commas between; nothing, for a key that holds
    /// nothing. Neither a key nor what lies there has a comma in it. One operation.
    pub(super) async fn read(&self, keys: &str) -> Option<String> {
        host::text(host::read(&self.0, keys)).await
    }

    /// Starts to write what lives for so many seconds, or for ever.
    pub(crate) fn put(&self, key: &str, body: &str, ttl: Option<u64>) -> Promise {
        self.put_with(key, body, Object::new(), ttl)
    }

    fn put_with(&self, key: &str, body: &str, options: Object, ttl: Option<u64>) -> Promise {
        host::put(&self.0, key, body, &options.with_some("expirationTtl", ttl).text())
    }

    /// Starts to take away what lies under a key.
    pub(crate) fn delete(&self, key: &str) -> Promise {
        host::remove(&self.0, key)
    }

    /// Starts to write an entry of the list of all connections.
    pub(crate) fn put_entry(&self, entry: &Entry, ttl: Option<u64>) -> Promise {
        let metadata = Object::new()
            .with("u", entry.user_id.as_str())
            .with("a", entry.app_id.as_str())
            .with_some("p", entry.provider.as_ref().map(Slug::as_str))
            .with("s", entry.status.as_str());
        self.put_with(&entry.key(), "", Object::new().with("metadata", metadata), ttl)
    }

    /// Entries of the list of all connections, the newest first, and where to go on from.
    pub(crate) async fn entries(&self, cursor: Option<&str>, limit: u32) -> Option<(Vec<Entry>, Option<String>)> {
        let options = Object::new().with("prefix", PREFIX).with("limit", u64::from(limit)).with_some("cursor", cursor);
        let page = host::text(host::keys(&self.0, &options.text())).await?;
        let Ok(Value::Object(mut page)) = Value::parse(&page) else {
            return None;
        };
        let Some(Value::List(keys)) = page.take("keys") else {
            return None;
        };
        let entries = keys.into_iter().filter_map(Entry::read).collect();
        Some((entries, text(&mut page, "cursor").filter(|cursor| !cursor.is_empty())))
    }
}

fn text(object: &mut Object, name: &str) -> Option<String> {
    match object.take(name)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Waits for something to be written, and says whether it was.
pub(crate) async fn sent(put: Option<Promise>) -> bool {
    match put {
        Some(put) => JsFuture::from(put).await.is_ok(),
        None => false,
    }
}

const PREFIX: &str = "account:1:";

/// An entry of the list of all connections. Its key sorts the newest first; what it says of the connection is where to
/// look, and how it was when the entry was written.
pub(crate) struct Entry {
    pub(crate) connection_id: ConnectionId,
    pub(crate) user_id: UserId,
    pub(crate) app_id: AppId,
    pub(crate) provider: Option<Slug>,
    pub(crate) status: ConnectionStatus,
    created_at: Timestamp,
}

impl Entry {
    /// The entry of a connection.
    pub(crate) fn of(user_id: &UserId, connection: &Connection) -> Self {
        Self {
            connection_id: connection.id.clone(),
            user_id: user_id.clone(),
            app_id: connection.app_id.clone(),
            provider: connection.provider.clone(),
            status: connection.recorded.status,
            created_at: connection.created_at,
        }
    }

    /// Where it lies.
    pub(crate) fn key(&self) -> String {
        format!("{PREFIX}{:016x}:{}", i64::MAX.saturating_sub(self.created_at.micros()), self.connection_id)
    }

    fn read(key: Value) -> Option<Self> {
        let Value::Object(mut key) = key else {
            return None;
        };
        let name = text(&mut key, "name")?;
        let (time, connection_id) = name.strip_prefix(PREFIX)?.split_once(':')?;
        let Some(Value::Object(mut metadata)) = key.take("metadata") else {
            return None;
        };
        let mut member = |name| text(&mut metadata, name);
        Some(Self {
            connection_id: ConnectionId::parse(connection_id).ok()?,
            user_id: UserId::parse(&member("u")?).ok()?,
            app_id: AppId::parse(&member("a")?).ok()?,
            provider: member("p").map(Slug::stored),
            status: ConnectionStatus::parse(&member("s")?)?,
            created_at: Timestamp::from_micros(i64::MAX.saturating_sub(i64::from_str_radix(time, 16).ok()?)),
        })
    }
}
