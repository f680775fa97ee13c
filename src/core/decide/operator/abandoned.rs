//! Abandoned revocations.

use serde::{Deserialize, Serialize};

use super::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::command::Command;
use crate::core::error::DecisionError;
use crate::core::ids::{Slug, UserId};
use crate::core::params::{Page, PageRequest};
use crate::core::revocation::Revocation;

/// Which abandoned revocations are listed: those of which everything that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbandonedFilter {
    /// The user of the connection.
    pub user_id: Option<UserId>,
    /// The provider.
    pub provider: Option<Slug>,
}

/// Lists the abandoned revocations, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAbandoned {
    /// Which revocations are listed.
    #[serde(default)]
    pub filter: AbandonedFilter,
    /// The page of the list to return.
    pub page: PageRequest,
}

operator_command!(ListAbandoned, "list_abandoned", NotCreated, Page<Revocation>);

impl OperatorCommand for ListAbandoned {
    fn reads(&self) -> OperatorReads {
        OperatorReads { abandoned: Some((self.filter.clone(), self.page)), ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Page<Revocation>, DecisionError> {
        Ok(self.page.page(&cx.snapshot.abandoned, |revocation| Some(revocation.clone())))
    }
}

/// Adds an abandoned revocation to the operator's list, or removes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateAbandoned {
    /// Adds the revocation.
    List(Box<Revocation>),
    /// Removes the revocation with this id.
    Unlist(String),
}

operator_command!(UpdateAbandoned, "update_abandoned", NotCreated, ());

impl OperatorCommand for UpdateAbandoned {
    fn reads(&self) -> OperatorReads {
        OperatorReads::default()
    }

    fn decide(&self, _: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        mutations.push(match self {
            Self::List(revocation) => OperatorMutation::PutAbandoned(revocation.as_ref().clone()),
            Self::Unlist(id) => OperatorMutation::DeleteAbandoned(id.clone()),
        });
        Ok(())
    }
}
