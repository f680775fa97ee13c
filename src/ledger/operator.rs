//! The operator's ledger: providers, webhook endpoints, deliveries and abandoned revocations. There is one for each
//! deployment.
//!
//! Records are stored as JSON beside the columns that are queried: new fields of a record are optional, so two neighbouring
//! versions read each other's rows.

use super::clock::Clock;
use super::message::dispatch;
use super::schema::{Schema, SchemaVersion, Tables};
use super::sql::Bind;
use super::{Answer, Effects, LedgerContext, Sql, StorageError, message, stored_responses};
use crate::core::decide::operator::{
    DeleteProvider, DeleteWebhook, GetProvider, GetWebhook, ListAbandoned, ListDeliveries, ListProviders, ListWebhooks,
    OperatorCommand, OperatorDecision, OperatorMutation, OperatorReads, OperatorSnapshot, PutProvider, PutWebhook,
    RecordDeliveries, RotateWebhookSecret, UpdateAbandoned, decide_operator,
};
use crate::core::params::{Cursor, PageRequest, Positioned};
use crate::core::snapshot::StoredResponse;
use crate::core::{Request, Slug, Timestamp};

/// How many deliveries to an endpoint are kept.
const DELIVERIES_KEPT: u32 = 1_000;

/// All versions of the tables.
const SCHEMA: Schema = Schema(&[SchemaVersion {
    min_reader: 1,
    statements: &[
        "CREATE TABLE providers (slug TEXT PRIMARY KEY, provider TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE endpoints (name TEXT PRIMARY KEY, endpoint TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE deliveries (seq INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, delivery TEXT NOT NULL)",
        "CREATE INDEX deliveries_to ON deliveries (endpoint, seq)",
        "CREATE TABLE abandoned (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revocation TEXT NOT NULL)",
        "CREATE TABLE stored_responses (key TEXT PRIMARY KEY, at INTEGER NOT NULL, response TEXT NOT NULL) WITHOUT ROWID",
    ],
}]);

/// The operator's ledger while it is in memory.
#[derive(Debug)]
pub struct Operator {
    tables: Tables,
    clock: Clock,
}

impl Default for Operator {
    fn default() -> Self {
        Self { tables: Tables::of(SCHEMA), clock: Clock::default() }
    }
}

impl Operator {
    /// Runs the command in a message.
    ///
    /// # Errors
    /// [`StorageError`]. Nothing of the command was written then.
    pub fn answer(&self, sql: &dyn Sql, message: &str, cx: &LedgerContext<'_>) -> Result<Answer, StorageError> {
        let message = message::open(message)?;
        dispatch!(message, self(sql, cx); [
            GetProvider,
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
        ])
    }

    fn answer_request<C: OperatorCommand>(
        &self,
        sql: &dyn Sql,
        cx: &LedgerContext<'_>,
        request: &str,
    ) -> Result<Answer, StorageError> {
        let request: Request<C> = message::read("request", request)?;
        let now = self.clock.now(cx.now);
        let mut snapshot = OperatorSnapshot::default();
        if self.tables.exist(sql)? {
            snapshot = read(sql, &request.command.reads())?;
            if let Some(key) = &request.idempotency {
                snapshot.stored = stored_responses::find(sql, key, now)?;
            }
        }
        let OperatorDecision { mutations, store_response, reply } = decide_operator(&snapshot, &request, now);
        let text = message::write("reply", &reply)?;
        let stored = match (&request.idempotency, &reply.outcome) {
            (Some(key), Ok(outcome)) if store_response => Some(stored_responses::new(key, &request.minted, outcome)?),
            _ => None,
        };
        let effects = self.commit(sql, &mutations, stored.as_ref(), now)?;
        Ok(Answer { reply: text, effects })
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
            }
            if let Some(stored) = stored {
                effects.ring_by(stored_responses::put(sql, stored, now)?);
            }
            Ok(())
        })?;
        Ok(effects)
    }
}

fn read(sql: &dyn Sql, reads: &OperatorReads) -> Result<OperatorSnapshot, StorageError> {
    let mut snapshot = OperatorSnapshot::default();
    if let Some(slug) = &reads.provider {
        let rows = sql.run("SELECT provider FROM providers WHERE slug = ?", &[slug.into()])?;
        snapshot.providers = rows.all(|row| row.json("provider"))?;
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
    if let Some(page) = reads.abandoned {
        let statement = "SELECT seq, revocation FROM abandoned WHERE seq < ? ORDER BY seq DESC LIMIT ?";
        snapshot.abandoned = sql
            .run(statement, &place(page))?
            .all(|row| Ok(Positioned { position: Cursor(row.count()?), value: row.json("revocation")? }))?;
    }
    Ok(snapshot)
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
        OperatorMutation::DeleteProvider(slug) => {
            sql.run("DELETE FROM providers WHERE slug = ?", &[slug.into()])?;
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
                "INSERT INTO abandoned (id, revocation) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET revocation = ?2",
                &[(&revocation.id().to_string()).into(), (&text).into()],
            )?;
        }
        OperatorMutation::DeleteAbandoned(id) => {
            sql.run("DELETE FROM abandoned WHERE id = ?", &[id.into()])?;
        }
    }
    Ok(())
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
