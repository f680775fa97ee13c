//! Rows of the tables, as the core's types.

use super::fault::{Fault, Result};
use super::sql::Row;
use crate::core::app::{ClientType, Registration};
use crate::core::connection::ConnectionStanding;
use crate::core::event::{EventType, Recorded};
use crate::core::token::{End, Facts, Grant, How};
use crate::core::user::Profile;
use crate::core::view::{Cutoff, Kinds, Reach};
use crate::core::{
    Actor, App, AppId, Connection, ConnectionId, ConnectionStatus, Digest, Event, ExternalId, Group, Json, Role, Scope,
    Slug, Token, TokenId, TokenKind, User, UserId,
};

/// The columns that [`user`] reads.
pub(super) const USER: &str = "user_id, role, groups, external_id, connectable, created_at, updated_at";

pub(super) fn user(row: &mut Row) -> Result<User> {
    Ok(User {
        user_id: row.required(UserId::parse)?,
        profile: Profile {
            role: row.word(Role::parse)?,
            groups: row.required(|groups| groups.lines().map(Group::parse).collect())?,
            external_id: row.optional(ExternalId::parse)?,
            connectable: row.integer()? != 0,
        },
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

/// The columns that [`token`] reads.
pub(super) const TOKEN: &str = "seq, token_id, digest, kind, created_at, expires_at, settled_at, end_how, end_at, \
    end_by, end_reason, created_by, app_id, scope, redirect_uri, label, metadata, connection_id, family, \
    code_challenge, replayed";

/// A token with its place.
pub(super) fn token(row: &mut Row) -> Result<(u64, Token)> {
    let seq = place(row)?;
    let token = Token {
        token_id: row.required(TokenId::parse)?,
        digest: Digest::stored(row.text()?),
        kind: kind(row.integer()?)?,
        created_at: row.time()?,
        expires_at: row.optional_time(),
        settled: row.optional_time().is_some(),
        end: end(row)?,
        facts: Facts {
            created_by: Actor::stored(row.text()?),
            app_id: row.optional(AppId::parse)?,
            scope: row.optional_text().map(Scope::stored),
            redirect_uri: row.optional_text(),
            label: row.optional_text(),
            metadata: row.optional_text().map(Json::stored),
            connection_id: row.optional(ConnectionId::parse)?,
        },
        grant: Grant {
            family: row.optional(TokenId::parse)?,
            code_challenge: row.optional_text(),
            replayed: row.integer()? != 0,
        },
    };
    Ok((seq, token))
}

fn end(row: &mut Row) -> Result<Option<End>> {
    let how = row.optional(|how| How::parse(how).ok_or(()))?;
    let (at, by, reason) = (row.optional_time(), row.optional_text(), row.optional_text());
    Ok(match (how, at, by) {
        (Some(how), Some(at), Some(by)) => Some(End { how, at, by: Actor::stored(by), reason }),
        _ => None,
    })
}

/// The columns that [`connection`] reads.
pub(super) const CONNECTION: &str = "seq, id, app_id, scope, metadata, created_at, created_by, expires_at, \
    activated_at, status, status_at, status_by, status_reason, settled_at";

/// A connection with its place.
pub(super) fn connection(row: &mut Row) -> Result<(u64, Connection)> {
    let seq = place(row)?;
    let connection = Connection {
        id: row.required(ConnectionId::parse)?,
        app_id: row.required(AppId::parse)?,
        scope: row.optional_text().map(Scope::stored),
        metadata: row.optional_text().map(Json::stored),
        created_at: row.time()?,
        created_by: Actor::stored(row.text()?),
        expires_at: row.optional_time(),
        activated_at: row.optional_time(),
        recorded: ConnectionStanding {
            status: row.word(ConnectionStatus::parse)?,
            at: row.time()?,
            by: row.optional_text().map(Actor::stored),
            reason: row.optional_text(),
        },
        settled: row.optional_time().is_some(),
    };
    Ok((seq, connection))
}

/// The columns that [`app`] reads.
pub(super) const APP: &str = "app_id, name, description, redirect_uris, scopes, client_type, logo_url, provider, \
    secret, previous_secret, previous_until, created_at, updated_at";

pub(super) fn app(row: &mut Row) -> Result<App> {
    Ok(App {
        app_id: row.required(AppId::parse)?,
        registration: Registration {
            name: row.text()?,
            description: row.optional_text(),
            redirect_uris: row.text()?.lines().map(str::to_owned).collect(),
            scopes: row.optional_text().map(Scope::stored),
            client_type: row.word(ClientType::parse)?,
            logo_url: row.optional_text(),
            provider: row.optional(Slug::parse)?,
        },
        secret: row.optional_text().map(Digest::stored),
        previous_secret: row.optional_text().map(Digest::stored).zip(row.optional_time()),
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

/// The columns that [`cutoff`] reads.
pub(super) const CUTOFF: &str = "before, app_id, connection_id, family, kinds, at, by, reason";

pub(super) fn cutoff(row: &mut Row) -> Result<Cutoff> {
    Ok(Cutoff {
        before: row.time()?,
        reach: reach(row)?,
        kinds: Kinds::from_bits(u32::try_from(row.integer()?).map_err(|_| Fault::senseless("set of kinds"))?),
        at: row.time()?,
        by: Actor::stored(row.text()?),
        reason: row.optional_text(),
    })
}

fn reach(row: &mut Row) -> Result<Reach> {
    let app_id = row.optional(AppId::parse)?;
    let connection_id = row.optional(ConnectionId::parse)?;
    let family = row.optional(TokenId::parse)?;
    let narrow = family.map(Reach::Family).or(connection_id.map(Reach::Connection));
    Ok(narrow.or(app_id.map(Reach::App)).unwrap_or(Reach::Everything))
}

/// The columns that [`event`] reads.
pub(super) const EVENT: &str = "seq, type, at, actor, token_id, kind, connection_id, data";

/// An event of the user whose ledger it is.
pub(super) fn event(row: &mut Row, user_id: &UserId) -> Result<Recorded> {
    let seq = place(row)?;
    let event = Event {
        event_type: row.word(EventType::parse)?,
        at: row.time()?,
        actor: Actor::stored(row.text()?),
        user_id: user_id.clone(),
        token_id: row.optional(TokenId::parse)?,
        kind: row.optional_integer().map(kind).transpose()?,
        connection_id: row.optional(ConnectionId::parse)?,
        data: Json::stored(row.text()?),
    };
    Ok(Recorded { seq, event })
}

fn place(row: &mut Row) -> Result<u64> {
    u64::try_from(row.integer()?).map_err(|_| Fault::senseless("place"))
}

/// The kind with this bit.
pub(super) fn kind(bit: i64) -> Result<TokenKind> {
    let found = TokenKind::ALL.iter().copied().find(|kind| i64::from(kind.bit()) == bit);
    found.ok_or_else(|| Fault::senseless("kind of token"))
}
