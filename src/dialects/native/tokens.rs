//! `/v1/tokens` and `/v1/api-keys`.

use super::users::REASON_MAX;
use crate::core::command::{CHECK_MAX, Command};
use crate::core::order::Order;
use crate::core::token::CONNECTION_TOKEN_TTL_MAX;
use crate::core::{AppId, Scope, Target, TokenKind, UserId, pkce};
use crate::dialects::{Ask, Call, Failure, Fields};

const LABEL_MAX: usize = 64;
const REDIRECT_URI_MAX: usize = 2_048;
pub(super) const METADATA_MAX: usize = 4_096;
/// A hundred years, in seconds.
const API_KEY_TTL_MAX: u32 = 3_155_760_000;

pub(super) fn mint(_: &Call, body: &mut Fields) -> Option<Ask> {
    let user_id = body.required("user_id", UserId::parse)?;
    let ttl = body.integer("ttl", 1, CONNECTION_TOKEN_TTL_MAX).unwrap_or(CONNECTION_TOKEN_TTL_MAX);
    let order = Order {
        app_id: body.text("app_id", AppId::parse),
        scope: body.text("scope", Scope::parse),
        code_challenge: body.text("code_challenge", pkce::parse_challenge),
        redirect_uri: body.text("redirect_uri", redirect_uri),
        label: body.short_text("label", LABEL_MAX),
        metadata: body.object("metadata", METADATA_MAX),
        ..Order::plain(TokenKind::ConnectionToken, Some(ttl))
    };
    body.text("code_challenge_method", |text| if text == "S256" { Ok(()) } else { Err("must be S256") });
    body.finish()?;
    if order.code_challenge.is_some() && order.app_id.is_none() {
        body.fail("code_challenge", "is for a token that names an app_id");
    }
    Some(Ask::Run(Command::Mint(user_id, order)))
}

/// An absolute URI without a fragment (RFC 6749 §3.1.2), and none that a browser would run.
pub(super) fn redirect_uri(text: &str) -> Result<String, &'static str> {
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let named = scheme.len() < text.len()
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'));
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    let runs = matches!(scheme.as_str(), "javascript" | "data" | "vbscript");
    if text.len() <= REDIRECT_URI_MAX && named && plain && !runs {
        Ok(text.to_owned())
    } else {
        Err("must be an absolute URI without a fragment, 2048 characters at most (RFC 6749)")
    }
}

pub(super) fn mint_api_key(_: &Call, body: &mut Fields) -> Option<Ask> {
    let user_id = body.required("user_id", UserId::parse)?;
    let ttl = body.nullable("ttl").integer("ttl", 1, API_KEY_TTL_MAX);
    let label = body.short_text("label", LABEL_MAX);
    Some(Ask::Run(Command::Mint(user_id, Order { label, ..Order::plain(TokenKind::ApiKey, ttl) })))
}

pub(super) fn check(call: &Call, body: &mut Fields) -> Option<Ask> {
    if let Some(tokens) = body.strings("tokens", 1, CHECK_MAX) {
        return Some(Ask::CheckBatch(tokens.iter().map(|text| call.target(text)).collect()));
    }
    let (target, user_id) = named(call, body)?;
    Some(Ask::Check { target, user_id })
}

/// The token that a body names: `{token}`, or `{token_id}` with `user_id` or without.
fn named(call: &Call, body: &mut Fields) -> Option<(Target, Option<UserId>)> {
    let wrong = match (body.string("token"), body.has("token_id")) {
        (Some(text), false) => return Some((call.target(&text), None)),
        (None, true) => {
            let target = call.target(&body.required_text("token_id")?).public();
            let user_id = body.text("user_id", UserId::parse);
            let target = user_id.iter().fold(target, Target::of_user);
            return Some((target, user_id));
        }
        (Some(_), true) => "and token_id exclude each other",
        (None, false) => "is required",
    };
    body.refuse(Failure::invalid("token", wrong))
}

pub(super) fn consume(call: &Call, body: &mut Fields) -> Option<Ask> {
    Some(Ask::Consume(call.target(&body.required_text("token")?)))
}

pub(super) fn revoke(call: &Call, body: &mut Fields) -> Option<Ask> {
    let (target, user_id) = named(call, body)?;
    let reason = body.short_text("reason", REASON_MAX);
    Some(Ask::Revoke { target, user_id, reason })
}
