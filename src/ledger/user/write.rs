//! Writing a change set. The caller runs it in a transaction.

use super::rows;
use crate::core::connection::ConnectionStatus;
use crate::core::credential::NewCredentials;
use crate::core::cutoff::RevocationCutoff;
use crate::core::decide::reservations::Reservation;
use crate::core::snapshot::StoredResponse;
use crate::core::token::TokenEnd;
use crate::core::{
    ChangeSet, Connection, ConnectionId, Credential, CredentialState, Event, Mutation, Timestamp, Token, TokenKey,
    TokenKind, User,
};
use crate::ledger::error::StorageError;
use crate::ledger::settings::LedgerSettings;
use crate::ledger::sql::{Bind, Row, Sql};
use crate::ledger::{Effects, message, stored_responses};

/// How long an entry of the list of all connections waits, in seconds, so that the changes of a moment are one write.
const ENTRY_DELAY: i64 = 1;

/// How a change set is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Each event and cutoff in a row of its own.
    Normal,
    /// Without a new row, for a database that is full: an event replaces the oldest one, and a cutoff takes the place of one
    /// of the rows that are kept for this.
    Economical,
}

/// Writes the change sets of one moment.
pub(super) struct Writer<'a> {
    sql: &'a dyn Sql,
    mode: Mode,
    now: Timestamp,
    /// The next position: the time of the write, and one more for each row that got one.
    position: Timestamp,
    effects: Effects,
}

/// The effects of the writes, and the last position that was used.
pub(super) struct Written {
    pub(super) effects: Effects,
    pub(super) last_position: Timestamp,
}

/// Writes a change set and the answer to store.
pub(super) fn write(
    sql: &dyn Sql,
    (changes, stored): (&ChangeSet, Option<&StoredResponse>),
    mode: Mode,
    settings: &LedgerSettings,
    now: Timestamp,
) -> Result<Written, StorageError> {
    let mut writer = Writer { sql, mode, now, position: now, effects: Effects::default() };
    for mutation in &changes.mutations {
        writer.mutate(mutation)?;
    }
    for event in &changes.events {
        writer.add_event(event)?;
    }
    if let Some(stored) = stored {
        let due_at = stored_responses::put(sql, stored, now)?;
        writer.effects.ring_by(due_at);
    }
    writer.effects.ring_by(settings.deletion_of(now));
    writer.effects.has_events = !changes.events.is_empty();
    writer.effects.changed_status = changes.mutations.iter().any(Mutation::changes_status);
    Ok(Written { effects: writer.effects, last_position: writer.position })
}

