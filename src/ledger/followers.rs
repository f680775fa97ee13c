//! Followers of a status ticket: each is told what it shows, from then on, over a WebSocket (RFC 6455).
//!
//! The platform holds them while the object sleeps, answers their pings without waking it, and keeps what is attached to
//! each. What is said is what was committed: the platform holds messages back, too, until what was written is on disk.

use std::cell::Cell;

use js_sys::{Array, Map};
use wasm_bindgen::prelude::*;
use web_sys::Response;

use super::fault::{Fault, Result};
use super::storage::ObjectState;
use super::{Ledger, load};
use crate::core::json::Object;
use crate::core::ticket::Subject;
use crate::core::{Shown, Timestamp, Verdict};
use crate::platform::wire::{Follower, Status};
use crate::platform::{self, host, packed, wall};

/// The most followers of what is in one ledger.
const FOLLOWERS_MAX: u32 = 5_000;
/// A WebSocket that is open: neither end has hung up.
const OPEN: u16 = 1;
/// The ticket has ended: a code of our own (RFC 6455 §7.4.2).
const ENDED: u16 = 4_001;
/// Said to who says anything else: RFC 6455 §7.4.1.
const POLICY: u16 = 1_008;
/// Said where we do not know what to say.
const FAULT: u16 = 1_011;

#[wasm_bindgen]
extern "C" {
    /// One end of a WebSocket.
    pub type LiveSocket;

    #[wasm_bindgen(method, getter, js_name = readyState)]
    fn ready_state(this: &LiveSocket) -> u16;

    #[wasm_bindgen(method, catch, js_name = deserializeAttachment)]
    fn attached(this: &LiveSocket) -> std::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getWebSockets)]
    fn sockets(this: &ObjectState) -> std::result::Result<Array, JsValue>;
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

    /// All who have not hung up, and on whom nobody has; each with what is attached to it.
    fn all(&self) -> Result<Vec<(LiveSocket, Follower)>> {
        if !self.any.get() {
            return Ok(Vec::new());
        }
        let sockets = self.state.sockets().map_err(Fault::from)?;
        self.any.set(sockets.length() > 0);
        let mut followers = Vec::new();
        for socket in sockets.iter().map(JsCast::unchecked_into::<LiveSocket>) {
            if socket.ready_state() != OPEN {
                continue;
            }
            let attached = socket.attached().ok().and_then(|attached| attached.as_string());
            match attached.and_then(|attached| packed::from_text(&attached)) {
                Some(follower) => followers.push((socket, follower)),
                // Of another version: it comes again, and is attached anew.
                None => come_again(&socket),
            }
        }
        Ok(followers)
    }
}

impl Ledger {
    /// Takes a follower, and tells it what there is. Answers with the other end of the WebSocket; 404 where there is
    /// nothing to follow, and 503 where there is no room for one more, or its ticket ended on the way.
    pub(super) fn follow(&self, follower: &str) -> Result<Response> {
        let follower: Follower =
            packed::from_text(follower).ok_or_else(|| Fault("a follower of another version".to_owned()))?;
        let state = &self.followers.state;
        let is_full = state.sockets().map_err(Fault::from)?.length() >= FOLLOWERS_MAX;
        if is_full || follower.until <= wall() {
            return respond(503);
        }
        let shown = self.shown(&follower.subject);
        self.sql.outcome()?;
        let Some(shown) = shown else {
            return respond(404);
        };
        self.followers.any.set(true);
        // The alarm is to ring when the ticket ends.
        let first_end = self.followers.first_end.get();
        self.followers.first_end.set(first_end.map(|first| first.min(follower.until)));
        self.wrote.set(true);
        let (text, attached) = said(follower, &shown);
        Ok(host::accept(state, &text, &attached))
    }

