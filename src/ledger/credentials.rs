//! The rows of what connections hold of their providers'.

use super::bind::Bind;
use super::outbox;
use super::rows::{self, CREDENTIALS};
use super::sql::Sql;
use crate::core::credential::Deposit;
use crate::core::{Connection, ConnectionId, Credential, CredentialState, Sealed, Slug, Timestamp};
use crate::platform::wire::Due;

/// What a connection holds, or held.
pub(super) fn of(sql: &Sql, connection: &Connection) -> Vec<Credential> {
    if connection.provider.is_none() {
        return Vec::new();
    }
    find(sql, "connection_id = ? ORDER BY seq", (&connection.id).into())
}

/// The credential with this place.
pub(super) fn at(sql: &Sql, seq: u64) -> Option<Credential> {
    find(sql, "seq = ?", seq.into()).pop()
}

fn find(sql: &Sql, rest: &str, by: Bind) -> Vec<Credential> {
    sql.query(&[CREDENTIALS, rest].concat(), &[by], rows::credential)
}

/// Keeps credentials, each in the place of the one of its type that is held.
pub(super) fn deposit(sql: &Sql, id: &ConnectionId, deposits: &[Deposit], now: Timestamp) {
    for deposit in deposits {
        let token_type = deposit.token_type.as_str();
        sql.execute(
            "DELETE FROM credentials WHERE connection_id = ? AND token_type = ? AND state = 'held'",
            &[id.into(), token_type.into()],
        );
        sql.execute(
            "INSERT INTO credentials (connection_id, token_type, state, sealed, expires_at, changed_at)
             VALUES (?, ?, 'held', ?, ?, ?)",
            &[id.into(), token_type.into(), (&deposit.sealed).into(), (&deposit.expires_at).into(), now.into()],
        );
    }
}

/// Records what became of a credential. One that is not kept any more is erased, and the operator's ledger is told of one
/// that is abandoned, or was.
pub(super) fn put(sql: &Sql, credential: &Credential, now: Timestamp) {
    let abandoned = credential.state == CredentialState::Abandoned;
    sql.execute(
        "UPDATE credentials SET state = ?1, sealed = CASE WHEN ?2 THEN sealed END, attempts = ?3, due_at = ?4,
           changed_at = ?5, error = ?6, listed = listed OR ?7 WHERE seq = ?8",
        &[
            credential.state.as_str().into(),
            credential.state.is_kept().into(),
            credential.attempts.into(),
            (&credential.due_at).into(),
            credential.changed_at.into(),
            (&credential.error).into(),
            abandoned.into(),
            credential.seq.into(),
        ],
    );
    if sql.finds("SELECT 1 FROM credentials WHERE seq = ? AND listed", &[credential.seq.into()]) {
        outbox::add(sql, &outbox::abandoned(credential.seq), "", now);
    }
}

/// Which credentials providers are to be told of: those of a connection, or those that are due.
pub(super) fn due(sql: &Sql, rest: &str, binds: &[Bind]) -> Vec<Due> {
    let all = "SELECT c.seq, c.attempts, c.connection_id, k.provider, c.token_type, c.sealed
         FROM credentials AS c JOIN connections AS k ON k.id = c.connection_id
         WHERE c.state = 'revoking' AND c.sealed IS NOT NULL AND k.provider IS NOT NULL AND ";
    sql.query(&[all, rest].concat(), binds, |row| Due {
        seq: row.count(),
        attempts: row.number(),
        connection_id: row.required(ConnectionId::stored),
        provider: row.required(Slug::stored),
        token_type: row.word(),
        sealed: row.required(Sealed::stored),
    })
}
