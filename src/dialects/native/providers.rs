//! `/v1/providers`: the third parties whose credentials connections store.

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::list::{ListResponse, PageQuery};
use super::provider_call::ProviderCallRequest;
use crate::core::access::ActorType;
use crate::core::decide::Put;
use crate::core::decide::operator::ListProviderEvents;
use crate::core::provider::{Provider, ProviderCall, ProviderEvent, ProviderEventType, StoredProvider};
use crate::core::rfc3339::Rfc3339;
use crate::core::string_enum::string_enum;
use crate::core::{Actor, Slug};
use crate::dialects::extract::{JsonBody, Path, Query};
use crate::dialects::field::{Field, Nested};
use crate::dialects::field_types::{ForeignSecret, ShortText};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{FORBIDDEN, PROVIDER_NOT_FOUND, ROOT_REQUIRED};
use crate::dialects::respond::{Body, CreatedOrReplaced, Location, NoContent};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::providers::{self, ProviderView};
use crate::operations::{ApiError, Context, Secret};
use crate::upstream::catalogue;

const BASE: Operation = Operation {
    tag: Tag {
        name: "Providers",
        description: "The third parties whose credentials connections store, and how they revoke them.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/providers", list).operation(|| Operation {
            id: "listProviders",
            summary: "List providers",
            description: "Returns all providers by their names: those of the catalogue, and those that you configured.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::put("/v1/providers/{slug}", put).operation(|| Operation {
            id: "putProvider",
            summary: "Configure a provider",
            description: "Creates the configuration of a provider, or replaces it: a field that is left out gets its \
                default. The client secret is encrypted and never returned. It stays if it is left out and neither the \
                client id nor the host of the revocation call changes. Only the root key changes the host of a provider. A \
                stored credential keeps the call that it was stored with, until root approves the new one; a change by root \
                at the same host applies at once.",
            problems: &[&ROOT_REQUIRED, &FORBIDDEN],
            ..BASE
        }),
        Route::get("/v1/providers/{slug}", get).operation(|| Operation {
            id: "getProvider",
            summary: "Read a provider",
            description: "Returns the provider without its client secret.",
            problems: &[&FORBIDDEN, &PROVIDER_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/providers/{slug}/approve", approve).operation(|| Operation {
            id: "approveProvider",
            summary: "Apply a provider to stored credentials",
            description: "Lets the configuration of a provider apply to the credentials that were stored with an earlier \
                one. Without this, a credential is sent only where its provider revoked tokens when it was stored. Only the \
                root key may do this.",
            problems: &[&ROOT_REQUIRED, &FORBIDDEN, &PROVIDER_NOT_FOUND],
            ..BASE
        }),
        Route::get("/v1/providers/{slug}/events", events).operation(|| Operation {
            id: "listProviderEvents",
            summary: "List the events of a provider",
            description: "Returns the changes of the configuration, newest first, with who made them.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::delete("/v1/providers/{slug}", delete).operation(|| Operation {
            id: "deleteProvider",
            summary: "Delete the configuration of a provider",
            description: "Deletes your configuration. A provider of the catalogue is then as the catalogue has it. \
                Revocations of credentials that were stored with your configuration are abandoned.",
            problems: &[&ROOT_REQUIRED, &FORBIDDEN, &PROVIDER_NOT_FOUND],
            ..BASE
        }),
    ]
}

string_enum! {
    /// Where the configuration of a provider comes from.
    pub(super) enum ProviderSource {
        /// You configured the provider.
        Operator = "operator",
        /// The provider is as the catalogue has it.
        Shipped = "shipped",
    }
}

/// A provider without its client secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Provider"))]
struct ProviderViewResponse {
    /// The provider's name in the API.
    slug: Slug,
    /// The name that people see.
    name: String,
    /// How the provider revokes tokens; null if it has no such call.
    revocation: Option<ProviderCall>,
    /// The deployment's client id at the provider.
    client_id: Option<String>,
    /// Whether a client secret is stored.
    has_client_secret: bool,
    /// Where the configuration comes from.
    source: ProviderSource,
    /// When the provider was first configured; null if the catalogue has it.
    created_at: Option<Rfc3339>,
    /// When the configuration last changed; null if the catalogue has it.
    updated_at: Option<Rfc3339>,
}

impl From<ProviderView> for ProviderViewResponse {
    fn from(view: ProviderView) -> Self {
        match view {
            ProviderView::Operator(stored) => stored.into(),
            ProviderView::Catalogue(provider) => Self::of(provider, ProviderSource::Shipped),
        }
    }
}

impl From<StoredProvider> for ProviderViewResponse {
    fn from(stored: StoredProvider) -> Self {
        Self {
            has_client_secret: stored.client_secret.is_some(),
            created_at: Some(Rfc3339(stored.created_at)),
            updated_at: Some(Rfc3339(stored.updated_at)),
            ..Self::of(stored.provider, ProviderSource::Operator)
        }
    }
}

impl ProviderViewResponse {
    fn of(Provider { slug, name, revocation, client_id }: Provider, source: ProviderSource) -> Self {
        let (created_at, updated_at) = (None, None);
        Self { slug, name, revocation, client_id, has_client_secret: false, source, created_at, updated_at }
    }
}

