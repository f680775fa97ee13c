//! Webhook endpoints: created and replaced, tested, and their deliveries.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::webhooks;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! assert!(deployment.run(webhooks::list(&deployment.root())).unwrap().unwrap().is_empty());
//! # }
//! ```

use super::caller::Secret;
use super::context::Context;
use super::error::ApiError;
use crate::core::decide::PutEffect;
use crate::core::decide::operator::{
    DeleteWebhook, GetWebhook, ListDeliveries, ListWebhooks, PutWebhook, RecordDeliveries, RotateWebhookSecret,
    SigningSecret, WebhookPut,
};
use crate::core::event::EventType;
use crate::core::params::Page;
use crate::core::webhook::{self, Delivery, Endpoint};
use crate::core::{Sealed, Slug};
use crate::upstream::webhooks::{WebhookMessage, WebhookResult, WebhookSender};

/// The settings of a webhook endpoint.
#[derive(Clone, Debug)]
pub struct WebhookParams {
    /// The endpoint's name.
    pub name: Slug,
    /// The URL that receives events.
    pub url: String,
    /// The types of event to send; all types if empty.
    pub events: Vec<EventType>,
    /// Whether no events are sent.
    pub disabled: bool,
    /// The signing secret. A new endpoint without one gets a fresh one; an existing endpoint keeps its own.
    pub secret: Option<Secret>,
}

/// A webhook endpoint, with its signing secret if a new one was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointWithSecret {
    /// The endpoint now.
    pub endpoint: Endpoint,
    /// Whether the endpoint was created.
    pub effect: PutEffect,
    /// The signing secret, which is shown once.
    pub secret: Option<Secret>,
}

/// Creates a webhook endpoint or replaces its settings.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn put(cx: &Context<'_>, params: WebhookParams) -> Result<EndpointWithSecret, ApiError> {
    let WebhookParams { name, url, events, disabled, secret } = params;
    let owner = Endpoint::seal_owner(&name);
    let secret = match secret {
        Some(secret) => SigningSecret::Provided(cx.seal(&owner, &secret)?),
        None => SigningSecret::Fresh(cx.seal(&owner, &fresh_secret(cx)?)?),
    };
    let put = cx.operator().run_plain(PutWebhook { name, url, events, disabled, secret }).await?;
    with_secret(cx, put)
}

/// Gives an endpoint a fresh signing secret. The previous one signs beside it for `previous_ttl` seconds.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn rotate_secret(cx: &Context<'_>, name: Slug, previous_ttl: u32) -> Result<EndpointWithSecret, ApiError> {
    let secret = cx.seal(&Endpoint::seal_owner(&name), &fresh_secret(cx)?)?;
    let put = cx.operator().run(RotateWebhookSecret { name, secret, previous_ttl }).await?.outcome;
    with_secret(cx, put)
}

fn fresh_secret(cx: &Context<'_>) -> Result<Secret, ApiError> {
    Ok(Secret(webhook::secret(&cx.random::<32>()?)))
}

/// The endpoint with the secret to show. The secret comes from the outcome: a repeated request shows the secret of the earlier
/// request.
fn with_secret(cx: &Context<'_>, put: WebhookPut) -> Result<EndpointWithSecret, ApiError> {
    let WebhookPut { endpoint, effect, show_secret } = put;
    let owner = Endpoint::seal_owner(&endpoint.name);
    let unseal = |sealed: Sealed| {
        let secret = cx.config.keyring.unseal(&owner, &sealed);
        secret.map(Secret).ok_or(ApiError::Internal("a signing secret cannot be decrypted"))
    };
    Ok(EndpointWithSecret { secret: show_secret.map(unseal).transpose()?, endpoint, effect })
}

/// Reads an endpoint.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn get(cx: &Context<'_>, name: Slug) -> Result<Endpoint, ApiError> {
    cx.operator().run_plain(GetWebhook { name }).await
}

/// Lists the endpoints by their names.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn list(cx: &Context<'_>) -> Result<Vec<Endpoint>, ApiError> {
    cx.operator().run_plain(ListWebhooks {}).await
}

/// Deletes an endpoint.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn delete(cx: &Context<'_>, name: Slug) -> Result<(), ApiError> {
    cx.operator().run_plain(DeleteWebhook { name }).await
}

/// Lists the latest deliveries to an endpoint, newest first.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn list_deliveries(cx: &Context<'_>, command: ListDeliveries) -> Result<Page<Delivery>, ApiError> {
    cx.operator().run_plain(command).await
}

/// Sends a `webhook.test` event and returns the delivery. The event is not retried.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`]. A failed delivery is no error.
pub async fn test(cx: &Context<'_>, name: Slug) -> Result<Delivery, ApiError> {
    let endpoint = get(cx, name).await?;
    let event_id = format!("evt_test{}", hex::encode(cx.random::<8>()?));
    let body = webhook::test_message(&event_id, &endpoint.name, cx.now);
    let sender = WebhookSender {
        http: cx.platform.http(),
        keyring: &cx.config.keyring,
        timeout: cx.config.settings.webhook_timeout,
    };
    let message = WebhookMessage { event_id: &event_id, body: &body };
    let WebhookResult { status, error, .. } = sender.send(&endpoint, message, cx.now).await;
    let delivery = Delivery {
        endpoint: endpoint.name,
        event_id,
        event_type: webhook::TEST.to_owned(),
        at: cx.now,
        attempt: 1,
        status,
        error,
        next_at: None,
    };
    // The list of deliveries is informative, and the caller gets the result anyway.
    let record = RecordDeliveries { deliveries: vec![delivery.clone()], unsubscriptions: Vec::new() };
    let _ = cx.operator().run_plain(record).await;
    Ok(delivery)
}
