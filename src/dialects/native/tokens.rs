//! `/v1/tokens` and `/v1/api-keys`.

use super::users::REASON_MAX;
use super::{bodies, body};
use crate::core::command::{CHECK_MAX, Command};
use crate::core::json::{Object, Value};
use crate::core::order::Order;
use crate::core::token::CONNECTION_TOKEN_TTL_MAX;
use crate::core::{AppId, Outcome, Scope, Target, TokenKind, UserId, Verdict, pkce};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Call, Done, Failure, Fields, Reply};

const LABEL_MAX: usize = 64;
const REDIRECT_URI_MAX: usize = 2_048;
pub(super) const METADATA_MAX: usize = 4_096;
/// A hundred years, in seconds.
const API_KEY_TTL_MAX: u32 = 3_155_760_000;

pub(super) fn mint(call: &Call) -> Result<Ask, Failure> {
    let mut body = body(call)?;
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
        return Err(Failure::invalid("code_challenge", "is for a token that names an app_id"));
    }
    Ok(Ask::Run(Command::Mint(user_id, order)))
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

pub(super) fn render_minted(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Minted(verdict) => Ok(Reply::json(201, &bodies::minted(done.handle()?, verdict))),
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn mint_api_key(call: &Call) -> Result<Ask, Failure> {
    let mut body = body(call)?;
    let user_id = body.required("user_id", UserId::parse)?;
    let ttl = body.nullable("ttl").integer("ttl", 1, API_KEY_TTL_MAX);
    let label = body.short_text("label", LABEL_MAX);
    body.finish()?;
    Ok(Ask::Run(Command::Mint(user_id, Order { label, ..Order::plain(TokenKind::ApiKey, ttl) })))
}

pub(super) fn render_api_key(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Minted(verdict) => Ok(Reply::json(201, &bodies::api_key(done.handle()?, verdict))),
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn check(call: &Call) -> Result<Ask, Failure> {
    let mut body = body(call)?;
    let tokens = body.strings("tokens", 1, CHECK_MAX);
    let ask = if let Some(tokens) = tokens {
        Ask::CheckBatch(tokens.iter().map(|text| call.target(text)).collect())
    } else {
        let (target, user_id) = named(call, &mut body)?;
        Ask::Check { target, user_id }
    };
    body.finish()?;
    Ok(ask)
}

/// The token that a body names: `{token}`, or `{token_id}` with `user_id` or without.
fn named(call: &Call, body: &mut Fields) -> Result<(Target, Option<UserId>), Failure> {
    match (body.string("token"), body.has("token_id")) {
        (Some(_), true) => Err(Failure::invalid("token", "and token_id exclude each other")),
        (Some(text), false) => Ok((call.target(&text), None)),
        (None, false) => Err(Failure::invalid("token", "is required")),
        (None, true) => {
            let target = call.target(&body.required_text("token_id")?).public();
            let user_id = body.text("user_id", UserId::parse);
            let target = user_id.iter().fold(target, Target::of_user);
            Ok((target, user_id))
        }
    }
}

/// One verdict, or a list of them where a list was asked for.
pub(super) fn render_checked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Verdict(verdict) => Ok(Reply::json(200, &bodies::verdict(verdict))),
        Outcome::Checked { verdicts, as_of } => {
            let body =
                |verdict: &Option<Verdict>| verdict.as_ref().map_or_else(|| bodies::unknown(*as_of), bodies::verdict);
            let items: Vec<Value> = verdicts.iter().map(|verdict| body(verdict).into()).collect();
            Ok(Reply::json(200, &Object::new().with("items", items)))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn consume(call: &Call) -> Result<Ask, Failure> {
    let mut body = body(call)?;
    let target = call.target(&body.required_text("token")?);
    body.finish()?;
    Ok(Ask::Consume(target))
}

pub(super) fn render_consumed(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Consumed(verdict, user, connection) => {
            let body = bodies::verdict(verdict)
                .with("user", bodies::user(user))
                .with("connection", connection.as_ref().map(bodies::connection));
            Ok(Reply::json(200, &body))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn revoke(call: &Call) -> Result<Ask, Failure> {
    let mut body = body(call)?;
    let (target, user_id) = named(call, &mut body)?;
    let reason = body.short_text("reason", REASON_MAX);
    body.finish()?;
    Ok(Ask::Revoke { target, user_id, reason })
}

pub(super) fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Revoked { previous, verdict } => {
            let changed = !previous.is_terminal();
            let body = Object::new().with("changed", changed).with("previous", previous.as_str());
            Ok(Reply::json(200, &body.with_all(bodies::verdict(verdict))))
        }
        _ => Err(UNEXPECTED),
    }
}
