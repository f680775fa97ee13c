//! `/v1/users`: profiles, and the tokens, connections and events of a user.

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::connection_response::ConnectionResponse;
use super::events::EventResponse;
use super::list::{Limit, ListResponse, page_request};
use super::verdict::VerdictResponse;
use crate::core::connection::ConnectionStatus;
use crate::core::cutoff::{Counts, TokenKindSet};
use crate::core::decide::Put;
use crate::core::decide::users::{ListConnections, ListEvents, ListTokens, PutUser, RevokeUser, UserRevoked};
use crate::core::event::EventType;
use crate::core::params::{Cursor, PageRequest, RevokeFilter};
use crate::core::rfc3339::Rfc3339;
use crate::core::string_enum::string_enum;
use crate::core::user::{GROUPS_MAX, Profile};
use crate::core::{AppId, ExternalId, Group, Role, Status, TokenKind, User, UserId};
use crate::dialects::extract::{JsonBody, Path, Query};
use crate::dialects::field::{Field, List};
use crate::dialects::field_types::{Flag, ShortText};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{
    EXTERNAL_ID_TAKEN, FORBIDDEN, IDEMPOTENCY_CONFLICT, USER_ID_TAKEN, USER_NOT_FOUND,
};
use crate::dialects::respond::{Body, CreatedOrReplaced, Location};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::{ApiError, Context, users};

/// Why something is revoked or disabled, in the caller's words.
pub(super) type Reason = ShortText<0, 256>;

const BASE: Operation = Operation {
    tag: Tag {
        name: "Users",
        description: "The persons or accounts that tokens and connections belong to, with what they may write.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::put("/v1/users/{user_id}", put).operation(|| Operation {
            id: "putUser",
            summary: "Create or replace a user",
            description: "Creates the user, or replaces its whole profile: a field that is left out gets its default. Only \
                root and admins create users and change external ids. A manager may change users that share a group with \
                it, if the new profile gives no more access than the manager has.",
            problems: &[&FORBIDDEN, &EXTERNAL_ID_TAKEN, &USER_ID_TAKEN],
            ..BASE
        }),
        Route::get("/v1/users/{user_id}", get).operation(|| Operation {
            id: "getUser",
            summary: "Read a user",
            description: "Returns the profile of the user.",
            problems: &[&FORBIDDEN, &USER_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/users/{user_id}/revoke", revoke).operation(|| Operation {
            id: "revokeUser",
            summary: "Revoke tokens and connections of a user",
            description: "Revokes everything of the user that was created up to `before`, or the part that the other \
                fields select, in one write. Revoked connections end with all their tokens. With `dry_run` nothing is \
                revoked: the answer says how much would be.",
            problems: &[&FORBIDDEN, &USER_NOT_FOUND, &IDEMPOTENCY_CONFLICT],
            ..BASE
        }),
        Route::get("/v1/users/{user_id}/tokens", list_tokens).operation(|| Operation {
            id: "listUserTokens",
            summary: "List the tokens of a user",
            description: "Returns the verdicts on the tokens of the user, newest first. Tokens whose retention is over are \
                gone. No secret is ever returned.",
            problems: &[&FORBIDDEN, &USER_NOT_FOUND],
            ..BASE
        }),
        Route::get("/v1/users/{user_id}/events", list_events).operation(|| Operation {
            id: "listUserEvents",
            summary: "List the events of a user",
            description: "Returns the audit trail of the user, newest first.",
            problems: &[&FORBIDDEN, &USER_NOT_FOUND],
            ..BASE
        }),
        Route::get("/v1/users/{user_id}/connections", list_connections).operation(|| Operation {
            id: "listUserConnections",
            summary: "List the connections of a user",
            description: "Returns the connections of the user, newest first.",
            problems: &[&FORBIDDEN, &USER_NOT_FOUND],
            ..BASE
        }),
    ]
}

/// A user with its profile.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "User"))]
pub(super) struct UserResponse {
    /// The user's id.
    user_id: UserId,
    /// The role, which decides which users the user may write.
    role: Role,
    /// The user's groups, sorted.
    groups: Vec<Group>,
    /// The user's id in another system.
    external_id: Option<ExternalId>,
    /// Whether connection tokens can be created and consumed for the user, and connections created.
    connectable: bool,
    /// When the user was created.
    created_at: Rfc3339,
    /// When the profile last changed.
    updated_at: Rfc3339,
}

