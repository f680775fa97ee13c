//! Apps: OAuth clients, and what users connect to.

use futures_util::future::try_join_all;

use super::authenticate::{ClientCredentials, REMEMBERED_SECONDS};
use super::context::{Context, secret_of};
use super::error::ApiError;
use super::ledgers::Ran;
use super::platform::RememberedApp;
use crate::core::decide::PutEffect;
use crate::core::decide::apps::{AppPut, FetchApp, GetApp, PutApp, RotateClientSecret, SecretEffect};
use crate::core::{App, AppId, DecisionError, HandleKind, Principal};

/// An app, with its client secret if one was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppResult {
    /// The app now.
    pub app: App,
    /// Whether the app was created.
    pub effect: PutEffect,
    /// The new client secret, which is shown once.
    pub client_secret: Option<String>,
}

/// Creates an app or replaces its registration. A confidential app without a client secret gets one.
///
/// # Errors
/// The refusal of the app's registry, or [`ApiError::Unavailable`].
pub async fn put(cx: &Context<'_>, command: PutApp) -> Result<AppResult, ApiError> {
    let ran = cx.app_registry(&command.app_id).run(command).await?;
    with_secret(cx, ran)
}

/// Reads an app.
///
/// # Errors
/// The refusal of the app's registry, or [`ApiError::Unavailable`].
pub async fn get(cx: &Context<'_>, app_id: AppId) -> Result<App, ApiError> {
    Ok(cx.app_registry(&app_id).run(GetApp { app_id: app_id.clone() }).await?.outcome)
}

/// Creates a new client secret. The replaced one stays valid for `previous_ttl` seconds.
///
/// # Errors
/// [`DecisionError::AppIsPublic`], another refusal of the app's registry, or [`ApiError::Unavailable`].
pub async fn rotate_client_secret(cx: &Context<'_>, command: RotateClientSecret) -> Result<AppResult, ApiError> {
    let ran = cx.app_registry(&command.app_id).run(command).await?;
    with_secret(cx, ran)
}

fn with_secret(cx: &Context<'_>, ran: Ran<AppPut>) -> Result<AppResult, ApiError> {
    let AppPut { app, effect, secret } = ran.outcome;
    // The answer to an earlier request shows the app as it was then.
    if !ran.replayed {
        remember(cx, &app.app_id, Some(app.clone()));
    }
    let client_secret = match secret {
        SecretEffect::Created => Some(secret_of(&ran.minted, HandleKind::ClientSecret)?),
        SecretEffect::Kept => None,
    };
    Ok(AppResult { app, effect, client_secret })
}

/// The registration of an app, if it exists. The isolate remembers it for 10 seconds.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub async fn find(cx: &Context<'_>, app_id: &AppId) -> Result<Option<App>, ApiError> {
    if let Some(remembered) = cx.platform.memory().app(app_id).filter(|app| cx.now < app.valid_until) {
        return Ok(remembered.app);
    }
    let app =
        cx.app_registry(app_id).as_principal(Principal::Root).run(FetchApp { app_id: app_id.clone() }).await?.outcome;
    remember(cx, app_id, app.clone());
    Ok(app)
}

/// The registrations of those of the apps that exist. The registries work at the same time.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub async fn find_all(cx: &Context<'_>, ids: &[&AppId]) -> Result<Vec<App>, ApiError> {
    let found = try_join_all(ids.iter().map(|app_id| find(cx, app_id))).await?;
    Ok(found.into_iter().flatten().collect())
}

fn remember(cx: &Context<'_>, app_id: &AppId, app: Option<App>) {
    let valid_until = cx.now.plus_seconds(REMEMBERED_SECONDS);
    cx.platform.memory().remember_app(app_id, RememberedApp { app, valid_until });
}

/// Verifies the credentials of an OAuth client and returns its registration.
///
/// # Errors
/// [`DecisionError::ClientInvalid`], or [`ApiError::Unavailable`].
pub(super) async fn authenticate_client(cx: &Context<'_>, client: &ClientCredentials) -> Result<App, ApiError> {
    match find(cx, &client.app_id).await? {
        Some(app) if app.verify_secret(client.secret.as_ref(), cx.now) => Ok(app),
        _ => Err(DecisionError::ClientInvalid.into()),
    }
}
