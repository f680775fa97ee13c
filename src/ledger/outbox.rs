//! The outbox: what a commit leaves to be told to others, later and until it succeeds.
//!
//! A row names what is to be told: the copy of a verdict (which it holds), a connection whose entry in the list of all
//! connections is to be brought up to date, or a revocation that the operator is to look at or not any more. Of the last
//! two it is looked up what to say when it is said, so that the last word is always the newest.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Ledger;
use super::credentials;
use super::fault::{Fault, Result};
use super::load;
use super::sql::Sql;
use crate::core::revocation::Revocation;
use crate::core::{ConnectionId, CredentialState, Timestamp};
use crate::platform::kv::Kv;
use crate::platform::ledgers::Ledgers;
use crate::platform::wall;
use crate::platform::wire::Message;

/// How long a row waits, in seconds, so that rows go together and not each by an alarm of its own. Until then a copy's
/// verdict is the ledger's to tell, and of isolates that saw the death.
const DELAY: i64 = 1;
/// How many rows go at once.
const BATCH: i64 = 100;
/// The longest wait between two tries, in seconds.
const BACKOFF_MAX: i64 = 300;
/// The shortest life that KV takes, in seconds.
const KV_TTL_MIN: i64 = 60;

const ACCOUNT: &str = "account:";
const ABANDONED: &str = "abandoned:";

/// The row of a connection's entry in the list of all connections.
pub(super) fn account(id: &ConnectionId) -> String {
    [ACCOUNT, id.as_str()].concat()
}

/// The row of a revocation that the operator is to look at, or not any more.
pub(super) fn abandoned(seq: u64) -> String {
    format!("{ABANDONED}{seq}")
}

/// Adds a row. Within a transaction.
pub(super) fn add(sql: &Sql, key: &str, body: &str, now: Timestamp) {
    let binds = [key.into(), body.into(), now.into(), now.plus_seconds(DELAY).into()];
    sql.execute("INSERT INTO outbox (key, body, since, due_at) VALUES (?, ?, ?, ?)", &binds);
}

/// A row.
struct Outgoing {
    id: i64,
    key: String,
    body: String,
    attempts: u32,
    since: Timestamp,
}

impl Ledger {
    /// Tells what is due. What fails stays in the outbox and is tried again.
    pub(super) async fn send_outbox(&self) -> Result<()> {
        let statement = "SELECT id, key, body, attempts, since FROM outbox WHERE due_at <= ? ORDER BY due_at LIMIT ?";
        let due = self.sql.query(statement, &[self.now().into(), BATCH.into()], |row| Outgoing {
            id: row.integer(),
            key: row.text(),
            body: row.text(),
            attempts: row.number(),
            since: row.time(),
        });
        // All are under way together.
        let sending: Array = due.iter().map(|row| self.start(row).unwrap_or(JsValue::TRUE)).collect();
        self.sql.outcome()?;
        if due.is_empty() {
            return Ok(());
        }
        let sent: Array = JsFuture::from(Promise::all(&sending)).await?.unchecked_into();
        for (row, sent) in due.iter().zip(sent.iter()) {
            if sent.is_truthy() {
                self.sql.execute("DELETE FROM outbox WHERE id = ?", &[row.id.into()]);
            } else {
                let wait = 2_i64.saturating_pow(row.attempts).min(BACKOFF_MAX);
                let due_at = wall().plus_seconds(wait);
                let statement = "UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?";
                self.sql.execute(statement, &[due_at.into(), row.id.into()]);
            }
        }
        self.sql.outcome()
    }

    /// Starts to tell of a row: what comes of it is true once it is told. None, where there is nothing to tell any more, or
    /// it cannot be read.
    fn start(&self, row: &Outgoing) -> Option<JsValue> {
        if let Some(seq) = row.key.strip_prefix(ABANDONED) {
            let message = self.revocation(seq.parse().unwrap_or_default())?;
            return Some(
                Ledgers::of(&self.env).map_or(JsValue::FALSE, |ledgers| ledgers.tell_operator(&message).into()),
            );
        }
        let Some(kv) = Kv::of(&self.env) else {
            return Some(JsValue::FALSE);
        };
        if let Some(id) = row.key.strip_prefix(ACCOUNT) {
            return self.entry(&kv, &ConnectionId::stored(id.to_owned()));
        }
        let left = row.since.plus_seconds(self.settings.retention).seconds().saturating_sub(wall().seconds());
        Some(kv.put(&row.key, &row.body, Some(lifetime(left))).into())
    }

    /// Writes the entry of a connection as it is now.
    fn entry(&self, kv: &Kv, id: &ConnectionId) -> Option<JsValue> {
        let (user, connection) = (load::user(&self.sql)?, self.sql.sound(load::connection(&self.sql, id))?);
        let kept = connection.settled.then_some(lifetime(self.settings.retention));
        Some(kv.enter(&user.user_id, &connection, kept).into())
    }

    /// What the operator's ledger is to be told of a revocation as it is now.
    fn revocation(&self, seq: u64) -> Option<Message> {
        let (user, credential) = (load::user(&self.sql)?, self.sql.sound(credentials::at(&self.sql, seq))?);
        if credential.state != CredentialState::Abandoned {
            return Some(Message::Unlist(credential.revocation_id(&user.user_id)));
        }
        let Some(connection) = load::connection(&self.sql, &credential.connection_id) else {
            self.sql.fail(Fault::senseless("credential without its connection"));
            return None;
        };
        self.sql.sound(Some(Message::List(Revocation::of(&user.user_id, &connection, &credential))))
    }
}

/// For how long something lives in KV, in seconds.
fn lifetime(seconds: i64) -> u64 {
    seconds.max(KV_TTL_MIN).unsigned_abs()
}
