//! What the ledger shows for one request.

use super::bind::Bind;
use super::fault::Fault;
use super::rows::{self, APP, CONNECTIONS, CUTOFFS, EVENTS, TOKENS, USER};
use super::sql::{Row, Sql};
use super::{credentials, live, operator};
use crate::core::cutoff::Cutoff;
use crate::core::event::Recorded;
use crate::core::order::{Order, Page};
use crate::core::target::TokenName;
use crate::core::view::View;
use crate::core::{App, AppId, Command, Connection, ConnectionId, Digest, Request, Timestamp, Token, TokenId, User};
use crate::platform::packed;

/// The most connections of a user that its connected apps are gathered from.
const CONNECTED_MAX: i64 = 10_000;

/// All that the request's decision may depend on.
pub(super) fn view(sql: &Sql, request: &Request, now: Timestamp) -> View {
    let mut view = basis(sql);
    if let Some(retry) = &request.retry {
        let kept = sql.first("SELECT earlier FROM retries WHERE key = ?", &[(&retry.key).into()], Row::text);
        view.earlier = kept.as_deref().and_then(packed::from_text);
        view.unreadable = kept.is_some() && view.earlier.is_none();
    }
    if let Some(earlier) = view.earlier.as_ref().filter(|_| request.command.issues()) {
        for fresh in &earlier.minting.tokens {
            view.reissued.extend(token_with(sql, &fresh.digest));
        }
    }
    for name in request.command.tokens() {
        view.tokens.push(token(sql, name));
    }
    if let (Command::Revoke { .. } | Command::OfGrant(..), Some(Some(token))) = (&request.command, view.tokens.first())
    {
        view.family_lives = family_lives(sql, token);
    }
    match &request.command {
        Command::RevokeUser { cut, .. } => view.live = live::count(sql, cut, now),
        Command::ListTokens { page, .. } => view.token_page = tokens(sql, PAGE, &place(*page)),
        Command::ListEvents { page, .. } => view.event_page = event_page(sql, *page),
        Command::ListConnections { page, .. } => view.connection_page = connections(sql, PAGE, &place(*page)),
        Command::Mint(_, Order { app_id: Some(app_id), .. }) => view.connections = newest(sql, app_id, now),
        Command::Disconnect(_, app_id) => view.connections = untold(sql, app_id),
        Command::ConnectedApps(_) => view.connections = open(sql),
        Command::OfConnection(id, _) => view.connections.extend(connection(sql, id)),
        Command::PutApp(..) | Command::GetApp(_) | Command::RotateSecret(..) => view.app = app(sql),
        Command::OfRevocation(seq, _) => {
            if let Some(credential) = credentials::at(sql, *seq) {
                view.connections.extend(connection(sql, &credential.connection_id));
            }
        }
        Command::OfOperator(command) => view.operator = operator::shown(sql, command),
        _ => {}
    }
    for token in view.tokens.iter().flatten().chain(&view.reissued) {
        above(sql, token, &mut view.connections);
    }
    for (_, token) in &view.token_page {
        above(sql, token, &mut view.connections);
    }
    // These say nothing of what a connection holds.
    if !matches!(request.command, Command::Check(_) | Command::ConnectedApps(_) | Command::Mint(..)) {
        let page = view.connection_page.iter().map(|(_, connection)| connection);
        for connection in view.connections.iter().chain(page) {
            view.credentials.extend(credentials::of(sql, connection));
        }
    }
    view
}

/// What every decision depends on: the user, and the cutoffs.
pub(super) fn basis(sql: &Sql) -> View {
    View { user: user(sql), cutoffs: cutoffs(sql), ..View::default() }
}

/// What a page begins with, and how long it is.
const PAGE: &str = "seq < ? ORDER BY seq DESC LIMIT ?";

/// Adds the connection that a token hangs on, where it is not there already. Of a token whose death was told, that tells
/// all: its connection may be gone.
pub(super) fn above(sql: &Sql, token: &Token, connections: &mut Vec<Connection>) {
    let Some(id) = &token.facts.connection_id else { return };
    if connections.iter().any(|connection| connection.id == *id) {
        return;
    }
    match connection(sql, id) {
        Some(found) => connections.push(found),
        None if token.settled => {}
        None => sql.fail(Fault::senseless("token without its connection")),
    }
}

/// The app whose ledger it is.
pub(super) fn app(sql: &Sql) -> Option<App> {
    sql.first(APP, &[], rows::app)
}

pub(super) fn connection(sql: &Sql, id: &ConnectionId) -> Option<Connection> {
    connections_alone(sql, "id = ?", &[id.into()]).pop()
}

