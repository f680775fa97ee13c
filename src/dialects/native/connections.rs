//! `/v1/connections`.

use super::tokens::METADATA_MAX;
use super::users::REASON_MAX;
use super::{bodies, body, credential, no_query, time};
use crate::core::command::Action;
use crate::core::json::Object;
use crate::core::order::Lifetimes;
use crate::core::{AppId, Command, ConnectionId, Link, Outcome, Scope, Slug, TokenId, TokenType, UserId};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::oauth::tokens;
use crate::dialects::{Ask, Call, Done, Expiry, Failure, Fields, Reply, Secret, Upstream};

/// The longest life of an access token, in seconds: a day.
const ACCESS_TTL_MAX: u32 = 86_400;
/// The longest life of a refresh token, in seconds: a year.
const REFRESH_TTL_MAX: u32 = 31_536_000;
/// The longest life of a provider's access token, in seconds: a hundred years.
const EXPIRES_IN_MAX: u32 = 3_155_760_000;

pub(super) fn connect(call: &Call) -> Result<Ask, Failure> {
    let mut body = body(call)?;
    let command = Command::Connect {
        user_id: body.required("user_id", UserId::parse)?,
        app_id: body.required("app_id", AppId::parse)?,
        scope: body.text("scope", Scope::parse),
        metadata: body.object("metadata", METADATA_MAX),
        upstream: None,
    };
    let held = body.inner("upstream");
    body.finish()?;
    Ok(match held {
        Some(held) => Ask::Connect(command, upstream(held)?),
        None => Ask::Run(command),
    })
}

/// Credentials of a provider's: at least one.
fn upstream(mut fields: Fields) -> Result<Upstream, Failure> {
    let provider = fields.text("provider", Slug::parse);
    let access_token = fields.text("access_token", credential);
    let refresh_token = fields.text("refresh_token", credential);
    let expires_at = fields.text("expires_at", time);
    let expires_in = fields.integer("expires_in", 1, EXPIRES_IN_MAX);
    let expiry = match (expires_at, expires_in) {
        (Some(_), Some(_)) => {
            fields.fail("expires_at", "and expires_in exclude each other");
            None
        }
        (at, seconds) => at.map(Expiry::At).or(seconds.map(Expiry::In)),
    };
    match &access_token {
        None if refresh_token.is_none() => fields.fail("access_token", "is required, or refresh_token"),
        None if expiry.is_some() => fields.fail("access_token", "is required where its expiry is said"),
        _ => {}
    }
    fields.finish()?;
    let refresh_token = refresh_token.map(|token| (TokenType::RefreshToken, Secret(token), None));
    let access_token = access_token.map(|token| (TokenType::AccessToken, Secret(token), expiry));
    Ok(Upstream { provider, tokens: refresh_token.into_iter().chain(access_token).collect() })
}

pub(super) fn hold(call: &Call) -> Result<Ask, Failure> {
    Ok(Ask::Hold(named(call)?, upstream(body(call)?)?))
}

pub(super) fn render_made(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Connection(verdict) => {
            let location = format!("/v1/connections/{}", verdict.connection.id);
            Ok(Reply::json(201, &bodies::connection(verdict)).with("location", &location))
        }
        _ => Err(UNEXPECTED),
    }
}

fn named(call: &Call) -> Result<Link, Failure> {
    call.parameter("connection_id", |text| Ok(text.to_owned())).map(|text| call.link(&text))
}

pub(super) fn get(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(Ask::OfConnection(named(call)?, Action::Get))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Connection(verdict) => Ok(Reply::json(200, &bodies::connection(verdict))),
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn revoke(call: &Call) -> Result<Ask, Failure> {
    Ok(Ask::OfConnection(named(call)?, Action::Revoke(reason(call)?)))
}

pub(super) fn disable(call: &Call) -> Result<Ask, Failure> {
    Ok(Ask::OfConnection(named(call)?, Action::Disable(reason(call)?)))
}

pub(super) fn enable(call: &Call) -> Result<Ask, Failure> {
    Ok(Ask::OfConnection(named(call)?, Action::Enable(reason(call)?)))
}

fn reason(call: &Call) -> Result<Option<String>, Failure> {
    let mut body = body(call)?;
    let reason = body.short_text("reason", REASON_MAX);
    body.finish()?;
    Ok(reason)
}

pub(super) fn render_changed(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::ConnectionChanged { previous, verdict } => {
            let changed = *previous != verdict.status();
            let body = Object::new().with("changed", changed).with("previous", previous.as_str());
            Ok(Reply::json(200, &body.with_all(bodies::connection(verdict))))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn issue(call: &Call) -> Result<Ask, Failure> {
    let connection = named(call)?;
    let mut body = body(call)?;
    let scope = body.text("scope", Scope::parse);
    let access = body.integer("ttl", 1, ACCESS_TTL_MAX).unwrap_or(tokens::LIFETIMES.access);
    let with_refresh = body.boolean("refresh_token").unwrap_or(true);
    let refresh = body.integer("refresh_token_ttl", 1, REFRESH_TTL_MAX).or(tokens::LIFETIMES.refresh);
    body.finish()?;
    let lifetimes = Lifetimes { access, refresh: refresh.filter(|_| with_refresh) };
    Ok(Ask::OfConnection(connection, Action::Issue(scope, lifetimes)))
}

pub(super) fn render_issued(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Issued { access, refresh } => {
            let facts = &access.facts;
            let refresh_token_id = refresh.as_ref().map(|refresh| refresh.token_id.as_str());
            let body = tokens::issued(done)?
                .with("token_id", TokenId::as_str(&access.token_id))
                .with_some("refresh_token_id", refresh_token_id)
                .with("connection_id", facts.connection_id.as_ref().map(ConnectionId::as_str))
                .with("user_id", access.user_id.as_str())
                .with("app_id", facts.app_id.as_ref().map(AppId::as_str));
            Ok(Reply::json(201, &body))
        }
        _ => Err(UNEXPECTED),
    }
}
