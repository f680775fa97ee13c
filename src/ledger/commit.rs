//! Writing what was decided. Within a transaction.

use super::bind::Bind;
use super::fault::Fault;
use super::sql::Sql;
use super::{credentials, operator, outbox};
use crate::core::cutoff::{Cutoff, Reach};
use crate::core::pack::Pack;
use crate::core::request::{Minting, Retry};
use crate::core::token::How;
use crate::core::view::{Change, Writes};
use crate::core::{
    Answer, App, Connection, ConnectionId, Digest, Event, Outcome, Request, Timestamp, Token, TokenKind, User, Verdict,
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
pub(super) fn write(sql: &Sql, writes: &Writes, earlier: Option<&Remembered>, now: Timestamp) {
    for change in &writes.changes {
        match change {
            Change::PutUser(user) => put_user(sql, user),
            Change::AddToken(token) => add_token(sql, token),
            Change::Settle { digest, verdict } => settle(sql, digest, verdict, now),
            Change::AddCutoff(cutoff) => add_cutoff(sql, cutoff),
            Change::Extend(digest, until) => extend(sql, digest, *until),
            Change::MarkReplayed(digest) => mark_replayed(sql, digest),
            Change::PutConnection(connection) => put_connection(sql, connection, now),
            Change::PutApp(app) => put_app(sql, app),
            Change::MarkDeleted(id) => mark_deleted(sql, id, now),
            Change::Deposit(id, deposits) => credentials::deposit(sql, id, deposits, now),
            Change::PutCredential(credential) => credentials::put(sql, credential, now),
            Change::Operator(change) => operator::write(sql, change),
        }
    }
    if let Some(earlier) = earlier {
        remember(sql, earlier, now);
    }
    for event in &writes.events {
        tell(sql, event, now);
    }
}

fn put_user(sql: &Sql, user: &User) {
    let mut groups = String::new();
    for group in &user.profile.groups {
        groups.push_str(group.as_str());
        groups.push('\n');
    }
    // All columns: what the decision keeps of the user that was there comes with it.
    sql.execute(
        "INSERT OR REPLACE INTO user
         (only, user_id, role, groups, external_id, connectable, created_at, updated_at)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        &[
            (&user.user_id).into(),
            user.profile.role.as_str().into(),
            (&groups).into(),
            (&user.profile.external_id).into(),
            user.profile.connectable.into(),
            user.created_at.into(),
            user.updated_at.into(),
        ],
    );
}

fn add_token(sql: &Sql, token: &Token) {
    let facts = &token.facts;
    sql.execute(
        "INSERT INTO tokens (token_id, digest, kind, created_at, created_by, expires_at, app_id, scope, redirect_uri,
           label, metadata, connection_id, family, code_challenge, lifetime, limited)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            (&token.token_id).into(),
            (&token.digest).into(),
            token.kind.bit().into(),
            token.created_at.into(),
            (&facts.created_by).into(),
            (&token.expires_at).into(),
            (&facts.app_id).into(),
            (&facts.scope).into(),
            (&facts.redirect_uri).into(),
            (&facts.label).into(),
            (&facts.metadata).into(),
            (&facts.connection_id).into(),
            (&token.grant.family).into(),
            (&token.grant.code_challenge).into(),
            token.grant.lifetime.into(),
            token.grant.limited.into(),
        ],
    );
}

/// Records a death once. That there is nothing left to record would mean that the decision was made over something
/// else than is stored: everything is rolled back.
fn settle(sql: &Sql, digest: &Digest, verdict: &Verdict, now: Timestamp) {
    let end = verdict.standing.end();
    let end = end.as_ref();
    let written = sql.execute(
        "UPDATE tokens SET settled_at = ?, end_how = ?, end_at = ?, end_by = ?, end_reason = ?
         WHERE digest = ? AND settled_at IS NULL",
        &[
            now.into(),
            end.map(|end| How::as_str(end.how)).into(),
            end.map(|end| end.at).into(),
            end.map(|end| &end.by).into(),
            end.and_then(|end| end.reason.as_ref()).into(),
            digest.into(),
        ],
    );
    if !written {
        sql.fail(Fault("a token died twice".to_owned()));
    }
    if let Some(replica) = verdict.replica() {
        outbox::add(sql, &replica::key(digest), &packed::to_text(&replica), now);
    }
}

/// Lets a live token live longer.
fn extend(sql: &Sql, digest: &Digest, until: Timestamp) {
    let statement = "UPDATE tokens SET expires_at = ? WHERE digest = ? AND settled_at IS NULL";
    sql.execute(statement, &[until.into(), digest.into()]);
}

