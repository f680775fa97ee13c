//! The Worker's fetch handler: from a request to a response.
//!
//! In scope: routing, authentication, the rate limit, the replica of terminal verdicts, and what every answer has.
//! Not in scope: what any of it means; that is the core's, and how it is spelled, which is the dialects'.

mod authenticate;
pub(crate) mod bindings;
mod body;
mod check;
mod config;
mod execute;
mod incoming;
mod ledgers;
mod limit;
mod log;
mod memory;
mod respond;

use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

use self::config::Config;
use self::execute::Executor;
use self::incoming::Incoming;
use self::log::Entry;
use crate::dialects::routes::{self, Found};
use crate::dialects::{Call, Dialect, Failure, Reply};

/// Answers a request. `worker-build` puts this behind the Worker's entry point.
///
/// Exported as it is and not through `worker::event`: that turns each request and response into a type of its own and
/// back, which costs time on the hot path and, with the like around the ledger, 5 KB of the compressed wasm.
///
/// # Errors
/// Where the platform cannot make a response, which leaves nothing to answer with.
#[wasm_bindgen]
pub async fn fetch(request: Request, env: Env, _context: JsValue) -> Result<Response, JsValue> {
    let mut entry = Entry::start();
    let incoming = Incoming::new(request);
    let reply = answer(&incoming, &env, &mut entry).await;
    entry.finish(&incoming, &reply);
    respond::respond(&reply, &incoming, entry.request_id())
}

/// Finds the dialect, and has every failure written in its words.
async fn answer(incoming: &Incoming, env: &Env, entry: &mut Entry) -> Reply {
    let (dialect, reply) = match routes::find(incoming.method(), incoming.path()) {
        Ok(mut found) => {
            entry.found(found.dialect, found.route);
            (found.dialect, handle(incoming, env, &mut found, entry).await)
        }
        Err((dialect, failure)) => (dialect, Err(failure)),
    };
    reply.unwrap_or_else(|failure| refuse(dialect, &failure, entry))
}

fn refuse(dialect: &Dialect, failure: &Failure, entry: &mut Entry) -> Reply {
    entry.failed(failure);
    (dialect.refuse)(failure, entry.request_id())
}

async fn handle(incoming: &Incoming, env: &Env, found: &mut Found, entry: &mut Entry) -> Result<Reply, Failure> {
    let config = Config::of(env)?;
    let body = incoming.body().await?;
    let call = Call {
        keyring: &config.keyring,
        parameters: std::mem::take(&mut found.parameters),
        query: incoming.query(),
        headers: incoming,
        body: &body,
    };
    let executor = Executor::new(&config, env)?;
    let principal = if found.route.open {
        None
    } else {
        let principal = executor.authenticate((found.dialect.credential)(&call)).await?;
        entry.authenticated(&principal);
        limit::limit(env, &principal).await?;
        Some(principal)
    };
    let ask = (found.route.parse)(&call)?;
    let retry = incoming.retry(principal.as_ref(), call.body)?;
    let done = executor.execute(ask, principal, retry).await?;
    let replayed = done.replayed;
    let reply = (found.route.render)(&done).unwrap_or_else(|failure| refuse(found.dialect, &failure, entry));
    Ok(if replayed { reply.with("idempotency-replayed", "true") } else { reply })
}
