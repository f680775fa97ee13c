//! Users by their external ids.

use super::execute::{Executor, Work};
use crate::core::request::{Request, Retry};
use crate::core::user::Profile;
use crate::core::{Command, ExternalId, Outcome, Principal, Refusal, Shard, User, UserId};
use crate::dialects::{Aliased, Failure};

impl Executor<'_> {
    /// Puts a user. Whom an external id belongs to is claimed before, in a ledger about that alone: a user's own ledger
    /// cannot know what others have.
    pub(super) async fn put_user(
        &self,
        user_id: UserId,
        profile: Profile,
        principal: Principal,
        retry: Option<Retry>,
    ) -> Result<Work, Failure> {
        let external_id = profile.external_id.clone().filter(|_| principal.writes_everyone());
        if let Some(external_id) = &external_id {
            self.claim(external_id, &user_id).await?;
        }
        let command = Command::PutUser(user_id.clone(), profile);
        let work = self.run(Shard::of(&user_id), principal, command, retry).await?;
        if let Some(external_id) = &external_id {
            // What fails here only keeps others waiting for a while.
            let _ = self.ledgers.confirm(external_id, &user_id).await;
        }
        Ok(work)
    }

    /// Has an external id belong to a user. A holder that does not have it any more has to make way; one that is about to
    /// have it has not.
    async fn claim(&self, external_id: &ExternalId, user_id: &UserId) -> Result<(), Failure> {
        let Some(holder) = self.ledgers.claim(external_id, user_id, None).await? else {
            return Err(Failure::Unavailable);
        };
        if holder == *user_id {
            return Ok(());
        }
        if self.has(&holder, external_id).await? {
            return Err(Refusal::ExternalIdTaken.into());
        }
        let holder = self.ledgers.claim(external_id, user_id, Some(&holder)).await?;
        if holder.as_ref() == Some(user_id) { Ok(()) } else { Err(Refusal::ExternalIdTaken.into()) }
    }

    /// Has a user's ledger decide what is asked of a user who is named by its id or by its external id.
    pub(super) async fn of_alias(&self, name: UserId, asked: &Aliased, principal: Principal) -> Result<Work, Failure> {
        let alias = ExternalId::parse(name.as_str());
        let shard = Shard::of(&name);
        let command = asked.of(name);
        let app = self.app_of(&command).await?;
        let mut request = Request { app, ..Request::plain(principal, command) };
        let mut answer = self.ledgers.run(shard, &request).await?;
        if let (Err(Refusal::UserUnknown), Ok(external_id)) = (&answer.outcome, alias)
            && let Some(holder) = self.ledgers.holder(&external_id).await?
            && self.has(&holder, &external_id).await?
        {
            let shard = Shard::of(&holder);
            request.command = asked.of(holder);
            answer = self.ledgers.run(shard, &request).await?;
        }
        Ok(answer.outcome?.into())
    }

    /// Whether the user has the external id, as its own ledger says.
    async fn has(&self, user_id: &UserId, external_id: &ExternalId) -> Result<bool, Failure> {
        let request = Request::plain(Principal::Root, Command::GetUser(user_id.clone()));
        let answer = self.ledgers.run(Shard::of(user_id), &request).await?;
        let has = |user: &User| user.profile.external_id.as_ref() == Some(external_id);
        Ok(matches!(&answer.outcome, Ok(Outcome::User(user, _)) if has(user)))
    }
}