fn mark_replayed(sql: &Sql, digest: &Digest) {
    sql.execute("UPDATE tokens SET replayed = 1 WHERE digest = ?", &[digest.into()]);
}

/// Replaces a connection that lives, or makes one. One that is dead has its name still: then the second statement fails,
/// and everything is rolled back, since the decision was made over something else than is stored.
fn put_connection(sql: &Sql, connection: &Connection, now: Timestamp) {
    let recorded = &connection.recorded;
    let binds = [
        (&connection.scope).into(),
        (&connection.expires_at).into(),
        (&connection.activated_at).into(),
        recorded.status.as_str().into(),
        recorded.at.into(),
        (&recorded.by).into(),
        (&recorded.reason).into(),
        connection.settled.then_some(now).into(),
        (&connection.id).into(),
        (&connection.app_id).into(),
        (&connection.metadata).into(),
        connection.created_at.into(),
        (&connection.created_by).into(),
        (&connection.provider).into(),
        connection.deleted.into(),
    ];
    let replaced = sql.execute(
        "UPDATE connections SET scope = ?1, expires_at = ?2, activated_at = ?3, status = ?4, status_at = ?5,
           status_by = ?6, status_reason = ?7, settled_at = ?8, provider = ?14, deleted = ?15
         WHERE id = ?9 AND app_id = ?10 AND metadata IS ?11 AND created_at = ?12 AND created_by = ?13
           AND settled_at IS NULL",
        &binds,
    );
    if !replaced {
        sql.execute(
            "INSERT INTO connections (scope, expires_at, activated_at, status, status_at, status_by, status_reason,
               settled_at, id, app_id, metadata, created_at, created_by, provider, deleted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            &binds,
        );
    }
    outbox::add(sql, &outbox::account(&connection.id), "", now);
}

fn mark_deleted(sql: &Sql, id: &ConnectionId, now: Timestamp) {
    sql.execute("UPDATE connections SET deleted = 1 WHERE id = ?", &[id.into()]);
    outbox::add(sql, &outbox::account(id), "", now);
}

fn put_app(sql: &Sql, app: &App) {
    let registration = &app.registration;
    let previous = app.previous_secret.as_ref();
    sql.execute(
        "INSERT OR REPLACE INTO app (only, app_id, name, description, redirect_uris, scopes, client_type, logo_url,
           provider, secret, previous_secret, previous_until, created_at, updated_at)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            (&app.app_id).into(),
            (&registration.name).into(),
            (&registration.description).into(),
            (&registration.redirect_uris.join("\n")).into(),
            (&registration.scopes).into(),
            registration.client_type.as_str().into(),
            (&registration.logo_url).into(),
            (&registration.provider).into(),
            (&app.secret).into(),
            previous.map(|(digest, _)| digest).into(),
            previous.map(|(_, until)| *until).into(),
            app.created_at.into(),
            app.updated_at.into(),
        ],
    );
}

fn add_cutoff(sql: &Sql, cutoff: &Cutoff) {
    let mut reach = [Bind::Null; 3];
    let [app_id, connection_id, family] = &mut reach;
    match &cutoff.reach {
        Reach::Everything => {}
        Reach::App(id) => *app_id = id.into(),
        Reach::Connection(id) => *connection_id = id.into(),
        Reach::Family(id) => *family = id.into(),
    }
    let [app_id, connection_id, family] = reach;
    sql.execute(
        "INSERT INTO cutoffs (before, app_id, connection_id, family, kinds, at, by, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            cutoff.before.into(),
            app_id,
            connection_id,
            family,
            cutoff.kinds.bits().into(),
            cutoff.at.into(),
            (&cutoff.by).into(),
            (&cutoff.reason).into(),
        ],
    );
}

fn remember(sql: &Sql, earlier: &Remembered, now: Timestamp) {
    // As a `crate::core::view::Earlier`.
    let mut packed = Vec::new();
    earlier.retry.pack(&mut packed);
    earlier.minting.pack(&mut packed);
    earlier.outcome.pack(&mut packed);
    let statement = "INSERT OR REPLACE INTO retries (key, at, earlier) VALUES (?, ?, ?)";
    sql.execute(statement, &[(&earlier.retry.key).into(), now.into(), (&hex::encode(packed)).into()]);
}

fn tell(sql: &Sql, event: &Event, now: Timestamp) {
    sql.execute(
        "INSERT INTO events (told_at, type, at, actor, token_id, kind, connection_id, data)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            now.into(),
            event.event_type.as_str().into(),
            event.at.into(),
            (&event.actor).into(),
            (&event.token_id).into(),
            event.kind.map(TokenKind::bit).into(),
            (&event.connection_id).into(),
            (&event.data).into(),
        ],
    );
}
