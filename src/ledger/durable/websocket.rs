//! WebSocket subscribers of status tickets: each gets the status that its ticket shows, and every change of it (RFC 6455).
//!
//! The platform keeps the WebSockets open while the object sleeps, answers their pings without waking it, and keeps what is
//! attached to each. A message shows what was committed: the platform also delays messages until the write is on disk.

use std::cell::Cell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::worker_sys::WebSocketRequestResponsePair;
use worker::{State, WebSocket, WebSocketPair};

use crate::core::Timestamp;
use crate::core::status_message::StatusMessage;
use crate::core::ticket::{Subscription, TicketSubject, subscribers_to_close};
use crate::core::ticket_view::TicketView;
use crate::ledger::error::StorageError;

/// The highest number of subscribers of one ledger.
const SUBSCRIBERS_MAX: usize = 5_000;
/// The close code for a subscriber whose ticket opened too many further ones.
const TICKET_USED_ELSEWHERE: u16 = 4_002;
/// The `readyState` of an open WebSocket.
const OPEN: u16 = 1;
/// The close code for a ticket that has expired. Codes from 4000 are for applications (RFC 6455 §7.4.2).
const TICKET_EXPIRED: u16 = 4_001;
/// The close code for a message that a subscriber sent (RFC 6455 §7.4.1).
const POLICY_VIOLATION: u16 = 1_008;
/// The close code if the status cannot be read.
const INTERNAL_ERROR: u16 = 1_011;
/// The code that a browser reports if the other end sent none. It is never sent (RFC 6455 §7.1.5).
const NO_CODE: u16 = 1_005;

/// The JSON that the platform keeps with a WebSocket.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Attachment {
    subscription: Subscription,
    /// The tag of the status that was sent last.
    sent: String,
    /// When the WebSocket was opened.
    #[serde(default)]
    opened_at: Option<Timestamp>,
}

/// The subscribers of a ledger.
#[derive(Debug)]
pub(super) struct Subscribers {
    /// Whether there may be any. A ledger without subscribers asks the platform once.
    may_exist: Cell<bool>,
    /// When the first of their tickets expires, once somebody looked.
    first_expiry: Cell<Option<Timestamp>>,
}

/// The answer to a request for a WebSocket.
pub(super) enum Subscribed {
    /// The WebSocket is open. The value is the end for the subscriber.
    Open(WebSocket),
    /// There are too many subscribers, or the ticket expired on the way.
    Refused,
    /// The subject does not exist.
    NotFound,
}

/// Reads what a ticket shows.
pub(super) type Show<'a> = &'a dyn Fn(&TicketSubject) -> Result<Option<TicketView>, StorageError>;

impl Subscribers {
    pub(super) const fn new() -> Self {
        Self { may_exist: Cell::new(true), first_expiry: Cell::new(None) }
    }

    /// Opens a WebSocket and sends the current status. If the ticket has opened too many, the oldest is closed.
    pub(super) fn subscribe(
        &self,
        state: &State,
        subscription: Subscription,
        show: Show<'_>,
        now: Timestamp,
    ) -> Result<Subscribed, JsValue> {
        if subscription.valid_until <= now {
            return Ok(Subscribed::Refused);
        }
        let tag = subscription.ticket_tag();
        let of_ticket = attached(state.as_raw().get_websockets_with_tag(&tag)?);
        let opened_at: Vec<_> = of_ticket.iter().map(|(_, attachment)| attachment.opened_at).collect();
        let closed = subscribers_to_close(&opened_at);
        for index in &closed {
            if let Some((socket, _)) = of_ticket.get(*index) {
                close(socket, TICKET_USED_ELSEWHERE, "too_many_connections");
            }
        }
        let open = state.as_raw().get_websockets()?.into_iter().filter(|socket| socket.ready_state() == OPEN).count();
        if open >= SUBSCRIBERS_MAX {
            return Ok(Subscribed::Refused);
        }
        let shown = show(&subscription.subject).map_err(|error| JsValue::from_str(&error.to_string()))?;
        let Some(view) = shown else {
            return Ok(Subscribed::NotFound);
        };
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        state.as_raw().set_websocket_auto_response(&WebSocketRequestResponsePair::new("ping", "pong")?)?;
        let tags = vec![JsValue::from_str(&tag)];
        state.as_raw().accept_websocket_with_tags(server.as_ref(), tags)?;
        self.may_exist.set(true);
        if let Some(first) = self.first_expiry.get() {
            self.first_expiry.set(Some(first.min(subscription.valid_until)));
        }
        send(&server, Attachment { subscription, sent: String::new(), opened_at: Some(now) }, view)?;
        Ok(Subscribed::Open(client))
    }

