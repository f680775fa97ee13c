//! Rows of the tables, as the core's types.

use super::sql::Row;
use crate::core::app::Registration;
use crate::core::connection::ConnectionStanding;
use crate::core::cutoff::{Cutoff, Kinds, Reach};
use crate::core::event::Recorded;
use crate::core::token::{End, Facts, Grant};
use crate::core::user::Profile;
use crate::core::{
    Actor, App, AppId, Connection, ConnectionId, Credential, Digest, Event, ExternalId, Group, Json, Scope, Slug,
    Timestamp, Token, TokenId, TokenKind, User, UserId,
};

/// What finds the user that [`user`] reads.
pub(super) const USER: &str =
    "SELECT user_id, role, groups, external_id, connectable, created_at, updated_at FROM user";

pub(super) fn user(row: &mut Row) -> User {
    User {
        user_id: row.required(UserId::stored),
        profile: Profile {
            role: row.word(),
            groups: row.text().lines().map(|group| Group::stored(group.to_owned())).collect(),
            external_id: row.optional(ExternalId::stored),
            connectable: row.flag(),
        },
        created_at: row.time(),
        updated_at: row.time(),
    }
}

/// What finds tokens that [`token`] reads, but for the rest of the statement.
pub(super) const TOKENS: &str = "SELECT seq, token_id, digest, kind, created_at, expires_at, settled_at, end_how, \
    end_at, end_by, end_reason, created_by, app_id, scope, redirect_uri, label, metadata, connection_id, family, \
    code_challenge, replayed, lifetime, limited FROM tokens WHERE ";

/// A token with its place.
pub(super) fn token(row: &mut Row) -> (u64, Token) {
    let seq = row.count();
    let token = Token {
        token_id: row.required(TokenId::stored),
        digest: row.required(Digest::stored),
        kind: kind(row),
        created_at: row.time(),
        expires_at: row.optional_time(),
        settled: row.optional_time().is_some(),
        end: end(row),
        facts: Facts {
            created_by: row.required(Actor::stored),
            app_id: row.optional(AppId::stored),
            scope: row.optional(Scope::stored),
            redirect_uri: row.optional_text(),
            label: row.optional_text(),
            metadata: row.optional(Json::stored),
            connection_id: row.optional(ConnectionId::stored),
        },
        grant: Grant {
            family: row.optional(TokenId::stored),
            code_challenge: row.optional(Digest::stored),
            replayed: row.flag(),
            lifetime: row.optional_integer().and_then(|seconds| u32::try_from(seconds).ok()),
            limited: row.flag(),
        },
    };
    (seq, token)
}

fn end(row: &mut Row) -> Option<End> {
    let (how, at, by) = (row.optional_word(), row.optional_time(), row.optional(Actor::stored));
    let reason = row.optional_text();
    match (how, at, by) {
        (Some(how), Some(at), Some(by)) => Some(End { how, at, by, reason }),
        (None, None, None) => None,
        _ => {
            row.fail("end");
            None
        }
    }
}

/// What finds connections that [`connection`] reads, but for the rest of the statement.
pub(super) const CONNECTIONS: &str = "SELECT seq, id, app_id, scope, metadata, created_at, created_by, expires_at, \
    activated_at, status, status_at, status_by, status_reason, settled_at, provider, deleted FROM connections WHERE ";

/// A connection with its place.
pub(super) fn connection(row: &mut Row) -> (u64, Connection) {
    let seq = row.count();
    let connection = Connection {
        id: row.required(ConnectionId::stored),
        app_id: row.required(AppId::stored),
        scope: row.optional(Scope::stored),
        metadata: row.optional(Json::stored),
        created_at: row.time(),
        created_by: row.required(Actor::stored),
        expires_at: row.optional_time(),
        activated_at: row.optional_time(),
        recorded: ConnectionStanding {
            status: row.word(),
            at: row.time(),
            by: row.optional(Actor::stored),
            reason: row.optional_text(),
        },
        settled: row.optional_time().is_some(),
        provider: row.optional(Slug::stored),
        deleted: row.flag(),
    };
    (seq, connection)
}

