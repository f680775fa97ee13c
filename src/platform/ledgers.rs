//! The one call to a ledger: from the edge, or from another ledger's alarm.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};
use worker::Env;

use super::env::binding;
use super::packed;
use super::wire::{Due, Follower, Message, Status};
use crate::core::answer::Authenticated;
use crate::core::json::Object;
use crate::core::pack::{Pack, pack, unpack};
use crate::core::revocation::Report;
use crate::core::{self, Answer, AppId, ConnectionId, ConnectionVerdict, Digest, ExternalId, Shard, Ticket, UserId};
use crate::platform;

#[wasm_bindgen]
extern "C" {
    /// The namespace of the ledgers.
    type Namespace;

    #[wasm_bindgen(method, catch, js_name = idFromName)]
    fn id_from_name(this: &Namespace, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn get(this: &Namespace, id: &JsValue) -> Result<Stub, JsValue>;

    /// One ledger.
    type Stub;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Stub, url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// A ledger did not answer: whether it did anything is not known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unavailable;

/// The ledgers of all users, and of what belongs to none.
pub(crate) struct Ledgers(Namespace);

impl Ledgers {
    /// The ledgers, if there is a binding `LEDGER`.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        binding(env, "LEDGER").map(Self)
    }

    /// Asks whose API key it is.
    ///
    /// # Errors
    /// [`Unavailable`], as of the other calls: whether the ledger did anything is not known.
    pub(crate) async fn authenticate(&self, shard: Shard, key: Digest) -> Result<Option<Authenticated>, Unavailable> {
        self.call(shard, &Message::Authenticate(key)).answer().await
    }

    /// Has a ledger decide and commit a request.
    pub(crate) async fn run(&self, shard: Shard, request: &core::Request) -> Result<Answer, Unavailable> {
        self.start(shard, request).answer().await
    }

    /// Starts what [`Self::run`] does, so that several ledgers work at once.
    pub(crate) fn start(&self, shard: Shard, request: &core::Request) -> Pending {
        Pending(self.send(shard, &Message::run(request)))
    }

    /// Asks which app an app's ledger is about: an `Option<App>`.
    pub(crate) fn app(&self, app_id: &AppId) -> Pending {
        self.call(Shard::of_app(app_id), &Message::App)
    }

    /// Asks who has an external id.
    pub(crate) async fn holder(&self, id: &ExternalId) -> Result<Option<UserId>, Unavailable> {
        self.call(Shard::of_external_id(id), &Message::Holder).answer().await
    }

    /// Has a user claim an external id that nobody has but maybe the one it makes way for. Answers who has it then.
    pub(crate) async fn claim(
        &self,
        id: &ExternalId,
        user_id: &UserId,
        instead_of: Option<&UserId>,
    ) -> Result<Option<UserId>, Unavailable> {
        let message = Message::Claim(user_id.clone(), instead_of.cloned());
        self.call(Shard::of_external_id(id), &message).answer().await
    }

    /// Says that a user has an external id that it claimed.
    pub(crate) async fn confirm(&self, id: &ExternalId, user_id: &UserId) -> Result<(), Unavailable> {
        let confirmed = self.call(Shard::of_external_id(id), &Message::Confirm(user_id.clone())).answer().await?;
        if confirmed { Ok(()) } else { Err(Unavailable) }
    }

    /// Asks which credentials of a connection its provider is to be told of.
    pub(crate) async fn due(&self, shard: Shard, id: &ConnectionId) -> Result<Vec<Due>, Unavailable> {
        self.call(shard, &Message::Due(id.clone())).answer().await
    }

    /// Says what a connection's provider answered. Answers what the connection is then.
    pub(crate) async fn settle(
        &self,
        shard: Shard,
        id: &ConnectionId,
        reports: Vec<Report>,
    ) -> Result<Option<ConnectionVerdict>, Unavailable> {
        self.call(shard, &Message::Settle(id.clone(), reports)).answer().await
    }

    /// Asks what a ticket shows; none, where it reads what is not there any more.
    pub(crate) async fn show(&self, ticket: &Ticket) -> Result<Option<Status>, Unavailable> {
        self.call(ticket.shard, &Message::Show(ticket.subject.clone(), ticket.expires_at)).answer().await
    }

    /// Has a ledger take a follower: the response holds the other end of a WebSocket; none, where there is nothing to
    /// follow any more.
    pub(crate) async fn follow(&self, ticket: Ticket) -> Result<Option<Response>, Unavailable> {
        let Ticket { shard, subject, expires_at } = ticket;
        let follower = Follower { subject, until: expires_at, told: String::new() };
        let response = Pending(self.upgrade(shard, &packed::to_text(&follower)))
            .response()
            .await
            .map_err(|thrown| unavailable(&thrown))?;
        match response.status() {
            101 => Ok(Some(response)),
            404 => Ok(None),
            _ => Err(Unavailable),
        }
    }

    fn upgrade(&self, shard: Shard, follower: &str) -> Result<Promise, JsValue> {
        let init = Object::new().with("headers", Object::new().with("upgrade", "websocket"));
        self.stub(shard)?.fetch(&format!("http://ledger/{follower}"), &platform::object(&init)?)
    }

    /// Sends the operator's ledger a message.
    pub(crate) async fn operator<T: Pack>(&self, message: &Message) -> Result<T, Unavailable> {
        self.call(Shard::of_operator(), message).answer().await
    }

    fn call(&self, shard: Shard, message: &Message) -> Pending {
        Pending(self.send(shard, &pack(message)))
    }

    fn send(&self, shard: Shard, message: &[u8]) -> Result<Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(&Uint8Array::from(message));
        self.stub(shard)?.fetch("http://ledger/", &init)
    }

    fn stub(&self, shard: Shard) -> Result<Stub, JsValue> {
        self.0.get(&self.0.id_from_name(&shard.name())?)
    }
}

/// A call under way.
pub(crate) struct Pending(Result<Promise, JsValue>);

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`Unavailable`]: whether the ledger did anything is not known.
    pub(crate) async fn answer<T: Pack>(self) -> Result<T, Unavailable> {
        match self.body().await {
            Ok(body) => unpack(&body).ok_or(Unavailable),
            Err(thrown) => Err(unavailable(&thrown)),
        }
    }

    async fn response(self) -> Result<Response, JsValue> {
        JsFuture::from(self.0?).await?.dyn_into()
    }

    async fn body(self) -> Result<Vec<u8>, JsValue> {
        let response = self.response().await?;
        if !response.ok() {
            return Err(js_sys::Error::new("the ledger answered with an error").into());
        }
        let body = JsFuture::from(response.array_buffer()?).await?;
        Ok(Uint8Array::new(&body).to_vec())
    }
}

/// Logs why a ledger did not answer.
fn unavailable(thrown: &JsValue) -> Unavailable {
    let error = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    let line = Object::new().with("level", "error").with("message", "ledger").with("error", error);
    worker::console_error!("{}", line.text());
    Unavailable
}