impl Writer<'_> {
    fn mutate(&mut self, mutation: &Mutation) -> Result<(), StorageError> {
        match mutation {
            Mutation::PutUser(user) => self.put_user(user),
            Mutation::SetReservation(reservation) => self.set_reservation(reservation.as_ref()),
            Mutation::AddToken(token) => self.add_token(token),
            Mutation::EndToken(key, end) => self.end_token(key, end),
            Mutation::RecordExpiry(key) => {
                self.run("UPDATE tokens SET expiry_recorded = 1 WHERE key = ?", &[key.into()]).map(drop)
            }
            Mutation::AddCutoff(cutoff) => self.add_cutoff(cutoff),
            Mutation::ExtendToken(key, until) => {
                let statement = "UPDATE tokens SET expires_at = ? WHERE key = ? AND end_kind IS NULL";
                self.run(statement, &[(*until).into(), key.into()]).map(drop)
            }
            Mutation::MarkReplayed(key) => {
                self.run("UPDATE tokens SET replayed = 1 WHERE key = ?", &[key.into()]).map(drop)
            }
            Mutation::PutConnection(connection) => self.put_connection(connection),
            Mutation::MarkDeleted(id) => self.mark_deleted(id),
            Mutation::StoreCredentials(id, credentials) => self.store_credentials(id, credentials),
            Mutation::PutCredential(credential) => self.put_credential(credential),
        }
    }

    /// Runs a statement, and returns whether it wrote a row.
    fn run(&self, statement: &str, binds: &[Bind<'_>]) -> Result<bool, StorageError> {
        Ok(self.sql.run(statement, binds)?.changed())
    }

    /// A position that no other row has: a time of the ledger.
    fn next_position(&mut self) -> Timestamp {
        let position = self.position;
        self.position = position.next();
        position
    }

    fn put_user(&self, user: &User) -> Result<(), StorageError> {
        let groups = message::write("list of groups", &user.profile.groups)?;
        let is_written = self.run(
            "UPDATE user SET role = ?2, groups = ?3, external_id = ?4, connectable = ?5, updated_at = ?6
             WHERE only = 1 AND user_id = ?1",
            &[
                (&user.user_id).into(),
                user.profile.role.as_str().into(),
                (&groups).into(),
                (&user.profile.external_id).into(),
                user.profile.connectable.into(),
                user.updated_at.into(),
            ],
        )?;
        if is_written {
            return Ok(());
        }
        self.run(
            "INSERT INTO user (only, user_id, role, groups, external_id, connectable, created_at, updated_at)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &[
                (&user.user_id).into(),
                user.profile.role.as_str().into(),
                (&groups).into(),
                (&user.profile.external_id).into(),
                user.profile.connectable.into(),
                user.created_at.into(),
                user.updated_at.into(),
            ],
        )?;
        Ok(())
    }

    fn set_reservation(&self, reservation: Option<&Reservation>) -> Result<(), StorageError> {
        match reservation {
            Some(Reservation { holder, claimed_at }) => self.run(
                "INSERT INTO reservation (only, holder, claimed_at) VALUES (1, ?1, ?2)
                 ON CONFLICT (only) DO UPDATE SET holder = ?1, claimed_at = ?2",
                &[holder.into(), (*claimed_at).into()],
            ),
            None => self.run("DELETE FROM reservation", &[]),
        }
        .map(drop)
    }

    fn add_token(&mut self, token: &Token) -> Result<(), StorageError> {
        let (facts, grant) = (&token.facts, &token.grant);
        let position = self.next_position();
        self.run(
            "INSERT INTO tokens (key, token_id, digest, kind, position, created_at, created_by, expires_at, app_id,
               scope, redirect_uri, label, metadata, connection_id, purpose, family, code_challenge, lifetime, limited)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[
                (&token.digest.key()).into(),
                (&token.token_id).into(),
                (&token.digest).into(),
                token.kind.bit().into(),
                position.into(),
                token.created_at.into(),
                (&facts.created_by).into(),
                token.expires_at.into(),
                (&facts.app_id).into(),
                (&facts.scope).into(),
                (&facts.redirect_uri).into(),
                (&facts.label).into(),
                (&facts.metadata).into(),
                (&facts.connection_id).into(),
                (!facts.purpose.is_default()).then_some(facts.purpose.as_str()).into(),
                (&grant.family).into(),
                (&grant.code_challenge).into(),
                grant.lifetime.into(),
                grant.limited.into(),
            ],
        )?;
        if let (TokenKind::ConnectionToken, Some(expires_at)) = (token.kind, token.expires_at) {
            self.effects.ring_by(expires_at);
        }
        Ok(())
    }

    /// Records the end of a token once. If the token has an end already, the decision was made over something else than is
    /// stored.
    fn end_token(&self, key: &TokenKey, end: &TokenEnd) -> Result<(), StorageError> {
        let is_written = self.run(
            "UPDATE tokens SET end_kind = ?, end_at = ?, end_by = ?, end_reason = ?
             WHERE key = ? AND end_kind IS NULL AND expiry_recorded = 0",
            &[end.kind.as_str().into(), end.at.into(), (&end.by).into(), (&end.reason).into(), key.into()],
        )?;
        if is_written { Ok(()) } else { Err(StorageError::Conflict("the token has ended")) }
    }

    fn add_cutoff(&mut self, cutoff: &RevocationCutoff) -> Result<(), StorageError> {
        let (scope, subject) = rows::stored_scope(&cutoff.scope);
        let has_open_connections = cutoff.kinds.contains_connections()
            && scope != rows::FAMILY
            && !self.sql.run("SELECT 1 FROM connections WHERE end_recorded_at IS NULL LIMIT 1", &[])?.is_empty();
        let statement = match self.mode {
            Mode::Normal => {
                "INSERT INTO cutoffs (scope, subject, at, before, kinds, by, reason, sweep_after)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            }
            Mode::Economical => {
                "UPDATE cutoffs SET scope = ?, subject = ?, at = ?, before = ?, kinds = ?, by = ?, reason = ?,
                   sweep_after = ?
                 WHERE scope = 9 AND at = (SELECT MIN(at) FROM cutoffs WHERE scope = 9)"
            }
        };
        let is_written = self.run(
            statement,
            &[
                scope.into(),
                subject.into(),
                cutoff.at.into(),
                cutoff.before.into(),
                cutoff.kinds.bits().into(),
                (&cutoff.by).into(),
                (&cutoff.reason).into(),
                has_open_connections.then_some(0_u32).into(),
            ],
        )?;
        if !is_written {
            return Err(StorageError::Database("the database is full".to_owned()));
        }
        if has_open_connections {
            self.effects.ring_by(self.now);
        }
        Ok(())
    }

    /// Inserts a connection, or replaces the parts that can change of one whose end is not recorded.
    fn put_connection(&mut self, connection: &Connection) -> Result<(), StorageError> {
        let recorded = &connection.recorded;
        let entry_due_at = self.now.plus_seconds(ENTRY_DELAY);
        let is_updated = self.run(
            "UPDATE connections SET scope = ?2, expires_at = ?3, activated_at = ?4, status = ?5, status_at = ?6,
               status_by = ?7, status_reason = ?8, end_recorded_at = ?9, provider = ?10, deleted = ?11,
               entry_due_at = ?12, entry_attempts = 0
             WHERE id = ?1 AND end_recorded_at IS NULL",
            &[
                (&connection.id).into(),
                (&connection.scope).into(),
                connection.expires_at.into(),
                connection.activated_at.into(),
                recorded.status.as_str().into(),
                recorded.at.into(),
                (&recorded.by).into(),
                (&recorded.reason).into(),
                connection.end_recorded.then_some(self.now).into(),
                (&connection.provider).into(),
                connection.deleted.into(),
                entry_due_at.into(),
            ],
        )?;
        let is_written = is_updated || self.run(
            "INSERT INTO connections (id, app_id, scope, metadata, created_at, created_by, expires_at, activated_at,
               status, status_at, status_by, status_reason, end_recorded_at, provider, deleted, entry_due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (id) DO NOTHING",
            &[
                (&connection.id).into(),
                (&connection.app_id).into(),
                (&connection.scope).into(),
                (&connection.metadata).into(),
                connection.created_at.into(),
                (&connection.created_by).into(),
                connection.expires_at.into(),
                connection.activated_at.into(),
                recorded.status.as_str().into(),
                recorded.at.into(),
                (&recorded.by).into(),
                (&recorded.reason).into(),
                connection.end_recorded.then_some(self.now).into(),
                (&connection.provider).into(),
                connection.deleted.into(),
                entry_due_at.into(),
            ],
        )?;
        if !is_written {
            return Err(StorageError::Conflict("the connection has ended"));
        }
        self.effects.ring_by(entry_due_at);
        if let (ConnectionStatus::Initiated, Some(expires_at)) = (recorded.status, connection.expires_at) {
            self.effects.ring_by(expires_at);
        }
        Ok(())
    }

    fn mark_deleted(&mut self, id: &ConnectionId) -> Result<(), StorageError> {
        let entry_due_at = self.now.plus_seconds(ENTRY_DELAY);
        self.run(
            "UPDATE connections SET deleted = 1, entry_due_at = ?, entry_attempts = 0 WHERE id = ?",
            &[entry_due_at.into(), id.into()],
        )?;
        self.effects.ring_by(entry_due_at);
        Ok(())
    }

    /// Stores credentials; each replaces the credential of its type in the state `held`.
    fn store_credentials(&mut self, id: &ConnectionId, credentials: &NewCredentials) -> Result<(), StorageError> {
        for credential in &credentials.tokens {
            let token_type = credential.token_type.as_str();
            self.run(
                "DELETE FROM credentials WHERE connection_id = ? AND token_type = ? AND state = 'held'",
                &[id.into(), token_type.into()],
            )?;
            let seq = self.next_position();
            let expires_at = credential.expires_at.map(|at| at.micros().to_string());
            self.run(
                "INSERT INTO credentials (seq, connection_id, token_type, state, sealed, expires_at, changed_at,
                   provider_version)
                 VALUES (?, ?, ?, 'held', ?, ?, ?, ?)",
                &[
                    seq.into(),
                    id.into(),
                    token_type.into(),
                    (&credential.sealed).into(),
                    (&expires_at).into(),
                    self.now.into(),
                    credentials.version.configured().into(),
                ],
            )?;
        }
        Ok(())
    }

    /// Updates a credential. The operator's ledger is notified of a credential that is abandoned, or was.
    fn put_credential(&mut self, credential: &Credential) -> Result<(), StorageError> {
        let is_abandoned = credential.state == CredentialState::Abandoned;
        let updated = self.sql.run(
            "UPDATE credentials SET state = ?1, sealed = CASE WHEN ?2 THEN sealed END, attempts = ?3, due_at = ?4,
               changed_at = ?5, error = ?6, listing_due_at = CASE WHEN listed OR ?7 THEN ?8 END, listed = listed OR ?7
             WHERE seq = ?9 RETURNING listing_due_at",
            &[
                credential.state.as_str().into(),
                credential.state.is_kept().into(),
                credential.attempts.into(),
                credential.due_at.into(),
                credential.changed_at.into(),
                (&credential.error).into(),
                is_abandoned.into(),
                self.now.into(),
                credential.seq.into(),
            ],
        )?;
        if let Some(listing_due_at) = updated.first(Row::optional_time)?.flatten() {
            self.effects.ring_by(listing_due_at);
        }
        if let Some(due_at) = credential.due_at {
            self.effects.ring_by(due_at);
        }
        Ok(())
    }

    fn add_event(&self, event: &Event) -> Result<(), StorageError> {
        let statement = match self.mode {
            Mode::Normal => {
                "INSERT INTO events (recorded_at, type, at, actor, token_id, kind, connection_id, data)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            }
            Mode::Economical => {
                "UPDATE events SET seq = (SELECT MAX(seq) FROM events) + 1, recorded_at = ?, type = ?, at = ?,
                   actor = ?, token_id = ?, kind = ?, connection_id = ?, data = ?
                 WHERE seq = (SELECT MIN(seq) FROM events)"
            }
        };
        self.run(
            statement,
            &[
                self.now.into(),
                event.event_type.as_str().into(),
                event.at.into(),
                (&event.actor).into(),
                (&event.token_id).into(),
                event.kind.map(TokenKind::bit).into(),
                (&event.connection_id).into(),
                (&event.data).into(),
            ],
        )?;
        Ok(())
    }
}
