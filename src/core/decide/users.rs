//! Users: put, and revoked with all they have.

use crate::core::access::Principal;
use crate::core::answer::{Outcome, Refusal};
use crate::core::command::{Cut, Page};
use crate::core::event::{EventType, Recorded};
use crate::core::ids::{AppId, ExternalId, Group, UserId};
use crate::core::json::Object;
use crate::core::time::Timestamp;
use crate::core::user::{Profile, User};
use crate::core::view::{Change, Cutoff, View, Writes};

/// Whether the principal may make this of the user.
pub(super) fn authorize_put(
    view: &View,
    principal: &Principal,
    user_id: &UserId,
    profile: &Profile,
) -> Result<(), Refusal> {
    let before = view.user.as_ref().map(|user| &user.profile);
    if !principal.may_put(before, profile) {
        return Err(Refusal::Forbidden);
    }
    match &view.user {
        Some(user) if user.user_id != *user_id => Err(Refusal::Corrupt),
        _ => Ok(()),
    }
}

pub(super) fn put(
    view: &View,
    principal: &Principal,
    user_id: &UserId,
    profile: &Profile,
    now: Timestamp,
    writes: &mut Writes,
) -> Outcome {
    if let Some(user) = view.user.as_ref().filter(|user| user.profile == *profile) {
        return Outcome::User(user.clone(), false);
    }
    let user = User {
        user_id: user_id.clone(),
        profile: profile.clone(),
        created_at: view.user.as_ref().map_or(now, |user| user.created_at),
        updated_at: now,
    };
    let made = view.user.is_none();
    let event_type = if made { EventType::UserCreated } else { EventType::UserUpdated };
    let data = Object::new()
        .with("role", profile.role.as_str())
        .with("groups", profile.groups.iter().map(Group::as_str).collect::<Vec<_>>())
        .with("external_id", profile.external_id.as_ref().map(ExternalId::as_str))
        .with("connectable", profile.connectable);
    writes.changes.push(Change::PutUser(user.clone()));
    writes.tell_of_user(event_type, principal.actor(), &user, now, data);
    Outcome::User(user, made)
}

/// Revokes what the cut covers. Where that is nothing, nothing is written.
pub(super) fn revoke(
    view: &View,
    principal: &Principal,
    user: &User,
    cut: &Cut,
    dry_run: bool,
    now: Timestamp,
    writes: &mut Writes,
) -> Result<Outcome, Refusal> {
    let before = cut.before.unwrap_or(now);
    if before > now {
        return Err(Refusal::BeforeInFuture);
    }
    if !dry_run && view.live.total() > 0 {
        writes.changes.push(Change::AddCutoff(Cutoff {
            before,
            app_id: cut.app_id.clone(),
            kinds: cut.kinds,
            at: now,
            by: principal.actor(),
            reason: cut.reason.clone(),
        }));
        let counts = view.live.iter().fold(Object::new(), |counts, (kind, count)| counts.with(kind.as_str(), count));
        let data = Object::new()
            .with("before", before.rfc3339())
            .with("revoked", counts)
            .with_some("app_id", cut.app_id.as_ref().map(AppId::as_str))
            .with_some("reason", cut.reason.as_deref());
        writes.tell_of_user(EventType::UserRevoked, principal.actor(), user, now, data);
    }
    Ok(Outcome::UserRevoked { user: user.clone(), before, revoked: view.live.clone(), dry_run })
}

pub(super) fn events(view: &View, page: Page, event_type: Option<EventType>) -> Outcome {
    let (rows, next) = page.split(&view.event_page, |recorded| recorded.seq);
    let wanted = |recorded: &&Recorded| event_type.is_none_or(|wanted| recorded.event.event_type == wanted);
    Outcome::Events(rows.iter().filter(wanted).cloned().collect(), next)
}
