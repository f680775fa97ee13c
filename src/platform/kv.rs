//! The KV namespace, and the list of all connections in it.

use js_sys::{Array, Map, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::env::binding;
use super::host;
use crate::core::json::{Object, Value};
use crate::core::{AppId, Connection, ConnectionId, ConnectionStatus, Slug, UserId};

#[wasm_bindgen]
extern "C" {
    /// A KV namespace.
    type Namespace;

    #[wasm_bindgen(method, catch)]
    fn get(this: &Namespace, key: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = get)]
    fn get_many(this: &Namespace, keys: &Array) -> Result<Promise, JsValue>;
}

/// The KV namespace.
pub(crate) struct Kv(Namespace);

impl Kv {
    /// The namespace, if there is a binding `TOKENS`.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        binding(env, "TOKENS").map(Self)
    }

    /// What lies under a key.
    pub(super) async fn read(&self, key: &str) -> Option<JsValue> {
        JsFuture::from(self.0.get(key).ok()?).await.ok()
    }

    /// What lies under each key: one operation.
    pub(super) async fn read_many(&self, keys: &[JsValue]) -> Option<Map> {
        let found = JsFuture::from(self.0.get_many(&keys.iter().collect()).ok()?).await.ok()?;
        found.dyn_into().ok()
    }

    /// Writes what lives for so many seconds, or for ever. What comes of it is whether it could be done.
    pub(crate) fn put(&self, key: &str, body: &str, ttl: Option<u64>) -> Promise {
        self.put_with(key, body, Object::new(), ttl)
    }

    fn put_with(&self, key: &str, body: &str, options: Object, ttl: Option<u64>) -> Promise {
        host::store(&self.0, key, Some(body), &options.with_some("expirationTtl", ttl).text())
    }

    /// Takes away what lies under a key. What comes of it is whether it could be done.
    pub(crate) fn delete(&self, key: &str) -> Promise {
        host::store(&self.0, key, None, "")
    }

    /// Writes the entry of a connection in the list of all connections, as [`Self::put`] does.
    pub(crate) fn put_entry(&self, user_id: &UserId, connection: &Connection, ttl: Option<u64>) -> Promise {
        let metadata = Object::new()
            .with("u", user_id.as_str())
            .with("a", connection.app_id.as_str())
            .with_some("p", connection.provider.as_ref().map(Slug::as_str))
            .with("s", connection.recorded.status.as_str());
        self.put_with(&entry_key(connection), "", Object::new().with("metadata", metadata), ttl)
    }

    /// Entries of the list of all connections, the newest first, and where to go on from.
    pub(crate) async fn entries(&self, cursor: Option<&str>, limit: u32) -> Option<(Vec<Entry>, Option<String>)> {
        let options = Object::new().with("prefix", PREFIX).with("limit", u64::from(limit)).with_some("cursor", cursor);
        let page = JsFuture::from(host::keys(&self.0, &options.text())).await.ok()?;
        let Ok(Value::Object(mut page)) = Value::parse(&page.as_string()?) else {
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

const PREFIX: &str = "account:1:";

/// An entry of the list of all connections. Its key sorts the newest first; what it says of the connection is where to
/// look, and how it was when the entry was written.
pub(crate) struct Entry {
    pub(crate) connection_id: ConnectionId,
    pub(crate) user_id: UserId,
    pub(crate) app_id: AppId,
    pub(crate) provider: Option<Slug>,
    pub(crate) status: ConnectionStatus,
}

/// Where the entry of a connection lies.
pub(crate) fn entry_key(connection: &Connection) -> String {
    format!("{PREFIX}{:016x}:{}", i64::MAX.saturating_sub(connection.created_at.micros()), connection.id)
}

impl Entry {
    fn read(key: Value) -> Option<Self> {
        let Value::Object(mut key) = key else {
            return None;
        };
        let name = text(&mut key, "name")?;
        let (_, connection_id) = name.strip_prefix(PREFIX)?.split_once(':')?;
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
        })
    }
}
