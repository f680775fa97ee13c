//! `/v1/webhooks`.

use super::{of_operator, page, url};
use crate::core::Slug;
use crate::core::event::EventType;
use crate::core::operator::OperatorCommand;
use crate::core::webhook::{PREVIOUS_SECRET_TTL_MAX, parse_secret};
use crate::dialects::{Ask, Call, Fields, NewEndpoint, Secret};

/// How long a secret that is replaced signs beside the new one, in seconds, where nothing is said: a day.
const PREVIOUS_SECRET_TTL: u32 = 86_400;

fn named(call: &Call, fields: &mut Fields) -> Option<Slug> {
    fields.parameter(call, "name", Slug::parse)
}

pub(super) fn put(call: &Call, body: &mut Fields) -> Option<Ask> {
    let name = named(call, body)?;
    let url = url(call, body)?;
    let mut events = Vec::new();
    let event = |text: &str| EventType::parse(text).ok_or(EventType::CHOICES);
    for event in body.list("events", 0, EventType::ALL.len(), event) {
        if !events.contains(&event) {
            events.push(event);
        }
    }
    let disabled = body.boolean("disabled").unwrap_or(false);
    let secret = body.text("secret", parse_secret).map(Secret);
    Some(Ask::PutEndpoint(NewEndpoint { name, url, events, disabled, secret }))
}

pub(super) fn get(call: &Call, fields: &mut Fields) -> Option<Ask> {
    Some(of_operator(OperatorCommand::GetEndpoint(named(call, fields)?)))
}

pub(super) fn list(_: &Call, _: &mut Fields) -> Option<Ask> {
    Some(of_operator(OperatorCommand::ListEndpoints))
}

pub(super) fn delete(call: &Call, fields: &mut Fields) -> Option<Ask> {
    Some(of_operator(OperatorCommand::DeleteEndpoint(named(call, fields)?)))
}

pub(super) fn rotate_secret(call: &Call, body: &mut Fields) -> Option<Ask> {
    let name = named(call, body)?;
    let ttl = body.integer("previous_ttl", 0, PREVIOUS_SECRET_TTL_MAX).unwrap_or(PREVIOUS_SECRET_TTL);
    Some(Ask::RotateEndpointSecret(name, ttl))
}

pub(super) fn test(call: &Call, body: &mut Fields) -> Option<Ask> {
    Some(Ask::TestEndpoint(named(call, body)?))
}

pub(super) fn deliveries(call: &Call, query: &mut Fields) -> Option<Ask> {
    let name = named(call, query)?;
    Some(of_operator(OperatorCommand::ListDeliveries(name, page(query))))
}
