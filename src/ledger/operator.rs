//! The operator's ledger: providers, webhook endpoints, deliveries and abandoned revocations. There is one for each
//! deployment.
//!
//! Records are stored as JSON beside the columns that are queried: new fields of a record are optional, so two neighbouring
//! versions read each other's rows.

use std::cell::Cell;

use futures_util::future::LocalBoxFuture;

use super::alarm::{Agenda, AlarmPlatform};
use super::clock::Clock;
use super::message::{AnyRequest, dispatch};
use super::resealing::Resealer;
use super::schema::{Schema, SchemaVersion, Tables};
use super::settings::LedgerSettings;
use super::sql::{Bind, Row};
use super::{Answer, Effects, LedgerCode, LedgerContext, Sql, StorageError, message, stored_responses};
use crate::core::decide::operator::{
    AbandonedFilter, ApproveProvider, DeleteProvider, DeleteWebhook, GetProvider, GetProviderVersions, GetWebhook,
    ListAbandoned, ListDeliveries, ListProviderEvents, ListProviders, ListWebhooks, OperatorCommand, OperatorDecision,
    OperatorMutation, OperatorReads, OperatorSnapshot, PutProvider, PutWebhook, RecordDeliveries, RotateWebhookSecret,
    UpdateAbandoned, UseSignInCode, decide_operator,
};
use crate::core::params::{Cursor, PageRequest, Positioned};
use crate::core::provider::StoredProvider;
use crate::core::snapshot::StoredResponse;
use crate::core::webhook::Endpoint;
use crate::core::{Request, Slug, Timestamp};

/// How many deliveries to an endpoint are kept.
const DELIVERIES_KEPT: u32 = 1_000;
/// How many events about providers are kept.
const PROVIDER_EVENTS_KEPT: u32 = 10_000;

/// All versions of the tables.
const SCHEMA: Schema = Schema(&[SchemaVersion {
    min_reader: 1,
    statements: &[
        "CREATE TABLE providers (slug TEXT PRIMARY KEY, provider TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE provider_versions (slug TEXT NOT NULL, version INTEGER NOT NULL, provider TEXT NOT NULL,
            PRIMARY KEY (slug, version)) WITHOUT ROWID",
        "CREATE TABLE provider_hosts (slug TEXT PRIMARY KEY, host TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE provider_events (seq INTEGER PRIMARY KEY, slug TEXT NOT NULL, event TEXT NOT NULL)",
        "CREATE INDEX provider_events_of ON provider_events (slug, seq)",
        "CREATE TABLE endpoints (name TEXT PRIMARY KEY, endpoint TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE deliveries (seq INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, delivery TEXT NOT NULL)",
        "CREATE INDEX deliveries_to ON deliveries (endpoint, seq)",
        "CREATE TABLE abandoned (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, provider TEXT,
            revocation TEXT NOT NULL)",
        "CREATE INDEX abandoned_of_user ON abandoned (user_id, seq)",
        "CREATE INDEX abandoned_at ON abandoned (provider, seq)",
        "CREATE TABLE used_sign_in_codes (code TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE stored_responses (key TEXT PRIMARY KEY, at INTEGER NOT NULL, response TEXT NOT NULL) WITHOUT ROWID",
    ],
}]);

/// The operator's ledger while it is in memory.
#[derive(Debug)]
pub struct Operator {
    tables: Tables,
    clock: Clock,
    /// Whether the alarm was asked to re-encrypt secrets, or does not have to.
    is_asked_to_reseal: Cell<bool>,
    /// Whether no secret is left, as far as is known, that an earlier secret of the deployment encrypted.
    is_resealed: Cell<bool>,
}

impl Default for Operator {
    fn default() -> Self {
        Self {
            tables: Tables::of(SCHEMA),
            clock: Clock::default(),
            is_asked_to_reseal: Cell::default(),
            is_resealed: Cell::default(),
        }
    }
}

