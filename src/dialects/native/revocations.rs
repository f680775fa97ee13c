//! `/v1/revocations`: revocations at providers that were abandoned.

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::connection_response::ProgressResponse;
use super::list::{Limit, ListResponse, page_request};
use crate::core::credential::RevocationId;
use crate::core::decide::operator::{AbandonedFilter, ListAbandoned};
use crate::core::decide::revocations::RevocationAction;
use crate::core::params::{Cursor, PageRequest};
use crate::core::revocation::Revocation;
use crate::core::string_enum::string_enum;
use crate::core::{AppId, ConnectionId, Slug, UpstreamTokenType, UserId};
use crate::dialects::extract::{JsonBody, Path, Query};
use crate::dialects::field::Field;
use crate::dialects::field_types::Whole;
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{FORBIDDEN, IDEMPOTENCY_CONFLICT, REVOCATION_NOT_ABANDONED, REVOCATION_NOT_FOUND};
use crate::dialects::respond::Body;
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::{ApiError, Context, revocations};

const BASE: Operation = Operation {
    tag: Tag {
        name: "Revocations",
        description: "Revocations of upstream credentials that the provider did not confirm.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/revocations", list).operation(|| Operation {
            id: "listRevocations",
            summary: "List abandoned revocations",
            description: "Returns the credentials whose revocation was abandoned, newest first. They may be alive at their \
                providers.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::post("/v1/revocations/retry", retry_many).operation(|| Operation {
            id: "retryRevocations",
            summary: "Retry abandoned revocations",
            description: "Retries a page of the abandoned revocations that the filters match. Their ledgers ask the \
                providers within about 15 seconds. To continue, send next_cursor as cursor.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::post("/v1/revocations/dismiss", dismiss_many).operation(|| Operation {
            id: "dismissRevocations",
            summary: "Dismiss abandoned revocations",
            description: "Dismisses a page of the abandoned revocations that the filters match, and erases the credentials. \
                To continue, send next_cursor as cursor.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::get("/v1/revocations/{revocation_id}", get).operation(|| Operation {
            id: "getRevocation",
            summary: "Read a revocation",
            description: "Returns the progress of the revocation of a credential, whatever its state.",
            problems: &[&FORBIDDEN, &REVOCATION_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/revocations/{revocation_id}/retry", retry).operation(|| Operation {
            id: "retryRevocation",
            summary: "Retry an abandoned revocation",
            description: "Asks the provider again. If that attempt fails, further ones follow.",
            problems: &[&FORBIDDEN, &REVOCATION_NOT_FOUND, &REVOCATION_NOT_ABANDONED, &IDEMPOTENCY_CONFLICT],
            ..BASE
        }),
        Route::post("/v1/revocations/{revocation_id}/dismiss", dismiss).operation(|| Operation {
            id: "dismissRevocation",
            summary: "Dismiss an abandoned revocation",
            description: "Ends the revocation without the provider's confirmation, and erases the credential. Revoke the \
                credential at the provider first.",
            problems: &[&FORBIDDEN, &REVOCATION_NOT_FOUND, &REVOCATION_NOT_ABANDONED, &IDEMPOTENCY_CONFLICT],
            ..BASE
        }),
    ]
}

/// The revocation of a credential at its provider.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Revocation"))]
struct RevocationResponse {
    /// The id: `rev_` and 24 hex digits or more.
    id: String,
    /// The user of the connection.
    user_id: UserId,
    /// The connection that stores or stored the credential.
    connection_id: ConnectionId,
    /// The app of the connection.
    app_id: AppId,
    /// The provider.
    provider: Option<Slug>,
    /// The type of token.
    token_type: UpstreamTokenType,
    #[serde(flatten)]
    progress: ProgressResponse,
}

impl From<Revocation> for RevocationResponse {
    fn from(revocation: Revocation) -> Self {
        let id = revocation.id().to_string();
        let Revocation { user_id, app_id, provider, credential } = revocation;
        let (connection_id, token_type) = (credential.connection_id.clone(), credential.token_type);
        Self { id, user_id, connection_id, app_id, provider, token_type, progress: credential.into() }
    }
}

string_enum! {
    /// The states in which revocations are listed.
    pub(super) enum ListedState {
        /// All attempts failed, or the provider refused.
        Abandoned = "abandoned",
    }
}

/// The revocations to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RevocationsQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// The state. Only abandoned revocations are listed.
    #[serde(default)]
    state: Field<ListedState>,
    /// The user of the connection. The default is all users.
    #[serde(default)]
    user_id: Field<UserId>,
    /// The provider. The default is all providers.
    #[serde(default)]
    provider: Field<Slug>,
}

