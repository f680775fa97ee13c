//! Feeding the directory: one ledger writes a batch of rows.
//!
//! The rows of a table are one statement with one value, a JSON array, however many they are.

use serde::Serialize;

use super::entry::{AppEntry, ConnectionEntry, EventEntry, UserEntry};
use super::{Directory, DirectoryError, Statement, retention, run};
use crate::core::revocation::Revocation;
use crate::core::webhook::Delivery;
use crate::core::{AppId, ConnectionId, LedgerId, Timestamp, UserId};

/// How many rows of each table a batch has at most.
pub const BATCH: u32 = 100;

/// An entry, or the deletion of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<K, T> {
    /// The entry as it is now.
    Put(T),
    /// The entry with this key is deleted.
    Delete(K),
}

/// A numbered row of a ledger that never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered<T> {
    /// The number of the row in the ledger.
    pub number: u64,
    /// The row as the directory stores it.
    pub value: T,
}

/// Everything that one ledger sends at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The ledger that sends the batch.
    pub ledger: LedgerId,
    /// The incarnation of the ledger: greater if it was created again, or restored.
    pub incarnation: Timestamp,
    /// When the ledger read the rows, by a clock of its own that never repeats a time.
    pub number: Timestamp,
    /// The user, if it changed.
    pub user: Option<Change<UserId, UserEntry>>,
    /// The app, if it changed.
    pub app: Option<Change<AppId, AppEntry>>,
    /// The connections that changed.
    pub connections: Vec<Change<ConnectionId, ConnectionEntry>>,
    /// The revocations at providers that were abandoned, and the ids of those that are not any more.
    pub revocations: Vec<Change<String, Revocation>>,
    /// The events that are new.
    pub events: Vec<Numbered<EventEntry>>,
    /// New webhook deliveries.
    pub deliveries: Vec<Numbered<Delivery>>,
}

impl Feed {
    /// A batch without rows.
    #[must_use]
    pub const fn new(ledger: LedgerId, incarnation: Timestamp, number: Timestamp) -> Self {
        Self {
            ledger,
            incarnation,
            number,
            user: None,
            app: None,
            connections: Vec::new(),
            revocations: Vec::new(),
            events: Vec::new(),
            deliveries: Vec::new(),
        }
    }

    /// The statements that write the batch at this time.
    fn statements(&self, now: Timestamp) -> Vec<Statement> {
        let mut statements = Vec::new();
        let users = rows_of(self.user.as_ref(), now);
        self.add(&mut statements, PUT_USERS, &users);
        let apps = rows_of(self.app.as_ref(), now);
        self.add(&mut statements, PUT_APPS, &apps);
        let connections = rows_of(&self.connections, now);
        self.add(&mut statements, PUT_CONNECTIONS, &connections);
        let revocations = rows_of(&self.revocations, now);
        self.add(&mut statements, PUT_REVOCATIONS, &revocations);
        for (sql, rows) in [
            (ADD_EVENTS, json_of(self.events.iter().map(NumberedRow::of))),
            (ADD_DELIVERIES, json_of(self.deliveries.iter().map(NumberedRow::of))),
        ] {
            if let Some(rows) = rows {
                let statement = Statement::new(sql).bind(rows).bind(self.incarnation);
                statements.push(statement.bind(self.ledger.name()).bind(now));
            }
        }
        statements
    }

