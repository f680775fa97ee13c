//! Followers of a status ticket: each is told what it shows, from then on, over a WebSocket (RFC 6455).
//!
//! The platform holds them while the object sleeps, answers their pings without waking it, and keeps what is attached to
//! each. What is said is what was committed: the platform holds messages back, too, until what was written is on disk.

use std::cell::Cell;

use js_sys::{Array, Object as JsObject, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Response;

use super::fault::{Fault, Result};
use super::storage::ObjectState;
use super::{Ledger, load};
use crate::core::ticket::Subject;
use crate::core::{ConnectionVerdict, Shown, Timestamp, Verdict};
use crate::platform::packed;
use crate::platform::wall;
use crate::platform::wire::{Follower, Status};

/// The most followers of what is in one ledger.
const FOLLOWERS_MAX: u32 = 10_000;
/// What a follower may say, and what it is answered.
const PING: &str = "ping";
const PONG: &str = "pong";
/// The ticket has ended: a code of our own (RFC 6455 §7.4.2).
const ENDED: u16 = 4_001;
/// Said to who says anything else: RFC 6455 §7.4.1.
const POLICY: u16 = 1_008;
/// Said where we do not know what to say.
const FAULT: u16 = 1_011;

#[wasm_bindgen]
extern "C" {
    type WebSocketPair;

    #[wasm_bindgen(constructor)]
    fn new() -> WebSocketPair;

    #[wasm_bindgen(method, structural, indexing_getter)]
    fn end(this: &WebSocketPair, index: u32) -> LiveSocket;

    /// One end of a WebSocket.
    #[derive(Clone)]
    pub type LiveSocket;

    #[wasm_bindgen(method, catch)]
    fn send(this: &LiveSocket, text: &str) -> std::result::Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn close(this: &LiveSocket, code: u16, reason: &str) -> std::result::Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = serializeAttachment)]
    fn attach(this: &LiveSocket, text: &str) -> std::result::Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = deserializeAttachment)]
    fn attached(this: &LiveSocket) -> std::result::Result<JsValue, JsValue>;

    type WebSocketRequestResponsePair;

    #[wasm_bindgen(constructor)]
    fn new(request: &str, response: &str) -> WebSocketRequestResponsePair;

    #[wasm_bindgen(method, catch, js_name = acceptWebSocket)]
    fn accept(this: &ObjectState, socket: &LiveSocket) -> std::result::Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = getWebSockets)]
    fn sockets(this: &ObjectState) -> std::result::Result<Array, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setWebSocketAutoResponse)]
    fn answer_by_itself(this: &ObjectState, pair: &WebSocketRequestResponsePair) -> std::result::Result<(), JsValue>;
}

/// What is known of the followers.
pub(super) struct Followers {
    state: ObjectState,
    /// Whether there may be any: a ledger that nobody follows looks once.
    any: Cell<bool>,
    /// When the first of their tickets ends, once somebody has looked.
    first_end: Cell<Option<Timestamp>>,
}

impl Followers {
    pub(super) const fn of(state: ObjectState) -> Self {
        Self { state, any: Cell::new(true), first_end: Cell::new(None) }
    }

    /// All of them; each with what is attached to it.
    fn all(&self) -> Result<Vec<(LiveSocket, Follower)>> {
        if !self.any.get() {
            return Ok(Vec::new());
        }
        let sockets = self.state.sockets().map_err(Fault::from)?;
        self.any.set(sockets.length() > 0);
        let mut followers = Vec::new();
        for socket in sockets.iter().map(JsCast::unchecked_into::<LiveSocket>) {
            let attached = socket.attached().ok().and_then(|attached| attached.as_string());
            match attached.and_then(|attached| packed::from_text(&attached)) {
                Some(follower) => followers.push((socket, follower)),
                // Of another version: it comes again, and is attached anew.
                None => hang_up(&socket, FAULT, "come again"),
            }
        }
        Ok(followers)
    }
}

impl Ledger {
    /// Takes a follower, and tells it what there is. Answers with the other end of the WebSocket, or 404.
    pub(super) fn follow(&self, follower: &str) -> Result<Response> {
        let follower: Follower =
            packed::from_text(follower).ok_or_else(|| Fault("a follower of another version".to_owned()))?;
        let state = &self.followers.state;
        if state.sockets().map_err(Fault::from)?.length() >= FOLLOWERS_MAX {
            return respond(503, None);
        }
        let Some(shown) = self.shown(&follower.subject)? else {
            return respond(404, None);
        };
        let pair = WebSocketPair::new();
        let (theirs, ours) = (pair.end(0), pair.end(1));
        state.answer_by_itself(&WebSocketRequestResponsePair::new(PING, PONG)).map_err(Fault::from)?;
        state.accept(&ours).map_err(Fault::from)?;
        self.followers.any.set(true);
        tell(&ours, follower, &shown)?;
        // The alarm is to ring when the ticket ends.
        self.followers.first_end.set(None);
        self.wrote.set(true);
        respond(101, Some(&theirs))
    }

