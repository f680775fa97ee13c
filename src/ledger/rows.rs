//! Rows of the tables, as the core's types.

use super::fault::{Fault, Result};
use super::sql::Row;
use crate::core::event::{EventType, Recorded};
use crate::core::token::{End, Facts, How};
use crate::core::user::Profile;
use crate::core::view::{Cutoff, Kinds};
use crate::core::{
    Actor, AppId, Digest, Event, ExternalId, Group, Json, Role, Token, TokenId, TokenKind, User, UserId,
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
    end_by, end_reason, created_by, app_id, scope, redirect_uri, label, metadata";

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
            scope: row.optional_text(),
            redirect_uri: row.optional_text(),
            label: row.optional_text(),
            metadata: row.optional_text().map(Json::stored),
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

/// The columns that [`cutoff`] reads.
pub(super) const CUTOFF: &str = "before, app_id, kinds, at, by, reason";

pub(super) fn cutoff(row: &mut Row) -> Result<Cutoff> {
    Ok(Cutoff {
        before: row.time()?,
        app_id: row.optional(AppId::parse)?,
        kinds: Kinds::from_bits(u32::try_from(row.integer()?).map_err(|_| Fault::senseless("set of kinds"))?),
        at: row.time()?,
        by: Actor::stored(row.text()?),
        reason: row.optional_text(),
    })
}

/// The columns that [`event`] reads.
pub(super) const EVENT: &str = "seq, type, at, actor, token_id, kind, data";

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
