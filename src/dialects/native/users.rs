//! `/v1/users`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{bodies, body, no_query, page, time};
use crate::core::command::Command;
use crate::core::cutoff::Kinds;
use crate::core::event::EventType;
use crate::core::json::Object;
use crate::core::order::Cut;
use crate::core::user::{GROUPS_MAX, Profile};
use crate::core::{AppId, ConnectionStatus, ExternalId, Group, Outcome, Role, Status, TokenKind, UserId};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Call, Done, Failure, Fields, Reply};

/// What is not unreserved in a URI (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest reason, in characters.
pub(super) const REASON_MAX: usize = 256;

pub(super) fn put(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut body = body(call)?;
    let mut groups = Vec::new();
    for group in body.list("groups", 0, GROUPS_MAX, Group::parse) {
        if let Err(place) = groups.binary_search(&group) {
            groups.insert(place, group);
        }
    }
    let profile = Profile {
        role: body.text("role", |text| Role::parse(text).ok_or(Role::CHOICES)).unwrap_or(Role::Member),
        groups,
        external_id: body.nullable("external_id").text("external_id", ExternalId::parse),
        connectable: body.boolean("connectable").unwrap_or(true),
    };
    body.finish()?;
    Ok(Ask::Run(Command::PutUser(user_id, profile)))
}

pub(super) fn get(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(Ask::Run(Command::GetUser(call.parameter("user_id", UserId::parse)?)))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::User(user, true) => {
            Ok(Reply::json(201, &bodies::user(user)).with("location", &location("/v1/users/", user.user_id.as_str())))
        }
        Outcome::User(user, false) => Ok(Reply::json(200, &bodies::user(user))),
        _ => Err(UNEXPECTED),
    }
}

/// Where a thing is found that was made.
pub(super) fn location(under: &str, id: &str) -> String {
    format!("{under}{}", utf8_percent_encode(id, RESERVED))
}

pub(super) fn revoke(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut body = body(call)?;
    let kind = |text: &str| match TokenKind::parse(text) {
        Some(kind) => Ok(Kinds::from_iter([kind])),
        None if text == "connection" => Ok(Kinds::CONNECTIONS),
        None => Err("must be connection_token, access_token, refresh_token, api_key or connection"),
    };
    let cut = Cut {
        before: body.text("before", time),
        app_id: body.text("app_id", AppId::parse),
        kinds: body.list("kinds", 1, 8, kind).into_iter().reduce(Kinds::with).unwrap_or(Kinds::ALL),
        reason: body.short_text("reason", REASON_MAX),
    };
    let dry_run = body.boolean("dry_run").unwrap_or(false);
    body.finish()?;
    Ok(Ask::Run(Command::RevokeUser { user_id, cut, dry_run }))
}

pub(super) fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::UserRevoked { user, before, revoked, dry_run } => {
            let body = Object::new()
                .with("user_id", user.user_id.as_str())
                .with("dry_run", *dry_run)
                .with("before", before.rfc3339())
                .with("revoked", revoked.body())
                .with("total", revoked.total());
            Ok(Reply::json(200, &body))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn tokens(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut query = Fields::query(call)?;
    let page = page(&mut query);
    let status = query.text("status", |text| Status::parse(text).ok_or(Status::CHOICES));
    let kind = query.text("kind", |text| TokenKind::parse(text).ok_or(TokenKind::CHOICES));
    query.finish()?;
    Ok(Ask::Run(Command::ListTokens { user_id, page, status, kind }))
}

pub(super) fn render_tokens(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Tokens(verdicts, next) => Ok(Reply::json(200, &bodies::list(verdicts, bodies::verdict, *next))),
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn connections(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut query = Fields::query(call)?;
    let page = page(&mut query);
    let status = query.text("status", |text| ConnectionStatus::parse(text).ok_or(ConnectionStatus::CHOICES));
    let app_id = query.text("app_id", AppId::parse);
    query.finish()?;
    Ok(Ask::Run(Command::ListConnections { user_id, page, status, app_id }))
}

pub(super) fn render_connections(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Connections(verdicts, next) => {
            Ok(Reply::json(200, &bodies::list(verdicts, bodies::connection, *next)))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn events(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut query = Fields::query(call)?;
    let page = page(&mut query);
    let event_type = query.text("type", |text| EventType::parse(text).ok_or(EventType::CHOICES));
    query.finish()?;
    Ok(Ask::Run(Command::ListEvents { user_id, page, event_type }))
}

pub(super) fn render_events(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Events(recorded, next) => Ok(Reply::json(200, &bodies::list(recorded, bodies::event, *next))),
        _ => Err(UNEXPECTED),
    }
}
