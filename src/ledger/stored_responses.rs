//! Stored responses: the answers to requests with an `Idempotency-Key`, which a repeated request gets again.
//!
//! Each class that stores them has a table `stored_responses (key, at, response)`.

use super::error::StorageError;
use super::message;
use super::sql::{Row, Sql};
use crate::core::Timestamp;
use crate::core::command::{IdempotencyKey, MintedHandles};
use crate::core::snapshot::StoredResponse;

/// How long a response is stored, in seconds: a day.
pub(super) const STORED_SECONDS: i64 = 86_400;
/// How long the deletion of a response may wait, in seconds, so that responses are deleted in batches.
const SLACK: i64 = 3_600;

/// The response to store for a request, if there is an outcome to store.
pub(super) fn of_request(
    idempotency: Option<IdempotencyKey>,
    minted: MintedHandles,
    outcome: Option<String>,
) -> Option<StoredResponse> {
    Some(StoredResponse { idempotency: idempotency?, minted, outcome: outcome? })
}

/// The stored response to an earlier request with this key. Responses older than a day are
/// not found, whether or not they are deleted yet.
pub(super) fn find(
    sql: &dyn Sql,
    key: &IdempotencyKey,
    now: Timestamp,
) -> Result<Option<StoredResponse>, StorageError> {
    let kept_since = now.minus_seconds(STORED_SECONDS);
    let rows = sql.run(
        "SELECT response FROM stored_responses WHERE key = ? AND at > ?",
        &[(&key.key).into(), kept_since.into()],
    )?;
    rows.first(|row| row.json("stored response"))
}

/// Stores a response, and returns the time by which it is deleted.
pub(super) fn put(sql: &dyn Sql, stored: &StoredResponse, now: Timestamp) -> Result<Timestamp, StorageError> {
    let response = message::write("stored response", stored)?;
    sql.run(
        "INSERT INTO stored_responses (key, at, response) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET at = ?2, response = ?3",
        &[(&stored.idempotency.key).into(), now.into(), (&response).into()],
    )?;
    Ok(deletion_of(now))
}

/// The time by which a response that was stored at this time is deleted.
pub(super) const fn deletion_of(at: Timestamp) -> Timestamp {
    at.plus_seconds(STORED_SECONDS.saturating_add(SLACK))
}

/// How many responses are deleted at once.
const BATCH: u32 = 200;

/// Deletes a batch of responses that are older than a day. Returns when the next one is due.
///
/// It reads the whole table, so it is for ledgers with few responses. A user's ledger deletes them with its retention.
pub(super) fn delete_old(sql: &dyn Sql, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
    let kept_since = now.minus_seconds(STORED_SECONDS);
    sql.run(
        "DELETE FROM stored_responses WHERE key IN (SELECT key FROM stored_responses WHERE at <= ? LIMIT ?)",
        &[kept_since.into(), BATCH.into()],
    )?;
    let oldest = sql.run("SELECT MIN(at) FROM stored_responses", &[])?.first(Row::optional_time)?.flatten();
    Ok(oldest.map(|at| if at <= kept_since { now } else { deletion_of(at) }))
}
