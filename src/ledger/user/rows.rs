//! Rows of a user's ledger as the core's types.
//!
//! Each reader reads the columns of the constant next to it, in their order.

use crate::core::connection::ConnectionState;
use crate::core::cutoff::RevocationCutoff;
use crate::core::cutoff::{CutoffScope, TokenKindSet};
use crate::core::event::RecordedEvent;
use crate::core::token::{Grant, TokenEnd, TokenFacts};
use crate::core::user::Profile;
use crate::core::{
    Actor, AppId, Connection, ConnectionId, Credential, Digest, Event, ExternalId, Json, Scope, Sealed, Slug,
    Timestamp, Token, TokenId, TokenKind, User, UserId,
};
use crate::ledger::error::StorageError;
use crate::ledger::sql::Row;

pub(super) const USER: &str =
    "SELECT user_id, role, groups, external_id, connectable, created_at, updated_at FROM user";

pub(super) fn user(row: &mut Row) -> Result<User, StorageError> {
    Ok(User {
        user_id: row.stored(UserId::stored)?,
        profile: Profile {
            role: row.parsed("a role")?,
            groups: row.json("list of groups")?,
            external_id: row.optional(ExternalId::stored)?,
            connectable: row.flag()?,
        },
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

/// The columns of a token of the table `t`.
pub(super) const TOKEN: &str = "t.position, t.token_id, t.digest, t.kind, t.created_at, t.expires_at, \
    t.expiry_recorded, t.end_kind, t.end_at, t.end_by, t.end_reason, t.created_by, t.app_id, t.scope, t.redirect_uri, \
    t.label, t.metadata, t.connection_id, t.purpose, t.family, t.code_challenge, t.replayed, t.lifetime, t.limited";

/// A token with its position.
pub(super) fn token(row: &mut Row) -> Result<(u64, Token), StorageError> {
    let position = row.count()?;
    let token = Token {
        token_id: row.stored(TokenId::stored)?,
        digest: row.stored(Digest::stored)?,
        kind: kind(row)?,
        created_at: row.time()?,
        expires_at: row.optional_time()?,
        expiry_recorded: row.flag()?,
        end: end(row)?,
        facts: TokenFacts {
            created_by: row.stored(Actor::stored)?,
            app_id: row.optional(AppId::stored)?,
            scope: row.optional(Scope::stored)?,
            redirect_uri: row.optional_text()?,
            label: row.optional_text()?,
            metadata: row.optional(Json::stored)?,
            connection_id: row.optional(ConnectionId::stored)?,
            purpose: row.optional_parsed("a purpose")?.unwrap_or_default(),
        },
        grant: Grant {
            family: row.optional(TokenId::stored)?,
            code_challenge: row.optional(Digest::stored)?,
            replayed: row.flag()?,
            lifetime: row.optional_number()?,
            limited: row.flag()?,
        },
    };
    Ok((position, token))
}

fn end(row: &mut Row) -> Result<Option<TokenEnd>, StorageError> {
    let (kind, at, by) = (row.optional_parsed("an end")?, row.optional_time()?, row.optional(Actor::stored)?);
    let reason = row.optional_text()?;
    match (kind, at, by) {
        (Some(kind), Some(at), Some(by)) => Ok(Some(TokenEnd { kind, at, by, reason })),
        (None, None, None) => Ok(None),
        _ => Err(StorageError::Conflict("the end of a token is incomplete")),
    }
}

/// The columns of a connection of the table `c`.
pub(super) const CONNECTION: &str = "c.id, c.app_id, c.scope, c.metadata, c.created_at, c.created_by, c.expires_at, \
    c.activated_at, c.status, c.status_at, c.status_by, c.status_reason, c.end_recorded_at, c.provider, c.deleted";

pub(super) fn connection(row: &mut Row) -> Result<Connection, StorageError> {
    let id = row.stored(ConnectionId::stored)?;
    connection_with(id, row)
}

/// The connection of a row that may have none: the second part of a `LEFT JOIN`.
pub(super) fn joined_connection(row: &mut Row) -> Result<Option<Connection>, StorageError> {
    let id = row.optional(ConnectionId::stored)?;
    id.map(|id| connection_with(id, row)).transpose()
}

fn connection_with(id: ConnectionId, row: &mut Row) -> Result<Connection, StorageError> {
    Ok(Connection {
        id,
        app_id: row.stored(AppId::stored)?,
        scope: row.optional(Scope::stored)?,
        metadata: row.optional(Json::stored)?,
        created_at: row.time()?,
        created_by: row.stored(Actor::stored)?,
        expires_at: row.optional_time()?,
        activated_at: row.optional_time()?,
        recorded: ConnectionState {
            status: row.parsed("a status")?,
            at: row.time()?,
            by: row.optional(Actor::stored)?,
            reason: row.optional_text()?,
        },
        end_recorded: !row.is_null()?,
        provider: row.optional(Slug::stored)?,
        deleted: row.flag()?,
    })
}

pub(super) const CREDENTIALS: &str = "SELECT seq, connection_id, token_type, state, expires_at, attempts, due_at, \
    changed_at, error, provider_version, sealed FROM credentials WHERE ";

pub(super) fn credential(row: &mut Row) -> Result<Credential, StorageError> {
    Ok(Credential {
        seq: row.count()?,
        connection_id: row.stored(ConnectionId::stored)?,
        token_type: row.parsed("a type of credential")?,
        state: row.parsed("a state of a credential")?,
        expires_at: row.optional_parsed("a time")?.map(Timestamp::from_micros),
        attempts: row.number()?,
        due_at: row.optional_time()?,
        changed_at: row.time()?,
        error: row.optional_text()?,
        provider_version: row.optional_time()?,
        sealed: row.optional(Sealed::stored)?,
    })
}

/// The scopes of cutoffs as they are stored.
pub(super) const EVERYTHING: u32 = 0;
pub(super) const APP: u32 = 1;
pub(super) const FAMILY: u32 = 2;

pub(super) const CUTOFF: &str = "scope, subject, at, before, kinds, by, reason";

pub(super) fn cutoff(row: &mut Row) -> Result<RevocationCutoff, StorageError> {
    let (scope, subject) = (row.number()?, row.text()?);
    let scope = match scope {
        EVERYTHING => CutoffScope::Everything,
        APP => CutoffScope::App(AppId::stored(subject)),
        FAMILY => CutoffScope::Family(TokenId::stored(subject)),
        _ => return Err(StorageError::Conflict("the scope of a cutoff is unknown")),
    };
    Ok(RevocationCutoff {
        scope,
        at: row.time()?,
        before: row.time()?,
        kinds: TokenKindSet::from_bits(row.number()?),
        by: row.stored(Actor::stored)?,
        reason: row.optional_text()?,
    })
}

/// The scope and the subject of a cutoff as they are stored.
pub(super) fn stored_scope(scope: &CutoffScope) -> (u32, &str) {
    match scope {
        CutoffScope::Everything => (EVERYTHING, ""),
        CutoffScope::App(app_id) => (APP, app_id.as_str()),
        CutoffScope::Family(family) => (FAMILY, family.as_str()),
    }
}

pub(super) const EVENTS: &str = "SELECT recorded_at, seq, type, at, actor, (SELECT user_id FROM user), token_id, kind, \
    connection_id, data FROM events WHERE ";

/// An event and when it was recorded.
pub(super) fn event(row: &mut Row) -> Result<(Timestamp, RecordedEvent), StorageError> {
    let (recorded_at, seq) = (row.time()?, row.count()?);
    let event = Event {
        event_type: row.parsed("a type of event")?,
        at: row.time()?,
        actor: row.stored(Actor::stored)?,
        user_id: row.stored(UserId::stored)?,
        token_id: row.optional(TokenId::stored)?,
        kind: row.optional_integer()?.and_then(kind_of),
        connection_id: row.optional(ConnectionId::stored)?,
        data: row.stored(Json::stored)?,
    };
    Ok((recorded_at, RecordedEvent { seq, event }))
}

/// The kind of token that a bit stands for.
pub(super) fn kind(row: &mut Row) -> Result<TokenKind, StorageError> {
    row.coded("a kind of token", kind_of)
}

fn kind_of(bit: i64) -> Option<TokenKind> {
    TokenKind::ALL.iter().copied().find(|kind| i64::from(kind.bit()) == bit)
}
