//! Keys derived from the deployment's secrets, and the rotation of those secrets.
//!
//! ```
//! use hookswitch::core::Keyring;
//!
//! assert!(Keyring::new(&[7; 31], &[]).is_err());
//! let rotated = Keyring::new(&[8; 32], &[vec![7; 32]]).unwrap();
//! assert_eq!(rotated.earlier_seal_keys().count(), 1);
//! ```

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The shortest `HOOKSWITCH_SECRET`, in bytes.
pub const SECRET_MIN_BYTES: usize = 32;

/// An HMAC-SHA-256 key for one purpose. Its `Debug` hides it.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// Derives the key for a purpose: 64 bytes, one block of SHA-256.
    fn derive(hkdf: &Hkdf<Sha256>, purpose: &str) -> Result<Self, SecretTooShort> {
        let mut key = [0; 64];
        hkdf.expand(purpose.as_bytes(), &mut key).map_err(|_| SecretTooShort)?;
        Ok(Self(Hmac::new(&key.into())))
    }

    /// HMAC-SHA-256 over the concatenated parts.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The keys derived from one secret with HKDF-SHA-256, one for each purpose.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Authenticates handles.
    pub(crate) handle_mac: Key,
    /// Masks the ledger id in handles.
    pub(crate) handle_mask: Key,
    /// Derives the handles of a request from its nonce.
    pub(crate) mint: Key,
    /// Signs status tickets.
    pub(crate) ticket_mac: Key,
    /// Signs sign-in codes and session keys.
    pub(crate) sign_in_mac: Key,
    /// Encrypts stored secrets.
    seal: SealKey,
}

/// An AES-256-GCM key with a public id. Its `Debug` hides it.
#[derive(Clone)]
pub struct SealKey {
    /// The id, which is part of every sealed text.
    pub id: [u8; 4],
    /// The key that signs and encrypts.
    pub key: [u8; 32],
}

impl SealKey {
    fn derive(hkdf: &Hkdf<Sha256>) -> Result<Self, SecretTooShort> {
        let mut sealing = Self { id: [0; 4], key: [0; 32] };
        hkdf.expand(b"hookswitch/v1/seal", &mut sealing.key).map_err(|_| SecretTooShort)?;
        hkdf.expand(b"hookswitch/v1/seal-id", &mut sealing.id).map_err(|_| SecretTooShort)?;
        Ok(sealing)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl Keys {
    fn derive(secret: &[u8]) -> Result<Self, SecretTooShort> {
        if secret.len() < SECRET_MIN_BYTES {
            return Err(SecretTooShort);
        }
        let hkdf = Hkdf::new(None, secret);
        Ok(Self {
            handle_mac: Key::derive(&hkdf, "hookswitch/v1/handle-mac")?,
            handle_mask: Key::derive(&hkdf, "hookswitch/v1/handle-mask")?,
            mint: Key::derive(&hkdf, "hookswitch/v1/mint")?,
            ticket_mac: Key::derive(&hkdf, "hookswitch/v1/ticket-mac")?,
            sign_in_mac: Key::derive(&hkdf, "hookswitch/v1/sign-in-mac")?,
            seal: SealKey::derive(&hkdf)?,
        })
    }
}

/// The keys of all secrets of the deployment: the newest creates handles, all of them verify.
#[derive(Clone, Debug)]
pub struct Keyring {
    newest: Keys,
    /// The newest first.
    all: Vec<Keys>,
}

/// A secret is shorter than [`SECRET_MIN_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret must have at least {SECRET_MIN_BYTES} bytes")]
pub struct SecretTooShort;

impl Keyring {
    /// Derives the keys of the deployment.
    ///
    /// - `secret`: at least 32 random bytes. Its keys create and verify.
    /// - `previous`: earlier secrets, newest first. Their keys verify.
    ///
    /// # Errors
    /// [`SecretTooShort`] if one of the secrets is.
    pub fn new(secret: &[u8], previous: &[Vec<u8>]) -> Result<Self, SecretTooShort> {
        let newest = Keys::derive(secret)?;
        let mut all = vec![newest.clone()];
        for secret in previous {
            all.push(Keys::derive(secret)?);
        }
        Ok(Self { newest, all })
    }

    /// The keys that create handles.
    pub(crate) fn newest(&self) -> &Keys {
        &self.newest
    }

    /// The key that encrypts.
    #[must_use]
    pub const fn seal_key(&self) -> &SealKey {
        &self.newest.seal
    }

    /// The encryption key with this id; `None` if its secret was dropped.
    #[must_use]
    pub fn seal_key_of(&self, id: &[u8]) -> Option<&SealKey> {
        self.all.iter().map(|keys| &keys.seal).find(|key| key.id == id)
    }

    /// The encryption keys of earlier secrets. The newest secret may be listed among the earlier ones during a rotation.
    pub fn earlier_seal_keys(&self) -> impl Iterator<Item = &SealKey> {
        self.all.iter().map(|keys| &keys.seal).filter(|key| key.id != self.newest.seal.id)
    }

    /// The keys of every secret, newest first.
    pub(crate) fn all(&self) -> &[Keys] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_has_at_least_32_bytes() {
        assert!(Keyring::new(&[7; 32], &[]).is_ok());
        assert_eq!(Keyring::new(&[7; 31], &[]).err(), Some(SecretTooShort));
        assert_eq!(Keyring::new(&[7; 32], &[vec![7; 31]]).err(), Some(SecretTooShort));
    }

    #[test]
    fn newest_key_is_not_listed_as_earlier() {
        let earlier =
            |previous: &[Vec<u8>]| Keyring::new(&[7; 32], previous).map(|keyring| keyring.earlier_seal_keys().count());
        assert_eq!(earlier(&[]), Ok(0));
        assert_eq!(earlier(&[vec![7; 32]]), Ok(0));
        assert_eq!(earlier(&[vec![7; 32], vec![8; 32]]), Ok(1));
    }

    #[test]
    fn debug_hides_keys() {
        let keyring = Keyring::new(&[7; 32], &[]).map(|keyring| format!("{keyring:?}"));
        assert!(!keyring.unwrap_or_default().contains(char::is_numeric));
    }
}