    /// Tells each follower what has changed for it. What was committed stays so, whatever fails here: who is not told is
    /// hung up on, and comes again.
    pub(super) fn tell_followers(&self) {
        let Ok(followers) = self.followers.all() else {
            return;
        };
        let mut known: Vec<(Subject, Option<Shown>)> = Vec::new();
        for (socket, follower) in followers {
            let place = known.iter().position(|(subject, _)| *subject == follower.subject).unwrap_or_else(|| {
                let shown = self.shown(&follower.subject).ok().flatten();
                known.push((follower.subject.clone(), shown));
                known.len().saturating_sub(1)
            });
            match known.get(place) {
                Some((_, Some(shown))) if shown.tag() == follower.told => {}
                Some((_, Some(shown))) if tell(&socket, follower, shown).is_ok() => {}
                _ => hang_up(&socket, FAULT, "come again"),
            }
        }
    }

    /// Hangs up on those whose tickets have ended.
    pub(super) fn end_tickets(&self) -> Result<()> {
        for (socket, follower) in self.followers.all()? {
            if follower.until <= wall() {
                hang_up(&socket, ENDED, "ticket_expired");
            }
        }
        self.followers.first_end.set(None);
        Ok(())
    }

    /// When the first of their tickets ends.
    pub(super) fn first_end(&self) -> Result<Option<Timestamp>> {
        if self.followers.first_end.get().is_none() {
            let now = wall();
            let ends = self.followers.all()?.into_iter().map(|(_, follower)| follower.until);
            self.followers.first_end.set(ends.filter(|until| *until > now).min());
        }
        Ok(self.followers.first_end.get())
    }

    /// What a ticket shows that reads this; none, where it is not there any more.
    fn shown(&self, subject: &Subject) -> Result<Option<Shown>> {
        if !self.exists()? {
            return Ok(None);
        }
        let (now, Some(user)) = (self.now(true)?, load::user(&self.sql)?) else {
            return Ok(None);
        };
        Ok(match subject {
            Subject::Connection(id) => load::connection(&self.sql, id)?
                .map(|connection| -> Result<Shown> {
                    let view = load::of_connections(&self.sql, std::slice::from_ref(&connection))?;
                    let held = &view.credentials;
                    let verdict = ConnectionVerdict::of(&user.user_id, &connection, held, &view.cutoffs, now);
                    Ok(Shown::of_connection(&verdict))
                })
                .transpose()?,
            Subject::Token(id) => load::token_of(&self.sql, id)?
                .map(|token| -> Result<Shown> {
                    let view = load::of_tokens(&self.sql, std::slice::from_ref(&token))?;
                    let standing = view.status(&token, now);
                    Ok(Shown::of_token(&Verdict::of(&user.user_id, &token, standing, now)))
                })
                .transpose()?,
        })
    }

    /// What a ticket shows that reads this and ends then.
    pub(super) fn show(&self, subject: &Subject, until: Timestamp) -> Result<Option<Status>> {
        let shown = self.shown(subject)?;
        Ok(shown.map(|shown| Status { text: shown.body(until).text(), tag: shown.tag().to_owned() }))
    }
}

/// Tells a follower what there is, and writes down that it was told.
fn tell(socket: &LiveSocket, follower: Follower, shown: &Shown) -> Result<()> {
    socket.send(&shown.body(follower.until).text()).map_err(Fault::from)?;
    let told = Follower { told: shown.tag().to_owned(), ..follower };
    socket.attach(&packed::to_text(&told)).map_err(Fault::from)
}

/// Ends a WebSocket; one that has ended already stays so.
fn hang_up(socket: &LiveSocket, code: u16, reason: &str) {
    let _ = socket.close(code, reason);
}

/// Ends a WebSocket on which somebody said what nobody listens to.
pub(super) fn refuse(socket: &LiveSocket) {
    hang_up(socket, POLICY, "only ping is answered");
}

fn respond(status: u16, socket: Option<&LiveSocket>) -> Result<Response> {
    let init = JsObject::new();
    Reflect::set(&init, &"status".into(), &status.into()).map_err(Fault::from)?;
    if let Some(socket) = socket {
        Reflect::set(&init, &"webSocket".into(), socket).map_err(Fault::from)?;
    }
    Response::new_with_opt_str_and_init(None, &init.unchecked_into()).map_err(Fault::from)
}
