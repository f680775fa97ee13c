//! Apps: OAuth clients, and what users connect to.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::core::{DecisionError, Resource};
//! use hookswitch::operations::{ApiError, apps};
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let missing = deployment.run(apps::get(&deployment.root(), "calendar".parse().unwrap())).unwrap();
//! assert_eq!(missing.unwrap_err(), ApiError::Refused(DecisionError::NotFound(Resource::App)));
//! # }
//! ```

use super::app_lookup;
use super::context::Context;
use super::error::ApiError;
use super::ledger_call::Ran;
use crate::core::decide::PutEffect;
use crate::core::decide::app_jobs::{AppSwitched, RevokeApp, SetAppEnabled};
use crate::core::decide::apps::{AppPut, GetApp, PutApp, RotateClientSecret, SecretEffect};
use crate::core::job::Job;
use crate::core::{App, AppId, HandleKind};

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
    cx.app_registry(&app_id).run_plain(GetApp { app_id: app_id.clone() }).await
}

/// Creates a new client secret. The replaced one stays valid for `previous_ttl` seconds.
///
/// # Errors
/// [`DecisionError::AppIsPublic`](crate::core::DecisionError::AppIsPublic), another refusal of the app's registry, or
/// [`ApiError::Unavailable`].
pub async fn rotate_client_secret(cx: &Context<'_>, command: RotateClientSecret) -> Result<AppResult, ApiError> {
    let ran = cx.app_registry(&command.app_id).run(command).await?;
    with_secret(cx, ran)
}

/// Disables or enables an app.
///
/// # Errors
/// [`DecisionError::JobRunning`](crate::core::DecisionError::JobRunning), another refusal of the app's registry, or
/// [`ApiError::Unavailable`].
pub async fn set_enabled(cx: &Context<'_>, command: SetAppEnabled) -> Result<AppSwitched, ApiError> {
    let ran = cx.app_registry(&command.app_id).run(command).await?;
    if !ran.replayed {
        app_lookup::remember(cx, &ran.outcome.app.app_id, Some(ran.outcome.app.clone()));
    }
    Ok(ran.outcome)
}

/// Begins the job that revokes every connection to an app, and that deletes the app if its kind is `app.delete`.
///
/// # Errors
/// [`DecisionError::JobRunning`](crate::core::DecisionError::JobRunning), another refusal of the app's registry, or
/// [`ApiError::Unavailable`].
pub async fn revoke(cx: &Context<'_>, command: RevokeApp) -> Result<Job, ApiError> {
    let app_id = command.app_id.clone();
    let job = cx.app_registry(&app_id).run(command).await?.outcome;
    app_lookup::forget(cx, &app_id);
    Ok(job)
}

fn with_secret(cx: &Context<'_>, ran: Ran<AppPut>) -> Result<AppResult, ApiError> {
    let client_secret = match ran.outcome.secret {
        SecretEffect::Created => Some(ran.secret(HandleKind::ClientSecret)?),
        SecretEffect::Kept => None,
    };
    let AppPut { app, effect, .. } = ran.outcome;
    // The answer to an earlier request shows the app as it was then.
    if !ran.replayed {
        app_lookup::remember(cx, &app.app_id, Some(app.clone()));
    }
    Ok(AppResult { app, effect, client_secret })
}
