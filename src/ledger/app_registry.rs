//! The registry of an app: one row with its registration, the list of the ledgers with a connection to the app, its jobs, and
//! the stored responses of its commands.

use futures_util::future::LocalBoxFuture;

use super::alarm::{Agenda, AlarmPlatform};
use super::clock::Clock;
use super::message::{AnyRequest, dispatch};
use super::schema::{Schema, SchemaVersion, Tables};
use super::settings::LedgerSettings;
use super::{Answer, Effects, LedgerCode, LedgerContext, Sql, StorageError, app_jobs, message, stored_responses};
use crate::core::decide::app_jobs::{CancelJob, GetJob, RegisterLedger, RevokeApp, SetAppEnabled};
use crate::core::decide::apps::{
    AppChanges, AppCommand, AppDecision, AppSnapshot, FetchApp, GetApp, PutApp, RotateClientSecret, decide_app,
};
use crate::core::snapshot::StoredResponse;
use crate::core::{App, AppId, Request, Timestamp};

/// All versions of the tables.
const SCHEMA: Schema = Schema(&[SchemaVersion {
    min_reader: 1,
    statements: &[
        // The app as JSON: nothing in it is queried.
        "CREATE TABLE app (only INTEGER PRIMARY KEY CHECK (only = 1), app TEXT NOT NULL)",
        "CREATE TABLE stored_responses (key TEXT PRIMARY KEY, at INTEGER NOT NULL, response TEXT NOT NULL) WITHOUT ROWID",
        app_jobs::TABLES[0],
        app_jobs::TABLES[1],
        app_jobs::TABLES[2],
        app_jobs::TABLES[3],
        // The id of the app: it stays when the app is deleted.
        "CREATE TABLE identity (only INTEGER PRIMARY KEY CHECK (only = 1), app_id TEXT NOT NULL)",
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
            RegisterLedger,
            SetAppEnabled,
            RevokeApp,
            GetJob,
            CancelJob,
        ])
    }

    fn ring<'a>(
        &'a self,
        sql: &'a dyn Sql,
        platform: &'a dyn AlarmPlatform,
        settings: &'a LedgerSettings,
    ) -> LocalBoxFuture<'a, Result<Option<Timestamp>, StorageError>> {
        Box::pin(async move {
            if !self.tables.exist(sql)? {
                return Ok(None);
            }
            let mut agenda = Agenda::new(platform);
            agenda.add("delete stored responses", stored_responses::delete_old(sql, platform.now()));
            agenda.add("send events", app_jobs::send_notices(sql, platform, read_id(sql)?).await);
            agenda.add("run a job", app_jobs::advance(sql, platform, read_app).await);
            agenda.add("report jobs", app_jobs::report(sql, platform).await);
            agenda.add("delete jobs", app_jobs::delete_old(sql, settings, platform.now()));
            Ok(agenda.next())
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
        let mut snapshot = AppSnapshot::default();
        if self.tables.exist(sql)? {
            snapshot.app = read_app(sql)?;
            if let Some(key) = &request.idempotency {
                snapshot.stored = stored_responses::find(sql, key, now)?;
            }
            if C::READS_JOBS {
                snapshot.running = app_jobs::running(sql)?;
                snapshot.job = request.command.job().map(|id| app_jobs::find(sql, id)).transpose()?.flatten();
                snapshot.next_job = app_jobs::next_number(sql)?;
                snapshot.ledgers = app_jobs::count_ledgers(sql)?;
            }
        }
        let AppDecision { changes, store_response, reply } = decide_app(&snapshot, &request, now);
        let (reply, outcome) = message::reply(reply)?;
        let outcome = outcome.filter(|_| store_response);
        let stored = stored_responses::of_request(request.idempotency, request.minted, outcome);
        let reply = message::write("reply", &reply)?;
        let effects = self.commit(sql, &changes, stored.as_ref(), now)?;
        Ok(Answer { reply, effects, registration: None })
    }

    fn commit(
        &self,
        sql: &dyn Sql,
        changes: &AppChanges,
        stored: Option<&StoredResponse>,
        now: Timestamp,
    ) -> Result<Effects, StorageError> {
        let mut effects = Effects::default();
        if *changes == AppChanges::default() && stored.is_none() {
            return Ok(effects);
        }
        self.tables.write(sql, &mut || {
            let AppChanges { app, jobs, ledger, notice } = changes;
            if let Some(app) = app {
                app_jobs::put_app(sql, app)?;
                sql.run("INSERT OR IGNORE INTO identity (only, app_id) VALUES (1, ?)", &[(&app.app_id).into()])?;
            }
            if let Some(ledger) = ledger {
                app_jobs::register(sql, *ledger)?;
            }
            for job in jobs {
                app_jobs::put(sql, job)?;
                effects.ring_by(job.created_at);
            }
            if let Some(notice) = notice {
                app_jobs::add_notice(sql, notice)?;
                effects.ring_by(notice.at);
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

/// The id of the app, also after it was deleted.
fn read_id(sql: &dyn Sql) -> Result<Option<AppId>, StorageError> {
    sql.run("SELECT app_id FROM identity", &[])?.first(|row| row.stored(AppId::stored))
}
