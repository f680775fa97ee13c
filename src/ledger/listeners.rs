//! Webhooks: telling each endpoint what happened, in the order in which it happened to this user.
//!
//! For each endpoint the ledger keeps how far it is. The next event goes out once the one before has arrived, or was
//! given up. An event's id and body are the same however often it is sent.
//!
//! That endpoints were looked at up to an event is recorded only after they were: whatever ends this object meanwhile,
//! the next ring of the alarm goes on where each of them is. All endpoints are told at once, so that none waits for
//! another but for the end of a ring, which comes in a bounded time.

use std::cell::RefCell;

use super::Ledger;
use super::fault::{Fault, Result};
use super::load;
use super::sql::{Bind, Row};
use super::upstream::jitter;
use crate::core::event::Recorded;
use crate::core::webhook::{self, Delivery, Endpoint};
use crate::core::{Keyring, Slug, Timestamp};
use crate::platform::ledgers::Ledgers;
use crate::platform::wire::Message;
use crate::platform::{all, wall};
use crate::upstream::webhooks::{self, Sent};

/// How many events one ring of the alarm sends to an endpoint.
const BATCH: i64 = 20;
/// How long a ring goes on with sending to an endpoint that answers slowly, in seconds.
const BUSY: i64 = 5;

/// How long an isolate takes the endpoints for granted at most, in seconds: the bound for one that was taken away.
const REMEMBERED: i64 = 10;

thread_local! {
    /// The endpoints, and as of when. All ledgers of an isolate share it, so that the operator's is not asked by each.
    static ENDPOINTS: RefCell<Option<(Timestamp, Vec<Endpoint>)>> = const { RefCell::new(None) };
}

