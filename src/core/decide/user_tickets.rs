//! Tickets for a user: the user's connections as the user sees them, and their revocation by the user.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::user_tickets::ShowConnections;
//!
//! assert_eq!(ShowConnections::NAME, "show_connections");
//! ```

use serde::{Deserialize, Serialize};

use super::connections::ConnectionChanged;
use super::{DecisionContext, Idempotency, UserCommand};
use crate::core::access::{Action, Actor, Relation, allows};
use crate::core::command::{Authority, Command};
use crate::core::connections_view::{ConnectionView, ConnectionsView, SHOWN_MAX};
use crate::core::error::{DecisionError, Resource};
use crate::core::ids::{ConnectionId, UserId};
use crate::core::snapshot::{ChangeSet, ConnectionSelection, Reads};

/// Checks that the principal may create a ticket for a user: the write rule of users. Nothing is stored, because a ticket is
/// signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeUserTicket {
    /// The id of the user.
    pub user_id: UserId,
}

impl Command for AuthorizeUserTicket {
    const NAME: &'static str = "authorize_user_ticket";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = ();
}

impl UserCommand for AuthorizeUserTicket {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads::user()
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<(), DecisionError> {
        cx.user().map(drop)
    }
}

/// Reads the connections of a user that are authorized or still alive at their provider. The caller has verified the
/// ticket, which is the permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowConnections {}

impl Command for ShowConnections {
    const NAME: &'static str = "show_connections";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<ConnectionsView>;
}

impl UserCommand for ShowConnections {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        let connections = ConnectionSelection::Current(SHOWN_MAX.saturating_add(1));
        Reads { credentials: true, ..Reads::connections(connections) }
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_ticket()
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Option<ConnectionsView>, DecisionError> {
        let Some(user) = &cx.snapshot.user else {
            return Ok(None);
        };
        let found = &cx.snapshot.connections;
        let shown = found.iter().take(usize::try_from(SHOWN_MAX).unwrap_or(usize::MAX));
        let connections =
            shown.map(|connection| ConnectionView::of(&cx.connection_verdict(user, connection))).collect();
        let has_more = u32::try_from(found.len()).is_ok_and(|count| count > SHOWN_MAX);
        Ok(Some(ConnectionsView { connections, has_more, as_of: cx.now }))
    }
}

/// Revokes a connection with a ticket of its user, who is the author of the change. The caller has verified the ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeByUser {
    /// The connection.
    pub id: ConnectionId,
}

impl Command for RevokeByUser {
    const NAME: &'static str = "revoke_by_user";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for RevokeByUser {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_ticket()
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user().map_err(|_| DecisionError::NotFound(Resource::Connection))?;
        let by_user = cx.acting_as(Actor::user(&user.user_id));
        Ok(by_user.revoke_connection(user, cx.named_connection(&self.id)?, None, changes))
    }
}

impl DecisionContext<'_> {
    /// Checks that the caller presented a ticket.
    fn authorize_ticket(&self) -> Result<(), DecisionError> {
        let is_holder = self.relation() == Relation::Holder && allows(Relation::Holder, Action::UseTicket);
        if is_holder { Ok(()) } else { Err(DecisionError::Forbidden) }
    }
}
