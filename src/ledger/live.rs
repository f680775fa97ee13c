//! How much of what lives a cut covers.

use super::rows;
use super::sql::{Row, Sql};
use crate::core::Timestamp;
use crate::core::cutoff::Counts;
use crate::core::order::Cut;

/// Counts it, before anything is cut. What an earlier cutoff killed, and nobody has told yet, is dead.
pub(super) fn count(sql: &Sql, cut: &Cut, now: Timestamp) -> Counts {
    let binds = [
        now.into(),
        cut.before.unwrap_or(now).into(),
        (&cut.app_id).into(),
        cut.kinds.bits().into(),
        cut.kinds.contains_connections().into(),
    ];
    let mut counts = Counts::default();
    for (kind, count) in sql.query(&tokens(), &binds, |row| (rows::kind(row), row.count())) {
        counts.add(kind, count);
    }
    if cut.kinds.contains_connections() {
        let [now, before, app_id, ..] = binds;
        counts.connections = sql.first(&connections(), &[now, before, app_id], Row::count).unwrap_or_default();
    }
    counts
}

/// A connection `k` that lives at `?1`.
const LIVE: &str = "k.settled_at IS NULL AND k.status <> 'revoking' AND (k.status <> 'initiated' OR k.expires_at > ?1) \
    AND NOT EXISTS (SELECT 1 FROM cutoffs AS c WHERE k.created_at <= c.before AND c.kinds & 16 \
      AND c.connection_id IS NULL AND c.family IS NULL AND (c.app_id IS NULL OR c.app_id = k.app_id))";
/// And that the cut covers: what was made until `?2`, for the app `?3` or any.
const COVERED: &str = " AND k.created_at <= ?2 AND (?3 IS NULL OR k.app_id = ?3)";

fn connections() -> String {
    ["SELECT COUNT(*) FROM connections AS k WHERE ", LIVE, COVERED].concat()
}

/// How many tokens live, of each kind: of the kinds `?4` where the cut covers them by themselves, of any kind where it
/// covers connections (`?5`) and theirs.
fn tokens() -> String {
    [
        "SELECT kind, COUNT(*) FROM tokens AS t
         WHERE settled_at IS NULL AND (expires_at IS NULL OR expires_at > ?1)
           AND NOT EXISTS (SELECT 1 FROM cutoffs AS c WHERE t.created_at <= c.before AND c.kinds & t.kind
                           AND (c.app_id IS NULL OR c.app_id = t.app_id)
                           AND (c.connection_id IS NULL OR c.connection_id = t.connection_id)
                           AND (c.family IS NULL OR c.family = t.family))
           AND (connection_id IS NULL OR connection_id IN (SELECT id FROM connections AS k WHERE ",
        LIVE,
        ")) AND ((created_at <= ?2 AND kind & ?4 AND (?3 IS NULL OR app_id = ?3))
                 OR (?5 AND connection_id IN (SELECT id FROM connections AS k WHERE ",
        LIVE,
        COVERED,
        "))) GROUP BY kind",
    ]
    .concat()
}
