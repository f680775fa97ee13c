//! The Durable Object that holds everything about one user, and the only place where a state changes.
//!
//! **Why it is atomic.** One user's requests all meet in one object, which runs on one thread. Between the first read
//! of a request and the last write nothing is awaited, so no other request sees or changes anything in between, and
//! the writes go through one `transactionSync`: they are stored together or not at all, whatever fails. The platform
//! holds the answer back until they are on disk.
//!
//! Everything that may be slow or fail (the copy in KV) is written down in the same transaction, as a row of the
//! outbox, and done later by the alarm. The object's storage stays empty until its user is put, so that asking for
//! users who do not exist costs nothing to keep.

mod alarm;
mod bind;
mod clock;
mod commit;
mod credentials;
mod external_id;
mod fault;
mod followers;
mod listeners;
mod live;
mod load;
mod operator;
mod outbox;
mod reseal;
mod rows;
mod schema;
mod settings;
mod sql;
mod storage;
mod tasks;
mod upstream;
mod work;

use std::cell::Cell;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, Response};
use worker::Env;

use self::alarm::Alarm;
use self::bind::Bind;
use self::clock::Clock;
use self::commit::Remembered;
use self::fault::{Fault, Result};
use self::followers::{Followers, LiveSocket};
use self::settings::Settings;
use self::sql::Sql;
use self::storage::ObjectState;
use crate::core;
use crate::core::decide::Decision;
use crate::core::json::Object;
use crate::core::pack::{Pack, unpack};
use crate::core::view::{Change, Writes};
use crate::core::{Answer, Timestamp};
use crate::platform::wall;
use crate::platform::wire::Message;

/// One user's ledger: a Durable Object, exported as it is for the same reason as [`crate::edge::fetch`].
#[wasm_bindgen]
pub struct Ledger {
    env: Env,
    sql: Sql,
    settings: Settings,
    clock: Clock,
    /// Whether the tables are there and of this version.
    migrated: Cell<bool>,
    alarm: Alarm,
    /// Whether something was written since the alarm was last set.
    wrote: Cell<bool>,
    /// Whether nothing is left, as far as is known, that an earlier secret has sealed.
    resealed: Cell<bool>,
    followers: Followers,
}

#[wasm_bindgen]
impl Ledger {
    /// The object, as the platform wakes it.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(state: ObjectState, env: Env) -> Self {
        Self {
            sql: Sql::of(state.storage()),
            settings: Settings::read(&env),
            clock: Clock::default(),
            migrated: Cell::new(false),
            alarm: Alarm::of(state.storage()),
            wrote: Cell::new(true),
            resealed: Cell::new(false),
            followers: Followers::of(state),
            env,
        }
    }

    /// Answers a message of the edge.
    ///
    /// # Errors
    /// Where storage failed. Nothing was written then, unless it was only the alarm that could not be set.
    pub async fn fetch(&self, request: Request) -> std::result::Result<Response, JsValue> {
        let looking = Array::of2(&request.array_buffer()?.into(), &self.alarm.look()?);
        let looked: Array = JsFuture::from(Promise::all(&looking)).await?.unchecked_into();
        let message = Uint8Array::new(&looked.get(0)).to_vec();
        self.alarm.learn(&looked.get(1));
        let response = self.respond(&request, &message);
        // Also where something failed after it was written.
        if self.wrote.get() {
            self.set_alarm().await?;
        }
        response
    }

    /// A follower says something, other than what the platform answers by itself.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn web_socket_message(&self, socket: &LiveSocket) {
        followers::refuse(socket);
    }

    /// A follower hangs up: so does the ledger, which ends the WebSocket (RFC 6455 §7.1.1).
    #[wasm_bindgen(js_name = webSocketClose)]
    pub fn web_socket_close(&self, socket: &LiveSocket, code: u16) {
        followers::farewell(socket, code);
    }

    /// Does what is due.
    ///
    /// # Errors
    /// Where not even the next alarm could be set: the platform rings again by itself, a few times.
    pub async fn alarm(&self) -> std::result::Result<(), JsValue> {
        self.alarm.rings();
        if let Err(fault) = self.work().await {
            // Where not even the tables could be looked at, nobody knows what is due.
            if !self.migrated.get() {
                return Err(fault.into());
            }
            log("alarm", fault);
            self.alarm.rest_until(wall().plus_seconds(work::REST));
        }
        Ok(self.set_alarm().await?)
    }
}

