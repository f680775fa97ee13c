//! The registrations of apps that other operations need. The isolate remembers each for 10 seconds.

use futures_util::future::try_join_all;

use super::context::Context;
use super::error::ApiError;
use super::platform::{REMEMBERED_SECONDS, RememberedApp};
use crate::core::decide::apps::FetchApp;
use crate::core::{App, AppId, Principal};

/// The registration of an app, if it exists.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub(super) async fn find(cx: &Context<'_>, app_id: &AppId) -> Result<Option<App>, ApiError> {
    if let Some(remembered) = cx.platform.memory().app(app_id).filter(|app| cx.now < app.valid_until) {
        return Ok(remembered.app);
    }
    let app = cx.app_registry(app_id).by(Principal::Root).run_plain(FetchApp { app_id: app_id.clone() }).await?;
    remember(cx, app_id, app.clone());
    Ok(app)
}

/// The registrations of those of the apps that exist. The registries work at the same time.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub(super) async fn find_all(cx: &Context<'_>, ids: &[&AppId]) -> Result<Vec<App>, ApiError> {
    let found = try_join_all(ids.iter().map(|app_id| find(cx, app_id))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Remembers the registration of an app.
pub(super) fn remember(cx: &Context<'_>, app_id: &AppId, app: Option<App>) {
    let valid_until = cx.now.plus_seconds(REMEMBERED_SECONDS);
    cx.platform.memory().remember_app(app_id, RememberedApp { app, valid_until });
}
