//! `/v1/users`.

use super::bodies::{EventBody, List, Time, UserBody, UserRevokedBody, VerdictBody};
use super::{page, unexpected, word};
use crate::core::command::{Command, Cut};
use crate::core::event::EventType;
use crate::core::user::{GROUPS_MAX, Profile};
use crate::core::view::Kinds;
use crate::core::{AppId, ExternalId, Group, Outcome, Role, Status, Timestamp, TokenKind, UserId};
use crate::dialects::{Ask, Call, Done, Failure, Fields, Reply};

/// The longest reason, in characters.
pub(super) const REASON_MAX: usize = 256;

pub(super) fn put(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut body = Fields::json(call)?;
    let mut groups = body.list("groups", 0..=GROUPS_MAX, Group::parse)?.unwrap_or_default();
    groups.sort();
    groups.dedup();
    let profile = Profile {
        role: body.text("role", |text| word(Role::ALL, Role::as_str, text))?.unwrap_or(Role::Member),
        groups,
        external_id: body.nullable("external_id").text("external_id", ExternalId::parse)?,
        connectable: body.boolean("connectable")?.unwrap_or(true),
    };
    body.finish()?;
    Ok(Ask::OfUser(Command::PutUser(user_id, profile)))
}

pub(super) fn get(call: &Call) -> Result<Ask, Failure> {
    Ok(Ask::OfUser(Command::GetUser(call.parameter("user_id", UserId::parse)?)))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Some(Outcome::User(user, made)) => Reply::json(if *made { 201 } else { 200 }, &UserBody::from(user)),
        _ => Err(unexpected(done)),
    }
}

pub(super) fn revoke(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut body = Fields::json(call)?;
    let time = |text: &str| Timestamp::parse_rfc3339(text).ok_or("must be a date and time of RFC 3339");
    let kind = |text: &str| {
        TokenKind::parse(text).ok_or("must be a list of connection_token, access_token, refresh_token, api_key")
    };
    let cut = Cut {
        before: body.text("before", time)?,
        app_id: body.text("app_id", AppId::parse)?,
        kinds: body.list("kinds", 1..=8, kind)?.map_or(Kinds::ALL, Kinds::from_iter),
        reason: body.short_text("reason", REASON_MAX)?,
    };
    let dry_run = body.boolean("dry_run")?.unwrap_or(false);
    body.finish()?;
    Ok(Ask::OfUser(Command::RevokeUser { user_id, cut, dry_run }))
}

pub(super) fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Some(Outcome::UserRevoked { user, before, revoked, dry_run }) => Reply::json(
            200,
            &UserRevokedBody {
                user_id: user.user_id.as_str(),
                dry_run: *dry_run,
                before: Time(*before),
                revoked: revoked.iter().map(|(kind, count)| (kind.as_str().to_owned(), count.into())).collect(),
                total: revoked.total(),
            },
        ),
        _ => Err(unexpected(done)),
    }
}

pub(super) fn tokens(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut query = Fields::query(call)?;
    let page = page(&mut query)?;
    let status = query.text("status", |text| word(Status::ALL, Status::as_str, text))?;
    let kind = query.text("kind", |text| word(TokenKind::ALL, TokenKind::as_str, text))?;
    query.finish()?;
    Ok(Ask::OfUser(Command::ListTokens { user_id, page, status, kind }))
}

pub(super) fn render_tokens(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Some(Outcome::Tokens(verdicts, next)) => {
            let items = verdicts.iter().map(VerdictBody::from).collect();
            Reply::json(200, &List { items, next_cursor: next.map(|place| place.to_string()) })
        }
        _ => Err(unexpected(done)),
    }
}

pub(super) fn events(call: &Call) -> Result<Ask, Failure> {
    let user_id = call.parameter("user_id", UserId::parse)?;
    let mut query = Fields::query(call)?;
    let page = page(&mut query)?;
    let event_type = query.text("type", |text| word(EventType::ALL, EventType::as_str, text))?;
    query.finish()?;
    Ok(Ask::OfUser(Command::ListEvents { user_id, page, event_type }))
}

pub(super) fn render_events(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Some(Outcome::Events(recorded, next)) => {
            let items = recorded.iter().map(EventBody::from).collect();
            Reply::json(200, &List { items, next_cursor: next.map(|place| place.to_string()) })
        }
        _ => Err(unexpected(done)),
    }
}
