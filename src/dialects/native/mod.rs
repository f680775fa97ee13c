//! Our own API: JSON, `Authorization: Bearer`, problems by RFC 9457.

mod answers;
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

use self::answers::{render, render_api_key, render_app_secret, render_beside, render_connected};
use super::failure::UNEXPECTED;
use super::{Ask, Call, Credential, Dialect, Failure, Fields, Parse, Render, Reply, Route};
use crate::core::json::Object;
use crate::core::operator::OperatorCommand;
use crate::core::order::Page;
use crate::core::{Command, Timestamp};
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
        put("/v1/users/{user_id}", users::put),
        get("/v1/users/{user_id}", users::get),
        post("/v1/users/{user_id}/revoke", users::revoke, render),
        list("/v1/users/{user_id}/tokens", users::tokens),
        list("/v1/users/{user_id}/events", users::events),
        post("/v1/tokens", tokens::mint, render),
        post("/v1/tokens/check", tokens::check, render),
        post("/v1/tokens/consume", tokens::consume, render),
        post("/v1/tokens/revoke", tokens::revoke, render),
        post("/v1/api-keys", tokens::mint_api_key, render_api_key),
        put("/v1/apps/{app_id}", apps::put),
        get("/v1/apps/{app_id}", apps::get),
        post("/v1/apps/{app_id}/client-secret", apps::rotate_secret, render_app_secret),
        list("/v1/users/{user_id}/connections", users::connections),
        post("/v1/connections", connections::connect, render_connected),
        get("/v1/connections/{connection_id}", connections::get),
        post("/v1/connections/{connection_id}/revoke", connections::revoke, render),
        post("/v1/connections/{connection_id}/disable", connections::disable, render),
        post("/v1/connections/{connection_id}/enable", connections::enable, render),
        post("/v1/connections/{connection_id}/tokens", connections::issue, render),
        put("/v1/connections/{connection_id}/upstream", connections::hold),
        list("/v1/revocations", revocations::list),
        get("/v1/revocations/{revocation_id}", revocations::get),
        post("/v1/revocations/{revocation_id}/retry", revocations::retry, render),
        post("/v1/revocations/{revocation_id}/dismiss", revocations::dismiss, render),
        get("/v1/providers", providers::list),
        put("/v1/providers/{slug}", providers::put),
        get("/v1/providers/{slug}", providers::get),
        delete("/v1/providers/{slug}", providers::delete),
        get("/v1/webhooks", webhooks::list),
        put("/v1/webhooks/{name}", webhooks::put),
        get("/v1/webhooks/{name}", webhooks::get),
        delete("/v1/webhooks/{name}", webhooks::delete),
        post("/v1/webhooks/{name}/secret", webhooks::rotate_secret, render),
        post("/v1/webhooks/{name}/test", webhooks::test, render_beside),
        list("/v1/webhooks/{name}/deliveries", webhooks::deliveries),
        post("/v1/status-tickets", status::mint, render_beside),
        Route::get("/v1/status", Fields::query, status::show, render_beside).by(status::ticket).shared(),
        Route::get("/v1/status/live", Fields::query, status::follow, |_| Err(UNEXPECTED)).by(status::ticket).shared(),
        Route::open("/healthz", |_, _| Some(Ask::Answered(Reply::json(200, &Object::new().with("status", "ok"))))),
    ],
};

const fn get(path: &'static str, parse: Parse) -> Route {
    Route::get(path, nothing, parse, render)
}

const fn list(path: &'static str, parse: Parse) -> Route {
    Route::get(path, Fields::query, parse, render)
}

const fn post(path: &'static str, parse: Parse, render: Render) -> Route {
    Route::post(path, body, parse, render)
}

const fn put(path: &'static str, parse: Parse) -> Route {
    Route::put(path, body, parse, render)
}

const fn delete(path: &'static str, parse: Parse) -> Route {
    Route::delete(path, nothing, parse, render)
}

/// The fields of a body. No call that has one takes anything in the query.
fn body(call: &Call) -> Result<Fields, Failure> {
    nothing(call)?;
    Fields::json(call)
}

/// No fields: what is in the query is refused.
fn nothing(call: &Call) -> Result<Fields, Failure> {
    let mut query = Fields::query(call)?;
    query.finish();
    query.check()?;
    Ok(query)
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
fn url(call: &Call, fields: &mut Fields) -> Option<String> {
    let url = fields.required_text("url")?;
    if let Err(problem) = address::check(&url, address::is_development(call.origin)) {
        fields.fail("url", problem);
    }
    Some(url)
}

/// What is asked of the operator's ledger.
const fn of_operator(command: OperatorCommand) -> Ask {
    Ask::Run(Command::OfOperator(command))
}
