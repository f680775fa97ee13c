//! Connections that are disabled and enabled.

use serde::{Deserialize, Serialize};

use super::put_connection;
use crate::core::command::{Authority, Command};
use crate::core::connection::ConnectionStatus;
use crate::core::decide::{DecisionContext, Idempotency, UserCommand};
use crate::core::error::DecisionError;
use crate::core::event::EventType;
use crate::core::ids::ConnectionId;
use crate::core::revocation::PendingRevocation;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, Reads};
use crate::core::string_enum::string_enum;
use crate::core::verdict::ConnectionVerdict;

string_enum! {
    /// Whether a connection is enabled or disabled.
    pub enum Switch {
        /// The connection becomes active.
        Enable = "enable",
        /// The connection becomes inactive.
        Disable = "disable",
    }
}

/// Enables or disables a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetConnectionEnabled {
    /// The connection.
    pub id: ConnectionId,
    /// Whether to enable or disable it.
    pub switch: Switch,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

/// The outcome of a command that changes the status of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionChanged {
    /// The status before.
    pub previous: ConnectionStatus,
    /// The verdict now.
    pub verdict: ConnectionVerdict,
    /// The credentials that the caller asks the provider to revoke.
    pub pending: Vec<PendingRevocation>,
}

impl Command for SetConnectionEnabled {
    const NAME: &'static str = "set_connection_enabled";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = ConnectionChanged;
}

impl UserCommand for SetConnectionEnabled {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn restore(outcome: &mut ConnectionChanged, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.update_connection(&mut outcome.verdict)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        let previous = cx.status_of(connection);
        let (wanted, event_type) = match self.switch {
            Switch::Enable => (ConnectionStatus::Active, EventType::ConnectionEnabled),
            Switch::Disable => (ConnectionStatus::Inactive, EventType::ConnectionDisabled),
        };
        if !matches!(previous, ConnectionStatus::Active | ConnectionStatus::Inactive) {
            return Err(cx.invalid_state(user, connection));
        }
        let mut connection = connection.clone();
        if previous != wanted {
            connection.recorded = cx.new_state(wanted, self.reason.as_deref());
            put_connection(event_type, user, &connection, changes);
        }
        let verdict = cx.connection_verdict(user, &connection);
        Ok(ConnectionChanged { previous, verdict, pending: Vec::new() })
    }
}
