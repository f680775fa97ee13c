//! Apps: OAuth clients, and what users connect to.

use futures_util::future::try_join_all;

use super::authenticate::{ClientCredentials, REMEMBERED_SECONDS};
use super::context::{Context, secret_of};
use super::error::ApiError;
use super::platform::RememberedApp;
use crate::core::app::Registration;
use crate::core::decide::apps::{FetchApp, GetApp, PutApp, RotateClientSecret};
use crate::core::decide::{Put, PutEffect};
use crate::core::{App, AppId, DecisionError, HandleKind, Principal};

/// The registration of an app, if it exists. The isolate remembers it for 10 seconds.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub async fn find(cx: &Context<'_>, app_id: &AppId) -> Result<Option<App>, ApiError> {
    let memory = cx.platform.memory();
    if let Some(remembered) = memory.app(app_id).filter(|app| cx.now < app.valid_until) {
        return Ok(remembered.app);
    }
    let app = cx.app_registry(app_id).as_principal(Principal::Root).run(FetchApp { app_id: app_id.clone() }).await?.outcome;
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
