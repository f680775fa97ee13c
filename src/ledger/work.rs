//! What the alarm does: tells of deaths that nobody asked for, deletes what is past its retention, and sends what the
//! outbox holds. Each in bounded batches; while something is left, the alarm rings again at once.

use std::pin::Pin;

use super::fault::Result;
use super::sql::Bind;
use super::{Ledger, load};
use crate::core::sweep::{settle, settle_connections};
use crate::core::{Connection, Timestamp, Token};
use crate::platform::{all, wall};

/// How many rows one ring of the alarm handles of each sort.
const BATCH: u8 = 100;
/// How long an answer to a request with an `Idempotency-Key` is kept, in seconds.
const RETRIES_KEPT: i64 = 86_400;
/// How long the alarm rests after some of its work failed, in seconds.
pub(super) const REST: i64 = 10;

/// The tokens that a cutoff of a user, or of an app, killed: by themselves or with their connections.
const CUT_TOKENS: &str = "WHERE seq IN (
    SELECT t.seq FROM cutoffs AS c JOIN tokens AS t
      ON t.settled_at IS NULL
     AND ((t.created_at <= c.before AND c.kinds & t.kind AND (c.app_id IS NULL OR c.app_id = t.app_id))
          OR (c.kinds & 16 AND t.connection_id IN (
                SELECT k.id FROM connections AS k
                WHERE k.settled_at IS NULL AND k.status <> 'revoking' AND k.created_at <= c.before
                 AND (c.app_id IS NULL OR c.app_id = k.app_id))))
    WHERE c.id = ? LIMIT ?)";
/// The connections that it killed.
const CUT_CONNECTIONS: &str = "WHERE seq IN (
    SELECT k.seq FROM cutoffs AS c JOIN connections AS k
      ON k.settled_at IS NULL AND k.status <> 'revoking' AND c.kinds & 16 AND k.created_at <= c.before
     AND (c.app_id IS NULL OR c.app_id = k.app_id)
    WHERE c.id = ? LIMIT ?)";
/// The tokens that died with a connection.
const CUT_UNDER_CONNECTION: &str = "WHERE seq IN (
    SELECT t.seq FROM cutoffs AS c JOIN tokens AS t ON t.settled_at IS NULL AND t.connection_id = c.connection_id
    WHERE c.id = ? LIMIT ?)";
/// The tokens that died with their family.
const CUT_IN_FAMILY: &str = "WHERE seq IN (
    SELECT t.seq FROM cutoffs AS c JOIN tokens AS t
      ON t.settled_at IS NULL AND t.family = c.family AND t.created_at <= c.before
    WHERE c.id = ? LIMIT ?)";

impl Ledger {
    /// Does a batch of each sort of work. One that fails does not keep the others from being done.
    pub(super) async fn work(&self) -> Result<()> {
        if !self.exists()? {
            return Ok(());
        }
        let done = [self.tell_of_expired(), self.tell_of_cut(), self.end_tickets(), self.forget()];
        let sent = self.send_outbox().await;
        // Others may take their time: neither has to wait for the other.
        let telling: [Pin<Box<dyn Future<Output = Result<()>>>>; 2] =
            [Box::pin(self.tell_providers()), Box::pin(self.tell_endpoints())];
        let told = all(telling.into()).await;
        done.into_iter().chain([sent]).chain(told).chain([self.reseal().await]).collect()
    }

    /// Gives tokens and connections that ran out their events.
    fn tell_of_expired(&self) -> Result<()> {
        let now = self.now(true)?;
        let rest =
            "WHERE settled_at IS NULL AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?";
        self.tell_of(load::tokens(&self.sql, rest, &[now.into(), batch()])?, now)?;
        let rest = "WHERE settled_at IS NULL AND status = 'initiated' AND expires_at <= ? ORDER BY expires_at LIMIT ?";
        self.tell_of_connections(&load::connections(&self.sql, rest, &[now.into(), batch()])?, now)
    }

    /// Gives what cutoffs killed its events, the oldest cutoff first, and forgets each after the last of them. The tokens
    /// of a connection come before it.
    fn tell_of_cut(&self) -> Result<()> {
        let mut told = 0;
        while told < usize::from(BATCH) {
            let cutoff =
                self.sql.first("SELECT id, connection_id, family FROM cutoffs ORDER BY id LIMIT 1", &[], |row| {
                    (row.integer(), row.optional_text().is_some(), row.optional_text().is_some())
                })?;
            let Some((id, of_connection, of_family)) = cutoff else {
                return Ok(());
            };
            let (tokens, connections) = match (of_connection, of_family) {
                (true, _) => (CUT_UNDER_CONNECTION, None),
                (_, true) => (CUT_IN_FAMILY, None),
                _ => (CUT_TOKENS, Some(CUT_CONNECTIONS)),
            };
            let binds = [id.into(), batch()];
            let tokens = load::tokens(&self.sql, tokens, &binds)?;
            let mut last = tokens.len() < usize::from(BATCH);
            told = told.saturating_add(tokens.len());
            self.tell_of(tokens, self.now(true)?)?;
            if let Some(rest) = connections.filter(|_| last) {
                let connections = load::connections(&self.sql, rest, &binds)?;
                last = connections.len() < usize::from(BATCH);
                told = told.saturating_add(connections.len());
                self.tell_of_connections(&connections, self.now(true)?)?;
            }
            if last {
                self.sql.execute("DELETE FROM cutoffs WHERE id = ?", &[id.into()])?;
            }
        }
        Ok(())
    }

