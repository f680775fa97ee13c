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

use serde::{Deserialize, Serialize};

use super::tokens::require_connectable;
use super::{DecisionContext, Idempotency, UserCommand, grant_scope};
use crate::core::access::Actor;
use crate::core::app::App;
use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionState, ConnectionStatus};
use crate::core::credential::{Credential, CredentialState, NewCredentials};
use crate::core::cutoff::{Counts, CutoffScope, TokenKindSet};
use crate::core::error::{DecisionError, Resource};
use crate::core::event::{ConnectionData, EventType, UserRevokedData};
use crate::core::handle::HandleKind;
use crate::core::ids::{AppId, ConnectionId, Slug, UserId};
use crate::core::json::Json;
use crate::core::params::Lifetimes;
use crate::core::provider::{Provider, ProviderVersion};
use crate::core::revocation::{PendingRevocation, dispatch_deadline};
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, EventSubject, Mutation, Reads, StoredResponse};
use crate::core::string_enum::string_enum;
use crate::core::time::Timestamp;
use crate::core::token::Token;
use crate::core::user::User;
use crate::core::verdict::{ConnectionVerdict, Verdict};

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

/// Revokes a connection and everything under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

impl Command for RevokeConnection {
    const NAME: &'static str = "revoke_connection";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for RevokeConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn redact(outcome: &mut ConnectionChanged) {
        outcome.pending.clear();
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user()?;
        Ok(cx.revoke_connection(user, cx.named_connection(&self.id)?, self.reason.as_deref(), changes))
    }
}

/// Revokes a connection that is active, if its provider can revoke at least one of the credentials that it stores.
///
/// The decision needs the provider's configuration if the connection stores credentials. A caller that does not know the
/// provider gets [`DecisionError::ProviderRequired`] and repeats the command with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeActiveConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
    /// The configuration of the connection's provider.
    pub provider: Option<Provider>,
}

impl Command for RevokeActiveConnection {
    const NAME: &'static str = "revoke_active_connection";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for RevokeActiveConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn redact(outcome: &mut ConnectionChanged) {
        outcome.pending.clear();
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        match cx.status_of(connection) {
            ConnectionStatus::Active => self.require_support(cx, connection)?,
            ConnectionStatus::Revoked => {}
            _ => return Err(cx.invalid_state(user, connection)),
        }
        Ok(cx.revoke_connection(user, connection, self.reason.as_deref(), changes))
    }
}

impl RevokeActiveConnection {
    /// Checks that the provider can revoke at least one of the `held` credentials.
    fn require_support(&self, cx: &DecisionContext<'_>, connection: &Connection) -> Result<(), DecisionError> {
        let credentials = Credential::of(connection, &cx.snapshot.credentials);
        let mut held = credentials.iter().filter(|credential| credential.state == CredentialState::Held).peekable();
        let (Some(slug), Some(_)) = (&connection.provider, held.peek()) else {
            return Ok(());
        };
        match self.provider.as_ref().filter(|provider| provider.slug == *slug) {
            None => Err(DecisionError::ProviderRequired { slug: slug.clone() }),
            Some(provider) if held.any(|credential| provider.revokes(credential.token_type)) => Ok(()),
            Some(_) => Err(DecisionError::RevocationUnsupported),
        }
    }
}

string_enum! {
    /// The fate of stored credentials when their connection is deleted.
    pub enum AtProvider {
        /// The provider is asked to revoke them.
        Revoke = "revoke",
        /// They stay alive at the provider and are erased here.
        Forget = "forget",
    }
}

/// Revokes a connection if it is alive, and hides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteConnection {
    /// The connection.
    pub id: ConnectionId,
    /// The fate of its credentials.
    pub at_provider: AtProvider,
}

impl Command for DeleteConnection {
    const NAME: &'static str = "delete_connection";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for DeleteConnection {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn redact(outcome: &mut ConnectionChanged) {
        outcome.pending.clear();
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        let previous = cx.status_of(connection);
        let deleted = Connection { deleted: true, ..connection.clone() };
        if previous.is_dead() {
            changes.push(Mutation::MarkDeleted(self.id.clone()));
            let verdict = cx.connection_verdict(user, &deleted);
            return Ok(ConnectionChanged { previous, verdict, pending: Vec::new() });
        }
        Ok(cx.end_connection(user, &deleted, Some("deleted"), self.at_provider, changes))
    }
}