/// Connections found by the rest of a statement.
pub(super) fn connections_alone(sql: &Sql, rest: &str, binds: &[Bind]) -> Vec<Connection> {
    sql.query(&[CONNECTIONS, rest].concat(), binds, |row| rows::connection(row).1)
}

/// The same, with their places.
fn connections(sql: &Sql, rest: &str, binds: &[Bind]) -> Vec<(u64, Connection)> {
    sql.query(&[CONNECTIONS, rest].concat(), binds, rows::connection)
}

/// The newest connection to an app that waits or lives. A cutoff that covers it covers all before it.
fn newest(sql: &Sql, app_id: &AppId, now: Timestamp) -> Vec<Connection> {
    let rest = "app_id = ? AND settled_at IS NULL \
        AND (status = 'active' OR (status = 'initiated' AND expires_at > ?)) ORDER BY seq DESC LIMIT 1";
    connections_alone(sql, rest, &[app_id.into(), now.into()])
}

/// The newest connections to an app that are not told dead: enough to know whether one lives, since of those that time or
/// a cutoff has ended the alarm tells within moments.
fn untold(sql: &Sql, app_id: &AppId) -> Vec<Connection> {
    let rest = "app_id = ? AND settled_at IS NULL AND status <> 'revoking' ORDER BY seq DESC LIMIT 100";
    connections_alone(sql, rest, &[app_id.into()])
}

/// The connections that users have authorized and nobody has revoked, the newest first.
fn open(sql: &Sql) -> Vec<Connection> {
    let rest = "settled_at IS NULL AND status IN ('active', 'inactive') ORDER BY seq DESC LIMIT ?";
    connections_alone(sql, rest, &[CONNECTED_MAX.into()])
}

/// What the holder of an API key can be told from.
pub(super) fn key(sql: &Sql, key: &Digest) -> View {
    let mut view = basis(sql);
    view.tokens.push(token_with(sql, key));
    view
}

/// The user whose ledger it is.
pub(super) fn user(sql: &Sql) -> Option<User> {
    sql.first(USER, &[], rows::user)
}

/// The cutoffs that may still cover a token, the oldest first.
pub(super) fn cutoffs(sql: &Sql) -> Vec<Cutoff> {
    sql.query(CUTOFFS, &[], rows::cutoff)
}

fn token(sql: &Sql, name: &TokenName) -> Option<Token> {
    match name {
        TokenName::Secret(_, digest) => token_with(sql, digest),
        TokenName::Public(token_id) => token_of(sql, token_id),
    }
}

/// The token whose secret has this digest.
fn token_with(sql: &Sql, digest: &Digest) -> Option<Token> {
    tokens_alone(sql, "digest = ?", &[digest.into()]).pop()
}

/// The token of this public id.
pub(super) fn token_of(sql: &Sql, id: &TokenId) -> Option<Token> {
    tokens_alone(sql, "token_id = ?", &[id.into()]).pop()
}

/// Tokens found by the rest of a statement.
pub(super) fn tokens_alone(sql: &Sql, rest: &str, binds: &[Bind]) -> Vec<Token> {
    sql.query(&[TOKENS, rest].concat(), binds, |row| rows::token(row).1)
}

/// The same, with their places.
fn tokens(sql: &Sql, rest: &str, binds: &[Bind]) -> Vec<(u64, Token)> {
    sql.query(&[TOKENS, rest].concat(), binds, rows::token)
}

/// Whether anything lives of a token's family.
fn family_lives(sql: &Sql, token: &Token) -> bool {
    let family = &token.grant.family;
    sql.finds("SELECT 1 FROM tokens WHERE family = ? AND settled_at IS NULL LIMIT 1", &[family.into()])
}

fn event_page(sql: &Sql, page: Page) -> Vec<Recorded> {
    sql.query(&[EVENTS, PAGE].concat(), &place(page), |row| rows::event(row).1)
}

/// The event after a place, and when it was recorded.
pub(super) fn event_after(sql: &Sql, seq: u64) -> Option<(Timestamp, Recorded)> {
    sql.first(&[EVENTS, "seq > ? ORDER BY seq LIMIT 1"].concat(), &[seq.into()], rows::event)
}

/// Where a page starts, and how many rows to read for it.
pub(super) fn place(page: Page) -> [Bind<'static>; 2] {
    const LAST: u64 = (1 << 53) - 1;
    [page.before.unwrap_or(LAST).min(LAST).into(), page.rows().into()]
}

/// The time of the last write.
pub(super) fn last_told(sql: &Sql) -> Option<Timestamp> {
    sql.first("SELECT told_at FROM events ORDER BY seq DESC LIMIT 1", &[], Row::time)
}
