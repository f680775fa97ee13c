//! Sends what changed to the directory.
//!
//! The events are the outbox: each write that the directory shows has one, with the connections that it touched in the same
//! row. A write without an event has a row in `directory_outbox` instead. A ring reads those after the last batch, and the
//! rows that they are about as they are now, sends all of it, and then stores how far it came: one row. If the object stops
//! in between, the next ring sends the same again, which changes nothing in the directory.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::alarm_jobs::Job;
use super::rows::CREDENTIALS;
use super::write::DIRECTORY_DELAY;
use super::{read, rows};
use crate::core::event::{EventType, RecordedEvent};
use crate::core::revocation::Revocation;
use crate::core::status::connection_state;
use crate::core::webhook::Delivery;
use crate::core::{ConnectionId, LedgerId, Timestamp, User};
use crate::directory::DirectoryError;
use crate::directory::entry::{ConnectionEntry, EventEntry, UserEntry};
use crate::directory::feed::{self, BATCH, Change, Feed, Numbered};
use crate::ledger::error::StorageError;
use crate::ledger::message;
use crate::ledger::settings::Audit;
use crate::ledger::sql::{Row, Sql};

/// How long the directory has to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest wait between two attempts, in seconds.
const BACKOFF_MAX: i64 = 300;
/// How many writes without events a batch has at most. Each may have touched a hundred connections.
const OUTBOX_BATCH: u32 = 10;
/// How many abandoned revocations of one user are in the operators' list at once.
const ABANDONED_MAX: u32 = 100;

/// The attempts since the directory took a batch.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: Cell<u32>,
    retry_at: Cell<Option<Timestamp>>,
}

/// How far the directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    events_seq: u64,
    deliveries_seq: u64,
}

/// A batch, and how far the directory is once it has it.
struct Batch {
    feed: Feed,
    position: Position,
    /// The last write without an event in the batch.
    outbox_position: Option<Timestamp>,
    has_more: bool,
}

/// Sends the next batch, if there is one. Returns when the next is due.
pub(super) async fn send(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let attempts = &job.ledger.directory_attempts;
    if let Some(retry_at) = attempts.retry_at.get().filter(|retry_at| job.platform.now() < *retry_at) {
        return Ok(has_unsent(job)?.then_some(retry_at));
    }
    let Some(batch) = next_batch(job)? else {
        return Ok(None);
    };
    match within(job, feed::send(job.platform.directory(), &batch.feed, job.platform.now())).await {
        Ok(()) => {
            attempts.failed.set(0);
            attempts.retry_at.set(None);
            store(job, &batch)?;
            Ok(batch.has_more.then(|| job.platform.now()))
        }
        Err(error) => {
            let failed = attempts.failed.get().saturating_add(1);
            let wait = 5_i64.saturating_mul(2_i64.saturating_pow(failed)).min(BACKOFF_MAX);
            let retry_at = job.platform.now().plus_seconds(wait);
            attempts.failed.set(failed);
            attempts.retry_at.set(Some(retry_at));
            job.platform.log_failure("feed the directory", &StorageError::Platform(error.to_string()));
            Ok(Some(retry_at))
        }
    }
}

/// When a batch is due, after the ring has recorded more.
pub(super) fn next_due(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let soon = job.platform.now().plus_seconds(DIRECTORY_DELAY);
    let retry_at = job.ledger.directory_attempts.retry_at.get();
    Ok(has_unsent(job)?.then(|| retry_at.map_or(soon, |retry_at| retry_at.max(soon))))
}

/// Waits a bounded time for the directory.
async fn within<T>(
    job: &Job<'_>,
    answer: impl Future<Output = Result<T, DirectoryError>>,
) -> Result<T, DirectoryError> {
    match select(pin!(answer), job.platform.sleep(TIMEOUT)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(DirectoryError::Failed("no answer in time".to_owned())),
    }
}

fn position(sql: &dyn Sql) -> Result<Option<Position>, StorageError> {
    let rows = sql.run("SELECT events_seq, deliveries_seq FROM directory_feed", &[])?;
    rows.first(|row| Ok(Position { events_seq: row.count()?, deliveries_seq: row.count()? }))
}

/// The numbers of the last event and the last delivery that need not be kept for the directory.
pub(super) fn sent(job: &Job<'_>) -> Result<(u64, u64), StorageError> {
    if !has_unsent(job)? {
        return Ok((u64::MAX, u64::MAX));
    }
    let Position { events_seq, deliveries_seq } = position(job.sql)?.unwrap_or(START);
    Ok((events_seq, deliveries_seq))
}

/// The condition that a batch has to contain an event: `?2` is whether token events are in the directory.
const IS_SENT: &str = "(touched IS NOT NULL OR kind IS NULL OR kind = 8 OR ?2)";

