//! Events in responses.

use serde::Serialize;

use crate::core::access::ActorType;
use crate::core::event::{Event, EventType, RecordedEvent};
use crate::core::rfc3339::Rfc3339;
use crate::core::{Actor, ConnectionId, Json, TokenId, TokenKind, UserId};

/// An event of a user's audit trail.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Event"))]
pub(super) struct EventResponse {
    /// The id of the event: `evt_` and hex digits. The webhook of the event has the same id.
    id: String,
    /// The type of the event.
    #[serde(rename = "type")]
    event_type: EventType,
    /// When it happened.
    at: Rfc3339,
    /// The actor that caused the change: `root`, `system`, `app:` and an app id, or a user id.
    actor: Actor,
    /// The kind of the actor: a user whose id looks like another actor is a `user`.
    actor_type: ActorType,
    /// The user that the event belongs to.
    user_id: UserId,
    /// The token, if the event is about one.
    token_id: Option<TokenId>,
    /// The kind of the token.
    kind: Option<TokenKind>,
    /// The connection, if the event is about one or about a token under one.
    connection_id: Option<ConnectionId>,
    /// Details that depend on the type. They contain no secrets.
    data: Json,
}

impl From<RecordedEvent> for EventResponse {
    fn from(recorded: RecordedEvent) -> Self {
        let id = recorded.id();
        let Event { event_type, at, actor, user_id, token_id, kind, connection_id, data } = recorded.event;
        let actor_type = actor.actor_type();
        Self { id, event_type, at: Rfc3339(at), actor, actor_type, user_id, token_id, kind, connection_id, data }
    }
}
