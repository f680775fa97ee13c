//! The list of all connections of the deployment, in KV: [`ConnectionList`].
//!
//! A user's ledger writes an entry for each connection and the edge reads pages. The key of an entry sorts newest first.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use worker::Env;
use worker::kv::{Key, KvError};

use super::token_records::NAMESPACE;
use crate::core::{AppId, Connection, ConnectionStatus, Slug, UserId};
use crate::operations::platform::{ConnectionList, ConnectionListPage, ConnectionListUnavailable, ListedConnection};

/// The prefix of all keys. The number is the version of the entries.
const PREFIX: &str = "connection:1:";

/// The metadata of an entry.
#[derive(Serialize, Deserialize)]
struct Metadata {
    user_id: UserId,
    app_id: AppId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider: Option<Slug>,
    status: ConnectionStatus,
}

/// The list of all connections in KV.
pub(crate) struct KvConnectionList {
    env: Env,
}

impl KvConnectionList {
    pub(crate) fn new(env: &Env) -> Self {
        Self { env: env.clone() }
    }

    /// Writes the entry of a connection, or deletes it if the connection was deleted. `ttl` is the validity of the entry in
    /// seconds; without it, the entry stays.
    ///
    /// # Errors
    /// The error of KV.
    pub(crate) async fn write(
        &self,
        user_id: &UserId,
        connection: &Connection,
        ttl: Option<u64>,
    ) -> worker::Result<()> {
        let kv = self.env.kv(NAMESPACE)?;
        let key = key(connection);
        if connection.deleted {
            return Ok(kv.delete(&key).await?);
        }
        let metadata = Metadata {
            user_id: user_id.clone(),
            app_id: connection.app_id.clone(),
            provider: connection.provider.clone(),
            status: connection.recorded.status,
        };
        let put = kv.put(&key, "")?.metadata(metadata)?;
        let put = match ttl {
            Some(ttl) => put.expiration_ttl(ttl),
            None => put,
        };
        Ok(put.execute().await?)
    }

    async fn read(&self, cursor: Option<String>, limit: u32) -> Result<ConnectionListPage, KvError> {
        let kv = self.env.kv(NAMESPACE).map_err(|_| KvError::InvalidKvStore(NAMESPACE.to_owned()))?;
        let list = kv.list().prefix(PREFIX.to_owned()).limit(limit.into());
        let list = match cursor {
            Some(cursor) => list.cursor(cursor),
            None => list,
        };
        let page = list.execute().await?;
        let next = page.cursor.filter(|_| !page.list_complete);
        Ok(ConnectionListPage { entries: page.keys.into_iter().filter_map(entry).collect(), next })
    }
}

impl ConnectionList for KvConnectionList {
    fn page(
        &self,
        cursor: Option<String>,
        limit: u32,
    ) -> LocalBoxFuture<'_, Result<ConnectionListPage, ConnectionListUnavailable>> {
        Box::pin(async move { self.read(cursor, limit).await.map_err(|_| ConnectionListUnavailable) })
    }
}

fn key(connection: &Connection) -> String {
    let order = i64::MAX.saturating_sub(connection.created_at.micros());
    format!("{PREFIX}{order:016x}:{}", connection.id)
}

/// Reads an entry; `None` if its format is of another version.
fn entry(Key { name, metadata, .. }: Key) -> Option<ListedConnection> {
    let (_, id) = name.strip_prefix(PREFIX)?.split_once(':')?;
    let Metadata { user_id, app_id, provider, status } = serde_json::from_value(metadata?).ok()?;
    Some(ListedConnection { id: id.parse().ok()?, user_id, app_id, provider, status })
}