fn includes_tokens(job: &Job<'_>) -> bool {
    job.settings.audit == Audit::All
}

fn has_unsent(job: &Job<'_>) -> Result<bool, StorageError> {
    let Position { events_seq, deliveries_seq } = position(job.sql)?.unwrap_or(START);
    let statement = format!(
        "SELECT 1 FROM events WHERE seq > ?1 AND {IS_SENT}
         UNION ALL SELECT 1 FROM deliveries WHERE seq > ?3 UNION ALL SELECT 1 FROM directory_outbox LIMIT 1"
    );
    let binds = [events_seq.into(), includes_tokens(job).into(), deliveries_seq.into()];
    Ok(!job.sql.run(&statement, &binds)?.is_empty())
}

const START: Position = Position { events_seq: 0, deliveries_seq: 0 };

/// An event with the connections that its write touched.
struct SentEvent {
    seq: u64,
    touched: Vec<ConnectionId>,
    recorded: Result<RecordedEvent, StorageError>,
}

/// Reads the next batch, all of it at one moment.
fn next_batch(job: &Job<'_>) -> Result<Option<Batch>, StorageError> {
    let stored = position(job.sql)?;
    let before = stored.unwrap_or(START);
    let events = unsent_events(job, before.events_seq)?;
    let outbox = job
        .sql
        .run("SELECT position, touched FROM directory_outbox ORDER BY position LIMIT ?", &[OUTBOX_BATCH.into()])?;
    let outbox = outbox.all(|row| Ok((row.time()?, row.json::<Vec<ConnectionId>>("list of ids")?)))?;
    let deliveries = job.sql.run(
        "SELECT seq, delivery FROM deliveries WHERE seq > ? ORDER BY seq LIMIT ?",
        &[before.deliveries_seq.into(), BATCH.into()],
    )?;
    let deliveries =
        deliveries.all(|row| Ok(Numbered { number: row.count()?, value: row.json::<Delivery>("delivery")? }))?;
    if events.is_empty() && outbox.is_empty() && deliveries.is_empty() {
        return Ok(None);
    }
    let Some(user) = job.ledger.user(job.sql)? else {
        return Ok(None);
    };
    let is_full = |count: usize, batch: u32| u32::try_from(count).is_ok_and(|count| count >= batch);
    let has_more =
        is_full(events.len(), BATCH) || is_full(outbox.len(), OUTBOX_BATCH) || is_full(deliveries.len(), BATCH);
    let position = Position {
        events_seq: events.last().map_or(before.events_seq, |event| event.seq),
        deliveries_seq: deliveries.last().map_or(before.deliveries_seq, |delivery| delivery.number),
    };
    let outbox_position = outbox.last().map(|(position, _)| *position);
    let mut touched: Vec<ConnectionId> = outbox.into_iter().flat_map(|(_, touched)| touched).collect();
    touched.extend(events.iter().flat_map(|event| event.touched.iter().cloned()));
    touched.sort_unstable();
    touched.dedup();
    let now = job.now()?;
    let ledger = LedgerId::of_user(&user.user_id);
    let readable = || events.iter().filter_map(|event| event.recorded.as_ref().ok());
    let is_user_new = readable().any(|recorded| is_about_the_user(recorded.event.event_type));
    let (connections, revocations) = touched_rows(job, &user, &touched, now)?;
    let shown = readable().filter(|recorded| job.settings.audit.includes(&recorded.event));
    let feed = Feed {
        user: (is_user_new || stored.is_none()).then(|| Change::Put(UserEntry::of(&user))),
        connections,
        revocations,
        events: shown.map(|recorded| Numbered { number: recorded.seq, value: EventEntry::of(recorded) }).collect(),
        deliveries,
        ..Feed::new(ledger, user.created_at, now)
    };
    Ok(Some(Batch { feed, position, outbox_position, has_more }))
}

const fn is_about_the_user(event_type: EventType) -> bool {
    matches!(event_type, EventType::UserCreated | EventType::UserUpdated)
}

fn unsent_events(job: &Job<'_>, after: u64) -> Result<Vec<SentEvent>, StorageError> {
    let columns = rows::EVENTS.replacen("SELECT ", "SELECT seq, touched, ", 1);
    let statement = format!("{columns} seq > ?1 AND {IS_SENT} ORDER BY seq LIMIT ?3");
    let rows = job.sql.run(&statement, &[after.into(), includes_tokens(job).into(), BATCH.into()])?;
    let (sent, failure) = rows.readable(|row| {
        let (seq, touched) = (row.count()?, row.optional_text()?);
        let touched = touched.map(|text| message::read("list of ids", &text)).transpose()?.unwrap_or_default();
        let recorded = rows::event(row).map(|(_, recorded)| recorded);
        Ok(SentEvent { seq, touched, recorded })
    });
    // An event that cannot be read keeps no other from the directory.
    let failure = failure.or_else(|| sent.iter().find_map(|event| event.recorded.as_ref().err().cloned()));
    if let Some(error) = failure {
        job.platform.log_failure("feed the directory", &error);
    }
    Ok(sent)
}

