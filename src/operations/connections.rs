//! Connections: created, read, enabled and disabled, revoked and deleted, and the tokens and credentials under them.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::core::ConnectionRef;
//! use hookswitch::operations::connections;
//!
//! // A forged id is rejected without a ledger call.
//! let deployment = InMemoryDeployment::new().unwrap();
//! let forged = ConnectionRef::of(deployment.config.keyring.open(&format!("ca_{}", "0".repeat(48))));
//! assert!(deployment.run(connections::get(&deployment.root(), &forged)).unwrap().is_err());
//! assert!(deployment.platform.ledgers.take_calls().is_empty());
//! # }
//! ```

use super::app_lookup;
use super::caller::Secret;
use super::context::Context;
use super::error::ApiError;
use super::ledger_call::Ran;
use super::provider_dispatch;
use crate::core::credential::{NewCredential, NewCredentials};
use crate::core::decide::connections::{
    AtProvider, ConnectionChanged, CreateConnection, DeleteConnection, GetConnection, IssueTokens, Issued,
    RevokeActiveConnection, RevokeConnection, SetConnectionEnabled, StoreCredentials, Switch,
};
use crate::core::params::Lifetimes;
use crate::core::provider::ProviderVersion;
use crate::core::{
    App, AppId, ConnectionId, ConnectionRef, ConnectionVerdict, DecisionError, HandleKind, Json, LedgerId, Scope, Slug,
    Timestamp, UpstreamTokenType, UserId, Verdict,
};
use crate::upstream::dispatch::ConfiguredProvider;

/// When a credential expires at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At this time.
    At(Timestamp),
    /// This many seconds after the request.
    In(u32),
}

/// A credential of a provider, as a request has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamCredential {
    /// The type of token.
    pub token_type: UpstreamTokenType,
    /// The token as the provider issued it.
    pub secret: Secret,
    /// When the token expires.
    pub expiry: Option<Expiry>,
}

/// The credentials of a provider, as a request has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamCredentials {
    /// The provider; the app's provider if `None`.
    pub provider: Option<Slug>,
    /// At most one token of each type.
    pub tokens: Vec<UpstreamCredential>,
}

impl UpstreamCredentials {
    /// Encrypts the credentials for a connection.
    fn seal(&self, cx: &Context<'_>, connection_id: &str) -> Result<NewCredentials, ApiError> {
        let seal = |token: &UpstreamCredential| {
            let expires_at = token.expiry.map(|expiry| match expiry {
                Expiry::At(at) => at,
                Expiry::In(seconds) => cx.now.plus_seconds(i64::from(seconds)),
            });
            let sealed = cx.seal(connection_id, &token.secret)?;
            Ok(NewCredential { token_type: token.token_type, sealed, expires_at })
        };
        let tokens = self.tokens.iter().map(seal).collect::<Result<_, ApiError>>()?;
        Ok(NewCredentials { provider: self.provider.clone(), tokens, version: ProviderVersion::NotRead })
    }
}

/// A connection to create.
#[derive(Clone, Debug)]
pub struct Create {
    /// The id of the user.
    pub user_id: UserId,
    /// The id of the app.
    pub app_id: AppId,
    /// The scopes to grant; the app's scopes if `None`.
    pub scope: Option<Scope>,
    /// Data to store with the connection.
    pub metadata: Option<Json>,
    /// Credentials to store.
    pub upstream: Option<UpstreamCredentials>,
}

