//! The keys with which the deployment signs: made by the Worker, sealed, and stored by the operator's ledger.
//!
//! A key is published an hour before it signs, so that readers of the key set know it by then. It signs for 90 days, until
//! the next key does, and stays published for 30 days more. A deployment without a key that it can open makes one that signs
//! at once.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::jwk::Jwk;
use super::sealed::Sealed;
use super::time::Timestamp;

/// The age in seconds of the newest key at which the next one is made.
const LIFE: i64 = 90 * 86_400;
/// How long a key is published before it signs, in seconds.
const PUBLISHED_BEFORE: i64 = 3_600;
/// How long a key is published after it has signed last, in seconds.
const PUBLISHED_AFTER: i64 = 30 * 86_400;

/// A P-256 key as the operator's ledger stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKey {
    /// The name of the key: its thumbprint (RFC 7638).
    pub kid: String,
    /// The x coordinate in base64url.
    pub x: String,
    /// The y coordinate in base64url.
    pub y: String,
    /// The secret part, encrypted.
    pub sealed: Sealed,
    /// When the ledger stored the key.
    pub created_at: Timestamp,
}

impl SigningKey {
    /// The owner of the sealed secret part.
    pub const SEAL_OWNER: &'static str = "signing-key";

    /// The public key as the key set publishes it.
    #[must_use]
    pub fn jwk(&self) -> Jwk {
        let mut key = Jwk::p256(&self.x, &self.y);
        key.kid = Some(self.kid.clone());
        key.alg = Some("ES256".to_owned());
        key.usage = Some("sig".to_owned());
        key
    }

    /// Whether the key has been published for long enough to sign.
    #[must_use]
    pub fn may_sign(&self, now: Timestamp) -> bool {
        now.seconds_since(self.created_at) >= PUBLISHED_BEFORE
    }

    /// Whether the next key is due, if this one is the newest.
    #[must_use]
    pub fn is_old(&self, now: Timestamp) -> bool {
        now.seconds_since(self.created_at) >= LIFE
    }
}

/// The keys that are still published, of all keys from the oldest to the newest.
#[must_use]
pub fn published(keys: &[SigningKey], now: Timestamp) -> Vec<SigningKey> {
    let successors = keys.iter().skip(1).map(Some).chain([None]);
    let is_published = |next: Option<&SigningKey>| {
        next.is_none_or(|next| now.seconds_since(next.created_at) < PUBLISHED_BEFORE.saturating_add(PUBLISHED_AFTER))
    };
    keys.iter().zip(successors).filter(|(_, next)| is_published(*next)).map(|(key, _)| key.clone()).collect()
}

/// A P-256 key with its secret part. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    /// The x coordinate in base64url.
    pub x: String,
    /// The y coordinate in base64url.
    pub y: String,
    /// The secret part in base64url.
    pub d: String,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_published_before_it_signs_and_after_it_has_signed_last() {
        let at = |seconds: i64| Timestamp::from_millis(0).plus_seconds(seconds);
        let key = |kid: &str, seconds| SigningKey {
            kid: kid.to_owned(),
            x: String::new(),
            y: String::new(),
            sealed: Sealed::stored(String::new()),
            created_at: at(seconds),
        };
        let keys = [key("a", 0), key("b", LIFE)];
        let shown = |now| published(&keys, at(now)).iter().map(|key| key.kid.clone()).collect::<String>();
        assert_eq!(shown(LIFE), "ab");
        assert_eq!(shown(LIFE + PUBLISHED_BEFORE + PUBLISHED_AFTER - 1), "ab");
        assert_eq!(shown(LIFE + PUBLISHED_BEFORE + PUBLISHED_AFTER), "b");
        assert_eq!(shown(10 * LIFE), "b");
        let [first, second] = &keys;
        assert!(!second.may_sign(at(LIFE + PUBLISHED_BEFORE - 1)) && second.may_sign(at(LIFE + PUBLISHED_BEFORE)));
        assert!(!first.is_old(at(LIFE - 1)) && first.is_old(at(LIFE)));
        let key = PrivateKey { x: "1".to_owned(), y: "2".to_owned(), d: "3".to_owned() };
        assert_eq!(format!("{key:?}"), "PrivateKey(…)");
    }
}
