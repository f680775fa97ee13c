//! `/v1/connections`: the links between users and apps, and the tokens under them.

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::connection_response::ConnectionResponse;
use super::tokens::METADATA_MAX;
use super::upstream::UpstreamRequest;
use super::users::Reason;
use crate::core::connection::ConnectionStatus;
use crate::core::decide::connections::{ConnectionChanged, Switch};
use crate::core::params::Lifetimes;
use crate::core::rfc3339::Rfc3339;
use crate::core::{AppId, ConnectionId, ConnectionRef, Scope, Timestamp, TokenId, UserId};
use crate::dialects::extract::{JsonBody, Path};
use crate::dialects::field::{Field, Nested, not_empty};
use crate::dialects::field_types::{Flag, JsonObject, ShortText, Whole};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{
    APP_NOT_FOUND, CONNECTION_EXPIRED, CONNECTION_INACTIVE, CONNECTION_INITIATED, CONNECTION_NOT_FOUND,
    CONNECTION_REVOKED, FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_SCOPE, PROVIDER_DIFFERS, PROVIDER_MISSING,
    PROVIDER_NOT_FOUND, ProblemType, USER_NOT_CONNECTABLE, USER_NOT_FOUND,
};
use crate::dialects::respond::{Body, CreatedAt, CreatedBody, Location};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::connections::{self, Create, IssuedTokens, UpstreamCredentials};
use crate::operations::{ApiError, Context};

/// The longest validity of an access token, in seconds: a day.
const ACCESS_TTL_MAX: u32 = 86_400;
/// The longest validity of a refresh token, in seconds: a year.
const REFRESH_TTL_MAX: u32 = 31_536_000;
/// The validity of tokens if the request has none, in seconds: an hour, and 90 days.
const ACCESS_TTL: u32 = 3_600;
const REFRESH_TTL: u32 = 7_776_000;

/// The problems of a change of a connection's status.
const CHANGE_PROBLEMS: &[&ProblemType] = &[
    &FORBIDDEN,
    &CONNECTION_NOT_FOUND,
    &CONNECTION_INITIATED,
    &CONNECTION_EXPIRED,
    &CONNECTION_REVOKED,
    &IDEMPOTENCY_CONFLICT,
];

const BASE: Operation = Operation {
    tag: Tag {
        name: "Connections",
        description: "The links between users and apps, with the tokens and upstream credentials under them.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/connections", create).operation(|| Operation {
            id: "createConnection",
            summary: "Create a connection",
            description: "Creates an active connection of a user to an app that you authorize. With `upstream`, the \
                connection stores credentials of the provider. They are encrypted, never returned, and revoked at the \
                provider when the connection is revoked.",
            problems: &[
                &INVALID_SCOPE,
                &PROVIDER_MISSING,
                &FORBIDDEN,
                &USER_NOT_CONNECTABLE,
                &USER_NOT_FOUND,
                &APP_NOT_FOUND,
                &PROVIDER_NOT_FOUND,
                &IDEMPOTENCY_CONFLICT,
            ],
            ..BASE
        }),
        Route::get("/v1/connections/{connection_id}", get).operation(|| Operation {
            id: "getConnection",
            summary: "Read a connection",
            description: "Returns the connection with its status.",
            problems: &[&FORBIDDEN, &CONNECTION_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/connections/{connection_id}/revoke", revoke).operation(|| Operation {
            id: "revokeConnection",
            summary: "Revoke a connection",
            description: "Revokes the connection with everything under it, in one write. If the connection stores \
                credentials, the provider is asked to revoke them; until it has done so, the status is `revoking`.",
            problems: &[&FORBIDDEN, &CONNECTION_NOT_FOUND, &IDEMPOTENCY_CONFLICT],
            ..BASE
        }),
        Route::post("/v1/connections/{connection_id}/disable", disable).operation(|| Operation {
            id: "disableConnection",
            summary: "Disable a connection",
            description: "While a connection is disabled, nothing under it can be used. Nothing is lost: enabling it makes \
                everything usable again that has not expired.",
            problems: CHANGE_PROBLEMS,
            ..BASE
        }),
        Route::post("/v1/connections/{connection_id}/enable", enable).operation(|| Operation {
            id: "enableConnection",
            summary: "Enable a connection",
            description: "Makes a disabled connection active again.",
            problems: CHANGE_PROBLEMS,
            ..BASE
        }),
        Route::post("/v1/connections/{connection_id}/tokens", issue_tokens).operation(|| Operation {
            id: "issueConnectionTokens",
            summary: "Issue tokens",
            description: "Issues an access token, and a refresh token unless you decline it, under an active connection. \
                The secrets are returned once. Root, admins and managers issue tokens; everybody else gets them through \
                the app, at `/oauth/token`.",
            problems: &[
                &INVALID_SCOPE,
                &FORBIDDEN,
                &CONNECTION_NOT_FOUND,
                &CONNECTION_INITIATED,
                &CONNECTION_INACTIVE,
                &CONNECTION_EXPIRED,
                &CONNECTION_REVOKED,
                &IDEMPOTENCY_CONFLICT,
            ],
            ..BASE
        }),
        Route::put("/v1/connections/{connection_id}/upstream", store_credentials).operation(|| Operation {
            id: "putConnectionUpstream",
            summary: "Store credentials of the provider",
            description: "Stores credentials with the connection. Each replaces the stored credential of its type. To change \
                the provider, send both tokens.",
            problems: &[
                &PROVIDER_MISSING,
                &FORBIDDEN,
                &CONNECTION_NOT_FOUND,
                &CONNECTION_EXPIRED,
                &CONNECTION_REVOKED,
                &PROVIDER_DIFFERS,
            ],
            ..BASE
        }),
    ]
}

