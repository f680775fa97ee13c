//! `/v1/webhooks`: endpoints that receive events.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::called_url::check_url;
use super::list::{ListResponse, PageQuery};
use super::revocations::EmptyRequest;
use crate::core::decide::operator::ListDeliveries;
use crate::core::event::EventType;
use crate::core::rfc3339::Rfc3339;
use crate::core::webhook::{Delivery, Endpoint, PREVIOUS_SECRET_TTL_MAX, parse_secret};
use crate::core::{Rule, Slug, Timestamp};
use crate::dialects::extract::{JsonBody, Path, Query};
use crate::dialects::field::{Field, List};
use crate::dialects::field_types::{Flag, Whole};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{FORBIDDEN, IDEMPOTENCY_CONFLICT, TOO_MANY_WEBHOOKS, WEBHOOK_NOT_FOUND};
use crate::dialects::respond::{Body, CreatedBody, CreatedOrReplaced, Location, NoContent};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::webhooks::{self, EndpointWithSecret, WebhookParams};
use crate::operations::{ApiError, Context, Secret};

/// The default time for which a replaced secret also signs, in seconds: a day.
const PREVIOUS_SECRET_TTL: u32 = 86_400;
/// The number of event types.
const EVENT_TYPES: usize = EventType::ALL.len();

const BASE: Operation = Operation {
    tag: Tag { name: "Webhooks", description: "Endpoints that receive events." },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/webhooks", list).operation(|| Operation {
            id: "listWebhooks",
            summary: "List webhook endpoints",
            description: "Returns all endpoints by their names, without their secrets.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::put("/v1/webhooks/{name}", put).operation(|| Operation {
            id: "putWebhook",
            summary: "Create or replace a webhook endpoint",
            description: "Creates the endpoint, or replaces its settings: a field that is left out gets its default. A new \
                endpoint gets a signing secret, which is returned once; an existing endpoint keeps its own. Messages \
                follow the Standard Webhooks specification.",
            problems: &[&FORBIDDEN, &TOO_MANY_WEBHOOKS],
            ..BASE
        }),
        Route::get("/v1/webhooks/{name}", get).operation(|| Operation {
            id: "getWebhook",
            summary: "Read a webhook endpoint",
            description: "Returns the endpoint without its secret.",
            problems: &[&FORBIDDEN, &WEBHOOK_NOT_FOUND],
            ..BASE
        }),
        Route::delete("/v1/webhooks/{name}", delete).operation(|| Operation {
            id: "deleteWebhook",
            summary: "Delete a webhook endpoint",
            description: "Deletes the endpoint. Events that wait for it are not sent.",
            problems: &[&FORBIDDEN, &WEBHOOK_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/webhooks/{name}/secret", rotate_secret).operation(|| Operation {
            id: "rotateWebhookSecret",
            summary: "Rotate the signing secret",
            description: "Creates a new signing secret, which is returned once. The replaced one signs beside it for \
                `previous_ttl` seconds.",
            problems: &[&FORBIDDEN, &WEBHOOK_NOT_FOUND, &IDEMPOTENCY_CONFLICT],
            ..BASE
        }),
        Route::post("/v1/webhooks/{name}/test", test).operation(|| Operation {
            id: "testWebhook",
            summary: "Test a webhook endpoint",
            description: "Sends a `webhook.test` event and returns the delivery result. The event is not retried.",
            problems: &[&FORBIDDEN, &WEBHOOK_NOT_FOUND],
            ..BASE
        }),
        Route::get("/v1/webhooks/{name}/deliveries", list_deliveries).operation(|| Operation {
            id: "listDeliveries",
            summary: "List deliveries",
            description: "Returns the latest attempts to deliver events to the endpoint, newest first.",
            problems: &[&FORBIDDEN, &WEBHOOK_NOT_FOUND],
            ..BASE
        }),
    ]
}

