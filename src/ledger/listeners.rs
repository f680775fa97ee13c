//! Webhooks: telling each endpoint what happened, in the order in which it happened to this user.
//!
//! For each endpoint the ledger keeps how far it is. The next event goes out once the one before has arrived, or was
//! given up. An event's id and body are the same however often it is sent.
//!
//! That endpoints were looked at up to an event is recorded only after they were: whatever ends this object meanwhile,
//! the next ring of the alarm goes on where each of them is. All endpoints are told at once, so that none waits for
//! another but for the end of a ring, which comes in a bounded time.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;

use super::Ledger;
use super::bind::Bind;
use super::fault::{Fault, Result};
use super::load;
use super::sql::Row;
use super::tasks::{Task, all};
use super::upstream::jitter;
use crate::core::event::Recorded;
use crate::core::webhook::{self, Delivery, Endpoint};
use crate::core::{Keyring, Slug, Timestamp};
use crate::platform::ledgers::Ledgers;
use crate::platform::wall;
use crate::platform::wire::Message;
use crate::upstream::webhooks::{self, Sent};

/// How many events one ring of the alarm sends to an endpoint.
const BATCH: u32 = 20;
/// How long a ring goes on with sending to an endpoint that answers slowly, in seconds.
const BUSY: i64 = 5;

/// How long an isolate takes the endpoints for granted at most, in seconds: the bound for one that was taken away.
const REMEMBERED: i64 = 10;

/// All endpoints, as of a time.
type Known = (Timestamp, Rc<Vec<Endpoint>>);

thread_local! {
    /// The endpoints. All ledgers of an isolate share it, so that the operator's is not asked by each.
    static ENDPOINTS: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// An endpoint, and how far it is.
struct Listener<'a> {
    endpoint: &'a Endpoint,
    /// The last event that it got, or was not to get.
    seq: u64,
    /// How often the next one was sent.
    attempts: u32,
    /// How many events this ring may still send.
    room: u32,
}

/// What came of sending to endpoints.
#[derive(Default)]
struct Told {
    deliveries: Vec<Delivery>,
    /// Who wants no more, and why.
    unwanted: Vec<(Slug, String)>,
}

impl Ledger {
    /// Tells endpoints what they were not told yet.
    pub(super) async fn tell_endpoints(&self) -> Result<()> {
        let now = self.now();
        let newest = self.sql.first("SELECT COALESCE(MAX(seq), 0) FROM events", &[], Row::integer).unwrap_or_default();
        let due = "SELECT 1 FROM listeners WHERE due_at <= ? UNION ALL \
            SELECT 1 WHERE ? > (SELECT COALESCE(MAX(seq), 0) FROM told)";
        let is_due = self.sql.finds(due, &[now.into(), newest.into()]);
        self.sql.outcome()?;
        let Some(ledgers) = Ledgers::of(&self.env).filter(|_| is_due) else {
            return Ok(());
        };
        let endpoints = self.endpoints_now(&ledgers).await?;
        let keyring = self.keyring()?;
        let told = RefCell::default();
        let mut telling: Vec<Task> = Vec::new();
        for listener in self.listeners(&endpoints, now)? {
            telling.push(Box::pin(self.tell(listener, &keyring, &told)));
        }
        let outcome = all(telling).await;
        let Told { deliveries, unwanted } = told.into_inner();
        if !deliveries.is_empty() {
            let changes = !unwanted.is_empty();
            // The log is for people to look at; what it misses was sent all the same.
            let _ = JsFuture::from(ledgers.tell_operator(&Message::Delivered(deliveries, unwanted))).await;
            if changes {
                // Whoever wants no more is not to be sent what else is due, because it was remembered otherwise.
                ENDPOINTS.set(None);
            }
        }
        outcome?;
        self.sql.execute("INSERT OR REPLACE INTO told (only, seq) VALUES (1, ?)", &[newest.into()]);
        self.sql.outcome()
    }

    /// The endpoints, as they were after the last event was recorded, and are but for some seconds.
    async fn endpoints_now(&self, ledgers: &Ledgers) -> Result<Rc<Vec<Endpoint>>> {
        let since = load::last_told(&self.sql).unwrap_or(Timestamp::from_micros(0));
        self.sql.outcome()?;
        let asked_at = wall();
        if let Some((at, endpoints)) = ENDPOINTS.with_borrow(Option::clone)
            && at > since
            && at.plus_seconds(REMEMBERED) > asked_at
        {
            return Ok(endpoints);
        }
        let endpoints: std::result::Result<Vec<Endpoint>, _> = ledgers.operator(&Message::Endpoints).await;
        let endpoints = Rc::new(endpoints.map_err(|_| Fault("the operator's ledger did not answer".to_owned()))?);
        ENDPOINTS.set(Some((asked_at, endpoints.clone())));
        Ok(endpoints)
    }