impl LedgerCode for Operator {
    fn answer(&self, sql: &dyn Sql, message: &str, cx: &LedgerContext<'_>) -> Result<Answer, StorageError> {
        let message = message::open(message)?;
        let answer = dispatch!(message, self(sql, cx); [
            GetProvider,
            GetProviderVersions,
            ApproveProvider,
            ListProviderEvents,
            PutProvider,
            ListProviders,
            DeleteProvider,
            GetWebhook,
            PutWebhook,
            RotateWebhookSecret,
            ListWebhooks,
            DeleteWebhook,
            ListDeliveries,
            RecordDeliveries,
            ListAbandoned,
            UpdateAbandoned,
            UseSignInCode,
        ]);
        let mut answer = answer?;
        if self.must_reseal(sql, cx)? {
            answer.effects.ring_by(cx.now);
        }
        Ok(answer)
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
            let mut agenda = Agenda::new(platform);
            agenda.add("delete stored responses", stored_responses::delete_old(sql, platform.now()));
            agenda.add("delete used sign-in codes", delete_expired_codes(sql, platform.now()));
            agenda.add("re-encrypt secrets", self.reseal(sql, platform).map(|()| None));
            Ok(agenda.next())
        })
    }
}

impl Operator {
    fn answer_request<C: OperatorCommand>(
        &self,
        sql: &dyn Sql,
        cx: &LedgerContext<'_>,
        request: AnyRequest,
    ) -> Result<Answer, StorageError> {
        let request: Request<C> = message::command(request)?;
        let now = self.clock.now(cx.now);
        let mut snapshot = OperatorSnapshot::default();
        if self.tables.exist(sql)? {
            snapshot = read(sql, &request.command.reads())?;
            if let Some(key) = &request.idempotency {
                snapshot.stored = stored_responses::find(sql, key, now)?;
            }
        }
        let OperatorDecision { mutations, store_response, reply } = decide_operator(&snapshot, &request, now);
        let (reply, outcome) = message::reply(reply)?;
        let outcome = outcome.filter(|_| store_response);
        let stored = stored_responses::of_request(request.idempotency, request.minted, outcome);
        let reply = message::write("reply", &reply)?;
        let effects = self.commit(sql, &mutations, stored.as_ref(), now)?;
        Ok(Answer { reply, effects })
    }

    fn commit(
        &self,
        sql: &dyn Sql,
        mutations: &[OperatorMutation],
        stored: Option<&StoredResponse>,
        now: Timestamp,
    ) -> Result<Effects, StorageError> {
        let mut effects = Effects::default();
        if mutations.is_empty() && stored.is_none() {
            return Ok(effects);
        }
        self.tables.write(sql, &mut || {
            for mutation in mutations {
                write(sql, mutation)?;
                if let OperatorMutation::AddUsedSignInCode { expires_at, .. } = mutation {
                    effects.ring_by(*expires_at);
                }
            }
            if let Some(stored) = stored {
                effects.ring_by(stored_responses::put(sql, stored, now)?);
            }
            Ok(())
        })?;
        Ok(effects)
    }
}

impl Operator {
    /// Re-encrypts every secret that an earlier secret of the deployment encrypted, once in the life of the object.
    fn reseal(&self, sql: &dyn Sql, platform: &dyn AlarmPlatform) -> Result<(), StorageError> {
        if self.is_resealed.get() {
            return Ok(());
        }
        let keyring = platform.keyring()?;
        let resealer = Resealer { keyring: &keyring, platform };
        let snapshot = read(sql, &OperatorReads { providers: true, endpoints: true, ..OperatorReads::default() })?;
        for mut stored in snapshot.providers {
            let owner = StoredProvider::seal_owner(&stored.provider.slug);
            if resealer.renew_in_place(&owner, stored.client_secret.as_mut())? {
                write(sql, &OperatorMutation::PutProvider(stored))?;
            }
        }
        for mut stored in all_versions(sql)? {
            let owner = StoredProvider::seal_owner(&stored.provider.slug);
            if resealer.renew_in_place(&owner, stored.client_secret.as_mut())? {
                write(sql, &OperatorMutation::KeepVersion(stored))?;
            }
        }
        for mut endpoint in snapshot.endpoints {
            let owner = Endpoint::seal_owner(&endpoint.name);
            let previous = endpoint.previous_secret.as_mut().map(|previous| &mut previous.sealed);
            let is_previous_renewed = resealer.renew_in_place(&owner, previous)?;
            if resealer.renew_in_place(&owner, Some(&mut endpoint.secret))? || is_previous_renewed {
                write(sql, &OperatorMutation::PutEndpoint(endpoint))?;
            }
        }
        self.is_resealed.set(true);
        Ok(())
    }

