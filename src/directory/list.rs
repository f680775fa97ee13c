//! Lists and searches of the directory.
//!
//! A search is for the beginning of an id or a name. Names are compared without regard to the case of ASCII letters.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::entry::{AppEntry, AppStatus, ConnectionEntry, EventEntry, UserEntry, UserStatus};
use super::{Directory, DirectoryError, Row, Statement, Value, run};
use crate::core::connection::Health;
use crate::core::params::{Cursor, Page, PageRequest, Positioned};
use crate::core::revocation::Revocation;
use crate::core::webhook::Delivery;
use crate::core::{Actor, AppId, ConnectionId, ConnectionStatus, Group, Role, Slug, Timestamp, UserId};

/// The users to list: those of which everything that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// The beginning of the user's id or external id.
    pub prefix: Option<String>,
    /// The status of the user.
    pub status: Option<UserStatus>,
    /// A group of the user.
    pub group: Option<Group>,
    /// The role of the user.
    pub role: Option<Role>,
}

/// The apps to list: those of which everything that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppFilter {
    /// The beginning of the app's id or name.
    pub prefix: Option<String>,
    /// The status of the app.
    pub status: Option<AppStatus>,
    /// The provider of the app.
    pub provider: Option<Slug>,
}

/// The connections to list: those of which everything that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFilter {
    /// The beginning of the connection's id, or of the id of its user or app.
    pub prefix: Option<String>,
    /// The status of the connection.
    pub status: Option<ConnectionStatus>,
    /// The health of the connection.
    pub health: Option<Health>,
    /// The user of the connection.
    pub user_id: Option<UserId>,
    /// A group of the user.
    pub group: Option<Group>,
    /// The app of the connection.
    pub app_id: Option<AppId>,
    /// The provider whose credentials the connection stores.
    pub provider: Option<Slug>,
}

/// The events to list: those of which everything that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The type of the event; all types that begin with this text if it ends with a dot.
    pub event_type: Option<String>,
    /// The actor that caused the change.
    pub actor: Option<Actor>,
    /// The user that the event belongs to.
    pub user_id: Option<UserId>,
    /// The app that the event is about.
    pub app_id: Option<AppId>,
    /// The connection that the event is about.
    pub connection_id: Option<ConnectionId>,
    /// The provider that the event is about.
    pub provider: Option<Slug>,
    /// The first time.
    pub since: Option<Timestamp>,
    /// The time before which the event happened.
    pub until: Option<Timestamp>,
}

/// The abandoned revocations to list: those of which everything that is given is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationFilter {
    /// The user of the connection.
    pub user_id: Option<UserId>,
    /// The provider of the credential.
    pub provider: Option<Slug>,
}

/// Lists users.
///
/// # Errors
/// [`DirectoryError`].
pub async fn users(
    directory: &dyn Directory,
    filter: &UserFilter,
    page: PageRequest,
) -> Result<Page<UserEntry>, DirectoryError> {
    let mut list = List::new("users", USER, "deleted_at IS NULL");
    list.search(filter.prefix.as_deref(), &[("user_id", ""), ("external_id", "")]);
    list.equals("status", filter.status.map(UserStatus::as_str));
    list.equals("role", filter.role.map(Role::as_str));
    if let Some(group) = &filter.group {
        list.when("EXISTS (SELECT 1 FROM json_each(groups) WHERE value = ?)", group.as_str());
    }
    list.page(directory, page).await
}

/// Lists the apps of the deployment.
///
/// # Errors
/// [`DirectoryError`].
pub async fn apps(
    directory: &dyn Directory,
    filter: &AppFilter,
    page: PageRequest,
) -> Result<Page<AppEntry>, DirectoryError> {
    let mut list = List::new("apps", APP, "deleted_at IS NULL");
    list.search(filter.prefix.as_deref(), &[("app_id", ""), ("name", "COLLATE NOCASE")]);
    list.equals("status", filter.status.map(AppStatus::as_str));
    list.equals("provider", filter.provider.as_ref().map(Slug::as_str));
    list.page(directory, page).await
}

