//! Commands that stop an app for everybody, and the jobs of its registry.
//!
//! A stopped app neither authenticates nor gets anything new. A job visits the ledgers that the registry lists. While it
//! runs, the app is stopped, so that no new ledger joins the list behind the job.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::app_jobs::{CancelJob, RevokeApp, SetAppEnabled};
//!
//! assert_eq!(SetAppEnabled::NAME, "set_app_enabled");
//! assert_eq!(RevokeApp::NAME, "revoke_app");
//! assert_eq!(CancelJob::NAME, "cancel_job");
//! ```

use serde::{Deserialize, Serialize};

use super::Idempotency;
use super::apps::{AppChanges, AppCommand, AppContext};
use super::connections::Switch;
use crate::core::access::Actor;
use crate::core::app::{App, AppStop, StopKind};
use crate::core::command::{Authority, Command};
use crate::core::cutoff::Counts;
use crate::core::error::{DecisionError, Resource};
use crate::core::event::EventType;
use crate::core::ids::{AppId, LedgerId};
use crate::core::job::{Job, JobId, JobKind, JobStatus};
use crate::core::json::Json;
use crate::core::time::Timestamp;

/// How long an isolate may use what it remembers of an app, in seconds.
pub const EFFECTIVE_SECONDS: i64 = 10;

/// Adds a user's ledger to the list of an app, before its first connection to the app commits. Only ledgers run this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterLedger {
    /// The id of the app.
    pub app_id: AppId,
    /// The user's ledger.
    pub ledger_id: LedgerId,
}

impl Command for RegisterLedger {
    const NAME: &'static str = "register_ledger";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ();
}

impl AppCommand for RegisterLedger {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn decide(&self, cx: &AppContext<'_>) -> Result<((), AppChanges), DecisionError> {
        let app = cx.named(&self.app_id)?;
        if app.is_stopped() {
            return Err(DecisionError::AppStopped);
        }
        Ok(((), AppChanges { ledger: Some(self.ledger_id), ..AppChanges::default() }))
    }
}

/// Disables or enables an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAppEnabled {
    /// The id of the app.
    pub app_id: AppId,
    /// Whether to enable or disable it.
    pub switch: Switch,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

/// The outcome of [`SetAppEnabled`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSwitched {
    /// The app now.
    pub app: App,
    /// When the change is in force everywhere.
    pub effective_at: Timestamp,
}

impl Command for SetAppEnabled {
    const NAME: &'static str = "set_app_enabled";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = AppSwitched;
}

impl AppCommand for SetAppEnabled {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;
    const READS_JOBS: bool = true;

    fn decide(&self, cx: &AppContext<'_>) -> Result<(AppSwitched, AppChanges), DecisionError> {
        let before = cx.named(&self.app_id)?;
        cx.require_no_job()?;
        let effective_at = cx.now.plus_seconds(EFFECTIVE_SECONDS);
        let (stop, event_type) = match self.switch {
            Switch::Disable => (Some(cx.stop(StopKind::Disabled, self.reason.clone())), EventType::AppDisabled),
            Switch::Enable => (None, EventType::AppEnabled),
        };
        if before.is_stopped() == stop.is_some() {
            return Ok((AppSwitched { app: before.clone(), effective_at }, AppChanges::default()));
        }
        let app = App { stop, updated_at: cx.now, ..before.clone() };
        let notice = cx.notice(event_type, effective_at, self.reason.as_deref());
        let changes = AppChanges { app: Some(app.clone()), notice: Some(notice), ..AppChanges::default() };
        Ok((AppSwitched { app, effective_at }, changes))
    }
}

/// Revokes every connection to an app, by a job. Then the app works again, or is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeApp {
    /// The id of the app.
    pub app_id: AppId,
    /// The work of the job.
    pub kind: JobKind,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
    /// Whether to count without revoking.
    pub dry_run: bool,
}

impl Command for RevokeApp {
    const NAME: &'static str = "revoke_app";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Job;
}

impl AppCommand for RevokeApp {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;
    const READS_JOBS: bool = true;

    fn decide(&self, cx: &AppContext<'_>) -> Result<(Job, AppChanges), DecisionError> {
        let app = cx.named(&self.app_id)?;
        let mut jobs = Vec::new();
        match cx.running {
            Some(running) if running.kind == self.kind && running.dry_run == self.dry_run => {
                return Ok((running.clone(), AppChanges::default()));
            }
            // Nobody waits for a count to stop an app.
            Some(running) if running.dry_run => {
                let mut counting = running.clone();
                counting.finish(JobStatus::Cancelled, cx.now);
                jobs.push(counting);
            }
            Some(_) => return Err(DecisionError::JobRunning),
            None => {}
        }
        let effective_at = if self.dry_run { cx.now } else { cx.now.plus_seconds(EFFECTIVE_SECONDS) };
        let job = Job {
            id: JobId { ledger_id: LedgerId::of_app(&self.app_id), seq: cx.next_job },
            kind: self.kind,
            app_id: self.app_id.clone(),
            dry_run: self.dry_run,
            reason: self.reason.clone(),
            created_at: cx.now,
            created_by: cx.principal.actor(),
            effective_at,
            status: JobStatus::Running,
            users: cx.ledgers,
            visited: 0,
            retrying: 0,
            affected: 0,
            revoked: Counts::default(),
            finished_at: None,
        };
        jobs.push(job.clone());
        if self.dry_run {
            return Ok((job, AppChanges { jobs, ..AppChanges::default() }));
        }
        // A disabled app stays disabled after its connections are revoked.
        let was_disabled = app.stop.as_ref().is_some_and(|stop| stop.kind == StopKind::Disabled);
        let kind = if was_disabled { StopKind::Disabled } else { StopKind::Revoking };
        let stopped = App { stop: Some(cx.stop(kind, self.reason.clone())), updated_at: cx.now, ..app.clone() };
        let notice = cx.notice(EventType::AppRevoked, effective_at, self.reason.as_deref());
        let changes = AppChanges { app: Some(stopped), jobs, notice: Some(notice), ledger: None };
        Ok((job, changes))
    }
}

