//! `/v1/apps/{app_id}`: apps that are disabled, revoked and deleted for everybody.

use serde::{Deserialize, Serialize};

use super::apps::{AppResponse, BASE};
use super::jobs::{JobResponse, accepted};
use super::users::Reason;
use crate::core::AppId;
use crate::core::decide::app_jobs::{RevokeApp, SetAppEnabled};
use crate::core::decide::connections::Switch;
use crate::core::job::JobKind;
use crate::core::rfc3339::Rfc3339;
use crate::core::string_enum::string_enum;
use crate::dialects::extract::{JsonBody, Path, Query};
use crate::dialects::field::Field;
use crate::dialects::field_types::{Flag, ShortText};
use crate::dialects::operation::Operation;
use crate::dialects::problem_types::{APP_NOT_FOUND, FORBIDDEN, IDEMPOTENCY_CONFLICT, JOB_RUNNING, ProblemType};
use crate::dialects::respond::{AcceptedAt, Body};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::{ApiError, Context, apps};

const PROBLEMS: &[&ProblemType] = &[&FORBIDDEN, &APP_NOT_FOUND, &JOB_RUNNING, &IDEMPOTENCY_CONFLICT];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/apps/{app_id}/disable", disable).operation(|| Operation {
            id: "disableApp",
            summary: "Disable an app",
            description: "From `effective_at` on, at most 10 seconds later, the app neither authenticates nor gets anything \
                new: no code, no token and no connection. Its connections stay, and access tokens that it has are valid \
                until they expire. To end them, revoke the app.",
            problems: PROBLEMS,
            ..BASE
        }),
        Route::post("/v1/apps/{app_id}/enable", enable).operation(|| Operation {
            id: "enableApp",
            summary: "Enable an app",
            description: "Makes a disabled app work again.",
            problems: PROBLEMS,
            ..BASE
        }),
        Route::post("/v1/apps/{app_id}/revoke", revoke).operation(|| Operation {
            id: "revokeApp",
            summary: "Revoke an app for all users",
            description: "Begins a job that revokes every connection to the app, with everything under it, here and at the \
                provider. From `effective_at` on, at most 10 seconds later, the app neither authenticates nor gets anything \
                new until the job is done. Then users can authorize the app again; an app that was disabled stays so. With \
                `dry_run` the job counts and changes nothing. While such a job runs, the call returns that job.",
            problems: PROBLEMS,
            ..BASE
        }),
        Route::delete("/v1/apps/{app_id}", delete).operation(|| Operation {
            id: "deleteApp",
            summary: "Delete an app",
            description: "Begins a job that revokes every connection to the app, as `revokeApp` does, and deletes the app at \
                its end. With `dry_run` the job counts and changes nothing.",
            problems: PROBLEMS,
            ..BASE
        }),
    ]
}

/// Why an app is disabled or enabled.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct SwitchAppRequest {
    /// Why, in your words. Events and the app show it.
    #[serde(default)]
    reason: Field<Reason>,
}

impl Validate for SwitchAppRequest {
    type Valid = Option<String>;

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        Some(check.optional("reason", self.reason).map(|ShortText(reason)| reason))
    }
}

/// An app that was disabled or enabled.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SwitchedApp"))]
struct SwitchedAppResponse {
    /// When the change is in force everywhere, at most 10 seconds later.
    effective_at: Rfc3339,
    #[serde(flatten)]
    app: AppResponse,
}

async fn disable(
    cx: &Context<'_>,
    Path(app_id): Path<AppId>,
    JsonBody(reason): JsonBody<SwitchAppRequest>,
) -> Result<Body<SwitchedAppResponse>, ApiError> {
    switch(cx, app_id, Switch::Disable, reason).await
}

async fn enable(
    cx: &Context<'_>,
    Path(app_id): Path<AppId>,
    JsonBody(reason): JsonBody<SwitchAppRequest>,
) -> Result<Body<SwitchedAppResponse>, ApiError> {
    switch(cx, app_id, Switch::Enable, reason).await
}

async fn switch(
    cx: &Context<'_>,
    app_id: AppId,
    switch: Switch,
    reason: Option<String>,
) -> Result<Body<SwitchedAppResponse>, ApiError> {
    let switched = apps::set_enabled(cx, SetAppEnabled { app_id, switch, reason }).await?;
    Ok(Body(SwitchedAppResponse { effective_at: Rfc3339(switched.effective_at), app: switched.app.into() }))
}

/// How an app is revoked.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RevokeAppRequest {
    /// Whether to count without revoking. The default is false.
    #[serde(default)]
    dry_run: Field<Flag>,
    /// Why, in your words. Events and verdicts show it.
    #[serde(default)]
    reason: Field<Reason>,
}

impl Validate for RevokeAppRequest {
    type Valid = (bool, Option<String>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let dry_run = check.optional("dry_run", self.dry_run).is_some_and(|Flag(dry_run)| dry_run);
        Some((dry_run, check.optional("reason", self.reason).map(|ShortText(reason)| reason)))
    }
}

async fn revoke(
    cx: &Context<'_>,
    Path(app_id): Path<AppId>,
    JsonBody((dry_run, reason)): JsonBody<RevokeAppRequest>,
) -> Result<AcceptedAt<JobResponse>, ApiError> {
    Ok(accepted(apps::revoke(cx, RevokeApp { app_id, kind: JobKind::AppRevoke, reason, dry_run }).await?))
}

string_enum! {
    /// A flag of a query.
    enum QueryFlag {
        /// The flag is set.
        True = "true",
        /// The flag is not set.
        False = "false",
    }
}

/// How an app is deleted.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct DeleteAppQuery {
    /// Whether to count without revoking and deleting: `true` or `false`. The default is `false`.
    #[serde(default)]
    dry_run: Field<QueryFlag>,
    /// Why, in your words. Events and verdicts show it.
    #[serde(default)]
    reason: Field<Reason>,
}

impl Validate for DeleteAppQuery {
    type Valid = (bool, Option<String>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let dry_run = check.optional("dry_run", self.dry_run) == Some(QueryFlag::True);
        Some((dry_run, check.optional("reason", self.reason).map(|ShortText(reason)| reason)))
    }
}

async fn delete(
    cx: &Context<'_>,
    Path(app_id): Path<AppId>,
    Query((dry_run, reason)): Query<DeleteAppQuery>,
) -> Result<AcceptedAt<JobResponse>, ApiError> {
    Ok(accepted(apps::revoke(cx, RevokeApp { app_id, kind: JobKind::AppDelete, reason, dry_run }).await?))
}
