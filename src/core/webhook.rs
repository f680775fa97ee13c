//! Webhooks by the Standard Webhooks specification (<https://www.standardwebhooks.com>).
//!
//! ```
//! use hookswitch::core::webhook;
//!
//! let secret = webhook::secret(&[7; 32]);
//! assert!(webhook::parse_secret(&secret).is_ok());
//! assert!(webhook::sign(&secret, "evt_1", 1_767_225_600, "{}").unwrap().starts_with("v1,"));
//! ```

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::access::Actor;
use super::base64;
use super::event::{EventType, RecordedEvent};
use super::ids::{ConnectionId, Slug, TokenId, UserId};
use super::json::Json;
use super::rule::Rule;
use super::sealed::Sealed;
use super::time::Timestamp;
use super::token::TokenKind;

/// The highest number of webhook endpoints of a deployment.
pub const ENDPOINTS_MAX: usize = 20;
/// The longest time that a replaced secret signs beside the new one, in seconds: a week.
pub const PREVIOUS_SECRET_TTL_MAX: u32 = 604_800;
/// The prefix of a secret, before its base64.
pub const SECRET_PREFIX: &str = "whsec_";
/// The waits after each failure, as multiples of the first wait. If that is 5 s, they are 5 s, 5 min, 30 min, and 2, 5, 10,
/// 14, 20 and 24 hours.
const WAITS: [u32; 9] = [1, 60, 360, 1_440, 3_600, 7_200, 10_080, 14_400, 17_280];

/// A secret that was replaced and still signs for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSigningSecret {
    /// The encrypted secret.
    pub sealed: Sealed,
    /// The end of its validity.
    pub valid_until: Timestamp,
}

/// Why and since when an endpoint is disabled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    /// The time of the change.
    pub at: Timestamp,
    /// The reason, for an operator.
    pub reason: String,
}

/// A webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The endpoint's name.
    pub name: Slug,
    /// The URL that receives events.
    pub url: String,
    /// The types of event that are sent; all types if empty.
    pub events: Vec<EventType>,
    /// The encrypted signing secret.
    pub secret: Sealed,
    /// The secret before the last rotation, while it is valid.
    pub previous_secret: Option<PreviousSigningSecret>,
    /// Set if no events are sent.
    pub disabled: Option<Disabled>,
    /// When the endpoint was created. Earlier events are not sent.
    pub created_at: Timestamp,
    /// When the endpoint last changed.
    pub updated_at: Timestamp,
}

impl Endpoint {
    /// Whether the endpoint receives events of this type that are recorded at this time.
    #[must_use]
    pub fn subscribes_to(&self, event_type: EventType, recorded_at: Timestamp) -> bool {
        recorded_at >= self.created_at && (self.events.is_empty() || self.events.contains(&event_type))
    }

    /// The secrets that sign at this time, newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Sealed> {
        let previous = self.previous_secret.iter().filter(move |previous| now < previous.valid_until);
        std::iter::once(&self.secret).chain(previous.map(|previous| &previous.sealed))
    }

    /// The owner name that the secrets are sealed for.
    #[must_use]
    pub fn seal_owner(name: &Slug) -> String {
        format!("webhook:{name}")
    }
}

/// An attempt to deliver an event to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The endpoint.
    pub endpoint: Slug,
    /// The id of the event.
    pub event_id: String,
    /// The type of the event: an [`EventType`], or `webhook.test`.
    pub event_type: String,
    /// When the attempt was made.
    pub at: Timestamp,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why the attempt failed; `None` if the event was delivered.
    pub error: Option<String>,
    /// When the next attempt is made; `None` if the event was delivered or given up.
    pub next_at: Option<Timestamp>,
}

/// The time of the next attempt after `attempts` failures; `None` after the last attempt.
///
/// `base` is the first wait in milliseconds. `jitter` adds up to a tenth of the wait.
#[must_use]
pub fn next_attempt(now: Timestamp, attempts: u32, base: u32, jitter: u8) -> Option<Timestamp> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let wait = i64::from(base).saturating_mul(i64::from(*WAITS.get(index)?));
    let extra = wait.saturating_mul(i64::from(jitter)).div_euclid(2_560);
    Some(now.plus_millis(wait.saturating_add(extra)))
}

