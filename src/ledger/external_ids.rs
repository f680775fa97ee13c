//! The ledger of an external id: one row with the user that has it.

use futures_util::future::LocalBoxFuture;

use super::alarm::AlarmPlatform;
use super::clock::Clock;
use super::message::{AnyRequest, dispatch};
use super::schema::{Schema, SchemaVersion, Tables};
use super::settings::LedgerSettings;
use super::{Answer, Effects, LedgerCode, LedgerContext, Sql, StorageError, message};
use crate::core::decide::external_ids::{
    ClaimExternalId, ConfirmClaim, ExternalIdCommand, ExternalIdDecision, ExternalIdHolder, GetHolder,
};
use crate::core::{Reply, Request, Timestamp, UserId};

/// All versions of the tables.
const SCHEMA: Schema = Schema(&[SchemaVersion {
    min_reader: 1,
    statements: &["CREATE TABLE holder (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        user_id TEXT NOT NULL,
        claimed_at INTEGER -- NULL once the claim is confirmed
    )"],
}]);

/// The ledger of an external id while it is in memory.
#[derive(Debug)]
pub struct ExternalIds {
    tables: Tables,
    clock: Clock,
}

impl Default for ExternalIds {
    fn default() -> Self {
        Self { tables: Tables::of(SCHEMA), clock: Clock::default() }
    }
}

impl LedgerCode for ExternalIds {
    fn answer(&self, sql: &dyn Sql, message: &str, cx: &LedgerContext<'_>) -> Result<Answer, StorageError> {
        let message = message::open(message)?;
        dispatch!(message, self(sql, cx); [
            GetHolder,
            ClaimExternalId,
            ConfirmClaim,
        ])
    }

    fn ring<'a>(
        &'a self,
        _sql: &'a dyn Sql,
        _platform: &'a dyn AlarmPlatform,
        _settings: &'a LedgerSettings,
    ) -> LocalBoxFuture<'a, Result<Option<Timestamp>, StorageError>> {
        Box::pin(async move { Ok(None) })
    }
}

impl ExternalIds {
    fn answer_request<C: ExternalIdCommand>(
        &self,
        sql: &dyn Sql,
        cx: &LedgerContext<'_>,
        request: AnyRequest,
    ) -> Result<Answer, StorageError> {
        let request: Request<C> = message::command(request)?;
        let holder = if self.tables.exist(sql)? { read_holder(sql)? } else { None };
        let ExternalIdDecision { write, outcome } = request.command.decide(holder.as_ref(), self.clock.now(cx.now));
        let (reply, _) = message::reply(Reply { outcome: Ok(outcome), replayed: None })?;
        let reply = message::write("reply", &reply)?;
        if let Some(ExternalIdHolder { user_id, claimed_at }) = &write {
            self.tables.write(sql, &mut || {
                sql.run(
                    "INSERT INTO holder (only, user_id, claimed_at) VALUES (1, ?1, ?2)
                     ON CONFLICT (only) DO UPDATE SET user_id = ?1, claimed_at = ?2",
                    &[user_id.into(), (*claimed_at).into()],
                )
                .map(drop)
            })?;
        }
        Ok(Answer { reply, effects: Effects::default(), registration: None })
    }
}

fn read_holder(sql: &dyn Sql) -> Result<Option<ExternalIdHolder>, StorageError> {
    let rows = sql.run("SELECT user_id, claimed_at FROM holder", &[])?;
    rows.first(|row| Ok(ExternalIdHolder { user_id: row.stored(UserId::stored)?, claimed_at: row.optional_time()? }))
}
