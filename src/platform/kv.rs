//! The KV namespace, and the list of all connections in it.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use worker::Env;

use super::env::binding;
use super::host;
use crate::core::json::Object;
use crate::core::{AppId, Connection, ConnectionId, ConnectionStatus, Slug, UserId};

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
        host::text(host::look_up(&self.0, keys)).await
    }

    /// Writes what lives for so many seconds, or for ever. What comes of it is whether it could be done.
    pub(crate) fn put(&self, key: &str, body: &str, ttl: Option<u64>) -> Promise {
        self.put_with(key, body, Object::new(), ttl)
    }

    fn put_with(&self, key: &str, body: &str, options: Object, ttl: Option<u64>) -> Promise {
        host::store(&self.0, key, Some(body), &options.with_some("expirationTtl", ttl).text())
    }

    /// Writes the entry of a connection in the list of all, or takes away that of one that was deleted, as [`Self::put`]
    /// does. Its key sorts the newest first.
    pub(crate) fn enter(&self, user_id: &UserId, connection: &Connection, ttl: Option<u64>) -> Promise {
        let place = i64::MAX.saturating_sub(connection.created_at.micros());
        let key = format!("{PREFIX}{place:016x}:{}", connection.id);
        if connection.deleted {
            return host::store(&self.0, &key, None, "");
        }
        let metadata = Object::new()
            .with("u", user_id.as_str())
            .with("a", connection.app_id.as_str())
            .with_some("p", connection.provider.as_ref().map(Slug::as_str))
            .with("s", connection.recorded.status.as_str());
        self.put_with(&key, "", Object::new().with("metadata", metadata), ttl)
    }

    /// Entries of the list of all connections, the newest first, and where to go on from.
    pub(crate) async fn entries(&self, cursor: Option<&str>, limit: u32) -> Option<(Vec<Entry>, Option<String>)> {
        let page = host::text(host::list(&self.0, PREFIX, limit, cursor)).await?;
        let mut lines = page.lines();
        let cursor = lines.next().filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        Some((lines.filter_map(Entry::read).collect(), cursor))
    }
}

const PREFIX: &str = "account:1:";

/// An entry of the list of all connections: where to look, and how the connection was when the entry was written.
pub(crate) struct Entry {
    pub(crate) connection_id: ConnectionId,
    pub(crate) user_id: UserId,
    pub(crate) app_id: AppId,
    pub(crate) provider: Option<Slug>,
    pub(crate) status: ConnectionStatus,
}

impl Entry {
    /// Reads a line of what [`host::list`] gives: no id has a tab or a line's end in it.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split('\t');
        let (_, connection_id) = words.next()?.strip_prefix(PREFIX)?.split_once(':')?;
        Some(Self {
            connection_id: ConnectionId::parse(connection_id).ok()?,
            user_id: UserId::parse(words.next()?).ok()?,
            app_id: AppId::parse(words.next()?).ok()?,
            status: ConnectionStatus::parse(words.next()?)?,
            provider: words.next().filter(|slug| !slug.is_empty()).map(|slug| Slug::stored(slug.to_owned())),
        })
    }
}