impl From<User> for UserResponse {
    fn from(user: User) -> Self {
        let User { user_id, profile: Profile { role, groups, external_id, connectable }, created_at, updated_at } =
            user;
        let (created_at, updated_at) = (Rfc3339(created_at), Rfc3339(updated_at));
        Self { user_id, role, groups, external_id, connectable, created_at, updated_at }
    }
}

/// The profile of a user.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PutUserRequest {
    /// The role, which decides which users the user may write. The default is `member`.
    #[serde(default)]
    role: Field<Role>,
    /// The user's groups. The default is none.
    #[serde(default)]
    groups: Field<List<Group, 0, GROUPS_MAX>>,
    /// The user's id in another system, which no other user has. The default is none.
    #[serde(default)]
    external_id: Field<ExternalId>,
    /// Whether connection tokens can be created and consumed for the user, and connections created. The default is true.
    #[serde(default)]
    connectable: Field<Flag>,
}

impl Validate for PutUserRequest {
    type Valid = Profile;

    fn validate(self, check: &mut Validator<'_>) -> Option<Profile> {
        let role = check.optional("role", self.role).unwrap_or(Role::Member);
        let mut groups = check.optional("groups", self.groups).map_or_else(Vec::new, |List(groups)| groups);
        groups.sort();
        groups.dedup();
        let external_id = check.optional("external_id", self.external_id);
        let connectable = check.optional("connectable", self.connectable).is_none_or(|Flag(connectable)| connectable);
        Some(Profile { role, groups, external_id, connectable })
    }
}

async fn put(
    cx: &Context<'_>,
    Path(user_id): Path<UserId>,
    JsonBody(profile): JsonBody<PutUserRequest>,
) -> Result<CreatedOrReplaced<UserResponse>, ApiError> {
    let Put { value, effect } = users::put(cx, PutUser { user_id, profile }).await?;
    let location = Location::new("/v1/users/", value.user_id.as_str());
    Ok(CreatedOrReplaced::of(effect, location, value.into()))
}

async fn get(cx: &Context<'_>, Path(user_id): Path<UserId>) -> Result<Body<UserResponse>, ApiError> {
    Ok(Body(users::get(cx, user_id).await?.into()))
}

string_enum! {
    /// The kinds of resource that a revocation of a user includes.
    pub(super) enum RevokedKind {
        /// Connection tokens.
        ConnectionToken = "connection_token",
        /// Access tokens.
        AccessToken = "access_token",
        /// Refresh tokens.
        RefreshToken = "refresh_token",
        /// The API keys of the user.
        ApiKey = "api_key",
        /// Connections, with everything under them.
        Connection = "connection",
    }
}

impl RevokedKind {
    fn set(self) -> TokenKindSet {
        let kind = match self {
            Self::ConnectionToken => TokenKind::ConnectionToken,
            Self::AccessToken => TokenKind::AccessToken,
            Self::RefreshToken => TokenKind::RefreshToken,
            Self::ApiKey => TokenKind::ApiKey,
            Self::Connection => return TokenKindSet::CONNECTIONS,
        };
        [kind].into_iter().collect()
    }
}

/// The tokens and connections of a user to revoke.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RevokeUserRequest {
    /// Only what was created up to and including this time, which is not in the future. The default is now.
    #[serde(default)]
    before: Field<Rfc3339>,
    /// Only what belongs to this app.
    #[serde(default)]
    app_id: Field<AppId>,
    /// Only these kinds. The default is every kind.
    #[serde(default)]
    kinds: Field<List<RevokedKind, 1, 8>>,
    /// Whether to count without revoking. The default is false.
    #[serde(default)]
    dry_run: Field<Flag>,
    /// Why, in your words. Events and verdicts show it.
    #[serde(default)]
    reason: Field<Reason>,
}

/// A valid [`RevokeUserRequest`].
struct RevokeUserParams {
    filter: RevokeFilter,
    dry_run: bool,
}

impl Validate for RevokeUserRequest {
    type Valid = RevokeUserParams;

