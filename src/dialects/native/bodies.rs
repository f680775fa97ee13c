//! The bodies of answers, member for member.

use crate::core::event::Recorded;
use crate::core::json::{Object, Value};
use crate::core::token::Facts;
use crate::core::{
    Actor, AppId, ExternalId, Group, Handle, Json, Standing, Status, Timestamp, TokenId, TokenKind, User, Verdict,
};

pub(super) fn user(user: &User) -> Object {
    let profile = &user.profile;
    Object::new()
        .with("user_id", user.user_id.as_str())
        .with("role", profile.role.as_str())
        .with("groups", profile.groups.iter().map(Group::as_str).collect::<Vec<_>>())
        .with("external_id", profile.external_id.as_ref().map(ExternalId::as_str))
        .with("connectable", profile.connectable)
        .with("created_at", user.created_at.rfc3339())
        .with("updated_at", user.updated_at.rfc3339())
}

/// A verdict.
pub(super) fn verdict(verdict: &Verdict) -> Object {
    let died = |of: Status| verdict.standing.died_at().filter(|_| verdict.status() == of).map(Timestamp::rfc3339);
    let (by, reason) = match &verdict.standing {
        Standing::Valid => (None, None),
        Standing::Dead { by, reason, .. } => (by.as_ref().map(Actor::as_str), reason.as_deref()),
    };
    Object::new()
        .with("status", verdict.status().as_str())
        .with("as_of", verdict.as_of.rfc3339())
        .with("source", verdict.source().as_str())
        .with("user_id", verdict.user_id.as_str())
        .with("token_id", verdict.token_id.as_str())
        .with("kind", verdict.kind.as_str())
        .with("created_at", verdict.created_at.rfc3339())
        .with("expires_at", verdict.expires_at.map(Timestamp::rfc3339))
        .with("consumed_at", died(Status::Consumed))
        .with("revoked_at", died(Status::Revoked))
        .with("reason", reason)
        .with("by", by)
        .with_all(facts(&verdict.facts))
}

/// The item of a batch check for a token that nobody minted here, that is gone, or that the caller may not see.
pub(super) fn unknown(as_of: Timestamp) -> Object {
    Object::new().with("status", "unknown").with("as_of", as_of.rfc3339())
}

/// What was said of a token when it was minted.
fn facts(facts: &Facts) -> Object {
    Object::new()
        .with("created_by", facts.created_by.as_str())
        .with("app_id", facts.app_id.as_ref().map(AppId::as_str))
        .with("scope", facts.scope.as_deref())
        .with("redirect_uri", facts.redirect_uri.as_deref())
        .with("label", facts.label.as_deref())
        .with("metadata", facts.metadata.as_ref().map(Json::value))
}

/// A connection token, shown once.
pub(super) fn minted(token: &Handle, verdict: &Verdict) -> Object {
    fresh("token", token, verdict).with_all(facts(&verdict.facts))
}

/// An API key, shown once.
pub(super) fn api_key(key: &Handle, verdict: &Verdict) -> Object {
    fresh("api_key", key, verdict)
        .with("created_by", verdict.facts.created_by.as_str())
        .with("label", verdict.facts.label.as_deref())
}

fn fresh(name: &str, secret: &Handle, verdict: &Verdict) -> Object {
    Object::new()
        .with(name, secret.text())
        .with("token_id", verdict.token_id.as_str())
        .with("user_id", verdict.user_id.as_str())
        .with("kind", verdict.kind.as_str())
        .with("status", verdict.status().as_str())
        .with("created_at", verdict.created_at.rfc3339())
        .with("expires_at", verdict.expires_at.map(Timestamp::rfc3339))
}

pub(super) fn event(recorded: &Recorded) -> Object {
    let event = &recorded.event;
    Object::new()
        .with("id", recorded.id())
        .with("type", event.event_type.as_str())
        .with("at", event.at.rfc3339())
        .with("actor", event.actor.as_str())
        .with("user_id", event.user_id.as_str())
        .with("token_id", event.token_id.as_ref().map(TokenId::as_str))
        .with("kind", event.kind.map(TokenKind::as_str))
        .with("data", event.data.value())
}

/// A page of a list, and the cursor of the next.
pub(super) fn list<T>(items: &[T], body: fn(&T) -> Object, next: Option<u64>) -> Object {
    let items: Vec<Value> = items.iter().map(|item| body(item).into()).collect();
    Object::new().with("items", items).with("next_cursor", next.map(|place| place.to_string()))
}
