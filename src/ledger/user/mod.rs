//! The ledger of a user: its tokens, connections, credentials, cutoffs and events.

mod alarm_jobs;
mod bounds;
mod commands;
mod connection_entries;
mod counts;
mod endings;
mod provider_revocations;
mod read;
mod resealing;
mod retention;
mod rows;
mod schema;
mod wake;
mod webhook_delivery;
mod write;

use std::cell::{Cell, RefCell};

use futures_util::future::LocalBoxFuture;

use self::bounds::{Bounds, Fit};
pub(crate) use self::schema::SCHEMA;
use self::wake::Wake;
use self::write::Mode;
use super::alarm::AlarmPlatform;
use super::clock::Clock;
use super::message::{AnyReply, AnyRequest};
use super::schema::Tables;
use super::settings::LedgerSettings;
use super::{Answer, Effects, LedgerCode, LedgerContext, Sql, StorageError, message, stored_responses};
use crate::core::command::IdempotencyKey;
use crate::core::decide::statuses::ShowStatus;
use crate::core::decide::{Decision, UserCommand, decide};
use crate::core::snapshot::{Mutation, Reads, Snapshot, StoredResponse};
use crate::core::ticket_view::TicketView;
use crate::core::{ChangeSet, Digest, Principal, Reply, Request, Timestamp, User};

/// A user's ledger while it is in memory. Its state is in the database; this remembers what saves reading it again.
#[derive(Debug)]
pub struct UserLedger {
    tables: Tables,
    clock: Clock,
    /// The user, once it was read. The ledger is the only writer, so the copy is current.
    user: RefCell<Option<User>>,
    /// Whether there are cutoffs, once somebody looked.
    has_cutoffs: Cell<Option<bool>>,
    /// When the last pass of the retention started, and when the next row may be deleted.
    last_pass: Cell<Option<(Timestamp, Option<Timestamp>)>>,
    /// The number of the last credential that was looked at for re-encryption; `None` once all were.
    resealed_up_to: Cell<Option<u64>>,
    /// Whether the alarm was asked to re-encrypt credentials.
    resealing_is_due: Cell<bool>,
    /// The last event up to which every webhook endpoint is served.
    served_up_to: Cell<u64>,
    /// Wakes the alarm while it waits for webhook endpoints.
    wake: Wake,
    /// How much more may be stored.
    bounds: Bounds,
}

/// The input of a decision.
struct Prepared {
    snapshot: Snapshot,
    now: Timestamp,
}

impl Default for UserLedger {
    fn default() -> Self {
        Self {
            tables: Tables::of(SCHEMA),
            clock: Clock::default(),
            user: RefCell::default(),
            has_cutoffs: Cell::default(),
            last_pass: Cell::default(),
            resealed_up_to: Cell::new(Some(0)),
            resealing_is_due: Cell::default(),
            served_up_to: Cell::default(),
            wake: Wake::default(),
            bounds: Bounds::default(),
        }
    }
}

impl LedgerCode for UserLedger {
    fn answer(&self, sql: &dyn Sql, message: &str, cx: &LedgerContext<'_>) -> Result<Answer, StorageError> {
        let mut answer = commands::run(self, sql, &message::open(message)?, cx)?;
        if self.has_credentials_to_reseal(sql, cx)? {
            answer.effects.ring_by(cx.now);
        }
        if answer.effects.alarm_by.is_some() {
            self.wake.set();
        }
        Ok(answer)
    }

    fn ring<'a>(
        &'a self,
        sql: &'a dyn Sql,
        platform: &'a dyn AlarmPlatform,
        settings: &'a LedgerSettings,
    ) -> LocalBoxFuture<'a, Result<Option<Timestamp>, StorageError>> {
        Box::pin(alarm_jobs::ring(self, sql, platform, settings))
    }

    fn show(
        &self,
        sql: &dyn Sql,
        command: ShowStatus,
        cx: &LedgerContext<'_>,
    ) -> Result<Option<TicketView>, StorageError> {
        let (reply, _) = self.run(sql, command, cx)?;
        // The command is allowed to everybody.
        Ok(reply.outcome.ok().flatten())
    }
}

impl UserLedger {
    pub(super) fn answer_request<C: UserCommand>(
        &self,
        sql: &dyn Sql,
        cx: &LedgerContext<'_>,
        request: AnyRequest,
    ) -> Result<Answer, StorageError> {
        let request: Request<C> = message::command(request)?;
        let reads = Reads { principal_key: request.key_to_verify().cloned(), ..request.command.reads() };
        let Prepared { snapshot, now } = self.prepare(sql, cx, &reads, request.idempotency.as_ref())?;
        let Decision { changes, store_response, reply } = decide(&snapshot, &request, now);
        let Reply { outcome, replayed } = reply;
        let mut to_store = None;
        let outcome = match outcome {
            Err(error) => Err(error),
            Ok(mut outcome) => {
                let shown = message::outcome(&outcome)?;
                if let (Some(idempotency), true) = (request.idempotency, store_response) {
                    C::redact(&mut outcome);
                    let outcome = message::write("outcome", &outcome)?;
                    to_store = Some(StoredResponse { idempotency, minted: request.minted, outcome });
                }
                Ok(shown)
            }
        };
        self.finish(sql, cx, now, &changes, to_store.as_ref(), &Reply { outcome, replayed })
    }

