//! The search for connections of any users.
//!
//! Named connections, and the connections of named users, come from their ledgers: newest first across the users. Across
//! all users, the list of all connections names the candidates and their ledgers confirm each one. So every connection
//! that is found is as its ledger has it, and a connection of the last minute may be missing.

use std::cmp::Reverse;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::app_lookup;
use super::caller::Secret;
use super::context::Context;
use super::error::ApiError;
use super::ledgers::LedgerUnavailable;
use super::platform::{ConnectionListPage, ListedConnection};
use crate::core::decide::connections::GetConnection;
use crate::core::decide::users::ListConnections;
use crate::core::params::{Cursor, Page, PageRequest};
use crate::core::{
    App, AppId, ConnectionId, ConnectionRef, ConnectionStatus, ConnectionVerdict, DecisionError, LedgerId, Resource,
    Rule, Sealed, Slug, Timestamp, UserId,
};

/// How often a search reads to fill its page.
const READS_MAX: u32 = 3;
/// The highest number of connections that a ledger lists at once.
const LIST_LIMIT_MAX: u32 = 100;

/// A search for connections. An empty filter matches everything.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Only these connections.
    pub ids: Vec<ConnectionRef>,
    /// Only connections of these users.
    pub user_ids: Vec<UserId>,
    /// Only connections to these apps.
    pub app_ids: Vec<AppId>,
    /// Only connections that store credentials of these providers, or are to an app of one of them.
    pub providers: Vec<Slug>,
    /// Only connections in these statuses.
    pub statuses: Vec<ConnectionStatus>,
    /// Which connections in the status `revoking` match; all of them if `None`.
    pub revoking: Option<RevokingFilter>,
    /// The cursor of the page: the `next` of an earlier page.
    pub cursor: Option<String>,
    /// The highest number of connections: 1 to 100.
    pub limit: u32,
}

/// A filter of connections in the status `revoking`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokingFilter {
    /// The provider has confirmed that at least one credential is dead.
    SomeDead,
    /// The provider has not confirmed anything yet.
    NoneDead,
}

/// A page of connections with their apps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundConnections {
    /// The connections.
    pub connections: Vec<ConnectionVerdict>,
    /// The apps of the connections that still exist.
    pub apps: Vec<App>,
    /// The users and connections whose ledgers cannot be read: their connections may be missing.
    pub missing: Vec<String>,
    /// The cursor of the next page; `None` on the last page.
    pub next: Option<String>,
}

/// Searches for connections, newest first. Only administrators may.
///
/// # Errors
/// [`DecisionError::Forbidden`], [`ApiError::Invalid`] for a wrong cursor, or [`ApiError::Unavailable`]. If some ledgers
/// cannot be read, the others' connections are found, and the rest is named as missing.
pub async fn search(cx: &Context<'_>, search: &Search) -> Result<FoundConnections, ApiError> {
    cx.require_operator()?;
    let position = search.cursor.as_deref().map(|cursor| Position::open(cx, cursor)).transpose()?;
    let is_listed = search.ids.is_empty() && search.user_ids.is_empty();
    let found = match (is_listed, position) {
        (true, None) => of_everybody(cx, search, None).await,
        (true, Some(Position::Listed(cursor))) => of_everybody(cx, search, Some(cursor)).await,
        (false, None) => of_named(cx, search, None).await,
        (false, Some(Position::After(after))) => of_named(cx, search, Some(after)).await,
        _ => Err(wrong_cursor()),
    }?;
    if found.connections.is_empty() && !found.missing.is_empty() && search.cursor.is_none() {
        return Err(LedgerUnavailable.into());
    }
    Ok(found)
}

/// The position at which a page continues. A cursor is a sealed position, so a client cannot make one up.
#[derive(Serialize, Deserialize)]
enum Position {
    /// In the list of all connections, at its cursor.
    Listed(String),
    /// After a connection.
    After(Place),
}

/// The place of a connection among connections of any users: the newest first, and by id within the same microsecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place(Reverse<Timestamp>, String);

impl Place {
    fn of(verdict: &ConnectionVerdict) -> Self {
        Self(Reverse(verdict.connection.created_at), verdict.connection.id.as_str().to_owned())
    }
}

/// The owner name that cursors are sealed for.
const CURSOR: &str = "cursor:connections";

impl Position {
    fn open(cx: &Context<'_>, cursor: &str) -> Result<Self, ApiError> {
        let text = cx.config.keyring.unseal(CURSOR, &Sealed::stored(cursor.to_owned()));
        text.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(wrong_cursor)
    }

