//! The bodies of answers, member for member.

use crate::core::event::Recorded;
use crate::core::json::{Object, Value};
use crate::core::token::Facts;
use crate::core::{
    Actor, App, AppId, ConnectionId, ConnectionStatus, ConnectionVerdict, Credential, CredentialState, ExternalId,
    Group, Handle, Json, Scope, Slug, Standing, Status, Timestamp, TokenId, TokenKind, User, UserId, Verdict,
};
use crate::dialects::reply::texts;

pub(super) fn user(user: &User) -> Object {
    let profile = &user.profile;
    Object::new()
        .with("user_id", user.user_id.as_str())
        .with("role", profile.role.as_str())
        .with("groups", texts(&mut profile.groups.iter().map(Group::as_str)))
        .with("external_id", profile.external_id.as_ref().map(ExternalId::as_str))
        .with("connectable", profile.connectable)
        .with("created_at", user.created_at)
        .with("updated_at", user.updated_at)
}

/// A verdict.
pub(super) fn verdict(verdict: &Verdict) -> Object {
    let died = |of: Status| verdict.standing.died_at().filter(|_| verdict.status() == of);
    let (by, reason) = match &verdict.standing {
        Standing::Valid | Standing::Inactive => (None, None),
        Standing::Dead { by, reason, .. } => (by.as_ref().map(Actor::as_str), reason.as_deref()),
    };
    Object::new()
        .with("status", verdict.status().as_str())
        .with("as_of", verdict.as_of)
        .with("source", verdict.source().as_str())
        .with("user_id", verdict.user_id.as_str())
        .with("token_id", verdict.token_id.as_str())
        .with("kind", verdict.kind.as_str())
        .with("created_at", verdict.created_at)
        .with("expires_at", verdict.expires_at)
        .with("consumed_at", died(Status::Consumed))
        .with("revoked_at", died(Status::Revoked))
        .with("reason", reason)
        .with("by", by)
        .with_all(facts(&verdict.facts))
}

/// The item of a batch check for a token that nobody minted here, that is gone, or that the caller may not see.
pub(super) fn unknown(as_of: Timestamp) -> Object {
    Object::new().with("status", "unknown").with("as_of", as_of)
}

/// What was said of a token when it was minted.
fn facts(facts: &Facts) -> Object {
    Object::new()
        .with("created_by", facts.created_by.as_str())
        .with("app_id", facts.app_id.as_ref().map(AppId::as_str))
        .with("connection_id", facts.connection_id.as_ref().map(ConnectionId::as_str))
        .with("scope", facts.scope.as_ref().map(Scope::as_str))
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
        .with("created_at", verdict.created_at)
        .with("expires_at", verdict.expires_at)
}

pub(super) fn connection(verdict: &ConnectionVerdict) -> Object {
    let (connection, standing) = (&verdict.connection, &verdict.standing);
    let waits = matches!(verdict.status(), ConnectionStatus::Initiated | ConnectionStatus::Expired);
    let revoked = matches!(verdict.status(), ConnectionStatus::Revoking | ConnectionStatus::Revoked);
    Object::new()
        .with("id", connection.id.as_str())
        .with("user_id", verdict.user_id.as_str())
        .with("app_id", connection.app_id.as_str())
        .with("status", verdict.status().as_str())
        .with("status_reason", standing.reason.as_deref())
        .with("as_of", verdict.as_of)
        .with("scope", connection.scope.as_ref().map(Scope::as_str))
        .with("created_at", connection.created_at)
        .with("created_by", connection.created_by.as_str())
        .with("expires_at", connection.expires_at.filter(|_| waits))
        .with("activated_at", connection.activated_at)
        .with("changed_at", standing.at)
        .with("changed_by", standing.by.as_ref().map(Actor::as_str))
        .with("revoked_at", revoked.then_some(standing.at))
        .with("metadata", connection.metadata.as_ref().map(Json::value))
        .with("upstream", upstream(verdict))
}

/// What a connection holds of its provider's; null, where it never held anything.
fn upstream(verdict: &ConnectionVerdict) -> Option<Object> {
    let provider = verdict.connection.provider.as_ref()?;
    let mut credentials = Vec::new();
    for credential in &verdict.credentials {
        credentials.push(Value::Object(held(&verdict.user_id, credential)));
    }
    Some(Object::new().with("provider", provider.as_str()).with("credentials", Value::List(credentials)))
}

fn held(user_id: &UserId, credential: &Credential) -> Object {
    // What is not to be revoked has no revocation to look at.
    let revocation_id = (credential.state != CredentialState::Held).then(|| credential.revocation_id(user_id));
    Object::new()
        .with("token_type", credential.token_type.as_str())
        .with("expires_at", credential.expires_at)
        .with("revocation_id", revocation_id)
        .with_all(progress(credential))
}

/// How far the revocation of a credential is.
pub(super) fn progress(credential: &Credential) -> Object {
    let next = credential.due_at.filter(|_| credential.state == CredentialState::Revoking);
    Object::new()
        .with("state", credential.state.as_str())
        .with("attempts", u64::from(credential.attempts))
        .with("next_attempt_at", next)
        .with("error", credential.error.as_deref())
        .with("changed_at", credential.changed_at)
}

pub(super) fn app(app: &App) -> Object {
    let registration = &app.registration;
    Object::new()
        .with("app_id", app.app_id.as_str())
        .with("name", registration.name.as_str())
        .with("description", registration.description.as_deref())
        .with("redirect_uris", texts(&mut registration.redirect_uris.iter().map(String::as_str)))
        .with("scopes", texts(&mut registration.scopes.iter().flat_map(Scope::words)))
        .with("client_type", registration.client_type.as_str())
        .with("logo_url", registration.logo_url.as_deref())
        .with("provider", registration.provider.as_ref().map(Slug::as_str))
        .with("created_at", app.created_at)
        .with("updated_at", app.updated_at)
}

pub(super) fn event(recorded: &Recorded) -> Object {
    let event = &recorded.event;
    Object::new()
        .with("id", recorded.id())
        .with("type", event.event_type.as_str())
        .with("at", event.at)
        .with("actor", event.actor.as_str())
        .with("user_id", event.user_id.as_str())
        .with("token_id", event.token_id.as_ref().map(TokenId::as_str))
        .with("kind", event.kind.map(TokenKind::as_str))
        .with("connection_id", event.connection_id.as_ref().map(ConnectionId::as_str))
        .with("data", event.data.value())
}

/// A page of a list, and the cursor of the next.
pub(super) fn list<T>(items: &[T], body: impl Fn(&T) -> Object, next: Option<u64>) -> Object {
    let mut bodies = Vec::new();
    for item in items {
        bodies.push(Value::Object(body(item)));
    }
    page(bodies, next)
}

/// The same, of bodies that are written already.
pub(super) fn page(bodies: Vec<Value>, next: Option<u64>) -> Object {
    Object::new().with("items", Value::List(bodies)).with("next_cursor", next.map(|place| place.to_string()))
}
