//! Users: put, and revoked with all they have.

use super::Case;
use crate::core::answer::Outcome;
use crate::core::cutoff::Reach;
use crate::core::event::{EventType, Recorded};
use crate::core::ids::{AppId, ExternalId, Group, UserId};
use crate::core::json::Object;
use crate::core::order::{Cut, Page};
use crate::core::refusal::Refusal;
use crate::core::user::{Profile, User};
use crate::core::view::{Change, Writes};

impl Case<'_> {
    /// Whether the principal may make this of the user.
    pub(super) fn authorize_put(&self, user_id: &UserId, profile: &Profile) -> Result<(), Refusal> {
        let before = self.view.user.as_ref().map(|user| &user.profile);
        if !self.request.principal.may_put(before, profile) {
            return Err(Refusal::Forbidden);
        }
        match &self.view.user {
            Some(user) if user.user_id != *user_id => Err(Refusal::Corrupt),
            _ => Ok(()),
        }
    }

    pub(super) fn put_user(&self, user_id: &UserId, profile: &Profile, writes: &mut Writes) -> Outcome {
        let before = self.view.user.as_ref();
        if let Some(user) = before.filter(|user| user.profile == *profile) {
            return Outcome::User(user.clone(), false);
        }
        let user = User {
            user_id: user_id.clone(),
            profile: profile.clone(),
            created_at: before.map_or(self.now, |user| user.created_at),
            updated_at: self.now,
        };
        let made = before.is_none();
        let event_type = if made { EventType::UserCreated } else { EventType::UserUpdated };
        let data = Object::new()
            .with("role", profile.role.as_str())
            .with("groups", profile.groups.iter().map(Group::as_str).collect::<Vec<_>>())
            .with("external_id", profile.external_id.as_ref().map(ExternalId::as_str))
            .with("connectable", profile.connectable);
        writes.changes.push(Change::PutUser(user.clone()));
        writes.tell_of_user(event_type, self.actor.clone(), &user, self.now, data);
        Outcome::User(user, made)
    }

    /// Revokes what the cut covers. Where that is nothing, nothing is written.
    pub(super) fn revoke_user(
        &self,
        user: &User,
        cut: &Cut,
        dry_run: bool,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let live = &self.view.live;
        let before = cut.before.unwrap_or(self.now);
        if before > self.now {
            return Err(Refusal::BeforeInFuture);
        }
        if !dry_run && live.total() > 0 {
            let reach = cut.app_id.clone().map_or(Reach::Everything, Reach::App);
            self.cut(before, reach, cut.kinds, cut.reason.as_deref(), writes);
            let data = Object::new()
                .with("before", before.rfc3339())
                .with("revoked", live.body())
                .with_some("app_id", cut.app_id.as_ref().map(AppId::as_str))
                .with_some("reason", cut.reason.as_deref());
            writes.tell_of_user(EventType::UserRevoked, self.actor.clone(), user, self.now, data);
        }
        Ok(Outcome::UserRevoked { user: user.clone(), before, revoked: live.clone(), dry_run })
    }

    pub(super) fn list_events(&self, page: Page, event_type: Option<EventType>) -> Outcome {
        let show = |recorded: &Recorded| {
            let is_wanted = event_type.is_none_or(|wanted| recorded.event.event_type == wanted);
            is_wanted.then(|| recorded.clone())
        };
        let (events, next) = page.list(&self.view.event_page, |recorded| recorded.seq, show);
        Outcome::Events(events, next)
    }
}
