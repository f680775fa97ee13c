//! Users: put, and revoked with all they have.

use serde_json::Value;

use crate::core::access::Principal;
use crate::core::answer::{Outcome, Refusal};
use crate::core::command::{Cut, Page};
use crate::core::event::{EventType, Recorded};
use crate::core::ids::{ExternalId, Group, UserId};
use crate::core::json::Json;
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
    let groups: Vec<_> = profile.groups.iter().map(Group::as_str).collect();
    let data = Json::object([
        ("role", profile.role.as_str().into()),
        ("groups", groups.into()),
        ("external_id", profile.external_id.as_ref().map(ExternalId::as_str).into()),
        ("connectable", profile.connectable.into()),
    ]);
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
        return Err(Refusal::BeforeNow);
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
        let counts = view.live.iter().map(|(kind, count)| (kind.as_str().to_owned(), count.into())).collect();
        let mut data = vec![("before", before.rfc3339().into()), ("revoked", Value::Object(counts))];
        data.extend(cut.app_id.as_ref().map(|app_id| ("app_id", app_id.as_str().into())));
        data.extend(cut.reason.as_deref().map(|reason| ("reason", reason.into())));
        let data = Json::object(data);
        writes.tell_of_user(EventType::UserRevoked, principal.actor(), user, now, data);
    }
    Ok(Outcome::UserRevoked { user: user.clone(), before, revoked: view.live, dry_run })
}

pub(super) fn events(view: &View, page: Page, event_type: Option<EventType>) -> Outcome {
    let (rows, next) = page.split(&view.event_page, |recorded| recorded.seq);
    let wanted = |recorded: &&Recorded| event_type.is_none_or(|wanted| recorded.event.event_type == wanted);
    Outcome::Events(rows.iter().filter(wanted).cloned().collect(), next)
}