    fn tell_of(&self, tokens: Vec<(u64, Token)>, now: Timestamp) -> Result<()> {
        let Some(user) = load::user(&self.sql)? else {
            return Ok(());
        };
        let tokens: Vec<_> = tokens.into_iter().map(|(_, token)| token).collect();
        let view = load::of_tokens(&self.sql, &tokens)?;
        self.commit(&settle(&user, &view, &tokens, now), None, now)
    }

    fn tell_of_connections(&self, connections: &[Connection], now: Timestamp) -> Result<()> {
        let Some(user) = load::user(&self.sql)? else {
            return Ok(());
        };
        let view = load::of_connections(&self.sql, connections)?;
        self.commit(&settle_connections(&user, &view, connections, now), None, now)
    }

    /// Deletes what is past its retention.
    fn forget(&self) -> Result<()> {
        let kept_from = wall().minus_seconds(self.settings.retention);
        let retries_from = wall().minus_seconds(RETRIES_KEPT);
        self.storage.transaction(&mut || {
            self.sql.execute(
                "DELETE FROM tokens WHERE seq IN
                 (SELECT seq FROM tokens WHERE settled_at IS NOT NULL AND settled_at <= ? LIMIT ?)",
                &[kept_from.into(), batch()],
            )?;
            for statement in ["DELETE FROM credentials WHERE connection_id", "DELETE FROM connections WHERE id"] {
                self.sql.execute(
                    &format!(
                        "{statement} IN
                         (SELECT id FROM connections AS k WHERE settled_at IS NOT NULL AND settled_at <= ?
                           AND NOT EXISTS
                             (SELECT 1 FROM tokens AS t WHERE t.settled_at IS NULL AND t.connection_id = k.id)
                          ORDER BY settled_at, seq LIMIT ?)"
                    ),
                    &[kept_from.into(), batch()],
                )?;
            }
            self.sql.execute(
                "DELETE FROM events WHERE seq IN
                 (SELECT seq FROM (SELECT seq, told_at FROM events ORDER BY seq LIMIT ?) WHERE told_at <= ?)",
                &[batch(), kept_from.into()],
            )?;
            self.sql.execute(
                "DELETE FROM retries WHERE key IN (SELECT key FROM retries WHERE at <= ? LIMIT ?)",
                &[retries_from.into(), batch()],
            )?;
            // A copy that could not be written in all that time is of no more use.
            self.sql
                .execute("DELETE FROM outbox WHERE since <= ? AND key NOT LIKE 'abandoned:%'", &[kept_from.into()])?;
            Ok(())
        })
    }

    /// Sets the alarm for the next thing there is to do, if it does not ring before.
    pub(super) async fn set_alarm(&self) -> Result<()> {
        if !self.migrated.get() {
            return Ok(());
        }
        // Before the await: what another request writes meanwhile is that request's to set it for.
        self.wrote.set(false);
        let set = match self.next_work() {
            Ok(Some(at)) => self.alarm.ring_by(&self.storage, at).await,
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        if set.is_err() {
            self.wrote.set(true);
        }
        set
    }

    /// When there is something to do next.
    fn next_work(&self) -> Result<Option<Timestamp>> {
        if self.is_sealed_before() {
            return Ok(Some(wall()));
        }
        // What is to be deleted may wait a little, so that it goes in batches and not one by one.
        let late = |kept: i64| {
            let slack = kept.min(86_400).div_euclid(24).max(1);
            Bind::from(kept.saturating_add(slack).saturating_mul(1_000_000))
        };
        let retention = late(self.settings.retention);
        let next = self.sql.first(
            "SELECT (SELECT MIN(due_at) FROM outbox),
                    (SELECT at FROM cutoffs ORDER BY id LIMIT 1),
                    (SELECT MIN(expires_at) FROM tokens WHERE settled_at IS NULL AND expires_at IS NOT NULL),
                    (SELECT MIN(expires_at) FROM connections WHERE settled_at IS NULL AND status = 'initiated'),
                    (SELECT MIN(settled_at) + ? FROM tokens WHERE settled_at IS NOT NULL),
                    (SELECT MIN(settled_at) + ? FROM connections WHERE settled_at IS NOT NULL),
                    (SELECT told_at + ? FROM events ORDER BY seq LIMIT 1),
                    (SELECT MIN(at) + ? FROM retries),
                    (SELECT MIN(due_at) FROM credentials WHERE due_at IS NOT NULL),
                    (SELECT MIN(due_at) FROM listeners),
                    (SELECT told_at + 1000000 FROM events
                     WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM told) ORDER BY seq LIMIT 1)",
            &[retention.clone(), retention.clone(), retention, late(RETRIES_KEPT)],
            |row| (0..11).filter_map(|_| row.optional_time()).min(),
        )?;
        Ok([next.flatten(), self.first_end()?].into_iter().flatten().min())
    }
}

fn batch() -> Bind {
    i64::from(BATCH).into()
}