    fn add<T: Serialize>(&self, statements: &mut Vec<Statement>, sql: &str, rows: &[ChangedRow<'_, T>]) {
        if let Some(rows) = json_of(rows.iter()) {
            statements.push(Statement::new(sql).bind(rows).bind(self.incarnation).bind(self.number));
        }
    }
}

/// Writes a batch. Rows that are newer in the directory stay.
///
/// # Errors
/// [`DirectoryError`]. The batch can be sent again: a repetition changes nothing.
pub async fn send(directory: &dyn Directory, feed: &Feed, now: Timestamp) -> Result<(), DirectoryError> {
    let statements = feed.statements(now);
    if !statements.is_empty() {
        run(directory, statements).await?;
    }
    Ok(())
}

/// Deletes a revocation from the list, unless its ledger has written it again since.
///
/// # Errors
/// [`DirectoryError`].
pub async fn delete_revocation(directory: &dyn Directory, id: &str, now: Timestamp) -> Result<(), DirectoryError> {
    let sql = "UPDATE revocations SET deleted_at = ?2, user_id = NULL, provider = NULL, revocation = NULL
         WHERE id = ?1 AND number < ?2";
    run(directory, vec![Statement::new(sql).bind(id).bind(now)]).await.map(drop)
}

/// Deletes a bounded number of the rows whose retention is over. Returns whether there may be more.
///
/// # Errors
/// [`DirectoryError`].
pub async fn delete_old(directory: &dyn Directory, kept_since: Timestamp) -> Result<bool, DirectoryError> {
    let deleted = run(directory, retention::statements(kept_since)).await?;
    Ok(deleted.iter().any(|rows| u32::try_from(rows.len()).unwrap_or(u32::MAX) >= retention::BATCH))
}

#[derive(Serialize)]
struct ChangedRow<'a, T> {
    key: String,
    deleted_at: Option<Timestamp>,
    entry: Option<&'a T>,
}

#[derive(Serialize)]
struct NumberedRow<'a, T> {
    number: u64,
    entry: &'a T,
}

impl<'a, T> NumberedRow<'a, T> {
    const fn of(row: &'a Numbered<T>) -> Self {
        Self { number: row.number, entry: &row.value }
    }
}

/// The rows of changes at this time.
fn rows_of<'a, K, T>(changes: impl IntoIterator<Item = &'a Change<K, T>>, now: Timestamp) -> Vec<ChangedRow<'a, T>>
where
    K: AsText + 'a,
    T: Keyed + 'a,
{
    let row = |change: &'a Change<K, T>| match change {
        Change::Put(entry) => ChangedRow { key: entry.key(), deleted_at: None, entry: Some(entry) },
        Change::Delete(key) => ChangedRow { key: key.text().to_owned(), deleted_at: Some(now), entry: None },
    };
    changes.into_iter().map(row).collect()
}

/// The rows as a JSON array; `None` if there are none.
fn json_of<T: Serialize>(rows: impl ExactSizeIterator<Item = T>) -> Option<String> {
    if rows.len() == 0 {
        return None;
    }
    serde_json::to_string(&rows.collect::<Vec<_>>()).ok()
}

/// A key of a row as text.
trait AsText {
    fn text(&self) -> &str;
}

/// An entry with a key.
trait Keyed {
    fn key(&self) -> String;
}

macro_rules! keys {
    ($($key:ty => $text:expr;)+) => { $(impl AsText for $key { fn text(&self) -> &str { $text(self) } })+ };
}

keys! {
    UserId => UserId::as_str;
    AppId => AppId::as_str;
    ConnectionId => ConnectionId::as_str;
    String => String::as_str;
}

macro_rules! keyed {
    ($($entry:ty => $key:expr;)+) => { $(impl Keyed for $entry { fn key(&self) -> String { $key(self) } })+ };
}

keyed! {
    UserEntry => |entry: &UserEntry| entry.user_id.to_string();
    AppEntry => |entry: &AppEntry| entry.app_id.to_string();
    ConnectionEntry => |entry: &ConnectionEntry| entry.id.to_string();
    Revocation => |revocation: &Revocation| revocation.id().to_string();
}

const PUT_USERS: &str = "
    INSERT INTO users (user_id, incarnation, number, deleted_at, status, role, groups, external_id, connectable,
      created_at, updated_at)
    SELECT value ->> 'key', ?2, ?3, value ->> 'deleted_at', value ->> '$.entry.status', value ->> '$.entry.role',
      value ->> '$.entry.groups', value ->> '$.entry.external_id', value ->> '$.entry.connectable',
      value ->> '$.entry.created_at', value ->> '$.entry.updated_at'
    FROM json_each(?1) WHERE TRUE
    ON CONFLICT (user_id) DO UPDATE SET incarnation = excluded.incarnation, number = excluded.number,
      deleted_at = excluded.deleted_at, status = excluded.status, role = excluded.role, groups = excluded.groups,
      external_id = excluded.external_id, connectable = excluded.connectable, created_at = excluded.created_at,
      updated_at = excluded.updated_at
    WHERE (excluded.incarnation, excluded.number) > (users.incarnation, users.number)";

