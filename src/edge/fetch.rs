//! The fetch handler.

use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::{Context as WorkerContext, Env, event};

use super::config::EdgeSettings;
use super::idempotency::idempotency_key;
use super::log::LogLine;
use super::rate_limit;
use super::request::IncomingRequest;
use super::response::{fill_page, to_platform};
use crate::core::ticket::TicketSubject;
use crate::core::{DecisionError, Resource, Ticket};
use crate::dialects::error_format::ErrorContext;
use crate::dialects::request::Headers;
use crate::dialects::response::HttpResponse;
use crate::dialects::router::{Found, NoRoute, Router};
use crate::operations::authenticate::authenticate;
use crate::operations::{ApiError, Caller, Context};
use crate::platform::clock::now_millis;
use crate::platform::{WorkerPlatform, configuration, now};

/// The answer to a request.
enum Answer {
    /// An ordinary HTTP response.
    Http(HttpResponse),
    /// The client's end of a WebSocket to a ledger.
    WebSocket(Response),
}

/// Answers a request and logs it.
///
/// # Errors
/// The platform cannot make a response.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: WorkerContext) -> worker::Result<Response> {
    let request = IncomingRequest::new(request);
    let settings = EdgeSettings::of(&env);
    let mut log = LogLine::start(random_uuid(), request.method_text(), request.get("cf-ray"), now_millis());
    let answer = answer(&request, &settings, &env, context, &mut log).await;
    let (status, response) = match answer {
        Answer::WebSocket(response) => (101, Ok(response)),
        Answer::Http(mut response) => {
            if let Err(error) = fill_page(&mut response, &env).await {
                log.failed(&error);
            }
            (response.status, to_platform(&response, &request, &log.request_id))
        }
    };
    if settings.log.includes(status, log.is_read) {
        write(&log.finish(status, now_millis()), status);
    }
    Ok(response?)
}

/// Finds the route of a request and answers it. The dialect of the route writes every error.
async fn answer(
    request: &IncomingRequest,
    settings: &EdgeSettings,
    env: &Env,
    context: WorkerContext,
    log: &mut LogLine,
) -> Answer {
    let found = match Router::get().find(request.method(), request.url().path) {
        Ok(found) => found,
        Err(no_route) => return Answer::Http(without_route(&no_route, request, settings, log)),
    };
    log.dialect = Some(found.dialect.name);
    log.route = Some(found.route.path);
    log.is_read = found.route.is_read;
    let answer = match handle(request, &found, settings, env, context, log).await {
        Ok(answer) => answer,
        Err(error) => {
            log.failed(&error);
            Answer::Http(render_error(request, log, |context| found.render_error(&error, context)))
        }
    };
    match answer {
        Answer::Http(response) if found.route.cors => Answer::Http(settings.allowed_origins.share(response, request)),
        answer => answer,
    }
}

/// Answers the request of a route.
async fn handle(
    request: &IncomingRequest,
    found: &Found<'_>,
    settings: &EdgeSettings,
    env: &Env,
    context: WorkerContext,
    log: &mut LogLine,
) -> Result<Answer, ApiError> {
    let config = configuration(env).map_err(ApiError::Misconfigured)?;
    let body = if found.route.input.has_body() { request.body().await? } else { Vec::new() };
    let http = request.to_http(found.route.method, found.params.clone(), &body);

    let platform = WorkerPlatform::new(env, context);
    let request_id = log.request_id.clone();
    let mut cx = Context::new(&config, &platform, now(), &request_id, http.origin);
    let authenticated = match found.credentials()(&http, &config) {
        Ok(credentials) => authenticate(&cx, credentials).await,
        Err(error) => Err(error),
    };
    cx.caller = match authenticated {
        Ok(caller) => caller,
        Err(error) => return Err(limit_failure(request, env, error).await),
    };
    log.principal = cx.caller.logged_actor();
    // The health of the service, and documents that are always the same, are for everybody at any time.
    if cx.caller != Caller::Anonymous || !found.route.input.is_nothing() {
        let counted_as = cx.caller.rate_limit_key().unwrap_or_else(|| request.address_key());
        rate_limit::count(env, counted_as).await?;
    }
    cx.idempotency = idempotency_key(&http, &cx.caller)?;

    let mut response = match found.route.handle(&cx, &http).await {
        Ok(response) => response,
        Err(error) => return Err(limit_failure(request, env, error).await),
    };
    if let Some(ticket) = response.subscription.take() {
        return subscribe(ticket, request, settings, &platform).await;
    }
    let is_replayed = cx.is_replayed();
    Ok(Answer::Http(if is_replayed { response.with("idempotency-replayed", "true") } else { response }))
}

/// Counts a request whose authentication failed, by the network that it came from. Returns the error, or that there were
/// too many.
async fn limit_failure(request: &IncomingRequest, env: &Env, error: ApiError) -> ApiError {
    let is_failure = matches!(
        error,
        ApiError::CredentialsMissing
            | ApiError::CredentialsInvalid(_)
            | ApiError::TicketMissing
            | ApiError::TicketInvalid
            | ApiError::TicketExpired
            | ApiError::Refused(DecisionError::ClientInvalid)
    );
    if !is_failure {
        return error;
    }
    rate_limit::count(env, request.failure_key()).await.err().unwrap_or(error)
}

/// Opens a WebSocket that sends what a status ticket shows.
async fn subscribe(
    ticket: Ticket,
    request: &IncomingRequest,
    settings: &EdgeSettings,
    platform: &WorkerPlatform,
) -> Result<Answer, ApiError> {
    if !settings.allowed_origins.may_connect(request, request.url().origin) {
        return Err(ApiError::OriginForbidden);
    }
    let not_found = DecisionError::NotFound(match ticket.subject {
        TicketSubject::Connection(_) => Resource::Connection,
        TicketSubject::Token(_) => Resource::Token,
    });
    let response = platform.durable_ledgers().subscribe(ticket).await?.ok_or(not_found)?;
    Ok(Answer::WebSocket(response))
}

/// The response to a request that has no route: the answer to a preflight request, or an error.
fn without_route(
    no_route: &NoRoute<'_>,
    request: &IncomingRequest,
    settings: &EdgeSettings,
    log: &LogLine,
) -> HttpResponse {
    match &no_route.error {
        ApiError::MethodNotAllowed { allow } if no_route.cors && request.is_preflight() => {
            settings.allowed_origins.preflight(allow, request)
        }
        _ => render_error(request, log, |context| no_route.render_error(context)),
    }
}

fn render_error(
    request: &IncomingRequest,
    log: &LogLine,
    render: impl FnOnce(&ErrorContext<'_>) -> HttpResponse,
) -> HttpResponse {
    let languages = request.get("accept-language").unwrap_or_default();
    render(&ErrorContext { request_id: &log.request_id, auth_scheme: request.auth_scheme(), languages: &languages })
}

/// Writes a line to the log.
fn write(line: &str, status: u16) {
    if status >= 500 {
        worker::console_error!("{line}");
    } else {
        worker::console_log!("{line}");
    }
}

#[wasm_bindgen]
extern "C" {
    /// A random UUID.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> String;
}