/// An endpoint, and how far it is.
struct Listener {
    endpoint: Endpoint,
    seq: i64,
    attempts: u32,
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
        let now = self.now(true)?;
        let newest = self.number("SELECT COALESCE(MAX(seq), 0) FROM events")?;
        let due = "SELECT COUNT(*) FROM listeners WHERE due_at <= ?";
        let due = self.sql.first(due, &[now.into()], Row::integer)?.unwrap_or_default();
        if newest <= self.number("SELECT COALESCE(MAX(seq), 0) FROM told")? && due == 0 {
            return Ok(());
        }
        let Some(ledgers) = Ledgers::of(&self.env) else {
            return Ok(());
        };
        let endpoints = self.endpoints_now(&ledgers).await?;
        let listeners = self.listeners(endpoints, now)?;
        let keyring = self.keyring()?;
        let mut told = Told::default();
        let mut failed = Ok(());
        for (heard, outcome) in all(listeners.into_iter().map(|of| self.tell(of, &keyring)).collect()).await {
            told.deliveries.extend(heard.deliveries);
            told.unwanted.extend(heard.unwanted);
            failed = failed.and(outcome);
        }
        if !told.deliveries.is_empty() {
            // The log is for people to look at; what it misses was sent all the same.
            let changes = !told.unwanted.is_empty();
            let message = Message::Delivered(told.deliveries, told.unwanted);
            let _: std::result::Result<bool, _> = ledgers.operator(&message).await;
            if changes {
                // Whoever wants no more is not to be sent what else is due, because it was remembered otherwise.
                ENDPOINTS.with(|known| known.replace(None));
            }
        }
        failed?;
        let statement =
            "INSERT INTO told (only, seq) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET seq = excluded.seq";
        self.sql.execute(statement, &[newest.into()])?;
        Ok(())
    }

    /// The endpoints, as they were after the last event was recorded, and are but for some seconds.
    async fn endpoints_now(&self, ledgers: &Ledgers) -> Result<Vec<Endpoint>> {
        let since = load::last_told(&self.sql)?.unwrap_or(Timestamp::from_micros(0));
        let asked_at = wall();
        let known = ENDPOINTS.with(|known| known.borrow().clone());
        if let Some((at, endpoints)) = known
            && at > since
            && at.plus_seconds(REMEMBERED) > asked_at
        {
            return Ok(endpoints);
        }
        let endpoints: std::result::Result<Vec<Endpoint>, _> = ledgers.operator(&Message::Endpoints).await;
        let endpoints = endpoints.map_err(|_| Fault("the operator's ledger did not answer".to_owned()))?;
        ENDPOINTS.with(|known| known.replace(Some((asked_at, endpoints.clone()))));
        Ok(endpoints)
    }

    fn number(&self, statement: &str) -> Result<i64> {
        Ok(self.sql.first(statement, &[], Row::integer)?.unwrap_or_default())
    }

    /// The endpoints that something may be sent to now. Those that are new begin with what happened since they were made.
    fn listeners(&self, endpoints: Vec<Endpoint>, now: Timestamp) -> Result<Vec<Listener>> {
        let mut listeners = Vec::new();
        self.storage.transaction(&mut || {
            let known = self.sql.query("SELECT endpoint, since FROM listeners", &[], |row| (row.text(), row.time()))?;
            for (name, since) in known {
                let same = |endpoint: &Endpoint| endpoint.name.as_str() == name && endpoint.created_at == since;
                if !endpoints.iter().any(same) {
                    self.sql.execute("DELETE FROM listeners WHERE endpoint = ?", &[name.as_str().into()])?;
                }
            }
            for endpoint in &endpoints {
                self.sql.execute(
                    "INSERT OR IGNORE INTO listeners (endpoint, since, seq)
                     VALUES (?1, ?2, (SELECT COALESCE(MAX(seq), 0) FROM events WHERE told_at < ?2))",
                    &[endpoint.name.as_str().into(), endpoint.created_at.into()],
                )?;
            }
            Ok(())
        })?;
        for endpoint in endpoints {
            let name = Bind::from(endpoint.name.as_str());
            if endpoint.disabled.is_some() {
                self.sql.execute("UPDATE listeners SET due_at = NULL WHERE endpoint = ?", &[name])?;
                continue;
            }
            let statement = "SELECT seq, attempts FROM listeners WHERE endpoint = ? AND COALESCE(due_at, 0) <= ?";
            let place = self.sql.first(statement, &[name, now.into()], |row| (row.integer(), row.number()))?;
            if let Some((seq, attempts)) = place {
                listeners.push(Listener { endpoint, seq, attempts });
            }
        }
        Ok(listeners)
    }

    /// Sends an endpoint what it has not got yet, one after the other.
    async fn tell(&self, listener: Listener, keyring: &Keyring) -> (Told, Result<()>) {
        let mut told = Told::default();
        let outcome = self.tell_all(listener, keyring, &mut told).await;
        (told, outcome)
    }

    async fn tell_all(&self, mut listener: Listener, keyring: &Keyring, told: &mut Told) -> Result<()> {
        let busy_until = wall().plus_seconds(BUSY);
        let events = load::events_after(&self.sql, listener.seq, BATCH)?;
        let mut left = i64::try_from(events.len()).unwrap_or_default() == BATCH;
        if events.is_empty() {
            // Nothing is left to send: it was sent already, or is past its retention.
            return self.at(&Listener { attempts: 0, ..listener }, None);
        }
        for (told_at, recorded) in events {
            if wall() >= busy_until {
                left = true;
                break;
            }
            if listener.endpoint.wants(recorded.event.event_type, told_at) {
                let (delivery, gone) = self.deliver(&listener, &recorded, keyring).await;
                let again = delivery.next_at;
                let attempts = delivery.attempt;
                told.deliveries.push(delivery);
                if gone {
                    let reason = "answered 410 Gone".to_owned();
                    told.unwanted.push((listener.endpoint.name.clone(), reason));
                    return self.at(&listener, None);
                }
                if again.is_some() {
                    listener.attempts = attempts;
                    return self.at(&listener, again);
                }
            }
            listener.seq = i64::try_from(recorded.seq).unwrap_or(listener.seq);
            listener.attempts = 0;
            self.at(&listener, None)?;
        }
        if left { self.at(&listener, Some(wall())) } else { Ok(()) }
    }

    /// Records how far an endpoint is, and when it is told more.
    fn at(&self, listener: &Listener, due_at: Option<Timestamp>) -> Result<()> {
        self.sql.execute(
            "UPDATE listeners SET seq = ?, attempts = ?, due_at = ? WHERE endpoint = ?",
            &[
                listener.seq.into(),
                i64::from(listener.attempts).into(),
                due_at.into(),
                listener.endpoint.name.as_str().into(),
            ],
        )?;
        Ok(())
    }

    /// Sends one event, and says whether the endpoint wants no more.
    async fn deliver(&self, listener: &Listener, recorded: &Recorded, keyring: &Keyring) -> (Delivery, bool) {
        let endpoint = &listener.endpoint;
        let (id, body) = (recorded.id(), webhook::body(recorded));
        let Sent { status, error, slow_down } = webhooks::send(&self.env, keyring, endpoint, &id, &body).await;
        let attempt = listener.attempts.saturating_add(1);
        let gone = status == Some(410);
        let next_at = error.as_ref().filter(|_| !gone).and_then(|_| {
            let next = webhook::next(wall(), attempt, self.settings.webhook_retry, jitter())?;
            Some(slow_down.map_or(next, |seconds| next.max(wall().plus_seconds(i64::from(seconds)))))
        });
        let delivery = Delivery {
            endpoint: endpoint.name.clone(),
            event_id: id,
            event_type: recorded.event.event_type.as_str().to_owned(),
            at: wall(),
            attempt,
            status: status.map(u32::from),
            error,
            next_at,
        };
        (delivery, gone)
    }
}
