//! The entries of the list of all connections of the deployment, which is in KV.
//!
//! A change of a connection notes when its entry is due, in the same row. The job writes the entry as the connection is
//! then, so the last write always shows the newest state.

use futures_util::future::join_all;

use super::alarm_jobs::Job;
use super::{read, rows};
use crate::core::{Connection, Timestamp};
use crate::ledger::error::StorageError;

/// How many entries one ring writes.
const BATCH: u32 = 100;
/// The longest wait between two attempts, in seconds.
const BACKOFF_MAX: i64 = 300;
/// The shortest validity that KV accepts, in seconds.
const TTL_MIN: i64 = 60;

/// A connection whose entry is due.
struct DueEntry {
    connection: Connection,
    due_at: Timestamp,
    attempts: u32,
}

/// Writes the entries that are due. An entry that cannot be written is due again later.
pub(super) async fn write_entries(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let now = job.platform.now();
    let statement = format!(
        "SELECT {}, c.entry_due_at, c.entry_attempts FROM connections AS c
         WHERE c.entry_due_at <= ? ORDER BY c.entry_due_at LIMIT ?",
        rows::CONNECTION
    );
    let due = job.sql.run(&statement, &[now.into(), BATCH.into()])?;
    let (due, failure) = due.readable(|row| {
        Ok(DueEntry { connection: rows::connection(row)?, due_at: row.time()?, attempts: row.number()? })
    });
    let Some(user) = read::user(job.sql)?.filter(|_| !due.is_empty()) else {
        return failure.map_or(Ok(None), Err);
    };
    let ttl = u64::try_from(job.settings.retention.max(TTL_MIN)).ok();
    let written = due.iter().map(|DueEntry { connection, .. }| {
        let ttl = ttl.filter(|_| connection.end_recorded);
        job.platform.write_entry(&user.user_id, connection, ttl)
    });
    for (entry, is_written) in due.iter().zip(join_all(written).await) {
        finish(job, entry, is_written)?;
    }
    failure.map_or(Ok(None), Err)
}

/// Records the attempt, unless the connection has changed since.
fn finish(job: &Job<'_>, entry: &DueEntry, is_written: bool) -> Result<(), StorageError> {
    let next_due_at = (!is_written).then(|| {
        let wait = 2_i64.saturating_pow(entry.attempts.saturating_add(1)).min(BACKOFF_MAX);
        job.platform.now().plus_seconds(wait)
    });
    let attempts = if is_written { 0 } else { entry.attempts.saturating_add(1) };
    job.sql.run(
        "UPDATE connections SET entry_due_at = ?, entry_attempts = ? WHERE id = ? AND entry_due_at = ?",
        &[next_due_at.into(), attempts.into(), (&entry.connection.id).into(), entry.due_at.into()],
    )?;
    Ok(())
}
