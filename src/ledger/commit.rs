//! Writing what was decided. Within a transaction.

use super::fault::{Fault, Result};
use super::sql::Sql;
use super::{credentials, operator, outbox};
use crate::core::cutoff::{Cutoff, Reach};
use crate::core::pack::Pack;
use crate::core::request::{Minting, Retry};
use crate::core::token::How;
use crate::core::view::{Change, Writes};
use crate::core::{
    Actor, Answer, App, AppId, Connection, ConnectionId, Digest, Event, ExternalId, Json, Outcome, Request, Scope,
    Slug, Timestamp, Token, TokenId, TokenKind, User, Verdict,
};
use crate::platform::{packed, replica};

/// An answer to be kept for when the request comes again: packed, it reads as a [`crate::core::view::Earlier`].
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
            Change::Extend(digest, until) => extend(sql, digest, *until)?,
            Change::MarkReplayed(digest) => mark_replayed(sql, digest)?,
            Change::PutConnection(connection) => put_connection(sql, connection, now)?,
            Change::PutApp(app) => put_app(sql, app)?,
            Change::MarkDeleted(id) => mark_deleted(sql, id, now)?,
            Change::Deposit(id, deposits) => credentials::deposit(sql, id, deposits, now)?,
            Change::PutCredential(credential) => credentials::put(sql, credential, now)?,
            Change::Operator(change) => operator::write(sql, change)?,
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
           label, metadata, connection_id, family, code_challenge, lifetime, limited)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            token.token_id.as_str().into(),
            token.digest.as_str().into(),
            i64::from(token.kind.bit()).into(),
            token.created_at.into(),
            facts.created_by.as_str().into(),
            token.expires_at.into(),
            facts.app_id.as_ref().map(AppId::as_str).into(),
            facts.scope.as_ref().map(Scope::as_str).into(),
            facts.redirect_uri.as_deref().into(),
            facts.label.as_deref().into(),
            facts.metadata.as_ref().map(Json::as_str).into(),
            facts.connection_id.as_ref().map(ConnectionId::as_str).into(),
            token.grant.family.as_ref().map(TokenId::as_str).into(),
            token.grant.code_challenge.as_ref().map(Digest::as_str).into(),
            token.grant.lifetime.map(i64::from).into(),
            i64::from(token.grant.limited).into(),
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
    if let Some(body) = verdict.replica().map(|replica| packed::to_text(&replica)) {
        outbox::add(sql, &replica::key(digest), &body, now)?;
    }
    Ok(())
}

/// Lets a live token live longer.
fn extend(sql: &Sql, digest: &Digest, until: Timestamp) -> Result<()> {
    let statement = "UPDATE tokens SET expires_at = ? WHERE digest = ? AND settled_at IS NULL";
    sql.execute(statement, &[until.into(), digest.as_str().into()])?;
    Ok(())
}

fn mark_replayed(sql: &Sql, digest: &Digest) -> Result<()> {
    sql.execute("UPDATE tokens SET replayed = 1 WHERE digest = ?", &[digest.as_str().into()])?;
    Ok(())
}

/// Replaces a connection that lives, or makes one. One that is dead has its name still: then the second statement fails,
/// and everything is rolled back, since the decision was made over something else than is stored.
fn put_connection(sql: &Sql, connection: &Connection, now: Timestamp) -> Result<()> {
    let recorded = &connection.recorded;
    let binds = [
        connection.scope.as_ref().map(Scope::as_str).into(),
        connection.expires_at.into(),
        connection.activated_at.into(),
        recorded.status.as_str().into(),
        recorded.at.into(),
        recorded.by.as_ref().map(Actor::as_str).into(),
        recorded.reason.as_deref().into(),
        connection.settled.then_some(now).into(),
        connection.id.as_str().into(),
        connection.app_id.as_str().into(),
        connection.metadata.as_ref().map(Json::as_str).into(),
        connection.created_at.into(),
        connection.created_by.as_str().into(),
        connection.provider.as_ref().map(Slug::as_str).into(),
        i64::from(connection.deleted).into(),
    ];
    let replaced = sql.execute(
        "UPDATE connections SET scope = ?1, expires_at = ?2, activated_at = ?3, status = ?4, status_at = ?5,
           status_by = ?6, status_reason = ?7, settled_at = ?8, provider = ?14, deleted = ?15
         WHERE id = ?9 AND app_id = ?10 AND metadata IS ?11 AND created_at = ?12 AND created_by = ?13
           AND settled_at IS NULL",
        &binds,
    )?;
    if !replaced {
        sql.execute(
            "INSERT INTO connections (scope, expires_at, activated_at, status, status_at, status_by, status_reason,
               settled_at, id, app_id, metadata, created_at, created_by, provider, deleted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            &binds,
        )?;
    }
    outbox::add(sql, &outbox::account(&connection.id), "", now)
}