    fn cursor(&self, cx: &Context<'_>) -> Result<String, ApiError> {
        let text = serde_json::to_string(self).map_err(|_| ApiError::Internal("a cursor cannot be written"))?;
        Ok(cx.seal(CURSOR, &Secret(text))?.as_str().to_owned())
    }
}

fn wrong_cursor() -> ApiError {
    ApiError::invalid("cursor", Rule::new("must be the next_cursor of an earlier answer"))
}

/// The connections of every user, as the list of all connections orders them.
async fn of_everybody(
    cx: &Context<'_>,
    search: &Search,
    mut cursor: Option<String>,
) -> Result<FoundConnections, ApiError> {
    let mut found = FoundConnections::default();
    for _ in 0..READS_MAX {
        let page = cx.platform.connection_list().page(cursor, search.lacks(&found)).await;
        let ConnectionListPage { entries, next } = page.map_err(|_| LedgerUnavailable)?;
        let matching = entries.into_iter().filter(|entry| search.may_match(entry));
        let ids = matching.map(|entry| (LedgerId::of_user(&entry.user_id), entry.id)).collect();
        let connections = get_all(cx, ids, &mut found.missing).await?;
        add_apps(cx, &connections, &mut found.apps).await?;
        let matching = connections.into_iter().filter(|verdict| search.matches(verdict, &found.apps));
        found.connections.extend(matching.collect::<Vec<_>>());
        cursor = next;
        if cursor.is_none() || search.lacks(&found) == 0 {
            break;
        }
    }
    found.next = cursor.map(|cursor| Position::Listed(cursor).cursor(cx)).transpose()?;
    Ok(found)
}

/// The connections that the search names, or those of the users that it names.
async fn of_named(cx: &Context<'_>, search: &Search, mut after: Option<Place>) -> Result<FoundConnections, ApiError> {
    let mut found = FoundConnections::default();
    let mut has_more = true;
    for _ in 0..READS_MAX {
        let Candidates { connections, is_complete } =
            candidates(cx, search, after.as_ref(), &mut found.missing).await?;
        add_apps(cx, &connections, &mut found.apps).await?;
        has_more = !is_complete;
        for verdict in connections {
            if search.lacks(&found) == 0 {
                has_more = true;
                break;
            }
            after = Some(Place::of(&verdict));
            if search.matches(&verdict, &found.apps) {
                found.connections.push(verdict);
            }
        }
        if !has_more || search.lacks(&found) == 0 {
            break;
        }
    }
    let next = after.filter(|_| has_more).map(Position::After);
    found.next = next.map(|position| position.cursor(cx)).transpose()?;
    Ok(found)
}

/// Connections after a place, without a gap.
struct Candidates {
    /// The connections, in the order of their places.
    connections: Vec<ConnectionVerdict>,
    /// Whether there are no others.
    is_complete: bool,
}

/// Reads the connections after a place that the search names, or as many of its users as the page can need.
async fn candidates(
    cx: &Context<'_>,
    search: &Search,
    after: Option<&Place>,
    missing: &mut Vec<String>,
) -> Result<Candidates, ApiError> {
    let (mut connections, oldest) = if search.ids.is_empty() {
        of_users(cx, search, after, missing).await?
    } else {
        let known = search.ids.iter().filter_map(|id| match id {
            ConnectionRef::Known { ledger_id, id } => Some((*ledger_id, id.clone())),
            ConnectionRef::Invalid => None,
        });
        (get_all(cx, unique(known), missing).await?, None)
    };
    connections.sort_by_cached_key(Place::of);
    connections.retain(|verdict| after.is_none_or(|after| Place::of(verdict) > *after));
    let count = connections.len();
    // Another user may have connections between those that were read before the oldest, and the oldest.
    connections.retain(|verdict| oldest.is_none_or(|oldest| verdict.connection.created_at >= oldest));
    Ok(Candidates { is_complete: oldest.is_none() && connections.len() == count, connections })
}

/// Reads the newest connections of each user after a place, and the time from which on they are complete; `None` if they
/// are complete altogether.
async fn of_users(
    cx: &Context<'_>,
    search: &Search,
    after: Option<&Place>,
    missing: &mut Vec<String>,
) -> Result<(Vec<ConnectionVerdict>, Option<Timestamp>), ApiError> {
    // A list is in the order of creation, so its cursor is a time. One connection of the same microsecond may follow.
    let after = after.map(|Place(Reverse(at), _)| Cursor(at.next().micros().unsigned_abs()));
    let page = PageRequest { after, limit: search.limit.saturating_add(1).min(LIST_LIMIT_MAX) };
    let users = unique(search.user_ids.iter().cloned());
    let calls = users.iter().map(|user_id| {
        let list = ListConnections { user_id: user_id.clone(), page, status: None, app_id: None };
        cx.ledger_of(user_id).run_plain(list)
    });
    let (mut connections, mut oldest) = (Vec::new(), None);
    for (user_id, result) in users.iter().zip(join_all(calls).await) {
        match result {
            Ok(Page { items, next }) => {
                let next = next.and_then(|Cursor(micros)| i64::try_from(micros).ok()).map(Timestamp::from_micros);
                oldest = oldest.max(next);
                connections.extend(items);
            }
            Err(ApiError::Refused(DecisionError::NotFound(Resource::User))) => {}
            Err(ApiError::Unavailable(_)) => add_missing(missing, user_id.as_str()),
            Err(error) => return Err(error),
        }
    }
    Ok((connections, oldest))
}

