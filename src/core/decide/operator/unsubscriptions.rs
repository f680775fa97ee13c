//! Webhook endpoints that asked to receive no more events.

use serde::{Deserialize, Serialize};

use super::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::command::Command;
use crate::core::error::DecisionError;
use crate::core::ids::Slug;
use crate::core::webhook::{Disabled, Endpoint};

/// An endpoint that asked to receive no more events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscription {
    /// The endpoint.
    pub endpoint: Slug,
    /// The reason for the administrator, without a secret.
    pub reason: String,
}

/// Disables endpoints that asked for no more events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribeWebhooks {
    /// The endpoints to disable.
    pub unsubscriptions: Vec<Unsubscription>,
}

operator_command!(UnsubscribeWebhooks, "unsubscribe_webhooks", NotCreated, ());

impl OperatorCommand for UnsubscribeWebhooks {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
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
