//! Tickets for a user: created by callers that may write the user; their holder lists, follows and revokes the connections
//! of the user.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::core::ticket::USER_TTL;
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::{Caller, user_tickets};
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! let root = deployment.root();
//! let created = user_tickets::create(&root, &"ada".parse().unwrap(), false, USER_TTL);
//! let ticket = deployment.run(created).unwrap().unwrap().ticket;
//! let holder = deployment.by(Caller::Ticket(ticket));
//! let listed = deployment.run(user_tickets::list(&holder, None)).unwrap().unwrap();
//! assert!(listed.view.connections.is_empty());
//! # }
//! ```

use super::app_lookup;
use super::context::Context;
use super::error::ApiError;
use super::provider_dispatch;
use super::status::{SignedTicket, is_known, ticket};
use crate::core::connections_view::ConnectionsView;
use crate::core::decide::connections::ConnectionChanged;
use crate::core::decide::user_tickets::{AuthorizeUserTicket, RevokeByUser, ShowConnections};
use crate::core::ticket::{TicketSubject, TicketUser};
use crate::core::{App, AppId, ConnectionRef, DecisionError, LedgerId, Principal, Resource, Ticket, UserId};

/// Creates a ticket for a user that is valid for `ttl` seconds. Nothing is stored.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn create(cx: &Context<'_>, user_id: &UserId, can_revoke: bool, ttl: u32) -> Result<SignedTicket, ApiError> {
    cx.ledger_of(user_id).run_plain(AuthorizeUserTicket { user_id: user_id.clone() }).await?;
    let ledger_id = LedgerId::of_user(user_id);
    let keyring = &cx.config.keyring;
    let ticket = Ticket::new(ledger_id, keyring.ticket_user(ledger_id, can_revoke, cx.nonce()?), ttl, cx.now);
    let text = keyring.sign(&ticket).ok_or(ApiError::Internal("a ticket for a user is not a handle"))?;
    Ok(SignedTicket { ticket, text })
}

/// The connections that a ticket shows, with their apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedConnections {
    /// The connections of the user.
    pub view: ConnectionsView,
    /// The apps of the connections, except for those that were deleted.
    pub apps: Vec<App>,
    /// The entity tag of the list.
    pub tag: String,
    /// Whether the caller has this list already (RFC 9110 §13.1.2). The apps are not read then.
    pub is_known: bool,
}

/// Lists the connections of the user of the caller's ticket. `if_none_match` is the header of the request.
///
/// # Errors
/// [`ApiError::TicketInsufficient`] if the ticket is not for a user; the user does not exist any more; or
/// [`ApiError::Unavailable`].
pub async fn list(cx: &Context<'_>, if_none_match: Option<&str>) -> Result<ListedConnections, ApiError> {
    let (ticket, _) = user_ticket(cx)?;
    let shown = cx.user_ledger(ticket.ledger_id).by(Principal::Holder).run_plain(ShowConnections {}).await?;
    let view = shown.ok_or(DecisionError::NotFound(Resource::User))?;
    let tag = view.tag();
    if is_known(if_none_match, &tag) {
        return Ok(ListedConnections { view, apps: Vec::new(), tag, is_known: true });
    }
    let mut ids: Vec<&AppId> = view.connections.iter().map(|connection| &connection.app_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let apps = app_lookup::find_all(cx, &ids).await?;
    Ok(ListedConnections { view, apps, tag, is_known: false })
}

/// The ticket for a WebSocket that follows the connections of its user.
///
/// # Errors
/// [`ApiError::TicketMissing`] if the caller has no ticket, [`ApiError::TicketInsufficient`] if it is not for a user.
pub fn follow(cx: &Context<'_>) -> Result<Ticket, ApiError> {
    user_ticket(cx).map(|(ticket, _)| ticket.clone())
}

/// Revokes a connection of the user of the caller's ticket, and asks its provider to revoke the credentials.
///
/// # Errors
/// [`ApiError::TicketInsufficient`] if the ticket does not include the right; [`DecisionError::NotFound`] if the connection
/// is not one of the user's; or [`ApiError::Unavailable`].
pub async fn revoke(cx: &Context<'_>, connection: &ConnectionRef) -> Result<ConnectionChanged, ApiError> {
    let (ticket, user) = user_ticket(cx)?;
    if !user.can_revoke {
        return Err(ApiError::TicketInsufficient);
    }
    let not_found = || ApiError::from(DecisionError::NotFound(Resource::Connection));
    let ConnectionRef::Known { ledger_id, id } = connection else {
        return Err(not_found());
    };
    if *ledger_id != ticket.ledger_id {
        return Err(not_found());
    }
    let call = cx.user_ledger(*ledger_id).by(Principal::Holder);
    let changed = call.run_plain(RevokeByUser { id: id.clone() }).await?;
    Ok(provider_dispatch::dispatch(cx, *ledger_id, changed, None).await)
}

/// The ticket of the caller, if it is for a user.
fn user_ticket<'c>(cx: &'c Context<'_>) -> Result<(&'c Ticket, &'c TicketUser), ApiError> {
    let ticket = ticket(cx)?;
    match &ticket.subject {
        TicketSubject::User(user) => Ok((ticket, user)),
        TicketSubject::Connection(_) | TicketSubject::Token(_) => Err(ApiError::TicketInsufficient),
    }
}
