//! What the ledger shows for one request.

use super::fault::{Fault, Result};
use super::rows::{self, APP, CONNECTION, CUTOFF, EVENT, TOKEN, USER};
use super::sql::{Bind, Row, Sql};
use super::{credentials, live, operator};
use crate::core::cutoff::Cutoff;
use crate::core::event::Recorded;
use crate::core::order::{Order, Page};
use crate::core::target::TokenName;
use crate::core::view::View;
use crate::core::{
    App, AppId, Command, Connection, ConnectionId, Digest, Request, Timestamp, Token, TokenId, TokenKind, User,
};
use crate::platform::packed;

/// The most connections of a user that its connected apps are gathered from.
const CONNECTED_MAX: i64 = 10_000;

/// All that the request's decision may depend on.
pub(super) fn view(sql: &Sql, request: &Request, now: Timestamp) -> Result<View> {
    let mut view = View { user: user(sql)?, cutoffs: cutoffs(sql)?, ..View::default() };
    if let Some(retry) = &request.retry {
        let kept = sql.first("SELECT earlier FROM retries WHERE key = ?", &[retry.key.as_str().into()], Row::text)?;
        view.earlier = kept.as_deref().and_then(packed::from_text);
        view.unreadable = kept.is_some() && view.earlier.is_none();
    }
    if let Some(earlier) = view.earlier.as_ref().filter(|_| request.command.issues()) {
        for fresh in &earlier.minting.tokens {
            view.reissued.extend(token(sql, &TokenName::Secret(fresh.kind, fresh.digest.clone()))?);
        }
    }
    for name in request.command.tokens() {
        view.tokens.push(token(sql, name)?);
    }
    if let (Command::Revoke { .. } | Command::OfGrant(..), Some(Some(token))) = (&request.command, view.tokens.first())
    {
        view.family_lives = family_lives(sql, token)?;
    }
    match &request.command {
        Command::RevokeUser { cut, .. } => view.live = live::count(sql, cut, now)?,
        Command::ListTokens { page, .. } => view.token_page = token_page(sql, *page)?,
        Command::ListEvents { page, .. } => view.event_page = event_page(sql, *page, view.user.as_ref())?,
        Command::ListConnections { page, .. } => view.connection_page = connection_page(sql, *page)?,
        Command::Mint(_, Order { app_id: Some(app_id), .. }) => view.connections = newest(sql, app_id, now)?,
        Command::Disconnect(_, app_id) => view.connections = untold(sql, app_id)?,
        Command::ConnectedApps(_) => view.connections = open(sql)?,
        Command::OfConnection(id, _) => view.connections = connection(sql, id)?.into_iter().collect(),
        Command::PutApp(..) | Command::GetApp(_) | Command::RotateSecret(..) => view.app = app(sql)?,
        Command::OfRevocation(seq, _) => {
            if let Some(credential) = credentials::at(sql, *seq)? {
                view.connections = connection(sql, &credential.connection_id)?.into_iter().collect();
            }
        }
        Command::OfOperator(command) => view.operator = operator::shown(sql, command)?,
        _ => {}
    }
    above(sql, &mut view)?;
    // These say nothing of what a connection holds.
    if !matches!(request.command, Command::Check(_) | Command::ConnectedApps(_) | Command::Mint(..)) {
        held(sql, &mut view)?;
    }
    Ok(view)
}

/// Adds the connections that the tokens of a view hang on. Of a token whose death was told, that tells all: its
/// connection may be gone.
fn above(sql: &Sql, view: &mut View) -> Result<()> {
    let named = view.tokens.iter().flatten().chain(&view.reissued);
    let shown = named.chain(view.token_page.iter().map(|(_, token)| token));
    let named: Vec<_> = shown.filter_map(|token| Some((token.facts.connection_id.clone()?, token.settled))).collect();
    for (id, settled) in named {
        if view.connection(&id).is_some() {
            continue;
        }
        match connection(sql, &id)? {
            Some(found) => view.connections.push(found),
            None if settled => {}
            None => return Err(Fault::senseless("token without its connection")),
        }
    }
    Ok(())
}

/// Adds what the connections of a view hold of their providers'.
fn held(sql: &Sql, view: &mut View) -> Result<()> {
    let page = view.connection_page.iter().map(|(_, connection)| connection);
    for connection in view.connections.iter().chain(page) {
        view.credentials.extend(credentials::of(sql, connection)?);
    }
    Ok(())
}

/// What the alarm needs to tell what became of these connections.
pub(super) fn of_connections(sql: &Sql, connections: &[Connection]) -> Result<View> {
    let connections = connections.to_vec();
    let mut view = View { cutoffs: cutoffs(sql)?, connections, ..View::default() };
    held(sql, &mut view)?;
    Ok(view)
}

/// What the alarm needs to tell what became of these tokens.
pub(super) fn of_tokens(sql: &Sql, tokens: &[Token]) -> Result<View> {
    let tokens = tokens.iter().cloned().map(Some).collect();
    let mut view = View { cutoffs: cutoffs(sql)?, tokens, ..View::default() };
    above(sql, &mut view)?;
    Ok(view)
}

/// The app whose ledger it is.
pub(super) fn app(sql: &Sql) -> Result<Option<App>> {
    sql.first(&format!("SELECT {APP} FROM app"), &[], rows::app)
}

pub(super) fn connection(sql: &Sql, id: &ConnectionId) -> Result<Option<Connection>> {
    Ok(connections(sql, "WHERE id = ?", &[id.as_str().into()])?.pop())
}

/// Connections found by the rest of a statement.
pub(super) fn connections(sql: &Sql, rest: &str, binds: &[Bind]) -> Result<Vec<Connection>> {
    let found = connections_with_places(sql, rest, binds)?;
    Ok(found.into_iter().map(|(_, connection)| connection).collect())
}

