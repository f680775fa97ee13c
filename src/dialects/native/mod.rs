//! Our own API: JSON, `Authorization: Bearer`, problems by RFC 9457.

mod apps;
mod bodies;
mod connections;
mod operator_bodies;
mod problem;
mod providers;
mod revocations;
mod status;
mod tokens;
mod users;
mod webhooks;

use super::failure::UNEXPECTED;
use super::{Ask, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route};
use crate::core::json::Object;
use crate::core::operator::{OperatorCommand, OperatorOutcome};
use crate::core::order::Page;
use crate::core::{Command, Outcome, Timestamp};
use crate::upstream::address;

/// The longest secret that others have made, in characters.
const CREDENTIAL_MAX: usize = 4_096;

/// The native API.
pub const DIALECT: Dialect = Dialect {
    name: "native",
    prefixes: &[],
    identify: |call| Ok(call.bearer().map_or(Credential::Missing, Credential::Key)),
    refuse: problem::refuse,
    routes: &[
        Route::put("/v1/users/{user_id}", users::put, users::render),
        Route::get("/v1/users/{user_id}", users::get, users::render),
        Route::post("/v1/users/{user_id}/revoke", users::revoke, users::render_revoked),
        Route::get("/v1/users/{user_id}/tokens", users::tokens, users::render_tokens),
        Route::get("/v1/users/{user_id}/events", users::events, users::render_events),
        Route::post("/v1/tokens", tokens::mint, tokens::render_minted),
        Route::post("/v1/tokens/check", tokens::check, tokens::render_checked),
        Route::post("/v1/tokens/consume", tokens::consume, tokens::render_consumed),
        Route::post("/v1/tokens/revoke", tokens::revoke, tokens::render_revoked),
        Route::post("/v1/api-keys", tokens::mint_api_key, tokens::render_api_key),
        Route::put("/v1/apps/{app_id}", apps::put, apps::render),
        Route::get("/v1/apps/{app_id}", apps::get, apps::render),
        Route::post("/v1/apps/{app_id}/client-secret", apps::rotate_secret, apps::render_secret),
        Route::get("/v1/users/{user_id}/connections", users::connections, users::render_connections),
        Route::post("/v1/connections", connections::connect, connections::render_made),
        Route::get("/v1/connections/{connection_id}", connections::get, connections::render),
        Route::post("/v1/connections/{connection_id}/revoke", connections::revoke, connections::render_changed),
        Route::post("/v1/connections/{connection_id}/disable", connections::disable, connections::render_changed),
        Route::post("/v1/connections/{connection_id}/enable", connections::enable, connections::render_changed),
        Route::post("/v1/connections/{connection_id}/tokens", connections::issue, connections::render_issued),
        Route::put("/v1/connections/{connection_id}/upstream", connections::hold, connections::render),
        Route::get("/v1/revocations", revocations::list, revocations::render_list),
        Route::get("/v1/revocations/{revocation_id}", revocations::get, revocations::render),
        Route::post("/v1/revocations/{revocation_id}/retry", revocations::retry, revocations::render),
        Route::post("/v1/revocations/{revocation_id}/dismiss", revocations::dismiss, revocations::render),
        Route::get("/v1/providers", providers::list, providers::render_list),
        Route::put("/v1/providers/{slug}", providers::put, providers::render),
        Route::get("/v1/providers/{slug}", providers::get, providers::render),
        Route::delete("/v1/providers/{slug}", providers::delete, render_deleted),
        Route::get("/v1/webhooks", webhooks::list, webhooks::render_list),
        Route::put("/v1/webhooks/{name}", webhooks::put, webhooks::render),
        Route::get("/v1/webhooks/{name}", webhooks::get, webhooks::render),
        Route::delete("/v1/webhooks/{name}", webhooks::delete, render_deleted),
        Route::post("/v1/webhooks/{name}/secret", webhooks::rotate_secret, webhooks::render_secret),
        Route::post("/v1/webhooks/{name}/test", webhooks::test, webhooks::render_test),
        Route::get("/v1/webhooks/{name}/deliveries", webhooks::deliveries, webhooks::render_deliveries),
        Route::post("/v1/status-tickets", status::mint, status::render_minted),
        Route::get("/v1/status", status::show, status::render).by(status::ticket).shared(),
        Route::get("/v1/status/live", status::follow, |_| Err(UNEXPECTED)).by(status::ticket).shared(),
        Route::open("/healthz", |_| Ok(Ask::Answered(Reply::json(200, &Object::new().with("status", "ok"))))),
    ],
};

/// The fields of a body. No call that has one takes anything in the query.
fn body(call: &Call) -> Result<Fields, Failure> {
    no_query(call)?;
    Fields::json(call)
}

/// Refuses what is in the query.
fn no_query(call: &Call) -> Result<(), Failure> {
    Fields::query(call)?.finish()
}

/// The page that a list is asked for: `limit` (1 to 100, 50 where none is said) and `cursor`.
fn page(query: &mut Fields) -> Page {
    let limit = query.digits("limit", 1, 100).unwrap_or(50);
    let before = query.text("cursor", |text| {
        let place = text.parse().ok().filter(|place: &u64| *place < 1 << 53);
        place.map(Some).ok_or("must be the next_cursor of an earlier answer")
    });
    Page { before: before.flatten(), limit }
}

/// A date and time.
fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_rfc3339(text).ok_or("must be a date and time of RFC 3339")
}

/// A secret that others have made, or a name that goes with one.
fn credential(text: &str) -> Result<String, &'static str> {
    let fits = (1..=CREDENTIAL_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    // In a path, these would be steps.
    let is_step = matches!(text, "." | "..");
    if fits && !is_step { Ok(text.to_owned()) } else { Err("must be 1 to 4096 visible ASCII characters") }
}

/// Takes a URL that is to be called.
fn url(fields: &mut Fields, call: &Call) -> Result<String, Failure> {
    let url = fields.required_text("url")?;
    if let Err(problem) = address::check(&url, address::is_development(call.origin)) {
        fields.fail("url", problem);
    }
    Ok(url)
}

/// What is asked of the operator's ledger.
const fn of_operator(command: OperatorCommand) -> Ask {
    Ask::Run(Command::OfOperator(command))
}

/// Nothing is there any more.
fn render_deleted(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Operator(OperatorOutcome::Deleted) => Ok(Reply::empty(204)),
        _ => Err(UNEXPECTED),
    }
}
