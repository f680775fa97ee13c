//! What came of a call, as an answer. The same outcome is shown in the same way, whatever call it came of.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{bodies, operator_bodies};
use crate::core::json::{Object, Value};
use crate::core::operator::OperatorOutcome;
use crate::core::provider::Stored;
use crate::core::refusal::Thing;
use crate::core::webhook::Endpoint;
use crate::core::{App, AppId, ConnectionId, Kind, Outcome, Refusal, Slug, Verdict};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::oauth::tokens;
use crate::dialects::{Beside, Done, Failure, Reply};
use crate::upstream::catalogue;

/// What is not unreserved in a URI (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes what came of a call.
pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    let (status, body) = match &done.outcome {
        Outcome::User(user, made) => {
            return Ok(put(*made, &bodies::user(user), "/v1/users/", user.user_id.as_str()));
        }
        Outcome::App(app, made) => return Ok(put_app(app, *made, &bodies::app(app))),
        Outcome::AppWithSecret(app, made) => return Ok(put_app(app, *made, &app_with_secret(app, done)?)),
        Outcome::Operator(outcome) => return of_operator(outcome, done),
        Outcome::Minted(verdict) => (201, bodies::minted(done.handle()?, verdict)),
        Outcome::Issued { access, refresh } => (201, issued(access, refresh.as_ref(), done)?),
        Outcome::UserRevoked { user, before, revoked, dry_run } => {
            let body = Object::new()
                .with("user_id", user.user_id.as_str())
                .with("dry_run", *dry_run)
                .with("before", *before)
                .with("revoked", revoked.body())
                .with("total", revoked.total());
            (200, body)
        }
        Outcome::Verdict(verdict) => (200, bodies::verdict(verdict)),
        Outcome::Checked { verdicts, as_of } => {
            let mut items = Vec::new();
            for verdict in verdicts {
                items.push(verdict.as_ref().map_or_else(|| bodies::unknown(*as_of), bodies::verdict).into());
            }
            (200, Object::new().with("items", Value::List(items)))
        }
        Outcome::Consumed(verdict, user, connection) => {
            let body = bodies::verdict(verdict)
                .with("user", bodies::user(user))
                .with("connection", connection.as_ref().map(bodies::connection));
            (200, body)
        }
        Outcome::Revoked { previous, verdict } => {
            (200, changed(!previous.is_terminal(), previous.as_str(), bodies::verdict(verdict)))
        }
        Outcome::ConnectionChanged { previous, verdict } => {
            (200, changed(*previous != verdict.status(), previous.as_str(), bodies::connection(verdict)))
        }
        Outcome::Connection(verdict) => (200, bodies::connection(verdict)),
        Outcome::Revocation(revocation, _) => (200, operator_bodies::revocation(revocation)),
        Outcome::Tokens(verdicts, next) => (200, bodies::list(verdicts, bodies::verdict, *next)),
        Outcome::Connections(verdicts, next) => (200, bodies::list(verdicts, bodies::connection, *next)),
        Outcome::Events(recorded, next) => (200, bodies::list(recorded, bodies::event, *next)),
        _ => return Err(UNEXPECTED),
    };
    Ok(Reply::json(status, &body))
}

/// What came of something of the operator's.
fn of_operator(outcome: &OperatorOutcome, done: &Done) -> Result<Reply, Failure> {
    let now = done.context.now;
    let body = match (outcome, &done.beside) {
        (OperatorOutcome::Deleted, _) => return Ok(Reply::empty(204)),
        (OperatorOutcome::Provider(Some(stored), made), _) => {
            let slug = stored.provider.slug.as_str();
            return Ok(put(*made, &operator_bodies::stored(stored), "/v1/providers/", slug));
        }
        (OperatorOutcome::EndpointWithSecret(endpoint, made), Beside::Secret(secret)) => {
            let body = operator_bodies::endpoint(endpoint, now).with("secret", secret.as_str());
            let reply = put(*made, &body, "/v1/webhooks/", endpoint.name.as_str());
            return Ok(Reply { status: 201, ..reply });
        }
        (OperatorOutcome::Provider(None, _), Beside::Shipped(provider)) => operator_bodies::shipped(provider),
        (OperatorOutcome::Provider(None, _), _) => return Err(Refusal::NotThere(Thing::Provider).into()),
        (OperatorOutcome::Providers(put), _) => providers(put),
        (OperatorOutcome::Endpoint(endpoint, _), _) => operator_bodies::endpoint(endpoint, now),
        (OperatorOutcome::Endpoints(endpoints), _) => {
            bodies::list(endpoints, |endpoint: &Endpoint| operator_bodies::endpoint(endpoint, now), None)
        }
        (OperatorOutcome::Deliveries(deliveries, next), _) => {
            bodies::list(deliveries, operator_bodies::delivery, *next)
        }
        (OperatorOutcome::Abandoned(revocations, next), _) => {
            bodies::list(revocations, operator_bodies::revocation, *next)
        }
        _ => return Err(UNEXPECTED),
    };
    Ok(Reply::json(200, &body))
}