fn mark_deleted(sql: &Sql, id: &ConnectionId, now: Timestamp) -> Result<()> {
    sql.execute("UPDATE connections SET deleted = 1 WHERE id = ?", &[id.as_str().into()])?;
    outbox::add(sql, &outbox::account(id), "", now)
}

fn put_app(sql: &Sql, app: &App) -> Result<()> {
    let registration = &app.registration;
    let previous = app.previous_secret.as_ref();
    sql.execute(
        "INSERT INTO app (only, app_id, name, description, redirect_uris, scopes, client_type, logo_url, provider,
           secret, previous_secret, previous_until, created_at, updated_at)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (only) DO UPDATE SET name = excluded.name, description = excluded.description,
           redirect_uris = excluded.redirect_uris, scopes = excluded.scopes, client_type = excluded.client_type,
           logo_url = excluded.logo_url, provider = excluded.provider, secret = excluded.secret,
           previous_secret = excluded.previous_secret, previous_until = excluded.previous_until,
           updated_at = excluded.updated_at",
        &[
            app.app_id.as_str().into(),
            registration.name.as_str().into(),
            registration.description.as_deref().into(),
            registration.redirect_uris.join("\n").as_str().into(),
            registration.scopes.as_ref().map(Scope::as_str).into(),
            registration.client_type.as_str().into(),
            registration.logo_url.as_deref().into(),
            registration.provider.as_ref().map(Slug::as_str).into(),
            app.secret.as_ref().map(Digest::as_str).into(),
            previous.map(|(digest, _)| digest.as_str()).into(),
            previous.map(|(_, until)| *until).into(),
            app.created_at.into(),
            app.updated_at.into(),
        ],
    )?;
    Ok(())
}

fn add_cutoff(sql: &Sql, cutoff: &Cutoff) -> Result<()> {
    let (app_id, connection_id, family) = match &cutoff.reach {
        Reach::Everything => (None, None, None),
        Reach::App(app_id) => (Some(app_id.as_str()), None, None),
        Reach::Connection(id) => (None, Some(id.as_str()), None),
        Reach::Family(family) => (None, None, Some(family.as_str())),
    };
    sql.execute(
        "INSERT INTO cutoffs (before, app_id, connection_id, family, kinds, at, by, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            cutoff.before.into(),
            app_id.into(),
            connection_id.into(),
            family.into(),
            i64::from(cutoff.kinds.bits()).into(),
            cutoff.at.into(),
            cutoff.by.as_str().into(),
            cutoff.reason.as_deref().into(),
        ],
    )?;
    Ok(())
}

fn remember(sql: &Sql, earlier: &Remembered, now: Timestamp) -> Result<()> {
    // As a `crate::core::view::Earlier`.
    let mut packed = Vec::new();
    earlier.retry.pack(&mut packed);
    earlier.minting.pack(&mut packed);
    earlier.outcome.pack(&mut packed);
    let binds = [earlier.retry.key.as_str().into(), now.into(), hex::encode(packed).as_str().into()];
    sql.execute("INSERT OR REPLACE INTO retries (key, at, earlier) VALUES (?, ?, ?)", &binds)?;
    Ok(())
}

fn tell(sql: &Sql, event: &Event, now: Timestamp) -> Result<()> {
    sql.execute(
        "INSERT INTO events (told_at, type, at, actor, token_id, kind, connection_id, data)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            now.into(),
            event.event_type.as_str().into(),
            event.at.into(),
            event.actor.as_str().into(),
            event.token_id.as_ref().map(TokenId::as_str).into(),
            event.kind.map(|kind| i64::from(TokenKind::bit(kind))).into(),
            event.connection_id.as_ref().map(ConnectionId::as_str).into(),
            event.data.as_str().into(),
        ],
    )?;
    Ok(())
}