/// A webhook message: the body of the request.
#[derive(Serialize)]
struct Message<'a, T> {
    r#type: &'a str,
    timestamp: String,
    data: T,
}

#[derive(Serialize)]
struct EventMessage<'a> {
    event_id: String,
    user_id: &'a UserId,
    actor: &'a Actor,
    token_id: Option<&'a TokenId>,
    kind: Option<TokenKind>,
    connection_id: Option<&'a ConnectionId>,
    details: &'a Json,
}

#[derive(Serialize)]
struct TestMessage<'a> {
    event_id: &'a str,
    endpoint: &'a Slug,
}

/// The type of the event that tests an endpoint.
pub const TEST: &str = "webhook.test";

/// The body of the message of an event. It is the same in every attempt.
#[must_use]
pub fn event_message(recorded: &RecordedEvent) -> String {
    let event = &recorded.event;
    let data = EventMessage {
        event_id: recorded.id(),
        user_id: &event.user_id,
        actor: &event.actor,
        token_id: event.token_id.as_ref(),
        kind: event.kind,
        connection_id: event.connection_id.as_ref(),
        details: &event.data,
    };
    message(event.event_type.as_str(), event.at, data)
}

/// The body of the message that tests an endpoint.
#[must_use]
pub fn test_message(event_id: &str, endpoint: &Slug, at: Timestamp) -> String {
    message(TEST, at, TestMessage { event_id, endpoint })
}

fn message(event_type: &str, at: Timestamp, data: impl Serialize) -> String {
    let message = Message { r#type: event_type, timestamp: at.rfc3339(), data };
    Json::of(&message).as_str().to_owned()
}

/// The signature of a message for the header `webhook-signature`; `None` if the secret is not one.
#[must_use]
pub fn sign(secret: &str, id: &str, timestamp: u64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", base64::encode(&mac.finalize().into_bytes())))
}

/// The secret with these random bytes.
#[must_use]
pub fn secret(bytes: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", base64::encode(bytes))
}

/// Checks a secret that an operator provides.
///
/// # Errors
/// The [`Rule`] that the text breaks.
pub fn parse_secret(text: &str) -> Result<String, Rule> {
    // Most libraries decode nothing but the standard alphabet with padding.
    let fits = key(text).is_some_and(|key| (24..=64).contains(&key.len()) && secret(&key) == text);
    if fits { Ok(text.to_owned()) } else { Err(Rule::new("must be whsec_ followed by 24 to 64 bytes in base64")) }
}

fn key(secret: &str) -> Option<Vec<u8>> {
    base64::decode(secret.strip_prefix(SECRET_PREFIX)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_matches_the_example_of_the_specification() {
        let body = r#"{"test": 2432232314}"#;
        let signature =
            sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn waits_match_the_specification() {
        let now = Timestamp::from_millis(0);
        let wait = |attempts| next_attempt(now, attempts, 5_000, 0).map(|at| at.seconds_since(now));
        let waits: Vec<_> = (1..=10).map(wait).collect();
        let hours = [2, 5, 10, 14, 20, 24].map(|hours| Some(hours * 3_600));
        assert_eq!(waits, [&[Some(5), Some(300), Some(1_800)], &hours[..], &[None]].concat());
    }

    #[test]
    fn secret_has_24_to_64_bytes() {
        assert!(parse_secret(&secret(&[7; 32])).is_ok());
        assert!(parse_secret(&secret(&[7; 23])).is_err());
        assert!(parse_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_err());
    }

    #[test]
    fn secret_is_base64_that_every_library_decodes() {
        let accepted = secret(&[0xfb; 32]);
        assert!(accepted.contains('+') && accepted.ends_with('='));
        assert!(parse_secret(&accepted).is_ok());
        for text in [
            accepted.replace('+', "-"),
            accepted.replace('/', "_"),
            accepted.trim_end_matches('=').to_owned(),
            format!("{accepted}="),
            format!("{accepted}\n"),
            // The bits after the last byte are not zero.
            format!("{}9=", accepted.get(..accepted.len() - 2).unwrap_or_default()),
        ] {
            assert!(text != accepted && parse_secret(&text).is_err(), "{text}");
        }
    }
}
