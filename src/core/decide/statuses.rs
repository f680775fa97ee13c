//! The status that a ticket shows.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::statuses::ShowStatus;
//!
//! assert_eq!(ShowStatus::NAME, "show_status");
//! ```

use serde::{Deserialize, Serialize};

use super::{DecisionContext, Idempotency, UserCommand};
use crate::core::command::{Authority, Command};
use crate::core::error::DecisionError;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, Reads};
use crate::core::ticket::TicketSubject;
use crate::core::ticket_view::TicketView;
use crate::core::token_ref::TokenRef;

/// Checks that the principal may create a status ticket for a subject: the write rule of users. Nothing is stored, because a
/// ticket is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeTicket {
    /// The token or connection that the ticket reads.
    pub subject: TicketSubject,
    /// How the ledger finds a token; `None` for a connection.
    pub token: Option<TokenRef>,
}

impl Command for AuthorizeTicket {
    const NAME: &'static str = "authorize_ticket";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = ();
}

impl UserCommand for AuthorizeTicket {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        reads(&self.subject, self.token.as_ref())
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<(), DecisionError> {
        match &self.subject {
            TicketSubject::Connection(id) => cx.named_connection(id).map(drop),
            TicketSubject::Token(_) => cx.snapshot.token().map(drop),
        }
    }
}

/// Reads the subject of a ticket.
fn reads(subject: &TicketSubject, token: Option<&TokenRef>) -> Reads {
    match subject {
        TicketSubject::Connection(id) => Reads::connections(ConnectionSelection::ById(id.clone())),
        TicketSubject::Token(_) => Reads { tokens: token.into_iter().cloned().collect(), ..Reads::default() },
    }
}

/// Reads the status of a ticket's subject. The outcome is `None` if the subject does not exist any more.
///
/// The caller has verified the ticket, which is the permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowStatus {
    /// The subject that the ticket reads.
    pub subject: TicketSubject,
    /// How the ledger finds a token; `None` for a connection.
    pub token: Option<TokenRef>,
}

impl Command for ShowStatus {
    const NAME: &'static str = "show_status";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<TicketView>;
}

impl UserCommand for ShowStatus {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        reads(&self.subject, self.token.as_ref())
    }

    fn authorize(&self, _: &DecisionContext<'_>) -> Result<(), DecisionError> {
        Ok(())
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Option<TicketView>, DecisionError> {
        let Some(user) = &cx.snapshot.user else {
            return Ok(None);
        };
        Ok(match &self.subject {
            TicketSubject::Connection(id) => {
                let connection = cx.snapshot.connection(id);
                connection.map(|connection| TicketView::of_connection(&cx.connection_verdict(user, connection)))
            }
            TicketSubject::Token(_) => {
                cx.snapshot.token().ok().map(|token| TicketView::of_token(&cx.verdict(user, token)))
            }
        })
    }
}
