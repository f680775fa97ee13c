//! The retention: deletes what ended long ago.
//!
//! A *pass* goes once through the tokens, connections, cutoffs and stored responses, in bounded batches. No index finds dead
//! rows, because every index costs a row with each write; the pass reads rows in their order instead, which costs nothing
//! to write. It notes when the next row may be deleted. The next pass starts then, and after one retention at the latest,
//! since a write may have ended something earlier.
//!
//! A pass that fits into one ring writes nothing but its deletions. A longer one stores its progress, one row for each ring.
//!
//! A cutoff is deleted by a pass that started one retention after the cutoff, or later: the pass has deleted every token that
//! the cutoff ended before it reaches the cutoffs, and the ends of the connections are recorded.

use serde::{Deserialize, Serialize};

use super::alarm_jobs::Job;
use super::read::{self, TokenRow};
use super::schema::SPARE_CUTOFFS;
use crate::core::snapshot::Snapshot;
use crate::core::status::{DeadStatus, status};
use crate::core::{AppId, Timestamp, TokenId, TokenKey, TokenKind};
use crate::ledger::error::StorageError;
use crate::ledger::message;
use crate::ledger::stored_responses::{self, STORED_SECONDS};

/// How many rows one ring reads for the pass.
const BATCH: u32 = 200;
/// How many events one ring deletes.
const EVENTS_BATCH: u32 = 200;

/// The progress of a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pass {
    started_at: Timestamp,
    phase: Phase,
    /// When the next row may be deleted, as far as the pass has seen.
    #[serde(default)]
    next_at: Option<Timestamp>,
    /// Whether a token could not be read. Cutoffs stay then: they may be what ended it.
    #[serde(default)]
    is_incomplete: bool,
}

/// The rows that a pass reads next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// Tokens after this position.
    Tokens(u64),
    /// Connections after this position.
    Connections(u64),
    /// Cutoffs after this key: scope, subject and time.
    Cutoffs(u32, String, Timestamp),
    /// Stored responses after this key.
    Responses(String),
    /// The pass is over.
    Done,
}

/// Deletes events whose retention is over. The newest event stays, so that numbers never repeat.
pub(super) fn delete_events(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let now = job.platform.now();
    let kept_since = job.settings.kept_since(now);
    job.sql.run(
        "DELETE FROM events WHERE seq IN (
           SELECT seq FROM (SELECT seq, recorded_at FROM events ORDER BY seq LIMIT ?2)
           WHERE recorded_at <= ?1 AND seq < (SELECT MAX(seq) FROM events))",
        &[kept_since.into(), EVENTS_BATCH.into()],
    )?;
    let oldest = "SELECT recorded_at FROM events WHERE seq < (SELECT MAX(seq) FROM events) ORDER BY seq LIMIT 1";
    let oldest = job.sql.run(oldest, &[])?.first(crate::ledger::sql::Row::time)?;
    Ok(oldest.map(|at| if at <= kept_since { now } else { job.settings.deletion_of(at) }))
}

/// Runs the next part of a pass, if one is due or under way. Returns when the next part is due.
pub(super) fn run_pass(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let now = job.platform.now();
    let stored = job.sql.run("SELECT state FROM retention_pass", &[])?.first(|row| row.json::<Pass>("pass"))?;
    let is_stored = stored.is_some();
    let mut pass = match stored.or_else(|| job.ledger.last_pass.take().map(Pass::finished)) {
        Some(pass) if pass.phase != Phase::Done => pass,
        Some(pass) if now < pass.restart_at(job) => {
            let next_at = pass.next_at;
            if !is_stored {
                job.ledger.last_pass.set(Some((pass.started_at, pass.next_at)));
            }
            return Ok(next_at);
        }
        _ => {
            // Cutoffs that were written while the database was full took some.
            let _ = job.sql.run(SPARE_CUTOFFS, &[]);
            Pass::start(now)
        }
    };
    let mut failure = None;
    let is_over = pass.advance(job, now, &mut failure)?;
    if is_stored || !is_over {
        store(job, &pass)?;
    } else {
        job.ledger.last_pass.set(Some((pass.started_at, pass.next_at)));
    }
    match failure {
        Some(error) => Err(error),
        None if is_over => Ok(pass.next_at),
        None => Ok(Some(now)),
    }
}

fn store(job: &Job<'_>, pass: &Pass) -> Result<(), StorageError> {
    let state = message::write("pass", pass)?;
    job.sql.run(
        "INSERT INTO retention_pass (only, state) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET state = ?1",
        &[(&state).into()],
    )?;
    Ok(())
}