/// Reads a job of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetJob {
    /// The id of the job.
    pub id: JobId,
}

impl Command for GetJob {
    const NAME: &'static str = "get_job";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Job;
}

impl AppCommand for GetJob {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;
    const READS_JOBS: bool = true;

    fn job(&self) -> Option<JobId> {
        Some(self.id)
    }

    fn decide(&self, cx: &AppContext<'_>) -> Result<(Job, AppChanges), DecisionError> {
        let job = cx.job.ok_or(DecisionError::NotFound(Resource::Job))?;
        Ok((job.clone(), AppChanges::default()))
    }
}

/// Cancels a job. The work that it did stays, and an app that was to be deleted stays disabled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelJob {
    /// The id of the job.
    pub id: JobId,
}

impl Command for CancelJob {
    const NAME: &'static str = "cancel_job";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Job;
}

impl AppCommand for CancelJob {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;
    const READS_JOBS: bool = true;

    fn job(&self) -> Option<JobId> {
        Some(self.id)
    }

    fn decide(&self, cx: &AppContext<'_>) -> Result<(Job, AppChanges), DecisionError> {
        let mut job = cx.job.ok_or(DecisionError::NotFound(Resource::Job))?.clone();
        if job.status != JobStatus::Running {
            return Ok((job, AppChanges::default()));
        }
        job.finish(JobStatus::Cancelled, cx.now);
        let app = cx.app.and_then(|app| after_job(app, &job, cx.now)).map(|after| match after {
            // Not everything of a deleted app has ended: it stays, and stays stopped.
            AfterJob::Put(app) | AfterJob::Delete(app) => app,
        });
        Ok((job.clone(), AppChanges { app, jobs: vec![job], ..AppChanges::default() }))
    }
}

/// The state of an app after its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AfterJob {
    /// The app changes.
    Put(App),
    /// The app is deleted. It is disabled here, in case that it stays.
    Delete(App),
}

/// The app after its job; `None` if the app stays as it is.
#[must_use]
pub fn after_job(app: &App, job: &Job, now: Timestamp) -> Option<AfterJob> {
    let stop = app.stop.as_ref().filter(|_| !job.dry_run)?;
    match (job.kind, stop.kind) {
        (JobKind::AppRevoke, StopKind::Disabled) => None,
        (JobKind::AppRevoke, StopKind::Revoking) => {
            Some(AfterJob::Put(App { stop: None, updated_at: now, ..app.clone() }))
        }
        (JobKind::AppDelete, _) => {
            let stop = Some(AppStop { kind: StopKind::Disabled, ..stop.clone() });
            Some(AfterJob::Delete(App { stop, updated_at: now, ..app.clone() }))
        }
    }
}

/// An event about an app that its registry has to record in the ledger of the app's reserved user, which sends webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppNotice {
    /// The type of the event.
    pub event_type: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// The actor that caused it.
    pub actor: Actor,
    /// The details of the event.
    pub data: Json,
}

#[derive(Serialize)]
struct AppEventData<'a> {
    app_id: &'a AppId,
    effective_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl AppContext<'_> {
    fn require_no_job(&self) -> Result<(), DecisionError> {
        if self.running.is_some_and(|job| !job.dry_run) { Err(DecisionError::JobRunning) } else { Ok(()) }
    }

    fn stop(&self, kind: StopKind, reason: Option<String>) -> AppStop {
        AppStop { kind, at: self.now, by: self.principal.actor(), reason }
    }

    fn notice(&self, event_type: EventType, effective_at: Timestamp, reason: Option<&str>) -> AppNotice {
        let app_id = self.app.map(|app| &app.app_id);
        let data = app_id.map(|app_id| AppEventData { app_id, effective_at: effective_at.rfc3339(), reason });
        AppNotice { event_type, at: self.now, actor: self.principal.actor(), data: Json::of(&data) }
    }
}

/// The notice that an app was deleted.
#[must_use]
pub fn deleted_notice(job: &Job, now: Timestamp) -> AppNotice {
    let data = AppEventData { app_id: &job.app_id, effective_at: now.rfc3339(), reason: job.reason.as_deref() };
    let actor = job.created_by.clone();
    AppNotice { event_type: EventType::AppDeleted, at: now, actor, data: Json::of(&data) }
}