/// The values, each once.
fn unique<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut unique, value| {
        if !unique.contains(&value) {
            unique.push(value);
        }
        unique
    })
}

/// Reads connections from their ledgers, which work at the same time. A connection that does not exist is left out, and one
/// whose ledger cannot be read is missing.
async fn get_all(
    cx: &Context<'_>,
    ids: Vec<(LedgerId, ConnectionId)>,
    missing: &mut Vec<String>,
) -> Result<Vec<ConnectionVerdict>, ApiError> {
    let calls = ids.iter().map(|(ledger_id, id)| {
        let get = GetConnection { id: id.clone() };
        cx.user_ledger(*ledger_id).run_plain(get)
    });
    let mut found = Vec::new();
    for ((_, id), result) in ids.iter().zip(join_all(calls).await) {
        match result {
            Ok(verdict) => found.push(verdict),
            Err(ApiError::Refused(_)) => {}
            Err(ApiError::Unavailable(_)) => add_missing(missing, id.as_str()),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Names a user or a connection as missing, once.
fn add_missing(missing: &mut Vec<String>, name: &str) {
    if !missing.iter().any(|known| known == name) {
        missing.push(name.to_owned());
    }
}

/// Adds the apps of connections that are not in the list yet.
async fn add_apps(cx: &Context<'_>, connections: &[ConnectionVerdict], apps: &mut Vec<App>) -> Result<(), ApiError> {
    let mut unknown: Vec<&AppId> = Vec::new();
    for verdict in connections {
        let app_id = &verdict.connection.app_id;
        if !unknown.contains(&app_id) && !apps.iter().any(|app| app.app_id == *app_id) {
            unknown.push(app_id);
        }
    }
    let found = app_lookup::find_all(cx, &unknown).await?;
    apps.extend(found);
    Ok(())
}

impl Search {
    /// Whether an entry of the list can match. Its status may have changed since it was written, unless it is final.
    fn may_match(&self, entry: &ListedConnection) -> bool {
        let status = entry.status;
        allows(&self.app_ids, &entry.app_id)
            && (allows(&self.statuses, &status) || !status.is_final())
            && entry.provider.as_ref().is_none_or(|slug| allows(&self.providers, slug))
    }

    /// How many connections the page lacks.
    fn lacks(&self, found: &FoundConnections) -> u32 {
        self.limit.saturating_sub(u32::try_from(found.connections.len()).unwrap_or(u32::MAX))
    }

    /// Whether a connection matches. `apps` has its app, if that still exists.
    fn matches(&self, verdict: &ConnectionVerdict, apps: &[App]) -> bool {
        let status = verdict.status();
        let matches_revoking = || match self.revoking {
            None => true,
            Some(RevokingFilter::SomeDead) => verdict.has_dead_credential(),
            Some(RevokingFilter::NoneDead) => !verdict.has_dead_credential(),
        };
        allows(&self.app_ids, &verdict.connection.app_id)
            && allows(&self.user_ids, &verdict.user_id)
            && allows(&self.statuses, &status)
            && (status != ConnectionStatus::Revoking || matches_revoking())
            && self.matches_provider(verdict, apps)
    }

    /// Whether a connection is to one of the providers: by the credentials that it stores, or else by its app.
    fn matches_provider(&self, verdict: &ConnectionVerdict, apps: &[App]) -> bool {
        let connection = &verdict.connection;
        let app = apps.iter().find(|app| app.app_id == connection.app_id);
        let of_app = app.and_then(|app| app.registration.provider.as_ref());
        match connection.provider.as_ref().or(of_app) {
            Some(slug) => allows(&self.providers, slug),
            None => {
                self.providers.is_empty()
                    || self.providers.iter().any(|slug| slug.as_str() == connection.app_id.as_str())
            }
        }
    }
}

/// Whether a filter allows a value. An empty filter allows every value.
fn allows<T: PartialEq>(filter: &[T], value: &T) -> bool {
    filter.is_empty() || filter.contains(value)
}
