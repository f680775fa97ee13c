//! `/v1/connections`.

use super::tokens::METADATA_MAX;
use super::users::REASON_MAX;
use super::{credential, time};
use crate::core::command::Action;
use crate::core::order::Lifetimes;
use crate::core::{AppId, Command, Link, Scope, Slug, TokenType, UserId};
use crate::dialects::oauth::tokens;
use crate::dialects::{Ask, Call, Expiry, Fields, Secret, Upstream};

/// The longest life of an access token, in seconds: a day.
const ACCESS_TTL_MAX: u32 = 86_400;
/// The longest life of a refresh token, in seconds: a year.
const REFRESH_TTL_MAX: u32 = 31_536_000;
/// The longest life of a provider's access token, in seconds: a hundred years.
const EXPIRES_IN_MAX: u32 = 3_155_760_000;

pub(super) fn connect(_: &Call, body: &mut Fields) -> Option<Ask> {
    let command = Command::Connect {
        user_id: body.required("user_id", UserId::parse)?,
        app_id: body.required("app_id", AppId::parse)?,
        scope: body.text("scope", Scope::parse),
        metadata: body.object("metadata", METADATA_MAX),
        upstream: None,
    };
    let Some(held) = body.inner("upstream") else {
        return Some(Ask::Run(command));
    };
    body.go_on(held)?;
    Some(Ask::Connect(command, upstream(body)))
}

/// Credentials of a provider's: at least one.
fn upstream(fields: &mut Fields) -> Upstream {
    let provider = fields.text("provider", Slug::parse);
    let access_token = fields.text("access_token", credential);
    let refresh_token = fields.text("refresh_token", credential);
    let expires_at = fields.text("expires_at", time);
    let expires_in = fields.integer("expires_in", 1, EXPIRES_IN_MAX);
    if expires_at.is_some() && expires_in.is_some() {
        fields.fail("expires_at", "and expires_in exclude each other");
    }
    let expiry = expires_at.map(Expiry::At).or(expires_in.map(Expiry::In));
    match &access_token {
        None if refresh_token.is_none() => fields.fail("access_token", "is required, or refresh_token"),
        None if expiry.is_some() => fields.fail("access_token", "is required where its expiry is said"),
        _ => {}
    }
    let mut tokens = Vec::new();
    if let Some(token) = refresh_token {
        tokens.push((TokenType::RefreshToken, Secret(token), None));
    }
    if let Some(token) = access_token {
        tokens.push((TokenType::AccessToken, Secret(token), expiry));
    }
    Upstream { provider, tokens }
}

pub(super) fn hold(call: &Call, body: &mut Fields) -> Option<Ask> {
    Some(Ask::Hold(named(call), upstream(body)))
}

fn named(call: &Call) -> Link {
    call.link(call.segment("connection_id"))
}

pub(super) fn get(call: &Call, _: &mut Fields) -> Option<Ask> {
    Some(Ask::OfConnection(named(call), Action::Get))
}

pub(super) fn revoke(call: &Call, body: &mut Fields) -> Option<Ask> {
    with_reason(call, body, Action::Revoke)
}

pub(super) fn disable(call: &Call, body: &mut Fields) -> Option<Ask> {
    with_reason(call, body, Action::Disable)
}

pub(super) fn enable(call: &Call, body: &mut Fields) -> Option<Ask> {
    with_reason(call, body, Action::Enable)
}

fn with_reason(call: &Call, body: &mut Fields, action: fn(Option<String>) -> Action) -> Option<Ask> {
    Some(Ask::OfConnection(named(call), action(body.short_text("reason", REASON_MAX))))
}

pub(super) fn issue(call: &Call, body: &mut Fields) -> Option<Ask> {
    let scope = body.text("scope", Scope::parse);
    let access = body.integer("ttl", 1, ACCESS_TTL_MAX).unwrap_or(tokens::LIFETIMES.access);
    let with_refresh = body.boolean("refresh_token").unwrap_or(true);
    let refresh = body.integer("refresh_token_ttl", 1, REFRESH_TTL_MAX).or(tokens::LIFETIMES.refresh);
    let lifetimes = Lifetimes { access, refresh: refresh.filter(|_| with_refresh) };
    Some(Ask::OfConnection(named(call), Action::Issue(scope, lifetimes)))
}
