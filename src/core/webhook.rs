//! Webhooks: where what happened is told, by Standard Webhooks.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::base64;
use super::credential::Sealed;
use super::event::{EventType, Recorded};
use super::ids::{ConnectionId, Slug, TokenId};
use super::json::Object;
use super::pack::packed;
use super::time::Timestamp;
use super::token::TokenKind;

/// The most endpoints of a deployment.
pub const ENDPOINTS_MAX: usize = 20;
/// How long a secret that was replaced may sign beside the new one, in seconds: a week.
pub const PREVIOUS_SECRET_TTL_MAX: u32 = 604_800;
/// What a secret begins with, before its base64.
pub const SECRET_PREFIX: &str = "whsec_";
/// How long after each failure the next attempt is, as multiples of the first wait: 5 s, 5 min, 30 min, 2, 5, 10, 14, 20
/// and 24 hours, where that is 5 s.
const WAITS: [u32; 9] = [1, 60, 360, 1_440, 3_600, 7_200, 10_080, 14_400, 17_280];

/// Where what happened is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub name: Slug,
    /// Where to.
    pub url: String,
    /// What is told; everything, where nothing is said.
    pub events: Vec<EventType>,
    /// Signs.
    pub secret: Sealed,
    /// Signs beside it until then.
    pub previous_secret: Option<(Sealed, Timestamp)>,
    /// Since when nothing is sent to it, and why.
    pub disabled: Option<(Timestamp, String)>,
    /// When it was first put. What happened before is not told.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

packed!(struct Endpoint { name, url, events, secret, previous_secret, disabled, created_at, updated_at });

impl Endpoint {
    /// Whether such an event, recorded at this time, is told there.
    #[must_use]
    pub fn wants(&self, event_type: EventType, told_at: Timestamp) -> bool {
        told_at >= self.created_at && (self.events.is_empty() || self.events.contains(&event_type))
    }

    /// The secrets that sign at a time, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Sealed> {
        let previous = self.previous_secret.iter().filter(move |(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous)
    }

    /// What its secrets are sealed for.
    #[must_use]
    pub fn sealed_for(name: &Slug) -> String {
        ["webhook:", name.as_str()].concat()
    }
}

/// One attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// To which endpoint.
    pub endpoint: Slug,
    /// Which event.
    pub event_id: String,
    /// What happened.
    pub event_type: String,
    /// When it was tried.
    pub at: Timestamp,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The status that the endpoint answered with.
    pub status: Option<u32>,
    /// Why it failed; none, where it was delivered.
    pub error: Option<String>,
    /// When it is tried again; none, where it was delivered or given up.
    pub next_at: Option<Timestamp>,
}

packed!(struct Delivery { endpoint, event_id, event_type, at, attempt, status, error, next_at });

/// When to try again what has failed `attempts` times, where the first wait is of `base` milliseconds; never, where that
/// was the last time. `jitter` adds up to a tenth.
#[must_use]
pub fn next(now: Timestamp, attempts: u32, base: u32, jitter: u8) -> Option<Timestamp> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let wait = i64::from(base).saturating_mul(i64::from(*WAITS.get(place)?));
    let extra = wait.saturating_mul(i64::from(jitter)).div_euclid(2_560);
    Some(now.plus_millis(wait.saturating_add(extra)))
}

/// The body that tells of an event: the same whenever it is sent.
#[must_use]
pub fn body(recorded: &Recorded) -> String {
    let event = &recorded.event;
    let data = Object::new()
        .with("event_id", recorded.id())
        .with("user_id", event.user_id.as_str())
        .with("actor", event.actor.as_str())
        .with("token_id", event.token_id.as_ref().map(TokenId::as_str))
        .with("kind", event.kind.map(TokenKind::as_str))
        .with("connection_id", event.connection_id.as_ref().map(ConnectionId::as_str))
        .with("details", event.data.value());
    message(event.event_type.as_str(), event.at, data)
}

/// The body of a message of this type.
#[must_use]
pub fn message(event_type: &str, at: Timestamp, data: Object) -> String {
    Object::new().with("type", event_type).with("timestamp", at.rfc3339()).with("data", data).text()
}

/// The signature of a message, as `webhook-signature` has it; none, where the secret is none.
#[must_use]
pub fn sign(secret: &str, id: &str, timestamp: u64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
    mac.update([id, ".", &timestamp.to_string(), ".", body].concat().as_bytes());
    Some(["v1,", &base64::encode(&mac.finalize().into_bytes())].concat())
}

/// A secret of these random bytes.
#[must_use]
pub fn secret(bytes: &[u8]) -> String {
    [SECRET_PREFIX, &base64::encode(bytes)].concat()
}

/// Checks a secret that an operator brings along.
///
/// # Errors
/// What it has to be.
pub fn parse_secret(text: &str) -> Result<String, &'static str> {
    let fits = key(text).is_some_and(|key| (24..=64).contains(&key.len()));
    if fits { Ok(text.to_owned()) } else { Err("must be whsec_ followed by 24 to 64 bytes in base64") }
}

fn key(secret: &str) -> Option<Vec<u8>> {
    base64::decode(secret.strip_prefix(SECRET_PREFIX)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_signed() {
        let body = r#"{"test": 2432232314}"#;
        let signed =
            sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn the_waits_are_those_of_the_specification() {
        let now = Timestamp::from_millis(0);
        let waits: Vec<_> =
            (1..=10).map(|attempts| next(now, attempts, 5_000, 0).map(|at| at.seconds_since(now))).collect();
        let hours = [2, 5, 10, 14, 20, 24].map(|hours| Some(hours * 3_600));
        assert_eq!(waits, [&[Some(5), Some(300), Some(1_800)], &hours[..], &[None]].concat());
    }

    #[test]
    fn a_secret_is_of_24_to_64_bytes() {
        assert!(parse_secret(&secret(&[7; 32])).is_ok());
        assert!(parse_secret(&secret(&[7; 23])).is_err());
        assert!(parse_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_err());
    }
}
