//! The retention of the directory: rows are deleted in bounded batches, by the ledgers whose own retention is due.

use super::Statement;
use crate::core::Timestamp;

/// How many rows of each table a batch deletes at most.
pub const BATCH: u32 = 500;

/// The statements that delete rows which ended, were deleted or arrived until this time. Each returns the rows that it
/// deleted.
pub(super) fn statements(kept_since: Timestamp) -> Vec<Statement> {
    let by_time = |table: &str, column: &str| {
        format!(
            "DELETE FROM {table} WHERE seq IN
               (SELECT seq FROM {table} WHERE {column} <= ?1 ORDER BY {column} LIMIT {BATCH}) RETURNING 1 AS deleted"
        )
    };
    // Events and deliveries are in the order of their arrival, so no index finds the old ones.
    let by_arrival = |table: &str| {
        format!(
            "DELETE FROM {table} WHERE arrived_at <= ?1 AND seq IN
               (SELECT seq FROM {table} ORDER BY seq LIMIT {BATCH}) RETURNING 1 AS deleted"
        )
    };
    let statements = [
        by_time("users", "deleted_at"),
        by_time("apps", "deleted_at"),
        by_time("connections", "deleted_at"),
        by_time("connections", "ended_at"),
        by_time("revocations", "deleted_at"),
        by_arrival("events"),
        by_arrival("deliveries"),
    ];
    statements.into_iter().map(|sql| Statement::new(sql).bind(kept_since)).collect()
}