/// A thing that was put: with the place where it is found, if it was made just now.
fn put(made: bool, body: &Object, under: &str, id: &str) -> Reply {
    if !made {
        return Reply::json(200, body);
    }
    let mut location = under.to_owned();
    location.extend(utf8_percent_encode(id, RESERVED));
    Reply::json(201, body).with("location", &location)
}

fn put_app(app: &App, made: bool, body: &Object) -> Reply {
    put(made, body, "/v1/apps/", app.app_id.as_str())
}

fn app_with_secret(app: &App, done: &Done) -> Result<Object, Failure> {
    Ok(bodies::app(app).with("client_secret", done.secret(Kind::ClientSecret)?))
}

/// An API key that was minted.
pub(super) fn render_api_key(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Minted(verdict) => Ok(Reply::json(201, &bodies::api_key(done.handle()?, verdict))),
        _ => Err(UNEXPECTED),
    }
}

/// An app that got another secret.
pub(super) fn render_app_secret(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::AppWithSecret(app, _) => Ok(Reply::json(201, &app_with_secret(app, done)?)),
        _ => Err(UNEXPECTED),
    }
}

/// A connection that was made just now.
pub(super) fn render_connected(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Connection(verdict) => {
            Ok(put(true, &bodies::connection(verdict), "/v1/connections/", verdict.connection.id.as_str()))
        }
        _ => Err(UNEXPECTED),
    }
}

/// What there is beside an outcome, where that is what was asked for.
pub(super) fn render_beside(done: &Done) -> Result<Reply, Failure> {
    match &done.beside {
        Beside::Delivery(delivery) => Ok(Reply::json(200, &operator_bodies::test(delivery))),
        Beside::Ticket(ticket, text) => {
            let body = Object::new()
                .with("ticket", text.as_str())
                .with("expires_at", ticket.expires_at)
                .with("subject", ticket.subject.word())
                .with("id", ticket.subject.id());
            Ok(Reply::json(201, &body))
        }
        Beside::Shown { text, tag, known } => {
            let reply = if *known { Reply::empty(304) } else { Reply::text(200, "application/json", text.clone()) };
            Ok(reply.with("etag", &["\"", tag, "\""].concat()))
        }
        _ => Err(UNEXPECTED),
    }
}

/// The body of a thing, behind what it was before.
fn changed(changed: bool, previous: &str, body: Object) -> Object {
    Object::new().with("changed", changed).with("previous", previous).with_all(body)
}

fn issued(access: &Verdict, refresh: Option<&Verdict>, done: &Done) -> Result<Object, Failure> {
    let facts = &access.facts;
    Ok(tokens::issued(done)?
        .with("token_id", access.token_id.as_str())
        .with_some("refresh_token_id", refresh.map(|refresh| refresh.token_id.as_str()))
        .with("connection_id", facts.connection_id.as_ref().map(ConnectionId::as_str))
        .with("user_id", access.user_id.as_str())
        .with("app_id", facts.app_id.as_ref().map(AppId::as_str)))
}

/// Those that ship, and those that were put in their places or beside them, by their names in the API.
fn providers(put: &[Stored]) -> Object {
    let is_put = |slug: &Slug| put.iter().any(|stored| stored.provider.slug == *slug);
    let shipped = catalogue::all().filter(|provider| !is_put(&provider.slug));
    let (mut slugs, mut items) = (Vec::new(), Vec::new());
    for provider in shipped {
        items.push(Value::Object(operator_bodies::shipped(&provider)));
        slugs.push(provider.slug);
    }
    for stored in put {
        let slug = &stored.provider.slug;
        let place = slugs.partition_point(|other| other < slug);
        items.insert(place, Value::Object(operator_bodies::stored(stored)));
        slugs.insert(place, slug.clone());
    }
    bodies::page(items, None)
}
