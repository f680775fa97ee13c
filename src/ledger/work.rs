//! What the alarm does: tells of deaths that nobody asked for, deletes what is past its retention, and sends what the
//! outbox holds. Each in bounded batches; while something is left, the alarm rings again at once.

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

use super::bind::Bind;
use super::fault::{Fault, Result};
use super::tasks::all;
use super::{Ledger, credentials, load};
use crate::core::sweep::{settle, settle_connections};
use crate::core::{Connection, Timestamp, Token};
use crate::platform::wall;

/// How many rows one ring of the alarm handles of each sort.
const BATCH: u8 = 100;
/// How long an answer to a request with an `Idempotency-Key` is kept, in seconds.
const RETRIES_KEPT: i64 = 86_400;
/// How long the alarm rests after some of its work failed, in seconds.
pub(super) const REST: i64 = 10;

/// The tokens that a cutoff of a user, or of an app, killed: by themselves or with their connections.
const CUT_TOKENS: &str = "seq IN (
    SELECT t.seq FROM cutoffs AS c JOIN tokens AS t
      ON t.settled_at IS NULL
     AND ((t.created_at <= c.before AND c.kinds & t.kind AND (c.app_id IS NULL OR c.app_id = t.app_id))
          OR (c.kinds & 16 AND t.connection_id IN (
                SELECT k.id FROM connections AS k
                WHERE k.settled_at IS NULL AND k.status <> 'revoking' AND k.created_at <= c.before
                 AND (c.app_id IS NULL OR c.app_id = k.app_id))))
    WHERE c.id = ? LIMIT ?)";
/// The connections that it killed.
const CUT_CONNECTIONS: &str = "seq IN (
    SELECT k.seq FROM cutoffs AS c JOIN connections AS k
      ON k.settled_at IS NULL AND k.status <> 'revoking' AND c.kinds & 16 AND k.created_at <= c.before
     AND (c.app_id IS NULL OR c.app_id = k.app_id)
    WHERE c.id = ? LIMIT ?)";
/// The tokens that died with a connection.
const CUT_UNDER_CONNECTION: &str = "seq IN (
    SELECT t.seq FROM cutoffs AS c JOIN tokens AS t ON t.settled_at IS NULL AND t.connection_id = c.connection_id
    WHERE c.id = ? LIMIT ?)";
/// The tokens that died with their family.
const CUT_IN_FAMILY: &str = "seq IN (
    SELECT t.seq FROM cutoffs AS c JOIN tokens AS t
      ON t.settled_at IS NULL AND t.family = c.family AND t.created_at <= c.before
    WHERE c.id = ? LIMIT ?)";

/// What is past its retention: each of the tables, up to `?1`, `?2` rows at once.
const FORGET_TOKENS: &str = "DELETE FROM tokens WHERE seq IN (
    SELECT seq FROM tokens WHERE settled_at IS NOT NULL AND settled_at <= ?1 LIMIT ?2)";
/// Before their connections.
const FORGET_CREDENTIALS: &str = "DELETE FROM credentials WHERE connection_id IN (
    SELECT id FROM connections AS k WHERE settled_at IS NOT NULL AND settled_at <= ?1
     AND NOT EXISTS (SELECT 1 FROM tokens AS t WHERE t.settled_at IS NULL AND t.connection_id = k.id)
    ORDER BY settled_at, seq LIMIT ?2)";
const FORGET_CONNECTIONS: &str = "DELETE FROM connections WHERE id IN (
    SELECT id FROM connections AS k WHERE settled_at IS NOT NULL AND settled_at <= ?1
     AND NOT EXISTS (SELECT 1 FROM tokens AS t WHERE t.settled_at IS NULL AND t.connection_id = k.id)
    ORDER BY settled_at, seq LIMIT ?2)";
const FORGET_EVENTS: &str = "DELETE FROM events WHERE seq IN (
    SELECT seq FROM (SELECT seq, told_at FROM events ORDER BY seq LIMIT ?2) WHERE told_at <= ?1)";
const FORGET_RETRIES: &str = "DELETE FROM retries WHERE key IN (SELECT key FROM retries WHERE at <= ?1 LIMIT ?2)";
/// A copy that could not be written in all that time is of no more use.
const FORGET_OUTBOX: &str = "DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE since <= ?1 AND key NOT LIKE 'abandoned:%' LIMIT ?2)";

/// When each sort of work is due: what is deleted, `?1` after its end, and retries `?2` after they were kept.
const NEXT_WORK: &str = "SELECT (SELECT MIN(due_at) FROM outbox),
    (SELECT at FROM cutoffs ORDER BY id LIMIT 1),
    (SELECT MIN(expires_at) FROM tokens WHERE settled_at IS NULL AND expires_at IS NOT NULL),
    (SELECT MIN(expires_at) FROM connections WHERE settled_at IS NULL AND status = 'initiated'),
    (SELECT MIN(settled_at) + ?1 FROM tokens WHERE settled_at IS NOT NULL),
    (SELECT MIN(settled_at) + ?1 FROM connections WHERE settled_at IS NOT NULL),
    (SELECT told_at + ?1 FROM events ORDER BY seq LIMIT 1),
    (SELECT MIN(at) + ?2 FROM retries),
    (SELECT MIN(due_at) FROM credentials WHERE due_at IS NOT NULL),
    (SELECT MIN(due_at) FROM listeners),
    (SELECT told_at + 1000000 FROM events
     WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM told) ORDER BY seq LIMIT 1)";

