//! The keys that the deployment's secrets are stretched into, and their rotation.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The shortest `HOOKSWITCH_SECRET`, in bytes.
pub const SECRET_MIN_BYTES: usize = 32;

/// A key for one purpose. Never printed.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// Stretches a secret into the key for a purpose: 64 bytes, one block of SHA-256.
    fn derive(hkdf: &Hkdf<Sha256>, purpose: &str) -> Result<Self, SecretTooShort> {
        let mut key = [0; 64];
        hkdf.expand(purpose.as_bytes(), &mut key).map_err(|_| SecretTooShort)?;
        Ok(Self(Hmac::new(&key.into())))
    }

    /// HMAC-SHA-256 under this key over the parts, one after the other.
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
    /// Proves that a handle was minted here.
    pub(crate) handle_mac: Key,
    /// Hides whose a handle is.
    pub(crate) handle_mask: Key,
    /// Makes the handles of one request out of its nonce.
    pub(crate) mint: Key,
    /// Signs status tickets.
    pub(crate) ticket_mac: Key,
    /// Seals what others entrust to us.
    seal: SealKey,
}

/// A key of AES-256-GCM, and a name for it that tells nothing of it. Never printed.
#[derive(Clone)]
pub struct SealKey {
    /// The name.
    pub id: [u8; 4],
    /// The key.
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
            seal: SealKey::derive(&hkdf)?,
        })
    }
}

/// The deployment's secrets: the newest mints, all of them verify.
#[derive(Clone, Debug)]
pub struct Keyring {
    newest: Keys,
    /// The newest first.
    all: Vec<Keys>,
}

/// A secret of fewer than [`SECRET_MIN_BYTES`] bytes cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretTooShort;

impl Keyring {
    /// Takes the secrets.
    ///
    /// - `secret`: at least 32 random bytes. It mints.
    /// - `previous`: earlier secrets, newest first. They verify.
    ///
    /// # Errors
    /// [`SecretTooShort`] where one of them is.
    pub fn new(secret: &[u8], previous: &[Vec<u8>]) -> Result<Self, SecretTooShort> {
        let newest = Keys::derive(secret)?;
        let mut all = vec![newest.clone()];
        for secret in previous {
            all.push(Keys::derive(secret)?);
        }
        Ok(Self { newest, all })
    }

    /// The keys that mint.
    pub(crate) fn newest(&self) -> &Keys {
        &self.newest
    }

    /// The key that seals.
    #[must_use]
    pub const fn seal_key(&self) -> &SealKey {
        &self.newest.seal
    }

    /// The key that has sealed under this name; none, where its secret was dropped.
    #[must_use]
    pub fn seal_key_of(&self, id: &[u8]) -> Option<&SealKey> {
        self.all.iter().map(|keys| &keys.seal).find(|key| key.id == id)
    }

    /// The keys that sealed before the newest. While a secret is rotated, the newest is among the earlier ones, too.
    pub fn earlier_seal_keys(&self) -> impl Iterator<Item = &SealKey> {
        self.all.iter().map(|keys| &keys.seal).filter(|key| key.id != self.newest.seal.id)
    }

    /// Every secret's keys, the newest first.
    pub(crate) fn all(&self) -> &[Keys] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_32_bytes_or_more() {
        assert!(Keyring::new(&[7; 32], &[]).is_ok());
        assert_eq!(Keyring::new(&[7; 31], &[]).err(), Some(SecretTooShort));
        assert_eq!(Keyring::new(&[7; 32], &[vec![7; 31]]).err(), Some(SecretTooShort));
    }

    #[test]
    fn the_newest_key_is_no_earlier_one() {
        let earlier =
            |previous: &[Vec<u8>]| Keyring::new(&[7; 32], previous).map(|keyring| keyring.earlier_seal_keys().count());
        assert_eq!(earlier(&[]), Ok(0));
        assert_eq!(earlier(&[vec![7; 32]]), Ok(0));
        assert_eq!(earlier(&[vec![7; 32], vec![8; 32]]), Ok(1));
    }

    #[test]
    fn a_key_is_never_printed() {
        let keyring = Keyring::new(&[7; 32], &[]).map(|keyring| format!("{keyring:?}"));
        assert!(!keyring.unwrap_or_default().contains(char::is_numeric));
    }
}
