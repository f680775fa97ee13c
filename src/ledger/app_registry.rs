//! The registry of an app: one row with its registration, and the stored responses of its commands.

use futures_util::future::LocalBoxFuture;

use super::alarm::AlarmPlatform;
use super::clock::Clock;
use super::message::{AnyRequest, dispatch};
use super::schema::{Schema, SchemaVersion, Tables};
use super::settings::LedgerSettings;
use super::{Answer, Effects, LedgerCode, LedgerContext, Sql, StorageError, message, stored_responses};
use crate::core::decide::apps::{AppCommand, AppDecision, FetchApp, GetApp, PutApp, RotateClientSecret, decide_app};
use crate::core::snapshot::StoredResponse;
use crate::core::{App, Request, Timestamp};

/// All versions of the tables.
const SCHEMA: Schema = Schema(&[SchemaVersion {
    min_reader: 1,
    statements: &[
        // The app as JSON: nothing in it is queried.
        "CREATE TABLE app (only INTEGER PRIMARY KEY CHECK (only = 1), app TEXT NOT NULL)",
        "CREATE TABLE stored_responses (key TEXT PRIMARY KEY, at INTEGER NOT NULL, response TEXT NOT NULL) WITHOUT ROWID",
    ],
}]);

/// An app's registry while it is in memory.
#[derive(Debug)]
pub struct AppRegistry {
    tables: Tables,
    clock: Clock,
}

impl Default for AppRegistry {
    fn default() -> Self {
        Self { tables: Tables::of(SCHEMA), clock: Clock::default() }
    }
}

impl LedgerCode for AppRegistry {
    fn answer(&self, sql: &dyn Sql, message: &str, cx: &LedgerContext<'_>) -> Result<Answer, StorageError> {
        let message = message::open(message)?;
        dispatch!(message, self(sql, cx); [
            FetchApp,
            GetApp,
            PutApp,
            RotateClientSecret,
        ])
    }

    fn ring<'a>(
        &'a self,
        sql: &'a dyn Sql,
        platform: &'a dyn AlarmPlatform,
        _settings: &'a LedgerSettings,
    ) -> LocalBoxFuture<'a, Result<Option<Timestamp>, StorageError>> {
        Box::pin(async move {
            if !self.tables.exist(sql)? {
                return Ok(None);
            }
            stored_responses::delete_old(sql, platform.now())
        })
    }
}

impl AppRegistry {
    fn answer_request<C: AppCommand>(
        &self,
        sql: &dyn Sql,
        cx: &LedgerContext<'_>,
        request: AnyRequest,
    ) -> Result<Answer, StorageError> {
        let request: Request<C> = message::command(request)?;
        let now = self.clock.now(cx.now);
        let (mut app, mut stored) = (None, None);
        if self.tables.exist(sql)? {
            app = read_app(sql)?;
            if let Some(key) = &request.idempotency {
                stored = stored_responses::find(sql, key, now)?;
            }
        }
        let AppDecision { write, store_response, reply } = decide_app(app.as_ref(), stored.as_ref(), &request, now);
        let (reply, outcome) = message::reply(reply)?;
        let outcome = outcome.filter(|_| store_response);
        let stored = stored_responses::of_request(request.idempotency, request.minted, outcome);
        let reply = message::write("reply", &reply)?;
        let effects = self.commit(sql, write.as_ref(), stored.as_ref(), now)?;
        Ok(Answer { reply, effects })
    }

    fn commit(
        &self,
        sql: &dyn Sql,
        app: Option<&App>,
        stored: Option<&StoredResponse>,
        now: Timestamp,
    ) -> Result<Effects, StorageError> {
        let mut effects = Effects::default();
        if app.is_none() && stored.is_none() {
            return Ok(effects);
        }
        self.tables.write(sql, &mut || {
            if let Some(app) = app {
                let app = message::write("app", app)?;
                sql.run(
                    "INSERT INTO app (only, app) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET app = ?1",
                    &[(&app).into()],
                )?;
            }
            if let Some(stored) = stored {
                effects.ring_by(stored_responses::put(sql, stored, now)?);
            }
            Ok(())
        })?;
        Ok(effects)
    }
}

fn read_app(sql: &dyn Sql) -> Result<Option<App>, StorageError> {
    sql.run("SELECT app FROM app", &[])?.first(|row| row.json("app"))
}