    /// Whether the alarm has to re-encrypt secrets: once in the object's life while the deployment has earlier secrets.
    fn must_reseal(&self, sql: &dyn Sql, cx: &LedgerContext<'_>) -> Result<bool, StorageError> {
        if self.is_asked_to_reseal.replace(true) {
            return Ok(false);
        }
        Ok(cx.has_earlier_secrets && self.tables.exist(sql)?)
    }
}

fn read(sql: &dyn Sql, reads: &OperatorReads) -> Result<OperatorSnapshot, StorageError> {
    let mut snapshot = OperatorSnapshot::default();
    if let Some(slug) = &reads.provider {
        let rows = sql.run("SELECT provider FROM providers WHERE slug = ?", &[slug.into()])?;
        snapshot.providers = rows.all(|row| row.json("provider"))?;
        let rows = sql.run("SELECT provider FROM provider_versions WHERE slug = ? ORDER BY version", &[slug.into()])?;
        snapshot.earlier = rows.all(|row| row.json("provider"))?;
        let rows = sql.run("SELECT host FROM provider_hosts WHERE slug = ?", &[slug.into()])?;
        snapshot.host = rows.first(Row::text)?;
    }
    if let Some((slug, page)) = &reads.provider_events {
        let [after, limit] = place(*page);
        let rows = sql.run(
            "SELECT seq, event FROM provider_events WHERE slug = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
            &[slug.into(), after, limit],
        )?;
        snapshot.provider_events =
            rows.all(|row| Ok(Positioned { position: Cursor(row.count()?), value: row.json("event")? }))?;
    }
    if reads.providers {
        let rows = sql.run("SELECT provider FROM providers ORDER BY slug", &[])?;
        snapshot.providers = rows.all(|row| row.json("provider"))?;
    }
    if reads.endpoints {
        let rows = sql.run("SELECT endpoint FROM endpoints ORDER BY name", &[])?;
        snapshot.endpoints = rows.all(|row| row.json("endpoint"))?;
    }
    if let Some((endpoint, page)) = &reads.deliveries {
        let [after, limit] = place(*page);
        let rows = sql.run(
            "SELECT seq, delivery FROM deliveries WHERE endpoint = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
            &[endpoint.into(), after, limit],
        )?;
        snapshot.deliveries =
            rows.all(|row| Ok(Positioned { position: Cursor(row.count()?), value: row.json("delivery")? }))?;
    }
    if let Some((AbandonedFilter { user_id, provider }, page)) = &reads.abandoned {
        let [after, limit] = place(*page);
        // One index is enough: a user has few abandoned revocations in the list.
        let condition = match (user_id, provider) {
            (Some(_), _) => "user_id = ?1 AND (?2 IS NULL OR provider = ?2)",
            (None, Some(_)) => "?1 IS NULL AND provider = ?2",
            (None, None) => "?1 IS NULL AND ?2 IS NULL",
        };
        let statement =
            format!("SELECT seq, revocation FROM abandoned WHERE {condition} AND seq < ?3 ORDER BY seq DESC LIMIT ?4");
        snapshot.abandoned = sql
            .run(&statement, &[user_id.into(), provider.into(), after, limit])?
            .all(|row| Ok(Positioned { position: Cursor(row.count()?), value: row.json("revocation")? }))?;
    }
    if let Some(code) = &reads.used_sign_in_code {
        let rows = sql.run("SELECT expires_at FROM used_sign_in_codes WHERE code = ?", &[code.into()])?;
        snapshot.is_sign_in_code_used = rows.first(Row::time)?.is_some();
    }
    Ok(snapshot)
}

/// The earlier versions of all providers.
fn all_versions(sql: &dyn Sql) -> Result<Vec<StoredProvider>, StorageError> {
    sql.run("SELECT provider FROM provider_versions", &[])?.all(|row| row.json("provider"))
}

fn place(page: PageRequest) -> [Bind<'static>; 2] {
    [page.after.unwrap_or(Cursor::START).0.into(), page.rows().into()]
}

