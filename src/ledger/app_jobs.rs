//! The jobs of an app's registry: they visit the users' ledgers that the registry lists.
//!
//! One ring of the alarm visits one batch. The ledgers of a batch work at the same time; then their outcomes and the
//! position in the list are written in one transaction. A crash before that repeats the batch, and each ledger gives its
//! stored answer again, so nothing is counted twice. A ledger that does not answer is asked again until it does.

use futures_util::future::join_all;

use super::alarm::{AlarmPlatform, ask_operator};
use super::sql::{Row, Sql};
use super::{StorageError, message};
use crate::core::command::{IdempotencyKey, MintedHandles};
use crate::core::cutoff::Counts;
use crate::core::decide::UserCommand;
use crate::core::decide::app_jobs::{AfterJob, AppNotice, after_job, deleted_notice};
use crate::core::decide::app_visits::{RecordAppEvent, RevokeAppForAll};
use crate::core::decide::operator::UpdateJob;
use crate::core::job::{Job, JobId, JobStatus};
use crate::core::{App, AppId, Digest, LedgerId, Principal, Reply, Request, Timestamp, UserId};
use crate::ledger::settings::LedgerSettings;
use crate::operations::ledgers::LedgerClass;

/// How many ledgers one ring visits.
const BATCH: u32 = 50;
/// How many events one ring sends.
const NOTICES: u32 = 10;
/// How long a ledger that did not answer rests before it is asked again, in seconds.
const RETRY_SECONDS: i64 = 10;

/// The tables of jobs.
pub(super) const TABLES: [&str; 4] = [
    // The ledgers with a connection to the app, by name. A ledger stays in the list forever.
    "CREATE TABLE ledgers (name TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE jobs (
        seq INTEGER PRIMARY KEY,
        job TEXT NOT NULL, -- JSON
        status TEXT NOT NULL,
        visited_up_to TEXT NOT NULL DEFAULT '', -- the name of the last ledger that was visited
        is_reported INTEGER NOT NULL DEFAULT 0, -- whether the operator's ledger lists the job as it is
        finished_at INTEGER
    )",
    // The ledgers that did not answer the running job.
    "CREATE TABLE job_retries (name TEXT PRIMARY KEY, due_at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE notices (seq INTEGER PRIMARY KEY, notice TEXT NOT NULL)",
];

/// Adds a ledger to the list.
pub(super) fn register(sql: &dyn Sql, ledger: LedgerId) -> Result<(), StorageError> {
    sql.run("INSERT OR IGNORE INTO ledgers (name) VALUES (?)", &[ledger.name().as_str().into()]).map(drop)
}

/// How many ledgers are in the list.
pub(super) fn count_ledgers(sql: &dyn Sql) -> Result<u64, StorageError> {
    Ok(sql.run("SELECT COUNT(*) FROM ledgers", &[])?.first(Row::count)?.unwrap_or_default())
}

/// Inserts or replaces a job.
pub(super) fn put(sql: &dyn Sql, job: &Job) -> Result<(), StorageError> {
    let text = message::write("job", job)?;
    sql.run(
        "INSERT INTO jobs (seq, job, status, finished_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (seq) DO UPDATE SET job = ?2, status = ?3, finished_at = ?4, is_reported = 0",
        &[job.id.seq.into(), (&text).into(), job.status.as_str().into(), job.finished_at.into()],
    )?;
    if job.status != JobStatus::Running {
        sql.run("DELETE FROM job_retries", &[])?;
    }
    Ok(())
}

/// Adds an event that is to be sent.
pub(super) fn add_notice(sql: &dyn Sql, notice: &AppNotice) -> Result<(), StorageError> {
    let text = message::write("notice", notice)?;
    sql.run("INSERT INTO notices (notice) VALUES (?)", &[(&text).into()]).map(drop)
}

/// The job that runs.
pub(super) fn running(sql: &dyn Sql) -> Result<Option<Job>, StorageError> {
    sql.run("SELECT job FROM jobs WHERE status = 'running' LIMIT 1", &[])?.first(|row| row.json("job"))
}

/// The job with this id.
pub(super) fn find(sql: &dyn Sql, id: JobId) -> Result<Option<Job>, StorageError> {
    sql.run("SELECT job FROM jobs WHERE seq = ?", &[id.seq.into()])?.first(|row| row.json("job"))
}