    /// The endpoints that something may be sent to now. Those that are new begin with what happened since they were made.
    fn listeners<'a>(&self, endpoints: &'a [Endpoint], now: Timestamp) -> Result<Vec<Listener<'a>>> {
        let mut listeners = Vec::new();
        self.sql.transaction(&mut || {
            let known =
                self.sql.query("SELECT endpoint, since FROM listeners", &[], |row| (row.text(), row.optional_time()));
            for (name, since) in known {
                let same = |of: &Endpoint| of.name.as_str() == name && Some(of.created_at) == since;
                if !endpoints.iter().any(same) {
                    self.sql.execute("DELETE FROM listeners WHERE endpoint = ?", &[(&name).into()]);
                }
            }
            for endpoint in endpoints {
                let name = Bind::from(&endpoint.name);
                self.sql.execute(
                    "INSERT OR IGNORE INTO listeners (endpoint, since, seq)
                     VALUES (?1, ?2, (SELECT COALESCE(MAX(seq), 0) FROM events WHERE told_at < ?2))",
                    &[name, endpoint.created_at.into()],
                );
                if endpoint.disabled.is_some() {
                    self.sql.execute("UPDATE listeners SET due_at = NULL WHERE endpoint = ?", &[name]);
                    continue;
                }
                let statement = "SELECT seq, attempts FROM listeners WHERE endpoint = ? AND COALESCE(due_at, 0) <= ?";
                let place = self.sql.first(statement, &[name, now.into()], |row| (row.count(), row.number()));
                listeners.extend(place.map(|(seq, attempts)| Listener { endpoint, seq, attempts, room: BATCH }));
            }
        });
        self.sql.outcome()?;
        Ok(listeners)
    }

    /// Sends an endpoint what it has not got yet, one after the other.
    async fn tell(&self, mut listener: Listener<'_>, keyring: &Keyring, told: &RefCell<Told>) -> Result<()> {
        let busy_until = wall().plus_seconds(BUSY);
        while let Some(recorded) = self.next_for(&mut listener, busy_until)? {
            let (id, body) = (recorded.id(), webhook::body(&recorded));
            let sent = webhooks::send(&self.env, keyring, listener.endpoint, &id, &body).await;
            if !self.sent(&mut listener, &recorded, sent, &mut told.borrow_mut()) {
                break;
            }
        }
        self.sql.outcome()
    }

    /// What an endpoint is to be sent next, if there is room for it in this ring. What it does not want is passed over.
    fn next_for(&self, listener: &mut Listener, busy_until: Timestamp) -> Result<Option<Recorded>> {
        let mut wanted = None;
        let mut again = None;
        while let Some((told_at, recorded)) = load::event_after(&self.sql, listener.seq) {
            if listener.room == 0 || wall() >= busy_until {
                again = Some(wall());
                break;
            }
            listener.room = listener.room.saturating_sub(1);
            if listener.endpoint.wants(recorded.event.event_type, told_at) {
                wanted = Some(recorded);
                break;
            }
            listener.pass(&recorded);
        }
        if wanted.is_none() {
            if again.is_none() {
                // What was tried before may be past its retention: what comes next was not.
                listener.attempts = 0;
            }
            self.at(listener, again);
        }
        self.sql.outcome()?;
        Ok(wanted)
    }

    /// Records how far an endpoint is, and when it is told more.
    fn at(&self, listener: &Listener, due_at: Option<Timestamp>) {
        self.sql.execute(
            "UPDATE listeners SET seq = ?, attempts = ?, due_at = ? WHERE endpoint = ?",
            &[listener.seq.into(), listener.attempts.into(), due_at.into(), (&listener.endpoint.name).into()],
        );
    }

    /// Records what came of sending an event, and says whether to go on.
    fn sent(&self, listener: &mut Listener, recorded: &Recorded, sent: Sent, told: &mut Told) -> bool {
        let Sent { status, error, slow_down } = sent;
        let name = &listener.endpoint.name;
        let attempt = listener.attempts.saturating_add(1);
        let is_gone = status == Some(410);
        let mut next_at = None;
        if error.is_some() && !is_gone {
            let slow_down = slow_down.map_or(0, i64::from);
            next_at = webhook::next(wall(), attempt, self.settings.webhook_retry, jitter())
                .map(|next| next.max(wall().plus_seconds(slow_down)));
        }
        told.deliveries.push(Delivery {
            endpoint: name.clone(),
            event_id: recorded.id(),
            event_type: recorded.event.event_type.as_str().to_owned(),
            at: wall(),
            attempt,
            status: status.map(u32::from),
            error,
            next_at,
        });
        if is_gone {
            told.unwanted.push((name.clone(), "answered 410 Gone".to_owned()));
        } else if next_at.is_some() {
            listener.attempts = attempt;
        } else {
            listener.pass(recorded);
        }
        self.at(listener, next_at);
        !is_gone && next_at.is_none()
    }
}

impl Listener<'_> {
    /// This event has arrived, or was given up, or is not wanted.
    const fn pass(&mut self, recorded: &Recorded) {
        self.seq = recorded.seq;
        self.attempts = 0;
    }
}
