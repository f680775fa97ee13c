//! Stytch's Connected Apps: a user's apps, the revocation of one, and the public OAuth calls.
//!
//! Source: Stytch's consumer API, `GET /v1/users/{user_id}/connected_apps`, `POST …/{connected_app_id}/revoke`,
//! `/v1/public/{project_id}/oauth2/…`; errors by its error pages. Where Stytch is silent, this holds:
//!
//! - revoking an app that is there but not connected is 200, one that is not there 404 `connected_app_not_found`;
//! - the secret is an API key of an admin, and `project_id` is what the deployment is set to;
//! - every app is a third party's, and an app whose connection is switched off is still listed.

use super::failure::UNEXPECTED;
use super::oauth::{self, client, error, tokens};
use super::reply::texts;
use super::{Aliased, Ask, Asked, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route, path_only};
use crate::core::app::ClientType;
use crate::core::json::{Object, Value};
use crate::core::{App, AppId, Outcome, Refusal, Scope, Timestamp, TokenKind, UserId};

/// Stytch's API.
pub const DIALECT: Dialect = Dialect {
    name: "stytch",
    prefixes: &["/v1/public/", "/v1/oauth2/"],
    identify: |call| Ok(project(call)),
    refuse,
    routes: &[
        Route::get("/v1/users/{user_id}/connected_apps", path_only, connected_apps, render_connected_apps),
        Route::post("/v1/users/{user_id}/connected_apps/{connected_app_id}/revoke", json, revoke, render_revoked),
        oauth2("/v1/public/{project_id}/oauth2/token", tokens::request, render_issued),
        oauth2("/v1/public/{project_id}/oauth2/introspect", oauth::introspect, render_introspected),
        oauth2("/v1/public/{project_id}/oauth2/revoke", oauth::revoke, render_token_revoked),
        oauth2("/v1/oauth2/token", tokens::request, render_issued),
        oauth2("/v1/oauth2/introspect", oauth::introspect, render_introspected),
        oauth2("/v1/oauth2/revoke", oauth::revoke, render_token_revoked),
    ],
};

const fn oauth2(path: &'static str, parse: super::Parse, render: super::Render) -> Route {
    Route::post(path, body, parse, render).by(identify_client).refusing(refuse_client)
}

/// The project's id and secret, in Basic.
fn project(call: &Call) -> Credential {
    let Some(basic) = call.basic() else {
        return Credential::Missing;
    };
    let of_project = |(id, _): &(String, String)| *id == call.settings.project_id && !id.is_empty();
    let mut secrets = basic.into_iter().filter(of_project).map(|(_, secret)| secret);
    secrets.next().map_or(Credential::Invalid, Credential::AdminKey)
}

/// The user of the path, by its id or its external id.
fn user(call: &Call, fields: &mut Fields) -> Option<UserId> {
    UserId::parse(call.segment("user_id")).ok().or_else(|| fields.refuse(Refusal::UserUnknown))
}

fn connected_apps(call: &Call, fields: &mut Fields) -> Option<Ask> {
    Some(Ask::OfAlias(user(call, fields)?, Aliased::ConnectedApps))
}

fn render_connected_apps(done: &Done) -> Result<Reply, Failure> {
    let Outcome::ConnectedApps(connected) = &done.outcome else {
        return Err(UNEXPECTED);
    };
    let body = |app: &App, scope: Option<&Scope>| {
        let registration = &app.registration;
        Object::new()
            .with("connected_app_id", app.app_id.as_str())
            .with("name", registration.name.as_str())
            .with("description", registration.description.as_deref().unwrap_or_default())
            .with("client_type", client_type(registration.client_type))
            .with("scopes_granted", scope.map_or("", Scope::as_str))
            .with("logo_url", registration.logo_url.as_deref())
    };
    let apps = connected.iter().filter_map(|(app_id, scope)| {
        let app = done.apps.iter().find(|app| app.app_id == *app_id)?;
        Some(Value::from(body(app, scope.as_ref())))
    });
    let apps: Vec<Value> = apps.collect();
    Ok(succeed(Object::new().with("connected_apps", apps), done))
}

const fn client_type(client_type: ClientType) -> &'static str {
    match client_type {
        ClientType::Public => "third_party_public",
        ClientType::Confidential => "third_party",
    }
}

/// Whatever the body has is left alone.
fn json(call: &Call) -> Result<Fields, Failure> {
    Fields::json(call).map(Fields::open)
}

fn revoke(call: &Call, body: &mut Fields) -> Option<Ask> {
    let user = user(call, body)?;
    let app = AppId::parse(call.segment("connected_app_id")).ok().or_else(|| body.refuse(Refusal::AppUnknown))?;
    Some(Ask::OfAlias(user, Aliased::Disconnect(app)))
}

fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    match done.outcome {
        Outcome::Disconnected => Ok(succeed(Object::new(), done)),
        _ => Err(UNEXPECTED),
    }
}

/// The body of one of the OAuth calls.
fn body(call: &Call) -> Result<Fields, Failure> {
    let project_id = call.segment("project_id");
    if !project_id.is_empty() && project_id != call.settings.project_id {
        return Err(Failure::NotFound);
    }
    Fields::form_or_json(call).map(Fields::open)
}

/// The client that the body names; Basic counts only where it names none, since some clients send the project there.
fn identify_client(call: &Call) -> Result<Credential, Failure> {
    let mut body = body(call)?;
    if body.has("client_id") { client::in_body(call, &mut body) } else { client::identify(call, &mut body) }
}

fn render_issued(done: &Done) -> Result<Reply, Failure> {
    let mut body = tokens::issued(done)?;
    body.take("token_type");
    body.put("token_type", "bearer".into());
    Ok(succeed(body, done))
}

fn render_introspected(done: &Done) -> Result<Reply, Failure> {
    let Outcome::Introspected(verdict) = &done.outcome else {
        return oauth::inactive(done).map(|body| succeed(body, done));
    };
    let token_type = if verdict.kind == TokenKind::AccessToken { "access_token" } else { "refresh_token" };
    let body = Object::new()
        .with("active", true)
        .with("aud", texts(&mut [done.context.project_id.as_str()].into_iter()))
        .with("client_id", verdict.facts.app_id.as_ref().map(AppId::as_str))
        .with_some("exp", verdict.expires_at.map(Timestamp::unix))
        .with("iat", verdict.created_at.unix())
        .with("nbf", verdict.created_at.unix())
        .with("iss", done.context.origin.as_str())
        .with("scope", verdict.facts.scope.as_ref().map_or("", Scope::as_str))
        .with("sub", verdict.user_id.as_str())
        .with("token_type", token_type);
    Ok(succeed(body, done))
}

fn render_token_revoked(done: &Done) -> Result<Reply, Failure> {
    oauth::revoked(done).map(|body| succeed(body, done))
}

/// An answer with what every one has.
fn succeed(body: Object, done: &Done) -> Reply {
    let request_id = request_id(&done.context.request_id);
    Reply::json(200, &body.with("status_code", 200).with("request_id", request_id))
}

fn request_id(id: &str) -> String {
    format!("request-id-test-{id}")
}

/// Writes a failure with all of Stytch's five members.
fn refuse(failure: &Failure, asked: &Asked) -> Reply {
    let meaning = failure.meaning();
    let (error_type, message) = match failure {
        Failure::Refused(Refusal::UserUnknown) => ("user_not_found", "User could not be found."),
        Failure::Refused(Refusal::AppUnknown) => {
            ("connected_app_not_found", "The Connected App requested could not be found.")
        }
        _ => match meaning.status {
            401 => ("unauthorized_credentials", "Unauthorized credentials."),
            404 => ("route_not_found", "The route provided is not supported."),
            405 => ("method_not_allowed", "The route has other methods."),
            413 => ("request_too_large", meaning.meaning),
            415 => ("unsupported_media_type", meaning.meaning),
            429 => ("too_many_requests", "Too many requests have been made."),
            500 => ("internal_server_error", "Oops, something seems to have gone wrong."),
            503 => ("service_unavailable", meaning.meaning),
            _ => ("bad_request", ""),
        },
    };
    let message = if message.is_empty() { failure.detail() } else { message.to_owned() };
    let body = Object::new()
        .with("status_code", u64::from(meaning.status))
        .with("request_id", request_id(asked.request_id))
        .with("error_type", error_type)
        .with("error_message", message)
        .with("error_url", error_url(meaning.status, error_type));
    let reply = failure.on(Reply::json(meaning.status, &body));
    if meaning.status == 401 { reply.with("www-authenticate", "Basic realm=\"hookswitch\"") } else { reply }
}

/// The same in the words of OAuth.
fn refuse_client(failure: &Failure, asked: &Asked) -> Reply {
    let status = error::status(failure);
    let error = if *failure == Failure::NotFound { "project_not_found" } else { error::code(failure) };
    let description = match failure {
        Failure::NotFound => "The project could not be found.".to_owned(),
        Failure::MediaType => "Send the body as a form or as JSON.".to_owned(),
        _ => error::description(failure),
    };
    let body = Object::new()
        .with("status_code", u64::from(status))
        .with("request_id", request_id(asked.request_id))
        .with("error", error)
        .with("error_description", description)
        .with("error_uri", error_url(status, error));
    error::challenge(status, asked, failure.on(Reply::json(status, &body)))
}

fn error_url(status: u16, error: &str) -> String {
    format!("https://stytch.com/docs/api/errors/{status}#{error}")
}
