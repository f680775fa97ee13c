//! The connected apps of a user.

use serde::{Deserialize, Serialize};

use super::StytchAnswer;
use crate::core::app::ClientType;
use crate::core::{AppId, DecisionError, Resource, Scope, UserId};
use crate::dialects::extract::{JsonBody, Path, PathPair};
use crate::dialects::operation::{Operation, Security, SecurityPlace, Tag};
use crate::dialects::problem_types::{APP_NOT_FOUND, IDEMPOTENCY_CONFLICT, USER_NOT_FOUND};
use crate::dialects::respond::{Body, EmptyObject};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::users::AuthorizedApp;
use crate::operations::{ApiError, Context, users};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/users/{user_id}/connected_apps", list).operation(|| LIST),
        Route::post("/v1/users/{user_id}/connected_apps/{connected_app_id}/revoke", revoke).operation(|| REVOKE),
    ]
}

/// The apps that a user is connected to.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct StytchConnectedApps {
    connected_apps: Vec<StytchConnectedApp>,
}

/// An app that a user is connected to.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct StytchConnectedApp {
    /// The app's id.
    connected_app_id: AppId,
    /// The app's name.
    name: String,
    /// The purpose of the app; empty if it has none.
    description: String,
    /// `third_party`, or `third_party_public` for an app without a client secret.
    client_type: &'static str,
    /// The scopes of all connections to the app, separated by spaces; empty if it has none.
    scopes_granted: String,
    /// The URL of the app's logo.
    logo_url: Option<String>,
}

impl StytchConnectedApp {
    /// `None` if the app does not exist any more.
    fn of(AuthorizedApp { app_id, scope, app }: AuthorizedApp) -> Option<Self> {
        let registration = app?.registration;
        Some(Self {
            connected_app_id: app_id,
            name: registration.name,
            description: registration.description.unwrap_or_default(),
            client_type: match registration.client_type {
                ClientType::Public => "third_party_public",
                ClientType::Confidential => "third_party",
            },
            scopes_granted: scope.as_ref().map_or("", Scope::as_str).to_owned(),
            logo_url: registration.logo_url,
        })
    }
}

async fn list(cx: &Context<'_>, Path(user): Path<String>) -> Result<Body<StytchAnswer<StytchConnectedApps>>, ApiError> {
    let connected = users::list_connected_apps(cx, user_id(&user)?).await?;
    let connected_apps = connected.into_iter().filter_map(StytchConnectedApp::of).collect();
    Ok(StytchAnswer::new(cx, StytchConnectedApps { connected_apps }))
}

/// The user in the path, by its id or its external id. A text that cannot be an id belongs to no user.
fn user_id(text: &str) -> Result<UserId, ApiError> {
    text.parse().map_err(|_| DecisionError::NotFound(Resource::User).into())
}

/// A JSON object. Its members are ignored.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct StytchRevokeRequest {}

impl Validate for StytchRevokeRequest {
    type Valid = ();

    fn validate(self, _: &mut Validator<'_>) -> Option<()> {
        Some(())
    }
}

async fn revoke(
    cx: &Context<'_>,
    PathPair(user, app): PathPair<String, String>,
    JsonBody(()): JsonBody<StytchRevokeRequest>,
) -> Result<Body<StytchAnswer<EmptyObject>>, ApiError> {
    let user_id = user_id(&user)?;
    let app_id: AppId = app.parse().map_err(|_| DecisionError::NotFound(Resource::App))?;
    users::revoke_connected_app(cx, user_id, &app_id).await?;
    Ok(StytchAnswer::new(cx, EmptyObject {}))
}

const LIST: Operation = Operation {
    id: "stytchListConnectedApps",
    summary: "List the connected apps of a user",
    description: "Lists the apps that the user has authorized. The user is named by its id or its external id.",
    tag: TAG,
    security: &[PROJECT],
    problems: &[&USER_NOT_FOUND],
};

const REVOKE: Operation = Operation {
    id: "stytchRevokeConnectedApp",
    summary: "Revoke a connected app",
    description: "Revokes every connection of the user to the app, with every token of it. The body is ignored.",
    tag: TAG,
    security: &[PROJECT],
    problems: &[&USER_NOT_FOUND, &APP_NOT_FOUND, &IDEMPOTENCY_CONFLICT],
};

/// The group of Stytch's calls.
pub(super) const TAG: Tag = Tag {
    name: "Stytch",
    description: "Stytch's Connected Apps: the apps that a user has authorized, and the token calls of an app, at Stytch's \
        paths.",
};

const PROJECT: Security = Security {
    name: "stytchProject",
    place: SecurityPlace::Basic,
    description: "The project id of the deployment, with an API key of an admin or the root key as its secret.",
};
