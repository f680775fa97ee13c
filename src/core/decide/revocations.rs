//! Revocations at providers that could not be completed: looked at, tried again, left at that.

use super::Case;
use crate::core::answer::Outcome;
use crate::core::command::RevocationAction;
use crate::core::credential::{Credential, CredentialState};
use crate::core::refusal::Refusal;
use crate::core::revocation::{LEASE_SECONDS, Revocation, finish};
use crate::core::user::User;
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
        let before = credential.state;
        match (action, before) {
            // Nothing to do; a dismissed one is as it was asked to be.
            (RevocationAction::Get, _) | (RevocationAction::Dismiss, CredentialState::Dismissed) => {}
            (RevocationAction::Retry, CredentialState::Abandoned) => credential.revoke(self.lease(), self.now),
            (RevocationAction::Dismiss, CredentialState::Abandoned | CredentialState::Revoking) => {
                credential.end(CredentialState::Dismissed, self.now);
            }
            (_, state) => return Err(Refusal::RevocationIs(state)),
        }
        if credential.state != before {
            writes.changes.push(Change::PutCredential(credential.clone()));
        }
        let revocation = Revocation::of(&user.user_id, connection, credential);
        let connection = finish(user, connection, &credentials, self.now, writes);
        Ok(Outcome::Revocation(revocation, self.shown_with(user, &connection, &credentials)))
    }

    /// What the connection holds, or held, of its provider's.
    pub(super) fn credentials_of(&self, connection: &crate::core::Connection) -> Vec<Credential> {
        Credential::of(connection, &self.view.credentials)
    }
}
