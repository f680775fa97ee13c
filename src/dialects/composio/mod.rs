//! Composio's connected accounts: link, list, get, switch off and on, delete, revoke.
//!
//! Source: Composio's API reference and the types of its clients, `/api/v3.1/connected_accounts…`; the same under
//! `/api/v3`, but for the revocation, which is new in v3.1. Where Composio is silent, this holds:
//!
//! - the project's key is an API key of an admin, or the root key; anything else is 401;
//! - where no token at all could be revoked at the provider, the answer is 500, though the account is dead here: it reads
//!   `INACTIVE` until the outbox has got through, and `REVOKED` from then on;
//! - where some could, the answer is 200 and the account reads `REVOKED` at once; the outbox sees to the others;
//! - a 409 or 500 has `x-should-retry: false`, since Composio's clients would repeat either, and gain nothing;
//! - no answer shows a token of a provider's: there is `REDACTED` in its place.

mod account;
mod link;
mod list;

use super::failure::UNEXPECTED;
use super::reply::texts;
use super::{Ask, Asked, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route, path_only};
use crate::core::command::Action;
use crate::core::json::Object;
use crate::core::{ConnectionStatus, ConnectionVerdict, CredentialState, Link, Outcome, Refusal, TokenType};

/// Composio's API.
pub const DIALECT: Dialect = Dialect {
    name: "composio",
    prefixes: &["/api/v3.1/", "/api/v3/"],
    identify: |call| Ok(key(call)),
    refuse,
    routes: &[
        Route::get("/api/v3.1/connected_accounts", values, list::parse, list::render),
        Route::post("/api/v3.1/connected_accounts/link", body, link::parse, link::render),
        Route::get("/api/v3.1/connected_accounts/{nanoid}", path_only, get, render),
        Route::patch("/api/v3.1/connected_accounts/{nanoid}/status", body, switch, render_switched),
        Route::delete("/api/v3.1/connected_accounts/{nanoid}", values, delete, render_deleted),
        Route::post("/api/v3.1/connected_accounts/{nanoid}/revoke", path_only, revoke, render_revoked)
            .refusing(refuse_revocation),
        Route::get("/api/v3/connected_accounts", values, list::parse, list::render),
        Route::post("/api/v3/connected_accounts/link", body, link::parse, link::render),
        Route::get("/api/v3/connected_accounts/{nanoid}", path_only, get, render),
        Route::patch("/api/v3/connected_accounts/{nanoid}/status", body, switch, render_switched),
        Route::delete("/api/v3/connected_accounts/{nanoid}", values, delete, render_deleted),
    ],
};

/// The `status_reason` of what a client switches off or on.
const SWITCHED: &str = "Connection status updated by user";
/// The most characters of a reason of the client's own.
const REASON_MAX: usize = 256;

/// The project's key, or that of one of its users.
fn key(call: &Call) -> Credential {
    let mut keys = ["x-api-key", "x-user-api-key"].into_iter().filter_map(|name| call.headers.get(name));
    keys.find(|key| !key.is_empty()).map_or(Credential::Missing, Credential::AdminKey)
}

/// Members that are not known are left alone, as Composio does.
fn body(call: &Call) -> Result<Fields, Failure> {
    Fields::json(call).map(Fields::open)
}

/// The same of parameters. Each may come more than once.
fn values(call: &Call) -> Result<Fields, Failure> {
    Ok(Fields::values(call).open())
}

/// The account of the path.
fn named(call: &Call, fields: &mut Fields) -> Option<Link> {
    match call.link(call.segment("nanoid")) {
        Link::Forged => fields.refuse(Refusal::ConnectionUnknown),
        link @ Link::Known(..) => Some(link),
    }
}

fn get(call: &Call, fields: &mut Fields) -> Option<Ask> {
    named(call, fields).map(Ask::Account)
}

fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Connection(verdict) => Ok(Reply::json(200, &account::body(verdict, &done.apps))),
        _ => Err(UNEXPECTED),
    }
}

fn switch(call: &Call, body: &mut Fields) -> Option<Ask> {
    let enabled = body.boolean("enabled");
    let reason = body.nullable("reason").short_text("reason", REASON_MAX).unwrap_or_else(|| SWITCHED.to_owned());
    body.finish()?;
    let Some(enabled) = enabled else {
        return body.refuse(Failure::invalid("enabled", "is required"));
    };
    let action = if enabled { Action::Enable } else { Action::Disable };
    Some(Ask::OfConnection(named(call, body)?, action(Some(reason))))
}

fn render_switched(done: &Done) -> Result<Reply, Failure> {
    changed(done).map(|_| Reply::json(200, &Object::new().with("success", true)))
}

fn delete(call: &Call, query: &mut Fields) -> Option<Ask> {
    let revoke = match list::one(query, "revoke_on_delete").as_deref() {
        Some("true") => true,
        Some("false") | None => false,
        Some(_) => return query.refuse(Failure::invalid("revoke_on_delete", "must be true or false")),
    };
    query.finish()?;
    Some(Ask::OfConnection(named(call, query)?, Action::Delete { revoke }))
}