/// Lists connections.
///
/// # Errors
/// [`DirectoryError`].
pub async fn connections(
    directory: &dyn Directory,
    filter: &ConnectionFilter,
    page: PageRequest,
    now: Timestamp,
) -> Result<Page<ConnectionEntry>, DirectoryError> {
    let mut list = List::new("connections", CONNECTION, "deleted_at IS NULL");
    list.search(filter.prefix.as_deref(), &[("id", ""), ("user_id", ""), ("app_id", "")]);
    match filter.status {
        // A connection that nobody authorized in time is expired before its ledger records that.
        Some(ConnectionStatus::Initiated) => list.when("status = 'initiated' AND expires_at > ?", now),
        Some(ConnectionStatus::Expired) => {
            list.when("(status = 'expired' OR (status = 'initiated' AND expires_at <= ?))", now);
        }
        status => list.equals("status", status.map(ConnectionStatus::as_str)),
    }
    list.equals("health", filter.health.map(Health::as_str));
    list.equals("user_id", filter.user_id.as_ref().map(UserId::as_str));
    list.equals("app_id", filter.app_id.as_ref().map(AppId::as_str));
    list.equals("provider", filter.provider.as_ref().map(Slug::as_str));
    if let Some(group) = &filter.group {
        list.when(
            "user_id IN (SELECT user_id FROM users
               WHERE EXISTS (SELECT 1 FROM json_each(users.groups) WHERE value = ?))",
            group.as_str(),
        );
    }
    let mut page: Page<ConnectionEntry> = list.page(directory, page).await?;
    for entry in &mut page.items {
        let ran_out = entry.status.runs_out() && entry.expires_at.is_some_and(|at| at <= now);
        if ran_out {
            entry.status = ConnectionStatus::Expired;
            entry.changed_at = entry.expires_at.unwrap_or(entry.changed_at);
        }
    }
    Ok(page)
}

/// Lists connections to these apps, or to any if there are none, in the order of their creation: the newest first, and by id
/// within the same microsecond. The list begins after a place in that order.
///
/// # Errors
/// [`DirectoryError`].
pub async fn newest_connections(
    directory: &dyn Directory,
    app_ids: &[AppId],
    after: Option<(Timestamp, &str)>,
    limit: u32,
) -> Result<Vec<ConnectionEntry>, DirectoryError> {
    let mut list = List::new("connections", CONNECTION, "deleted_at IS NULL");
    if !app_ids.is_empty() {
        let app_ids = serde_json::to_string(app_ids).unwrap_or_default();
        list.when("app_id IN (SELECT value FROM json_each(?))", app_ids);
    }
    if let Some((created_at, id)) = after {
        // The first condition lets the index find the rows.
        list.when("created_at <= ?", created_at);
        let of_the_time = list.binds.len();
        list.when(&format!("(created_at < @{of_the_time} OR id > ?)"), id);
    }
    let page = PageRequest { after: None, limit: limit.saturating_sub(1) };
    let rows: Vec<Positioned<ConnectionEntry>> = list.rows(directory, page, "created_at DESC, id").await?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

/// Lists events.
///
/// # Errors
/// [`DirectoryError`].
pub async fn events(
    directory: &dyn Directory,
    filter: &EventFilter,
    page: PageRequest,
) -> Result<Page<EventEntry>, DirectoryError> {
    let mut list = List::new("events", EVENT, "TRUE");
    match filter.event_type.as_deref() {
        Some(group) if group.ends_with('.') => list.when("substr(type, 1, length(?)) = ?", group),
        event_type => list.equals("type", event_type),
    }
    list.equals("actor", filter.actor.as_ref().map(Actor::as_str));
    list.equals("user_id", filter.user_id.as_ref().map(UserId::as_str));
    list.equals("app_id", filter.app_id.as_ref().map(AppId::as_str));
    list.equals("connection_id", filter.connection_id.as_ref().map(ConnectionId::as_str));
    list.equals("provider", filter.provider.as_ref().map(Slug::as_str));
    if let Some(since) = filter.since {
        list.when("at >= ?", since);
    }
    if let Some(until) = filter.until {
        list.when("at < ?", until);
    }
    list.page(directory, page).await
}

/// Lists the deliveries to a webhook endpoint that was created at this time.
///
/// # Errors
/// [`DirectoryError`].
pub async fn deliveries(
    directory: &dyn Directory,
    endpoint: &Slug,
    since: Timestamp,
    page: PageRequest,
) -> Result<Page<Delivery>, DirectoryError> {
    let mut list = List::new("deliveries", "delivery", "TRUE");
    list.equals("endpoint", Some(endpoint.as_str()));
    list.when("at >= ?", since);
    list.page(directory, page).await
}

/// Lists abandoned revocations.
///
/// # Errors
/// [`DirectoryError`].
pub async fn revocations(
    directory: &dyn Directory,
    filter: &RevocationFilter,
    page: PageRequest,
) -> Result<Page<Revocation>, DirectoryError> {
    let mut list = List::new("revocations", "revocation", "deleted_at IS NULL");
    list.equals("user_id", filter.user_id.as_ref().map(UserId::as_str));
    list.equals("provider", filter.provider.as_ref().map(Slug::as_str));
    list.page(directory, page).await
}

/// A list whose conditions are being gathered.
struct List {
    table: &'static str,
    /// The expression of an entry as JSON.
    entry: &'static str,
    conditions: Vec<String>,
    binds: Vec<Value>,
}

impl List {
    fn new(table: &'static str, entry: &'static str, condition: &'static str) -> Self {
        Self { table, entry, conditions: vec![condition.to_owned()], binds: Vec::new() }
    }

    /// Adds a condition. Each `?` in it is the value.
    fn when(&mut self, condition: &str, value: impl Into<Value>) {
        self.binds.push(value.into());
        let parameter = format!("?{}", self.binds.len());
        self.conditions.push(condition.replace('?', &parameter).replace('@', "?"));
    }

    fn equals(&mut self, column: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.when(&format!("{column} = ?"), value);
        }
    }

    /// Adds the condition that one of the columns begins with this text. The index of each column finds the rows.
    fn search(&mut self, prefix: Option<&str>, columns: &[(&str, &str)]) {
        let Some(prefix) = prefix else {
            return;
        };
        let table = self.table;
        let of_column = |(column, collation): &(&str, &str)| {
            // No character comes after the last one of Unicode.
            format!(
                "SELECT seq FROM {table}
                 WHERE {column} {collation} >= ? AND {column} {collation} <= ? || char(1114111)"
            )
        };
        let found: Vec<String> = columns.iter().map(of_column).collect();
        self.when(&format!("seq IN ({})", found.join(" UNION ")), prefix);
    }

    async fn page<T: DeserializeOwned>(
        mut self,
        directory: &dyn Directory,
        page: PageRequest,
    ) -> Result<Page<T>, DirectoryError> {
        if let Some(Cursor(after)) = page.after {
            self.when("seq < ?", after);
        }
        Ok(paged(page, self.rows(directory, page, "seq DESC").await?))
    }

    /// The rows of a page in this order, and one more if there is another page.
    async fn rows<T: DeserializeOwned>(
        self,
        directory: &dyn Directory,
        page: PageRequest,
        order: &str,
    ) -> Result<Vec<Positioned<T>>, DirectoryError> {
        let Self { table, entry, conditions, binds } = self;
        let sql = format!(
            "SELECT seq, {entry} AS entry FROM {table} WHERE {} ORDER BY {order} LIMIT {}",
            conditions.join(" AND "),
            page.rows()
        );
        let answer = run(directory, vec![Statement { sql, binds }]).await?;
        answer.into_iter().flatten().map(read).collect()
    }
}

