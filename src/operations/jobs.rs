//! Jobs: read, listed and cancelled.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::core::params::PageRequest;
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::jobs;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let page = PageRequest { after: None, limit: 10 };
//! assert!(deployment.run(jobs::list(&deployment.root(), page)).unwrap().unwrap().items.is_empty());
//! # }
//! ```

use super::context::Context;
use super::error::ApiError;
use crate::core::decide::app_jobs::{CancelJob, GetJob};
use crate::core::decide::operator::ListJobs;
use crate::core::job::{Job, JobId};
use crate::core::params::{Page, PageRequest};

/// Reads a job with its progress.
///
/// # Errors
/// The refusal of the registry that runs the job, or [`ApiError::Unavailable`].
pub async fn get(cx: &Context<'_>, id: JobId) -> Result<Job, ApiError> {
    cx.require_operator()?;
    cx.registry_of(id).run_plain(GetJob { id }).await
}

/// Lists the jobs of all apps, newest first. Their progress may lag behind by a moment.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn list(cx: &Context<'_>, page: PageRequest) -> Result<Page<Job>, ApiError> {
    cx.operator().run_plain(ListJobs { page }).await
}

/// Cancels a job. The work that it did stays.
///
/// # Errors
/// The refusal of the registry that runs the job, or [`ApiError::Unavailable`].
pub async fn cancel(cx: &Context<'_>, id: JobId) -> Result<Job, ApiError> {
    cx.require_operator()?;
    cx.registry_of(id).run_plain(CancelJob { id }).await
}
