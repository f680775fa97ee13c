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
        let (key, of_admin) = match credential {
            Credential::Missing => return Err(Failure::KeyMissing),
            Credential::Invalid => return Err(Failure::KeyInvalid),
            Credential::Client(app_id, secret) => return Ok(Caller::Client(app_id, secret)),
            Credential::Held => return Ok(Caller::Known(Principal::Holder)),
            Credential::Ticket(ticket) if ticket.expires_at <= self.now => return Err(Failure::TicketExpired),
            Credential::Ticket(ticket) => return Ok(Caller::Ticket(ticket)),
            Credential::Nobody => return Ok(Caller::Anyone),
            Credential::Key(key) => (key, false),
            Credential::AdminKey(key) => (key, true),
        };
        match self.key_owner(&key).await? {
            owner if of_admin && !owner.writes_everyone() => Err(Failure::KeyInvalid),
            owner => Ok(Caller::Known(owner)),
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
