//! Auth configs: the apps, as Composio's clients read them.
//!
//! - An auth config is an app, and its toolkit is the provider of the app, or the app itself if it has none.
//! - Every auth config is `custom` and `OAUTH2`.
//! - Nobody counts the accounts of an auth config: `no_of_connections` is always 0.
//! - An auth config has no credentials but its scopes. Apps are written with `PUT /v1/apps/{app_id}`.

use serde::{Deserialize, Serialize};

use super::list::{Once, ToolkitSlug, TrueOrFalse};
use super::{SECURITY, TAG};
use crate::core::app::{App, Registration};
use crate::core::params::{Cursor, Page, PageRequest};
use crate::core::{AppId, DecisionError, Resource, Rule, Scope, Slug, Timestamp};
use crate::dialects::extract::{Path, RepeatedQuery};
use crate::dialects::field::Field;
use crate::dialects::field_types::{Digits, ShortText};
use crate::dialects::operation::Operation;
use crate::dialects::problem_types::{APP_NOT_FOUND, DIRECTORY_UNAVAILABLE};
use crate::dialects::respond::Body;
use crate::dialects::validator::{Validate, Validator};
use crate::directory::list::AppFilter;
use crate::operations::{ApiError, Context, apps, directory};

/// How many auth configs a page has by default.
const LIMIT: u32 = 20;
/// The highest number of auth configs on a page.
const LIMIT_MAX: u32 = 100;
/// The highest number that a client may ask for. It gets [`LIMIT_MAX`] at most.
const LIMIT_ASKED_MAX: u32 = 1_000;

/// An auth config: an app.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioAuthConfigItem {
    /// The id of the app.
    id: AppId,
    /// The same id.
    uuid: AppId,
    /// Always `custom`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The toolkit of the app.
    toolkit: ComposioAuthConfigToolkit,
    /// The name that users see.
    name: String,
    /// Always `OAUTH2`.
    auth_scheme: &'static str,
    /// Always `false`.
    is_composio_managed: bool,
    /// The scopes that the app may ask for.
    credentials: ComposioAuthConfigCredentials,
    /// Always `ENABLED`.
    status: &'static str,
    /// When the app was created.
    created_at: String,
    /// When the app last changed.
    last_updated_at: String,
    /// Always 0: nobody counts the accounts.
    no_of_connections: u32,
    /// Always empty: a user enters nothing to connect an account.
    expected_input_fields: [(); 0],
    /// Always empty: there are no tools.
    tool_access_config: ComposioToolAccess,
    /// Always `false`.
    is_enabled_for_tool_router: bool,
}

/// The toolkit of an auth config.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioAuthConfigToolkit {
    /// The provider of the app, or the id of the app if it has none.
    slug: String,
    /// The URL of the logo of the app; empty if there is none.
    logo: String,
}

/// The readable part of the credentials of an auth config.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioAuthConfigCredentials {
    /// The scopes that the app may ask for.
    scopes: Vec<String>,
}

/// The tools of an auth config: there are none.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioToolAccess {}

impl ComposioAuthConfigItem {
    fn of(app_id: AppId, registration: Registration, created_at: Timestamp, updated_at: Timestamp) -> Self {
        let Registration { name, scopes, logo_url, provider, .. } = registration;
        let slug = provider.map_or_else(|| app_id.to_string(), |provider| provider.to_string());
        Self {
            uuid: app_id.clone(),
            id: app_id,
            kind: "custom",
            toolkit: ComposioAuthConfigToolkit { slug, logo: logo_url.unwrap_or_default() },
            name,
            auth_scheme: "OAUTH2",
            is_composio_managed: false,
            credentials: ComposioAuthConfigCredentials {
                scopes: scopes.iter().flat_map(Scope::words).map(str::to_owned).collect(),
            },
            status: "ENABLED",
            created_at: created_at.rfc3339(),
            last_updated_at: updated_at.rfc3339(),
            no_of_connections: 0,
            expected_input_fields: [],
            tool_access_config: ComposioToolAccess {},
            is_enabled_for_tool_router: false,
        }
    }

    fn of_app(app: App) -> Self {
        Self::of(app.app_id, app.registration, app.created_at, app.updated_at)
    }
}

pub(super) async fn get(cx: &Context<'_>, Path(id): Path<String>) -> Result<Body<ComposioAuthConfigItem>, ApiError> {
    let app_id = id.parse().map_err(|_: Rule| DecisionError::NotFound(Resource::App))?;
    Ok(Body(ComposioAuthConfigItem::of_app(apps::get(cx, app_id).await?)))
}

