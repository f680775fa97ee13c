//! Messages to webhook endpoints, signed by Standard Webhooks (<https://www.standardwebhooks.com>).

use std::time::Duration;

use super::http::{HttpClient, NoResponse, OutboundRequest};
use super::retry_after;
use crate::core::webhook::{Endpoint, sign};
use crate::core::{Keyring, Timestamp};

/// The longest wait that an endpoint can ask for, in seconds: a day.
const RETRY_AFTER_MAX: u32 = 86_400;

/// A message to webhook endpoints.
#[derive(Clone, Copy, Debug)]
pub struct WebhookMessage<'a> {
    /// The id of the event, which is the same in every attempt.
    pub event_id: &'a str,
    /// The body that is signed.
    pub body: &'a str,
}

/// The result of sending a message to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookResult {
    /// The HTTP status of the response, if there was one.
    pub status: Option<u16>,
    /// Why the attempt failed; `None` if the message was delivered.
    pub error: Option<String>,
    /// The wait that the endpoint asks for, in seconds.
    pub retry_after: Option<u32>,
}

impl WebhookResult {
    const fn failed(error: String) -> Self {
        Self { status: None, error: Some(error), retry_after: None }
    }
}

/// A client for messages to webhook endpoints.
#[derive(Clone, Copy)]
pub struct WebhookSender<'a> {
    /// Sends the requests.
    pub http: &'a dyn HttpClient,
    /// Decrypts the signing secrets.
    pub keyring: &'a Keyring,
    /// How long an endpoint has to answer.
    pub timeout: Duration,
}

impl WebhookSender<'_> {
    /// Sends a message, signed with every secret of the endpoint that is valid now.
    pub async fn send(&self, endpoint: &Endpoint, message: WebhookMessage<'_>, now: Timestamp) -> WebhookResult {
        let owner = Endpoint::seal_owner(&endpoint.name);
        let secrets = endpoint.secrets(now).filter_map(|sealed| self.keyring.unseal(&owner, sealed));
        let signatures: Vec<_> =
            secrets.filter_map(|secret| sign(&secret, message.event_id, now.unix(), message.body)).collect();
        if signatures.is_empty() {
            return WebhookResult::failed("the signing secret cannot be decrypted: rotate it".to_owned());
        }
        let request = OutboundRequest {
            method: "POST",
            url: endpoint.url.clone(),
            headers: vec![
                ("content-type".into(), "application/json".to_owned()),
                ("webhook-id".into(), message.event_id.to_owned()),
                ("webhook-timestamp".into(), now.unix().to_string()),
                ("webhook-signature".into(), signatures.join(" ")),
            ],
            body: Some(message.body.to_owned()),
        };
        match self.http.send(request, self.timeout).await {
            Ok(response) => {
                let is_delivered = (200..300).contains(&response.status);
                let retry_after = response.retry_after.and_then(|after| retry_after::seconds(&after, now));
                WebhookResult {
                    status: Some(response.status),
                    error: (!is_delivered).then(|| format!("HTTP {}", response.status)),
                    retry_after: retry_after.map(|seconds| seconds.min(RETRY_AFTER_MAX)),
                }
            }
            Err(NoResponse(error)) => WebhookResult::failed(error),
        }
    }
}
