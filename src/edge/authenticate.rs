//! Who makes the request.

use super::execute::Executor;
use super::memory;
use crate::core::{Kind, Principal};
use crate::dialects::{Credential, Failure};

impl Executor<'_> {
    /// Who holds the key. A forged one costs nothing; one that was seen in the last seconds, neither; else its owner's
    /// ledger answers.
    ///
    /// # Errors
    /// [`Failure::KeyMissing`], [`Failure::KeyInvalid`], [`Failure::Unavailable`].
    pub(super) async fn authenticate(&self, credential: Credential) -> Result<Principal, Failure> {
        let key = match credential {
            Credential::Missing => return Err(Failure::KeyMissing),
            Credential::Key(key) => key,
        };
        if self.config.is_root_key(&key) {
            return Ok(Principal::Root);
        }
        let handle = self.config.keyring.open(&key).map_err(|_| Failure::KeyInvalid)?;
        if handle.kind() != Kind::ApiKey {
            return Err(Failure::KeyInvalid);
        }
        let digest = handle.digest();
        if let Some(owner) = memory::key_owner(&digest, self.now) {
            return owner;
        }
        let owner = self.ledgers.authenticate(handle.shard(), digest.clone()).await?;
        memory::remember_key_owner(&digest, owner.as_ref(), self.now);
        owner.map(|owner| owner.principal).ok_or(Failure::KeyInvalid)
    }
}