/// The configuration of a provider.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PutProviderRequest {
    /// The name that people see. The default is the catalogue's, or else the slug.
    #[serde(default)]
    name: Field<ShortText<1, 128>>,
    /// How the provider revokes tokens. The default is the catalogue's call, or else none.
    #[serde(default)]
    revocation: Field<Nested<ProviderCallRequest>>,
    /// The deployment's client id at the provider. The default is none.
    #[serde(default)]
    client_id: Field<ForeignSecret>,
    /// The deployment's client secret at the provider. It needs `client_id`.
    #[serde(default)]
    client_secret: Field<ForeignSecret>,
}

/// A valid [`PutProviderRequest`]. A `None` gets its default.
struct PutProviderParams {
    name: Option<String>,
    revocation: Option<RevocationParams>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
}

/// The call by which the provider revokes tokens, if the request has it.
pub(super) enum RevocationParams {
    /// By this call.
    Call(ProviderCall),
    /// The provider has no such call.
    Unsupported,
}

impl Validate for PutProviderRequest {
    type Valid = PutProviderParams;

    fn validate(self, check: &mut Validator<'_>) -> Option<PutProviderParams> {
        if self.client_secret.is_present() && !self.client_id.is_present() {
            check.fail("client_id", "is required if client_secret is given");
        }
        let name = check.optional("name", self.name).map(|ShortText(name)| name);
        let client_id = check.optional("client_id", self.client_id).map(|ForeignSecret(id)| id);
        let client_secret = check.optional("client_secret", self.client_secret).map(|ForeignSecret(text)| Secret(text));
        let revocation = check.optional("revocation", self.revocation);
        let revocation = revocation.and_then(|Nested(call)| check.nested("revocation", call));
        Some(PutProviderParams { name, revocation, client_id, client_secret })
    }
}

async fn put(
    cx: &Context<'_>,
    Path(slug): Path<Slug>,
    JsonBody(params): JsonBody<PutProviderRequest>,
) -> Result<CreatedOrReplaced<ProviderViewResponse>, ApiError> {
    let PutProviderParams { name, revocation, client_id, client_secret } = params;
    let (known_name, known_call) = catalogue::find(&slug).map(|known| (known.name, known.revocation)).unzip();
    let name = name.or(known_name).unwrap_or_else(|| slug.to_string());
    let revocation = match revocation {
        Some(RevocationParams::Call(call)) => Some(call),
        Some(RevocationParams::Unsupported) => None,
        None => known_call.flatten(),
    };
    let location = Location::new("/v1/providers/", slug.as_str());
    let provider = Provider { slug, name, revocation, client_id };
    let Put { value, effect } = providers::put(cx, provider, client_secret.as_ref()).await?;
    Ok(CreatedOrReplaced::of(effect, location, value.into()))
}

async fn get(cx: &Context<'_>, Path(slug): Path<Slug>) -> Result<Body<ProviderViewResponse>, ApiError> {
    Ok(Body(providers::get(cx, slug).await?.into()))
}

async fn list(cx: &Context<'_>) -> Result<Body<ListResponse<ProviderViewResponse>>, ApiError> {
    let providers = providers::list(cx).await?;
    Ok(Body(ListResponse::complete(providers.into_iter().map(Into::into).collect())))
}

async fn delete(cx: &Context<'_>, Path(slug): Path<Slug>) -> Result<NoContent, ApiError> {
    providers::delete(cx, slug).await?;
    Ok(NoContent)
}

async fn approve(cx: &Context<'_>, Path(slug): Path<Slug>) -> Result<Body<ProviderViewResponse>, ApiError> {
    Ok(Body(providers::approve(cx, slug).await?.into()))
}

/// A change of the configuration of a provider.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ProviderEvent"))]
struct ProviderEventResponse {
    /// The type of the change.
    r#type: ProviderEventType,
    /// The time of the change.
    at: Rfc3339,
    /// The actor that changed the configuration.
    actor: Actor,
    /// The kind of the actor: a user whose id looks like another actor is a `user`.
    actor_type: ActorType,
    /// Scheme and host at which tokens are revoked from then on; null if there is none.
    host: Option<String>,
    /// Scheme and host before; null if there was none, or if they did not change.
    previous_host: Option<String>,
}

impl From<ProviderEvent> for ProviderEventResponse {
    fn from(event: ProviderEvent) -> Self {
        let ProviderEvent { event_type, at, actor, host, previous_host, .. } = event;
        let previous_host = previous_host.filter(|previous| Some(previous) != host.as_ref());
        let actor_type = actor.actor_type();
        Self { r#type: event_type, at: Rfc3339(at), actor, actor_type, host, previous_host }
    }
}

async fn events(
    cx: &Context<'_>,
    Path(slug): Path<Slug>,
    Query(page): Query<PageQuery>,
) -> Result<Body<ListResponse<ProviderEventResponse>>, ApiError> {
    let page = providers::events(cx, ListProviderEvents { slug, page }).await?;
    Ok(Body(ListResponse::of(page, Into::into)))
}
