//! Re-encryption of secrets that an earlier secret of the deployment encrypted.

use super::alarm::AlarmPlatform;
use super::error::StorageError;
use crate::core::{Keyring, Sealed};

/// Re-encrypts secrets with the newest key.
pub(super) struct Resealer<'a> {
    pub(super) keyring: &'a Keyring,
    pub(super) platform: &'a dyn AlarmPlatform,
}

impl Resealer<'_> {
    /// Whether the deployment has earlier secrets.
    pub(super) fn has_earlier_keys(&self) -> bool {
        self.keyring.earlier_seal_keys().next().is_some()
    }

    /// The same secret, encrypted with the newest key; `None` if an earlier key did not encrypt it, or it cannot be
    /// decrypted any more.
    pub(super) fn renew(&self, owner: &str, sealed: &Sealed) -> Result<Option<Sealed>, StorageError> {
        if !self.keyring.earlier_seal_keys().any(|key| sealed.is_sealed_with(key)) {
            return Ok(None);
        }
        let Some(secret) = self.keyring.unseal(owner, sealed) else {
            return Ok(None);
        };
        let mut nonce = [0; 12];
        self.platform.random(&mut nonce)?;
        Ok(self.keyring.seal(owner, &secret, nonce))
    }

    /// Replaces the secret by [`Self::renew`]'s. Returns whether it was replaced.
    pub(super) fn renew_in_place(&self, owner: &str, sealed: Option<&mut Sealed>) -> Result<bool, StorageError> {
        let Some(sealed) = sealed else {
            return Ok(false);
        };
        let renewed = self.renew(owner, sealed)?;
        let is_renewed = renewed.is_some();
        if let Some(renewed) = renewed {
            *sealed = renewed;
        }
        Ok(is_renewed)
    }
}
