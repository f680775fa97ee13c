//! Users by their external ids. Whom one belongs to is claimed before the user is put, in a ledger about that alone: a
//! user's own ledger cannot know what others have.

use super::execute::{Executor, Work};
use super::plan::After;
use super::session::Session;
use crate::core::request::Request;
use crate::core::{Command, ExternalId, Outcome, Principal, Refusal, Shard, User, UserId};
use crate::dialects::{Aliased, Failure};

impl Executor<'_> {
    /// Has an external id belong to a user. A holder that does not have it any more has to make way; one that is about to
    /// have it has not.
    pub(super) async fn claim(&self, external_id: &ExternalId, user_id: &UserId) -> Result<(), Failure> {
        let mut instead_of = None;
        loop {
            let holder = self.ledgers.claim(external_id, user_id, instead_of.as_ref()).await?;
            match (holder, &instead_of) {
                (Some(holder), _) if holder == *user_id => return Ok(()),
                (None, None) => return Err(Failure::Unavailable),
                (Some(holder), None) => {
                    if self.has(&holder, external_id).await? {
                        return Err(Refusal::ExternalIdTaken.into());
                    }
                    instead_of = Some(holder);
                }
                (_, Some(_)) => return Err(Refusal::ExternalIdTaken.into()),
            }
        }
    }

    /// Whether the user has the external id, as its own ledger says.
    async fn has(&self, user_id: &UserId, external_id: &ExternalId) -> Result<bool, Failure> {
        let request = Request::plain(Principal::Root, Command::GetUser(user_id.clone()));
        let answer = self.ledgers.run(Shard::of(user_id), &request).await?;
        let has = |user: &User| user.profile.external_id.as_ref() == Some(external_id);
        Ok(matches!(&answer.outcome, Ok(Outcome::User(user, _)) if has(user)))
    }
}

impl Session<'_> {
    /// Has a user's ledger decide what is asked of a user who is named by its id or by its external id.
    pub(super) async fn of_alias(&self, name: UserId, asked: &Aliased) -> Result<Work, Failure> {
        let executor = self.executor;
        let session = executor.session(self.principal.clone(), None);
        let mut alias = ExternalId::parse(name.as_str()).ok();
        let mut user_id = name;
        loop {
            let done = session.run(Shard::of(&user_id), asked.of(user_id), None, None).await;
            let unknown = matches!(done, Err(Failure::Refused(Refusal::UserUnknown)));
            let Some(external_id) = alias.take().filter(|_| unknown) else {
                return Ok(Work { after: After::ShowApps(None), ..done? });
            };
            user_id = match executor.ledgers.holder(&external_id).await? {
                Some(holder) if executor.has(&holder, &external_id).await? => holder,
                _ => return Err(Refusal::UserUnknown.into()),
            };
        }
    }
}
