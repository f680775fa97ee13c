//! The search for connections of any users.
//!
//! Named connections and the connections of named users come from their ledgers. Across all users, the list of all
//! connections names where to look, and the ledgers confirm what is shown: so everything that is shown is true, and a
//! connection of the last minute may be missing.

use futures_util::future::join_all;

use super::app_lookup;
use super::context::Context;
use super::error::ApiError;
use super::ledgers::LedgerUnavailable;
use super::platform::{ConnectionListPage, ListedConnection};
use crate::core::decide::connections::GetConnection;
use crate::core::decide::users::ListConnections;
use crate::core::params::{Cursor, Page, PageRequest};
use crate::core::{
    App, AppId, ConnectionId, ConnectionRef, ConnectionStatus, ConnectionVerdict, DecisionError, LedgerId, Resource,
    Rule, Slug, UserId,
};

/// How many pages of one source a search reads to fill its page.
const READS_MAX: u32 = 3;

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
    /// Where the page begins: the `next` of an earlier page.
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
    /// The ids of connections and users whose ledgers cannot be read now.
    pub missing: Vec<String>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// Searches for connections, newest first in each source. Only administrators may.
///
/// # Errors
/// [`DecisionError::Forbidden`], [`ApiError::Invalid`] for a wrong cursor, or [`ApiError::Unavailable`]. If some ledgers
/// cannot be read, the others' connections are found, and the rest is named as missing.
pub async fn search(cx: &Context<'_>, search: &Search) -> Result<FoundConnections, ApiError> {
    cx.require_operator()?;
    let mut position = Position::first(search)?;
    let mut found = FoundConnections::default();
    let mut reads = 0_u32;
    while reads < READS_MAX && position != Position::End {
        let missing = search.limit.saturating_sub(u32::try_from(found.connections.len()).unwrap_or(u32::MAX));
        if missing == 0 {
            break;
        }
        reads = reads.saturating_add(1);
        let (connections, next) = read(cx, search, position, missing, &mut found.missing).await?;
        // Each user has its own budget of reads.
        if matches!(next, Position::OfUser(_, None)) {
            reads = 0;
        }
        position = next;
        let matching: Vec<_> = connections.into_iter().filter(|verdict| search.matches(verdict)).collect();
        add_apps(cx, &matching, &mut found.apps).await?;
        let of_provider = matching.into_iter().filter(|verdict| search.matches_provider(verdict, &found.apps));
        found.connections.extend(of_provider.collect::<Vec<_>>());
    }
    if found.connections.is_empty() && !found.missing.is_empty() && search.cursor.is_none() {
        return Err(LedgerUnavailable.into());
    }
    found.next = position.cursor(search);
    Ok(found)
}

/// Where a page continues.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Position {
    /// The connections that the search names.
    Named,
    /// The list of all connections, from its cursor.
    Listed(Option<String>),
    /// The user with this index, from the position in its list.
    OfUser(usize, Option<Cursor>),
    /// There is nothing more.
    End,
}

impl Position {
    /// Where the page of a search begins.
    fn first(search: &Search) -> Result<Self, ApiError> {
        if !search.ids.is_empty() {
            return Ok(Self::Named);
        }
        if search.user_ids.is_empty() {
            return Ok(Self::Listed(search.cursor.clone()));
        }
        let Some(cursor) = &search.cursor else {
            return Ok(Self::OfUser(0, None));
        };
        let parsed = cursor.split_once('.').and_then(|(index, after)| Some((index.parse().ok()?, after.parse().ok()?)));
        let rule = || Rule::new("must be the next_cursor of an earlier answer");
        let (index, after) = parsed.ok_or_else(|| ApiError::invalid("cursor", rule()))?;
        Ok(Self::OfUser(index, Some(after)))
    }

    /// The cursor of the page that begins here.
    fn cursor(self, search: &Search) -> Option<String> {
        match self {
            Self::Listed(cursor) => cursor,
            Self::OfUser(index, after) if index < search.user_ids.len() => {
                Some(format!("{index}.{}", after.unwrap_or(Cursor::START)))
            }
            Self::Named | Self::OfUser(..) | Self::End => None,
        }
    }
}

/// Reads up to `limit` connections at a position, and returns them with the next position.
async fn read(
    cx: &Context<'_>,
    search: &Search,
    position: Position,
    limit: u32,
    missing: &mut Vec<String>,
) -> Result<(Vec<ConnectionVerdict>, Position), ApiError> {
    match position {
        Position::End => Ok((Vec::new(), Position::End)),
        Position::Named => {
            let ids = search.ids.iter().filter_map(|id| match id {
                ConnectionRef::Known { ledger_id, id } => Some((*ledger_id, id.clone())),
                ConnectionRef::Invalid => None,
            });
            Ok((get_all(cx, ids.collect(), missing).await?, Position::End))
        }
        Position::Listed(cursor) => {
            let page = cx.platform.connection_list().page(cursor, limit).await;
            let ConnectionListPage { entries, next } = page.map_err(|_| LedgerUnavailable)?;
            let matching = entries.into_iter().filter(|entry| search.may_match(entry));
            let ids = matching.map(|entry| (LedgerId::of_user(&entry.user_id), entry.id)).collect();
            let next = next.map_or(Position::End, |cursor| Position::Listed(Some(cursor)));
            Ok((get_all(cx, ids, missing).await?, next))
        }
        Position::OfUser(index, after) => {
            let Some(user_id) = search.user_ids.get(index).cloned() else {
                return Ok((Vec::new(), Position::End));
            };
            let page = PageRequest { after, limit };
            let command = ListConnections { user_id: user_id.clone(), page, status: None, app_id: None };
            let next_user = Position::OfUser(index.saturating_add(1), None);
            match cx.ledger_of(&user_id).run_plain(command).await {
                Ok(Page { items, next }) => {
                    Ok((items, next.map_or(next_user, |after| Position::OfUser(index, Some(after)))))
                }
                Err(ApiError::Refused(DecisionError::NotFound(Resource::User))) => Ok((Vec::new(), next_user)),
                Err(ApiError::Unavailable(_)) => {
                    missing.push(user_id.to_string());
                    Ok((Vec::new(), next_user))
                }
                Err(error) => Err(error),
            }
        }
    }
}

/// Reads connections from their ledgers, which work at the same time. A connection that does not exist is left out. One
/// whose ledger cannot be read is missing.
async fn get_all(
    cx: &Context<'_>,
    ids: Vec<(LedgerId, ConnectionId)>,
    missing: &mut Vec<String>,
) -> Result<Vec<ConnectionVerdict>, ApiError> {
    let calls =
        ids.iter().map(|(ledger_id, id)| cx.user_ledger(*ledger_id).run_plain(GetConnection { id: id.clone() }));
    let mut found = Vec::new();
    for (result, (_, id)) in join_all(calls).await.into_iter().zip(&ids) {
        match result {
            Ok(verdict) => found.push(verdict),
            Err(ApiError::Refused(_)) => {}
            Err(ApiError::Unavailable(_)) => missing.push(id.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
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

    /// Whether a connection matches, apart from its provider.
    fn matches(&self, verdict: &ConnectionVerdict) -> bool {
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