/// Creates an active connection that the principal has authorized.
///
/// The connection's id is created first, because the credentials are encrypted for it. Their
/// provider is read first. The ledger decides whether they are stored.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn create(cx: &Context<'_>, new: Create) -> Result<ConnectionVerdict, ApiError> {
    let Create { user_id, app_id, scope, metadata, upstream } = new;
    let (ledger_id, nonce) = (LedgerId::of_user(&user_id), cx.nonce()?);
    let id = cx.config.keyring.mint(nonce, 0, HandleKind::ConnectionId, ledger_id);
    let upstream = match upstream {
        Some(upstream) => {
            let credentials = upstream.seal(cx, &id.text())?;
            let slug = match &credentials.provider {
                Some(slug) => Some(slug.clone()),
                None => app_lookup::find(cx, &app_id).await?.and_then(|app| app.registration.provider),
            };
            Some(match slug {
                Some(slug) => with_version(cx, credentials, slug).await?,
                None => credentials,
            })
        }
        None => None,
    };
    let command = CreateConnection { user_id, app_id, scope, metadata, upstream };
    Ok(cx.user_ledger(ledger_id).with_nonce(nonce).run(command).await?.outcome)
}

/// The credentials with the version of their provider that they keep.
async fn with_version(cx: &Context<'_>, credentials: NewCredentials, slug: Slug) -> Result<NewCredentials, ApiError> {
    let version = provider_dispatch::versions(cx, &slug).await?.version();
    Ok(NewCredentials { provider: Some(slug), version, ..credentials })
}

/// Reads a connection.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn get(cx: &Context<'_>, connection: &ConnectionRef) -> Result<ConnectionVerdict, ApiError> {
    let (ledger_id, id) = cx.connection(connection)?;
    cx.user_ledger(ledger_id).run_plain(GetConnection { id: id.clone() }).await
}

/// A connection with its app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionWithApp {
    /// The connection.
    pub verdict: ConnectionVerdict,
    /// The app, if it still exists.
    pub app: Option<App>,
}

/// Reads a connection with its app.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn get_with_app(cx: &Context<'_>, connection: &ConnectionRef) -> Result<ConnectionWithApp, ApiError> {
    let verdict = get(cx, connection).await?;
    let app = app_lookup::find(cx, &verdict.connection.app_id).await?;
    Ok(ConnectionWithApp { verdict, app })
}

/// Enables or disables a connection.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn set_enabled(
    cx: &Context<'_>,
    connection: &ConnectionRef,
    switch: Switch,
    reason: Option<String>,
) -> Result<ConnectionChanged, ApiError> {
    let (ledger_id, id) = cx.connection(connection)?;
    let command = SetConnectionEnabled { id: id.clone(), switch, reason };
    Ok(cx.user_ledger(ledger_id).run(command).await?.outcome)
}

/// Revokes a connection with everything under it, and asks its provider to revoke the credentials.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn revoke(
    cx: &Context<'_>,
    connection: &ConnectionRef,
    reason: Option<String>,
) -> Result<ConnectionChanged, ApiError> {
    let (ledger_id, id) = cx.connection(connection)?;
    let command = RevokeConnection { id: id.clone(), reason };
    let changed = cx.user_ledger(ledger_id).run(command).await?.outcome;
    Ok(provider_dispatch::dispatch(cx, ledger_id, changed, None).await)
}

/// Revokes a connection that is active, if its provider can revoke one of the credentials.
///
/// The ledger decides, and needs the provider's configuration if the connection stores credentials:
///
/// 1. The command is sent without it. The ledger answers, or names the provider.
/// 2. The provider is read from the operator's ledger.
/// 3. The command is sent with it, and decided on the state that is then written.
/// 4. The provider is asked, and the attempt is recorded.
///
/// # Errors
/// [`DecisionError::RevocationUnsupported`], [`DecisionError::InvalidConnectionState`], another refusal of the user's
/// ledger, or [`ApiError::Unavailable`].
pub async fn revoke_active(
    cx: &Context<'_>,
    connection: &ConnectionRef,
    reason: Option<String>,
) -> Result<ConnectionChanged, ApiError> {
    let (ledger_id, id) = cx.connection(connection)?;
    let command = RevokeActiveConnection { id: id.clone(), reason, provider: None };
    let (changed, provider) = match cx.user_ledger(ledger_id).run(command.clone()).await {
        Err(ApiError::Refused(DecisionError::ProviderRequired { slug })) => {
            let versions = provider_dispatch::versions(cx, &slug).await?;
            let Some(configured) = ConfiguredProvider::current(&versions) else {
                return Err(DecisionError::RevocationUnsupported.into());
            };
            let command = RevokeActiveConnection { provider: Some(configured.provider), ..command };
            (cx.user_ledger(ledger_id).run(command).await?.outcome, Some(versions))
        }
        ran => (ran?.outcome, None),
    };
    Ok(provider_dispatch::dispatch(cx, ledger_id, changed, provider).await)
}

