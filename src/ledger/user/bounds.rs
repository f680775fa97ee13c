//! Bounds of what a user's ledger stores, so that nobody fills it until nothing in it can be revoked.
//!
//! Above a bound the ledger issues nothing more. Changes that end something are always written: see
//! [`super::write::Mode`].
//!
//! Counting costs no row. The numbers of events bound what was ever created, and are compared first. Only when they pass a
//! bound are live rows counted. The object remembers how many more fit, and counts again at most once a minute.

use std::cell::Cell;

use super::counts;
use crate::core::cutoff::TokenKindSet;
use crate::core::error::{DecisionError, Limit};
use crate::core::params::RevokeFilter;
use crate::core::{ChangeSet, Mutation, Timestamp, TokenKind};
use crate::ledger::error::StorageError;
use crate::ledger::settings::LedgerSettings;
use crate::ledger::sql::{Row, Sql};

/// How long a ledger that has reached a bound refuses without counting again, in seconds.
const RECOUNT_SECONDS: i64 = 60;
/// The highest number of tokens that one event reports: an access and a refresh token.
const TOKENS_PER_EVENT: u64 = 2;

/// How many more of a kind fit, as far as the object knows.
#[derive(Clone, Copy, Debug)]
struct Room {
    left: u64,
    /// When the live rows were counted; `None` if the room follows from the number of events.
    counted_at: Option<Timestamp>,
}

/// The room for each kind of row.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    tokens: Cell<Option<Room>>,
    api_keys: Cell<Option<Room>>,
    connections: Cell<Option<Room>>,
    responses: Cell<Option<Room>>,
}

/// The items that a change set adds, by kind.
#[derive(Clone, Copy, Debug, Default)]
struct Added {
    tokens: u64,
    api_keys: u64,
    connections: u64,
    has_credentials: bool,
}

impl Added {
    fn of(changes: &ChangeSet, now: Timestamp) -> Self {
        let mut added = Self::default();
        for mutation in &changes.mutations {
            match mutation {
                Mutation::AddToken(token) => {
                    added.tokens = added.tokens.saturating_add(1);
                    added.api_keys = added.api_keys.saturating_add(u64::from(token.kind == TokenKind::ApiKey));
                }
                Mutation::PutConnection(connection) if connection.created_at == now => {
                    added.connections = added.connections.saturating_add(1);
                }
                Mutation::StoreCredentials(..) => added.has_credentials = true,
                _ => {}
            }
        }
        added
    }

    /// Whether the change set issues something.
    const fn issues(self) -> bool {
        self.tokens > 0 || self.connections > 0 || self.has_credentials
    }
}

/// Whether a change set fits into the bounds.
pub(super) enum Fit {
    /// Everything fits.
    All,
    /// The change set ends something. It is written, and its answer is not stored.
    WithoutResponse,
    /// The ledger refuses the command.
    Refused(DecisionError),
}

impl Bounds {
    /// Whether a change set fits, and the answer that is stored for it.
    pub(super) fn fit(
        &self,
        sql: &dyn Sql,
        (changes, has_response): (&ChangeSet, bool),
        settings: &LedgerSettings,
        now: Timestamp,
    ) -> Result<Fit, StorageError> {
        let added = Added::of(changes, now);
        if !added.issues() && !has_response {
            return Ok(Fit::All);
        }
        let full = |error| Ok(if added.issues() { Fit::Refused(error) } else { Fit::WithoutResponse });
        if sql.size()? >= settings.size_max {
            return full(DecisionError::LedgerFull);
        }
        let limits = [
            (&self.tokens, added.tokens, Limit::Tokens),
            (&self.api_keys, added.api_keys, Limit::ApiKeys),
            (&self.connections, added.connections, Limit::Connections),
            (&self.responses, u64::from(has_response), Limit::StoredResponses),
        ];
        for (room, added, limit) in limits {
            let max = settings.max(limit);
            if added > 0 && !has_room(sql, room, added, limit, max, now)? {
                return full(DecisionError::LimitReached { limit, max });
            }
        }
        for (room, added, _) in limits {
            let left = room.get().map(|room| Room { left: room.left.saturating_sub(added), ..room });
            room.set(left);
        }
        Ok(Fit::All)
    }
}

fn has_room(
    sql: &dyn Sql,
    room: &Cell<Option<Room>>,
    added: u64,
    limit: Limit,
    max: u64,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let known = match room.get() {
        Some(known) => known,
        None => Room { left: max.saturating_sub(ever_created(sql, limit)?), counted_at: None },
    };
    room.set(Some(known));
    let was_just_counted = known.counted_at.is_some_and(|at| now < at.plus_seconds(RECOUNT_SECONDS));
    if known.left >= added || was_just_counted {
        return Ok(known.left >= added);
    }
    let left = max.saturating_sub(count(sql, limit, max, now)?);
    room.set(Some(Room { left, counted_at: Some(now) }));
    Ok(left >= added)
}

/// A number that is at least as high as that of the rows of this kind.
fn ever_created(sql: &dyn Sql, limit: Limit) -> Result<u64, StorageError> {
    if limit == Limit::StoredResponses {
        // An answer may be stored without an event.
        return Ok(u64::MAX);
    }
    let newest = sql.run("SELECT seq FROM events ORDER BY seq DESC LIMIT 1", &[])?.first(Row::count)?;
    Ok(newest.unwrap_or_default().saturating_mul(TOKENS_PER_EVENT))
}

fn count(sql: &dyn Sql, limit: Limit, max: u64, now: Timestamp) -> Result<u64, StorageError> {
    if limit == Limit::StoredResponses {
        let statement = "SELECT COUNT(*) FROM (SELECT 1 FROM stored_responses LIMIT ?)";
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        return Ok(sql.run(statement, &[max.into()])?.first(Row::count)?.unwrap_or_default());
    }
    let everything = RevokeFilter { before: None, kinds: TokenKindSet::ALL, app_id: None, reason: None };
    let live = counts::live(sql, &everything, now)?;
    let tokens = [live.connection_token, live.access_token, live.refresh_token, live.api_key];
    Ok(match limit {
        Limit::ApiKeys => live.api_key,
        Limit::Connections => live.connection,
        Limit::Tokens | Limit::StoredResponses => tokens.into_iter().fold(0, u64::saturating_add),
    })
}