type TouchedRows = (Vec<Change<ConnectionId, ConnectionEntry>>, Vec<Change<String, Revocation>>);

/// The entries of connections as they are now, and of the revocations of their credentials.
fn touched_rows(
    job: &Job<'_>,
    user: &User,
    touched: &[ConnectionId],
    now: Timestamp,
) -> Result<TouchedRows, StorageError> {
    if touched.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let ids = message::write("list of ids", &touched)?;
    let rest = "c.id IN (SELECT value FROM json_each(?))";
    let (connections, failure) = read::readable_connections(job.sql, rest, &[(&ids).into()])?;
    if let Some(error) = failure {
        job.platform.log_failure("feed the directory", &error);
    }
    let apps = connections.iter().map(|connection| &connection.app_id).collect();
    let cutoffs = read::cutoffs_of(job.sql, apps, Vec::new())?;
    let mut entries = Vec::new();
    for id in touched {
        let found = connections.iter().find(|connection| connection.id == *id && !connection.deleted);
        entries.push(match found {
            Some(connection) => {
                let state = connection_state(connection, &cutoffs, now);
                Change::Put(ConnectionEntry::of(&user.user_id, connection, &state, now))
            }
            None => Change::Delete(id.clone()),
        });
    }
    Ok((entries, abandoned_rows(job, user, &ids)?))
}

/// The entries of revocations that were ever abandoned, of touched connections. If the user has as many as the list shows of
/// one user, another one may have taken a place in it, so all of them are sent.
fn abandoned_rows(
    job: &Job<'_>,
    user: &User,
    touched: &String,
) -> Result<Vec<Change<String, Revocation>>, StorageError> {
    let listed = listed_credentials(job.sql)?;
    let of_touched = "SELECT COUNT(*) FROM credentials
         WHERE was_abandoned AND connection_id IN (SELECT value FROM json_each(?))";
    let of_touched = job.sql.run(of_touched, &[touched.into()])?.first(Row::number)?.unwrap_or_default();
    if of_touched == 0 {
        return Ok(Vec::new());
    }
    let is_full = u32::try_from(listed.len()).is_ok_and(|count| count.saturating_add(of_touched) >= ABANDONED_MAX);
    let others = message::write("list of numbers", &if is_full { listed.as_slice() } else { &[] })?;
    let credentials = job.sql.run(
        &format!(
            "{CREDENTIALS} was_abandoned AND (connection_id IN (SELECT value FROM json_each(?1))
               OR seq IN (SELECT value FROM json_each(?2)))"
        ),
        &[touched.into(), (&others).into()],
    )?;
    let credentials = credentials.all(rows::credential)?;
    let mut changes = Vec::new();
    for credential in &credentials {
        let rest = "c.id = ?";
        let connection = read::connections(job.sql, rest, &[(&credential.connection_id).into()])?.pop();
        changes.push(match connection.filter(|_| listed.contains(&credential.seq)) {
            Some(connection) => Change::Put(Revocation::of(&user.user_id, &connection, credential)),
            None => Change::Delete(credential.revocation_id(&user.user_id).to_string()),
        });
    }
    Ok(changes)
}

/// The credentials that are in the operators' list: the oldest of the abandoned ones. A user fills a bounded part of it.
fn listed_credentials(sql: &dyn Sql) -> Result<Vec<u64>, StorageError> {
    let statement = "SELECT seq FROM credentials WHERE state = 'abandoned' ORDER BY seq LIMIT ?";
    sql.run(statement, &[ABANDONED_MAX.into()])?.all(Row::count)
}

/// Stores how far the directory is.
fn store(job: &Job<'_>, batch: &Batch) -> Result<(), StorageError> {
    let Position { events_seq, deliveries_seq } = batch.position;
    job.sql.run(
        "INSERT INTO directory_feed (only, number, events_seq, deliveries_seq) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (only) DO UPDATE SET number = ?1, events_seq = ?2, deliveries_seq = ?3",
        &[batch.feed.number.into(), events_seq.into(), deliveries_seq.into()],
    )?;
    if let Some(position) = batch.outbox_position {
        job.sql.run("DELETE FROM directory_outbox WHERE position <= ?", &[position.into()])?;
    }
    Ok(())
}
