//! Connections in responses, with the credentials that they store.

use serde::Serialize;

use crate::core::connection::{Connection, ConnectionState, ConnectionStatus};
use crate::core::rfc3339::Rfc3339;
use crate::core::{
    Actor, AppId, ConnectionId, ConnectionVerdict, Credential, CredentialState, Json, Scope, Slug, UpstreamTokenType,
    UserId,
};

/// A connection: the link between a user and an app.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Connection"))]
pub(super) struct ConnectionResponse {
    /// The connection's id.
    id: ConnectionId,
    /// The id of the user.
    user_id: UserId,
    /// The id of the app.
    app_id: AppId,
    /// The status of the connection.
    status: ConnectionStatus,
    /// Why the connection has this status, in the caller's words.
    status_reason: Option<String>,
    /// When this was true.
    as_of: Rfc3339,
    /// The scopes that the app was granted.
    scope: Option<Scope>,
    /// When the connection was created.
    created_at: Rfc3339,
    /// The actor that created the connection.
    created_by: Actor,
    /// The time by which the user must authorize the app; null once that is done.
    expires_at: Option<Rfc3339>,
    /// When the user first authorized the app.
    activated_at: Option<Rfc3339>,
    /// When the connection entered its status.
    changed_at: Rfc3339,
    /// The actor that changed the status; null if the connection expired.
    changed_by: Option<Actor>,
    /// When the connection was revoked.
    revoked_at: Option<Rfc3339>,
    /// The data that the caller stored with the connection.
    metadata: Option<Json>,
    /// The credentials of the provider; null if the connection never stored any.
    upstream: Option<UpstreamResponse>,
}

impl From<ConnectionVerdict> for ConnectionResponse {
    fn from(verdict: ConnectionVerdict) -> Self {
        let ConnectionVerdict { user_id, connection, state, credentials, as_of } = verdict;
        let ConnectionState { status, at, by, reason } = state;
        let Connection {
            id, app_id, scope, metadata, created_at, created_by, expires_at, activated_at, provider, ..
        } = connection;
        let is_waiting = matches!(status, ConnectionStatus::Initiated | ConnectionStatus::Expired);
        let is_revoked = matches!(status, ConnectionStatus::Revoking | ConnectionStatus::Revoked);
        let upstream = provider.map(|provider| UpstreamResponse {
            provider,
            credentials: credentials
                .into_iter()
                .map(|credential| CredentialResponse::of(&user_id, credential))
                .collect(),
        });
        Self {
            id,
            user_id,
            app_id,
            status,
            status_reason: reason,
            as_of: Rfc3339(as_of),
            scope,
            created_at: Rfc3339(created_at),
            created_by,
            expires_at: expires_at.filter(|_| is_waiting).map(Rfc3339),
            activated_at: activated_at.map(Rfc3339),
            changed_at: Rfc3339(at),
            changed_by: by,
            revoked_at: is_revoked.then_some(Rfc3339(at)),
            metadata,
            upstream,
        }
    }
}

/// The credentials of the provider that a connection stores or stored.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ConnectionUpstream"))]
struct UpstreamResponse {
    /// The provider.
    provider: Slug,
    /// The credentials. Their secrets are never returned.
    credentials: Vec<CredentialResponse>,
}

/// A credential of the provider, without its secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Credential"))]
struct CredentialResponse {
    /// The type of token.
    token_type: UpstreamTokenType,
    /// When the credential expires at the provider, if that is known.
    expires_at: Option<Rfc3339>,
    /// The id of the revocation of the credential; null while the credential is `held`.
    revocation_id: Option<String>,
    #[serde(flatten)]
    progress: ProgressResponse,
}

impl CredentialResponse {
    fn of(user_id: &UserId, credential: Credential) -> Self {
        let is_revoked = credential.state != CredentialState::Held;
        Self {
            token_type: credential.token_type,
            expires_at: credential.expires_at.map(Rfc3339),
            revocation_id: is_revoked.then(|| credential.revocation_id(user_id).to_string()),
            progress: credential.into(),
        }
    }
}

/// The progress of the revocation of a credential.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ProgressResponse {
    /// The state of the credential.
    state: CredentialState,
    /// How many times the provider was asked to revoke it.
    attempts: u32,
    /// When the provider is asked next, while the state is `revoking`.
    next_attempt_at: Option<Rfc3339>,
    /// Why the last attempt failed.
    error: Option<String>,
    /// When the credential entered its state.
    changed_at: Rfc3339,
}

impl From<Credential> for ProgressResponse {
    fn from(credential: Credential) -> Self {
        let Credential { state, attempts, due_at, error, changed_at, .. } = credential;
        let next_attempt_at = due_at.filter(|_| state == CredentialState::Revoking).map(Rfc3339);
        Self { state, attempts, next_attempt_at, error, changed_at: Rfc3339(changed_at) }
    }
}
