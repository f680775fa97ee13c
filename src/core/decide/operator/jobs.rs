//! The list of the jobs of all apps.

use serde::{Deserialize, Serialize};

use super::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::command::Command;
use crate::core::error::DecisionError;
use crate::core::job::Job;
use crate::core::params::{Page, PageRequest};

/// Lists a job as it is now. The registry that runs the job sends this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateJob {
    /// The job with its progress.
    pub job: Box<Job>,
}

operator_command!(UpdateJob, "update_job", NotCreated, ());

impl OperatorCommand for UpdateJob {
    fn reads(&self) -> OperatorReads {
        OperatorReads::default()
    }

    fn decide(&self, _: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        mutations.push(OperatorMutation::PutJob(self.job.clone()));
        Ok(())
    }
}

/// Lists the jobs, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListJobs {
    /// The page of the list to return.
    pub page: PageRequest,
}

operator_command!(ListJobs, "list_jobs", NotCreated, Page<Job>);

impl OperatorCommand for ListJobs {
    fn reads(&self) -> OperatorReads {
        OperatorReads { jobs: Some(self.page), ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, _: &mut Vec<OperatorMutation>) -> Result<Page<Job>, DecisionError> {
        Ok(self.page.page(&cx.snapshot.jobs, |job| Some(job.clone())))
    }
}