/// The connection that a path names. Any other text names a connection that does not exist.
fn named(cx: &Context<'_>, connection_id: &str) -> ConnectionRef {
    ConnectionRef::of(cx.config.keyring.open(connection_id))
}

/// A connection to create.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CreateConnectionRequest {
    /// The id of the user.
    user_id: Field<UserId>,
    /// The id of the app.
    app_id: Field<AppId>,
    /// The scopes that the app gets. The default is all scopes of the app.
    #[serde(default, deserialize_with = "not_empty")]
    scope: Field<Scope>,
    /// Data to store with the connection.
    #[serde(default)]
    metadata: Field<JsonObject<METADATA_MAX>>,
    /// Credentials of the provider to store.
    #[serde(default)]
    upstream: Field<Nested<UpstreamRequest>>,
}

impl Validate for CreateConnectionRequest {
    type Valid = Create;

    fn validate(self, check: &mut Validator<'_>) -> Option<Create> {
        let user_id = check.required("user_id", self.user_id);
        let app_id = check.required("app_id", self.app_id);
        let scope = check.optional("scope", self.scope);
        let metadata = check.optional("metadata", self.metadata).map(|JsonObject(metadata)| metadata);
        let upstream = check.optional("upstream", self.upstream);
        let upstream = upstream.and_then(|Nested(upstream)| check.nested("upstream", upstream));
        Some(Create { user_id: user_id?, app_id: app_id?, scope, metadata, upstream })
    }
}

async fn create(
    cx: &Context<'_>,
    JsonBody(new): JsonBody<CreateConnectionRequest>,
) -> Result<CreatedAt<ConnectionResponse>, ApiError> {
    let verdict = connections::create(cx, new).await?;
    let location = Location::new("/v1/connections/", verdict.connection.id.as_str());
    Ok(CreatedAt { location, body: verdict.into() })
}

async fn get(cx: &Context<'_>, Path(id): Path<String>) -> Result<Body<ConnectionResponse>, ApiError> {
    Ok(Body(connections::get(cx, &named(cx, &id)).await?.into()))
}

/// Why a connection is changed.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ChangeConnectionRequest {
    /// Why, in your words. Events and the connection show it.
    #[serde(default)]
    reason: Field<Reason>,
}

impl Validate for ChangeConnectionRequest {
    type Valid = Option<String>;

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        Some(check.optional("reason", self.reason).map(|ShortText(reason)| reason))
    }
}

/// A connection after a change.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ChangedConnection"))]
struct ChangedConnectionResponse {
    /// Whether this request changed the status.
    changed: bool,
    /// The status before the request.
    previous: ConnectionStatus,
    /// When the status is in force for all checks of the connection's tokens. It is later than the change only if
    /// `LEASE_SECONDS` is set.
    effective_at: Rfc3339,
    #[serde(flatten)]
    connection: ConnectionResponse,
}

impl ChangedConnectionResponse {
    fn of(cx: &Context<'_>, ConnectionChanged { previous, verdict, .. }: ConnectionChanged) -> Self {
        let effective_at = Rfc3339(cx.config.settings.leases.effective_at(verdict.state.at));
        Self { changed: previous != verdict.status(), previous, effective_at, connection: verdict.into() }
    }
}

async fn revoke(
    cx: &Context<'_>,
    Path(id): Path<String>,
    JsonBody(reason): JsonBody<ChangeConnectionRequest>,
) -> Result<Body<ChangedConnectionResponse>, ApiError> {
    let changed = connections::revoke(cx, &named(cx, &id), reason).await?;
    Ok(Body(ChangedConnectionResponse::of(cx, changed)))
}

