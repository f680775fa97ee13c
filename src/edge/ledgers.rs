//! The one call from the edge to a ledger.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};
use worker::Env;

use super::bindings::Namespace;
use crate::ledger::env::binding;

use crate::core::answer::Authenticated;
use crate::core::json::Object;
use crate::core::pack::{Pack, pack, unpack};
use crate::core::{self, Answer, AppId, Digest, ExternalId, Shard, UserId};
use crate::dialects::Failure;
use crate::ledger::wire::Message;

/// The ledgers of all users.
pub(super) struct Ledgers(Namespace);

impl Ledgers {
    pub(super) fn new(env: &Env) -> Result<Self, Failure> {
        binding(env, "LEDGER").map(Self).ok_or(Failure::Internal("there is no binding LEDGER"))
    }

    /// Asks whose API key it is.
    ///
    /// # Errors
    /// [`Failure::Unavailable`], as of the other calls: whether the ledger did anything is not known.
    pub(super) async fn authenticate(&self, shard: Shard, key: Digest) -> Result<Option<Authenticated>, Failure> {
        self.call(shard, &Message::Authenticate(key)).answer().await
    }

    /// Has a ledger decide and commit a request.
    pub(super) async fn run(&self, shard: Shard, request: &core::Request) -> Result<Answer, Failure> {
        self.start(shard, request).answer().await
    }

    /// Starts what [`Self::run`] does, so that several ledgers work at once.
    pub(super) fn start(&self, shard: Shard, request: &core::Request) -> Pending {
        Pending(self.send(shard, &Message::run(request)))
    }

    /// Asks which app an app's ledger is about: an `Option<App>`.
    pub(super) fn app(&self, app_id: &AppId) -> Pending {
        self.call(Shard::of_app(app_id), &Message::App)
    }

    /// Asks who has an external id.
    pub(super) async fn holder(&self, id: &ExternalId) -> Result<Option<UserId>, Failure> {
        self.call(Shard::of_external_id(id), &Message::Holder).answer().await
    }

    /// Has a user claim an external id that nobody has but maybe the one it makes way for. Answers who has it then.
    pub(super) async fn claim(
        &self,
        id: &ExternalId,
        user_id: &UserId,
        instead_of: Option<&UserId>,
    ) -> Result<Option<UserId>, Failure> {
        let message = Message::Claim(user_id.clone(), instead_of.cloned());
        self.call(Shard::of_external_id(id), &message).answer().await
    }

    /// Says that a user has an external id that it claimed.
    pub(super) async fn confirm(&self, id: &ExternalId, user_id: &UserId) -> Result<(), Failure> {
        let confirmed = self.call(Shard::of_external_id(id), &Message::Confirm(user_id.clone())).answer().await?;
        if confirmed { Ok(()) } else { Err(Failure::Unavailable) }
    }

    fn call(&self, shard: Shard, message: &Message) -> Pending {
        Pending(self.send(shard, &pack(message)))
    }

    fn send(&self, shard: Shard, message: &[u8]) -> Result<Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(&Uint8Array::from(message));
        self.0.get(&self.0.id_from_name(&shard.name())?)?.fetch("http://ledger/", &init)
    }
}

/// A call under way.
pub(super) struct Pending(Result<Promise, JsValue>);

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`Failure::Unavailable`]: whether the ledger did anything is not known.
    pub(super) async fn answer<T: Pack>(self) -> Result<T, Failure> {
        match self.body().await {
            Ok(body) => unpack(&body).ok_or(Failure::Unavailable),
            Err(thrown) => {
                let error = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
                let line = Object::new().with("level", "error").with("message", "ledger").with("error", error);
                worker::console_error!("{}", line.text());
                Err(Failure::Unavailable)
            }
        }
    }

    async fn body(self) -> Result<Vec<u8>, JsValue> {
        let response: Response = JsFuture::from(self.0?).await?.dyn_into()?;
        if !response.ok() {
            return Err(js_sys::Error::new("the ledger answered with an error").into());
        }
        let body = JsFuture::from(response.array_buffer()?).await?;
        Ok(Uint8Array::new(&body).to_vec())
    }
}