fn connections_with_places(sql: &Sql, rest: &str, binds: &[Bind]) -> Result<Vec<(u64, Connection)>> {
    sql.query(&format!("SELECT {CONNECTION} FROM connections {rest}"), binds, rows::connection)
}

/// The newest connection to an app that waits or lives. A cutoff that covers it covers all before it.
fn newest(sql: &Sql, app_id: &AppId, now: Timestamp) -> Result<Vec<Connection>> {
    let rest = "WHERE app_id = ? AND settled_at IS NULL
        AND (status = 'active' OR (status = 'initiated' AND expires_at > ?)) ORDER BY seq DESC LIMIT 1";
    connections(sql, rest, &[app_id.as_str().into(), now.into()])
}

/// The newest connections to an app that are not told dead: enough to know whether one lives, since of those that time or
/// a cutoff has ended the alarm tells within moments.
fn untold(sql: &Sql, app_id: &AppId) -> Result<Vec<Connection>> {
    connections(
        sql,
        "WHERE app_id = ? AND settled_at IS NULL AND status <> 'revoking' ORDER BY seq DESC LIMIT 100",
        &[app_id.as_str().into()],
    )
}

/// The connections that users have authorized and nobody has revoked, the newest first.
fn open(sql: &Sql) -> Result<Vec<Connection>> {
    let rest = "WHERE settled_at IS NULL AND status IN ('active', 'inactive') ORDER BY seq DESC LIMIT ?";
    connections(sql, rest, &[CONNECTED_MAX.into()])
}

fn connection_page(sql: &Sql, page: Page) -> Result<Vec<(u64, Connection)>> {
    connections_with_places(sql, "WHERE seq < ? ORDER BY seq DESC LIMIT ?", &place(page))
}

/// What the holder of an API key can be told from.
pub(super) fn key(sql: &Sql, key: &Digest) -> Result<View> {
    let name = TokenName::Secret(TokenKind::ApiKey, key.clone());
    let tokens = vec![token(sql, &name)?];
    Ok(View { user: user(sql)?, cutoffs: cutoffs(sql)?, tokens, ..View::default() })
}

/// The user whose ledger it is.
pub(super) fn user(sql: &Sql) -> Result<Option<User>> {
    sql.first(&format!("SELECT {USER} FROM user"), &[], rows::user)
}

/// The cutoffs that may still cover a token, the oldest first.
pub(super) fn cutoffs(sql: &Sql) -> Result<Vec<Cutoff>> {
    sql.query(&format!("SELECT {CUTOFF} FROM cutoffs ORDER BY id"), &[], rows::cutoff)
}

fn token(sql: &Sql, name: &TokenName) -> Result<Option<Token>> {
    let (rest, value) = match name {
        TokenName::Secret(_, digest) => ("WHERE digest = ?", digest.as_str()),
        TokenName::Public(token_id) => ("WHERE token_id = ?", token_id.as_str()),
    };
    Ok(tokens(sql, rest, &[value.into()])?.into_iter().next().map(|(_, token)| token))
}

/// The token of this public id.
pub(super) fn token_of(sql: &Sql, id: &TokenId) -> Result<Option<Token>> {
    token(sql, &TokenName::Public(id.clone()))
}

/// Tokens with their places, found by the rest of a statement.
pub(super) fn tokens(sql: &Sql, rest: &str, binds: &[Bind]) -> Result<Vec<(u64, Token)>> {
    sql.query(&format!("SELECT {TOKEN} FROM tokens {rest}"), binds, rows::token)
}

/// Whether anything lives of a token's family.
fn family_lives(sql: &Sql, token: &Token) -> Result<bool> {
    let Some(family) = &token.grant.family else {
        return Ok(false);
    };
    let statement = "SELECT 1 FROM tokens WHERE family = ? AND settled_at IS NULL LIMIT 1";
    Ok(sql.first(statement, &[family.as_str().into()], Row::integer)?.is_some())
}

fn token_page(sql: &Sql, page: Page) -> Result<Vec<(u64, Token)>> {
    tokens(sql, "WHERE seq < ? ORDER BY seq DESC LIMIT ?", &place(page))
}

fn event_page(sql: &Sql, page: Page, user: Option<&User>) -> Result<Vec<Recorded>> {
    let Some(user) = user else {
        return Ok(Vec::new());
    };
    let statement = format!("SELECT {EVENT} FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?");
    sql.query(&statement, &place(page), |row| rows::event(row, &user.user_id))
}

/// The events after a place, each with when it was recorded, the oldest first.
pub(super) fn events_after(sql: &Sql, seq: i64, limit: i64) -> Result<Vec<(Timestamp, Recorded)>> {
    let Some(user) = user(sql)? else {
        return Ok(Vec::new());
    };
    let statement = format!("SELECT told_at, {EVENT} FROM events WHERE seq > ? ORDER BY seq LIMIT ?");
    sql.query(&statement, &[seq.into(), limit.into()], |row| (row.time(), rows::event(row, &user.user_id)))
}

/// Where a page starts, and how many rows to read for it.
pub(super) fn place(page: Page) -> [Bind; 2] {
    const LAST: i64 = (1 << 53) - 1;
    let before = page.before.map_or(LAST, |before| i64::try_from(before).unwrap_or(LAST));
    [before.into(), i64::from(page.rows()).into()]
}

/// The time of the last write.
pub(super) fn last_told(sql: &Sql) -> Result<Option<Timestamp>> {
    sql.first("SELECT told_at FROM events ORDER BY seq DESC LIMIT 1", &[], Row::time)
}
