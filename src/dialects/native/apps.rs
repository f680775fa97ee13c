//! `/v1/apps`.

use super::tokens::redirect_uri;
use crate::core::app::{ClientType, PREVIOUS_SECRET_TTL_MAX, REDIRECT_URIS_MAX, Registration, SCOPES_MAX};
use crate::core::{AppId, Command, Scope, Slug};
use crate::dialects::{Ask, Call, Failure, Fields};

const NAME_MAX: usize = 128;
const DESCRIPTION_MAX: usize = 1_024;
const LOGO_URL_MAX: usize = 2_048;

pub(super) fn put(call: &Call, body: &mut Fields) -> Option<Ask> {
    let app_id = body.parameter(call, "app_id", AppId::parse)?;
    let name = body.short_text("name", NAME_MAX).filter(|name| !name.is_empty());
    let mut redirect_uris = Vec::new();
    for uri in body.list("redirect_uris", 0, REDIRECT_URIS_MAX, redirect_uri) {
        if !redirect_uris.contains(&uri) {
            redirect_uris.push(uri);
        }
    }
    let scopes = body.list("scopes", 0, SCOPES_MAX, Scope::parse_one);
    let Some(name) = name else {
        return body.refuse(Failure::invalid("name", "is required"));
    };
    let registration = Registration {
        name,
        description: body.nullable("description").short_text("description", DESCRIPTION_MAX),
        redirect_uris,
        scopes: scopes.iter().fold(None, |all, scope| Scope::union(all, Some(scope))),
        client_type: body
            .word("client_type", ClientType::parse, ClientType::CHOICES)
            .unwrap_or(ClientType::Confidential),
        logo_url: body.nullable("logo_url").text("logo_url", logo_url),
        provider: body.nullable("provider").text("provider", Slug::parse),
    };
    Some(Ask::Run(Command::PutApp(app_id, registration)))
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

pub(super) fn get(call: &Call, fields: &mut Fields) -> Option<Ask> {
    Some(Ask::Run(Command::GetApp(fields.parameter(call, "app_id", AppId::parse)?)))
}

pub(super) fn rotate_secret(call: &Call, body: &mut Fields) -> Option<Ask> {
    let app_id = body.parameter(call, "app_id", AppId::parse)?;
    let ttl = body.integer("previous_ttl", 0, PREVIOUS_SECRET_TTL_MAX).unwrap_or(0);
    Some(Ask::Run(Command::RotateSecret(app_id, ttl)))
}
