//! Toolkits: the providers, and the apps without one, as Composio's clients read them before they connect an account.

use serde::Serialize;

use super::{SECURITY, TAG};
use crate::core::{DecisionError, Resource, Rule, Slug};
use crate::dialects::extract::Path;
use crate::dialects::operation::Operation;
use crate::dialects::problem_types::PROVIDER_NOT_FOUND;
use crate::dialects::respond::Body;
use crate::operations::providers::ProviderView;
use crate::operations::{ApiError, Context, apps, providers};

/// A toolkit: a provider, or an app that has none.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioToolkitItem {
    /// The slug of the provider, or the id of the app.
    slug: String,
    /// The name that people see.
    name: String,
    /// Always `native`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Always `true`.
    enabled: bool,
    /// Always `false`.
    is_local_toolkit: bool,
    /// Always empty: every auth config is an app of this deployment.
    composio_managed_auth_schemes: [(); 0],
    /// Always empty.
    composio_managed_auth: [(); 0],
    /// Always empty: apps are created with `PUT /v1/apps/{app_id}`.
    auth_config_details: [(); 0],
    /// Further facts.
    meta: ComposioToolkitMeta,
}

/// Further facts about a toolkit.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioToolkitMeta {
    /// The purpose of the app; empty if there is none.
    description: String,
    /// The URL of the logo; empty if there is none.
    logo: String,
    /// Always empty.
    categories: [(); 0],
    /// Always 0.
    tools_count: u32,
    /// Always 0.
    triggers_count: u32,
}

impl ComposioToolkitItem {
    fn new(slug: String, name: String, description: String, logo: String) -> Self {
        Self {
            slug,
            name,
            kind: "native",
            enabled: true,
            is_local_toolkit: false,
            composio_managed_auth_schemes: [],
            composio_managed_auth: [],
            auth_config_details: [],
            meta: ComposioToolkitMeta { description, logo, categories: [], tools_count: 0, triggers_count: 0 },
        }
    }
}

/// Reads a toolkit: first as a provider, then as an app.
pub(super) async fn get(cx: &Context<'_>, Path(slug): Path<String>) -> Result<Body<ComposioToolkitItem>, ApiError> {
    let unknown = || ApiError::from(DecisionError::NotFound(Resource::Provider));
    let name = slug.to_ascii_lowercase().parse().map_err(|_: Rule| ());
    let provider = match name {
        Ok(name) => provider(cx, name).await?,
        Err(()) => None,
    };
    if let Some((slug, name)) = provider {
        return Ok(Body(ComposioToolkitItem::new(slug, name, String::new(), String::new())));
    }
    let app_id = slug.parse().map_err(|_: Rule| unknown())?;
    match apps::get(cx, app_id).await {
        Ok(app) => {
            let facts = app.registration;
            let (description, logo) = (facts.description.unwrap_or_default(), facts.logo_url.unwrap_or_default());
            Ok(Body(ComposioToolkitItem::new(app.app_id.to_string(), facts.name, description, logo)))
        }
        Err(ApiError::Refused(DecisionError::NotFound(Resource::App))) => Err(unknown()),
        Err(error) => Err(error),
    }
}

/// The slug and the name of a provider, if it exists.
async fn provider(cx: &Context<'_>, slug: Slug) -> Result<Option<(String, String)>, ApiError> {
    let found = match providers::get(cx, slug).await {
        Ok(ProviderView::Operator(stored)) => stored.provider,
        Ok(ProviderView::Catalogue(provider)) => provider,
        Err(ApiError::Refused(DecisionError::NotFound(Resource::Provider))) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some((found.slug.to_string(), found.name)))
}

pub(super) const GET: Operation = Operation {
    id: "composioGetToolkit",
    summary: "Read a toolkit",
    description: "Returns a provider, or an app without one, as a toolkit.",
    tag: TAG,
    security: SECURITY,
    problems: &[&PROVIDER_NOT_FOUND],
};