const PUT_APPS: &str = "
    INSERT INTO apps (app_id, incarnation, number, deleted_at, status, name, provider, registration, created_at,
      updated_at)
    SELECT value ->> 'key', ?2, ?3, value ->> 'deleted_at', value ->> '$.entry.status',
      value ->> '$.entry.registration.name', value ->> '$.entry.registration.provider',
      value ->> '$.entry.registration', value ->> '$.entry.created_at', value ->> '$.entry.updated_at'
    FROM json_each(?1) WHERE TRUE
    ON CONFLICT (app_id) DO UPDATE SET incarnation = excluded.incarnation, number = excluded.number,
      deleted_at = excluded.deleted_at, status = excluded.status, name = excluded.name, provider = excluded.provider,
      registration = excluded.registration, created_at = excluded.created_at, updated_at = excluded.updated_at
    WHERE (excluded.incarnation, excluded.number) > (apps.incarnation, apps.number)";

const PUT_CONNECTIONS: &str = "
    INSERT INTO connections (id, incarnation, number, deleted_at, ended_at, user_id, app_id, provider, status, health,
      scope, created_at, created_by, changed_at, expires_at)
    SELECT value ->> 'key', ?2, ?3, value ->> 'deleted_at', value ->> '$.entry.ended_at',
      coalesce(value ->> '$.entry.user_id', ''), value ->> '$.entry.app_id', value ->> '$.entry.provider',
      value ->> '$.entry.status', value ->> '$.entry.health', value ->> '$.entry.scope',
      value ->> '$.entry.created_at', value ->> '$.entry.created_by', value ->> '$.entry.changed_at',
      value ->> '$.entry.expires_at'
    FROM json_each(?1) WHERE TRUE
    ON CONFLICT (id) DO UPDATE SET incarnation = excluded.incarnation, number = excluded.number,
      deleted_at = excluded.deleted_at, ended_at = excluded.ended_at, user_id = excluded.user_id,
      app_id = excluded.app_id, provider = excluded.provider, status = excluded.status, health = excluded.health,
      scope = excluded.scope, created_at = excluded.created_at, created_by = excluded.created_by,
      changed_at = excluded.changed_at, expires_at = excluded.expires_at
    WHERE (excluded.incarnation, excluded.number) > (connections.incarnation, connections.number)";

const PUT_REVOCATIONS: &str = "
    INSERT INTO revocations (id, incarnation, number, deleted_at, user_id, provider, revocation)
    SELECT value ->> 'key', ?2, ?3, value ->> 'deleted_at', value ->> '$.entry.user_id',
      value ->> '$.entry.provider', value ->> 'entry'
    FROM json_each(?1) WHERE TRUE
    ON CONFLICT (id) DO UPDATE SET incarnation = excluded.incarnation, number = excluded.number,
      deleted_at = excluded.deleted_at, user_id = excluded.user_id, provider = excluded.provider,
      revocation = excluded.revocation
    WHERE (excluded.incarnation, excluded.number) > (revocations.incarnation, revocations.number)";

const ADD_EVENTS: &str = "
    INSERT INTO events (ledger, incarnation, number, arrived_at, id, type, at, actor, user_id, app_id, connection_id,
      token_id, kind, provider, webhook, data)
    SELECT ?3, ?2, value ->> 'number', ?4, value ->> '$.entry.id', value ->> '$.entry.type', value ->> '$.entry.at',
      value ->> '$.entry.actor', value ->> '$.entry.user_id', value ->> '$.entry.app_id',
      value ->> '$.entry.connection_id', value ->> '$.entry.token_id', value ->> '$.entry.kind',
      value ->> '$.entry.provider', value ->> '$.entry.webhook', value ->> '$.entry.data'
    FROM json_each(?1) WHERE TRUE ORDER BY key
    ON CONFLICT (ledger, incarnation, number) DO NOTHING";

const ADD_DELIVERIES: &str = "
    INSERT INTO deliveries (ledger, incarnation, number, arrived_at, endpoint, at, delivery)
    SELECT ?3, ?2, value ->> 'number', ?4, value ->> '$.entry.endpoint', value ->> '$.entry.at', value ->> 'entry'
    FROM json_each(?1) WHERE TRUE ORDER BY key
    ON CONFLICT (ledger, incarnation, number) DO NOTHING";
