//! The health of connections: whether their provider accepts the credentials.

use serde::{Deserialize, Serialize};

use crate::core::access::{Action, Principal, Relation, allows};
use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionStatus, Health, RejectionReport};
use crate::core::decide::{DecisionContext, Idempotency, UserCommand};
use crate::core::error::DecisionError;
use crate::core::event::{EventType, HealthData};
use crate::core::ids::ConnectionId;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, EventSubject, Mutation, Reads, Use, is_use_due};
use crate::core::user::User;
use crate::core::verdict::ConnectionVerdict;

/// Reports whether the provider accepts the credentials of a connection. A report that repeats the known health changes
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportHealth {
    /// The connection.
    pub id: ConnectionId,
    /// The health that the caller observed.
    pub health: Health,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

impl Command for ReportHealth {
    const NAME: &'static str = "report_health";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionVerdict;
}

impl UserCommand for ReportHealth {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    /// The write rule of users, or the app of the connection.
    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        let is_client = matches!(cx.principal, Principal::App(app_id)
            if cx.snapshot.connection(&self.id).is_some_and(|connection| connection.app_id == *app_id));
        if is_client && allows(Relation::Client, Action::ReportHealth) {
            return Ok(());
        }
        cx.authorize_writer(None)
    }

    fn restore(outcome: &mut ConnectionVerdict, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.update_connection(outcome)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionVerdict, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        if !matches!(cx.status_of(connection), ConnectionStatus::Active | ConnectionStatus::Inactive) {
            return Err(cx.invalid_state(user, connection));
        }
        if connection.health() == self.health {
            return Ok(cx.connection_verdict(user, connection));
        }
        let report = || RejectionReport { at: cx.now, by: cx.actor.clone(), reason: self.reason.clone() };
        let rejection = (self.health == Health::NeedsReconnect).then(report);
        let connection = Connection { rejection, ..connection.clone() };
        changes.push(Mutation::PutConnection(connection.clone()));
        cx.emit_health_event(user, &connection, changes);
        Ok(cx.connection_verdict(user, &connection))
    }
}

impl DecisionContext<'_> {
    /// Resets the health of a connection that is authorized again or gets new credentials. The caller writes the connection.
    pub(super) fn reset_health(&self, user: &User, connection: &mut Connection, changes: &mut ChangeSet) {
        if connection.rejection.take().is_some() {
            self.emit_health_event(user, connection, changes);
        }
    }

    fn emit_health_event(&self, user: &User, connection: &Connection, changes: &mut ChangeSet) {
        let (event_type, actor) = (EventType::ConnectionHealthChanged, self.actor.clone());
        let subject = EventSubject::Connection(&connection.id);
        changes.emit_event(event_type, actor, &user.user_id, subject, self.now, &HealthData::of(connection));
    }

    /// Records the use of a connection, if a use is due to be recorded.
    pub(in crate::core::decide) fn use_connection(&self, connection: &Connection, changes: &mut ChangeSet) {
        let used = Use::Connection(connection.id.clone());
        if is_use_due(connection.last_used_at, self.now) && !changes.uses.contains(&used) {
            changes.uses.push(used);
        }
    }
}
