//! Writing what was decided. Within a transaction.

use serde::Serialize;

use super::fault::{Fault, Result};
use super::sql::Sql;
use super::{packed, replica};
use crate::core::command::{Minting, Retry};
use crate::core::token::How;
use crate::core::view::{Change, Cutoff, Writes};
use crate::core::{
    Answer, AppId, Digest, Event, ExternalId, Json, Outcome, Request, Timestamp, Token, TokenId, TokenKind, User,
    Verdict,
};

/// An answer to be kept for when the request comes again: packed, it reads as a [`crate::core::view::Earlier`].
#[derive(Serialize)]
pub(super) struct Remembered<'a> {
    retry: &'a Retry,
    minting: &'a Minting,
    outcome: &'a Outcome,
}

impl<'a> Remembered<'a> {
    /// What there is to keep of an answer.
    pub(super) fn of(request: &'a Request, answer: &'a Answer) -> Option<Self> {
        let (retry, outcome) = (request.retry.as_ref()?, answer.outcome.as_ref().ok()?);
        Some(Self { retry, minting: &request.minting, outcome })
    }
}

/// Writes the changes, and the events that tell of them.
pub(super) fn write(sql: &Sql, writes: &Writes, earlier: Option<&Remembered>, now: Timestamp) -> Result<()> {
    for change in &writes.changes {
        match change {
            Change::PutUser(user) => put_user(sql, user)?,
            Change::AddToken(token) => add_token(sql, token)?,
            Change::Settle { digest, verdict } => settle(sql, digest, verdict, now)?,
            Change::AddCutoff(cutoff) => add_cutoff(sql, cutoff)?,
        }
    }
    if let Some(earlier) = earlier {
        remember(sql, earlier, now)?;
    }
    writes.events.iter().try_for_each(|event| tell(sql, event, now))
}

fn put_user(sql: &Sql, user: &User) -> Result<()> {
    let mut groups = String::new();
    for group in &user.profile.groups {
        groups.push_str(group.as_str());
        groups.push('\n');
    }
    sql.execute(
        "INSERT INTO user (only, user_id, role, groups, external_id, connectable, created_at, updated_at)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (only) DO UPDATE SET role = excluded.role, groups = excluded.groups,
           external_id = excluded.external_id, connectable = excluded.connectable, updated_at = excluded.updated_at",
        &[
            user.user_id.as_str().into(),
            user.profile.role.as_str().into(),
            groups.as_str().into(),
            user.profile.external_id.as_ref().map(ExternalId::as_str).into(),
            i64::from(user.profile.connectable).into(),
            user.created_at.into(),
            user.updated_at.into(),
        ],
    )?;
    Ok(())
}

fn add_token(sql: &Sql, token: &Token) -> Result<()> {
    let facts = &token.facts;
    sql.execute(
        "INSERT INTO tokens (token_id, digest, kind, created_at, created_by, expires_at, app_id, scope, redirect_uri,
           label, metadata)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            token.token_id.as_str().into(),
            token.digest.as_str().into(),
            i64::from(token.kind.bit()).into(),
            token.created_at.into(),
            facts.created_by.as_str().into(),
            token.expires_at.into(),
            facts.app_id.as_ref().map(AppId::as_str).into(),
            facts.scope.as_deref().into(),
            facts.redirect_uri.as_deref().into(),
            facts.label.as_deref().into(),
            facts.metadata.as_ref().map(Json::as_str).into(),
        ],
    )?;
    Ok(())
}

/// Records a death once. That there is nothing left to record would mean that the decision was made over something
/// else than is stored: everything is rolled back.
fn settle(sql: &Sql, digest: &Digest, verdict: &Verdict, now: Timestamp) -> Result<()> {
    let end = verdict.standing.end();
    let end = end.as_ref();
    let written = sql.execute(
        "UPDATE tokens SET settled_at = ?, end_how = ?, end_at = ?, end_by = ?, end_reason = ?
         WHERE digest = ? AND settled_at IS NULL",
        &[
            now.into(),
            end.map(|end| How::as_str(end.how)).into(),
            end.map(|end| end.at).into(),
            end.map(|end| end.by.as_str()).into(),
            end.and_then(|end| end.reason.as_deref()).into(),
            digest.as_str().into(),
        ],
    )?;
    if !written {
        return Err(Fault("a token died twice".to_owned()));
    }
    if let Some(body) = verdict.replica().and_then(|replica| packed::to_text(&replica)) {
        let binds = [replica::key(digest).as_str().into(), body.as_str().into(), now.into(), now.into()];
        sql.execute("INSERT INTO outbox (key, body, since, due_at) VALUES (?, ?, ?, ?)", &binds)?;
    }
    Ok(())
}

fn add_cutoff(sql: &Sql, cutoff: &Cutoff) -> Result<()> {
    sql.execute(
        "INSERT INTO cutoffs (before, app_id, kinds, at, by, reason) VALUES (?, ?, ?, ?, ?, ?)",
        &[
            cutoff.before.into(),
            cutoff.app_id.as_ref().map(AppId::as_str).into(),
            i64::from(cutoff.kinds.bits()).into(),
            cutoff.at.into(),
            cutoff.by.as_str().into(),
            cutoff.reason.as_deref().into(),
        ],
    )?;
    Ok(())
}

fn remember(sql: &Sql, earlier: &Remembered, now: Timestamp) -> Result<()> {
    let packed = packed::to_text(earlier).ok_or_else(|| Fault("an answer cannot be packed".to_owned()))?;
    let binds = [earlier.retry.key.as_str().into(), now.into(), packed.as_str().into()];
    sql.execute("INSERT INTO retries (key, at, earlier) VALUES (?, ?, ?)", &binds)?;
    Ok(())
}

fn tell(sql: &Sql, event: &Event, now: Timestamp) -> Result<()> {
    sql.execute(
        "INSERT INTO events (told_at, type, at, actor, token_id, kind, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        &[
            now.into(),
            event.event_type.as_str().into(),
            event.at.into(),
            event.actor.as_str().into(),
            event.token_id.as_ref().map(TokenId::as_str).into(),
            event.kind.map(|kind| i64::from(TokenKind::bit(kind))).into(),
            event.data.as_str().into(),
        ],
    )?;
    Ok(())
}
