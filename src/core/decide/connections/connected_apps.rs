//! The apps that a user has authorized.

use serde::{Deserialize, Serialize};

use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionStatus};
use crate::core::cutoff::{Counts, CutoffScope, TokenKindSet};
use crate::core::decide::{DecisionContext, Idempotency, UserCommand};
use crate::core::error::{DecisionError, Resource};
use crate::core::event::{EventType, UserRevokedData};
use crate::core::ids::{AppId, UserId};
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, EventSubject, Reads};

/// Lists the apps that a user has authorized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListConnectedApps {
    /// The id of the user.
    pub user_id: UserId,
}

/// An app that a user has authorized, with the scopes of all its connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedApp {
    /// The id of the app.
    pub app_id: AppId,
    /// The scopes that the app may have.
    pub scope: Option<Scope>,
}

impl Command for ListConnectedApps {
    const NAME: &'static str = "list_connected_apps";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Vec<ConnectedApp>;
}

impl UserCommand for ListConnectedApps {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { connections: ConnectionSelection::Authorized, ..Reads::default() }
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Vec<ConnectedApp>, DecisionError> {
        let mut apps: Vec<ConnectedApp> = Vec::new();
        for connection in &cx.snapshot.connections {
            if !matches!(cx.status_of(connection), ConnectionStatus::Active | ConnectionStatus::Inactive) {
                continue;
            }
            match apps.iter_mut().find(|app| app.app_id == connection.app_id) {
                Some(app) => app.scope = Scope::union(app.scope.take(), connection.scope.as_ref()),
                None => {
                    apps.push(ConnectedApp { app_id: connection.app_id.clone(), scope: connection.scope.clone() });
                }
            }
        }
        Ok(apps)
    }
}

/// Revokes every connection of a user to an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeConnectedApp {
    /// The id of the user.
    pub user_id: UserId,
    /// The id of the app.
    pub app_id: AppId,
}

impl Command for RevokeConnectedApp {
    const NAME: &'static str = "revoke_connected_app";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ();
}

impl UserCommand for RevokeConnectedApp {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads { connections: ConnectionSelection::OpenOf(self.app_id.clone()), ..Reads::default() }
    }

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<(), DecisionError> {
        let user = cx.user()?;
        if cx.app.is_none() {
            return Err(DecisionError::NotFound(Resource::App));
        }
        let is_alive =
            |connection: &&Connection| connection.app_id == self.app_id && !cx.status_of(connection).is_dead();
        let alive: Vec<_> = cx.snapshot.connections.iter().filter(is_alive).map(|connection| &connection.id).collect();
        if alive.is_empty() && !cx.snapshot.is_uncounted {
            return Ok(());
        }
        let revoked = Counts { connection: u64::try_from(alive.len()).unwrap_or(u64::MAX), ..Counts::default() };
        cx.add_cutoff(CutoffScope::App(self.app_id.clone()), TokenKindSet::CONNECTIONS, None, changes);
        let data = UserRevokedData {
            before: cx.now.rfc3339(),
            revoked: &revoked,
            connections: alive.into_iter().take(100).collect(),
            app_id: Some(&self.app_id),
            reason: None,
        };
        let actor = cx.actor.clone();
        changes.emit_event(EventType::UserRevoked, actor, &user.user_id, EventSubject::User, cx.now, &data);
        Ok(())
    }
}
