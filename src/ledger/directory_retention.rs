//! The retention of the directory. The ledgers keep it, since nothing else runs by itself: each one deletes a batch of old
//! rows, whosever they are, when the retention of the last batch that it sent is over, and when it deletes events of its own.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::alarm::{AlarmPlatform, REST_SECONDS};
use super::error::StorageError;
use super::settings::LedgerSettings;
use super::sql::{Row, Sql};
use crate::core::Timestamp;
use crate::directory::feed;

/// How long the directory has to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The progress of an object with its part of the retention.
#[derive(Debug, Default)]
pub(super) struct DirectoryRetention {
    /// The time of the last batch that it sent, of which nothing is left in the directory.
    cleaned: Cell<Option<Timestamp>>,
    /// Whether the directory may have more rows to delete.
    has_more: Cell<bool>,
}

impl DirectoryRetention {
    /// Notes that the ledger deleted events of its own.
    pub(super) fn note_deletion(&self) {
        self.has_more.set(true);
    }

    /// Deletes a batch of old rows of the directory, if it is time. Returns when the next batch is due.
    pub(super) async fn run(
        &self,
        (sql, platform): (&dyn Sql, &dyn AlarmPlatform),
        settings: &LedgerSettings,
    ) -> Result<Option<Timestamp>, StorageError> {
        let sent = sql.run("SELECT number FROM directory_feed", &[])?.first(Row::time)?;
        let now = platform.now();
        let due_at = sent.filter(|sent| self.cleaned.get() != Some(*sent)).map(|sent| settings.deletion_of(sent));
        let is_due = due_at.is_some_and(|due_at| due_at <= now);
        if !is_due && !self.has_more.get() {
            return Ok(due_at);
        }
        let deleted = pin!(feed::delete_old(platform.directory(), settings.kept_since(now)));
        match select(deleted, platform.sleep(TIMEOUT)).await {
            Either::Left((Ok(has_more), _)) => {
                self.has_more.set(has_more);
                if has_more {
                    return Ok(Some(now));
                }
                if is_due {
                    self.cleaned.set(sent);
                }
                Ok(due_at.filter(|_| !is_due))
            }
            // The feed reports a directory that is down.
            Either::Left((Err(_), _)) | Either::Right(_) => Ok(Some(now.plus_seconds(REST_SECONDS.saturating_mul(6)))),
        }
    }
}
