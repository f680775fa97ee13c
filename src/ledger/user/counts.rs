//! How many tokens and connections of a user are alive.

use super::rows;
use crate::core::cutoff::Counts;
use crate::core::params::RevokeFilter;
use crate::core::{ConnectionId, Timestamp};
use crate::ledger::error::StorageError;
use crate::ledger::sql::{Bind, Row, Sql};

/// How many connections an event lists.
const LISTED_MAX: u32 = 100;

/// A connection `c` that is alive at `?1`.
pub(super) const ALIVE: &str = "c.end_recorded_at IS NULL AND c.status <> 'revoking'
    AND (c.status <> 'initiated' OR c.expires_at > ?1)
    AND NOT EXISTS (SELECT 1 FROM cutoffs AS k
      WHERE k.scope = 0 AND k.subject = '' AND c.created_at <= k.before AND k.kinds & 16)
    AND NOT EXISTS (SELECT 1 FROM cutoffs AS k
      WHERE k.scope = 1 AND k.subject = c.app_id AND c.created_at <= k.before AND k.kinds & 16)";
/// The filter matches the connection `c`: created until `?2`, and to the app `?3` or any.
const MATCHES: &str = "c.created_at <= ?2 AND (?3 IS NULL OR c.app_id = ?3)";

/// Counts the live tokens and connections that a filter matches.
pub(super) fn live(sql: &dyn Sql, filter: &RevokeFilter, now: Timestamp) -> Result<Counts, StorageError> {
    let with_connections = filter.kinds.contains_connections();
    let [at, before, app_id] = binds(filter, now);
    let mut counts = Counts::default();
    let kinds: [Bind<'_>; 2] = [filter.kinds.bits().into(), with_connections.into()];
    let tokens = sql.run(&tokens(), &[at, before, app_id, kinds[0], kinds[1]])?;
    for (kind, count) in tokens.all(|row| Ok((rows::kind(row)?, row.count()?)))? {
        counts.add(kind, count);
    }
    if with_connections {
        let statement = format!("SELECT COUNT(*) FROM connections AS c WHERE {ALIVE} AND {MATCHES}");
        counts.connection = sql.run(&statement, &[at, before, app_id])?.first(Row::count)?.unwrap_or_default();
    }
    Ok(counts)
}

/// The ids of up to 100 live connections that a filter matches, newest first.
pub(super) fn live_connections(
    sql: &dyn Sql,
    filter: &RevokeFilter,
    now: Timestamp,
) -> Result<Vec<ConnectionId>, StorageError> {
    if !filter.kinds.contains_connections() {
        return Ok(Vec::new());
    }
    let [at, before, app_id] = binds(filter, now);
    let statement =
        format!("SELECT c.id FROM connections AS c WHERE {ALIVE} AND {MATCHES} ORDER BY c.created_at DESC LIMIT ?4");
    sql.run(&statement, &[at, before, app_id, LISTED_MAX.into()])?.all(|row| row.stored(ConnectionId::stored))
}

fn binds(filter: &RevokeFilter, now: Timestamp) -> [Bind<'_>; 3] {
    [now.into(), filter.before.unwrap_or(now).into(), (&filter.app_id).into()]
}

/// Counts live tokens by kind: tokens of the kinds `?4` that the filter matches by themselves, and all tokens under
/// connections that it matches, if it contains connections (`?5`).
fn tokens() -> String {
    format!(
        "SELECT t.kind, COUNT(*) FROM tokens AS t LEFT JOIN connections AS c ON c.id = t.connection_id
         WHERE t.kind IN (1, 2, 4, 8) AND t.end_kind IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?1)
           AND NOT EXISTS (SELECT 1 FROM cutoffs AS k
             WHERE k.scope = 0 AND k.subject = '' AND t.created_at <= k.before AND k.kinds & t.kind)
           AND NOT EXISTS (SELECT 1 FROM cutoffs AS k
             WHERE k.scope = 1 AND k.subject = t.app_id AND t.created_at <= k.before AND k.kinds & t.kind)
           AND NOT EXISTS (SELECT 1 FROM cutoffs AS k
             WHERE k.scope = 2 AND k.subject = t.family AND t.created_at <= k.before AND k.kinds & t.kind)
           AND (t.connection_id IS NULL OR (c.id IS NOT NULL AND {ALIVE}))
           AND ((t.created_at <= ?2 AND t.kind & ?4 AND (?3 IS NULL OR t.app_id = ?3))
                OR (?5 AND c.id IS NOT NULL AND {MATCHES}))
         GROUP BY t.kind"
    )
}
