//! `/v1/apps`: OAuth clients, and what users connect to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::redirect_uri::RedirectUri;
use crate::core::app::{App, ClientType, PREVIOUS_SECRET_TTL_MAX, REDIRECT_URIS_MAX, Registration, SCOPES_MAX};
use crate::core::decide::apps::{PutApp, RotateClientSecret};
use crate::core::rfc3339::Rfc3339;
use crate::core::{AppId, Rule, Scope, Slug};
use crate::dialects::extract::{JsonBody, Path};
use crate::dialects::field::{Field, List};
use crate::dialects::field_types::{ShortText, Whole};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{APP_IS_PUBLIC, APP_NOT_FOUND, FORBIDDEN, IDEMPOTENCY_CONFLICT};
use crate::dialects::respond::{Body, CreatedBody, CreatedOrReplaced, Location};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::apps::{self, AppResult};
use crate::operations::{ApiError, Context};

/// The longest URL of a logo, in characters.
const LOGO_URL_MAX: usize = 2_048;

const BASE: Operation = Operation {
    tag: Tag { name: "Apps", description: "Users connect to apps. An app is an OAuth client." },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::put("/v1/apps/{app_id}", put).operation(|| Operation {
            id: "putApp",
            summary: "Create or replace an app",
            description: "Creates the app, or replaces its whole registration: a field that is left out gets its default. A \
                confidential app without a client secret gets one, which is returned once.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::get("/v1/apps/{app_id}", get).operation(|| Operation {
            id: "getApp",
            summary: "Read an app",
            description: "Returns the registration of the app, without its secret.",
            problems: &[&FORBIDDEN, &APP_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/apps/{app_id}/client-secret", rotate_secret).operation(|| Operation {
            id: "rotateClientSecret",
            summary: "Rotate the client secret",
            description: "Creates a new client secret, which is returned once. The replaced one stays valid for \
                `previous_ttl` seconds. To lock an app out, rotate its secret and discard the new one.",
            problems: &[&FORBIDDEN, &APP_NOT_FOUND, &APP_IS_PUBLIC, &IDEMPOTENCY_CONFLICT],
            ..BASE
        }),
    ]
}

/// An app without its secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "App"))]
struct AppResponse {
    /// The app's id, which is its OAuth `client_id`.
    app_id: AppId,
    /// The name that users see.
    name: String,
    /// The purpose of the app in a sentence.
    description: Option<String>,
    /// The redirect URIs. They are compared exactly.
    redirect_uris: Vec<String>,
    /// The scopes that the app may ask for.
    scopes: Vec<String>,
    /// Whether the app can keep a secret.
    client_type: ClientType,
    /// The URL of the app's logo.
    logo_url: Option<String>,
    /// The provider whose credentials the app's connections store.
    provider: Option<Slug>,
    /// When the app was created.
    created_at: Rfc3339,
    /// When the app last changed.
    updated_at: Rfc3339,
}

impl From<App> for AppResponse {
    fn from(app: App) -> Self {
        let Registration { name, description, redirect_uris, scopes, client_type, logo_url, provider } =
            app.registration;
        Self {
            app_id: app.app_id,
            name,
            description,
            redirect_uris,
            scopes: scopes.iter().flat_map(Scope::words).map(str::to_owned).collect(),
            client_type,
            logo_url,
            provider,
            created_at: Rfc3339(app.created_at),
            updated_at: Rfc3339(app.updated_at),
        }
    }
}

/// An app with a client secret that was created.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "AppWithSecret"))]
struct AppWithSecretResponse {
    #[serde(flatten)]
    app: AppResponse,
    /// The client secret: `hcs_` and 48 hex digits. It is shown only here, and absent if none was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl From<AppResult> for AppWithSecretResponse {
    fn from(result: AppResult) -> Self {
        Self { app: result.app.into(), client_secret: result.client_secret }
    }
}

/// A scope of an app: 1 to 128 visible ASCII characters without quotes and backslashes.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
struct SingleScope(Scope);

impl FromStr for SingleScope {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        Scope::parse_one(text).map(Self)
    }
}

