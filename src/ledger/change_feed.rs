//! The outbox of a ledger with few changes: the registry of an app, and the operator's ledger.
//!
//! A change is stored with its event in one transaction. The alarm sends the events to the directory, and deletes them when
//! their retention is over. The newest event stays, so that numbers never repeat.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::alarm::AlarmPlatform;
use super::directory_retention::DirectoryRetention;
use super::error::StorageError;
use super::message;
use super::settings::LedgerSettings;
use super::sql::{Row, Sql};
use crate::core::{LedgerId, Timestamp};
use crate::directory::entry::EventEntry;
use crate::directory::feed::{self, BATCH, Feed, Numbered};

/// How long a change waits until it is sent, in seconds.
const DELAY: i64 = 1;
/// How long the directory has to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a ledger rests after the directory failed, in seconds.
const REST: i64 = 10;
/// How many events one ring deletes.
const DELETE_BATCH: u32 = 200;

/// The table of the events.
pub(super) const CHANGES: &str =
    "CREATE TABLE changes (seq INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL, event TEXT NOT NULL)";
/// The table with how far the directory is.
pub(super) const FEED: &str = "CREATE TABLE directory_feed (
    only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, changes_seq INTEGER NOT NULL)";

/// When the ledger tries again, if the directory failed.
#[derive(Debug, Default)]
pub(super) struct ChangeFeed {
    retry_at: Cell<Option<Timestamp>>,
    retention: DirectoryRetention,
}

/// Stores the events of a change, and returns when they are due. The caller runs it in the transaction of the change.
pub(super) fn record(sql: &dyn Sql, events: &[EventEntry], now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
    for event in events {
        let event = message::write("event", event)?;
        sql.run("INSERT INTO changes (recorded_at, event) VALUES (?, ?)", &[now.into(), (&event).into()])?;
    }
    Ok((!events.is_empty()).then(|| now.plus_seconds(DELAY)))
}

fn sent_up_to(sql: &dyn Sql) -> Result<u64, StorageError> {
    Ok(sql.run("SELECT changes_seq FROM directory_feed", &[])?.first(Row::count)?.unwrap_or_default())
}

impl ChangeFeed {
    /// Sends the events that the directory does not have, in a batch that `complete` completes with rows as they are now.
    /// Returns when the next batch is due.
    pub(super) async fn send(
        &self,
        (sql, platform): (&dyn Sql, &dyn AlarmPlatform),
        ledger: LedgerId,
        incarnation: Timestamp,
        complete: impl FnOnce(&mut Feed) -> Result<(), StorageError>,
    ) -> Result<Option<Timestamp>, StorageError> {
        let rows = sql.run(
            "SELECT seq, event FROM changes WHERE seq > ? ORDER BY seq LIMIT ?",
            &[sent_up_to(sql)?.into(), BATCH.into()],
        )?;
        let events = rows.all(|row| Ok((row.count()?, row.json::<EventEntry>("event")?)))?;
        let Some((last, _)) = events.last() else {
            return Ok(None);
        };
        if let Some(retry_at) = self.retry_at.get().filter(|retry_at| platform.now() < *retry_at) {
            return Ok(Some(retry_at));
        }
        let (last, count) = (*last, events.len());
        let number = number(sql, platform.now())?;
        let mut batch = Feed {
            events: events
                .into_iter()
                .map(|(number, event)| {
                    let id = ledger.numbered("evt_", number);
                    Numbered { number, value: EventEntry { id, ..event } }
                })
                .collect(),
            ..Feed::new(ledger, incarnation, number)
        };
        complete(&mut batch)?;
        let sent = pin!(feed::send(platform.directory(), &batch, platform.now()));
        match select(sent, platform.sleep(TIMEOUT)).await {
            Either::Left((Ok(()), _)) => {
                self.retry_at.set(None);
                sql.run(
                    "INSERT INTO directory_feed (only, number, changes_seq) VALUES (1, ?1, ?2)
                     ON CONFLICT (only) DO UPDATE SET number = ?1, changes_seq = ?2",
                    &[number.into(), last.into()],
                )?;
                Ok(u32::try_from(count).is_ok_and(|count| count >= BATCH).then(|| platform.now()))
            }
            Either::Left((Err(_), _)) | Either::Right(_) => {
                let retry_at = platform.now().plus_seconds(REST);
                self.retry_at.set(Some(retry_at));
                let error = StorageError::Platform("the directory did not take a batch".to_owned());
                platform.log_failure("feed the directory", &error);
                Ok(Some(retry_at))
            }
        }
    }
}

/// A time that no earlier batch of the ledger has.
fn number(sql: &dyn Sql, now: Timestamp) -> Result<Timestamp, StorageError> {
    let last = sql.run("SELECT number FROM directory_feed", &[])?.first(Row::time)?;
    Ok(last.map_or(now, |last| now.max(last.next())))
}

impl ChangeFeed {
    /// Deletes events whose retention is over, here and in the directory. Returns when the next one is due.
    pub(super) async fn delete_old(
        &self,
        (sql, platform): (&dyn Sql, &dyn AlarmPlatform),
        settings: &LedgerSettings,
    ) -> Result<Option<Timestamp>, StorageError> {
        let next_at = delete_sent(sql, settings, platform.now())?;
        let cleaned = self.retention.run((sql, platform), settings).await?;
        Ok(next_at.into_iter().chain(cleaned).min())
    }
}

/// Deletes events whose retention is over and that the directory has. Returns when the next one is due.
fn delete_sent(sql: &dyn Sql, settings: &LedgerSettings, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
    let (kept_since, sent) = (settings.kept_since(now), sent_up_to(sql)?);
    sql.run(
        "DELETE FROM changes WHERE seq IN (SELECT seq FROM changes ORDER BY seq LIMIT ?3)
           AND recorded_at <= ?1 AND seq <= ?2 AND seq < (SELECT MAX(seq) FROM changes)",
        &[kept_since.into(), sent.into(), DELETE_BATCH.into()],
    )?;
    let oldest = "SELECT recorded_at FROM changes WHERE seq <= ? AND seq < (SELECT MAX(seq) FROM changes)
         ORDER BY seq LIMIT 1";
    let oldest = sql.run(oldest, &[sent.into()])?.first(Row::time)?;
    Ok(oldest.map(|at| if at <= kept_since { now } else { settings.deletion_of(at) }))
}
