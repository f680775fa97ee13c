//! The events of the operator's ledger: changes of providers and webhook endpoints.

use serde::Serialize;

use crate::core::decide::operator::OperatorMutation;
use crate::core::event::EventType;
use crate::core::webhook::Endpoint;
use crate::core::{Actor, Json, Slug, Timestamp};
use crate::directory::entry::EventEntry;

/// The events of the rows that a command writes. `endpoints` are the webhook endpoints before.
pub(super) fn of(
    mutations: &[OperatorMutation],
    endpoints: &[Endpoint],
    actor: &Actor,
    now: Timestamp,
) -> Vec<EventEntry> {
    let event = |mutation: &OperatorMutation| match mutation {
        OperatorMutation::AddProviderEvent(event) => Some(EventEntry::of_provider(event)),
        OperatorMutation::PutEndpoint(endpoint) => {
            let before = endpoints.iter().find(|before| before.name == endpoint.name);
            let data = Json::of(&Data::of(endpoint));
            Some(of_webhook(change_of(before, endpoint), &endpoint.name, actor, now, data))
        }
        OperatorMutation::DeleteEndpoint(name) => {
            Some(of_webhook("webhook.deleted", name, actor, now, Json::of(&Nothing {})))
        }
        _ => None,
    };
    mutations.iter().filter_map(event).collect()
}

/// The type of the event of a change of an endpoint.
fn change_of(before: Option<&Endpoint>, endpoint: &Endpoint) -> &'static str {
    let Some(before) = before else {
        return "webhook.created";
    };
    match (before.disabled.is_some(), endpoint.disabled.is_some()) {
        (false, true) => "webhook.disabled",
        (true, false) => "webhook.enabled",
        _ if before.secret != endpoint.secret && before.url == endpoint.url => "webhook.secret_rotated",
        _ => "webhook.updated",
    }
}

#[derive(Serialize)]
struct Nothing {}

/// The data of an event about a webhook endpoint. Its URL may contain a secret of its owner in the path.
#[derive(Serialize)]
struct Data<'a> {
    host: Option<&'a str>,
    events: &'a [EventType],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> Data<'a> {
    fn of(endpoint: &'a Endpoint) -> Self {
        let host = endpoint.url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
        let host = host.and_then(|host| host.rsplit('@').next());
        let reason = endpoint.disabled.as_ref().map(|disabled| disabled.reason.as_str());
        Self { host, events: &endpoint.events, reason }
    }
}

fn of_webhook(event_type: &str, name: &Slug, actor: &Actor, now: Timestamp, data: Json) -> EventEntry {
    EventEntry { webhook: Some(name.clone()), ..EventEntry::plain(event_type, now, actor.clone(), data) }
}