/// A webhook endpoint.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Webhook"))]
struct WebhookResponse {
    /// The endpoint's name.
    name: Slug,
    /// The URL that receives events.
    url: String,
    /// The types of event that are sent; all types if the list is empty.
    events: Vec<EventType>,
    /// Whether no events are sent.
    disabled: bool,
    /// Why no events are sent.
    disabled_reason: Option<String>,
    /// Since when no events are sent.
    disabled_at: Option<Rfc3339>,
    /// Until when the previous secret signs beside the current one.
    previous_secret_expires_at: Option<Rfc3339>,
    /// When the endpoint was created.
    created_at: Rfc3339,
    /// When the endpoint last changed.
    updated_at: Rfc3339,
}

impl WebhookResponse {
    /// The endpoint at a time.
    fn of(endpoint: Endpoint, now: Timestamp) -> Self {
        let Endpoint { name, url, events, previous_secret, disabled, created_at, updated_at, .. } = endpoint;
        let previous = previous_secret.map(|previous| previous.valid_until).filter(|until| now < *until);
        let (disabled_at, disabled_reason) = disabled.map(|disabled| (Rfc3339(disabled.at), disabled.reason)).unzip();
        Self {
            name,
            url,
            events,
            disabled: disabled_at.is_some(),
            disabled_reason,
            disabled_at,
            previous_secret_expires_at: previous.map(Rfc3339),
            created_at: Rfc3339(created_at),
            updated_at: Rfc3339(updated_at),
        }
    }
}

/// A webhook endpoint with a signing secret that was created.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookWithSecret"))]
struct WebhookWithSecretResponse {
    #[serde(flatten)]
    webhook: WebhookResponse,
    /// The signing secret: `whsec_` and base64. It is shown only here, and absent if none was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookWithSecretResponse {
    fn of(result: EndpointWithSecret, now: Timestamp) -> Self {
        let secret = result.secret.map(|Secret(secret)| secret);
        Self { webhook: WebhookResponse::of(result.endpoint, now), secret }
    }
}

/// A signing secret of your own: `whsec_` and 24 to 64 bytes in base64.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
struct ProvidedSecret(Secret);

impl FromStr for ProvidedSecret {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        parse_secret(text).map(Secret).map(Self)
    }
}

/// The settings of a webhook endpoint.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PutWebhookRequest {
    /// The URL that receives events: a public https URL.
    url: Field<String>,
    /// The types of event to send. The default is all types.
    #[serde(default)]
    events: Field<List<EventType, 0, EVENT_TYPES>>,
    /// Whether no events are sent. The default is false.
    #[serde(default)]
    disabled: Field<Flag>,
    /// The signing secret. By default an existing endpoint keeps its own, and a new one gets a fresh one.
    #[serde(default)]
    secret: Field<ProvidedSecret>,
}

/// A valid [`PutWebhookRequest`].
struct PutWebhookParams {
    url: String,
    events: Vec<EventType>,
    disabled: bool,
    secret: Option<Secret>,
}

impl Validate for PutWebhookRequest {
    type Valid = PutWebhookParams;

    fn validate(self, check: &mut Validator<'_>) -> Option<PutWebhookParams> {
        let url = check_url(check, self.url);
        let mut events = Vec::new();
        for event_type in check.optional("events", self.events).into_iter().flat_map(|list| list.0) {
            if !events.contains(&event_type) {
                events.push(event_type);
            }
        }
        let disabled = check.optional("disabled", self.disabled).is_some_and(|Flag(disabled)| disabled);
        let secret = check.optional("secret", self.secret).map(|ProvidedSecret(secret)| secret);
        Some(PutWebhookParams { url: url?, events, disabled, secret })
    }
}

async fn put(
    cx: &Context<'_>,
    Path(name): Path<Slug>,
    JsonBody(params): JsonBody<PutWebhookRequest>,
) -> Result<CreatedOrReplaced<WebhookWithSecretResponse>, ApiError> {
    let PutWebhookParams { url, events, disabled, secret } = params;
    let result = webhooks::put(cx, WebhookParams { name, url, events, disabled, secret }).await?;
    let (effect, location) = (result.effect, Location::new("/v1/webhooks/", result.endpoint.name.as_str()));
    Ok(CreatedOrReplaced::of(effect, location, WebhookWithSecretResponse::of(result, cx.now)))
}

