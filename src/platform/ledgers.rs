//! The one call to a ledger: from the edge, or from another ledger's alarm.

use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;
use worker::Env;

use super::env::binding;
use super::host::Given;
use super::wire::{Due, Follower, Message, Status};
use super::{host, packed};
use crate::core::answer::Authenticated;
use crate::core::pack::{Pack, pack, unpack};
use crate::core::revocation::Report;
use crate::core::{
    self, Answer, App, AppId, ConnectionId, ConnectionVerdict, Digest, ExternalId, Shard, Ticket, UserId,
};

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
    pub(crate) fn authenticate(&self, shard: Shard, key: Digest) -> Pending<Option<Authenticated>> {
        self.call(shard, &Message::Authenticate(key))
    }

    /// Has a ledger decide and commit a request.
    pub(crate) fn run(&self, shard: Shard, request: &core::Request) -> Pending<Answer> {
        self.send(shard, &Message::run(request))
    }

    /// Asks which app an app's ledger is about.
    pub(crate) fn app(&self, app_id: &AppId) -> Pending<Option<App>> {
        self.call(Shard::of_app(app_id), &Message::App)
    }

    /// Asks who has an external id.
    pub(crate) fn holder(&self, id: &ExternalId) -> Pending<Option<UserId>> {
        self.call(Shard::of_external_id(id), &Message::Holder)
    }

    /// Has a user claim an external id that nobody has but maybe the one it makes way for. Answers who has it then.
    pub(crate) fn claim(
        &self,
        id: &ExternalId,
        user_id: &UserId,
        instead_of: Option<&UserId>,
    ) -> Pending<Option<UserId>> {
        self.call(Shard::of_external_id(id), &Message::Claim(user_id.clone(), instead_of.cloned()))
    }

    /// Says that a user has an external id that it claimed. Answers whether it was that one's to have.
    pub(crate) fn confirm(&self, id: &ExternalId, user_id: &UserId) -> Pending<bool> {
        self.call(Shard::of_external_id(id), &Message::Confirm(user_id.clone()))
    }

    /// Asks which credentials of a connection its provider is to be told of.
    pub(crate) fn due(&self, shard: Shard, id: &ConnectionId) -> Pending<Vec<Due>> {
        self.call(shard, &Message::Due(id.clone()))
    }

    /// Says what a connection's provider answered. Answers what the connection is then.
    pub(crate) fn settle(
        &self,
        shard: Shard,
        id: &ConnectionId,
        reports: Vec<Report>,
    ) -> Pending<Option<ConnectionVerdict>> {
        self.call(shard, &Message::Settle(id.clone(), reports))
    }

    /// Asks what a ticket shows; none, where it reads what is not there any more.
    pub(crate) fn show(&self, ticket: &Ticket) -> Pending<Option<Status>> {
        self.call(ticket.shard, &Message::Show(ticket.subject.clone(), ticket.expires_at))
    }

    /// Has a ledger take a follower: the response holds the other end of a WebSocket; none, where there is nothing to
    /// follow any more.
    pub(crate) async fn follow(&self, ticket: Ticket) -> Result<Option<Response>, Unavailable> {
        let Ticket { shard, subject, expires_at } = ticket;
        let follower = Follower { subject, until: expires_at, told: String::new() };
        let response = host::follow(&self.0, &shard.name(), &packed::to_text(&follower));
        match JsFuture::from(response).await {
            Ok(nothing) if nothing.is_null() => Ok(None),
            Ok(response) if !response.is_undefined() => Ok(Some(response.unchecked_into())),
            _ => Err(Unavailable),
        }
    }

    /// Sends the operator's ledger a message.
    pub(crate) fn operator<T: Pack>(&self, message: &Message) -> Pending<T> {
        self.call(Shard::of_operator(), message)
    }

    /// Tells the operator's ledger something, where its answer says nothing: what comes of it is true where it answered.
    pub(crate) fn tell_operator(&self, message: &Message) -> Promise {
        host::call(&self.0, &Shard::of_operator().name(), &pack(message))
    }

    fn call<T: Pack>(&self, shard: Shard, message: &Message) -> Pending<T> {
        self.send(shard, &pack(message))
    }

    fn send<T: Pack>(&self, shard: Shard, message: &[u8]) -> Pending<T> {
        Pending { answer: self.start(shard, message), read: unpack }
    }

    fn start(&self, shard: Shard, message: &[u8]) -> Given<Vec<u8>> {
        host::bytes(host::call(&self.0, &shard.name(), message))
    }
}

/// A call under way: all that are started work at once. Gives [`Unavailable`] where there is no answer.
pub(crate) struct Pending<T> {
    answer: Given<Vec<u8>>,
    read: fn(&[u8]) -> Option<T>,
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Unavailable>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Self::Output> {
        let read = self.read;
        let answer = Pin::new(&mut self.answer).poll(context);
        answer.map(|bytes| bytes.and_then(|bytes| read(&bytes)).ok_or(Unavailable))
    }
}
