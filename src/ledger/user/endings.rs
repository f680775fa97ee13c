//! Recording of ends that nobody asked for: expiry, and connections that a cutoff ended.

use super::alarm_jobs::Job;
use super::read::{self, TokenRow};
use super::rows;
use crate::core::decide::sweep;
use crate::core::snapshot::{Mutation, Snapshot};
use crate::core::{AppId, ChangeSet, Connection, Timestamp, Token, TokenId};
use crate::ledger::error::StorageError;
use crate::ledger::sql::Bind;

/// How many tokens or connections one ring handles.
const BATCH: u32 = 100;

/// Whether a batch was full, so that more may be due now.
fn is_full(count: usize) -> bool {
    u32::try_from(count).is_ok_and(|count| count >= BATCH)
}

/// Emits the events of connection tokens that expired.
pub(super) fn record_expired_tokens(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let now = job.now()?;
    let (rows, failure) = read::expired_tokens(job.sql, now, BATCH)?;
    let Some(user) = job.ledger.user(job.sql)?.filter(|_| !rows.is_empty()) else {
        return failure.map_or(Ok(None), Err);
    };
    let mut snapshot = Snapshot::default();
    let mut orphans = ChangeSet::default();
    let (mut tokens, count) = (Vec::new(), rows.len());
    for TokenRow { token, connection, .. } in rows {
        if token.facts.connection_id.is_some() && connection.is_none() {
            // The connection was deleted after the retention: the token died with it.
            orphans.mutations.push(Mutation::RecordExpiry(token.digest.key()));
            continue;
        }
        snapshot.connections.extend(connection);
        tokens.push(token);
    }
    let apps = tokens.iter().filter_map(|token: &Token| token.facts.app_id.as_ref());
    let apps: Vec<&AppId> = apps.chain(snapshot.connections.iter().map(|connection| &connection.app_id)).collect();
    let families: Vec<&TokenId> = tokens.iter().filter_map(|token| token.grant.family.as_ref()).collect();
    snapshot.cutoffs = read::cutoffs_of(job.sql, apps, families)?;
    let mut changes = sweep::record_expired_tokens(&user, &snapshot, &tokens, now);
    changes.mutations.extend(orphans.mutations);
    job.announce(job.ledger.commit(job.sql, &changes, None, &job.context(), now)?);
    match failure {
        Some(error) => Err(error),
        None => Ok(is_full(count).then_some(now)),
    }
}

/// Records the ends of connections that nobody authorized in time.
pub(super) fn record_expired_connections(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let now = job.now()?;
    let rest = "c.end_recorded_at IS NULL AND c.status = 'initiated' AND c.expires_at <= ?
        ORDER BY c.expires_at, c.created_at LIMIT ?";
    let (connections, failure) = read::readable_connections(job.sql, rest, &[now.into(), BATCH.into()])?;
    record(job, &connections, now)?;
    match failure {
        Some(error) => Err(error),
        None => Ok(is_full(connections.len()).then_some(now)),
    }
}

/// A cutoff whose connections are not all recorded yet.
struct PendingCutoff {
    scope: u32,
    subject: String,
    at: Timestamp,
    before: Timestamp,
    sweep_after: i64,
}

/// Records the ends of connections that a cutoff ended, the oldest cutoff first.
pub(super) fn record_cut_connections(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let pending = job.sql.run(
        "SELECT scope, subject, at, before, sweep_after FROM cutoffs WHERE sweep_after IS NOT NULL ORDER BY at LIMIT 1",
        &[],
    )?;
    let pending = pending.first(|row| {
        Ok(PendingCutoff {
            scope: row.number()?,
            subject: row.text()?,
            at: row.time()?,
            before: row.time()?,
            sweep_after: row.integer()?,
        })
    })?;
    let Some(cutoff) = pending else {
        return Ok(None);
    };
    let now = job.now()?;
    let is_open = "c.end_recorded_at IS NULL AND c.status <> 'revoking' AND c.created_at > ?1 AND c.created_at <= ?2";
    let rest = match cutoff.scope {
        rows::APP => format!("{is_open} AND c.app_id = ?4 ORDER BY c.created_at LIMIT ?3"),
        _ => format!("{is_open} AND ?4 IS NOT NULL ORDER BY c.created_at LIMIT ?3"),
    };
    let binds: [Bind<'_>; 4] =
        [cutoff.sweep_after.into(), cutoff.before.into(), BATCH.into(), (&cutoff.subject).into()];
    let (connections, failure) = read::readable_connections(job.sql, &rest, &binds)?;
    record(job, &connections, now)?;
    let sweep_after = match (connections.last(), is_full(connections.len())) {
        (Some(last), true) => Some(last.created_at),
        _ => None,
    };
    job.sql.run(
        "UPDATE cutoffs SET sweep_after = ? WHERE scope = ? AND subject = ? AND at = ?",
        &[sweep_after.into(), cutoff.scope.into(), (&cutoff.subject).into(), cutoff.at.into()],
    )?;
    failure.map_or(Ok(None), Err)
}

/// Records the ends of connections that are dead.
fn record(job: &Job<'_>, connections: &[Connection], now: Timestamp) -> Result<(), StorageError> {
    let Some(user) = job.ledger.user(job.sql)?.filter(|_| !connections.is_empty()) else {
        return Ok(());
    };
    let apps = connections.iter().map(|connection| &connection.app_id).collect();
    let snapshot = Snapshot {
        cutoffs: read::cutoffs_of(job.sql, apps, Vec::new())?,
        credentials: read::credentials_of(job.sql, connections.iter())?,
        ..Snapshot::default()
    };
    let changes = sweep::record_ended_connections(&user, &snapshot, connections, now);
    job.announce(job.ledger.commit(job.sql, &changes, None, &job.context(), now)?);
    Ok(())
}
