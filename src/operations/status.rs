//! Status tickets for browsers: created by callers that may read the subject, shown and followed by their holder.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::status::{self, NamedSubject};
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! let subject = NamedSubject::Token(deployment.open(created.verdict.token_id.as_str()));
//! let signed = deployment.run(status::create_ticket(&deployment.root(), subject, 60)).unwrap().unwrap();
//! assert!(signed.text.starts_with("hst_"));
//! # }
//! ```

use super::caller::Caller;
use super::context::Context;
use super::error::ApiError;
use crate::core::decide::statuses::{AuthorizeTicket, ShowStatus};
use crate::core::ticket::TicketSubject;
use crate::core::ticket_view::TicketView;
use crate::core::{ConnectionRef, DecisionError, NamedToken, Principal, Resource, Ticket, TokenRef};

/// The subject of a ticket that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedSubject {
    /// A connection.
    Connection(ConnectionRef),
    /// A token, by its public id.
    Token(NamedToken),
}

/// A status ticket with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTicket {
    /// The content.
    pub ticket: Ticket,
    /// The text, which is a secret.
    pub text: String,
}

/// Creates a ticket that is valid for `ttl` seconds, for a caller that may read the subject. Nothing is stored.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn create_ticket(cx: &Context<'_>, subject: NamedSubject, ttl: u32) -> Result<SignedTicket, ApiError> {
    let (ledger_id, subject, token) = match &subject {
        NamedSubject::Connection(connection) => {
            let (ledger_id, id) = cx.connection(connection)?;
            (ledger_id, TicketSubject::Connection(id.clone()), None)
        }
        NamedSubject::Token(token) => {
            let (handle, token) = cx.token(token, None)?;
            let TokenRef::Public { token_id, .. } = token else {
                return Err(ApiError::Internal("a ticket names a token by its public id"));
            };
            (handle.ledger_id(), TicketSubject::Token(token_id.clone()), Some(token.clone()))
        }
    };
    cx.user_ledger(ledger_id).run_plain(AuthorizeTicket { subject: subject.clone(), token }).await?;
    let ticket = Ticket::new(ledger_id, subject, ttl, cx.now);
    let text = cx.config.keyring.sign(&ticket).ok_or(ApiError::Internal("the id of a subject is not a handle"))?;
    Ok(SignedTicket { ticket, text })
}

/// The status that a ticket shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownStatus {
    /// The status of the subject.
    pub view: TicketView,
    /// The entity tag of the status.
    pub tag: String,
    /// Whether the caller has this status already (RFC 9110 §13.1.2).
    pub is_known: bool,
}

/// Reads what the caller's ticket shows. `if_none_match` is the header of the request.
///
/// # Errors
/// The subject does not exist any more, or [`ApiError::Unavailable`].
pub async fn show(cx: &Context<'_>, if_none_match: Option<&str>) -> Result<ShownStatus, ApiError> {
    let ticket = ticket(cx)?;
    let token = match &ticket.subject {
        TicketSubject::Connection(_) => None,
        TicketSubject::Token(id) => match NamedToken::of(cx.config.keyring.open(id.as_str())) {
            NamedToken::Known { token, .. } => Some(token),
            NamedToken::Invalid => return Err(gone(&ticket.subject)),
        },
    };
    let command = ShowStatus { subject: ticket.subject.clone(), token };
    let shown = cx.user_ledger(ticket.ledger_id).by(Principal::Holder).run_plain(command).await?;
    let view = shown.ok_or_else(|| gone(&ticket.subject))?;
    let tag = view.tag();
    let is_known = if_none_match.is_some_and(|tags| tags.split(',').any(|named| matches_tag(named, &tag)));
    Ok(ShownStatus { view, tag, is_known })
}

/// The ticket for a WebSocket that follows what it shows. The edge opens the WebSocket at the ledger, until the ticket
/// expires.
///
/// # Errors
/// [`ApiError::TicketMissing`] if the caller has no ticket.
pub fn follow(cx: &Context<'_>) -> Result<Ticket, ApiError> {
    ticket(cx).cloned()
}

fn ticket<'c>(cx: &'c Context<'_>) -> Result<&'c Ticket, ApiError> {
    match &cx.caller {
        Caller::Ticket(ticket) => Ok(ticket),
        Caller::Anonymous | Caller::Principal(_) | Caller::Client(_) => Err(ApiError::TicketMissing),
    }
}

/// The error for a subject that does not exist any more.
#[must_use]
pub fn gone(subject: &TicketSubject) -> ApiError {
    let resource = match subject {
        TicketSubject::Connection(_) => Resource::Connection,
        TicketSubject::Token(_) => Resource::Token,
    };
    DecisionError::NotFound(resource).into()
}

/// Whether a member of `If-None-Match` names a tag: weak tags do, and `*` names any.
fn matches_tag(text: &str, tag: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    text == "*" || text.trim_matches('"') == tag
}
