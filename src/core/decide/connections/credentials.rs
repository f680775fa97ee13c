//! Credentials of a provider that are stored with a connection.

use serde::{Deserialize, Serialize};

use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionStatus};
use crate::core::credential::{Credential, CredentialState, NewCredentials};
use crate::core::decide::{DecisionContext, Idempotency, UserCommand};
use crate::core::error::DecisionError;
use crate::core::ids::{AppId, ConnectionId, Slug};
use crate::core::provider::ProviderVersion;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, Mutation, Reads};
use crate::core::user::User;
use crate::core::verdict::ConnectionVerdict;

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
        let mut connection = Connection { provider, ..connection.clone() };
        cx.reset_health(user, &mut connection, changes);
        changes.push(Mutation::PutConnection(connection.clone()));
        Ok(cx.store(user, &connection, &self.credentials, changes))
    }
}

/// The provider of credentials: the one they name, or else this one. The caller has to read it: credentials of a provider
/// that does not exist are not stored.
pub(super) fn provider_of(
    upstream: &NewCredentials,
    known: Option<&Slug>,
    app_id: &AppId,
) -> Result<Slug, DecisionError> {
    let not_named = || DecisionError::ProviderNotNamed { app_id: Some(app_id.clone()) };
    let slug = upstream.provider.as_ref().or(known).ok_or_else(not_named)?;
    match upstream.version {
        ProviderVersion::NotRead => Err(DecisionError::ProviderRequired { slug: slug.clone() }),
        ProviderVersion::Unknown => Err(DecisionError::ProviderUnknown),
        ProviderVersion::Shipped | ProviderVersion::Configured(_) => Ok(slug.clone()),
    }
}

impl DecisionContext<'_> {
    /// Stores credentials for a connection, and returns the verdict with them. The ledger gives them their row numbers.
    pub(super) fn store(
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
}
