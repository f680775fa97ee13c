//! The one call from the edge to a ledger.

use js_sys::{Promise, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};
use worker::{Env, ObjectNamespace};

use crate::core::answer::Authenticated;
use crate::core::{self, Answer, Digest, Json, Shard};
use crate::dialects::Failure;
use crate::ledger::packed;
use crate::ledger::wire::Message;

#[wasm_bindgen]
extern "C" {
    /// A ledger's stub, called with no `Request` in between: this is the hot path.
    type LedgerStub;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &LedgerStub, url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// The ledgers of all users.
pub(super) struct Ledgers(ObjectNamespace);

impl Ledgers {
    pub(super) fn new(env: &Env) -> Result<Self, Failure> {
        env.durable_object("LEDGER").map(Self).map_err(|_| Failure::Internal("there is no binding LEDGER"))
    }

    /// Asks whose API key it is.
    ///
    /// # Errors
    /// [`Failure::Unavailable`], as of the other calls: whether the ledger did anything is not known.
    pub(super) async fn authenticate(&self, shard: Shard, key: Digest) -> Result<Option<Authenticated>, Failure> {
        self.call(shard, &Message::Authenticate(key)).await
    }

    /// Has a ledger decide and commit a request.
    pub(super) async fn run(&self, shard: Shard, request: core::Request) -> Result<Answer, Failure> {
        self.call(shard, &Message::Run(Box::new(request))).await
    }

    async fn call<T: DeserializeOwned>(&self, shard: Shard, message: &Message) -> Result<T, Failure> {
        let message = packed::to_bytes(message).ok_or(Failure::Internal("a message cannot be packed"))?;
        let answer = self.send(shard, &message).await.map_err(|error| {
            let error = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
            let line = Json::object([("level", "error".into()), ("message", "ledger".into()), ("error", error.into())]);
            worker::console_error!("{}", line.as_str());
            Failure::Unavailable
        })?;
        packed::from_bytes(&answer).ok_or(Failure::Unavailable)
    }

    async fn send(&self, shard: Shard, message: &[u8]) -> Result<Vec<u8>, JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(&Uint8Array::from(message));
        let stub = self.0.id_from_name(&shard.name())?.get_stub()?.into_rpc::<LedgerStub>();
        let response: Response = JsFuture::from(stub.fetch("http://ledger/", &init)?).await?.dyn_into()?;
        if !response.ok() {
            return Err(JsValue::from_str("the ledger answered with an error"));
        }
        let body = JsFuture::from(response.array_buffer()?).await?;
        Ok(Uint8Array::new(&body).to_vec())
    }
}
