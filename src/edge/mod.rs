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
mod consent;
mod cors;
mod execute;
mod external_id;
mod grants;
mod incoming;
mod limit;
mod log;
mod memory;
mod operator;
mod page;
mod plan;
mod respond;
mod session;
mod status;
mod upstream;

use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

use self::caller::Caller;
use self::config::Config;
use self::execute::Executor;
use self::incoming::Incoming;
use self::log::Entry;
use crate::dialects::call::Headers;
use crate::dialects::routes::{self, Found};
use crate::dialects::{Ask, Asked, Call, Context, Failure, Reply};
use crate::platform::ledgers::Unavailable;

/// Answers a request; `platform/entry.js` puts this behind the Worker's entry point.
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
    match answer(&incoming, &env, &mut entry).await {
        Sent::Reply(mut reply) => {
            if !page::complete(&mut reply, &env).await {
                entry.failed(&Failure::Internal("a page cannot be read"));
            }
            entry.finish(&incoming, reply.status);
            respond::respond(&reply, &incoming, entry.request_id())
        }
        Sent::Upgraded(response) => {
            entry.finish(&incoming, 101);
            Ok(response)
        }
    }
}

/// What a request is answered with.
enum Sent {
    /// A reply.
    Reply(Reply),
    /// The other end of a WebSocket that a ledger holds.
    Upgraded(Response),
}

/// Finds the call, and has every failure written in its words.
async fn answer(incoming: &Incoming, env: &Env, entry: &mut Entry) -> Sent {
    let (refuse, shared, sent) = match routes::find(incoming.method(), incoming.path()) {
        Ok(mut found) => {
            entry.found(found.dialect, found.route);
            (found.refuse(), found.route.shared, handle(incoming, env, &mut found, entry).await)
        }
        Err((refuse, failure)) => (refuse, false, Err(failure)),
    };
    let reply = match sent {
        Ok(Sent::Upgraded(response)) => return Sent::Upgraded(response),
        Ok(Sent::Reply(reply)) => reply,
        Err(Failure::MethodNotAllowed { allow }) if incoming.is_preflight() && routes::is_shared(incoming.path()) => {
            return Sent::Reply(cors::preflight(&allow, incoming, env));
        }
        Err(failure) => {
            entry.failed(&failure);
            let languages = incoming.get("accept-language").unwrap_or_default();
            let asked = Asked { request_id: entry.request_id(), basic: incoming.is_basic(), languages: &languages };
            refuse(&failure, &asked)
        }
    };
    Sent::Reply(if shared { cors::share(reply, incoming, env) } else { reply })
}

async fn handle(incoming: &Incoming, env: &Env, found: &mut Found, entry: &mut Entry) -> Result<Sent, Failure> {
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
    let executor = Executor::new(config, env)?;
    let caller = executor.authenticate(found.identify()(&call)?).await?;
    entry.authenticated(caller.logged());
    if !matches!(caller, Caller::Anyone) {
        limit::limit(env, &caller.counted_as().unwrap_or_else(|| incoming.address())).await?;
    }
    let ask = found.route.ask(&call)?;
    let retry = incoming.retry(caller.actor().as_ref(), call.body)?;
    let work = match (ask, caller) {
        (Ask::Answered(reply), _) => return Ok(Sent::Reply(reply)),
        (Ask::Follow, Caller::Ticket(ticket)) => {
            return status::follow(&executor.ledgers, ticket, incoming, env).await.map(Sent::Upgraded);
        }
        (ask, caller) => executor.execute(ask, caller, retry).await?,
    };
    let context = Context {
        now: executor.now,
        request_id: entry.request_id().to_owned(),
        origin: incoming.origin().to_owned(),
        project_id: config.settings.project_id.clone(),
    };
    let done = work.done(context);
    let reply = (found.route.render)(&done)?;
    Ok(Sent::Reply(if done.replayed { reply.with("idempotency-replayed", "true") } else { reply }))
}

impl From<Unavailable> for Failure {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}
