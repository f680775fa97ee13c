//! `/v1/webhooks`.

use super::users::location;
use super::{bodies, body, no_query, of_operator, operator_bodies, page, url};
use crate::core::event::EventType;
use crate::core::json::Object;
use crate::core::operator::{OperatorCommand, OperatorOutcome};
use crate::core::webhook::{Endpoint, PREVIOUS_SECRET_TTL_MAX, parse_secret};
use crate::core::{Outcome, Slug};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Beside, Call, Done, Failure, Fields, NewEndpoint, Reply, Secret};

/// How long a secret that is replaced signs beside the new one, in seconds, where nothing is said: a day.
const PREVIOUS_SECRET_TTL: u32 = 86_400;

fn named(call: &Call) -> Result<Slug, Failure> {
    call.parameter("name", Slug::parse)
}

pub(super) fn put(call: &Call) -> Result<Ask, Failure> {
    let name = named(call)?;
    let mut body = body(call)?;
    let url = url(&mut body, call)?;
    let mut events = Vec::new();
    let event = |text: &str| EventType::parse(text).ok_or(EventType::CHOICES);
    for event in body.list("events", 0, EventType::ALL.len(), event) {
        if !events.contains(&event) {
            events.push(event);
        }
    }
    let disabled = body.boolean("disabled").unwrap_or(false);
    let secret = body.text("secret", parse_secret).map(Secret);
    body.finish()?;
    Ok(Ask::PutEndpoint(NewEndpoint { name, url, events, disabled, secret }))
}

pub(super) fn get(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(of_operator(OperatorCommand::GetEndpoint(named(call)?)))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Operator(OperatorOutcome::EndpointWithSecret(endpoint, _)) => {
            let place = location("/v1/webhooks/", endpoint.name.as_str());
            Ok(Reply::json(201, &with_secret(endpoint, done)?).with("location", &place))
        }
        Outcome::Operator(OperatorOutcome::Endpoint(endpoint, _)) => {
            Ok(Reply::json(200, &operator_bodies::endpoint(endpoint, done.context.now)))
        }
        _ => Err(UNEXPECTED),
    }
}

fn with_secret(endpoint: &Endpoint, done: &Done) -> Result<Object, Failure> {
    match &done.beside {
        Beside::Secret(secret) => {
            Ok(operator_bodies::endpoint(endpoint, done.context.now).with("secret", secret.as_str()))
        }
        _ => Err(Failure::Internal("there is no secret to show")),
    }
}

pub(super) fn list(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(of_operator(OperatorCommand::ListEndpoints))
}

pub(super) fn render_list(done: &Done) -> Result<Reply, Failure> {
    let body = |endpoint: &Endpoint| operator_bodies::endpoint(endpoint, done.context.now);
    match &done.outcome {
        Outcome::Operator(OperatorOutcome::Endpoints(endpoints)) => {
            Ok(Reply::json(200, &bodies::list(endpoints, body, None)))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn delete(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(of_operator(OperatorCommand::DeleteEndpoint(named(call)?)))
}

pub(super) fn rotate_secret(call: &Call) -> Result<Ask, Failure> {
    let name = named(call)?;
    let mut body = body(call)?;
    let ttl = body.integer("previous_ttl", 0, PREVIOUS_SECRET_TTL_MAX).unwrap_or(PREVIOUS_SECRET_TTL);
    body.finish()?;
    Ok(Ask::RotateEndpointSecret(name, ttl))
}

pub(super) fn render_secret(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Operator(OperatorOutcome::EndpointWithSecret(endpoint, _)) => {
            Ok(Reply::json(201, &with_secret(endpoint, done)?))
        }
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn test(call: &Call) -> Result<Ask, Failure> {
    let name = named(call)?;
    body(call)?.finish()?;
    Ok(Ask::TestEndpoint(name))
}

pub(super) fn render_test(done: &Done) -> Result<Reply, Failure> {
    match &done.beside {
        Beside::Delivery(delivery) => Ok(Reply::json(200, &operator_bodies::test(delivery))),
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn deliveries(call: &Call) -> Result<Ask, Failure> {
    let name = named(call)?;
    let mut query = Fields::query(call)?;
    let page = page(&mut query);
    query.finish()?;
    Ok(of_operator(OperatorCommand::ListDeliveries(name, page)))
}

pub(super) fn render_deliveries(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Operator(OperatorOutcome::Deliveries(deliveries, next)) => {
            Ok(Reply::json(200, &bodies::list(deliveries, operator_bodies::delivery, *next)))
        }
        _ => Err(UNEXPECTED),
    }
}