/// Revokes a connection if it is alive, and hides it.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn delete(
    cx: &Context<'_>,
    connection: &ConnectionRef,
    at_provider: AtProvider,
) -> Result<ConnectionChanged, ApiError> {
    let (ledger_id, id) = cx.connection(connection)?;
    let command = DeleteConnection { id: id.clone(), at_provider };
    let changed = cx.user_ledger(ledger_id).run(command).await?.outcome;
    Ok(provider_dispatch::dispatch(cx, ledger_id, changed, None).await)
}

/// Stores credentials with a connection. Each replaces the credential of its type.
///
/// If neither the request nor the connection names a provider, the ledger names the app, and the command is sent again
/// with the app's provider. The provider is read before the credentials are stored.
///
/// # Errors
/// [`DecisionError::ProviderNotNamed`], another refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn store_credentials(
    cx: &Context<'_>,
    connection: &ConnectionRef,
    credentials: &UpstreamCredentials,
) -> Result<ConnectionVerdict, ApiError> {
    let (ledger_id, id) = cx.connection(connection)?;
    let mut command = StoreCredentials { id: id.clone(), credentials: credentials.seal(cx, id.as_str())? };
    let mut ran = cx.user_ledger(ledger_id).run(command.clone()).await;
    if let Err(ApiError::Refused(DecisionError::ProviderNotNamed { app_id: Some(app_id) })) = &ran {
        let app = app_lookup::find(cx, app_id).await?;
        if let Some(slug) = app.and_then(|app| app.registration.provider) {
            command.credentials = with_version(cx, command.credentials, slug).await?;
            ran = cx.user_ledger(ledger_id).run(command.clone()).await;
        }
    } else if let Err(ApiError::Refused(DecisionError::ProviderRequired { slug })) = &ran {
        command.credentials = with_version(cx, command.credentials, slug.clone()).await?;
        ran = cx.user_ledger(ledger_id).run(command.clone()).await;
    }
    Ok(ran?.outcome)
}

/// Tokens that were issued under a connection, with their secrets, which are shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedTokens {
    /// The verdict on the access token.
    pub access: Verdict,
    /// The access token.
    pub access_token: String,
    /// The refresh token, if one was issued.
    pub refresh: Option<IssuedRefreshToken>,
}

/// A refresh token that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedRefreshToken {
    /// The verdict.
    pub verdict: Verdict,
    /// The token as plain text.
    pub secret: String,
}

impl IssuedTokens {
    /// The issued tokens with the secrets that were created for them.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if the secrets were not created.
    pub(super) fn of(ran: Ran<Issued>) -> Result<Self, ApiError> {
        let access_token = ran.secret(HandleKind::AccessToken)?;
        let refresh_token = ran.outcome.refresh.as_ref().map(|_| ran.secret(HandleKind::RefreshToken)).transpose()?;
        let Issued { access, refresh } = ran.outcome;
        let refresh = refresh.zip(refresh_token).map(|(verdict, secret)| IssuedRefreshToken { verdict, secret });
        Ok(Self { access, access_token, refresh })
    }
}

/// Issues an access token, and a refresh token if `lifetimes` has one, under a connection.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn issue_tokens(
    cx: &Context<'_>,
    connection: &ConnectionRef,
    scope: Option<Scope>,
    lifetimes: Lifetimes,
) -> Result<IssuedTokens, ApiError> {
    let (ledger_id, id) = cx.connection(connection)?;
    let command = IssueTokens { id: ConnectionId::clone(id), scope, lifetimes };
    IssuedTokens::of(cx.user_ledger(ledger_id).run(command).await?)
}
