//! The jobs of a user's alarm.

use futures_util::future::join4;

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

/// When something is due that the database knows.
const NEXT_DUE: &str = "SELECT
    (SELECT MIN(expires_at) FROM tokens WHERE kind = 1 AND end_kind IS NULL AND expiry_recorded = 0),
    (SELECT MIN(expires_at) FROM connections WHERE end_recorded_at IS NULL AND status = 'initiated'),
    (SELECT at FROM cutoffs WHERE sweep_after IS NOT NULL ORDER BY at LIMIT 1),
    (SELECT MIN(entry_due_at) FROM connections WHERE entry_due_at IS NOT NULL),
    (SELECT MIN(due_at) FROM credentials WHERE due_at IS NOT NULL),
    (SELECT MIN(listing_due_at) FROM credentials WHERE listing_due_at IS NOT NULL),
    (SELECT MIN(due_at) FROM webhook_cursors)";

/// Runs the jobs that are due, a bounded batch of each, and returns when the alarm must ring next.
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
    let mut agenda = Agenda::new(platform);
    agenda.add("record expired tokens", endings::record_expired_tokens(&job));
    agenda.add("record expired connections", endings::record_expired_connections(&job));
    agenda.add("record connections ended by cutoffs", endings::record_cut_connections(&job));
    agenda.add("delete events", retention::delete_events(&job));
    agenda.add("delete dead rows", retention::run_pass(&job));
    agenda.add("re-encrypt credentials", resealing::reseal(&job));
    // None of these waits for another but for the end of the ring, which comes in a bounded time.
    let (entries, abandoned, revocations, webhooks) = join4(
        connection_entries::write_entries(&job),
        provider_revocations::list_abandoned(&job),
        provider_revocations::revoke_at_providers(&job),
        webhook_delivery::deliver(&job),
    )
    .await;
    agenda.add("write entries of connections", entries);
    agenda.add("list abandoned revocations", abandoned);
    agenda.add("revoke credentials at providers", revocations);
    agenda.add("deliver webhooks", webhooks);
    agenda.add("find the next job", next_due(sql));
    Ok(agenda.next())
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

fn next_due(sql: &dyn Sql) -> Result<Option<Timestamp>, StorageError> {
    let due = sql.run(NEXT_DUE, &[])?.first(|row: &mut Row| {
        let mut next = None;
        for _ in 0..7 {
            next = next.into_iter().chain(row.optional_time()?).min();
        }
        Ok(next)
    })?;
    Ok(due.flatten())
}