impl Validate for RevocationsQuery {
    type Valid = ListAbandoned;

    fn validate(self, check: &mut Validator<'_>) -> Option<ListAbandoned> {
        check.optional("state", self.state);
        let user_id = check.optional("user_id", self.user_id);
        let provider = check.optional("provider", self.provider);
        let page = page_request(check, self.limit, self.cursor);
        Some(ListAbandoned { filter: AbandonedFilter { user_id, provider }, page })
    }
}

/// The abandoned revocations to retry or dismiss.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ManageRevocationsRequest {
    /// The user of the connection. The default is all users.
    #[serde(default)]
    user_id: Field<UserId>,
    /// The provider. The default is all providers.
    #[serde(default)]
    provider: Field<Slug>,
    /// The highest number of revocations. The default is 50.
    #[serde(default)]
    limit: Field<Whole<1, 100>>,
    /// The `next_cursor` of an earlier answer.
    #[serde(default)]
    cursor: Field<Cursor>,
}

impl Validate for ManageRevocationsRequest {
    type Valid = ListAbandoned;

    fn validate(self, check: &mut Validator<'_>) -> Option<ListAbandoned> {
        let user_id = check.optional("user_id", self.user_id);
        let provider = check.optional("provider", self.provider);
        let limit = check.optional("limit", self.limit).map_or(50, |Whole(limit)| limit);
        let page = PageRequest { after: check.optional("cursor", self.cursor), limit };
        Some(ListAbandoned { filter: AbandonedFilter { user_id, provider }, page })
    }
}

/// The result of retrying or dismissing several revocations.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ManagedRevocations"))]
struct ManagedRevocationsResponse {
    /// How many revocations were retried or dismissed.
    changed: usize,
    /// How many revocations were not abandoned any more.
    unchanged: usize,
    /// How many revocations could not be changed, because their ledgers did not answer.
    failed: usize,
    /// The `cursor` of the next revocations; null if there are no more.
    next_cursor: Option<String>,
}

async fn manage_many(
    cx: &Context<'_>,
    action: RevocationAction,
    command: ListAbandoned,
) -> Result<Body<ManagedRevocationsResponse>, ApiError> {
    let revocations::Managed { changed, unchanged, failed, next } =
        revocations::manage_many(cx, action, command).await?;
    let next_cursor = next.map(|cursor| cursor.to_string());
    Ok(Body(ManagedRevocationsResponse { changed, unchanged, failed, next_cursor }))
}

async fn retry_many(
    cx: &Context<'_>,
    JsonBody(command): JsonBody<ManageRevocationsRequest>,
) -> Result<Body<ManagedRevocationsResponse>, ApiError> {
    manage_many(cx, RevocationAction::Retry, command).await
}

async fn dismiss_many(
    cx: &Context<'_>,
    JsonBody(command): JsonBody<ManageRevocationsRequest>,
) -> Result<Body<ManagedRevocationsResponse>, ApiError> {
    manage_many(cx, RevocationAction::Dismiss, command).await
}

async fn list(
    cx: &Context<'_>,
    Query(command): Query<RevocationsQuery>,
) -> Result<Body<ListResponse<RevocationResponse>>, ApiError> {
    let page = revocations::list_abandoned(cx, command).await?;
    Ok(Body(ListResponse::of(page, Into::into)))
}

async fn manage(
    cx: &Context<'_>,
    id: RevocationId,
    action: RevocationAction,
) -> Result<Body<RevocationResponse>, ApiError> {
    Ok(Body(revocations::manage(cx, id, action).await?.revocation.into()))
}

async fn get(cx: &Context<'_>, Path(id): Path<RevocationId>) -> Result<Body<RevocationResponse>, ApiError> {
    manage(cx, id, RevocationAction::Get).await
}

/// An object without fields. The body may be left out.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct EmptyRequest {}

impl Validate for EmptyRequest {
    type Valid = ();

    fn validate(self, _: &mut Validator<'_>) -> Option<()> {
        Some(())
    }
}

async fn retry(
    cx: &Context<'_>,
    Path(id): Path<RevocationId>,
    JsonBody(()): JsonBody<EmptyRequest>,
) -> Result<Body<RevocationResponse>, ApiError> {
    manage(cx, id, RevocationAction::Retry).await
}

async fn dismiss(
    cx: &Context<'_>,
    Path(id): Path<RevocationId>,
    JsonBody(()): JsonBody<EmptyRequest>,
) -> Result<Body<RevocationResponse>, ApiError> {
    manage(cx, id, RevocationAction::Dismiss).await
}