    /// Sends the status to each subscriber for which it has changed. A subscriber that cannot be reached is disconnected, and
    /// connects again.
    pub(super) fn notify(&self, state: &State, show: Show<'_>, now: Timestamp) -> Result<(), JsValue> {
        let mut shown: HashMap<TicketSubject, Option<TicketView>> = HashMap::new();
        for (socket, attachment) in self.open(state)? {
            let Attachment { subscription, sent, .. } = &attachment;
            if subscription.valid_until <= now {
                close(&socket, TICKET_EXPIRED, "ticket_expired");
                continue;
            }
            let view = shown.entry(subscription.subject.clone()).or_insert_with_key(|subject| {
                // A status that cannot be read disconnects its subscribers.
                show(subject).ok().flatten()
            });
            match view {
                Some(view) if view.tag() == *sent => {}
                Some(view) => {
                    if send(&socket, attachment, view.clone()).is_err() {
                        close(&socket, INTERNAL_ERROR, "reconnect");
                    }
                }
                None => close(&socket, INTERNAL_ERROR, "reconnect"),
            }
        }
        Ok(())
    }

    /// Disconnects the subscribers whose tickets have expired, and returns when the next ticket expires.
    pub(super) fn expire(&self, state: &State, now: Timestamp) -> Result<Option<Timestamp>, JsValue> {
        if self.first_expiry.get().is_none_or(|first| first <= now) {
            let mut first: Option<Timestamp> = None;
            for (socket, Attachment { subscription, .. }) in self.open(state)? {
                if subscription.valid_until <= now {
                    close(&socket, TICKET_EXPIRED, "ticket_expired");
                } else {
                    first = first.into_iter().chain([subscription.valid_until]).min();
                }
            }
            self.first_expiry.set(first);
        }
        Ok(self.first_expiry.get())
    }

    /// The WebSockets that are open on both ends, with their attachments.
    fn open(&self, state: &State) -> Result<Vec<(WebSocket, Attachment)>, JsValue> {
        if !self.may_exist.get() {
            return Ok(Vec::new());
        }
        let sockets = state.as_raw().get_websockets()?;
        self.may_exist.set(!sockets.is_empty());
        Ok(attached(sockets))
    }
}

/// Those of the WebSockets that are open, with their attachments.
fn attached(sockets: Vec<web_sys::WebSocket>) -> Vec<(WebSocket, Attachment)> {
    let mut open = Vec::new();
    for socket in sockets.into_iter().filter(|socket| socket.ready_state() == OPEN).map(WebSocket::from) {
        let attached: Option<String> = socket.deserialize_attachment().ok().flatten();
        match attached.and_then(|attached| serde_json::from_str(&attached).ok()) {
            Some(attachment) => open.push((socket, attachment)),
            // The attachment is of another version: the subscriber connects again.
            None => close(&socket, INTERNAL_ERROR, "reconnect"),
        }
    }
    open
}

/// Sends a status, and keeps its tag with the WebSocket.
fn send(socket: &WebSocket, attachment: Attachment, view: TicketView) -> Result<(), JsValue> {
    let attachment = Attachment { sent: view.tag(), ..attachment };
    let message = StatusMessage::of(view, attachment.subscription.valid_until);
    let not_serialized =
        |error: serde_json::Error| JsValue::from_str(&StorageError::json("status", &error).to_string());
    socket.send_with_str(serde_json::to_string(&message).map_err(not_serialized)?)?;
    socket.serialize_attachment(serde_json::to_string(&attachment).map_err(not_serialized)?)?;
    Ok(())
}

/// Closes a WebSocket; one that is closed stays so.
fn close(socket: &WebSocket, code: u16, reason: &str) {
    let _ = match code {
        NO_CODE => socket.close::<&str>(None, None),
        code => socket.close(Some(code), Some(reason)),
    };
}

/// Disconnects a subscriber that sent something other than a ping.
pub(super) fn refuse_message(socket: &WebSocket) {
    close(socket, POLICY_VIOLATION, "only ping is answered");
}

/// Completes the closing handshake that a subscriber began (RFC 6455 §7.1.1).
pub(super) fn complete_close(socket: &WebSocket, code: u16) {
    close(socket, code, "");
}
