//! Lists of the whole deployment: `GET /v1/users`, `/v1/apps`, `/v1/connections` and `/v1/events`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::list::{Limit, ListResponse, page_request};
use crate::core::access::ActorType;
use crate::core::app::{ClientType, Registration};
use crate::core::connection::Health;
use crate::core::params::{Cursor, PageRequest};
use crate::core::rfc3339::Rfc3339;
use crate::core::{
    Actor, AppId, ConnectionId, ConnectionStatus, ExternalId, Group, Json, Role, Scope, Slug, TokenId, TokenKind,
    UserId,
};
use crate::dialects::extract::Query;
use crate::dialects::field::Field;
use crate::dialects::field_types::ShortText;
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{ADMIN_REQUIRED, DIRECTORY_UNAVAILABLE};
use crate::dialects::respond::Body;
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::directory::entry::{AppEntry, AppStatus, ConnectionEntry, EventEntry, UserEntry, UserStatus};
use crate::directory::list::{AppFilter, ConnectionFilter, EventFilter, UserFilter};
use crate::operations::{ApiError, Context, directory};

const BASE: Operation = Operation {
    tag: Tag {
        name: "Directory",
        description: "Lists of the whole deployment. They lag behind by about a second, and only root and admins read them.",
    },
    security: &[BEARER],
    problems: &[&ADMIN_REQUIRED, &DIRECTORY_UNAVAILABLE],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/users", list_users).operation(|| Operation {
            id: "listUsers",
            summary: "List users",
            description: "Returns the users that the filters match, in the order in which the directory got them, newest \
                first.",
            ..BASE
        }),
        Route::get("/v1/apps", list_apps).operation(|| Operation {
            id: "listApps",
            summary: "List apps",
            description: "Returns the apps that the filters match, in the order in which the directory got them, newest \
                first. Read one app for its keys.",
            ..BASE
        }),
        Route::get("/v1/connections", list_connections).operation(|| Operation {
            id: "listConnections",
            summary: "List connections",
            description: "Returns the connections that the filters match, in the order in which the directory got them, \
                newest first. Read one connection for its metadata and credentials.",
            ..BASE
        }),
        Route::get("/v1/events", list_events).operation(|| Operation {
            id: "listEvents",
            summary: "List events",
            description: "Returns the audit trail of the deployment in the order in which the directory got it, newest \
                first. Events of tokens other than API keys are in it if `AUDIT` is `all`.",
            ..BASE
        }),
    ]
}

/// The beginning of an id or a name.
type Prefix = ShortText<1, 128>;

/// The users to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ListUsersQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// Only users whose id or external id begins with this text.
    #[serde(default)]
    prefix: Field<Prefix>,
    /// Only users with this status.
    #[serde(default)]
    status: Field<UserStatus>,
    /// Only users in this group.
    #[serde(default)]
    group: Field<Group>,
    /// Only users with this role.
    #[serde(default)]
    role: Field<Role>,
}

impl Validate for ListUsersQuery {
    type Valid = (PageRequest, UserFilter);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let filter = UserFilter {
            prefix: check.optional("prefix", self.prefix).map(|ShortText(prefix)| prefix),
            status: check.optional("status", self.status),
            group: check.optional("group", self.group),
            role: check.optional("role", self.role),
        };
        Some((page_request(check, self.limit, self.cursor), filter))
    }
}

/// A user in a list.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ListedUser"))]
struct ListedUserResponse {
    /// The user's id.
    user_id: UserId,
    /// The status of the user.
    status: UserStatus,
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

impl From<UserEntry> for ListedUserResponse {
    fn from(entry: UserEntry) -> Self {
        let UserEntry { user_id, status, role, groups, external_id, connectable, created_at, updated_at } = entry;
        let (created_at, updated_at) = (Rfc3339(created_at), Rfc3339(updated_at));
        Self { user_id, status, role, groups, external_id, connectable, created_at, updated_at }
    }
}

async fn list_users(
    cx: &Context<'_>,
    Query((page, filter)): Query<ListUsersQuery>,
) -> Result<Body<ListResponse<ListedUserResponse>>, ApiError> {
    Ok(Body(ListResponse::of(directory::list_users(cx, &filter, page).await?, Into::into)))
}

/// The apps to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ListAppsQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// Only apps whose id or name begins with this text. The case of letters in names does not count.
    #[serde(default)]
    prefix: Field<Prefix>,
    /// Only apps with this status.
    #[serde(default)]
    status: Field<AppStatus>,
    /// Only apps whose connections store credentials of this provider.
    #[serde(default)]
    provider: Field<Slug>,
}