/// Stores credentials of a provider with a connection. Each replaces the `held` credential of its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreCredentials {
    /// The connection.
    pub id: ConnectionId,
    /// The credentials.
    pub credentials: NewCredentials,
}

impl Command for StoreCredentials {
    const NAME: &'static str = "store_credentials";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = ConnectionVerdict;
}

impl UserCommand for StoreCredentials {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::ById(self.id.clone()))
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionVerdict, DecisionError> {
        let user = cx.user()?;
        let connection = cx.named_connection(&self.id)?;
        if !matches!(cx.status_of(connection), ConnectionStatus::Active | ConnectionStatus::Inactive) {
            return Err(cx.invalid_state(user, connection));
        }
        let provider = Some(provider_of(&self.credentials, connection.provider.as_ref(), &connection.app_id)?);
        let stays = |credential: &Credential| {
            credential.state == CredentialState::Held && !self.credentials.replaces(credential)
        };
        let held = Credential::of(connection, &cx.snapshot.credentials);
        if connection.provider != provider && held.iter().any(stays) {
            return Err(DecisionError::ProviderDiffers);
        }
        let connection = Connection { provider, ..connection.clone() };
        changes.push(Mutation::PutConnection(connection.clone()));
        Ok(cx.store(user, &connection, &self.credentials, changes))
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
        cx.issue(user, connection, scope.as_ref(), None, self.lifetimes, changes)
    }
}

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

/// The provider of credentials: the one they name, or else this one. The caller has to read it: credentials of a provider
/// that does not exist are not stored.
fn provider_of(upstream: &NewCredentials, known: Option<&Slug>, app_id: &AppId) -> Result<Slug, DecisionError> {
    let not_named = || DecisionError::ProviderNotNamed { app_id: Some(app_id.clone()) };
    let slug = upstream.provider.as_ref().or(known).ok_or_else(not_named)?;
    match upstream.version {
        ProviderVersion::NotRead => Err(DecisionError::ProviderRequired { slug: slug.clone() }),
        ProviderVersion::Unknown => Err(DecisionError::ProviderUnknown),
        ProviderVersion::Shipped | ProviderVersion::Configured(_) => Ok(slug.clone()),
    }
}

/// A connection that was ended, with its credentials as they are now.
pub(super) struct EndedConnection {
    pub(super) connection: Connection,
    pub(super) credentials: Vec<Credential>,
}

/// Ends a connection: it is dead here at once. Its `held` credentials are revoked at the provider, the first attempt being
/// due at `dispatch_at`, or erased if that is `None`. Emits no event.
pub(super) fn end(
    connection: &Connection,
    credentials: &[Credential],
    state: ConnectionState,
    dispatch_at: Option<Timestamp>,
    now: Timestamp,
    changes: &mut ChangeSet,
) -> EndedConnection {
    let mut credentials = Credential::of(connection, credentials);
    for credential in credentials.iter_mut().filter(|credential| credential.state == CredentialState::Held) {
        match dispatch_at {
            Some(due_at) => credential.start_revocation(due_at, now),
            None => credential.finish(CredentialState::Dismissed, now),
        }
        changes.push(Mutation::PutCredential(credential.clone()));
    }
    let is_open = credentials.iter().any(|credential| credential.state.is_open());
    let status = match state.status {
        ConnectionStatus::Expired => ConnectionStatus::Expired,
        _ if is_open => ConnectionStatus::Revoking,
        _ => ConnectionStatus::Revoked,
    };
    let recorded = ConnectionState { status, ..state };
    let connection = Connection { recorded, end_recorded: !is_open, ..connection.clone() };
    changes.push(Mutation::PutConnection(connection.clone()));
    EndedConnection { connection, credentials }
}

/// Emits an event about a connection in its recorded state.
pub(super) fn emit_connection_event(
    event_type: EventType,
    user_id: &UserId,
    connection: &Connection,
    credentials: &[Credential],
    at: Timestamp,
    changes: &mut ChangeSet,
) {
    let actor = connection.recorded.by.clone().unwrap_or_else(Actor::system);
    let data = ConnectionData::of(connection, credentials);
    changes.emit_event(event_type, actor, user_id, EventSubject::Connection(&connection.id), at, &data);
}