async fn disable(
    cx: &Context<'_>,
    Path(id): Path<String>,
    JsonBody(reason): JsonBody<ChangeConnectionRequest>,
) -> Result<Body<ChangedConnectionResponse>, ApiError> {
    let changed = connections::set_enabled(cx, &named(cx, &id), Switch::Disable, reason).await?;
    Ok(Body(ChangedConnectionResponse::of(cx, changed)))
}

async fn enable(
    cx: &Context<'_>,
    Path(id): Path<String>,
    JsonBody(reason): JsonBody<ChangeConnectionRequest>,
) -> Result<Body<ChangedConnectionResponse>, ApiError> {
    let changed = connections::set_enabled(cx, &named(cx, &id), Switch::Enable, reason).await?;
    Ok(Body(ChangedConnectionResponse::of(cx, changed)))
}

async fn store_credentials(
    cx: &Context<'_>,
    Path(id): Path<String>,
    JsonBody(credentials): JsonBody<UpstreamRequest>,
) -> Result<Body<ConnectionResponse>, ApiError> {
    let credentials: UpstreamCredentials = credentials;
    Ok(Body(connections::store_credentials(cx, &named(cx, &id), &credentials).await?.into()))
}

/// The tokens to issue.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct IssueTokensRequest {
    /// The scopes of the tokens. The default is all scopes of the connection.
    #[serde(default, deserialize_with = "not_empty")]
    scope: Field<Scope>,
    /// The validity of the access token in seconds. The default is an hour.
    #[serde(default)]
    ttl: Field<Whole<1, ACCESS_TTL_MAX>>,
    /// Whether to issue a refresh token too. The default is true.
    #[serde(default)]
    refresh_token: Field<Flag>,
    /// The validity of the refresh token in seconds. The default is 90 days.
    #[serde(default)]
    refresh_token_ttl: Field<Whole<1, REFRESH_TTL_MAX>>,
}

impl Validate for IssueTokensRequest {
    type Valid = (Option<Scope>, Lifetimes);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let scope = check.optional("scope", self.scope);
        let access = check.optional("ttl", self.ttl).map_or(ACCESS_TTL, |Whole(seconds)| seconds);
        let with_refresh = check.optional("refresh_token", self.refresh_token).is_none_or(|Flag(issue)| issue);
        let refresh = check.optional("refresh_token_ttl", self.refresh_token_ttl);
        let refresh = refresh.map_or(REFRESH_TTL, |Whole(seconds)| seconds);
        Some((scope, Lifetimes { access, refresh: with_refresh.then_some(refresh) }))
    }
}

/// Tokens that were issued, with the names of RFC 6749 §5.1.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "IssuedTokens"))]
struct IssuedTokensResponse {
    /// The access token: `hat_` and 48 hex digits. It is shown only here.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// The seconds until the access token expires.
    expires_in: u64,
    /// The refresh token: `hrt_` and 48 hex digits. It is shown only here.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// The scopes of the tokens, if they have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    /// The public id of the access token.
    token_id: TokenId,
    /// The public id of the refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_id: Option<TokenId>,
    /// The connection.
    connection_id: Option<ConnectionId>,
    /// The id of the user.
    user_id: UserId,
    /// The id of the app.
    app_id: Option<AppId>,
}

async fn issue_tokens(
    cx: &Context<'_>,
    Path(id): Path<String>,
    JsonBody((scope, lifetimes)): JsonBody<IssueTokensRequest>,
) -> Result<CreatedBody<IssuedTokensResponse>, ApiError> {
    let IssuedTokens { access, access_token, refresh } =
        connections::issue_tokens(cx, &named(cx, &id), scope, lifetimes).await?;
    let (refresh_token, refresh_token_id) = refresh.map(|refresh| (refresh.secret, refresh.verdict.token_id)).unzip();
    Ok(CreatedBody(IssuedTokensResponse {
        access_token,
        token_type: "Bearer",
        expires_in: expires_in(access.created_at, access.expires_at, cx.now),
        refresh_token,
        scope: access.facts.scope,
        token_id: access.token_id,
        refresh_token_id,
        connection_id: access.facts.connection_id,
        user_id: access.user_id,
        app_id: access.facts.app_id,
    }))
}

/// The seconds until a token expires. If the answer is the one to an earlier request, they are counted from now.
fn expires_in(created_at: Timestamp, expires_at: Option<Timestamp>, now: Timestamp) -> u64 {
    let left = expires_at.map_or(0, |at| at.seconds_since(created_at.max(now)));
    u64::try_from(left).unwrap_or_default()
}