/// The number of the next job.
pub(super) fn next_number(sql: &dyn Sql) -> Result<u64, StorageError> {
    let last = sql.run("SELECT MAX(seq) FROM jobs", &[])?.first(Row::optional_number)?.flatten();
    Ok(u64::from(last.unwrap_or_default()).saturating_add(1))
}

/// Visits the next ledgers of the running job, and ends it after the last one. Returns when the job goes on.
pub(super) async fn advance(
    sql: &dyn Sql,
    platform: &dyn AlarmPlatform,
    read_app: fn(&dyn Sql) -> Result<Option<App>, StorageError>,
) -> Result<Option<Timestamp>, StorageError> {
    let now = platform.now();
    let Some(job) = running(sql)? else {
        return Ok(None);
    };
    if now < job.effective_at {
        return Ok(Some(job.effective_at));
    }
    let (batch, is_retry) = next_batch(sql, &job, now)?;
    if batch.is_empty() {
        let due_at = sql.run("SELECT MIN(due_at) FROM job_retries", &[])?.first(Row::optional_time)?.flatten();
        if due_at.is_some() {
            return Ok(due_at);
        }
        finish(sql, job, read_app(sql)?.as_ref(), now)?;
        return Ok(Some(now));
    }
    let visits = join_all(batch.iter().map(|name| visit(platform, &job, name))).await;
    record(sql, job.id, (&batch, is_retry), &visits, platform.now())?;
    Ok(Some(platform.now()))
}

/// The ledgers to visit next: those after the last one, or else those that did not answer.
fn next_batch(sql: &dyn Sql, job: &Job, now: Timestamp) -> Result<(Vec<String>, bool), StorageError> {
    let batch = sql.run(
        "SELECT name FROM ledgers WHERE name > (SELECT visited_up_to FROM jobs WHERE seq = ?) ORDER BY name LIMIT ?",
        &[job.id.seq.into(), BATCH.into()],
    )?;
    let batch = batch.all(Row::text)?;
    if !batch.is_empty() {
        return Ok((batch, false));
    }
    let retries = "SELECT name FROM job_retries WHERE due_at <= ? ORDER BY due_at LIMIT ?";
    Ok((sql.run(retries, &[now.into(), BATCH.into()])?.all(Row::text)?, true))
}

/// Runs the command of a job in one ledger. `None` if the ledger did not answer or refused.
async fn visit(platform: &dyn AlarmPlatform, job: &Job, name: &str) -> Option<Counts> {
    let command = RevokeAppForAll {
        app_id: job.app_id.clone(),
        by: job.created_by.clone(),
        reason: job.reason.clone(),
        dry_run: job.dry_run,
    };
    let key = Digest::of_parts(&[b"job", job.id.to_string().as_bytes(), name.as_bytes()]);
    ask_user(platform, LedgerId::of_name(name)?, command, key).await
}

/// Runs a command in a user's ledger, once however often it is sent. `None` if the ledger did not answer or refused.
async fn ask_user<C: UserCommand>(
    platform: &dyn AlarmPlatform,
    ledger_id: LedgerId,
    command: C,
    key: Digest,
) -> Option<C::Outcome> {
    let idempotency = Some(IdempotencyKey { request: key.clone(), key, grace: None });
    let (principal, minted) = (Principal::Root, MintedHandles::default());
    let message = Request { principal, command, app: None, minted, idempotency }.message().ok()?;
    let reply = platform.ledgers().call(LedgerClass::User, ledger_id, message).await.ok()?;
    let reply: Reply<C::Outcome> = serde_json::from_str(&reply).ok()?;
    reply.outcome.ok()
}

/// Writes the outcomes of a batch. The job may have been cancelled meanwhile.
fn record(
    sql: &dyn Sql,
    id: JobId,
    (batch, is_retry): (&[String], bool),
    visits: &[Option<Counts>],
    now: Timestamp,
) -> Result<(), StorageError> {
    sql.transaction(&mut || {
        let Some(mut job) = find(sql, id)? else {
            return Ok(());
        };
        for (name, visit) in batch.iter().zip(visits) {
            match visit {
                Some(revoked) => {
                    job.visit(revoked);
                    sql.run("DELETE FROM job_retries WHERE name = ?", &[name.into()])?;
                }
                None if job.status == JobStatus::Running => {
                    sql.run(
                        "INSERT OR REPLACE INTO job_retries (name, due_at) VALUES (?, ?)",
                        &[name.into(), now.plus_seconds(RETRY_SECONDS).into()],
                    )?;
                }
                None => {}
            }
        }
        job.retrying = sql.run("SELECT COUNT(*) FROM job_retries", &[])?.first(Row::count)?.unwrap_or_default();
        put(sql, &job)?;
        if let (Some(last), false) = (batch.last(), is_retry) {
            sql.run("UPDATE jobs SET visited_up_to = ? WHERE seq = ?", &[last.into(), id.seq.into()])?;
        }
        Ok(())
    })
}

