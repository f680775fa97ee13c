//! Connections of any users.
//!
//! Of named connections and users their ledgers tell. Across all users, the list in KV says where to look, and the
//! ledgers confirm what is shown: so what is shown is true, and what was made in the last minute may be missing.

use super::execute::Work;
use super::operator::allowed;
use super::session::Session;
use crate::core::command::Action;
use crate::core::order::Page;
use crate::core::{Answer, App, AppId, Command, ConnectionStatus, ConnectionVerdict, Link, Outcome, Refusal, Shard};
use crate::dialects::{Accounts, Beside, Failure};
use crate::platform::kv::{Entry, Kv};
use crate::platform::ledgers::Pending;

/// How often a page looks further in one place where what it finds is not asked for.
const LOOKS_MAX: u32 = 3;

impl Session<'_> {
    /// A page of connections with their apps.
    pub(super) async fn accounts(&self, asked: &Accounts) -> Result<Work, Failure> {
        allowed(&self.principal)?;
        let mut place = Place::first(asked)?;
        let mut verdicts = Vec::new();
        let mut apps = Vec::new();
        let mut looks = 0_u32;
        while looks < LOOKS_MAX && !matches!(place, Place::End) {
            let missing = asked.limit.saturating_sub(u32::try_from(verdicts.len()).unwrap_or(u32::MAX));
            if missing == 0 {
                break;
            }
            looks = looks.saturating_add(1);
            let (pending, next) = self.look_at(&place, asked, missing).await?;
            let (found, before) = gathered(pending, matches!(place, Place::OfUser(..)), asked).await?;
            place = match (place, before) {
                (Place::OfUser(index, _), Some(before)) => Place::OfUser(index, Some(before)),
                _ => next,
            };
            // Each user is looked at anew.
            if matches!(place, Place::OfUser(_, None)) {
                looks = 0;
            }
            apps.extend(self.executor.apps(&unknown(&found, &apps)).await?);
            for verdict in found {
                if asked.providers.is_empty() || is_of(&verdict, &apps, asked) {
                    verdicts.push(verdict);
                }
            }
        }
        let beside = Beside::Cursor(place.cursor(asked));
        Ok(Work { apps, beside, ..Outcome::Connections(verdicts, None).into() })
    }

    /// Asks the ledgers of a place for so many connections, and says where to go on. The ledgers work at once.
    async fn look_at(
        &self,
        place: &Place,
        asked: &Accounts,
        missing: u32,
    ) -> Result<(Vec<Pending<Answer>>, Place), Failure> {
        let mut pending = Vec::new();
        let mut next = Place::End;
        match place {
            Place::End => {}
            Place::Named => {
                for link in &asked.ids {
                    if let Link::Known(shard, id) = link {
                        pending.push(self.look(*shard, Command::OfConnection(id.clone(), Action::Get)));
                    }
                }
            }
            Place::Listed(cursor) => {
                let kv = Kv::of(self.executor.env).ok_or(Failure::Unavailable)?;
                let page = kv.entries(cursor.as_deref(), missing).await;
                let (entries, cursor) = page.ok_or(Failure::Unavailable)?;
                for entry in entries {
                    if may_be(&entry, asked) {
                        let command = Command::OfConnection(entry.connection_id, Action::Get);
                        pending.push(self.look(Shard::of(&entry.user_id), command));
                    }
                }
                if cursor.is_some() {
                    next = Place::Listed(cursor);
                }
            }
            Place::OfUser(index, before) => {
                if let Some(user_id) = asked.user_ids.get(*index).cloned() {
                    let shard = Shard::of(&user_id);
                    let page = Page { before: *before, limit: missing };
                    let command = Command::ListConnections { user_id, page, status: None, app_id: None };
                    pending.push(self.look(shard, command));
                    next = Place::OfUser(index.saturating_add(1), None);
                }
            }
        }
        Ok((pending, next))
    }
}

