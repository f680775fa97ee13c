//! What is kept of a token in its place.

use std::fmt;

use super::pack::packed;
use sha2::{Digest as _, Sha256};

/// SHA-256, as 64 hex digits. All that storage, logs and other parts of the system ever see of a secret.
///
/// A digest of a token is over its text in the canonical spelling (`hct_…`), so an operator who holds a token can
/// find it: `printf %s "$TOKEN" | sha256sum`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(String);

packed!(struct Digest(a));

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// The digest of several parts, each with its length before it, so that no two lists of parts are alike.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hex::encode(hash.finalize()))
    }

    /// What storage holds: the text that [`Self::as_str`] gave.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The 64 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
