//! SHA-256 digests, which stand for secrets in storage, messages and logs.
//!
//! ```
//! use hookswitch::core::{Digest, TokenKey};
//!
//! let digest = Digest::of(b"a secret");
//! assert_eq!(digest.as_str().len(), 64);
//! assert_eq!(digest.key().as_str(), &digest.as_str()[..TokenKey::LENGTH]);
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest as 64 hex digits. Storage, logs and messages contain the digest of a secret and never the secret.
///
/// The digest of a token is over its canonical text (`hct_…`), so an operator who has a token can find its row:
/// `printf %s "$TOKEN" | sha256sum`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// The digest of several parts. Each part is preceded by its length, so different lists have different digests.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hex::encode(hash.finalize()))
    }

    /// Wraps a text that [`Self::as_str`] returned before.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The 64 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 bytes as 24 hex digits: the row key of the token (design: handles).
    #[must_use]
    pub fn key(&self) -> TokenKey {
        TokenKey(self.0.get(..TokenKey::LENGTH).unwrap_or_default().to_owned())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of a token's row: the first 12 bytes of the digest of its secret, as 24 hex digits.
///
/// The random part of the public id `tok_…` is the same 12 bytes, so the secret and the public id find the same row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenKey(String);

impl TokenKey {
    /// The length of the text.
    pub const LENGTH: usize = 24;

    /// The key that these 12 bytes are.
    #[must_use]
    pub fn of(bytes: &[u8; 12]) -> Self {
        Self(hex::encode(bytes))
    }

    /// Wraps a text that [`Self::as_str`] returned before.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The 24 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
