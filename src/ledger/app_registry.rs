//! The registry of an app: one row with its registration, and the stored responses of its commands.

use futures_util::future::LocalBoxFuture;

use super::alarm::{Agenda, AlarmPlatform};
use super::change_feed::ChangeFeed;
use super::clock::Clock;
use super::message::{AnyRequest, dispatch};
use super::schema::{Schema, SchemaVersion, Tables};
use super::settings::LedgerSettings;
use super::{Answer, Effects, LedgerCode, LedgerContext, Sql, StorageError, change_feed, message, stored_responses};
use crate::core::app::ClientType;
use crate::core::decide::apps::{
    AppCommand, AppDecision, FetchApp, GetApp, PutApp, PutDocumentApp, RotateClientSecret, UseAssertion, decide_app,
};
use crate::core::snapshot::StoredResponse;
use crate::core::{Actor, App, Json, LedgerId, Request, Timestamp};
use crate::directory::entry::{AppEntry, EventEntry};
use crate::directory::feed::{Change, Feed};

/// All versions of the tables.
const SCHEMA: Schema = Schema(&[SchemaVersion {
    min_reader: 1,
    statements: &[
        // The app as JSON: nothing in it is queried.
        "CREATE TABLE app (only INTEGER PRIMARY KEY CHECK (only = 1), app TEXT NOT NULL)",
        "CREATE TABLE stored_responses (key TEXT PRIMARY KEY, at INTEGER NOT NULL, response TEXT NOT NULL) WITHOUT ROWID",
        change_feed::CHANGES,
        change_feed::FEED,
        // Each client assertion is a row for a day.
        "CREATE INDEX stored_responses_at ON stored_responses (at)",
    ],
}]);

/// An app's registry while it is in memory.
#[derive(Debug)]
pub struct AppRegistry {
    tables: Tables,
    clock: Clock,
    feed: ChangeFeed,
}

impl Default for AppRegistry {
    fn default() -> Self {
        Self { tables: Tables::of(SCHEMA), clock: Clock::default(), feed: ChangeFeed::default() }
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
            UseAssertion,
            PutDocumentApp,
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
            agenda.add("feed the directory", self.send_changes(sql, platform).await);
            agenda.add("delete events", self.feed.delete_old((sql, platform), settings).await);
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
        let event = write.as_ref().map(|write| event_of(app.as_ref(), write, request.principal.actor(), now));
        let effects = self.commit(sql, write.as_ref().zip(event.as_ref()), stored.as_ref(), now)?;
        Ok(Answer { reply, effects })
    }

    fn commit(
        &self,
        sql: &dyn Sql,
        write: Option<(&App, &EventEntry)>,
        stored: Option<&StoredResponse>,
        now: Timestamp,
    ) -> Result<Effects, StorageError> {
        let mut effects = Effects::default();
        if write.is_none() && stored.is_none() {
            return Ok(effects);
        }
        self.tables.write(sql, &mut || {
            if let Some((app, event)) = write {
                let app = message::write("app", app)?;
                sql.run(
                    "INSERT INTO app (only, app) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET app = ?1",
                    &[(&app).into()],
                )?;
                let due_at = change_feed::record(sql, std::slice::from_ref(event), now)?;
                effects.alarm_by = effects.alarm_by.into_iter().chain(due_at).min();
            }
            if let Some(stored) = stored {
                effects.ring_by(stored_responses::put(sql, stored, now)?);
            }
            Ok(())
        })?;
        Ok(effects)
    }
}

impl AppRegistry {
    /// Sends the app and its events to the directory.
    async fn send_changes(
        &self,
        sql: &dyn Sql,
        platform: &dyn AlarmPlatform,
    ) -> Result<Option<Timestamp>, StorageError> {
        let Some(app) = read_app(sql)? else {
            return Ok(None);
        };
        let complete = |batch: &mut Feed| {
            batch.app = Some(Change::Put(AppEntry::of(&app)));
            Ok(())
        };
        self.feed.send((sql, platform), LedgerId::of_app(&app.app_id), app.created_at, complete).await
    }
}

/// The event of a change of an app.
fn event_of(before: Option<&App>, app: &App, actor: Actor, now: Timestamp) -> EventEntry {
    #[derive(serde::Serialize)]
    struct Data<'a> {
        name: &'a str,
        client_type: ClientType,
    }
    let event_type = match before {
        None => "app.created",
        Some(before) if before.registration == app.registration => "app.secret_rotated",
        Some(_) => "app.updated",
    };
    let data = Data { name: &app.registration.name, client_type: app.registration.client_type };
    EventEntry {
        app_id: Some(app.app_id.clone()),
        provider: app.registration.provider.clone(),
        ..EventEntry::plain(event_type, now, actor, Json::of(&data))
    }
}

fn read_app(sql: &dyn Sql) -> Result<Option<App>, StorageError> {
    sql.run("SELECT app FROM app", &[])?.first(|row| row.json("app"))
}
