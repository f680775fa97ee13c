//! The Worker's fetch handler: from a request to a response.
//!
//! In scope: routing, authentication, the rate limit, the replica of terminal verdicts, and what every answer has.
//! Not in scope: what any of it means; that is the core's, and how it is spelled, which is the dialects'.

mod accounts;
mod apps;
mod authenticate;
mod bindings;
mod caller;
mod check;
mod config;
mod execute;
mod external_id;
mod grants;
mod incoming;
mod limit;
mod log;
mod memory;
mod operator;
mod plan;
mod respond;
mod session;
mod upstream;

use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

use self::caller::Caller;
use self::config::Config;
use self::execute::Executor;
use self::incoming::Incoming;
use self::log::Entry;
use crate::dialects::routes::{self, Found};
use crate::dialects::{Ask, Asked, Call, Context, Failure, Reply};
use crate::platform::ledgers::Unavailable;

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

/// Finds the call, and has every failure written in its words.
async fn answer(incoming: &Incoming, env: &Env, entry: &mut Entry) -> Reply {
    let (refuse, reply) = match routes::find(incoming.method(), incoming.path()) {
        Ok(mut found) => {
            entry.found(found.dialect, found.route);
            (found.refuse(), handle(incoming, env, &mut found, entry).await)
        }
        Err((refuse, failure)) => (refuse, Err(failure)),
    };
    reply.unwrap_or_else(|failure| {
        entry.failed(&failure);
        refuse(&failure, &Asked { request_id: entry.request_id(), basic: incoming.is_basic() })
    })
}

async fn handle(incoming: &Incoming, env: &Env, found: &mut Found, entry: &mut Entry) -> Result<Reply, Failure> {
    let config = Config::of(env)?;
    let body = incoming.body().await?;
    let call = Call {
        keyring: &config.keyring,
        settings: &config.settings,
        origin: incoming.origin(),
        parameters: std::mem::take(&mut found.parameters),
        query: incoming.query(),
        headers: incoming,
        body: &body,
    };
    let executor = Executor::new(&config, env)?;
    let caller = executor.authenticate(found.identify()(&call)?).await?;
    entry.authenticated(caller.logged());
    match (caller.counted_as(), &caller) {
        (Some(who), _) => limit::limit(env, &who).await?,
        (None, Caller::Anyone) => {}
        (None, _) => limit::limit(env, &incoming.address()).await?,
    }
    let ask = (found.route.parse)(&call)?;
    let retry = incoming.retry(caller.actor().as_ref(), call.body)?;
    let work = match ask {
        Ask::Answered(reply) => return Ok(reply),
        ask => executor.execute(ask, caller, retry).await?,
    };
    let context = Context {
        now: executor.now,
        request_id: entry.request_id().to_owned(),
        origin: incoming.origin().to_owned(),
        project_id: config.settings.project_id.clone(),
    };
    let done = work.done(context);
    let reply = (found.route.render)(&done)?;
    Ok(if done.replayed { reply.with("idempotency-replayed", "true") } else { reply })
}

impl From<Unavailable> for Failure {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}
