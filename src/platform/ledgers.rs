//! Calls of Durable Objects: [`Ledgers`] over RPC.

use futures_util::future::LocalBoxFuture;
use js_sys::Promise;
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;
use worker::{Env, Stub};

use crate::core::ticket::Subscription;
use crate::core::{LedgerId, Ticket};
use crate::operations::{LedgerClass, LedgerUnavailable, Ledgers};

/// The ledgers of the deployment, as Durable Objects.
pub(crate) struct DurableLedgers {
    env: Env,
}

#[wasm_bindgen]
extern "C" {
    /// A Durable Object with the methods of `entry.js`.
    type LedgerStub;

    /// Sends a message and returns the promise of the reply.
    #[wasm_bindgen(method, catch)]
    fn answer(this: &LedgerStub, message: &str) -> Result<Promise, JsValue>;
}

impl DurableLedgers {
    pub(crate) fn new(env: &Env) -> Self {
        Self { env: env.clone() }
    }

    fn stub(&self, class: LedgerClass, id: LedgerId) -> worker::Result<Stub> {
        self.env.durable_object(binding(class))?.get_by_name(&id.name())
    }

    async fn answer(&self, class: LedgerClass, id: LedgerId, message: &str) -> Result<String, JsValue> {
        let stub: LedgerStub = self.stub(class, id)?.into_rpc();
        let reply = JsFuture::from(stub.answer(message)?).await?;
        reply.as_string().ok_or_else(|| JsValue::from_str("the reply is not a text"))
    }

    /// Opens a WebSocket to a user's ledger, which sends what the ticket shows. `None` if its subject does not exist.
    ///
    /// # Errors
    /// [`LedgerUnavailable`].
    pub(crate) async fn subscribe(&self, ticket: Ticket) -> Result<Option<Response>, LedgerUnavailable> {
        let ledger_id = ticket.ledger_id;
        let response = self.upgrade(ledger_id, &ticket.into()).await.map_err(|error| log(&error))?;
        match response.status() {
            101 => Ok(Some(response)),
            404 => Ok(None),
            _ => Err(LedgerUnavailable),
        }
    }

    async fn upgrade(&self, id: LedgerId, subscription: &Subscription) -> Result<Response, JsValue> {
        let headers = web_sys::Headers::new()?;
        headers.set("upgrade", "websocket")?;
        headers.set(SUBSCRIPTION_HEADER, &json!(subscription).to_string())?;
        let init = web_sys::RequestInit::new();
        init.set_headers(&headers);
        let request = web_sys::Request::new_with_str_and_init("http://ledger/", &init)?;
        let stub = self.stub(LedgerClass::User, id)?;
        Ok(stub.fetch_with_request(request.into()).await?.into())
    }
}

/// The header of a request for a WebSocket with its [`Subscription`], in JSON: all of it is ASCII.
pub(crate) const SUBSCRIPTION_HEADER: &str = "x-subscription";

impl Ledgers for DurableLedgers {
    fn call(
        &self,
        class: LedgerClass,
        id: LedgerId,
        message: String,
    ) -> LocalBoxFuture<'_, Result<String, LedgerUnavailable>> {
        Box::pin(async move { self.answer(class, id, &message).await.map_err(|error| log(&error)) })
    }
}

/// The binding of a class in `wrangler.toml`.
const fn binding(class: LedgerClass) -> &'static str {
    match class {
        LedgerClass::User => "USER_LEDGER",
        LedgerClass::App => "APP_REGISTRY",
        LedgerClass::ExternalId => "EXTERNAL_IDS",
        LedgerClass::Operator => "OPERATOR",
    }
}

/// Logs why a ledger did not answer.
fn log(error: &JsValue) -> LedgerUnavailable {
    let reason = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    let line = json!({ "level": "error", "message": "ledger call failed", "error": reason });
    worker::console_error!("{line}");
    LedgerUnavailable
}