/// Writes a connection and emits the event about it.
fn put_connection(event_type: EventType, user: &User, connection: &Connection, changes: &mut ChangeSet) {
    emit_connection_event(event_type, &user.user_id, connection, &[], connection.recorded.at, changes);
    changes.push(Mutation::PutConnection(connection.clone()));
}

/// The credentials of a connection that its provider has to be asked to revoke for the first time.
pub(super) fn pending(connection: &Connection, credentials: &[Credential]) -> Vec<PendingRevocation> {
    let Some(provider) = &connection.provider else {
        return Vec::new();
    };
    let is_new = |credential: &&Credential| credential.state == CredentialState::Revoking && credential.attempts == 0;
    let of = |credential: &Credential| {
        Some(PendingRevocation {
            seq: credential.seq,
            attempts: credential.attempts,
            connection_id: connection.id.clone(),
            provider: provider.clone(),
            provider_version: credential.provider_version,
            token_type: credential.token_type,
            sealed: credential.sealed.clone()?,
        })
    };
    credentials.iter().filter(is_new).filter_map(of).collect()
}

impl DecisionContext<'_> {
    /// The connection that a token for the app completes: the user's newest initiated or active one, or a new one that
    /// waits as long as the token lives.
    pub(super) fn initiate(
        &self,
        user: &User,
        app: &App,
        scope: Option<&Scope>,
        until: Option<Timestamp>,
        changes: &mut ChangeSet,
    ) -> Result<ConnectionId, DecisionError> {
        for connection in self.snapshot.connections.iter().filter(|connection| connection.app_id == app.app_id) {
            match self.status_of(connection) {
                ConnectionStatus::Active => return Ok(connection.id.clone()),
                ConnectionStatus::Initiated => {
                    if connection.expires_at < until {
                        changes.push(Mutation::PutConnection(Connection { expires_at: until, ..connection.clone() }));
                    }
                    return Ok(connection.id.clone());
                }
                _ => {}
            }
        }
        self.begin(user, app, scope, until, changes)
    }

    /// Begins a connection of its own for a token, which waits as long as the token lives.
    pub(super) fn begin(
        &self,
        user: &User,
        app: &App,
        scope: Option<&Scope>,
        until: Option<Timestamp>,
        changes: &mut ChangeSet,
    ) -> Result<ConnectionId, DecisionError> {
        let mut connection = self.new_connection(&app.app_id, ConnectionStatus::Initiated, scope.cloned())?;
        connection.expires_at = until;
        put_connection(EventType::ConnectionCreated, user, &connection, changes);
        Ok(connection.id)
    }

    fn new_connection(
        &self,
        app_id: &AppId,
        status: ConnectionStatus,
        scope: Option<Scope>,
    ) -> Result<Connection, DecisionError> {
        Ok(Connection {
            id: self.minted.connection_id()?.clone(),
            app_id: app_id.clone(),
            scope,
            metadata: None,
            created_at: self.now,
            created_by: self.actor.clone(),
            expires_at: None,
            activated_at: None,
            recorded: self.new_state(status, None),
            end_recorded: false,
            provider: None,
            deleted: false,
        })
    }

    /// Activates the connection of a token that its user consumes, which is the user's authorization of the app.
    pub(super) fn activate(
        &self,
        user: &User,
        token: &Token,
        changes: &mut ChangeSet,
    ) -> Result<Option<ConnectionVerdict>, DecisionError> {
        if token.facts.connection_id.is_none() {
            return Ok(None);
        }
        let before = self.connection_of(token)?;
        let authorized = token.facts.scope.as_ref();
        let mut connection = before.clone();
        if before.recorded.status == ConnectionStatus::Active {
            connection.scope = Scope::union(before.scope.clone(), authorized);
            if connection != *before {
                changes.push(Mutation::PutConnection(connection.clone()));
            }
        } else {
            // The scopes of an initiated connection were asked for and not authorized.
            connection.scope = authorized.cloned();
            connection.recorded = self.new_state(ConnectionStatus::Active, None);
            connection.activated_at = Some(self.now);
            connection.expires_at = None;
            put_connection(EventType::ConnectionActivated, user, &connection, changes);
        }
        Ok(Some(self.connection_verdict(user, &connection)))
    }

    /// Revokes a connection. A dead connection keeps its status.
    pub(super) fn revoke_connection(
        &self,
        user: &User,
        connection: &Connection,
        reason: Option<&str>,
        changes: &mut ChangeSet,
    ) -> ConnectionChanged {
        let previous = self.status_of(connection);
        if previous.is_dead() {
            let verdict = self.connection_verdict(user, connection);
            return ConnectionChanged { previous, verdict, pending: Vec::new() };
        }
        self.end_connection(user, connection, reason, AtProvider::Revoke, changes)
    }

    /// Ends a live connection and emits the event.
    fn end_connection(
        &self,
        user: &User,
        connection: &Connection,
        reason: Option<&str>,
        at_provider: AtProvider,
        changes: &mut ChangeSet,
    ) -> ConnectionChanged {
        let previous = self.status_of(connection);
        let dispatch_at = (at_provider == AtProvider::Revoke).then(|| dispatch_deadline(self.now));
        let state = self.new_state(ConnectionStatus::Revoked, reason);
        let ended = end(connection, &self.snapshot.credentials, state, dispatch_at, self.now, changes);
        let EndedConnection { connection, credentials } = &ended;
        let event_type = match connection.recorded.status {
            ConnectionStatus::Revoking => EventType::ConnectionRevoking,
            _ => EventType::ConnectionRevoked,
        };
        emit_connection_event(event_type, &user.user_id, connection, credentials, self.now, changes);
        ConnectionChanged {
            previous,
            verdict: self.verdict_with(user, connection, credentials),
            pending: pending(connection, credentials),
        }
    }

    /// Replaces the verdict of a stored answer with the present one, if the connection cannot be used any more.
    pub(super) fn update_connection(&self, stored: &mut ConnectionVerdict) -> Result<(), DecisionError> {
        let found = self.snapshot.connection(&stored.connection.id);
        let now = self.connection_verdict(self.user()?, found.ok_or(DecisionError::NotFound(Resource::Connection))?);
        if now.status() != stored.status() && now.status() != ConnectionStatus::Active {
            *stored = now;
        }
        Ok(())
    }

    /// Stores credentials for a connection, and returns the verdict with them. The ledger gives them their row numbers.
    fn store(
        &self,
        user: &User,
        connection: &Connection,
        upstream: &NewCredentials,
        changes: &mut ChangeSet,
    ) -> ConnectionVerdict {
        changes.push(Mutation::StoreCredentials(connection.id.clone(), upstream.clone()));
        let mut held = Credential::of(connection, &self.snapshot.credentials);
        held.retain(|credential| !upstream.replaces(credential));
        held.extend(upstream.tokens.iter().map(|new| Credential {
            seq: 0,
            connection_id: connection.id.clone(),
            token_type: new.token_type,
            state: CredentialState::Held,
            expires_at: new.expires_at,
            attempts: 0,
            due_at: None,
            changed_at: self.now,
            error: None,
            provider_version: upstream.version.configured(),
            sealed: None,
        }));
        self.verdict_with(user, connection, &held)
    }

    /// The connection that the command names. A deleted one does not exist.
    pub(super) fn named_connection(&self, id: &ConnectionId) -> Result<&Connection, DecisionError> {
        let found = self.snapshot.connection(id).filter(|connection| !connection.deleted);
        found.ok_or(DecisionError::NotFound(Resource::Connection))
    }

    /// The verdict on a connection.
    pub(super) fn connection_verdict(&self, user: &User, connection: &Connection) -> ConnectionVerdict {
        self.verdict_with(user, connection, &self.snapshot.credentials)
    }

    pub(super) fn verdict_with(
        &self,
        user: &User,
        connection: &Connection,
        credentials: &[Credential],
    ) -> ConnectionVerdict {
        ConnectionVerdict::of(&user.user_id, connection, credentials, &self.snapshot.cutoffs, self.now)
    }

    /// The error that the status of the connection does not allow the command.
    pub(super) fn invalid_state(&self, user: &User, connection: &Connection) -> DecisionError {
        DecisionError::InvalidConnectionState(Box::new(self.connection_verdict(user, connection)))
    }

    fn new_state(&self, status: ConnectionStatus, reason: Option<&str>) -> ConnectionState {
        let by = Some(self.actor.clone());
        ConnectionState { status, at: self.now, by, reason: reason.map(str::to_owned) }
    }
}
