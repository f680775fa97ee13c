//! Users by their external ids. Whom one belongs to is claimed before the user is put, in a ledger about that alone: a
//! user's own ledger cannot know what others have.

use super::execute::{Executor, Work};
use super::session::Session;
use crate::core::request::Request;
use crate::core::{Answer, Command, ExternalId, Outcome, Principal, Refusal, Shard, User, UserId};
use crate::dialects::{Aliased, Failure};

impl Executor<'_> {
    /// Has an external id belong to a user. A holder that does not have it any more has to make way; one that is about to
    /// have it has not.
    pub(super) async fn claim(&self, external_id: &ExternalId, user_id: &UserId) -> Result<(), Failure> {
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
        let alias = ExternalId::parse(name.as_str());
        let mut answer = self.of_user(name, asked).await?;
        if let (Err(Refusal::UserUnknown), Ok(external_id)) = (&answer.outcome, alias)
            && let Some(holder) = executor.ledgers.holder(&external_id).await?
            && executor.has(&holder, &external_id).await?
        {
            answer = self.of_user(holder, asked).await?;
        }
        let mut work = Work::from(answer.outcome?);
        if let Outcome::ConnectedApps(connected) = &work.outcome {
            let ids: Vec<_> = connected.iter().map(|(app_id, _)| app_id).collect();
            work.apps = executor.apps(&ids).await?;
        }
        Ok(work)
    }

    async fn of_user(&self, user_id: UserId, asked: &Aliased) -> Result<Answer, Failure> {
        let shard = Shard::of(&user_id);
        let command = asked.of(user_id);
        let app = self.executor.app_of(&command).await?;
        let request = Request { app, ..Request::plain(self.principal.clone(), command) };
        Ok(self.executor.ledgers.run(shard, &request).await?)
    }
}
