//! What the ledger shows for one request.

use super::fault::{Fault, Result};
use super::packed;
use super::rows::{self, CUTOFF, EVENT, TOKEN, USER};
use super::sql::{Bind, Row, Sql};
use crate::core::command::{Cut, Page};
use crate::core::event::Recorded;
use crate::core::view::{Counts, Cutoff, Earlier, View};
use crate::core::{AppId, Command, Digest, Request, Timestamp, Token, TokenKind, User};

/// All that the request's decision may depend on.
pub(super) fn view(sql: &Sql, request: &Request, now: Timestamp) -> Result<View> {
    let mut view = View { user: user(sql)?, cutoffs: cutoffs(sql)?, ..View::default() };
    if let Some(retry) = &request.retry {
        view.earlier = earlier(sql, &retry.key)?;
    }
    for name in request.command.tokens() {
        view.tokens.push(token(sql, name)?);
    }
    match &request.command {
        Command::RevokeUser { cut, .. } => view.live = live(sql, cut, now)?,
        Command::ListTokens { page, .. } => view.token_page = token_page(sql, *page)?,
        Command::ListEvents { page, .. } => view.event_page = event_page(sql, *page, view.user.as_ref())?,
        _ => {}
    }
    Ok(view)
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

/// Tokens with their places, found by the rest of a statement.
pub(super) fn tokens(sql: &Sql, rest: &str, binds: &[Bind]) -> Result<Vec<(u64, Token)>> {
    sql.query(&format!("SELECT {TOKEN} FROM tokens {rest}"), binds, rows::token)
}

fn earlier(sql: &Sql, key: &Digest) -> Result<Option<Earlier>> {
    sql.first("SELECT earlier FROM retries WHERE key = ?", &[key.as_str().into()], |row| {
        packed::from_text(&row.text()?).ok_or_else(|| Fault::senseless("earlier answer"))
    })
}

/// How many live tokens the cut covers. Those that an earlier cutoff killed, and nobody has told yet, are dead.
fn live(sql: &Sql, cut: &Cut, now: Timestamp) -> Result<Counts> {
    let app_id = cut.app_id.as_ref().map(AppId::as_str);
    let rows = sql.query(
        "SELECT kind, COUNT(*) AS count FROM tokens AS t
         WHERE settled_at IS NULL AND created_at <= ? AND (expires_at IS NULL OR expires_at > ?)
           AND kind & ? AND (? IS NULL OR app_id = ?)
           AND NOT EXISTS (SELECT 1 FROM cutoffs AS c WHERE t.created_at <= c.before AND c.kinds & t.kind
                           AND (c.app_id IS NULL OR c.app_id = t.app_id))
         GROUP BY kind",
        &[
            cut.before.unwrap_or(now).into(),
            now.into(),
            i64::from(cut.kinds.bits()).into(),
            app_id.into(),
            app_id.into(),
        ],
        |row| Ok((rows::kind(row.integer()?)?, u64::try_from(row.integer()?).unwrap_or_default())),
    )?;
    let mut counts = Counts::default();
    for (kind, count) in rows {
        counts.add(kind, count);
    }
    Ok(counts)
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

/// Where a page starts, and how many rows to read for it.
fn place(page: Page) -> [Bind; 2] {
    const LAST: i64 = (1 << 53) - 1;
    let before = page.before.map_or(LAST, |before| i64::try_from(before).unwrap_or(LAST));
    [before.into(), i64::from(page.rows()).into()]
}

/// The time of the last write.
pub(super) fn last_told(sql: &Sql) -> Result<Option<Timestamp>> {
    sql.first("SELECT told_at FROM events ORDER BY seq DESC LIMIT 1", &[], Row::time)
}
