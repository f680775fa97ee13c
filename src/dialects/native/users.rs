//! `/v1/users`.

use super::{page, time};
use crate::core::command::Command;
use crate::core::cutoff::Kinds;
use crate::core::event::EventType;
use crate::core::order::Cut;
use crate::core::user::{GROUPS_MAX, Profile};
use crate::core::{AppId, ConnectionStatus, ExternalId, Group, Role, Status, TokenKind, UserId};
use crate::dialects::{Ask, Call, Fields};

/// The longest reason, in characters.
pub(super) const REASON_MAX: usize = 256;

fn named(call: &Call, fields: &mut Fields) -> Option<UserId> {
    fields.parameter(call, "user_id", UserId::parse)
}

pub(super) fn put(call: &Call, body: &mut Fields) -> Option<Ask> {
    let user_id = named(call, body)?;
    let mut groups = Vec::new();
    for group in body.list("groups", 0, GROUPS_MAX, Group::parse) {
        if let Err(place) = groups.binary_search(&group) {
            groups.insert(place, group);
        }
    }
    let profile = Profile {
        role: body.word("role", Role::parse, Role::CHOICES).unwrap_or(Role::Member),
        groups,
        external_id: body.nullable("external_id").text("external_id", ExternalId::parse),
        connectable: body.boolean("connectable").unwrap_or(true),
    };
    Some(Ask::Run(Command::PutUser(user_id, profile)))
}

pub(super) fn get(call: &Call, fields: &mut Fields) -> Option<Ask> {
    Some(Ask::Run(Command::GetUser(named(call, fields)?)))
}

pub(super) fn revoke(call: &Call, body: &mut Fields) -> Option<Ask> {
    let user_id = named(call, body)?;
    let cut = Cut {
        before: body.text("before", time),
        app_id: body.text("app_id", AppId::parse),
        kinds: body.list("kinds", 1, 8, kind).into_iter().reduce(Kinds::with).unwrap_or(Kinds::ALL),
        reason: body.short_text("reason", REASON_MAX),
    };
    let dry_run = body.boolean("dry_run").unwrap_or(false);
    Some(Ask::Run(Command::RevokeUser { user_id, cut, dry_run }))
}

/// A kind of what is revoked.
fn kind(text: &str) -> Result<Kinds, &'static str> {
    match TokenKind::parse(text) {
        Some(kind) => Ok(Kinds::from_iter([kind])),
        None if text == "connection" => Ok(Kinds::CONNECTIONS),
        None => Err("must be connection_token, access_token, refresh_token, api_key or connection"),
    }
}

pub(super) fn tokens(call: &Call, query: &mut Fields) -> Option<Ask> {
    let user_id = named(call, query)?;
    let page = page(query);
    let status = query.word("status", Status::parse, Status::CHOICES);
    let kind = query.word("kind", TokenKind::parse, TokenKind::CHOICES);
    Some(Ask::Run(Command::ListTokens { user_id, page, status, kind }))
}

pub(super) fn connections(call: &Call, query: &mut Fields) -> Option<Ask> {
    let user_id = named(call, query)?;
    let page = page(query);
    let status = query.word("status", ConnectionStatus::parse, ConnectionStatus::CHOICES);
    let app_id = query.text("app_id", AppId::parse);
    Some(Ask::Run(Command::ListConnections { user_id, page, status, app_id }))
}

pub(super) fn events(call: &Call, query: &mut Fields) -> Option<Ask> {
    let user_id = named(call, query)?;
    let page = page(query);
    let event_type = query.word("type", EventType::parse, EventType::CHOICES);
    Some(Ask::Run(Command::ListEvents { user_id, page, event_type }))
}
