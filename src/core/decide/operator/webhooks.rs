//! Webhook endpoints.

use serde::{Deserialize, Serialize};

use super::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::command::Command;
use crate::core::decide::{Idempotency, PutEffect};
use crate::core::error::DecisionError;
use crate::core::event::EventType;
use crate::core::ids::Slug;
use crate::core::sealed::Sealed;
use crate::core::webhook::{Disabled, ENDPOINTS_MAX, Endpoint, PreviousSigningSecret};

/// The signing secret in a command that writes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningSecret {
    /// A secret that the operator provides. It replaces the current one.
    Provided(Sealed),
    /// A fresh secret, used if the endpoint is new.
    Fresh(Sealed),
}

/// Creates a webhook endpoint or replaces its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutWebhook {
    /// The endpoint's name.
    pub name: Slug,
    /// The URL that receives events.
    pub url: String,
    /// The types of event to send; all types if empty.
    pub events: Vec<EventType>,
    /// Whether no events are sent.
    pub disabled: bool,
    /// The signing secret.
    pub secret: SigningSecret,
}

/// The outcome of a command that writes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookPut {
    /// The endpoint now.
    pub endpoint: Endpoint,
    /// Whether the endpoint was created.
    pub effect: PutEffect,
    /// The new secret to show, encrypted; `None` if the operator knows the secret.
    pub show_secret: Option<Sealed>,
}

operator_command!(PutWebhook, "put_webhook", Created, WebhookPut);

impl OperatorCommand for PutWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<WebhookPut, DecisionError> {
        let before = cx.snapshot.endpoint(&self.name).ok();
        if before.is_none() && cx.snapshot.endpoints.len() >= ENDPOINTS_MAX {
            return Err(DecisionError::TooManyEndpoints { max: ENDPOINTS_MAX });
        }
        let (secret, previous_secret) = match (&self.secret, before) {
            (SigningSecret::Fresh(_), Some(before)) => (before.secret.clone(), before.previous_secret.clone()),
            (SigningSecret::Provided(secret) | SigningSecret::Fresh(secret), _) => (secret.clone(), None),
        };
        let disabled = self.disabled.then(|| {
            let kept = before.and_then(|before| before.disabled.clone());
            kept.unwrap_or_else(|| Disabled { at: cx.now, reason: "disabled by an operator".to_owned() })
        });
        let endpoint = Endpoint {
            name: self.name.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
            secret,
            previous_secret,
            disabled,
            created_at: before.map_or(cx.now, |before| before.created_at),
            updated_at: cx.now,
        };
        mutations.push(OperatorMutation::PutEndpoint(endpoint.clone()));
        let effect = if before.is_some() { PutEffect::Kept } else { PutEffect::Created };
        let show_secret = (effect == PutEffect::Created).then(|| endpoint.secret.clone());
        Ok(WebhookPut { endpoint, effect, show_secret })
    }
}

/// Gives an endpoint a new signing secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotateWebhookSecret {
    /// The endpoint.
    pub name: Slug,
    /// The new secret, encrypted.
    pub secret: Sealed,
    /// How long the previous secret signs beside it, in seconds.
    pub previous_ttl: u32,
}

operator_command!(RotateWebhookSecret, "rotate_webhook_secret", Created, WebhookPut);

impl OperatorCommand for RotateWebhookSecret {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<WebhookPut, DecisionError> {
        let before = cx.snapshot.endpoint(&self.name)?;
        let valid_until = cx.now.plus_seconds(i64::from(self.previous_ttl));
        let previous = PreviousSigningSecret { sealed: before.secret.clone(), valid_until };
        let endpoint = Endpoint {
            secret: self.secret.clone(),
            previous_secret: (self.previous_ttl > 0).then_some(previous),
            updated_at: cx.now,
            ..before.clone()
        };
        mutations.push(OperatorMutation::PutEndpoint(endpoint.clone()));
        let show_secret = Some(endpoint.secret.clone());
        Ok(WebhookPut { endpoint, effect: PutEffect::Kept, show_secret })
    }
}

/// Reads an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetWebhook {
    /// The endpoint.
    pub name: Slug,
}

operator_command!(GetWebhook, "get_webhook", NotCreated, Endpoint);

impl OperatorCommand for GetWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, _: &mut Vec<OperatorMutation>) -> Result<Endpoint, DecisionError> {
        cx.snapshot.endpoint(&self.name).cloned()
    }
}

/// Lists the endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListWebhooks {}

operator_command!(ListWebhooks, "list_webhooks", NotCreated, Vec<Endpoint>);

impl OperatorCommand for ListWebhooks {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, _: &mut Vec<OperatorMutation>) -> Result<Vec<Endpoint>, DecisionError> {
        Ok(cx.snapshot.endpoints.clone())
    }
}

/// Deletes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteWebhook {
    /// The endpoint.
    pub name: Slug,
}

operator_command!(DeleteWebhook, "delete_webhook", NotCreated, ());

impl OperatorCommand for DeleteWebhook {
    fn reads(&self) -> OperatorReads {
        OperatorReads { endpoints: true, ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        cx.snapshot.endpoint(&self.name)?;
        mutations.push(OperatorMutation::DeleteEndpoint(self.name.clone()));
        Ok(())
    }
}
