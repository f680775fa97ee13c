//! `/v1/status-tickets` and `/v1/status`.

use super::body;
use crate::core::json::Object;
use crate::core::ticket::{TTL, TTL_MAX, TTL_MIN};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Beside, Call, Credential, Done, Failure, Fields, Read, Reply};

pub(super) fn mint(call: &Call) -> Result<Ask, Failure> {
    let mut body = body(call)?;
    let token = body.nullable("token_id").string("token_id");
    let connection = body.nullable("connection_id").string("connection_id");
    let ttl = body.integer("ttl", TTL_MIN, TTL_MAX).unwrap_or(TTL);
    body.finish()?;
    match (token, connection) {
        (Some(id), None) => Ok(Ask::Ticket(Read::Token(call.target(&id).public()), ttl)),
        (None, Some(id)) => Ok(Ask::Ticket(Read::Connection(call.link(&id)), ttl)),
        _ => Err(Failure::invalid("connection_id", "or token_id is required, and not both")),
    }
}

pub(super) fn render_minted(done: &Done) -> Result<Reply, Failure> {
    let Beside::Ticket(ticket, text) = &done.beside else {
        return Err(UNEXPECTED);
    };
    let body = Object::new()
        .with("ticket", text.as_str())
        .with("expires_at", ticket.expires_at.rfc3339())
        .with("subject", ticket.subject.word())
        .with("id", ticket.subject.id());
    Ok(Reply::json(201, &body))
}

/// The ticket in the query, since a browser's WebSocket sends no header of ours, or as a bearer.
pub(super) fn ticket(call: &Call) -> Result<Credential, Failure> {
    let ticket = Fields::query(call)?.string("ticket").or_else(|| call.bearer()).ok_or(Failure::TicketMissing)?;
    call.keyring.open_ticket(&ticket).map(Credential::Ticket).map_err(|_| Failure::TicketInvalid)
}

pub(super) fn show(call: &Call) -> Result<Ask, Failure> {
    only_ticket(call)?;
    Ok(Ask::Show(call.headers.get("if-none-match")))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.beside {
        Beside::Shown { text, tag, known } => {
            let reply = if *known { Reply::empty(304) } else { Reply::text(200, "application/json", text.clone()) };
            Ok(reply.with("etag", &format!("\"{tag}\"")))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn follow(call: &Call) -> Result<Ask, Failure> {
    only_ticket(call)?;
    let upgrade = call.headers.get("upgrade").unwrap_or_default();
    if upgrade.eq_ignore_ascii_case("websocket") { Ok(Ask::Follow) } else { Err(Failure::NoUpgrade) }
}

/// Refuses what is in the query beside the ticket.
fn only_ticket(call: &Call) -> Result<(), Failure> {
    let mut query = Fields::query(call)?;
    query.string("ticket");
    query.finish()
}
