//! The bodies of answers about what belongs to no user, member for member.

use super::bodies::progress;
use crate::core::json::{Object, Value};
use crate::core::provider::{Revocation as Shape, Stored};
use crate::core::revocation::Revocation;
use crate::core::webhook::{Delivery, Endpoint};
use crate::core::{Provider, Slug, Timestamp};
use crate::dialects::reply::texts;

/// A provider that an operator has put.
pub(super) fn stored(stored: &Stored) -> Object {
    provider(&stored.provider)
        .with("has_client_secret", stored.client_secret.is_some())
        .with("source", "operator")
        .with("created_at", stored.created_at)
        .with("updated_at", stored.updated_at)
}

/// A provider that ships.
pub(super) fn shipped(shipped: &Provider) -> Object {
    provider(shipped)
        .with("has_client_secret", false)
        .with("source", "shipped")
        .with("created_at", Value::Null)
        .with("updated_at", Value::Null)
}

fn provider(provider: &Provider) -> Object {
    Object::new()
        .with("slug", provider.slug.as_str())
        .with("name", provider.name.as_str())
        .with("revocation", provider.revocation.as_ref().map(shape))
        .with("client_id", provider.client_id.as_deref())
}

fn shape(shape: &Shape) -> Object {
    let statuses: Vec<u64> = shape.gone_statuses.iter().copied().map(u64::from).collect();
    Object::new()
        .with("method", shape.method.as_str())
        .with("url", shape.url.as_str())
        .with("auth", shape.auth.as_str())
        .with("body", shape.body.as_str())
        .with("parameter", shape.parameter.as_str())
        .with("tokens", texts(&mut shape.tokens.iter().map(|token| token.as_str())))
        .with("gone_errors", texts(&mut shape.gone.iter().map(String::as_str)))
        .with("gone_statuses", statuses)
}

/// A webhook endpoint, at a time.
pub(super) fn endpoint(endpoint: &Endpoint, now: Timestamp) -> Object {
    let (since, why) = endpoint.disabled.as_ref().map(|(since, why)| (*since, why.as_str())).unzip();
    let previous = endpoint.previous_secret.as_ref().map(|(_, until)| *until).filter(|until| now < *until);
    Object::new()
        .with("name", endpoint.name.as_str())
        .with("url", endpoint.url.as_str())
        .with("events", texts(&mut endpoint.events.iter().map(|event| event.as_str())))
        .with("disabled", endpoint.disabled.is_some())
        .with("disabled_reason", why)
        .with("disabled_at", since)
        .with("previous_secret_expires_at", previous)
        .with("created_at", endpoint.created_at)
        .with("updated_at", endpoint.updated_at)
}

/// An attempt to deliver an event.
pub(super) fn delivery(delivery: &Delivery) -> Object {
    Object::new()
        .with("event_id", delivery.event_id.as_str())
        .with("type", delivery.event_type.as_str())
        .with("at", delivery.at)
        .with("attempt", u64::from(delivery.attempt))
        .with_all(came_of(delivery))
        .with("next_attempt_at", delivery.next_at)
}

/// An attempt to deliver an event that says nothing: it is not repeated.
pub(super) fn test(delivery: &Delivery) -> Object {
    came_of(delivery).with("event_id", delivery.event_id.as_str())
}

fn came_of(delivery: &Delivery) -> Object {
    Object::new()
        .with("delivered", delivery.error.is_none())
        .with("status", delivery.status.map(u64::from))
        .with("error", delivery.error.as_deref())
}

/// A revocation at a provider.
pub(super) fn revocation(revocation: &Revocation) -> Object {
    let credential = &revocation.credential;
    Object::new()
        .with("id", revocation.id().text())
        .with("user_id", revocation.user_id.as_str())
        .with("connection_id", credential.connection_id.as_str())
        .with("app_id", revocation.app_id.as_str())
        .with("provider", revocation.provider.as_ref().map(Slug::as_str))
        .with("token_type", credential.token_type.as_str())
        .with_all(progress(credential))
}