impl Ledger {
    fn respond(&self, request: &Request, message: &[u8]) -> std::result::Result<Response, JsValue> {
        // Only who wants to follow has nothing to say but where it asks.
        if message.is_empty() {
            let url = request.url();
            return Ok(self.follow(url.rsplit('/').next().unwrap_or_default())?);
        }
        Response::new_with_opt_u8_array(Some(&mut self.answer(message)?))
    }

    fn answer(&self, message: &[u8]) -> Result<Vec<u8>> {
        let message = unpack(message).ok_or_else(|| Fault("a message of another version".to_owned()))?;
        let mut answer = Vec::new();
        let to = &mut answer;
        match &message {
            Message::Authenticate(key) => self.authenticate(key).pack(to),
            Message::Run(request) => self.run(request).pack(to),
            Message::App => self.app().pack(to),
            Message::Holder => self.holder().pack(to),
            Message::Confirm(user_id) => self.confirm(user_id).pack(to),
            Message::Claim(user_id, instead_of) => Some(self.claim(user_id, instead_of.as_ref())).pack(to),
            Message::Due(id) => self.due_of(id).pack(to),
            Message::Settle(id, reports) => self.settle(id, reports).pack(to),
            Message::Provider(slug) => self.provider(slug).pack(to),
            Message::Endpoints => self.endpoints().pack(to),
            Message::Delivered(deliveries, unwanted) => self.delivered(deliveries, unwanted).pack(to),
            Message::List(revocation) => self.list(revocation).pack(to),
            Message::Unlist(id) => self.unlist(id).pack(to),
            Message::Show(subject, until) => self.show(subject, *until).pack(to),
        }
        self.sql.outcome()?;
        Ok(answer)
    }

    /// Decides a request and commits what was decided. No await in here: this is the atomic part.
    fn run(&self, request: &core::Request) -> Answer {
        let exists = self.exists();
        let now = self.now();
        let view = if exists { load::view(&self.sql, request, now) } else { core::View::default() };
        let Decision { writes, remember, answer } = core::decide(view, request, now);
        let earlier = remember.then(|| Remembered::of(request, &answer)).flatten();
        self.commit(&writes, earlier.as_ref(), now);
        answer
    }

    fn authenticate(&self, key: &core::Digest) -> Option<core::answer::Authenticated> {
        if !self.exists() {
            return None;
        }
        let now = self.now();
        core::decide::authenticate(&load::key(&self.sql, key), now)
    }

    fn app(&self) -> Option<core::App> {
        if self.exists() { load::app(&self.sql) } else { None }
    }

    /// Writes all of it, or nothing.
    fn commit(&self, writes: &Writes, earlier: Option<&Remembered>, now: Timestamp) {
        if writes.is_empty() && earlier.is_none() {
            return;
        }
        let written = self.write(now, &mut || commit::write(&self.sql, writes, earlier, now));
        if written && writes.changes.iter().any(Change::shows) {
            self.tell_followers();
        }
    }

    /// Writes by one statement.
    fn put(&self, statement: &str, binds: &[Bind]) -> bool {
        self.write(wall(), &mut || {
            self.sql.execute(statement, binds);
        })
    }

    /// Writes in one transaction, into tables that are there and of this version. Says whether it was committed.
    fn write(&self, now: Timestamp, body: &mut dyn FnMut()) -> bool {
        self.sql.transaction(&mut || {
            if !self.migrated.get() {
                schema::migrate(&self.sql, now);
            }
            body();
        });
        let written = self.sql.is_sound();
        if written {
            self.migrated.set(true);
            self.wrote.set(true);
        }
        written
    }

    /// Whether a user was ever put here. Brings an older schema up to date.
    fn exists(&self) -> bool {
        if !self.migrated.get() && schema::exists(&self.sql) {
            self.sql.transaction(&mut || schema::migrate(&self.sql, wall()));
            self.migrated.set(self.sql.is_sound());
        }
        self.migrated.get()
    }

    /// The ledger's time: after everything that it has recorded, and that this object has said.
    fn now(&self) -> Timestamp {
        let is_known = self.clock.runs() || !self.migrated.get();
        let recorded = if is_known { None } else { load::last_told(&self.sql) };
        // What could not be read is looked for again, by the next request.
        if self.sql.is_sound() { self.clock.now(recorded) } else { wall() }
    }
}

fn log(message: &str, fault: Fault) {
    let line = Object::new().with("level", "error").with("message", message).with("error", fault.0);
    worker::console_error!("{}", line.text());
}