/// The rows that one step deletes, and whether it reached the end of its table.
struct Step {
    read: u32,
    next: Phase,
}

impl Pass {
    const fn start(now: Timestamp) -> Self {
        Self { started_at: now, phase: Phase::Tokens(0), next_at: None, is_incomplete: false }
    }

    const fn finished((started_at, next_at): (Timestamp, Option<Timestamp>)) -> Self {
        Self { started_at, phase: Phase::Done, next_at, is_incomplete: false }
    }

    /// When the pass after this one starts, if the alarm rings.
    fn restart_at(&self, job: &Job<'_>) -> Timestamp {
        let latest = self.started_at.plus_seconds(job.settings.retention);
        self.next_at.map_or(latest, |next| next.min(latest))
    }

    /// Notes that a row may be deleted after this time.
    fn note(&mut self, at: Timestamp) {
        self.next_at = Some(self.next_at.map_or(at, |next| next.min(at)));
    }

    /// Reads up to a batch of rows, over as many phases as fit. Returns whether the pass is over.
    fn advance(
        &mut self,
        job: &Job<'_>,
        now: Timestamp,
        failure: &mut Option<StorageError>,
    ) -> Result<bool, StorageError> {
        let mut room = BATCH;
        while room > 0 {
            let Step { read, next } = match self.phase.clone() {
                Phase::Tokens(after) => self.tokens(job, after, room, now, failure)?,
                Phase::Connections(after) => self.connections(job, after, room, now)?,
                Phase::Cutoffs(scope, subject, at) => self.cutoffs(job, (scope, &subject, at), room)?,
                Phase::Responses(after) => self.responses(job, &after, room, now)?,
                Phase::Done => return Ok(true),
            };
            self.phase = next;
            room = room.saturating_sub(read);
        }
        Ok(self.phase == Phase::Done)
    }

    fn tokens(
        &mut self,
        job: &Job<'_>,
        after: u64,
        room: u32,
        now: Timestamp,
        failure: &mut Option<StorageError>,
    ) -> Result<Step, StorageError> {
        let (rows, unreadable) = read::tokens_after(job.sql, after, room)?;
        let read = rows.read;
        if let Some(error) = unreadable {
            self.is_incomplete = true;
            *failure = failure.take().or(Some(error));
        }
        let snapshot = Snapshot { cutoffs: cutoffs(job, &rows.tokens)?, ..Snapshot::default() };
        let mut deleted: Vec<TokenKey> = Vec::new();
        for row in &rows.tokens {
            match end_of(row, &snapshot, now) {
                Some(ended_at) if ended_at <= job.settings.kept_since(now) => deleted.push(row.token.digest.key()),
                Some(ended_at) => self.note(job.settings.deletion_of(ended_at)),
                None => {
                    if let Some(expires_at) = row.token.expires_at {
                        self.note(job.settings.deletion_of(expires_at));
                    }
                }
            }
        }
        if !deleted.is_empty() {
            let keys = message::write("list of keys", &deleted)?;
            job.sql.run("DELETE FROM tokens WHERE key IN (SELECT value FROM json_each(?))", &[(&keys).into()])?;
        }
        let next = if read < room { Phase::Connections(0) } else { Phase::Tokens(rows.last_position) };
        Ok(Step { read, next })
    }

    fn connections(&mut self, job: &Job<'_>, after: u64, room: u32, now: Timestamp) -> Result<Step, StorageError> {
        let rows = job.sql.run(
            "SELECT created_at, id, end_recorded_at, expires_at, entry_due_at FROM connections
             WHERE created_at > ? ORDER BY created_at LIMIT ?",
            &[after.into(), room.into()],
        )?;
        let rows = rows.all(|row| {
            let (position, id) = (row.count()?, row.text()?);
            let (ended_at, expires_at, has_entry_due) = (row.optional_time()?, row.optional_time()?, !row.is_null()?);
            Ok((position, id, ended_at, expires_at, has_entry_due))
        })?;
        let kept_since = job.settings.kept_since(now);
        let mut deleted: Vec<&str> = Vec::new();
        for (_, id, ended_at, expires_at, has_entry_due) in &rows {
            match ended_at.or(*expires_at) {
                // The list of all connections shows the end of a connection before the connection is deleted.
                Some(_) if ended_at.is_some_and(|at| at <= kept_since) && !has_entry_due => deleted.push(id),
                Some(at) => self.note(job.settings.deletion_of(at.max(kept_since))),
                None => {}
            }
        }
        if !deleted.is_empty() {
            let ids = message::write("list of ids", &deleted)?;
            for table in ["credentials WHERE connection_id", "connections WHERE id"] {
                let statement = format!("DELETE FROM {table} IN (SELECT value FROM json_each(?))");
                job.sql.run(&statement, &[(&ids).into()])?;
            }
        }
        let read = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let next = match rows.last() {
            Some((position, ..)) if read >= room => Phase::Connections(*position),
            _ => Phase::Cutoffs(0, String::new(), Timestamp::from_micros(0)),
        };
        Ok(Step { read, next })
    }

