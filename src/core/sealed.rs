//! Encryption of upstream credentials and of the secrets of providers and webhook endpoints.
//!
//! A sealed text is the hex of `key id (4) ‖ nonce (12) ‖ ciphertext and tag`. The cipher is AES-256-GCM; the name of the
//! owner (a connection id, `provider:SLUG`, `webhook:NAME`) is the associated data, so a sealed text cannot be moved.
//!
//! ```
//! use hookswitch::core::Keyring;
//!
//! let keyring = Keyring::new(&[7; 32], &[]).unwrap();
//! let sealed = keyring.seal("provider:acme", "s3cr3t", [1; 12]).unwrap();
//! assert_eq!(keyring.unseal("provider:acme", &sealed).as_deref(), Some("s3cr3t"));
//! assert_eq!(keyring.unseal("provider:other", &sealed), None);
//! ```

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use serde::{Deserialize, Serialize};

use super::keys::{Keyring, SealKey};

const KEY_ID_LENGTH: usize = 4;
const NONCE_LENGTH: usize = 12;

/// A secret that is encrypted with a key derived from the deployment's secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Wraps a text that [`Self::as_str`] returned before.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The sealed text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this key sealed the text.
    #[must_use]
    pub fn is_sealed_with(&self, key: &SealKey) -> bool {
        self.0.starts_with(&hex::encode(key.id))
    }
}

impl Keyring {
    /// Seals a secret for its owner with the newest key. `nonce` must be random.
    ///
    /// Returns `None` if the secret is too long for AES-GCM (64 GiB).
    #[must_use]
    pub fn seal(&self, owner: &str, secret: &str, nonce: [u8; NONCE_LENGTH]) -> Option<Sealed> {
        let key = self.seal_key();
        let payload = Payload { msg: secret.as_bytes(), aad: owner.as_bytes() };
        let ciphertext = Aes256Gcm::new(&key.key.into()).encrypt(&Nonce::from(nonce), payload).ok()?;
        Some(Sealed(hex::encode([key.id.as_slice(), &nonce, &ciphertext].concat())))
    }

    /// Opens a secret that was sealed for this owner. Returns `None` if it was sealed for another owner, was changed, or
    /// was sealed with a secret that the deployment no longer has.
    #[must_use]
    pub fn unseal(&self, owner: &str, sealed: &Sealed) -> Option<String> {
        let bytes = hex::decode(&sealed.0).ok()?;
        let (key_id, rest) = bytes.split_at_checked(KEY_ID_LENGTH)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LENGTH>()?;
        let key = self.seal_key_of(key_id)?;
        let payload = Payload { msg: ciphertext, aad: owner.as_bytes() };
        let secret = Aes256Gcm::new(&key.key.into()).decrypt(&Nonce::from(*nonce), payload).ok()?;
        String::from_utf8(secret).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_secret_opens_only_for_its_owner_and_key() {
        let keyring = Keyring::new(&[7; 32], &[]).unwrap();
        let rotated = Keyring::new(&[8; 32], &[vec![7; 32]]).unwrap();
        let other = Keyring::new(&[8; 32], &[]).unwrap();
        let sealed = keyring.seal("ca_1", "secret", [9; 12]).unwrap();
        assert_eq!(keyring.unseal("ca_1", &sealed).as_deref(), Some("secret"));
        assert_eq!(rotated.unseal("ca_1", &sealed).as_deref(), Some("secret"));
        assert_eq!(keyring.unseal("ca_2", &sealed), None);
        assert_eq!(other.unseal("ca_1", &sealed), None);
    }
}