    fn validate(self, check: &mut Validator<'_>) -> Option<RevokeUserParams> {
        let before = check.optional("before", self.before).map(|Rfc3339(before)| before);
        let app_id = check.optional("app_id", self.app_id);
        let kinds = check.optional("kinds", self.kinds).map_or(TokenKindSet::ALL, |List(kinds)| {
            kinds.into_iter().map(RevokedKind::set).reduce(TokenKindSet::with).unwrap_or(TokenKindSet::ALL)
        });
        let dry_run = check.optional("dry_run", self.dry_run).is_some_and(|Flag(dry_run)| dry_run);
        let reason = check.optional("reason", self.reason).map(|ShortText(reason)| reason);
        Some(RevokeUserParams { filter: RevokeFilter { before, app_id, kinds, reason }, dry_run })
    }
}

/// The number of revoked tokens and connections, by kind.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "UserRevoked"))]
struct UserRevokedResponse {
    /// The user's id.
    user_id: UserId,
    /// Whether it was only counted.
    dry_run: bool,
    /// Everything that was created up to and including this time is revoked.
    before: Rfc3339,
    /// No check returns `valid` after this time. It is later than the revocation only if `LEASE_SECONDS` is set.
    effective_at: Rfc3339,
    /// How many of each kind were alive.
    revoked: Counts,
    /// The sum of all kinds.
    total: u64,
}

async fn revoke(
    cx: &Context<'_>,
    Path(user_id): Path<UserId>,
    JsonBody(RevokeUserParams { filter, dry_run }): JsonBody<RevokeUserRequest>,
) -> Result<Body<UserRevokedResponse>, ApiError> {
    let UserRevoked { user, before, revoked, dry_run, at } =
        users::revoke(cx, RevokeUser { user_id, filter, dry_run }).await?;
    let (before, total) = (Rfc3339(before), revoked.total());
    let effective_at = Rfc3339(cx.config.settings.leases.effective_at(at));
    Ok(Body(UserRevokedResponse { user_id: user.user_id, dry_run, before, effective_at, revoked, total }))
}

/// The tokens to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TokensQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// Only tokens with this status.
    #[serde(default)]
    status: Field<Status>,
    /// Only tokens of this kind.
    #[serde(default)]
    kind: Field<TokenKind>,
}

impl Validate for TokensQuery {
    type Valid = (PageRequest, Option<Status>, Option<TokenKind>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let page = page_request(check, self.limit, self.cursor);
        Some((page, check.optional("status", self.status), check.optional("kind", self.kind)))
    }
}

async fn list_tokens(
    cx: &Context<'_>,
    Path(user_id): Path<UserId>,
    Query((page, status, kind)): Query<TokensQuery>,
) -> Result<Body<ListResponse<VerdictResponse>>, ApiError> {
    let page = users::list_tokens(cx, ListTokens { user_id, page, status, kind }).await?;
    Ok(Body(ListResponse::of(page, Into::into)))
}

/// The events to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// Only events of this type.
    #[serde(default, rename = "type")]
    event_type: Field<EventType>,
}

impl Validate for EventsQuery {
    type Valid = (PageRequest, Option<EventType>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let page = page_request(check, self.limit, self.cursor);
        Some((page, check.optional("type", self.event_type)))
    }
}

async fn list_events(
    cx: &Context<'_>,
    Path(user_id): Path<UserId>,
    Query((page, event_type)): Query<EventsQuery>,
) -> Result<Body<ListResponse<EventResponse>>, ApiError> {
    let page = users::list_events(cx, ListEvents { user_id, page, event_type }).await?;
    Ok(Body(ListResponse::of(page, Into::into)))
}

/// The connections to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ConnectionsQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// Only connections with this status.
    #[serde(default)]
    status: Field<ConnectionStatus>,
    /// Only connections to this app.
    #[serde(default)]
    app_id: Field<AppId>,
}

impl Validate for ConnectionsQuery {
    type Valid = (PageRequest, Option<ConnectionStatus>, Option<AppId>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let page = page_request(check, self.limit, self.cursor);
        Some((page, check.optional("status", self.status), check.optional("app_id", self.app_id)))
    }
}

async fn list_connections(
    cx: &Context<'_>,
    Path(user_id): Path<UserId>,
    Query((page, status, app_id)): Query<ConnectionsQuery>,
) -> Result<Body<ListResponse<ConnectionResponse>>, ApiError> {
    let page = users::list_connections(cx, ListConnections { user_id, page, status, app_id }).await?;
    Ok(Body(ListResponse::of(page, Into::into)))
}