/// What ledgers show of what is asked for, and where the list of a user goes on. A connection that was there when it was
/// listed may be there no more; a user's list is there, or something is wrong.
async fn gathered(
    pending: Vec<Pending<Answer>>,
    of_user: bool,
    asked: &Accounts,
) -> Result<(Vec<ConnectionVerdict>, Option<u64>), Failure> {
    let mut found = Vec::new();
    let mut next = None;
    for pending in pending {
        let shown = match pending.await?.outcome {
            Ok(Outcome::Connection(verdict)) => vec![verdict],
            Ok(Outcome::Connections(verdicts, before)) => {
                next = before;
                verdicts
            }
            Err(refusal) if of_user && !matches!(refusal, Refusal::UserUnknown) => return Err(refusal.into()),
            _ => continue,
        };
        for verdict in shown {
            if is_in(&verdict, asked) {
                found.push(verdict);
            }
        }
    }
    Ok((found, next))
}

/// The apps of connections that are not among these yet.
fn unknown<'a>(found: &'a [ConnectionVerdict], apps: &[App]) -> Vec<&'a AppId> {
    let mut unknown = Vec::new();
    for verdict in found {
        let app_id = &verdict.connection.app_id;
        if !unknown.contains(&app_id) && !apps.iter().any(|app| app.app_id == *app_id) {
            unknown.push(app_id);
        }
    }
    unknown
}

/// Where a page goes on.
enum Place {
    /// With the connections that are named.
    Named,
    /// With the list in KV, from there.
    Listed(Option<String>),
    /// With this one of the users, before that connection of its.
    OfUser(usize, Option<u64>),
    /// Nowhere: there is no more.
    End,
}

/// A place after all there are.
const LAST: u64 = (1 << 53) - 1;

impl Place {
    /// Where a page begins.
    fn first(asked: &Accounts) -> Result<Self, Failure> {
        if !asked.ids.is_empty() {
            return Ok(Self::Named);
        }
        if asked.user_ids.is_empty() {
            return Ok(Self::Listed(asked.cursor.clone()));
        }
        let Some(cursor) = &asked.cursor else {
            return Ok(Self::OfUser(0, None));
        };
        let place =
            cursor.split_once('.').and_then(|(index, before)| Some((index.parse().ok()?, before.parse().ok()?)));
        match place {
            Some((index, before)) if before <= LAST => Ok(Self::OfUser(index, Some(before))),
            _ => Err(Failure::invalid("cursor", "must be the next_cursor of an earlier answer")),
        }
    }

    /// Where a page has ended, for the next to begin there.
    fn cursor(self, asked: &Accounts) -> Option<String> {
        match self {
            Self::Listed(cursor) => cursor,
            Self::OfUser(index, before) if index < asked.user_ids.len() => {
                Some(format!("{index}.{}", before.unwrap_or(LAST)))
            }
            _ => None,
        }
    }
}

/// Whether an entry may be one that is asked for: of what may have changed since, the ledger tells.
fn may_be(entry: &Entry, asked: &Accounts) -> bool {
    let status = entry.status;
    (asked.app_ids.is_empty() || asked.app_ids.contains(&entry.app_id))
        && (asked.statuses.is_empty() || asked.statuses.contains(&status) || !status.is_final())
        && (asked.providers.is_empty() || entry.provider.as_ref().is_none_or(|slug| asked.providers.contains(slug)))
}

/// Whether a connection is one that is asked for, as far as its app does not matter.
fn is_in(verdict: &ConnectionVerdict, asked: &Accounts) -> bool {
    let status = verdict.status();
    let is_as_dead = || asked.dead_in_part.is_none_or(|in_part| verdict.is_dead_in_part() == in_part);
    (asked.app_ids.is_empty() || asked.app_ids.contains(&verdict.connection.app_id))
        && (asked.user_ids.is_empty() || asked.user_ids.contains(&verdict.user_id))
        && (asked.statuses.is_empty() || asked.statuses.contains(&status))
        && (status != ConnectionStatus::Revoking || is_as_dead())
}

/// Whether a connection is to one of these providers: by what it holds, or else by its app.
fn is_of(verdict: &ConnectionVerdict, apps: &[App], asked: &Accounts) -> bool {
    let connection = &verdict.connection;
    let app = apps.iter().find(|app| app.app_id == connection.app_id);
    let of_app = app.and_then(|app| app.registration.provider.as_ref());
    match connection.provider.as_ref().or(of_app) {
        Some(slug) => asked.providers.contains(slug),
        None => asked.providers.iter().any(|slug| slug.as_str() == connection.app_id.as_str()),
    }
}
