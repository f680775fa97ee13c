//! Telling providers that a connection is dead: what the edge is to do at once, and what the alarm does again.

use super::Ledger;
use super::bind::Bind;
use super::credentials;
use super::fault::{Fault, Result};
use super::load;
use crate::core::revocation::{self, LEASE_SECONDS, Report};
use crate::core::schedule::Schedule;
use crate::core::verdict::ConnectionVerdict;
use crate::core::{ConnectionId, Keyring, Timestamp};
use crate::platform::wire::Due;
use crate::platform::{random, secrets};
use crate::upstream::dispatch::dispatch;

/// How many credentials one ring of the alarm has revoked.
const BATCH: i64 = 10;

impl Ledger {
    /// The credentials of a connection that its provider is to be told of.
    pub(super) fn due_of(&self, id: &ConnectionId) -> Vec<Due> {
        if !self.exists() {
            return Vec::new();
        }
        credentials::due(&self.sql, "c.connection_id = ? AND c.attempts = 0 ORDER BY c.seq", &[id.into()])
    }

    /// Records what a connection's provider answered. Gives what the connection is then.
    pub(super) fn settle(&self, id: &ConnectionId, reports: &[Report]) -> Option<ConnectionVerdict> {
        if !self.exists() {
            return None;
        }
        let now = self.now();
        let (user, connection) = (load::user(&self.sql)?, load::connection(&self.sql, id)?);
        let held = credentials::of(&self.sql, &connection);
        let schedule = Schedule { base: self.settings.upstream_retry, jitter: jitter() };
        let writes = revocation::settle(&user, &connection, &held, reports, schedule, now);
        self.commit(&writes, None, now);
        self.verdict_on(id, now)
    }

    /// What is to be said of a connection.
    pub(super) fn verdict_on(&self, id: &ConnectionId, now: Timestamp) -> Option<ConnectionVerdict> {
        let (user, connection) = (load::user(&self.sql)?, load::connection(&self.sql, id)?);
        let held = credentials::of(&self.sql, &connection);
        Some(ConnectionVerdict::of(&user.user_id, &connection, &held, &load::cutoffs(&self.sql), now))
    }

    /// Tells providers what is due.
    pub(super) async fn tell_providers(&self) -> Result<()> {
        let now = self.now();
        let due = credentials::due(&self.sql, "c.due_at <= ? ORDER BY c.due_at LIMIT ?", &[now.into(), BATCH.into()]);
        self.sql.outcome()?;
        if due.is_empty() {
            return Ok(());
        }
        let keyring = self.keyring()?;
        let lease = Bind::from(now.plus_seconds(LEASE_SECONDS));
        self.sql.transaction(&mut || {
            for credential in &due {
                let binds = [lease, credential.seq.into()];
                self.sql.execute("UPDATE credentials SET due_at = ? WHERE seq = ?", &binds);
            }
        });
        self.sql.outcome()?;
        let reports = dispatch(&self.env, &keyring, &due).await;
        for credential in &due {
            // Of another connection's, and what is known already, it makes nothing.
            self.settle(&credential.connection_id, &reports);
        }
        self.sql.outcome()
    }

    pub(super) fn keyring(&self) -> Result<Keyring> {
        secrets::keyring(&self.env).map_err(|_| Fault::senseless("deployment without its secrets"))
    }
}

/// Anything from 0 to 255, by chance.
pub(super) fn jitter() -> u8 {
    random().map_or(0, |random| u8::try_from(random & 255).unwrap_or_default())
}
