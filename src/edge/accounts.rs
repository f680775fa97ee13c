//! Connections of any users.
//!
//! Of named connections and users their ledgers tell. Across all users, the list in KV says where to look, and the
//! ledgers confirm what is shown: so what is shown is true, and what was made in the last minute may be missing.

use super::execute::Work;
use super::session::Session;
use crate::core::command::Action;
use crate::core::order::Page;
use crate::core::{
    Answer, App, Command, ConnectionId, ConnectionStatus, ConnectionVerdict, Link, Outcome, Refusal, Shard,
};
use crate::dialects::{Accounts, Beside, Failure};
use crate::platform::kv::{Entry, Kv};

/// How often a page looks further where what it finds is not asked for.
const LOOKS_MAX: u32 = 3;

/// What was found so far.
#[derive(Default)]
struct Found {
    verdicts: Vec<ConnectionVerdict>,
    apps: Vec<App>,
}

impl Session<'_> {
    /// A page of connections with their apps.
    pub(super) async fn accounts(&self, asked: &Accounts) -> Result<Work, Failure> {
        if !self.principal.writes_everyone() {
            return Err(Refusal::Forbidden.into());
        }
        let mut found = Found::default();
        let cursor = if !asked.ids.is_empty() {
            let named = asked.ids.iter().filter_map(|link| match link {
                Link::Known(shard, id) => Some((*shard, id.clone())),
                Link::Forged => None,
            });
            self.confirm(named.collect(), asked, &mut found).await?;
            None
        } else if asked.user_ids.is_empty() {
            self.of_all(asked, &mut found).await?
        } else {
            self.of_users(asked, &mut found).await?
        };
        let outcome = Outcome::Connections(found.verdicts, None);
        Ok(Work { apps: found.apps, beside: Beside::Cursor(cursor), ..outcome.into() })
    }

    /// Looks through the list in KV.
    async fn of_all(&self, asked: &Accounts, found: &mut Found) -> Result<Option<String>, Failure> {
        let kv = Kv::of(self.executor.env).ok_or(Failure::Unavailable)?;
        let mut cursor = asked.cursor.clone();
        for _ in 0..LOOKS_MAX {
            let missing = asked.limit.saturating_sub(u32::try_from(found.verdicts.len()).unwrap_or(u32::MAX));
            if missing == 0 {
                break;
            }
            let (entries, next) = kv.entries(cursor.as_deref(), missing).await.ok_or(Failure::Unavailable)?;
            let likely = entries.into_iter().filter(|entry| may_be(entry, asked));
            let named = likely.map(|entry| (Shard::of(&entry.user_id), entry.connection_id)).collect();
            self.confirm(named, asked, found).await?;
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(cursor)
    }

    /// Asks each user's ledger, one after the other.
    async fn of_users(&self, asked: &Accounts, found: &mut Found) -> Result<Option<String>, Failure> {
        let (first, mut before) = place(asked.cursor.as_deref())?;
        for (index, user_id) in asked.user_ids.iter().enumerate().skip(first) {
            for _ in 0..LOOKS_MAX {
                let missing = asked.limit.saturating_sub(u32::try_from(found.verdicts.len()).unwrap_or(u32::MAX));
                if missing == 0 {
                    return Ok(Some(format!("{index}.{}", before.unwrap_or(LAST))));
                }
                let (user_id, page) = (user_id.clone(), Page { before, limit: missing });
                let command = Command::ListConnections { user_id, page, status: None, app_id: None };
                let shard = command.shard().ok_or(Failure::Internal("a command names no ledger"))?;
                let answer: Answer = self.look(shard, command).await?;
                let (verdicts, next) = match answer.outcome {
                    Ok(Outcome::Connections(verdicts, next)) => (verdicts, next),
                    Err(Refusal::UserUnknown) => (Vec::new(), None),
                    Ok(_) => return Err(Failure::Internal("a list gives connections")),
                    Err(refusal) => return Err(refusal.into()),
                };
                self.keep(verdicts, asked, found).await?;
                before = next;
                if next.is_none() {
                    break;
                }
            }
            if before.is_some() {
                return Ok(before.map(|before| format!("{index}.{before}")));
            }
        }
        Ok(None)
    }

    /// Has the ledgers say what these connections are; they work at once.
    async fn confirm(
        &self,
        named: Vec<(Shard, ConnectionId)>,
        asked: &Accounts,
        found: &mut Found,
    ) -> Result<(), Failure> {
        let mut pending = Vec::new();
        for (shard, id) in named {
            pending.push(self.look(shard, Command::OfConnection(id, Action::Get)));
        }
        let mut verdicts = Vec::new();
        for pending in pending {
            let answer: Answer = pending.await?;
            if let Ok(Outcome::Connection(verdict)) = answer.outcome {
                verdicts.push(verdict);
            }
        }
        self.keep(verdicts, asked, found).await
    }

    /// Keeps what is asked for, with its apps.
    async fn keep(
        &self,
        mut verdicts: Vec<ConnectionVerdict>,
        asked: &Accounts,
        found: &mut Found,
    ) -> Result<(), Failure> {
        verdicts.retain(|verdict| {
            is_in(verdict, asked)
                && (asked.app_ids.is_empty() || asked.app_ids.contains(&verdict.connection.app_id))
                && (asked.user_ids.is_empty() || asked.user_ids.contains(&verdict.user_id))
        });
        let mut unknown = Vec::new();
        for verdict in &verdicts {
            let app_id = &verdict.connection.app_id;
            if !unknown.contains(&app_id) && !found.apps.iter().any(|app| app.app_id == *app_id) {
                unknown.push(app_id);
            }
        }
        let apps = self.executor.apps(&unknown).await?;
        found.apps.extend(apps);
        let apps = &found.apps;
        verdicts.retain(|verdict| asked.providers.is_empty() || is_of(verdict, apps, asked));
        found.verdicts.extend(verdicts);
        Ok(())
    }
}

/// A place after all there are.
const LAST: u64 = (1 << 53) - 1;

/// Which user a page goes on with, and from where.
fn place(cursor: Option<&str>) -> Result<(usize, Option<u64>), Failure> {
    let Some(cursor) = cursor else {
        return Ok((0, None));
    };
    let place = cursor.split_once('.').and_then(|(index, before)| Some((index.parse().ok()?, before.parse().ok()?)));
    let (index, before) = place
        .filter(|(_, before)| *before <= LAST)
        .ok_or_else(|| Failure::invalid("cursor", "must be the next_cursor of an earlier answer"))?;
    Ok((index, Some(before)))
}

/// Whether an entry may be one that is asked for: of what may have changed since, the ledger tells.
fn may_be(entry: &Entry, asked: &Accounts) -> bool {
    let status = entry.status;
    (asked.app_ids.is_empty() || asked.app_ids.contains(&entry.app_id))
        && (asked.statuses.is_empty() || asked.statuses.contains(&status) || !status.is_final())
        && (asked.providers.is_empty() || entry.provider.as_ref().is_none_or(|slug| asked.providers.contains(slug)))
}

/// Whether a connection is in one of these statuses.
fn is_in(verdict: &ConnectionVerdict, asked: &Accounts) -> bool {
    let status = verdict.status();
    let is_as_dead = || asked.dead_in_part.is_none_or(|in_part| verdict.is_dead_in_part() == in_part);
    (asked.statuses.is_empty() || asked.statuses.contains(&status))
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