/// Ends a job that has visited every ledger.
fn finish(sql: &dyn Sql, mut job: Job, app: Option<&App>, now: Timestamp) -> Result<(), StorageError> {
    job.finish(JobStatus::Done, now);
    sql.transaction(&mut || {
        match app.and_then(|app| after_job(app, &job, now)) {
            None => {}
            Some(AfterJob::Put(app)) => put_app(sql, &app)?,
            Some(AfterJob::Delete(_)) => {
                sql.run("DELETE FROM app", &[])?;
                add_notice(sql, &deleted_notice(&job, now))?;
            }
        }
        put(sql, &job)
    })
}

/// Inserts or replaces the app.
pub(super) fn put_app(sql: &dyn Sql, app: &App) -> Result<(), StorageError> {
    let app = message::write("app", app)?;
    sql.run("INSERT INTO app (only, app) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET app = ?1", &[(&app).into()])
        .map(drop)
}

/// Sends the events about the app to the ledger of its reserved user.
pub(super) async fn send_notices(
    sql: &dyn Sql,
    platform: &dyn AlarmPlatform,
    app_id: Option<AppId>,
) -> Result<Option<Timestamp>, StorageError> {
    let notices = sql.run("SELECT seq, notice FROM notices ORDER BY seq LIMIT ?", &[NOTICES.into()])?;
    let notices = notices.all(|row| Ok((row.count()?, row.json::<AppNotice>("notice")?)))?;
    let Some(app_id) = app_id.filter(|_| !notices.is_empty()) else {
        return Ok(None);
    };
    for (seq, notice) in notices {
        // Numbers of notices repeat, their times do not.
        let text = message::write("notice", &notice)?;
        let key = Digest::of_parts(&[b"notice", app_id.as_str().as_bytes(), text.as_bytes()]);
        let ledger_id = LedgerId::of_user(&UserId::of_app(&app_id));
        let command = RecordAppEvent { app_id: app_id.clone(), notice };
        if ask_user(platform, ledger_id, command, key).await.is_none() {
            return Ok(Some(platform.now().plus_seconds(RETRY_SECONDS)));
        }
        sql.run("DELETE FROM notices WHERE seq = ?", &[seq.into()])?;
    }
    Ok(Some(platform.now()))
}

/// Reports jobs that changed to the operator's ledger, which lists the jobs of all apps.
pub(super) async fn report(sql: &dyn Sql, platform: &dyn AlarmPlatform) -> Result<Option<Timestamp>, StorageError> {
    let changed = sql.run("SELECT job FROM jobs WHERE is_reported = 0 ORDER BY seq DESC LIMIT 1", &[])?;
    let Some(job) = changed.first(|row| row.json::<Job>("job"))? else {
        return Ok(None);
    };
    let text = message::write("job", &job)?;
    ask_operator(platform, UpdateJob { job: Box::new(job.clone()) }).await?;
    sql.run("UPDATE jobs SET is_reported = 1 WHERE seq = ? AND job = ?", &[job.id.seq.into(), (&text).into()])?;
    let is_left = !sql.run("SELECT 1 FROM jobs WHERE is_reported = 0 LIMIT 1", &[])?.is_empty();
    Ok(is_left.then(|| platform.now()))
}

/// Deletes jobs whose retention is over. The newest stays, so that numbers never repeat.
pub(super) fn delete_old(
    sql: &dyn Sql,
    settings: &LedgerSettings,
    now: Timestamp,
) -> Result<Option<Timestamp>, StorageError> {
    let newest = "seq < (SELECT MAX(seq) FROM jobs)";
    let kept_since = settings.kept_since(now);
    sql.run(&format!("DELETE FROM jobs WHERE finished_at <= ? AND {newest}"), &[kept_since.into()])?;
    let next = sql.run(&format!("SELECT MIN(finished_at) FROM jobs WHERE {newest}"), &[])?;
    Ok(next.first(Row::optional_time)?.flatten().map(|at| settings.deletion_of(at)))
}
