//! `/v1/status-tickets` and `/v1/status`.

use crate::core::ticket::{TTL, TTL_MAX, TTL_MIN};
use crate::dialects::{Ask, Call, Credential, Failure, Fields, Read};

pub(super) fn mint(call: &Call, body: &mut Fields) -> Option<Ask> {
    let token = body.nullable("token_id").string("token_id");
    let connection = body.nullable("connection_id").string("connection_id");
    let ttl = body.integer("ttl", TTL_MIN, TTL_MAX).unwrap_or(TTL);
    body.finish()?;
    let read = match (token, connection) {
        (Some(id), None) => Read::Token(call.target(&id).public()),
        (None, Some(id)) => Read::Connection(call.link(&id)),
        _ => return body.refuse(Failure::invalid("connection_id", "or token_id is required, and not both")),
    };
    Some(Ask::Ticket(read, ttl))
}

/// The ticket in the query, since a browser's WebSocket sends no header of ours, or as a bearer.
pub(super) fn ticket(call: &Call) -> Result<Credential, Failure> {
    let ticket = Fields::query(call)?.string("ticket").or_else(|| call.bearer()).ok_or(Failure::TicketMissing)?;
    call.keyring.open_ticket(&ticket).map(Credential::Ticket).map_err(|_| Failure::TicketInvalid)
}

pub(super) fn show(call: &Call, query: &mut Fields) -> Option<Ask> {
    query.string("ticket");
    Some(Ask::Show(call.headers.get("if-none-match")))
}

pub(super) fn follow(call: &Call, query: &mut Fields) -> Option<Ask> {
    query.string("ticket");
    query.finish()?;
    let upgrade = call.headers.get("upgrade").unwrap_or_default();
    if upgrade.eq_ignore_ascii_case("websocket") { Some(Ask::Follow) } else { query.refuse(Failure::NoUpgrade) }
}