fn write(sql: &dyn Sql, mutation: &OperatorMutation) -> Result<(), StorageError> {
    match mutation {
        OperatorMutation::PutProvider(stored) => {
            let provider = message::write("provider", stored)?;
            sql.run(
                "INSERT INTO providers (slug, provider) VALUES (?1, ?2)
                 ON CONFLICT (slug) DO UPDATE SET provider = ?2",
                &[(&stored.provider.slug).into(), (&provider).into()],
            )?;
        }
        OperatorMutation::KeepVersion(stored) => {
            let provider = message::write("provider", stored)?;
            let version = stored.version.unwrap_or(stored.created_at);
            sql.run(
                "INSERT OR REPLACE INTO provider_versions (slug, version, provider) VALUES (?, ?, ?)",
                &[(&stored.provider.slug).into(), version.into(), (&provider).into()],
            )?;
        }
        OperatorMutation::PutHost(slug, host) => {
            sql.run("INSERT OR REPLACE INTO provider_hosts (slug, host) VALUES (?, ?)", &[slug.into(), host.into()])?;
        }
        OperatorMutation::AddProviderEvent(event) => {
            let text = message::write("event", event)?;
            sql.run(
                "INSERT INTO provider_events (slug, event) VALUES (?, ?)",
                &[(&event.slug).into(), (&text).into()],
            )?;
            sql.run(
                "DELETE FROM provider_events WHERE seq <= (SELECT MAX(seq) FROM provider_events) - ?",
                &[PROVIDER_EVENTS_KEPT.into()],
            )?;
        }
        OperatorMutation::DeleteProvider(slug) => {
            sql.run("DELETE FROM providers WHERE slug = ?", &[slug.into()])?;
            sql.run("DELETE FROM provider_versions WHERE slug = ?", &[slug.into()])?;
        }
        OperatorMutation::PutEndpoint(endpoint) => {
            let text = message::write("endpoint", endpoint)?;
            sql.run(
                "INSERT INTO endpoints (name, endpoint) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET endpoint = ?2",
                &[(&endpoint.name).into(), (&text).into()],
            )?;
        }
        OperatorMutation::DeleteEndpoint(name) => {
            sql.run("DELETE FROM endpoints WHERE name = ?", &[name.into()])?;
            sql.run("DELETE FROM deliveries WHERE endpoint = ?", &[name.into()])?;
        }
        OperatorMutation::AddDelivery(delivery) => {
            let text = message::write("delivery", delivery)?;
            sql.run(
                "INSERT INTO deliveries (endpoint, delivery) VALUES (?, ?)",
                &[(&delivery.endpoint).into(), (&text).into()],
            )?;
            trim_deliveries(sql, &delivery.endpoint)?;
        }
        OperatorMutation::PutAbandoned(revocation) => {
            let text = message::write("revocation", revocation)?;
            sql.run(
                "INSERT INTO abandoned (id, user_id, provider, revocation) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET provider = ?3, revocation = ?4",
                &[
                    (&revocation.id().to_string()).into(),
                    (&revocation.user_id).into(),
                    (&revocation.provider).into(),
                    (&text).into(),
                ],
            )?;
        }
        OperatorMutation::DeleteAbandoned(id) => {
            sql.run("DELETE FROM abandoned WHERE id = ?", &[id.into()])?;
        }
        OperatorMutation::AddUsedSignInCode { code, expires_at } => {
            sql.run(
                "INSERT INTO used_sign_in_codes (code, expires_at) VALUES (?, ?)",
                &[code.into(), (*expires_at).into()],
            )?;
        }
    }
    Ok(())
}

/// Deletes the used sign-in codes that have expired. Returns when the next one expires.
fn delete_expired_codes(sql: &dyn Sql, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
    sql.run("DELETE FROM used_sign_in_codes WHERE expires_at <= ?", &[now.into()])?;
    Ok(sql.run("SELECT MIN(expires_at) FROM used_sign_in_codes", &[])?.first(Row::optional_time)?.flatten())
}

/// Deletes the oldest deliveries to an endpoint beyond the limit.
fn trim_deliveries(sql: &dyn Sql, endpoint: &Slug) -> Result<(), StorageError> {
    sql.run(
        "DELETE FROM deliveries WHERE endpoint = ?1 AND seq <=
         (SELECT seq FROM deliveries WHERE endpoint = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        &[endpoint.into(), DELIVERIES_KEPT.into()],
    )?;
    Ok(())
}
