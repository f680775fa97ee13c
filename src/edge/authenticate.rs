//! Who makes the request.

use super::caller::Caller;
use super::execute::Executor;
use super::memory;
use crate::core::{Kind, Principal};
use crate::dialects::{Credential, Failure};

impl Executor<'_> {
    /// Who comes with this credential.
    ///
    /// # Errors
    /// [`Failure::KeyMissing`], [`Failure::KeyInvalid`], [`Failure::Unavailable`].
    pub(super) async fn authenticate(&self, credential: Credential) -> Result<Caller, Failure> {
        match credential {
            Credential::Missing => Err(Failure::KeyMissing),
            Credential::Invalid => Err(Failure::KeyInvalid),
            Credential::Key(key) => self.key_owner(&key).await.map(Caller::Known),
            Credential::AdminKey(key) => match self.key_owner(&key).await? {
                principal if principal.writes_everyone() => Ok(Caller::Known(principal)),
                _ => Err(Failure::KeyInvalid),
            },
            Credential::Client(app_id, secret) => Ok(Caller::Client(app_id, secret)),
            Credential::Held => Ok(Caller::Known(Principal::Holder)),
            Credential::Ticket(ticket) if ticket.expires_at <= self.now => Err(Failure::TicketExpired),
            Credential::Ticket(ticket) => Ok(Caller::Ticket(ticket)),
            Credential::Nobody => Ok(Caller::Anyone),
        }
    }

    /// Who holds the key. A forged one costs nothing; one that was seen in the last seconds, neither; else its owner's
    /// ledger answers.
    async fn key_owner(&self, key: &str) -> Result<Principal, Failure> {
        if self.config.is_root_key(key) {
            return Ok(Principal::Root);
        }
        let handle = self.config.keyring.open(key).map_err(|_| Failure::KeyInvalid)?;
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