impl Ledger {
    /// Does a batch of each sort of work. One that fails does not keep the others from being done.
    pub(super) async fn work(&self) -> Result<()> {
        let exists = self.exists();
        self.sql.outcome()?;
        if !exists {
            return Ok(());
        }
        let mut outcome = Ok(());
        for task in [Self::tell_of_expired, Self::tell_of_cut, Self::end_tickets, Self::forget] {
            task(self);
            outcome = outcome.and(self.sql.outcome());
        }
        outcome = outcome.and(self.send_outbox().await);
        // Others may take their time: neither has to wait for the other.
        outcome = outcome.and(all(vec![Box::pin(self.tell_providers()), Box::pin(self.tell_endpoints())]).await);
        outcome.and(self.reseal().await)
    }

    /// Gives tokens and connections that ran out their events.
    fn tell_of_expired(&self) {
        let now = self.now();
        let binds = [now.into(), batch()];
        let rest = "settled_at IS NULL AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?";
        self.tell_of(&load::tokens_alone(&self.sql, rest, &binds), now);
        let rest = "settled_at IS NULL AND status = 'initiated' AND expires_at <= ? ORDER BY expires_at LIMIT ?";
        self.tell_of_connections(&load::connections_alone(&self.sql, rest, &binds), now);
    }

    /// Gives what cutoffs killed its events, the oldest cutoff first, and forgets each after the last of them. The tokens
    /// of a connection come before it.
    fn tell_of_cut(&self) {
        let mut told = 0;
        while told < usize::from(BATCH) {
            let statement = "SELECT id, connection_id IS NOT NULL, family IS NOT NULL FROM cutoffs ORDER BY id LIMIT 1";
            let cutoff = self.sql.first(statement, &[], |row| (row.integer(), row.flag(), row.flag()));
            let Some((id, of_connection, of_family)) = cutoff else {
                return;
            };
            let binds = [id.into(), batch()];
            let dead = match (of_connection, of_family) {
                (true, _) => CUT_UNDER_CONNECTION,
                (_, true) => CUT_IN_FAMILY,
                _ => CUT_TOKENS,
            };
            let tokens = load::tokens_alone(&self.sql, dead, &binds);
            let mut last = tokens.len() < usize::from(BATCH);
            told = told.saturating_add(tokens.len());
            self.tell_of(&tokens, self.now());
            if last && !of_connection && !of_family {
                let connections = load::connections_alone(&self.sql, CUT_CONNECTIONS, &binds);
                last = connections.len() < usize::from(BATCH);
                told = told.saturating_add(connections.len());
                self.tell_of_connections(&connections, self.now());
            }
            if last {
                self.sql.execute("DELETE FROM cutoffs WHERE id = ?", &[id.into()]);
            }
        }
    }

    fn tell_of(&self, tokens: &[Token], now: Timestamp) {
        let mut view = load::basis(&self.sql);
        let Some(user) = view.user.take() else { return };
        for token in tokens {
            load::above(&self.sql, token, &mut view.connections);
        }
        self.commit(&settle(&user, &view, tokens, now), None, now);
    }

    fn tell_of_connections(&self, connections: &[Connection], now: Timestamp) {
        let mut view = load::basis(&self.sql);
        let Some(user) = view.user.take() else { return };
        for connection in connections {
            view.credentials.extend(credentials::of(&self.sql, connection));
        }
        self.commit(&settle_connections(&user, &view, connections, now), None, now);
    }

    /// Deletes what is past its retention.
    fn forget(&self) {
        let kept_from = Bind::from(wall().minus_seconds(self.settings.retention));
        let retries_from = Bind::from(wall().minus_seconds(RETRIES_KEPT));
        self.sql.transaction(&mut || {
            for (statement, from) in [
                (FORGET_TOKENS, kept_from),
                (FORGET_CREDENTIALS, kept_from),
                (FORGET_CONNECTIONS, kept_from),
                (FORGET_EVENTS, kept_from),
                (FORGET_RETRIES, retries_from),
                (FORGET_OUTBOX, kept_from),
            ] {
                self.sql.execute(statement, &[from, batch()]);
            }
        });
    }

    /// Sets the alarm for the next thing there is to do, if it does not ring before.
    pub(super) async fn set_alarm(&self) -> Result<()> {
        if !self.migrated.get() {
            return Ok(());
        }
        // Before the await: what another request writes meanwhile is that request's to set it for.
        self.wrote.set(false);
        let set = match self.ring_for_next_work() {
            Ok(None) => return Ok(()),
            Ok(Some(setting)) => {
                let set = JsFuture::from(setting).await;
                if set.is_err() {
                    self.alarm.forget();
                }
                set.map(drop).map_err(Fault::from)
            }
            Err(fault) => Err(fault),
        };
        if set.is_err() {
            self.wrote.set(true);
        }
        set
    }

    fn ring_for_next_work(&self) -> Result<Option<Promise>> {
        let next = self.next_work();
        self.sql.outcome()?;
        next.map_or(Ok(None), |at| self.alarm.ring_by(at))
    }

    /// When there is something to do next.
    fn next_work(&self) -> Option<Timestamp> {
        if self.is_sealed_before() {
            return Some(wall());
        }
        let binds = [late(self.settings.retention), late(RETRIES_KEPT)];
        let next = self.sql.first(NEXT_WORK, &binds, |row| (0..11).filter_map(|_| row.optional_time()).min());
        next.flatten().into_iter().chain(self.first_end()).min()
    }
}

/// When what is kept for so long is deleted: it may wait a little, so that it goes in batches and not one by one.
fn late(kept: i64) -> Bind<'static> {
    let slack = kept.min(86_400).div_euclid(24).max(1);
    kept.saturating_add(slack).saturating_mul(1_000_000).into()
}

fn batch() -> Bind<'static> {
    u32::from(BATCH).into()
}
