//! `/v1/status/connections`: the connections of a user for browsers, which have a ticket for the user.

use std::collections::BTreeMap;

use serde::Serialize;

use super::revocations::EmptyRequest;
use super::status::{BASE, StatusSubscription, TICKET, TicketQuery, ticket};
use crate::core::connections_view::{ConnectionMessage, ConnectionView, ConnectionsMessage};
use crate::core::rfc3339::Rfc3339;
use crate::core::ticket::TicketSubject;
use crate::core::{App, ConnectionRef};
use crate::dialects::extract::{IfNoneMatch, JsonBody, Path, Query, WebSocketUpgrade};
use crate::dialects::operation::{IN_PARAMETERS, Operation};
use crate::dialects::problem_types::{
    CONNECTION_NOT_FOUND, ORIGIN_NOT_ALLOWED, TICKET_EXPIRED, TICKET_INSUFFICIENT, TICKET_INVALID, TICKET_MISSING,
    UPGRADE_REQUIRED, USER_NOT_FOUND,
};
use crate::dialects::respond::{Body, Respond};
use crate::dialects::response::HttpResponse;
use crate::dialects::route::Route;
use crate::operations::user_tickets::{self, ListedConnections};
use crate::operations::{ApiError, Caller, Context};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/status/connections", list).credentials(ticket).cors().operation(|| Operation {
            id: "listConnectionsOfTicket",
            summary: "List the connections of a ticket's user",
            description: "Returns the connections of the user that are authorized or still alive at their provider, with \
                their apps, newest first. Pages of the origins in `CORS_ORIGINS` may call it.",
            security: &[TICKET, IN_PARAMETERS],
            problems: &[&TICKET_MISSING, &TICKET_INVALID, &TICKET_EXPIRED, &TICKET_INSUFFICIENT, &USER_NOT_FOUND],
            ..BASE
        }),
        Route::get("/v1/status/connections/live", follow).credentials(ticket).cors().operation(|| Operation {
            id: "followConnectionsOfTicket",
            summary: "Follow the connections of a ticket's user",
            description: "Opens a WebSocket that sends the connections now and after every change, without their apps, until \
                the ticket expires.",
            security: &[TICKET, IN_PARAMETERS],
            problems: &[
                &TICKET_MISSING,
                &TICKET_INVALID,
                &TICKET_EXPIRED,
                &TICKET_INSUFFICIENT,
                &ORIGIN_NOT_ALLOWED,
                &USER_NOT_FOUND,
                &UPGRADE_REQUIRED,
            ],
            ..BASE
        }),
        Route::post("/v1/status/connections/{connection_id}/revoke", revoke).credentials(ticket).cors().operation(|| {
            Operation {
                id: "revokeConnectionByTicket",
                summary: "Revoke a connection of a ticket's user",
                description: "Revokes the connection with everything under it, in one write, as the user. The ticket needs \
                    the right to revoke. A connection that was revoked before stays as it is.",
                security: &[TICKET, IN_PARAMETERS],
                problems: &[
                    &TICKET_MISSING,
                    &TICKET_INVALID,
                    &TICKET_EXPIRED,
                    &TICKET_INSUFFICIENT,
                    &CONNECTION_NOT_FOUND,
                ],
                ..BASE
            }
        }),
    ]
}

/// An app as the users that connected it see it.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ShownApp"))]
struct ShownApp {
    /// The name of the app.
    name: String,
    /// The purpose of the app in a sentence.
    description: Option<String>,
    /// The URL of the app's logo.
    logo_url: Option<String>,
    /// Descriptions of scopes of the app for its users, by scope.
    scope_descriptions: BTreeMap<String, String>,
}

impl From<App> for ShownApp {
    fn from(app: App) -> Self {
        let registration = app.registration;
        Self {
            name: registration.name,
            description: registration.description,
            logo_url: registration.logo_url,
            scope_descriptions: registration.scope_descriptions,
        }
    }
}

/// The connections of a user, with their apps.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "UserConnectionsWithApps"))]
struct ConnectionsResponse {
    #[serde(flatten)]
    connections: ConnectionsMessage,
    /// The apps of the connections by their ids. An app that was deleted is missing.
    apps: BTreeMap<String, ShownApp>,
}

/// The connections that a ticket shows, with their entity tag.
struct TaggedConnections {
    /// The connections; `None` if the caller has them already.
    connections: Option<ConnectionsResponse>,
    tag: String,
}

impl Respond for TaggedConnections {
    fn respond(self) -> HttpResponse {
        let response = match &self.connections {
            Some(connections) => HttpResponse::json(200, connections),
            None => HttpResponse::empty(304),
        };
        response.with("etag", format!("\"{}\"", self.tag))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.response::<ConnectionsResponse>(200, "The connections.");
        spec.empty_response(304, "The connections have not changed since the response with this entity tag.");
        for status in [200, 304] {
            spec.response_header(status, "ETag", "The entity tag of the connections. It does not depend on the apps.");
        }
    }
}

async fn list(
    cx: &Context<'_>,
    Query(_): Query<TicketQuery>,
    IfNoneMatch(known): IfNoneMatch,
) -> Result<TaggedConnections, ApiError> {
    let ListedConnections { view, apps, tag, is_known } = user_tickets::list(cx, known.as_deref()).await?;
    let Caller::Ticket(ticket) = &cx.caller else {
        return Err(ApiError::TicketMissing);
    };
    let TicketSubject::User(user) = &ticket.subject else {
        return Err(ApiError::TicketInsufficient);
    };
    let connections = (!is_known).then(|| ConnectionsResponse {
        connections: ConnectionsMessage::of(view, user, ticket.expires_at),
        apps: apps.into_iter().map(|app| (app.app_id.to_string(), app.into())).collect(),
    });
    Ok(TaggedConnections { connections, tag })
}

async fn follow(
    cx: &Context<'_>,
    Query(_): Query<TicketQuery>,
    _: WebSocketUpgrade,
) -> Result<StatusSubscription, ApiError> {
    user_tickets::follow(cx).map(StatusSubscription)
}

/// A connection after its user revoked it.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ConnectionRevokedByUser"))]
struct RevokedResponse {
    /// Whether this request revoked the connection.
    changed: bool,
    /// When no check of the connection's tokens returns `valid` any more. It is later than the revocation only if
    /// `LEASE_SECONDS` is set.
    effective_at: Rfc3339,
    #[serde(flatten)]
    connection: ConnectionMessage,
}

async fn revoke(
    cx: &Context<'_>,
    Path(id): Path<String>,
    Query(_): Query<TicketQuery>,
    JsonBody(()): JsonBody<EmptyRequest>,
) -> Result<Body<RevokedResponse>, ApiError> {
    let connection = ConnectionRef::of(cx.config.keyring.open(&id));
    let changed = user_tickets::revoke(cx, &connection).await?;
    let verdict = &changed.verdict;
    Ok(Body(RevokedResponse {
        changed: changed.previous != verdict.status(),
        effective_at: Rfc3339(cx.config.settings.leases.effective_at(verdict.state.at)),
        connection: ConnectionView::of(verdict).into(),
    }))
}