impl Validate for ListAppsQuery {
    type Valid = (PageRequest, AppFilter);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let filter = AppFilter {
            prefix: check.optional("prefix", self.prefix).map(|ShortText(prefix)| prefix),
            status: check.optional("status", self.status),
            provider: check.optional("provider", self.provider),
        };
        Some((page_request(check, self.limit, self.cursor), filter))
    }
}

/// An app in a list.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ListedApp"))]
struct ListedAppResponse {
    /// The app's id, which is its OAuth `client_id`.
    app_id: AppId,
    /// The status of the app.
    status: AppStatus,
    /// The name that users see.
    name: String,
    /// The purpose of the app in a sentence.
    description: Option<String>,
    /// The redirect URIs.
    redirect_uris: Vec<String>,
    /// The scopes that the app may ask for.
    scopes: Vec<String>,
    /// The scopes in words, by scope.
    scope_descriptions: BTreeMap<String, String>,
    /// Whether the app can keep a secret.
    client_type: ClientType,
    /// The URL of the app's logo.
    logo_url: Option<String>,
    /// The URL of the app's home page.
    homepage_url: Option<String>,
    /// The provider whose credentials the app's connections store.
    provider: Option<Slug>,
    /// When the app was created.
    created_at: Rfc3339,
    /// When the app last changed.
    updated_at: Rfc3339,
}

impl From<AppEntry> for ListedAppResponse {
    fn from(entry: AppEntry) -> Self {
        let AppEntry { app_id, status, registration, created_at, updated_at } = entry;
        let Registration {
            name,
            description,
            redirect_uris,
            scopes,
            scope_descriptions,
            client_type,
            logo_url,
            homepage_url,
            provider,
            keys: _,
        } = registration;
        Self {
            app_id,
            status,
            name,
            description,
            redirect_uris,
            scopes: scopes.iter().flat_map(Scope::words).map(str::to_owned).collect(),
            scope_descriptions,
            client_type,
            logo_url,
            homepage_url,
            provider,
            created_at: Rfc3339(created_at),
            updated_at: Rfc3339(updated_at),
        }
    }
}

async fn list_apps(
    cx: &Context<'_>,
    Query((page, filter)): Query<ListAppsQuery>,
) -> Result<Body<ListResponse<ListedAppResponse>>, ApiError> {
    Ok(Body(ListResponse::of(directory::list_apps(cx, &filter, page).await?, Into::into)))
}

/// The connections to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ListConnectionsQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// Only connections whose id, user id or app id begins with this text.
    #[serde(default)]
    prefix: Field<Prefix>,
    /// Only connections with this status.
    #[serde(default)]
    status: Field<ConnectionStatus>,
    /// Only connections with this health.
    #[serde(default)]
    health: Field<Health>,
    /// Only connections of this user.
    #[serde(default)]
    user_id: Field<UserId>,
    /// Only connections of users in this group.
    #[serde(default)]
    group: Field<Group>,
    /// Only connections to this app.
    #[serde(default)]
    app_id: Field<AppId>,
    /// Only connections that store credentials of this provider.
    #[serde(default)]
    provider: Field<Slug>,
}

impl Validate for ListConnectionsQuery {
    type Valid = (PageRequest, ConnectionFilter);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let filter = ConnectionFilter {
            prefix: check.optional("prefix", self.prefix).map(|ShortText(prefix)| prefix),
            status: check.optional("status", self.status),
            health: check.optional("health", self.health),
            user_id: check.optional("user_id", self.user_id),
            group: check.optional("group", self.group),
            app_id: check.optional("app_id", self.app_id),
            provider: check.optional("provider", self.provider),
        };
        Some((page_request(check, self.limit, self.cursor), filter))
    }
}

/// A connection in a list.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ListedConnection"))]
struct ListedConnectionResponse {
    /// The connection's id.
    id: ConnectionId,
    /// The id of the user.
    user_id: UserId,
    /// The id of the app.
    app_id: AppId,
    /// The provider whose credentials the connection stores or stored.
    provider: Option<Slug>,
    /// The status of the connection.
    status: ConnectionStatus,
    /// Whether the provider accepts the credentials; null unless the connection is active or disabled.
    health: Option<Health>,
    /// The scopes that the app was granted.
    scope: Option<Scope>,
    /// When the connection was created.
    created_at: Rfc3339,
    /// The actor that created the connection.
    created_by: Actor,
    /// When the connection entered its status.
    changed_at: Rfc3339,
    /// The time by which the user must authorize the app; null once that is done.
    expires_at: Option<Rfc3339>,
}