    /// Tells each follower what has changed for it. What was committed stays so, whatever fails here: who cannot be told
    /// is hung up on, and comes again.
    pub(super) fn tell_followers(&self) {
        let followers = self.followers_now();
        if let Err(fault) = self.sql.outcome() {
            super::log("followers", fault);
        }
        let now = wall();
        // What is shown of each subject, and its place in there.
        let mut known: Vec<Option<Shown>> = Vec::new();
        let places = Map::new();
        for (socket, follower) in followers {
            if follower.until <= now {
                end(&socket);
                continue;
            }
            let id = JsValue::from(follower.subject.id());
            if !places.has(&id) {
                places.set(&id, &JsValue::from(u32::try_from(known.len()).unwrap_or(u32::MAX)));
                let shown = self.shown(&follower.subject);
                let is_sound = self.sql.outcome().is_ok();
                known.push(shown.filter(|_| is_sound));
            }
            match known.get(place(&places.get(&id))) {
                Some(Some(shown)) if shown.tag() == follower.told => {}
                Some(Some(shown)) => {
                    let (text, attached) = said(follower, shown);
                    if !host::tell(&socket, &text, &attached) {
                        come_again(&socket);
                    }
                }
                _ => come_again(&socket),
            }
        }
    }

    /// Hangs up on those whose tickets have ended.
    pub(super) fn end_tickets(&self) {
        for (socket, follower) in self.followers_now() {
            if follower.until <= wall() {
                end(&socket);
            }
        }
        self.followers.first_end.set(None);
    }

    /// When the first of their tickets ends.
    pub(super) fn first_end(&self) -> Option<Timestamp> {
        if self.followers.first_end.get().is_none() {
            let ends = self.followers_now().into_iter().map(|(_, follower)| follower.until);
            self.followers.first_end.set(ends.min());
        }
        self.followers.first_end.get()
    }

    fn followers_now(&self) -> Vec<(LiveSocket, Follower)> {
        self.followers.all().unwrap_or_else(|fault| {
            self.sql.fail(fault);
            Vec::new()
        })
    }

    /// What a ticket shows that reads this; none, where it is not there any more.
    fn shown(&self, subject: &Subject) -> Option<Shown> {
        if !self.exists() {
            return None;
        }
        let now = self.now();
        match subject {
            Subject::Connection(id) => Some(Shown::of_connection(&self.verdict_on(id, now)?)),
            Subject::Token(id) => {
                let mut view = load::basis(&self.sql);
                let (user, token) = (view.user.take()?, load::token_of(&self.sql, id)?);
                load::above(&self.sql, &token, &mut view.connections);
                Some(Shown::of_token(&Verdict::of(&user.user_id, &token, view.status(&token, now), now)))
            }
        }
    }

    /// What a ticket shows that reads this and ends then.
    pub(super) fn show(&self, subject: &Subject, until: Timestamp) -> Option<Status> {
        let shown = self.shown(subject)?;
        Some(Status { text: shown.body(until).text(), tag: shown.tag().to_owned() })
    }
}

/// A place that was put into a map.
fn place(value: &JsValue) -> usize {
    // A whole number, and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    value.as_f64().map_or(usize::MAX, |place| place as usize)
}

/// What a follower is told, and what is kept with it: that it was told.
fn said(follower: Follower, shown: &Shown) -> (String, String) {
    let text = shown.body(follower.until).text();
    (text, packed::to_text(&Follower { told: shown.tag().to_owned(), ..follower }))
}

/// Hangs up on a follower whose ticket has ended.
fn end(socket: &LiveSocket) {
    host::hang_up(socket, ENDED, "ticket_expired");
}

/// Hangs up on a follower that is to come again.
fn come_again(socket: &LiveSocket) {
    host::hang_up(socket, FAULT, "come again");
}

/// Hangs up on a follower that said what nobody listens to.
pub(super) fn refuse(socket: &LiveSocket) {
    host::hang_up(socket, POLICY, "only ping is answered");
}

/// Hangs up on a follower that has hung up, in its own words.
pub(super) fn farewell(socket: &LiveSocket, code: u16) {
    host::hang_up(socket, code, "");
}

fn respond(status: u16) -> Result<Response> {
    let init = Object::new().with("status", u64::from(status));
    let init = platform::object(&init).map_err(Fault::from)?;
    Response::new_with_opt_str_and_init(None, &init).map_err(Fault::from)
}