/// The page of rows that were read with [`PageRequest::rows`] as the limit.
fn paged<T>(page: PageRequest, mut rows: Vec<Positioned<T>>) -> Page<T> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = if has_more { rows.last().map(|row| row.position) } else { None };
    Page { items: rows.into_iter().map(|row| row.value).collect(), next }
}

/// Reads an entry and its place.
fn read<T: DeserializeOwned>(row: Row) -> Result<Positioned<T>, DirectoryError> {
    #[derive(Deserialize)]
    struct Listed {
        seq: u64,
        entry: String,
    }
    let unreadable = |_| DirectoryError::Failed("a row is not readable".to_owned());
    let Listed { seq, entry } = serde_json::from_value(row.into()).map_err(unreadable)?;
    let value = serde_json::from_str(&entry).map_err(unreadable)?;
    Ok(Positioned { position: Cursor(seq), value })
}

const USER: &str = "json_object('user_id', user_id, 'status', status, 'role', role, 'groups', json(groups),
    'external_id', external_id, 'connectable', json(iif(connectable, 'true', 'false')), 'created_at', created_at,
    'updated_at', updated_at)";

const APP: &str = "json_object('app_id', app_id, 'status', status, 'registration', json(registration),
    'created_at', created_at, 'updated_at', updated_at)";

const CONNECTION: &str = "json_object('id', id, 'user_id', user_id, 'app_id', app_id, 'provider', provider,
    'status', status, 'health', health, 'scope', scope, 'created_at', created_at, 'created_by', created_by,
    'changed_at', changed_at, 'expires_at', expires_at, 'ended_at', ended_at)";

const EVENT: &str = "json_object('id', id, 'type', type, 'at', at, 'actor', actor, 'user_id', user_id,
    'app_id', app_id, 'connection_id', connection_id, 'token_id', token_id, 'kind', kind, 'provider', provider,
    'webhook', webhook, 'data', json(data))";
