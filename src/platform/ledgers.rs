//! The one call to a ledger: from the edge, or from another ledger's alarm.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use web_sys::Response;
use worker::Env;

use super::env::binding;
use super::wire::{Due, Follower, Message, Status};
use super::{host, packed};
use crate::core::answer::Authenticated;
use crate::core::pack::{Pack, pack, unpack};
use crate::core::revocation::Report;
use crate::core::{self, Answer, AppId, ConnectionId, ConnectionVerdict, Digest, ExternalId, Shard, Ticket, UserId};

/// A ledger did not answer: whether it did anything is not known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unavailable;

/// The ledgers of all users, and of what belongs to none.
pub(crate) struct Ledgers(JsValue);

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
        self.send(shard, &Message::run(request))
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
        let response = host::follow(&self.0, &shard.name(), &packed::to_text(&follower));
        let response: Response = host::value(response).await.ok_or(Unavailable)?;
        match response.status() {
            101 => Ok(Some(response)),
            404 => Ok(None),
            _ => Err(Unavailable),
        }
    }

    /// Sends the operator's ledger a message.
    pub(crate) async fn operator<T: Pack>(&self, message: &Message) -> Result<T, Unavailable> {
        self.call(Shard::of_operator(), message).answer().await
    }

    fn call(&self, shard: Shard, message: &Message) -> Pending {
        self.send(shard, &pack(message))
    }

    fn send(&self, shard: Shard, message: &[u8]) -> Pending {
        Pending(host::call(&self.0, &shard.name(), message))
    }
}

/// A call under way.
pub(crate) struct Pending(Promise);

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`Unavailable`]: whether the ledger did anything is not known.
    pub(crate) async fn answer<T: Pack>(self) -> Result<T, Unavailable> {
        host::bytes(self.0).await.and_then(|answer| unpack(&answer)).ok_or(Unavailable)
    }
}
