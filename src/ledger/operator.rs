//! The rows of what belongs to no user. They are in one ledger, the operator's.

use super::Ledger;
use super::bind::Bind;
use super::fault::Fault;
use super::load::place;
use super::sql::{Row, Sql};
use crate::core::Slug;
use crate::core::operator::{OperatorChange, OperatorCommand, Shown};
use crate::core::pack::Pack;
use crate::core::provider::Stored;
use crate::core::revocation::Revocation;
use crate::core::webhook::{Delivery, Endpoint};
use crate::platform::{packed, wall};

/// How many deliveries to an endpoint are kept.
const DELIVERIES_KEPT: i64 = 1_000;

/// What a command may depend on.
pub(super) fn shown(sql: &Sql, command: &OperatorCommand) -> Shown {
    let mut shown = Shown::default();
    match command {
        OperatorCommand::PutProvider(provider, _) => shown.providers = provider_of(sql, &provider.slug),
        OperatorCommand::GetProvider(slug) | OperatorCommand::DeleteProvider(slug) => {
            shown.providers = provider_of(sql, slug);
        }
        OperatorCommand::ListProviders => {
            shown.providers = packed_rows(sql, "SELECT stored FROM providers ORDER BY slug", &[]);
        }
        OperatorCommand::ListAbandoned(page) => {
            let statement = "SELECT seq, revocation FROM abandoned WHERE seq < ? ORDER BY seq DESC LIMIT ?";
            shown.abandoned = placed(sql, statement, &place(*page));
        }
        _ => shown.endpoints = endpoints(sql),
    }
    if let OperatorCommand::ListDeliveries(name, page) = command {
        let [before, limit] = place(*page);
        let statement = "SELECT seq, delivery FROM deliveries WHERE endpoint = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
        shown.deliveries = placed(sql, statement, &[name.into(), before, limit]);
    }
    shown
}

fn provider_of(sql: &Sql, slug: &Slug) -> Vec<Stored> {
    packed_rows(sql, "SELECT stored FROM providers WHERE slug = ?", &[slug.into()])
}

fn endpoints(sql: &Sql) -> Vec<Endpoint> {
    packed_rows(sql, "SELECT stored FROM endpoints ORDER BY name", &[])
}

/// What each row has packed. One that cannot be read is no answer: without it, a provider would seem to be none.
fn packed_rows<T: Pack>(sql: &Sql, statement: &str, binds: &[Bind]) -> Vec<T> {
    let mut found = Vec::new();
    for row in sql.query(statement, binds, Row::text) {
        match packed::from_text(&row) {
            Some(value) => found.push(value),
            None => sql.fail(Fault::senseless("row of another version")),
        }
    }
    found
}

/// What each row has packed, with its place. One that cannot be read is passed over.
fn placed<T: Pack>(sql: &Sql, statement: &str, binds: &[Bind]) -> Vec<(u64, T)> {
    let mut found = Vec::new();
    for (seq, row) in sql.query(statement, binds, |row| (row.count(), row.text())) {
        found.extend(packed::from_text(&row).map(|value| (seq, value)));
    }
    found
}

/// Writes a change.
pub(super) fn write(sql: &Sql, change: &OperatorChange) {
    match change {
        OperatorChange::PutProvider(stored) => {
            let statement = "INSERT OR REPLACE INTO providers (slug, stored) VALUES (?, ?)";
            put(sql, statement, &stored.provider.slug, stored);
        }
        OperatorChange::DeleteProvider(slug) => {
            sql.execute("DELETE FROM providers WHERE slug = ?", &[slug.into()]);
        }
        OperatorChange::PutEndpoint(endpoint) => {
            put(sql, "INSERT OR REPLACE INTO endpoints (name, stored) VALUES (?, ?)", &endpoint.name, endpoint);
        }
        OperatorChange::DeleteEndpoint(name) => {
            sql.execute("DELETE FROM endpoints WHERE name = ?", &[name.into()]);
            sql.execute("DELETE FROM deliveries WHERE endpoint = ?", &[name.into()]);
        }
    }
}

/// Writes a value, packed, beside its name.
fn put(sql: &Sql, statement: &str, name: &Slug, value: &impl Pack) {
    sql.execute(statement, &[name.into(), (&packed::to_text(value)).into()]);
}

impl Ledger {
    /// The provider that was put under this name.
    pub(super) fn provider(&self, slug: &Slug) -> Option<Stored> {
        if self.exists() { provider_of(&self.sql, slug).pop() } else { None }
    }

    /// Where it is told what happened.
    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        if self.exists() { endpoints(&self.sql) } else { Vec::new() }
    }

    /// Records what was sent, and has nothing more sent to those that want no more.
    pub(super) fn delivered(&self, deliveries: &[Delivery], unwanted: &[(Slug, String)]) -> bool {
        let now = wall();
        self.write(now, &mut || {
            let known = endpoints(&self.sql);
            for endpoint in known {
                for delivery in deliveries.iter().filter(|delivery| delivery.endpoint == endpoint.name) {
                    let statement = "INSERT INTO deliveries (endpoint, delivery) VALUES (?, ?)";
                    put(&self.sql, statement, &endpoint.name, delivery);
                }
                trim(&self.sql, &endpoint.name);
                if let Some((_, reason)) = unwanted.iter().find(|(name, _)| *name == endpoint.name)
                    && endpoint.disabled.is_none()
                {
                    let disabled = Some((now, reason.clone()));
                    write(&self.sql, &OperatorChange::PutEndpoint(Endpoint { disabled, updated_at: now, ..endpoint }));
                }
            }
        });
        true
    }

    /// Lists a revocation that could not be completed.
    pub(super) fn list(&self, revocation: &Revocation) -> bool {
        self.put(
            "INSERT INTO abandoned (id, revocation) VALUES (?, ?)
             ON CONFLICT (id) DO UPDATE SET revocation = excluded.revocation",
            &[(&revocation.id().text()).into(), (&packed::to_text(revocation)).into()],
        )
    }

    /// Takes a revocation off the list.
    pub(super) fn unlist(&self, id: &str) -> bool {
        self.put("DELETE FROM abandoned WHERE id = ?", &[id.into()])
    }
}

/// Forgets what was sent long ago.
fn trim(sql: &Sql, name: &Slug) {
    sql.execute(
        "DELETE FROM deliveries WHERE endpoint = ?1 AND seq <=
         (SELECT seq FROM deliveries WHERE endpoint = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        &[name.into(), DELIVERIES_KEPT.into()],
    );
}
