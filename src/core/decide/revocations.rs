//! Revocations at providers that could not be completed: looked at, tried again, left at that.

use super::Case;
use crate::core::answer::Outcome;
use crate::core::command::RevocationAction;
use crate::core::credential::{Credential, CredentialState};
use crate::core::refusal::Refusal;
use crate::core::revocation::{LEASE_SECONDS, Revocation, finish};
use crate::core::user::User;
use crate::core::verdict::ConnectionVerdict;
use crate::core::view::{Change, Writes};

impl Case<'_> {
    /// By when the ledger is to tell a provider, unless the edge has done it.
    pub(super) const fn lease(&self) -> crate::core::Timestamp {
        self.now.plus_seconds(LEASE_SECONDS)
    }

    pub(super) fn of_revocation(
        &self,
        user: &User,
        seq: u64,
        action: RevocationAction,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let mut credentials = self.view.credentials.clone();
        let credential = credentials.iter_mut().find(|credential| credential.seq == seq);
        let credential = credential.filter(|credential| credential.state != CredentialState::Held);
        let credential = credential.ok_or(Refusal::RevocationUnknown)?;
        let connection = self.view.connection(&credential.connection_id).ok_or(Refusal::Corrupt)?;
        let after = match (action, credential.state) {
            // Nothing to do; a dismissed one is as it was asked to be.
            (RevocationAction::Get, _) | (RevocationAction::Dismiss, CredentialState::Dismissed) => None,
            (RevocationAction::Retry, CredentialState::Abandoned) => Some(credential.revoking(self.lease(), self.now)),
            (RevocationAction::Dismiss, CredentialState::Abandoned | CredentialState::Revoking) => {
                Some(credential.ended(CredentialState::Dismissed, self.now))
            }
            (_, state) => return Err(Refusal::RevocationIs(state)),
        };
        if let Some(after) = after {
            writes.changes.push(Change::PutCredential(after.clone()));
            *credential = after;
        }
        let revocation = Revocation::of(&user.user_id, connection, credential);
        let connection = finish(user, connection, &credentials, self.now, writes);
        let verdict = ConnectionVerdict::of(&user.user_id, &connection, &credentials, &self.view.cutoffs, self.now);
        Ok(Outcome::Revocation(revocation, verdict))
    }

    /// What the connection holds, or held, of its provider's.
    pub(super) fn credentials_of(&self, connection: &crate::core::Connection) -> Vec<Credential> {
        let of = |credential: &&Credential| credential.connection_id == connection.id;
        self.view.credentials.iter().filter(of).cloned().collect()
    }
}
