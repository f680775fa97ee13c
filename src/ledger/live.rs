//! How much of what lives a cut covers.

use super::fault::Result;
use super::rows;
use super::sql::{Bind, Row, Sql};
use crate::core::cutoff::Counts;
use crate::core::order::Cut;
use crate::core::{AppId, Timestamp, TokenKind};

/// Counts it, before anything is cut. What an earlier cutoff killed, and nobody has told yet, is dead.
pub(super) fn count(sql: &Sql, cut: &Cut, now: Timestamp) -> Result<Counts> {
    let mut counts = Counts::default();
    for (kind, count) in tokens(sql, cut, now)? {
        counts.add(kind, count);
    }
    if cut.kinds.contains_connections() {
        let statement = format!("SELECT COUNT(*) FROM connections AS k WHERE {}", covered_connection());
        counts.connections = sql.first(&statement, &connection_binds(cut, now), Row::count)?.unwrap_or_default();
    }
    Ok(counts)
}

/// A connection `k` that lives and that the cut covers.
fn covered_connection() -> String {
    let app = "(? IS NULL OR k.app_id = ?)";
    format!("{LIVE_CONNECTION} AND k.created_at <= ? AND {app}")
}

fn connection_binds(cut: &Cut, now: Timestamp) -> [Bind; 4] {
    let app_id = cut.app_id.as_ref().map(AppId::as_str);
    [now.into(), cut.before.unwrap_or(now).into(), app_id.into(), app_id.into()]
}

/// A connection `k` that lives at a time.
const LIVE_CONNECTION: &str =
    "k.settled_at IS NULL AND k.status <> 'revoking' AND (k.status <> 'initiated' OR k.expires_at > ?)
    AND NOT EXISTS (SELECT 1 FROM cutoffs AS c WHERE k.created_at <= c.before AND c.kinds & 16
                    AND c.connection_id IS NULL AND c.family IS NULL
                    AND (c.app_id IS NULL OR c.app_id = k.app_id))";

fn tokens(sql: &Sql, cut: &Cut, now: Timestamp) -> Result<Vec<(TokenKind, u64)>> {
    let app_id = cut.app_id.as_ref().map(AppId::as_str);
    let before = Bind::from(cut.before.unwrap_or(now));
    let statement = format!(
        "SELECT kind, COUNT(*) AS count FROM tokens AS t
         WHERE settled_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
           AND NOT EXISTS (SELECT 1 FROM cutoffs AS c WHERE t.created_at <= c.before AND c.kinds & t.kind
                           AND (c.app_id IS NULL OR c.app_id = t.app_id)
                           AND (c.connection_id IS NULL OR c.connection_id = t.connection_id)
                           AND (c.family IS NULL OR c.family = t.family))
           AND (connection_id IS NULL OR connection_id IN (SELECT id FROM connections AS k WHERE {LIVE_CONNECTION}))
           AND ((created_at <= ? AND kind & ? AND (? IS NULL OR app_id = ?))
                OR (? AND connection_id IN (SELECT id FROM connections AS k WHERE {})))
         GROUP BY kind",
        covered_connection()
    );
    let mut binds = vec![
        now.into(),
        now.into(),
        before,
        i64::from(cut.kinds.bits()).into(),
        app_id.into(),
        app_id.into(),
        i64::from(cut.kinds.contains_connections()).into(),
    ];
    binds.extend(connection_binds(cut, now));
    sql.query(&statement, &binds, |row| (rows::kind(row), row.count()))
}
