//! Jobs: work that goes from ledger to ledger after a request was answered.
//!
//! ```
//! use hookswitch::core::job::JobId;
//!
//! let id: JobId = "job_a72a50e29deb12af80000012c".parse()?;
//! assert_eq!(id.to_string(), "job_a72a50e29deb12af80000012c");
//! # Ok::<(), hookswitch::core::Rule>(())
//! ```

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::cutoff::Counts;
use super::ids::{AppId, LedgerId};
use super::rule::Rule;
use super::string_enum::string_enum;
use super::time::Timestamp;

string_enum! {
    /// The work of a job.
    pub enum JobKind {
        /// Every connection to an app is revoked. Then the app works again.
        AppRevoke = "app.revoke",
        /// Every connection to an app is revoked. Then the app is deleted.
        AppDelete = "app.delete",
    }
}

string_enum! {
    /// The status of a job. `done` and `cancelled` are final.
    pub enum JobStatus {
        /// The job has work left.
        Running = "running",
        /// The job has done all of its work.
        Done = "done",
        /// The job was cancelled. The work that it did stays.
        Cancelled = "cancelled",
    }
}

/// The id of a job: `job_a`, the name of the app's registry, and the number of the job there in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct JobId {
    /// The registry that runs the job.
    pub ledger_id: LedgerId,
    /// The number of the job in its ledger.
    pub seq: u64,
}

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.ledger_id.numbered("job_a", self.seq))
    }
}

impl FromStr for JobId {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let rule = || Rule::new("must be job_a followed by 24 hex digits or more");
        let hex = text.strip_prefix("job_a").ok_or_else(rule)?;
        let (ledger_id, seq) = hex.split_at_checked(16).filter(|(_, seq)| seq.len() >= 8).ok_or_else(rule)?;
        let mut bytes = [0; 8];
        hex::decode_to_slice(ledger_id, &mut bytes).map_err(|_| rule())?;
        let seq = u64::from_str_radix(seq, 16).ok().filter(|seq| *seq < 1 << 53).ok_or_else(rule)?;
        Ok(Self { ledger_id: LedgerId(bytes), seq })
    }
}

impl Serialize for JobId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not a job id"))
    }
}

/// A job with its progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The id of the job.
    pub id: JobId,
    /// The work of the job.
    pub kind: JobKind,
    /// The app that the job is about.
    pub app_id: AppId,
    /// Whether the job counts without changing anything.
    pub dry_run: bool,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
    /// When the job was created.
    pub created_at: Timestamp,
    /// The actor that created the job.
    pub created_by: Actor,
    /// From this time on the app neither authenticates nor gets anything new. Everything that was created up to it ends.
    pub effective_at: Timestamp,
    /// The status of the job.
    pub status: JobStatus,
    /// How many users the app's registry listed when the job was created.
    pub users: u64,
    /// How many of them the job has visited.
    pub visited: u64,
    /// The number of users whose ledger did not answer, and is asked again.
    pub retrying: u64,
    /// How many users had a live token or connection of the app.
    pub affected: u64,
    /// How much was alive and ended, or was counted.
    pub revoked: Counts,
    /// When the job was done or cancelled.
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// Adds the outcome of a visited user.
    pub fn visit(&mut self, revoked: &Counts) {
        self.visited = self.visited.saturating_add(1);
        self.affected = self.affected.saturating_add(u64::from(revoked.total() > 0));
        self.revoked.add_all(revoked);
    }

    /// Ends the job.
    pub const fn finish(&mut self, status: JobStatus, now: Timestamp) {
        self.status = status;
        self.finished_at = Some(now);
    }
}
