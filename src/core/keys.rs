//! The keys that the deployment's secrets are stretched into, and their rotation.

use std::fmt;

use base64ct::{Base64, Encoding};
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
    fn derive(hkdf: &Hkdf<Sha256>, purpose: &str) -> Result<Self, BadSecret> {
        let mut key = [0; 64];
        hkdf.expand(purpose.as_bytes(), &mut key).map_err(|_| BadSecret::TooShort)?;
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
}

impl Keys {
    fn derive(secret: &[u8]) -> Result<Self, BadSecret> {
        let hkdf = Hkdf::new(None, secret);
        Ok(Self {
            handle_mac: Key::derive(&hkdf, "hookswitch/v1/handle-mac")?,
            handle_mask: Key::derive(&hkdf, "hookswitch/v1/handle-mask")?,
            mint: Key::derive(&hkdf, "hookswitch/v1/mint")?,
        })
    }
}

/// The deployment's secrets: the newest mints, all of them verify.
#[derive(Clone, Debug)]
pub struct Keyring {
    newest: Keys,
    previous: Vec<Keys>,
}

/// Why a secret cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSecret {
    /// Not standard base64.
    NotBase64,
    /// Fewer than [`SECRET_MIN_BYTES`] bytes.
    TooShort,
}

impl fmt::Display for BadSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBase64 => f.write_str("is not base64"),
            Self::TooShort => write!(f, "holds fewer than {SECRET_MIN_BYTES} bytes"),
        }
    }
}

impl Keyring {
    /// Reads the secrets as the configuration spells them.
    ///
    /// - `secret`: base64 of at least 32 random bytes. It mints.
    /// - `previous`: earlier secrets, newest first, separated by commas; may be empty. They verify.
    ///
    /// # Errors
    /// The first secret that is not base64 or too short.
    pub fn parse(secret: &str, previous: &str) -> Result<Self, BadSecret> {
        let read = |text: &str| {
            let bytes = Base64::decode_vec(text.trim()).map_err(|_| BadSecret::NotBase64)?;
            if bytes.len() < SECRET_MIN_BYTES {
                return Err(BadSecret::TooShort);
            }
            Keys::derive(&bytes)
        };
        let previous = previous.split(',').map(str::trim).filter(|text| !text.is_empty());
        Ok(Self { newest: read(secret)?, previous: previous.map(read).collect::<Result<_, _>>()? })
    }

    /// The keys that mint.
    pub(crate) fn newest(&self) -> &Keys {
        &self.newest
    }

    /// Every secret's keys, the newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Keys> {
        std::iter::once(&self.newest).chain(&self.previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_32_bytes_of_base64_or_more() {
        assert_eq!(Keyring::parse("not base64!", "").err(), Some(BadSecret::NotBase64));
        assert_eq!(Keyring::parse(&Base64::encode_string(&[7; 31]), "").err(), Some(BadSecret::TooShort));
        assert!(Keyring::parse(&Base64::encode_string(&[7; 32]), "").is_ok());
        assert_eq!(Keyring::parse(&Base64::encode_string(&[7; 32]), "x").err(), Some(BadSecret::NotBase64));
    }

    #[test]
    fn a_key_is_never_printed() {
        let keyring = Keyring::parse(&Base64::encode_string(&[7; 32]), "").map(|keyring| format!("{keyring:?}"));
        assert!(!keyring.unwrap_or_default().contains(char::is_numeric));
    }
}
