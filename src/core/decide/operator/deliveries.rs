//! Deliveries to webhook endpoints.

use serde::{Deserialize, Serialize};

use super::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::command::Command;
use crate::core::error::DecisionError;
use crate::core::ids::Slug;
use crate::core::params::{Page, PageRequest};
use crate::core::webhook::{Delivery, Disabled, Endpoint};

/// Lists the latest deliveries to an endpoint, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDeliveries {
    /// The endpoint.
    pub name: Slug,
    /// The page of the list to read.
    pub page: PageRequest,
}

operator_command!(ListDeliveries, "list_deliveries", NotCreated, Page<Delivery>);

impl OperatorCommand for ListDeliveries {
    fn reads(&self) -> OperatorReads {
        let deliveries = Some((self.name.clone(), self.page));
        OperatorReads { endpoints: true, deliveries, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, _: &mut Vec<OperatorMutation>) -> Result<Page<Delivery>, DecisionError> {
        cx.snapshot.endpoint(&self.name)?;
        Ok(self.page.page(&cx.snapshot.deliveries, |delivery| Some(delivery.clone())))
    }
}

/// An endpoint that asked to receive no more events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscription {
    /// The endpoint.
    pub endpoint: Slug,
    /// The reason for the administrator, without a secret.
    pub reason: String,
}

/// Records deliveries to endpoints, and disables endpoints that asked for no more events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDeliveries {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// The endpoints to disable.
    pub unsubscriptions: Vec<Unsubscription>,
}

operator_command!(RecordDeliveries, "record_deliveries", NotCreated, ());

impl OperatorCommand for RecordDeliveries {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        let exists = |delivery: &&Delivery| cx.snapshot.endpoint(&delivery.endpoint).is_ok();
        mutations.extend(self.deliveries.iter().filter(exists).cloned().map(OperatorMutation::AddDelivery));
        for Unsubscription { endpoint, reason } in &self.unsubscriptions {
            let Some(endpoint) = cx.snapshot.endpoint(endpoint).ok().filter(|endpoint| endpoint.disabled.is_none())
            else {
                continue;
            };
            let disabled = Some(Disabled { at: cx.now, reason: reason.clone() });
            mutations.push(OperatorMutation::PutEndpoint(Endpoint {
                disabled,
                updated_at: cx.now,
                ..endpoint.clone()
            }));
        }
        Ok(())
    }
}
