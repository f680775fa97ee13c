//! The jobs of a user's alarm.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{Either, join3, select};

use super::{UserLedger, connection_entries, endings, provider_revocations, resealing, retention, webhook_delivery};
use crate::core::Timestamp;
use crate::ledger::alarm::{Agenda, AlarmPlatform};
use crate::ledger::settings::{LedgerContext, LedgerSettings};
use crate::ledger::sql::{Row, Sql};
use crate::ledger::{Effects, StorageError};

/// The state that the jobs of one ring share.
pub(super) struct Job<'a> {
    pub(super) ledger: &'a UserLedger,
    pub(super) sql: &'a dyn Sql,
    pub(super) platform: &'a dyn AlarmPlatform,
    pub(super) settings: &'a LedgerSettings,
}

/// When a job is due that the database knows, webhooks excepted.
const NEXT_DUE: &str = "SELECT
    (SELECT MIN(expires_at) FROM tokens WHERE kind = 1 AND end_kind IS NULL AND expiry_recorded = 0),
    (SELECT MIN(expires_at) FROM connections WHERE end_recorded_at IS NULL AND status = 'initiated'),
    (SELECT at FROM cutoffs WHERE sweep_after IS NOT NULL ORDER BY at LIMIT 1),
    (SELECT MIN(entry_due_at) FROM connections WHERE entry_due_at IS NOT NULL),
    (SELECT MIN(due_at) FROM credentials WHERE due_at IS NOT NULL),
    (SELECT MIN(listing_due_at) FROM credentials WHERE listing_due_at IS NOT NULL)";
/// When a webhook endpoint is due.
const NEXT_WEBHOOK: &str = "SELECT MIN(due_at) FROM webhook_cursors";

/// Runs the jobs that are due, a bounded batch of each, and returns when the alarm must ring next.
///
/// A webhook endpoint may take long to answer. Meanwhile the other jobs go on: when a request records work, and when one of
/// them is due. Receivers of webhooks so delay nothing else, such as revocations at providers.
///
/// # Errors
/// [`StorageError`] if not even the tables can be read.
pub(super) async fn ring(
    ledger: &UserLedger,
    sql: &dyn Sql,
    platform: &dyn AlarmPlatform,
    settings: &LedgerSettings,
) -> Result<Option<Timestamp>, StorageError> {
    if !ledger.tables.exist(sql)? {
        return Ok(None);
    }
    let job = Job { ledger, sql, platform, settings };
    let mut webhooks = pin!(webhook_delivery::deliver(&job));
    let mut delivered = None;
    let mut agenda = loop {
        ledger.wake.clear();
        let agenda = beside(run_other_jobs(&job), webhooks.as_mut(), &mut delivered).await;
        if delivered.is_some() {
            break agenda;
        }
        let pause = pin!(pause(&job, agenda.peek()));
        match select(webhooks.as_mut(), pause).await {
            Either::Left((outcome, _)) => {
                delivered = Some(outcome);
                break agenda;
            }
            Either::Right(_) => {}
        }
    };
    if let Some(outcome) = delivered {
        agenda.add("deliver webhooks", outcome);
    }
    agenda.add("find the next webhook", next_of(sql, NEXT_WEBHOOK, 1));
    Ok(agenda.next())
}

/// Runs all jobs but the delivery of webhooks.
async fn run_other_jobs<'a>(job: &Job<'a>) -> Agenda<'a> {
    let mut agenda = Agenda::new(job.platform);
    agenda.add("record expired tokens", endings::record_expired_tokens(job));
    agenda.add("record expired connections", endings::record_expired_connections(job));
    agenda.add("record connections ended by cutoffs", endings::record_cut_connections(job));
    agenda.add("delete events", retention::delete_events(job));
    agenda.add("delete dead rows", retention::run_pass(job));
    agenda.add("re-encrypt credentials", resealing::reseal(job));
    // None of these waits for another but for the end of this pass, which comes in a bounded time.
    let (revocations, entries, abandoned) = join3(
        provider_revocations::revoke_at_providers(job),
        connection_entries::write_entries(job),
        provider_revocations::list_abandoned(job),
    )
    .await;
    agenda.add("revoke credentials at providers", revocations);
    agenda.add("write entries of connections", entries);
    agenda.add("list abandoned revocations", abandoned);
    agenda.add("find the next job", next_of(job.sql, NEXT_DUE, 6));
    agenda
}

/// Runs a job while webhooks are delivered, and keeps their outcome if it comes first.
async fn beside<T, D: Future>(
    job: impl Future<Output = T>,
    mut webhooks: Pin<&mut D>,
    outcome: &mut Option<D::Output>,
) -> T {
    let mut job = pin!(job);
    poll_fn(|cx| {
        let done = job.as_mut().poll(cx);
        if outcome.is_none()
            && let Poll::Ready(delivered) = webhooks.as_mut().poll(cx)
        {
            *outcome = Some(delivered);
        }
        done
    })
    .await
}

/// Waits until a job is due, or until a request records work.
async fn pause(job: &Job<'_>, until: Option<Timestamp>) {
    let woken = pin!(job.ledger.wake.wait());
    match until {
        Some(until) => {
            let micros = until.micros().saturating_sub(job.platform.now().micros());
            let wait = Duration::from_micros(u64::try_from(micros).unwrap_or_default());
            // Requests are answered between two passes.
            select(woken, job.platform.sleep(wait.max(Duration::from_millis(10)))).await;
        }
        None => woken.await,
    }
}

impl Job<'_> {
    /// The context of a command that the job runs.
    pub(super) fn context(&self) -> LedgerContext<'_> {
        LedgerContext {
            now: self.platform.now(),
            jitter: self.platform.jitter(),
            settings: self.settings,
            has_earlier_secrets: false,
        }
    }

    /// The ledger's time.
    pub(super) fn now(&self) -> Result<Timestamp, StorageError> {
        self.ledger.now(self.sql, &self.context())
    }

    /// Notifies the subscribers of a write.
    pub(super) fn announce(&self, effects: Effects) {
        if effects.changed_status {
            self.platform.notify_subscribers();
        }
    }
}

/// The earliest of the times in the columns of a row.
fn next_of(sql: &dyn Sql, statement: &str, columns: u32) -> Result<Option<Timestamp>, StorageError> {
    let due = sql.run(statement, &[])?.first(|row: &mut Row| {
        let mut next = None;
        for _ in 0..columns {
            next = next.into_iter().chain(row.optional_time()?).min();
        }
        Ok(next)
    })?;
    Ok(due.flatten())
}
