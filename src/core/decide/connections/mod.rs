//! Connections: initiated, authorized, disabled and enabled, revoked and deleted.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::connections::{CreateConnection, IssueTokens, RevokeConnection};
//!
//! assert_eq!(CreateConnection::NAME, "create_connection");
//! assert_eq!(IssueTokens::NAME, "issue_tokens");
//! assert_eq!(RevokeConnection::NAME, "revoke_connection");
//! ```

mod connected_apps;
mod credentials;
mod health;
mod lifecycle;
mod revoke;
mod switch;

use serde::{Deserialize, Serialize};

use crate::core::command::{Authority, Command};
use crate::core::connection::ConnectionStatus;
use crate::core::credential::NewCredentials;
use crate::core::decide::issue::Access;
use crate::core::decide::tokens::require_connectable;
use crate::core::decide::{DecisionContext, Idempotency, UserCommand, grant_scope};
use crate::core::error::{DecisionError, Resource};
use crate::core::event::EventType;
use crate::core::handle::HandleKind;
use crate::core::ids::{AppId, ConnectionId, UserId};
use crate::core::json::Json;
use crate::core::params::Lifetimes;
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, Reads, StoredResponse};
use crate::core::verdict::{ConnectionVerdict, Verdict};

pub use self::connected_apps::{ConnectedApp, ListConnectedApps, RevokeConnectedApp};
pub use self::credentials::StoreCredentials;
use self::credentials::provider_of;
pub use self::health::ReportHealth;
pub(super) use self::lifecycle::{emit_connection_event, put_connection};
pub use self::revoke::{AtProvider, DeleteConnection, RevokeActiveConnection, RevokeConnection};
pub(super) use self::revoke::{end, pending};
pub use self::switch::{ConnectionChanged, SetConnectionEnabled, Switch};

/// Creates an active connection that the principal has authorized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateConnection {
    /// The id of the user.
    pub user_id: UserId,
    /// The id of the app.
    pub app_id: AppId,
    /// The scopes to grant; the app's scopes if `None`.
    pub scope: Option<Scope>,
    /// Data to store with the connection.
    pub metadata: Option<Json>,
    /// Credentials to store.
    pub upstream: Option<NewCredentials>,
}

impl Command for CreateConnection {
    const NAME: &'static str = "create_connection";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = ConnectionVerdict;

    fn mints(&self) -> &'static [HandleKind] {
        &[HandleKind::ConnectionId]
    }
}

impl UserCommand for CreateConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::user()
    }

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    /// The connection has its metadata: the stored answer does without.
    fn redact(outcome: &mut ConnectionVerdict) {
        outcome.connection.metadata = None;
    }

    fn restore(outcome: &mut ConnectionVerdict, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        let connection = cx.snapshot.connection(&outcome.connection.id);
        outcome.connection.metadata = connection.and_then(|connection| connection.metadata.clone());
        cx.update_connection(outcome)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionVerdict, DecisionError> {
        let user = cx.user()?;
        require_connectable(user)?;
        let app = cx.app.ok_or(DecisionError::NotFound(Resource::App))?;
        let scope = grant_scope(self.scope.as_ref(), app.registration.scopes.as_ref())?;
        let mut connection = cx.new_connection(&self.app_id, ConnectionStatus::Active, scope)?;
        connection.metadata.clone_from(&self.metadata);
        connection.activated_at = Some(cx.now);
        if let Some(upstream) = &self.upstream {
            connection.provider = Some(provider_of(upstream, app.registration.provider.as_ref(), &self.app_id)?);
        }
        put_connection(EventType::ConnectionCreated, user, &connection, changes);
        Ok(match &self.upstream {
            Some(upstream) => cx.store(user, &connection, upstream, changes),
            None => cx.connection_verdict(user, &connection),
        })
    }
}

/// Reads a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetConnection {
    /// The connection.
    pub id: ConnectionId,
}

impl Command for GetConnection {
    const NAME: &'static str = "get_connection";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionVerdict;
}

impl UserCommand for GetConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<ConnectionVerdict, DecisionError> {
        Ok(cx.connection_verdict(cx.user()?, cx.named_connection(&self.id)?))
    }
}

/// Issues tokens under a connection, without the app: for root, admins and managers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueTokens {
    /// The connection.
    pub id: ConnectionId,
    /// The scopes; the connection's scopes if `None`.
    pub scope: Option<Scope>,
    /// The validity of the tokens.
    pub lifetimes: Lifetimes,
}

/// Tokens that were issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The access token.
    pub access: Verdict,
    /// The refresh token; `None` if none was issued.
    pub refresh: Option<Verdict>,
}

impl Command for IssueTokens {
    const NAME: &'static str = "issue_tokens";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Issued;

    fn mints(&self) -> &'static [HandleKind] {
        match self.lifetimes.refresh {
            Some(_) => &[HandleKind::AccessToken, HandleKind::RefreshToken],
            None => &[HandleKind::AccessToken],
        }
    }
}

impl UserCommand for IssueTokens {
    const IDEMPOTENCY: Idempotency = Idempotency::Issues;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_issuer()
    }

    fn may_repeat(&self, cx: &DecisionContext<'_>, stored: &StoredResponse) -> Result<bool, DecisionError> {
        cx.may_reissue(cx.named_connection(&self.id)?, stored)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Issued, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        if cx.status_of(connection) != ConnectionStatus::Active {
            return Err(cx.invalid_state(user, connection));
        }
        let scope = grant_scope(self.scope.as_ref(), connection.scope.as_ref())?;
        let access = Access::of(connection, scope.as_ref());
        cx.issue(user, connection, access, access, None, self.lifetimes, changes)
    }
}