impl From<ConnectionEntry> for ListedConnectionResponse {
    fn from(entry: ConnectionEntry) -> Self {
        Self {
            id: entry.id,
            user_id: entry.user_id,
            app_id: entry.app_id,
            provider: entry.provider,
            status: entry.status,
            health: entry.health,
            scope: entry.scope,
            created_at: Rfc3339(entry.created_at),
            created_by: entry.created_by,
            changed_at: Rfc3339(entry.changed_at),
            expires_at: entry.expires_at.map(Rfc3339),
        }
    }
}

async fn list_connections(
    cx: &Context<'_>,
    Query((page, filter)): Query<ListConnectionsQuery>,
) -> Result<Body<ListResponse<ListedConnectionResponse>>, ApiError> {
    Ok(Body(ListResponse::of(directory::list_connections(cx, &filter, page).await?, Into::into)))
}

/// The events to list.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ListEventsQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
    /// Only events of this type, or of all types that begin with it if it ends with a dot: `connection.`.
    #[serde(default, rename = "type")]
    event_type: Field<ShortText<1, 64>>,
    /// Only events that this actor caused: `root`, `system`, `app:` and an app id, or a user id.
    #[serde(default)]
    actor: Field<ShortText<1, 132>>,
    /// Only events of this user.
    #[serde(default)]
    user_id: Field<UserId>,
    /// Only events about this app.
    #[serde(default)]
    app_id: Field<AppId>,
    /// Only events about this connection.
    #[serde(default)]
    connection_id: Field<ConnectionId>,
    /// Only events about this provider.
    #[serde(default)]
    provider: Field<Slug>,
    /// Only events that happened at this time or later.
    #[serde(default)]
    since: Field<Rfc3339>,
    /// Only events that happened before this time.
    #[serde(default)]
    until: Field<Rfc3339>,
}

impl Validate for ListEventsQuery {
    type Valid = (PageRequest, EventFilter);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let filter = EventFilter {
            event_type: check.optional("type", self.event_type).map(|ShortText(event_type)| event_type),
            actor: check.optional("actor", self.actor).map(|ShortText(actor)| Actor::stored(actor)),
            user_id: check.optional("user_id", self.user_id),
            app_id: check.optional("app_id", self.app_id),
            connection_id: check.optional("connection_id", self.connection_id),
            provider: check.optional("provider", self.provider),
            since: check.optional("since", self.since).map(|Rfc3339(since)| since),
            until: check.optional("until", self.until).map(|Rfc3339(until)| until),
        };
        Some((page_request(check, self.limit, self.cursor), filter))
    }
}

/// An event in a list.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ListedEvent"))]
struct ListedEventResponse {
    /// The id of the event: `evt_` and hex digits. The webhook of the event has the same id.
    id: String,
    /// The type of the event, such as `user.created`, `app.updated` or `webhook.disabled`.
    #[serde(rename = "type")]
    event_type: String,
    /// When it happened.
    at: Rfc3339,
    /// The actor that caused the change: `root`, `system`, `app:` and an app id, or a user id.
    actor: Actor,
    /// The kind of the actor: a user whose id looks like another actor is a `user`.
    actor_type: ActorType,
    /// The user, if the event is of a user.
    user_id: Option<UserId>,
    /// The app, if the event is about one.
    app_id: Option<AppId>,
    /// The connection, if the event is about one or about a token under one.
    connection_id: Option<ConnectionId>,
    /// The token, if the event is about one.
    token_id: Option<TokenId>,
    /// The kind of the token.
    kind: Option<TokenKind>,
    /// The provider, if the event is about one.
    provider: Option<Slug>,
    /// The webhook endpoint, if the event is about one.
    webhook: Option<Slug>,
    /// Details that depend on the type. They contain no secrets.
    data: Json,
}

impl From<EventEntry> for ListedEventResponse {
    fn from(entry: EventEntry) -> Self {
        let actor_type = entry.actor.actor_type();
        Self {
            id: entry.id,
            event_type: entry.event_type,
            at: Rfc3339(entry.at),
            actor: entry.actor,
            actor_type,
            user_id: entry.user_id,
            app_id: entry.app_id,
            connection_id: entry.connection_id,
            token_id: entry.token_id,
            kind: entry.kind,
            provider: entry.provider,
            webhook: entry.webhook,
            data: entry.data,
        }
    }
}

async fn list_events(
    cx: &Context<'_>,
    Query((page, filter)): Query<ListEventsQuery>,
) -> Result<Body<ListResponse<ListedEventResponse>>, ApiError> {
    Ok(Body(ListResponse::of(directory::list_events(cx, &filter, page).await?, Into::into)))
}