/// What finds credentials that [`credential`] reads, but for the rest of the statement.
pub(super) const CREDENTIALS: &str = "SELECT seq, connection_id, token_type, state, expires_at, attempts, due_at, \
    changed_at, error FROM credentials WHERE ";

/// A credential, without the secret.
pub(super) fn credential(row: &mut Row) -> Credential {
    Credential {
        seq: row.count(),
        connection_id: row.required(ConnectionId::stored),
        token_type: row.word(),
        state: row.word(),
        expires_at: row.optional_time(),
        attempts: row.number(),
        due_at: row.optional_time(),
        changed_at: row.time(),
        error: row.optional_text(),
    }
}

/// What finds the app that [`app`] reads.
pub(super) const APP: &str = "SELECT app_id, name, description, redirect_uris, scopes, client_type, logo_url, \
    provider, secret, previous_secret, previous_until, created_at, updated_at FROM app";

pub(super) fn app(row: &mut Row) -> App {
    App {
        app_id: row.required(AppId::stored),
        registration: Registration {
            name: row.text(),
            description: row.optional_text(),
            redirect_uris: row.text().lines().map(str::to_owned).collect(),
            scopes: row.optional(Scope::stored),
            client_type: row.word(),
            logo_url: row.optional_text(),
            provider: row.optional(Slug::stored),
        },
        secret: row.optional(Digest::stored),
        previous_secret: row.optional(Digest::stored).zip(row.optional_time()),
        created_at: row.time(),
        updated_at: row.time(),
    }
}

/// What finds the cutoffs that [`cutoff`] reads, the oldest first.
pub(super) const CUTOFFS: &str =
    "SELECT before, app_id, connection_id, family, kinds, at, by, reason FROM cutoffs ORDER BY id";

pub(super) fn cutoff(row: &mut Row) -> Cutoff {
    Cutoff {
        before: row.time(),
        reach: reach(row),
        kinds: Kinds::from_bits(row.number()),
        at: row.time(),
        by: row.required(Actor::stored),
        reason: row.optional_text(),
    }
}

fn reach(row: &mut Row) -> Reach {
    let app_id = row.optional(AppId::stored);
    let connection_id = row.optional(ConnectionId::stored);
    let family = row.optional(TokenId::stored);
    let narrow = family.map(Reach::Family).or(connection_id.map(Reach::Connection));
    narrow.or(app_id.map(Reach::App)).unwrap_or(Reach::Everything)
}

/// What finds events that [`event`] reads, but for the rest of the statement. All are of the user whose ledger it is.
pub(super) const EVENTS: &str = "SELECT told_at, seq, type, at, actor, (SELECT user_id FROM user), token_id, kind, \
    connection_id, data FROM events WHERE ";

/// An event, and when it was recorded.
pub(super) fn event(row: &mut Row) -> (Timestamp, Recorded) {
    let (told_at, seq) = (row.time(), row.count());
    let event = Event {
        event_type: row.word(),
        at: row.time(),
        actor: row.required(Actor::stored),
        user_id: row.required(UserId::stored),
        token_id: row.optional(TokenId::stored),
        kind: row.optional_integer().and_then(kind_of),
        connection_id: row.optional(ConnectionId::stored),
        data: row.required(Json::stored),
    };
    (told_at, Recorded { seq, event })
}

/// The kind with this bit.
pub(super) fn kind(row: &mut Row) -> TokenKind {
    kind_of(row.integer()).unwrap_or_else(|| {
        row.fail("kind of token");
        TokenKind::ConnectionToken
    })
}

fn kind_of(bit: i64) -> Option<TokenKind> {
    TokenKind::ALL.iter().copied().find(|kind| i64::from(kind.bit()) == bit)
}