/// The URL of a logo: an https URL, or an http URL of this machine.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
struct LogoUrl(String);

impl FromStr for LogoUrl {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let is_local = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|origin| {
            text.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
        });
        let is_secure = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        let is_plain = text.len() <= LOGO_URL_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain && (is_secure || is_local) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::new("must be an https URL of at most 2048 characters"))
        }
    }
}

/// The registration of an app.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PutAppRequest {
    /// The name that users see.
    name: Field<ShortText<1, 128>>,
    /// The purpose of the app in a sentence. The default is none.
    #[serde(default)]
    description: Field<ShortText<0, 1024>>,
    /// The redirect URIs. They are compared exactly. The default is none.
    #[serde(default)]
    redirect_uris: Field<List<RedirectUri, 0, REDIRECT_URIS_MAX>>,
    /// The scopes that the app may ask for. The default is none.
    #[serde(default)]
    scopes: Field<List<SingleScope, 0, SCOPES_MAX>>,
    /// Whether the app can keep a secret. The default is `confidential`.
    #[serde(default)]
    client_type: Field<ClientType>,
    /// The URL of the app's logo. The default is none.
    #[serde(default)]
    logo_url: Field<LogoUrl>,
    /// The provider whose credentials the app's connections store. The default is none.
    #[serde(default)]
    provider: Field<Slug>,
}

impl Validate for PutAppRequest {
    type Valid = Registration;

    fn validate(self, check: &mut Validator<'_>) -> Option<Registration> {
        let name = check.required("name", self.name);
        let description = check.optional("description", self.description).map(|ShortText(text)| text);
        let mut redirect_uris = Vec::new();
        for RedirectUri(uri) in check.optional("redirect_uris", self.redirect_uris).into_iter().flat_map(|list| list.0)
        {
            if !redirect_uris.contains(&uri) {
                redirect_uris.push(uri);
            }
        }
        let scopes = check.optional("scopes", self.scopes).into_iter().flat_map(|list| list.0);
        let scopes = scopes.fold(None, |all, SingleScope(scope)| Scope::union(all, Some(&scope)));
        let client_type = check.optional("client_type", self.client_type).unwrap_or(ClientType::Confidential);
        let logo_url = check.optional("logo_url", self.logo_url).map(|LogoUrl(url)| url);
        let provider = check.optional("provider", self.provider);
        let ShortText(name) = name?;
        Some(Registration { name, description, redirect_uris, scopes, client_type, logo_url, provider })
    }
}

async fn put(
    cx: &Context<'_>,
    Path(app_id): Path<AppId>,
    JsonBody(registration): JsonBody<PutAppRequest>,
) -> Result<CreatedOrReplaced<AppWithSecretResponse>, ApiError> {
    let result = apps::put(cx, PutApp { app_id, registration }).await?;
    let location = Location::new("/v1/apps/", result.app.app_id.as_str());
    Ok(CreatedOrReplaced::of(result.effect, location, result.into()))
}

async fn get(cx: &Context<'_>, Path(app_id): Path<AppId>) -> Result<Body<AppResponse>, ApiError> {
    Ok(Body(apps::get(cx, app_id).await?.into()))
}

/// How the client secret of an app is rotated.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RotateClientSecretRequest {
    /// The seconds for which the replaced secret stays valid. The default is 0.
    #[serde(default)]
    previous_ttl: Field<Whole<0, PREVIOUS_SECRET_TTL_MAX>>,
}

impl Validate for RotateClientSecretRequest {
    type Valid = u32;

    fn validate(self, check: &mut Validator<'_>) -> Option<u32> {
        Some(check.optional("previous_ttl", self.previous_ttl).map_or(0, |Whole(seconds)| seconds))
    }
}

async fn rotate_secret(
    cx: &Context<'_>,
    Path(app_id): Path<AppId>,
    JsonBody(previous_ttl): JsonBody<RotateClientSecretRequest>,
) -> Result<CreatedBody<AppWithSecretResponse>, ApiError> {
    Ok(CreatedBody(apps::rotate_client_secret(cx, RotateClientSecret { app_id, previous_ttl }).await?.into()))
}