    /// Reads what a command needs. It is compiled once for all commands.
    #[inline(never)]
    fn prepare(
        &self,
        sql: &dyn Sql,
        cx: &LedgerContext<'_>,
        reads: &Reads,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<Prepared, StorageError> {
        let exists = self.tables.exist(sql)?;
        let now = self.now(sql, cx)?;
        let snapshot = if exists { self.snapshot(sql, reads, idempotency, cx, now)? } else { Snapshot::default() };
        Ok(Prepared { snapshot, now })
    }

    /// Writes what a command decided, and its reply. It is compiled once for all commands.
    #[inline(never)]
    fn finish(
        &self,
        sql: &dyn Sql,
        cx: &LedgerContext<'_>,
        now: Timestamp,
        changes: &ChangeSet,
        stored: Option<&StoredResponse>,
        reply: &AnyReply,
    ) -> Result<Answer, StorageError> {
        let stored = match self.bounds.fit(sql, (changes, stored.is_some()), cx.settings, now)? {
            Fit::All => stored,
            Fit::WithoutResponse => None,
            Fit::Refused(error) => {
                let reply = AnyReply { outcome: Err(error), replayed: None };
                return Ok(Answer { reply: message::write("reply", &reply)?, effects: Effects::default() });
            }
        };
        // A reply that cannot be written must not leave a write behind.
        let reply = message::write("reply", reply)?;
        let effects = self.commit(sql, changes, stored, cx, now)?;
        Ok(Answer { reply, effects })
    }

    /// Runs a command of the ledger itself, whose answer is not stored.
    pub(super) fn run<C: UserCommand>(
        &self,
        sql: &dyn Sql,
        command: C,
        cx: &LedgerContext<'_>,
    ) -> Result<(Reply<C::Outcome>, Effects), StorageError> {
        let request = Request::plain(Principal::Root, command);
        let Prepared { snapshot, now } = self.prepare(sql, cx, &request.command.reads(), None)?;
        let Decision { changes, reply, .. } = decide(&snapshot, &request, now);
        let effects = self.commit(sql, &changes, None, cx, now)?;
        Ok((reply, effects))
    }

    fn snapshot(
        &self,
        sql: &dyn Sql,
        reads: &Reads,
        idempotency: Option<&IdempotencyKey>,
        cx: &LedgerContext<'_>,
        now: Timestamp,
    ) -> Result<Snapshot, StorageError> {
        let stored = match idempotency {
            Some(key) => stored_responses::find(sql, key, now)?,
            None => None,
        };
        let reissued: Vec<Digest> =
            stored.iter().flat_map(|stored| &stored.minted.tokens).map(|token| token.digest.clone()).collect();
        let reads = reads.clone().for_repetition(stored.as_ref());
        let snapshot = read::snapshot(sql, &reads, &reissued, self.has_cutoffs(sql)?, cx.settings, now)?;
        Ok(Snapshot { user: self.user(sql)?, stored, ..snapshot })
    }

    /// Writes a change set, or nothing.
    fn commit(
        &self,
        sql: &dyn Sql,
        changes: &ChangeSet,
        stored: Option<&StoredResponse>,
        cx: &LedgerContext<'_>,
        now: Timestamp,
    ) -> Result<Effects, StorageError> {
        if changes.is_empty() && stored.is_none() {
            return Ok(Effects::default());
        }
        if changes.mutations.iter().any(|mutation| matches!(mutation, Mutation::PutUser(_))) {
            self.user.replace(None);
        }
        if changes.mutations.iter().any(|mutation| matches!(mutation, Mutation::AddCutoff(_))) {
            self.has_cutoffs.set(None);
        }
        let mut effects = Effects::default();
        let mut write = |mode, stored| {
            self.tables.write(sql, &mut || {
                let written = write::write(sql, (changes, stored), mode, cx.settings, now)?;
                self.clock.set(written.last_position);
                effects = written.effects;
                Ok(())
            })
        };
        match write(Mode::Normal, stored) {
            // The database may be full: what ends something is written into rows that exist.
            Err(StorageError::Database(_)) if !changes.issues() && sql.size()? >= cx.settings.size_max => {
                write(Mode::Economical, None)?;
            }
            written => written?,
        }
        Ok(effects)
    }

    /// The time of a request: after everything that the ledger has recorded and answered.
    fn now(&self, sql: &dyn Sql, cx: &LedgerContext<'_>) -> Result<Timestamp, StorageError> {
        if !self.clock.is_set()
            && self.tables.exist(sql)?
            && let Some(last) = read::last_time(sql)?
        {
            self.clock.set(last);
        }
        Ok(self.clock.now(cx.now))
    }

    fn user(&self, sql: &dyn Sql) -> Result<Option<User>, StorageError> {
        if self.user.borrow().is_none() {
            let user = read::user(sql)?;
            self.user.replace(user);
        }
        Ok(self.user.borrow().clone())
    }

    fn has_cutoffs(&self, sql: &dyn Sql) -> Result<bool, StorageError> {
        if let Some(known) = self.has_cutoffs.get() {
            return Ok(known);
        }
        let found = read::has_cutoffs(sql)?;
        self.has_cutoffs.set(Some(found));
        Ok(found)
    }

    /// Whether the alarm has to re-encrypt credentials: once in the object's life while the deployment has earlier secrets.
    fn has_credentials_to_reseal(&self, sql: &dyn Sql, cx: &LedgerContext<'_>) -> Result<bool, StorageError> {
        if self.resealed_up_to.get().is_none() || self.resealing_is_due.get() {
            return Ok(false);
        }
        let exists = cx.has_earlier_secrets
            && self.tables.exist(sql)?
            && !sql.run("SELECT 1 FROM credentials WHERE sealed IS NOT NULL LIMIT 1", &[])?.is_empty();
        if exists {
            self.resealing_is_due.set(true);
        } else {
            self.resealed_up_to.set(None);
        }
        Ok(exists)
    }
}