    fn cutoffs(
        &mut self,
        job: &Job<'_>,
        (scope, subject, at): (u32, &str, Timestamp),
        room: u32,
    ) -> Result<Step, StorageError> {
        let rows = job.sql.run(
            "SELECT scope, subject, at, sweep_after FROM cutoffs WHERE (scope, subject, at) > (?, ?, ?) AND scope < 9
             ORDER BY scope, subject, at LIMIT ?",
            &[scope.into(), subject.into(), at.into(), room.into()],
        )?;
        let rows = rows.all(|row| Ok((row.number()?, row.text()?, row.time()?, row.is_null()?)))?;
        let mut has_deleted = false;
        for (scope, subject, at, is_swept) in &rows {
            if *is_swept && !self.is_incomplete && *at <= job.settings.kept_since(self.started_at) {
                job.sql.run(
                    "DELETE FROM cutoffs WHERE scope = ? AND subject = ? AND at = ?",
                    &[(*scope).into(), subject.into(), (*at).into()],
                )?;
                has_deleted = true;
            } else {
                self.note(job.settings.deletion_of((*at).max(job.settings.kept_since(self.started_at))));
            }
        }
        if has_deleted {
            job.ledger.has_cutoffs.set(None);
        }
        let read = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let next = match rows.last() {
            Some((scope, subject, at, _)) if read >= room => Phase::Cutoffs(*scope, subject.clone(), *at),
            _ => Phase::Responses(String::new()),
        };
        Ok(Step { read, next })
    }

    fn responses(&mut self, job: &Job<'_>, after: &str, room: u32, now: Timestamp) -> Result<Step, StorageError> {
        let rows = job.sql.run(
            "SELECT key, at FROM stored_responses WHERE key > ? ORDER BY key LIMIT ?",
            &[after.into(), room.into()],
        )?;
        let rows = rows.all(|row| Ok((row.text()?, row.time()?)))?;
        let kept_since = now.minus_seconds(STORED_SECONDS);
        let old: Vec<&str> = rows.iter().filter(|(_, at)| *at <= kept_since).map(|(key, _)| key.as_str()).collect();
        for (_, at) in rows.iter().filter(|(_, at)| *at > kept_since) {
            self.note(stored_responses::deletion_of(*at));
        }
        if !old.is_empty() {
            let keys = message::write("list of keys", &old)?;
            let statement = "DELETE FROM stored_responses WHERE key IN (SELECT value FROM json_each(?))";
            job.sql.run(statement, &[(&keys).into()])?;
        }
        let read = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let next = match rows.last() {
            Some((key, _)) if read >= room => Phase::Responses(key.clone()),
            _ => Phase::Done,
        };
        Ok(Step { read, next })
    }
}

/// The cutoffs that may have ended these tokens or their connections.
fn cutoffs(job: &Job<'_>, rows: &[TokenRow]) -> Result<Vec<crate::core::cutoff::RevocationCutoff>, StorageError> {
    if !job.ledger.has_cutoffs(job.sql)? {
        return Ok(Vec::new());
    }
    let mut apps: Vec<&AppId> = Vec::new();
    let mut families: Vec<&TokenId> = Vec::new();
    for TokenRow { token, connection, .. } in rows {
        apps.extend(&token.facts.app_id);
        apps.extend(connection.as_ref().map(|connection| &connection.app_id));
        families.extend(&token.grant.family);
    }
    read::cutoffs_of(job.sql, apps, families)
}

/// When a token ended; `None` for a live token, and for an expired one whose event is still to come.
fn end_of(row: &TokenRow, snapshot: &Snapshot, now: Timestamp) -> Option<Timestamp> {
    let TokenRow { token, connection, .. } = row;
    if token.facts.connection_id.is_some() && connection.is_none() {
        // The connection was deleted: its own retention is over.
        return Some(Timestamp::from_micros(0));
    }
    let state = status(token, connection.as_ref(), &snapshot.cutoffs, now);
    let death = state.death()?;
    let awaits_event = token.kind == TokenKind::ConnectionToken
        && death.status == DeadStatus::Expired
        && token.end.is_none()
        && !token.expiry_recorded;
    (!awaits_event).then_some(death.at)
}
