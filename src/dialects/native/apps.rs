//! `/v1/apps`.

use super::tokens::redirect_uri;
use super::users::location;
use super::{bodies, body, no_query};
use crate::core::app::{ClientType, PREVIOUS_SECRET_TTL_MAX, REDIRECT_URIS_MAX, Registration, SCOPES_MAX};
use crate::core::json::Object;
use crate::core::{App, AppId, Command, Kind, Outcome, Scope, Slug};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Call, Done, Failure, Reply};

const NAME_MAX: usize = 128;
const DESCRIPTION_MAX: usize = 1_024;
const LOGO_URL_MAX: usize = 2_048;

pub(super) fn put(call: &Call) -> Result<Ask, Failure> {
    let app_id = call.parameter("app_id", AppId::parse)?;
    let mut body = body(call)?;
    let name = body.short_text("name", NAME_MAX).filter(|name| !name.is_empty());
    let mut redirect_uris = Vec::new();
    for uri in body.list("redirect_uris", 0, REDIRECT_URIS_MAX, redirect_uri) {
        if !redirect_uris.contains(&uri) {
            redirect_uris.push(uri);
        }
    }
    let scopes = body.list("scopes", 0, SCOPES_MAX, Scope::parse_one);
    let registration = Registration {
        name: name.ok_or_else(|| Failure::invalid("name", "is required"))?,
        description: body.nullable("description").short_text("description", DESCRIPTION_MAX),
        redirect_uris,
        scopes: scopes.iter().fold(None, |all, scope| Scope::union(all, Some(scope))),
        client_type: body
            .text("client_type", |text| ClientType::parse(text).ok_or(ClientType::CHOICES))
            .unwrap_or(ClientType::Confidential),
        logo_url: body.nullable("logo_url").text("logo_url", logo_url),
        provider: body.nullable("provider").text("provider", Slug::parse),
    };
    body.finish()?;
    Ok(Ask::Run(Command::PutApp(app_id, registration)))
}

/// A picture that a page may show: by https, or from this machine.
fn logo_url(text: &str) -> Result<String, &'static str> {
    let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    let from_here =
        |origin: &&str| text.strip_prefix(*origin).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']));
    let secure = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    let plain = text.len() <= LOGO_URL_MAX && text.bytes().all(|b| b.is_ascii_graphic());
    if plain && (secure || local.iter().any(from_here)) {
        Ok(text.to_owned())
    } else {
        Err("must be an https URL of at most 2048 characters")
    }
}

pub(super) fn get(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(Ask::Run(Command::GetApp(call.parameter("app_id", AppId::parse)?)))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::App(app, made) => Ok(reply(app, *made, &bodies::app(app))),
        Outcome::AppWithSecret(app, made) => Ok(reply(app, *made, &with_secret(app, done)?)),
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn rotate_secret(call: &Call) -> Result<Ask, Failure> {
    let app_id = call.parameter("app_id", AppId::parse)?;
    let mut body = body(call)?;
    let ttl = body.integer("previous_ttl", 0, PREVIOUS_SECRET_TTL_MAX).unwrap_or(0);
    body.finish()?;
    Ok(Ask::Run(Command::RotateSecret(app_id, ttl)))
}

pub(super) fn render_secret(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::AppWithSecret(app, _) => Ok(Reply::json(201, &with_secret(app, done)?)),
        _ => Err(UNEXPECTED),
    }
}

fn with_secret(app: &App, done: &Done) -> Result<Object, Failure> {
    Ok(bodies::app(app).with("client_secret", done.secret(Kind::ClientSecret)?))
}

fn reply(app: &App, made: bool, body: &Object) -> Reply {
    let reply = Reply::json(if made { 201 } else { 200 }, body);
    if made { reply.with("location", &location("/v1/apps/", app.app_id.as_str())) } else { reply }
}
