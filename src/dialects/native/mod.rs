//! Our own API: JSON, `Authorization: Bearer`, problems by RFC 9457.

mod apps;
mod bodies;
mod connections;
mod problem;
mod tokens;
mod users;

use super::{Ask, Call, Credential, Dialect, Failure, Fields, Reply, Route};
use crate::core::command::Page;
use crate::core::json::Object;

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