/// The filters of the list. Other parameters are ignored.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioAuthConfigParameters {
    /// Only auth configs of this toolkit.
    #[serde(default)]
    toolkit_slug: Field<Once<ToolkitSlug>>,
    /// Only auth configs whose id or name begins with this text.
    #[serde(default)]
    search: Field<Once<ShortText<0, 128>>>,
    /// Every auth config is custom, so `true` selects none.
    #[serde(default)]
    is_composio_managed: Field<Once<TrueOrFalse>>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Once<Cursor>>,
    /// The highest number of auth configs on the page. A page has at most 100.
    #[serde(default)]
    limit: Field<Once<Digits<1, LIMIT_ASKED_MAX>>>,
}

/// The filters after validation.
pub(super) struct AuthConfigFilters {
    toolkit: Option<Slug>,
    prefix: Option<String>,
    page: PageRequest,
    /// Whether no auth config can match.
    is_empty: bool,
}

impl Validate for ComposioAuthConfigParameters {
    type Valid = AuthConfigFilters;

    fn validate(self, check: &mut Validator<'_>) -> Option<AuthConfigFilters> {
        let toolkit = check.optional("toolkit_slug", self.toolkit_slug).map(|Once(ToolkitSlug(slug))| slug);
        let search = check.optional("search", self.search).map(|Once(ShortText(text))| text);
        let managed = check.optional("is_composio_managed", self.is_composio_managed);
        let after = check.optional("cursor", self.cursor).map(|Once(cursor)| cursor);
        let limit = check.optional("limit", self.limit).map_or(LIMIT, |Once(Digits(limit))| limit.min(LIMIT_MAX));
        Some(AuthConfigFilters {
            toolkit,
            prefix: search.filter(|text| !text.is_empty()),
            page: PageRequest { after, limit },
            is_empty: managed == Some(Once(TrueOrFalse::True)),
        })
    }
}

/// A page of auth configs. Nobody has counted all of them, so the numbers are about this page and whether another follows.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioAuthConfigList {
    /// The auth configs.
    items: Vec<ComposioAuthConfigItem>,
    /// The `cursor` of the next page; null on the last page.
    next_cursor: Option<String>,
    /// 2 if another page follows, else 1.
    total_pages: u32,
    /// The number of the page: always 1.
    current_page: u32,
    /// The number of auth configs on this page.
    total_items: usize,
}

impl ComposioAuthConfigList {
    fn new(items: Vec<ComposioAuthConfigItem>, next: Option<Cursor>) -> Self {
        let total_pages = if next.is_some() { 2 } else { 1 };
        let next_cursor = next.map(|cursor| cursor.to_string());
        Self { total_items: items.len(), items, next_cursor, total_pages, current_page: 1 }
    }
}

/// Lists the auth configs. The auth config of an app that is its own toolkit is on the first page.
pub(super) async fn list(
    cx: &Context<'_>,
    RepeatedQuery(filters): RepeatedQuery<ComposioAuthConfigParameters>,
) -> Result<Body<ComposioAuthConfigList>, ApiError> {
    let AuthConfigFilters { toolkit, prefix, page, is_empty } = filters;
    if is_empty {
        return Ok(Body(ComposioAuthConfigList::new(Vec::new(), None)));
    }
    let filter = AppFilter { prefix, provider: toolkit.clone(), ..AppFilter::default() };
    let Page { items, next, .. } = directory::list_apps(cx, &filter, page).await?;
    let listed = items
        .into_iter()
        .map(|app| ComposioAuthConfigItem::of(app.app_id, app.registration, app.created_at, app.updated_at));
    let own = match toolkit.filter(|_| page.after.is_none()) {
        Some(slug) => app_without_provider(cx, slug.as_str()).await?,
        None => None,
    };
    let items = own.map(ComposioAuthConfigItem::of_app).into_iter().chain(listed).collect();
    Ok(Body(ComposioAuthConfigList::new(items, next)))
}

/// The app with this id, if it has no provider.
async fn app_without_provider(cx: &Context<'_>, id: &str) -> Result<Option<App>, ApiError> {
    let Ok(app_id) = id.parse() else {
        return Ok(None);
    };
    match apps::get(cx, app_id).await {
        Ok(app) => Ok(Some(app).filter(|app| app.registration.provider.is_none())),
        Err(ApiError::Refused(DecisionError::NotFound(Resource::App))) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) const GET: Operation = Operation {
    id: "composioGetAuthConfig",
    summary: "Read an auth config",
    description: "Returns an app as an auth config.",
    tag: TAG,
    security: SECURITY,
    problems: &[&APP_NOT_FOUND],
};

pub(super) const LIST: Operation = Operation {
    id: "composioListAuthConfigs",
    summary: "List auth configs",
    description: "Returns the apps as auth configs, newest first. The list lags behind by about a second.",
    tag: TAG,
    security: SECURITY,
    problems: &[&DIRECTORY_UNAVAILABLE],
};
