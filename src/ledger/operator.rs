//! The rows of what belongs to no user. They are in one ledger, the operator's.

use super::Ledger;
use super::fault::{Fault, Result};
use super::sql::{Bind, Row, Sql};
use crate::core::operator::{OperatorChange, OperatorCommand, Shown};
use crate::core::order::Page;
use crate::core::pack::Pack;
use crate::core::provider::Stored;
use crate::core::revocation::Revocation;
use crate::core::webhook::{Delivery, Endpoint};
use crate::core::{Slug, Timestamp};
use crate::platform::{packed, wall};

/// How many deliveries to an endpoint are kept.
const DELIVERIES_KEPT: i64 = 1_000;

/// What a command may depend on.
pub(super) fn shown(sql: &Sql, command: &OperatorCommand) -> Result<Shown> {
    let mut shown = Shown::default();
    match command {
        OperatorCommand::PutProvider(provider, _) => shown.providers = provider_of(sql, &provider.slug)?,
        OperatorCommand::GetProvider(slug) | OperatorCommand::DeleteProvider(slug) => {
            shown.providers = provider_of(sql, slug)?;
        }
        OperatorCommand::ListProviders => {
            shown.providers = packed_rows(sql, "SELECT stored FROM providers ORDER BY slug", &[])?;
        }
        OperatorCommand::ListAbandoned(page) => {
            let statement = "SELECT seq, revocation FROM abandoned WHERE seq < ? ORDER BY seq DESC LIMIT ?";
            shown.abandoned = placed(sql, statement, &super::load::place(*page))?;
        }
        _ => shown.endpoints = endpoints(sql)?,
    }
    if let OperatorCommand::ListDeliveries(name, page) = command {
        shown.deliveries = deliveries(sql, name, *page)?;
    }
    Ok(shown)
}

fn provider_of(sql: &Sql, slug: &Slug) -> Result<Vec<Stored>> {
    packed_rows(sql, "SELECT stored FROM providers WHERE slug = ?", &[slug.as_str().into()])
}

fn endpoints(sql: &Sql) -> Result<Vec<Endpoint>> {
    packed_rows(sql, "SELECT stored FROM endpoints ORDER BY name", &[])
}

fn deliveries(sql: &Sql, name: &Slug, page: Page) -> Result<Vec<(u64, Delivery)>> {
    let [before, limit] = super::load::place(page);
    let statement = "SELECT seq, delivery FROM deliveries WHERE endpoint = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
    placed(sql, statement, &[name.as_str().into(), before, limit])
}

/// What each row has packed. One that cannot be read is no answer: without it, a provider would seem to be none.
fn packed_rows<T: Pack>(sql: &Sql, statement: &str, binds: &[Bind]) -> Result<Vec<T>> {
    let rows = sql.query(statement, binds, Row::text)?;
    rows.iter().map(|row| packed::from_text(row).ok_or_else(|| Fault::senseless("row of another version"))).collect()
}

fn placed<T: Pack>(sql: &Sql, statement: &str, binds: &[Bind]) -> Result<Vec<(u64, T)>> {
    let rows = sql.query(statement, binds, |row| (row.count(), row.text()))?;
    Ok(rows.iter().filter_map(|(seq, row)| Some((*seq, packed::from_text(row)?))).collect())
}

/// Writes a change.
pub(super) fn write(sql: &Sql, change: &OperatorChange) -> Result<()> {
    match change {
        OperatorChange::PutProvider(stored) => {
            let binds = [stored.provider.slug.as_str().into(), packed::to_text(stored).as_str().into()];
            sql.execute("INSERT OR REPLACE INTO providers (slug, stored) VALUES (?, ?)", &binds)?;
        }
        OperatorChange::DeleteProvider(slug) => {
            sql.execute("DELETE FROM providers WHERE slug = ?", &[slug.as_str().into()])?;
        }
        OperatorChange::PutEndpoint(endpoint) => {
            let binds = [endpoint.name.as_str().into(), packed::to_text(endpoint).as_str().into()];
            sql.execute("INSERT OR REPLACE INTO endpoints (name, stored) VALUES (?, ?)", &binds)?;
        }
        OperatorChange::DeleteEndpoint(name) => {
            sql.execute("DELETE FROM endpoints WHERE name = ?", &[name.as_str().into()])?;
            sql.execute("DELETE FROM deliveries WHERE endpoint = ?", &[name.as_str().into()])?;
        }
    }
    Ok(())
}

impl Ledger {
    /// The provider that was put under this name.
    pub(super) fn provider(&self, slug: &Slug) -> Result<Option<Stored>> {
        if self.exists()? { Ok(provider_of(&self.sql, slug)?.pop()) } else { Ok(None) }
    }

    /// Where it is told what happened.
    pub(super) fn endpoints(&self) -> Result<Vec<Endpoint>> {
        if self.exists()? { endpoints(&self.sql) } else { Ok(Vec::new()) }
    }

    /// Records what was sent, and has nothing more sent to those that want no more.
    pub(super) fn delivered(&self, deliveries: &[Delivery], unwanted: &[(Slug, String)]) -> Result<bool> {
        let now = wall();
        self.write(now, &mut || {
            let known = endpoints(&self.sql)?;
            for delivery in deliveries.iter().filter(|of| known.iter().any(|endpoint| endpoint.name == of.endpoint)) {
                log(&self.sql, delivery)?;
            }
            for endpoint in &known {
                trim(&self.sql, &endpoint.name)?;
            }
            for (name, reason) in unwanted {
                disable(&self.sql, &known, name, reason, now)?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// Lists a revocation that could not be completed.
    pub(super) fn list(&self, revocation: &Revocation) -> Result<bool> {
        self.write(wall(), &mut || {
            self.sql.execute(
                "INSERT INTO abandoned (id, revocation) VALUES (?, ?)
                 ON CONFLICT (id) DO UPDATE SET revocation = excluded.revocation",
                &[revocation.id().text().as_str().into(), packed::to_text(revocation).as_str().into()],
            )?;
            Ok(())
        })?;
        Ok(true)
    }

    /// Takes a revocation off the list.
    pub(super) fn unlist(&self, id: &str) -> Result<bool> {
        self.write(wall(), &mut || {
            self.sql.execute("DELETE FROM abandoned WHERE id = ?", &[id.into()])?;
            Ok(())
        })?;
        Ok(true)
    }
}

fn log(sql: &Sql, delivery: &Delivery) -> Result<()> {
    let binds = [delivery.endpoint.as_str().into(), packed::to_text(delivery).as_str().into()];
    sql.execute("INSERT INTO deliveries (endpoint, delivery) VALUES (?, ?)", &binds)?;
    Ok(())
}

/// Forgets what was sent long ago.
fn trim(sql: &Sql, name: &Slug) -> Result<()> {
    sql.execute(
        "DELETE FROM deliveries WHERE endpoint = ?1 AND seq <=
         (SELECT seq FROM deliveries WHERE endpoint = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        &[name.as_str().into(), DELIVERIES_KEPT.into()],
    )?;
    Ok(())
}

fn disable(sql: &Sql, known: &[Endpoint], name: &Slug, reason: &str, now: Timestamp) -> Result<()> {
    let Some(endpoint) = known.iter().find(|endpoint| endpoint.name == *name && endpoint.disabled.is_none()) else {
        return Ok(());
    };
    let disabled = Some((now, reason.to_owned()));
    write(sql, &OperatorChange::PutEndpoint(Endpoint { disabled, updated_at: now, ..endpoint.clone() }))
}
