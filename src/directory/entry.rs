//! The entries of the directory: what lists show of a user, app, connection, event, delivery and revocation.

use serde::{Deserialize, Serialize};

use crate::core::app::Registration;
use crate::core::connection::{ConnectionState, Health};
use crate::core::event::RecordedEvent;
use crate::core::provider::ProviderEvent;
use crate::core::string_enum::string_enum;
use crate::core::{
    Actor, App, AppId, Connection, ConnectionId, ConnectionStatus, ExternalId, Group, Json, Role, Scope, Slug,
    Timestamp, TokenId, TokenKind, User, UserId,
};

string_enum! {
    /// The status of a user.
    pub enum UserStatus {
        /// The user exists.
        Active = "active",
    }
}

string_enum! {
    /// The status of an app.
    pub enum AppStatus {
        /// The app exists.
        Active = "active",
    }
}

/// A user, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEntry {
    /// The user's id.
    pub user_id: UserId,
    /// The status of the user.
    pub status: UserStatus,
    /// The role of the user.
    pub role: Role,
    /// The user's groups.
    pub groups: Vec<Group>,
    /// The user's id in another system.
    pub external_id: Option<ExternalId>,
    /// Whether connections can be created for the user.
    pub connectable: bool,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When the profile last changed.
    pub updated_at: Timestamp,
}

impl UserEntry {
    /// The entry of a user.
    #[must_use]
    pub fn of(user: &User) -> Self {
        Self {
            user_id: user.user_id.clone(),
            status: UserStatus::Active,
            role: user.profile.role,
            groups: user.profile.groups.clone(),
            external_id: user.profile.external_id.clone(),
            connectable: user.profile.connectable,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// An app. Its client secret is not in the directory, nor is the secret's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppEntry {
    /// The app's id.
    pub app_id: AppId,
    /// The status of the app.
    pub status: AppStatus,
    /// The registration of the app.
    pub registration: Registration,
    /// When the app was created.
    pub created_at: Timestamp,
    /// When the app last changed.
    pub updated_at: Timestamp,
}

impl AppEntry {
    /// The entry of an app.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self {
            app_id: app.app_id.clone(),
            status: AppStatus::Active,
            registration: app.registration.clone(),
            created_at: app.created_at,
            updated_at: app.updated_at,
        }
    }
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionEntry {
    /// The connection's id.
    pub id: ConnectionId,
    /// The id of the user.
    pub user_id: UserId,
    /// The id of the app.
    pub app_id: AppId,
    /// The provider whose credentials the connection stores or stored.
    pub provider: Option<Slug>,
    /// The status of the connection.
    pub status: ConnectionStatus,
    /// The health of the connection; `None` unless it is active or disabled.
    pub health: Option<Health>,
    /// The scopes that the app was granted.
    pub scope: Option<Scope>,
    /// When the connection was created.
    pub created_at: Timestamp,
    /// The actor that created the connection.
    pub created_by: Actor,
    /// When the connection entered its status.
    pub changed_at: Timestamp,
    /// The time by which the user must authorize the app.
    pub expires_at: Option<Timestamp>,
    /// When the end of the connection was recorded; `None` while it is alive here or at its provider.
    pub ended_at: Option<Timestamp>,
}

impl ConnectionEntry {
    /// The entry of a connection in its present state.
    #[must_use]
    pub fn of(user_id: &UserId, connection: &Connection, state: &ConnectionState, now: Timestamp) -> Self {
        Self {
            id: connection.id.clone(),
            user_id: user_id.clone(),
            app_id: connection.app_id.clone(),
            provider: connection.provider.clone(),
            status: state.status,
            health: matches!(state.status, ConnectionStatus::Active | ConnectionStatus::Inactive)
                .then(|| connection.health()),
            scope: connection.scope.clone(),
            created_at: connection.created_at,
            created_by: connection.created_by.clone(),
            changed_at: state.at,
            expires_at: connection.expires_at.filter(|_| state.status.runs_out()),
            ended_at: state.status.is_final().then_some(now),
        }
    }
}

/// An event of any ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEntry {
    /// The id of the event.
    pub id: String,
    /// The type of the event, such as `user.created`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it happened.
    pub at: Timestamp,
    /// The actor that caused the change.
    pub actor: Actor,
    /// The user, if the event is of a user.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The app, if the event is about one.
    #[serde(default)]
    pub app_id: Option<AppId>,
    /// The connection, if the event is about one or about a token under one.
    #[serde(default)]
    pub connection_id: Option<ConnectionId>,
    /// The token, if the event is about one.
    #[serde(default)]
    pub token_id: Option<TokenId>,
    /// The kind of the token.
    #[serde(default)]
    pub kind: Option<TokenKind>,
    /// The provider, if the event is about one.
    #[serde(default)]
    pub provider: Option<Slug>,
    /// The webhook endpoint, if the event is about one.
    #[serde(default)]
    pub webhook: Option<Slug>,
    /// Details that depend on the type.
    pub data: Json,
}

/// The members of the data of an event that the directory searches.
#[derive(Default, Deserialize)]
struct Searched {
    #[serde(default)]
    app_id: Option<AppId>,
    #[serde(default)]
    provider: Option<Slug>,
}

impl EventEntry {
    /// The entry of an event of a user's ledger.
    #[must_use]
    pub fn of(recorded: &RecordedEvent) -> Self {
        let event = &recorded.event;
        let searched: Searched = serde_json::from_str(event.data.as_str()).unwrap_or_default();
        Self {
            id: recorded.id(),
            event_type: event.event_type.as_str().to_owned(),
            at: event.at,
            actor: event.actor.clone(),
            user_id: Some(event.user_id.clone()),
            app_id: searched.app_id,
            connection_id: event.connection_id.clone(),
            token_id: event.token_id.clone(),
            kind: event.kind,
            provider: searched.provider,
            webhook: None,
            data: event.data.clone(),
        }
    }

    /// The entry of an event about nothing but its type, time and actor. The ledger gives it its id.
    #[must_use]
    pub fn plain(event_type: &str, at: Timestamp, actor: Actor, data: Json) -> Self {
        Self {
            id: String::new(),
            event_type: event_type.to_owned(),
            at,
            actor,
            user_id: None,
            app_id: None,
            connection_id: None,
            token_id: None,
            kind: None,
            provider: None,
            webhook: None,
            data,
        }
    }

    /// The entry of an event about a provider.
    #[must_use]
    pub fn of_provider(event: &ProviderEvent) -> Self {
        #[derive(Serialize)]
        struct Data<'a> {
            host: Option<&'a str>,
            previous_host: Option<&'a str>,
        }
        let data = Data { host: event.host.as_deref(), previous_host: event.previous_host.as_deref() };
        let plain = Self::plain(event.event_type.as_str(), event.at, event.actor.clone(), Json::of(&data));
        Self { provider: Some(event.slug.clone()), ..plain }
    }
}
