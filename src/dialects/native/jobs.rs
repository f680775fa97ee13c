//! `/v1/jobs`: the progress of work that goes from user to user.

use serde::Serialize;

use super::BEARER;
use super::list::{ListResponse, PageQuery};
use crate::core::cutoff::Counts;
use crate::core::job::{Job, JobId, JobKind, JobStatus};
use crate::core::rfc3339::Rfc3339;
use crate::core::{Actor, AppId};
use crate::dialects::extract::{Path, Query};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{FORBIDDEN, JOB_NOT_FOUND};
use crate::dialects::respond::{AcceptedAt, Body, Location};
use crate::dialects::route::Route;
use crate::operations::{ApiError, Context, jobs};

const BASE: Operation = Operation {
    tag: Tag { name: "Jobs", description: "Work that goes from user to user after the request was answered." },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/jobs", list).operation(|| Operation {
            id: "listJobs",
            summary: "List jobs",
            description: "Returns the last 1,000 jobs, newest first. Their progress may lag behind by a moment.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::get("/v1/jobs/{job_id}", get).operation(|| Operation {
            id: "getJob",
            summary: "Read a job",
            description: "Returns the job with its progress.",
            problems: &[&FORBIDDEN, &JOB_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/jobs/{job_id}/cancel", cancel).operation(|| Operation {
            id: "cancelJob",
            summary: "Cancel a job",
            description: "Ends the job where it is. The connections that it revoked stay revoked. An app that was to be \
                deleted stays disabled. A job that has ended stays as it is.",
            problems: &[&FORBIDDEN, &JOB_NOT_FOUND],
            ..BASE
        }),
    ]
}

/// A job with its progress.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Job"))]
pub(super) struct JobResponse {
    /// The id of the job.
    id: JobId,
    /// The work of the job.
    kind: JobKind,
    /// The status of the job.
    status: JobStatus,
    /// The app that the job is about.
    app_id: AppId,
    /// Whether the job counts without changing anything.
    dry_run: bool,
    /// Why, in the caller's words.
    reason: Option<String>,
    /// When the job was created.
    created_at: Rfc3339,
    /// The actor that created the job.
    created_by: Actor,
    /// From this time on the app neither authenticates nor gets anything new. The job begins then.
    effective_at: Rfc3339,
    /// How many users were connected to the app at some time, when the job was created.
    users: u64,
    /// How many of them the job has visited.
    visited: u64,
    /// How many of them did not answer, and are visited again.
    retrying: u64,
    /// How many of them had a live token or connection of the app.
    affected: u64,
    /// How much of each kind ended, or would end if this is a dry run.
    revoked: Counts,
    /// When the job was done or cancelled.
    finished_at: Option<Rfc3339>,
}

impl From<Job> for JobResponse {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            status: job.status,
            app_id: job.app_id,
            dry_run: job.dry_run,
            reason: job.reason,
            created_at: Rfc3339(job.created_at),
            created_by: job.created_by,
            effective_at: Rfc3339(job.effective_at),
            users: job.users,
            visited: job.visited,
            retrying: job.retrying,
            affected: job.affected,
            revoked: job.revoked,
            finished_at: job.finished_at.map(Rfc3339),
        }
    }
}

/// The answer to a request that begins a job.
pub(super) fn accepted(job: Job) -> AcceptedAt<JobResponse> {
    AcceptedAt { location: Location::new("/v1/jobs/", &job.id.to_string()), body: job.into() }
}

async fn list(cx: &Context<'_>, Query(page): Query<PageQuery>) -> Result<Body<ListResponse<JobResponse>>, ApiError> {
    Ok(Body(ListResponse::of(jobs::list(cx, page).await?, Into::into)))
}

async fn get(cx: &Context<'_>, Path(id): Path<JobId>) -> Result<Body<JobResponse>, ApiError> {
    Ok(Body(jobs::get(cx, id).await?.into()))
}

async fn cancel(cx: &Context<'_>, Path(id): Path<JobId>) -> Result<Body<JobResponse>, ApiError> {
    Ok(Body(jobs::cancel(cx, id).await?.into()))
}
