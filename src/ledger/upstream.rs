//! Telling providers that a connection is dead: what the edge is to do at once, and what the alarm does again.

use super::Ledger;
use super::credentials;
use super::fault::{Fault, Result};
use super::load;
use super::sql::Bind;
use crate::core::provider::Stored;
use crate::core::revocation::{self, LEASE_SECONDS, Report};
use crate::core::schedule::Schedule;
use crate::core::verdict::ConnectionVerdict;
use crate::core::webhook::Endpoint;
use crate::core::{ConnectionId, Keyring, Sealed};
use crate::platform::wire::Due;
use crate::platform::{packed, random, seal, secrets};
use crate::upstream::dispatch::dispatch;

/// How many credentials one ring of the alarm has revoked.
const BATCH: i64 = 10;

impl Ledger {
    /// The credentials of a connection that its provider is to be told of.
    pub(super) fn due_of(&self, id: &ConnectionId) -> Result<Vec<Due>> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        credentials::due(&self.sql, "c.connection_id = ? AND c.attempts = 0 ORDER BY c.seq", &[id.as_str().into()])
    }

    /// Records what a connection's provider answered. Gives what the connection is then.
    pub(super) fn settle(&self, id: &ConnectionId, reports: &[Report]) -> Result<Option<ConnectionVerdict>> {
        if !self.exists()? {
            return Ok(None);
        }
        let now = self.now(true)?;
        let (Some(user), Some(connection)) = (load::user(&self.sql)?, load::connection(&self.sql, id)?) else {
            return Ok(None);
        };
        let held = credentials::of(&self.sql, &connection)?;
        let schedule = Schedule { base: self.settings.upstream_retry, jitter: jitter() };
        let writes = revocation::settle(&user, &connection, &held, reports, schedule, now);
        self.commit(&writes, None, now)?;
        let Some(connection) = load::connection(&self.sql, id)? else {
            return Ok(None);
        };
        let held = credentials::of(&self.sql, &connection)?;
        Ok(Some(ConnectionVerdict::of(&user.user_id, &connection, &held, &load::cutoffs(&self.sql)?, now)))
    }

    /// Tells providers what is due.
    pub(super) async fn tell_providers(&self) -> Result<()> {
        let now = self.now(true)?;
        let mut due =
            credentials::due(&self.sql, "c.due_at <= ? ORDER BY c.due_at LIMIT ?", &[now.into(), BATCH.into()])?;
        if due.is_empty() {
            return Ok(());
        }
        let keyring = self.keyring()?;
        let lease = Bind::from(now.plus_seconds(LEASE_SECONDS));
        self.storage.transaction(&mut || {
            for credential in &due {
                let place = credentials::place(credential.seq);
                self.sql.execute("UPDATE credentials SET due_at = ? WHERE seq = ?", &[lease.clone(), place])?;
            }
            Ok(())
        })?;
        let mut reports = dispatch(&self.env, &keyring, &due).await;
        while let Some(id) = due.first().map(|credential| credential.connection_id.clone()) {
            let of = |seq: u64| due.iter().any(|credential| credential.seq == seq && credential.connection_id == id);
            let (told, rest): (Vec<_>, Vec<_>) = reports.into_iter().partition(|report| of(report.seq));
            self.settle(&id, &told)?;
            reports = rest;
            due.retain(|credential| credential.connection_id != id);
        }
        Ok(())
    }

    /// Whether there may be something to be sealed anew.
    pub(super) fn is_sealed_before(&self) -> bool {
        if !self.resealed.get() {
            let is_rotated = self.keyring().is_ok_and(|keyring| keyring.earlier_seal_keys().next().is_some());
            self.resealed.set(!is_rotated);
        }
        !self.resealed.get()
    }

    /// Seals anew what an earlier secret has sealed, so that it can be dropped some day.
    pub(super) async fn reseal(&self) -> Result<()> {
        if !self.is_sealed_before() {
            return Ok(());
        }
        // What cannot be done now is done when this object starts again.
        self.resealed.set(true);
        let keyring = self.keyring()?;
        let earlier: Vec<String> = keyring.earlier_seal_keys().map(seal::prefix).collect();
        for prefix in &earlier {
            let statement = format!(
                "SELECT seq, connection_id, sealed FROM credentials WHERE substr(sealed, 1, {}) = ? LIMIT ?",
                seal::PREFIX
            );
            let old = self.sql.query(&statement, &[prefix.as_str().into(), BATCH.into()], |row| {
                (row.integer(), row.text(), row.required(Sealed::stored))
            })?;
            let mut done = 0_i64;
            for (seq, name, sealed) in old {
                if let Some(anew) = reseal(&keyring, &name, &sealed).await {
                    let binds = [anew.as_str().into(), seq.into(), sealed.as_str().into()];
                    self.sql.execute("UPDATE credentials SET sealed = ? WHERE seq = ? AND sealed = ?", &binds)?;
                    done = done.saturating_add(1);
                }
            }
            if done == BATCH {
                self.resealed.set(false);
            }
        }
        self.reseal_operators(&keyring, &earlier).await
    }

    /// The same for what is the operator's.
    async fn reseal_operators(&self, keyring: &Keyring, earlier: &[String]) -> Result<()> {
        let old = |sealed: &Sealed| earlier.iter().any(|prefix| sealed.as_str().starts_with(prefix));
        let rows = self.sql.query("SELECT slug, stored FROM providers", &[], |row| (row.text(), row.text()))?;
        for (slug, row) in rows {
            let Some(mut stored) = packed::from_text::<Stored>(&row) else { continue };
            let Some(sealed) = stored.client_secret.as_ref().filter(|sealed| old(sealed)) else { continue };
            if let Some(anew) = reseal(keyring, &Stored::sealed_for(&stored.provider.slug), sealed).await {
                stored.client_secret = Some(anew);
                let binds = [packed::to_text(&stored).as_str().into(), slug.as_str().into(), row.as_str().into()];
                self.sql.execute("UPDATE providers SET stored = ? WHERE slug = ? AND stored = ?", &binds)?;
            }
        }
        let rows = self.sql.query("SELECT name, stored FROM endpoints", &[], |row| (row.text(), row.text()))?;
        for (name, row) in rows {
            let Some(mut endpoint) = packed::from_text::<Endpoint>(&row) else { continue };
            let sealed_for = Endpoint::sealed_for(&endpoint.name);
            let previous = endpoint.previous_secret.as_mut().map(|(sealed, _)| sealed);
            let mut changed = false;
            for sealed in [Some(&mut endpoint.secret), previous].into_iter().flatten().filter(|sealed| old(sealed)) {
                if let Some(anew) = reseal(keyring, &sealed_for, sealed).await {
                    *sealed = anew;
                    changed = true;
                }
            }
            if changed {
                let binds = [packed::to_text(&endpoint).as_str().into(), name.as_str().into(), row.as_str().into()];
                self.sql.execute("UPDATE endpoints SET stored = ? WHERE name = ? AND stored = ?", &binds)?;
            }
        }
        Ok(())
    }

    pub(super) fn keyring(&self) -> Result<Keyring> {
        secrets::keyring(&self.env).map_err(|_| Fault::senseless("deployment without its secrets"))
    }
}

async fn reseal(keyring: &Keyring, name: &str, sealed: &Sealed) -> Option<Sealed> {
    let secret = seal::open(keyring, name, sealed).await?;
    seal::seal(keyring, name, &secret).await
}

/// Anything from 0 to 255, by chance.
pub(super) fn jitter() -> u8 {
    random().map_or(0, |random| u8::try_from(random & 255).unwrap_or_default())
}
