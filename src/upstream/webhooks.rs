//! Sending a message to a webhook endpoint, signed by Standard Webhooks.

use worker::Env;

use crate::core::Keyring;
use crate::core::webhook::{Endpoint, sign};
use crate::platform::env::number;
use crate::platform::http::Outgoing;
use crate::platform::{seal, wall};

/// How long an endpoint has to answer, in milliseconds, where `WEBHOOK_TIMEOUT_MS` does not say.
const TIMEOUT: u32 = 15_000;
/// The longest wait that an endpoint can ask for, in seconds: a day.
const RETRY_AFTER_MAX: u32 = 86_400;

/// What came of it.
pub(crate) struct Sent {
    /// What the endpoint answered.
    pub(crate) status: Option<u16>,
    /// Why it does not count as delivered.
    pub(crate) error: Option<String>,
    /// How long the endpoint wants to be left alone, in seconds.
    pub(crate) slow_down: Option<u32>,
}

/// Sends a message, signed with each secret that is good now.
pub(crate) async fn send(env: &Env, keyring: &Keyring, endpoint: &Endpoint, id: &str, body: &str) -> Sent {
    let now = wall();
    let name = Endpoint::sealed_for(&endpoint.name);
    let mut signatures = Vec::new();
    for sealed in endpoint.secrets(now) {
        if let Some(secret) = seal::open(keyring, &name, sealed).await {
            signatures.extend(sign(&secret, id, now.unix(), body));
        }
    }
    if signatures.is_empty() {
        let error = Some("its secret cannot be opened: give it a new one".to_owned());
        return Sent { status: None, error, slow_down: None };
    }
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.unix().to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    let timeout = number(env, "WEBHOOK_TIMEOUT_MS").unwrap_or(TIMEOUT);
    let outgoing = Outgoing { method: "POST", url: &endpoint.url, headers: &headers, body: Some(body), timeout };
    match outgoing.send().answer().await {
        Ok(got) => Sent {
            status: Some(got.status),
            error: (!(200..300).contains(&got.status)).then(|| format!("HTTP {}", got.status)),
            slow_down: got.retry_after.and_then(|after| after.trim().parse().ok()).map(|s: u32| s.min(RETRY_AFTER_MAX)),
        },
        Err(error) => Sent { status: None, error: Some(error), slow_down: None },
    }
}