async fn get(cx: &Context<'_>, Path(name): Path<Slug>) -> Result<Body<WebhookResponse>, ApiError> {
    Ok(Body(WebhookResponse::of(webhooks::get(cx, name).await?, cx.now)))
}

async fn list(cx: &Context<'_>) -> Result<Body<ListResponse<WebhookResponse>>, ApiError> {
    let endpoints = webhooks::list(cx).await?;
    let items = endpoints.into_iter().map(|endpoint| WebhookResponse::of(endpoint, cx.now)).collect();
    Ok(Body(ListResponse::complete(items)))
}

async fn delete(cx: &Context<'_>, Path(name): Path<Slug>) -> Result<NoContent, ApiError> {
    webhooks::delete(cx, name).await?;
    Ok(NoContent)
}

/// How the signing secret of an endpoint is rotated.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RotateWebhookSecretRequest {
    /// The seconds for which the replaced secret signs beside the new one. The default is a day.
    #[serde(default)]
    previous_ttl: Field<Whole<0, PREVIOUS_SECRET_TTL_MAX>>,
}

impl Validate for RotateWebhookSecretRequest {
    type Valid = u32;

    fn validate(self, check: &mut Validator<'_>) -> Option<u32> {
        Some(check.optional("previous_ttl", self.previous_ttl).map_or(PREVIOUS_SECRET_TTL, |Whole(seconds)| seconds))
    }
}

async fn rotate_secret(
    cx: &Context<'_>,
    Path(name): Path<Slug>,
    JsonBody(previous_ttl): JsonBody<RotateWebhookSecretRequest>,
) -> Result<CreatedBody<WebhookWithSecretResponse>, ApiError> {
    let result = webhooks::rotate_secret(cx, name, previous_ttl).await?;
    Ok(CreatedBody(WebhookWithSecretResponse::of(result, cx.now)))
}

/// The result of an attempt to deliver an event.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct DeliveryResult {
    /// Whether the endpoint accepted the event.
    delivered: bool,
    /// The HTTP status of the endpoint's answer; null if there was none.
    status: Option<u16>,
    /// Why the attempt failed.
    error: Option<String>,
}

/// The result of a test.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookTest"))]
struct WebhookTestResponse {
    #[serde(flatten)]
    result: DeliveryResult,
    /// The id of the event.
    event_id: String,
}

async fn test(
    cx: &Context<'_>,
    Path(name): Path<Slug>,
    JsonBody(()): JsonBody<EmptyRequest>,
) -> Result<Body<WebhookTestResponse>, ApiError> {
    let Delivery { event_id, status, error, .. } = webhooks::test(cx, name).await?;
    Ok(Body(WebhookTestResponse { result: DeliveryResult { delivered: error.is_none(), status, error }, event_id }))
}

/// An attempt to deliver an event.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Delivery"))]
struct DeliveryResponse {
    /// The id of the event.
    event_id: String,
    /// The type of the event.
    #[serde(rename = "type")]
    event_type: String,
    /// When the attempt was made.
    at: Rfc3339,
    /// The number of the attempt, from 1.
    attempt: u32,
    #[serde(flatten)]
    result: DeliveryResult,
    /// When the next attempt is made; null if the event was delivered or given up.
    next_attempt_at: Option<Rfc3339>,
}

impl From<Delivery> for DeliveryResponse {
    fn from(delivery: Delivery) -> Self {
        let Delivery { event_id, event_type, at, attempt, status, error, next_at, .. } = delivery;
        let result = DeliveryResult { delivered: error.is_none(), status, error };
        Self { event_id, event_type, at: Rfc3339(at), attempt, result, next_attempt_at: next_at.map(Rfc3339) }
    }
}

async fn list_deliveries(
    cx: &Context<'_>,
    Path(name): Path<Slug>,
    Query(page): Query<PageQuery>,
) -> Result<Body<ListResponse<DeliveryResponse>>, ApiError> {
    let page = webhooks::list_deliveries(cx, ListDeliveries { name, page }).await?;
    Ok(Body(ListResponse::of(page, Into::into)))
}
