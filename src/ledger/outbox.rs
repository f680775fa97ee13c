//! The outbox: what a commit leaves to be told to others, later and until it succeeds.
//!
//! A row names what is to be told: the copy of a verdict (which it holds), a connection whose entry in the list of all
//! connections is to be brought up to date, or a revocation that the operator is to look at or not any more. Of the last
//! two it is looked up what to say when it is said, so that the last word is always the newest.

use super::Ledger;
use super::credentials;
use super::fault::{Fault, Result};
use super::load;
use super::sql::Sql;
use crate::core::revocation::Revocation;
use crate::core::{Connection, ConnectionId, CredentialState, Timestamp};
use crate::platform::kv::{Kv, sent};
use crate::platform::ledgers::{Ledgers, Unavailable};
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
    format!("{ACCOUNT}{id}")
}

/// The row of a revocation that the operator is to look at, or not any more.
pub(super) fn abandoned(seq: u64) -> String {
    format!("{ABANDONED}{seq}")
}

/// Adds a row. Within a transaction.
pub(super) fn add(sql: &Sql, key: &str, body: &str, now: Timestamp) -> Result<()> {
    let binds = [key.into(), body.into(), now.into(), now.plus_seconds(DELAY).into()];
    sql.execute("INSERT INTO outbox (key, body, since, due_at) VALUES (?, ?, ?, ?)", &binds)?;
    Ok(())
}

/// A row.
struct Outgoing {
    id: i64,
    key: String,
    body: String,
    attempts: i64,
    since: Timestamp,
}

/// What is under way for a row.
enum Sending {
    Kv(Option<js_sys::Promise>),
    Operator(Message),
    Nothing,
}

impl Ledger {
    /// Tells what is due. What fails stays in the outbox and is tried again.
    pub(super) async fn send_outbox(&self) -> Result<()> {
        let statement = "SELECT id, key, body, attempts, since FROM outbox WHERE due_at <= ? ORDER BY due_at LIMIT ?";
        let due = self.sql.query(statement, &[self.now(true)?.into(), BATCH.into()], |row| Outgoing {
            id: row.integer(),
            key: row.text(),
            body: row.text(),
            attempts: row.integer(),
            since: row.time(),
        })?;
        if due.is_empty() {
            return Ok(());
        }
        let kv = Kv::of(&self.env);
        // All are started before the first is awaited: they are under way together.
        let mut sending = Vec::new();
        for row in due {
            let under_way = self.start(kv.as_ref(), &row)?;
            sending.push((row, under_way));
        }
        for (row, under_way) in sending {
            let done = match under_way {
                Sending::Kv(put) => sent(put).await,
                Sending::Operator(message) => self.tell_operator(&message).await.is_ok(),
                Sending::Nothing => true,
            };
            if done {
                self.sql.execute("DELETE FROM outbox WHERE id = ?", &[row.id.into()])?;
            } else {
                let wait = 2_i64.saturating_pow(u32::try_from(row.attempts).unwrap_or(u32::MAX)).min(BACKOFF_MAX);
                let due_at = wall().plus_seconds(wait);
                let statement = "UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?";
                self.sql.execute(statement, &[due_at.into(), row.id.into()])?;
            }
        }
        Ok(())
    }

    async fn tell_operator(&self, message: &Message) -> std::result::Result<bool, Unavailable> {
        Ledgers::of(&self.env).ok_or(Unavailable)?.operator(message).await
    }

    fn start(&self, kv: Option<&Kv>, row: &Outgoing) -> Result<Sending> {
        if let Some(seq) = row.key.strip_prefix(ABANDONED) {
            return self.operators(seq.parse().unwrap_or_default());
        }
        let Some(kv) = kv else {
            return Ok(Sending::Kv(None));
        };
        if let Some(id) = row.key.strip_prefix(ACCOUNT) {
            return self.entry(kv, &ConnectionId::stored(id.to_owned()));
        }
        let left = row.since.plus_seconds(self.settings.retention).seconds().saturating_sub(wall().seconds());
        Ok(Sending::Kv(Some(kv.put(&row.key, &row.body, Some(lifetime(left))))))
    }

    /// The entry of a connection as it is now.
    fn entry(&self, kv: &Kv, id: &ConnectionId) -> Result<Sending> {
        let found = load::connections(&self.sql, "WHERE id = ?", &[id.as_str().into()])?.pop();
        let (Some(user), Some(connection)) = (load::user(&self.sql)?, found) else {
            return Ok(Sending::Nothing);
        };
        let kept = connection.settled.then_some(lifetime(self.settings.retention));
        Ok(Sending::Kv(Some(kv.enter(&user.user_id, &connection, kept))))
    }

    /// What the operator's ledger is to be told of a revocation as it is now.
    fn operators(&self, seq: u64) -> Result<Sending> {
        let (Some(user), Some(credential)) = (load::user(&self.sql)?, credentials::at(&self.sql, seq)?) else {
            return Ok(Sending::Nothing);
        };
        let id = [credential.connection_id.as_str().into()];
        let connection: Option<Connection> = load::connections(&self.sql, "WHERE id = ?", &id)?.pop();
        let connection = connection.ok_or_else(|| Fault::senseless("credential without its connection"))?;
        Ok(Sending::Operator(if credential.state == CredentialState::Abandoned {
            Message::List(Revocation::of(&user.user_id, &connection, &credential))
        } else {
            Message::Unlist(credential.revocation_id(&user.user_id))
        }))
    }
}

/// For how long something lives in KV, in seconds.
fn lifetime(seconds: i64) -> u64 {
    seconds.max(KV_TTL_MIN).unsigned_abs()
}