/// The job is the revocation of the first token: `/v1/revocations/{id}` says how far it is.
fn render_deleted(done: &Done) -> Result<Reply, Failure> {
    let (previous, verdict) = changed(done)?;
    let mut told = verdict.credentials.iter().filter(|credential| is_told(credential.state) && !previous.is_dead());
    let job = told.next().map(|credential| credential.revocation_id(&verdict.user_id));
    Ok(Reply::json(200, &Object::new().with("success", true).with_some("revoke_job_id", job)))
}

fn changed(done: &Done) -> Result<(ConnectionStatus, &ConnectionVerdict), Failure> {
    match &done.outcome {
        Outcome::ConnectionChanged { previous, verdict } => Ok((*previous, verdict)),
        _ => Err(UNEXPECTED),
    }
}

/// Whether the provider was told of a credential, or is to be.
const fn is_told(state: CredentialState) -> bool {
    state.is_open() || state.is_dead()
}

/// What comes as the body, if anything, does not matter.
fn revoke(call: &Call, fields: &mut Fields) -> Option<Ask> {
    named(call, fields).map(Ask::RevokeAccount)
}

fn render_revoked(done: &Done) -> Result<Reply, Failure> {
    let (previous, verdict) = changed(done)?;
    if previous.is_dead() {
        return Ok(revoked(verdict, &[]));
    }
    let is_dead = |wanted: &TokenType| {
        verdict.credentials.iter().any(|credential| credential.token_type == *wanted && credential.state.is_dead())
    };
    let tokens: Vec<_> = [TokenType::AccessToken, TokenType::RefreshToken].into_iter().filter(is_dead).collect();
    if tokens.is_empty() && verdict.credentials.iter().any(|credential| is_told(credential.state)) {
        let message = "No token could be revoked at the provider yet. The account is dead here, and it is tried again.";
        return Ok(error(500, message, &done.context.request_id));
    }
    Ok(revoked(verdict, &tokens))
}

fn revoked(verdict: &ConnectionVerdict, tokens: &[TokenType]) -> Reply {
    let tokens = texts(&mut tokens.iter().map(|token| token.as_str()));
    let connected = Object::new().with("id", verdict.connection.id.as_str()).with("status", "REVOKED");
    Reply::json(200, &Object::new().with("revoked_tokens", tokens).with("connected_account", connected))
}

/// What reads `REVOKED` is answered like what is: the outbox sees to the rest of it.
fn refuse_revocation(failure: &Failure, asked: &Asked) -> Reply {
    match failure {
        Failure::Refused(Refusal::ConnectionIs(verdict)) if account::status(verdict) == "REVOKED" => {
            revoked(verdict, &[])
        }
        _ => refuse(failure, asked),
    }
}

/// Writes a failure in Composio's envelope, or, where there were too many requests, without.
fn refuse(failure: &Failure, asked: &Asked) -> Reply {
    let status = failure.meaning().status;
    if status == 429 {
        let body = Object::new().with("message", "Rate limit exceeded. Retry later.");
        return failure.on(Reply::json(status, &body));
    }
    let message = match failure {
        Failure::Refused(Refusal::ConnectionUnknown) => "Connected account not found".to_owned(),
        Failure::Refused(Refusal::ConnectionIs(verdict)) => {
            format!("The connected account is {}, which does not allow this.", account::status(verdict))
        }
        Failure::Refused(Refusal::RevocationUnsupported) => {
            "The toolkit does not support programmatic revocation.".to_owned()
        }
        Failure::KeyInvalid => "Invalid API key".to_owned(),
        _ => failure.detail(),
    };
    let reply = match failure {
        Failure::NotFound => envelope(status, http(status), "HTTP_NotFound", &message, asked.request_id),
        _ => error(status, &message, asked.request_id),
    };
    failure.on(reply)
}

/// An error by its status.
fn error(status: u16, message: &str, request_id: &str) -> Reply {
    let (code, slug) = match status {
        400 => (600, "ConnectedAccount_BadRequest"),
        401 => (http(status), "HTTP_Unauthorized"),
        403 => (http(status), "HTTP_Forbidden"),
        404 => (606, "ConnectedAccount_ResourceNotFound"),
        405 => (http(status), "HTTP_MethodNotAllowed"),
        409 => (600, "ConnectedAccount_Conflict"),
        413 => (http(status), "HTTP_PayloadTooLarge"),
        415 => (http(status), "HTTP_UnsupportedMediaType"),
        503 => (http(status), "HTTP_ServiceUnavailable"),
        _ => (601, "ConnectedAccount_InternalServerError"),
    };
    let reply = envelope(status, code, slug, message, request_id);
    if matches!(status, 409 | 500) { reply.with("x-should-retry", "false") } else { reply }
}

/// Composio's code for what has nothing to do with accounts.
fn http(status: u16) -> u64 {
    u64::from(status).saturating_add(10_000)
}

fn envelope(status: u16, code: u64, slug: &str, message: &str, request_id: &str) -> Reply {
    let error = Object::new()
        .with("message", message)
        .with("code", code)
        .with("slug", slug)
        .with("status", u64::from(status))
        .with("request_id", request_id);
    Reply::json(status, &Object::new().with("error", error))
}
