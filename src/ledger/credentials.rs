//! The rows of what connections hold of their providers'.

use super::fault::Result;
use super::outbox;
use super::rows::{self, CREDENTIAL};
use super::sql::{Bind, Sql};
use crate::core::credential::Deposit;
use crate::core::{Connection, ConnectionId, Credential, CredentialState, Sealed, Slug, Timestamp};
use crate::platform::wire::Due;

/// What a connection holds, or held.
pub(super) fn of(sql: &Sql, connection: &Connection) -> Result<Vec<Credential>> {
    if connection.provider.is_none() {
        return Ok(Vec::new());
    }
    find(sql, "WHERE connection_id = ? ORDER BY seq", &[connection.id.as_str().into()])
}

/// The credential with this place.
pub(super) fn at(sql: &Sql, seq: u64) -> Result<Option<Credential>> {
    Ok(find(sql, "WHERE seq = ?", &[place(seq)])?.pop())
}

fn find(sql: &Sql, rest: &str, binds: &[Bind]) -> Result<Vec<Credential>> {
    sql.query(&format!("SELECT {CREDENTIAL} FROM credentials {rest}"), binds, rows::credential)
}

/// Keeps credentials, each in the place of the one of its type that is held.
pub(super) fn deposit(sql: &Sql, id: &ConnectionId, deposits: &[Deposit], now: Timestamp) -> Result<()> {
    for deposit in deposits {
        sql.execute(
            "DELETE FROM credentials WHERE connection_id = ? AND token_type = ? AND state = 'held'",
            &[id.as_str().into(), deposit.token_type.as_str().into()],
        )?;
        sql.execute(
            "INSERT INTO credentials (connection_id, token_type, state, sealed, expires_at, changed_at)
             VALUES (?, ?, 'held', ?, ?, ?)",
            &[
                id.as_str().into(),
                deposit.token_type.as_str().into(),
                deposit.sealed.as_str().into(),
                deposit.expires_at.into(),
                now.into(),
            ],
        )?;
    }
    Ok(())
}

/// Records what became of a credential. One that is not kept any more is erased, and the operator's ledger is told of one
/// that is abandoned, or was.
pub(super) fn put(sql: &Sql, credential: &Credential, now: Timestamp) -> Result<()> {
    let abandoned = credential.state == CredentialState::Abandoned;
    sql.execute(
        "UPDATE credentials SET state = ?1, sealed = CASE WHEN ?2 THEN sealed END, attempts = ?3, due_at = ?4,
           changed_at = ?5, error = ?6, listed = listed OR ?7 WHERE seq = ?8",
        &[
            credential.state.as_str().into(),
            i64::from(credential.state.is_kept()).into(),
            i64::from(credential.attempts).into(),
            credential.due_at.into(),
            credential.changed_at.into(),
            credential.error.as_deref().into(),
            i64::from(abandoned).into(),
            place(credential.seq),
        ],
    )?;
    let listed = "SELECT 1 FROM credentials WHERE seq = ? AND listed";
    if sql.first(listed, &[place(credential.seq)], super::sql::Row::integer)?.is_some() {
        outbox::add(sql, &outbox::abandoned(credential.seq), "", now)?;
    }
    Ok(())
}

/// Which credentials providers are to be told of: those of a connection, or those that are due.
pub(super) fn due(sql: &Sql, rest: &str, binds: &[Bind]) -> Result<Vec<Due>> {
    let statement = format!(
        "SELECT c.seq, c.attempts, c.connection_id, k.provider, c.token_type, c.sealed
         FROM credentials AS c JOIN connections AS k ON k.id = c.connection_id
         WHERE c.state = 'revoking' AND c.sealed IS NOT NULL AND k.provider IS NOT NULL AND {rest}"
    );
    sql.query(&statement, binds, |row| Due {
        seq: row.count(),
        attempts: row.number(),
        connection_id: row.required(ConnectionId::stored),
        provider: row.required(Slug::stored),
        token_type: row.word(),
        sealed: row.required(Sealed::stored),
    })
}

/// A place, to bind.
pub(super) fn place(seq: u64) -> Bind {
    i64::try_from(seq).unwrap_or(i64::MAX).into()
}
