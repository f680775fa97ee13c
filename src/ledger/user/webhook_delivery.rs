//! Delivery of events to webhook endpoints, in the order in which they happened to this user.
//!
//! The ledger stores how far each endpoint is. The next event is sent once the event before it was delivered or given
//! up. The id and the body of an event are the same in every attempt. If the object stops in between, the next ring
//! goes on where each endpoint is.

use std::cell::RefCell;

use futures_util::future::join_all;

use super::alarm_jobs::Job;
use super::rows::{self, EVENTS};
use crate::core::decide::operator::{RecordDeliveries, Unsubscription};
use crate::core::event::RecordedEvent;
use crate::core::webhook::{self, Delivery, Endpoint};
use crate::core::{Keyring, Timestamp};
use crate::ledger::alarm::ask_operator;
use crate::ledger::error::StorageError;
use crate::ledger::sql::Row;
use crate::upstream::webhooks::{WebhookMessage, WebhookResult, WebhookSender};

/// How many events one ring sends to an endpoint.
const BATCH: u32 = 20;
/// How long one ring goes on sending to an endpoint that answers slowly, in seconds.
const BUSY_SECONDS: i64 = 5;

/// An endpoint and how far it is.
struct Cursor<'a> {
    endpoint: &'a Endpoint,
    /// The last event that was delivered, given up or not subscribed to.
    seq: u64,
    /// How many times the next event was sent.
    attempts: u32,
}

/// Sends events to all endpoints at once, and reports the deliveries to the operator's ledger.
pub(super) async fn deliver(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let newest = "SELECT seq, recorded_at FROM events ORDER BY seq DESC LIMIT 1";
    let newest = job.sql.run(newest, &[])?.first(|row| Ok((row.count()?, row.time()?)))?;
    let Some((newest, recorded_at)) = newest else {
        return Ok(None);
    };
    let has_due = "SELECT 1 FROM webhook_cursors WHERE due_at <= ? LIMIT 1";
    let has_due = !job.sql.run(has_due, &[job.platform.now().into()])?.is_empty();
    if newest <= job.ledger.served_up_to.get() && !has_due {
        return Ok(None);
    }
    let known = job.platform.endpoints().read(job.platform, job.settings).await?;
    let next = send_to_all(job, &known.endpoints, newest).await?;
    if known.has_enabled() && known.asked_at < recorded_at {
        // An endpoint that was created in between is not known yet.
        let known_until = known.asked_at.plus_seconds(job.settings.webhook_cache);
        return Ok(Some(next.map_or(known_until, |next| next.min(known_until))));
    }
    if next.is_none() {
        job.ledger.served_up_to.set(newest);
    }
    Ok(next)
}

/// Sends the events up to `newest` to the endpoints that are due. Returns when an endpoint is due next.
async fn send_to_all(job: &Job<'_>, endpoints: &[Endpoint], newest: u64) -> Result<Option<Timestamp>, StorageError> {
    let cursors = due_cursors(job, endpoints, newest)?;
    if cursors.is_empty() {
        return Ok(None);
    }
    let keyring = job.platform.keyring()?;
    let report = RefCell::new(RecordDeliveries { deliveries: Vec::new(), unsubscriptions: Vec::new() });
    let deliveries = cursors.into_iter().map(|cursor| send_batch(job, &keyring, cursor, &report));
    let outcomes = join_all(deliveries).await;
    let report = report.into_inner();
    if !report.unsubscriptions.is_empty() {
        job.platform.endpoints().clear();
    }
    if !report.deliveries.is_empty() {
        // The log of deliveries is for people: events are delivered although it may miss them.
        let _ = ask_operator(job.platform, report).await;
    }
    let mut next = None;
    for outcome in outcomes {
        next = next.into_iter().chain(outcome?).min();
    }
    Ok(next)
}

/// The endpoints that something may be sent to now. Rows of endpoints that were deleted are deleted.
fn due_cursors<'a>(job: &Job<'_>, endpoints: &'a [Endpoint], newest: u64) -> Result<Vec<Cursor<'a>>, StorageError> {
    let now = job.platform.now();
    let stored = job.sql.run("SELECT endpoint, since, seq, attempts, due_at FROM webhook_cursors", &[])?;
    let stored = stored.all(|row| Ok((row.text()?, row.time()?, row.count()?, row.number()?, row.optional_time()?)))?;
    let is_of = |(name, since, ..): &&(String, Timestamp, u64, u32, Option<Timestamp>), endpoint: &Endpoint| {
        endpoint.name.as_str() == name && endpoint.created_at == *since
    };
    for row in &stored {
        if !endpoints.iter().any(|endpoint| is_of(&row, endpoint)) {
            job.sql.run("DELETE FROM webhook_cursors WHERE endpoint = ?", &[(&row.0).into()])?;
        }
    }
    let mut cursors = Vec::new();
    for endpoint in endpoints {
        let stored = stored.iter().find(|row| is_of(row, endpoint));
        if endpoint.disabled.is_some() {
            // Events wait until the endpoint is enabled; no alarm waits for it.
            if let Some((name, .., Some(_))) = stored {
                job.sql.run("UPDATE webhook_cursors SET due_at = NULL WHERE endpoint = ?", &[name.into()])?;
            }
            continue;
        }
        let (seq, attempts, due_at) = match stored {
            Some((_, _, seq, attempts, due_at)) => (*seq, *attempts, *due_at),
            None => (events_before(job, endpoint.created_at)?, 0, None),
        };
        if seq < newest && due_at.is_none_or(|due_at| due_at <= now) {
            cursors.push(Cursor { endpoint, seq, attempts });
        }
    }
    Ok(cursors)
}

/// The number of the last event that was recorded before a time.
fn events_before(job: &Job<'_>, at: Timestamp) -> Result<u64, StorageError> {
    let statement = "SELECT seq FROM events WHERE recorded_at < ? ORDER BY seq DESC LIMIT 1";
    Ok(job.sql.run(statement, &[at.into()])?.first(Row::count)?.unwrap_or(0))
}

/// Sends a batch of events to one endpoint, one after another. Returns when it is due next.
async fn send_batch(
    job: &Job<'_>,
    keyring: &Keyring,
    mut cursor: Cursor<'_>,
    report: &RefCell<RecordDeliveries>,
) -> Result<Option<Timestamp>, StorageError> {
    let busy_until = job.platform.now().plus_seconds(BUSY_SECONDS);
    let statement = format!("{EVENTS} seq > ? ORDER BY seq LIMIT ?");
    let events = job.sql.run(&statement, &[cursor.seq.into(), BATCH.into()])?.all(rows::event)?;
    let is_full = u32::try_from(events.len()).is_ok_and(|count| count >= BATCH);
    let sender = WebhookSender { http: job.platform.http(), keyring, timeout: job.platform.webhook_timeout() };
    for (recorded_at, recorded) in &events {
        if !cursor.endpoint.subscribes_to(recorded.event.event_type, *recorded_at) {
            cursor.pass(recorded);
            continue;
        }
        let now = job.platform.now();
        if now >= busy_until {
            cursor.store(job, None)?;
            return Ok(Some(now));
        }
        let (event_id, body) = (recorded.id(), webhook::event_message(recorded));
        let message = WebhookMessage { event_id: &event_id, body: &body };
        let result = sender.send(cursor.endpoint, message, now).await;
        let is_gone = result.status == Some(410);
        let next_at = cursor.next_attempt(job, &result).filter(|_| !is_gone);
        report.borrow_mut().deliveries.push(cursor.delivery(recorded, &result, next_at, job.platform.now()));
        if is_gone {
            let reason = "answered 410 Gone".to_owned();
            let endpoint = cursor.endpoint.name.clone();
            report.borrow_mut().unsubscriptions.push(Unsubscription { endpoint, reason });
        }
        if is_gone || next_at.is_some() {
            cursor.attempts = if is_gone { 0 } else { cursor.attempts.saturating_add(1) };
            cursor.store(job, next_at)?;
            return Ok(next_at);
        }
        cursor.pass(recorded);
        cursor.store(job, None)?;
    }
    cursor.store(job, None)?;
    Ok(is_full.then(|| job.platform.now()))
}

impl Cursor<'_> {
    /// The event was delivered, was given up, or is not subscribed to.
    const fn pass(&mut self, recorded: &RecordedEvent) {
        self.seq = recorded.seq;
        self.attempts = 0;
    }

    /// When the event is sent again; `None` if it was delivered or is given up.
    fn next_attempt(&self, job: &Job<'_>, result: &WebhookResult) -> Option<Timestamp> {
        result.error.as_ref()?;
        let now = job.platform.now();
        let made = self.attempts.saturating_add(1);
        let next = webhook::next_attempt(now, made, job.settings.webhook_retry, job.platform.jitter())?;
        Some(next.max(now.plus_seconds(result.retry_after.map_or(0, i64::from))))
    }

    fn delivery(
        &self,
        recorded: &RecordedEvent,
        result: &WebhookResult,
        next_at: Option<Timestamp>,
        at: Timestamp,
    ) -> Delivery {
        Delivery {
            endpoint: self.endpoint.name.clone(),
            event_id: recorded.id(),
            event_type: recorded.event.event_type.as_str().to_owned(),
            at,
            attempt: self.attempts.saturating_add(1),
            status: result.status,
            error: result.error.clone(),
            next_at,
        }
    }

    /// Stores how far the endpoint is, if that has changed.
    fn store(&self, job: &Job<'_>, due_at: Option<Timestamp>) -> Result<(), StorageError> {
        job.sql.run(
            "INSERT INTO webhook_cursors (endpoint, since, seq, attempts, due_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (endpoint) DO UPDATE SET since = ?2, seq = ?3, attempts = ?4, due_at = ?5
             WHERE since <> ?2 OR seq <> ?3 OR attempts <> ?4 OR due_at IS NOT ?5",
            &[
                (&self.endpoint.name).into(),
                self.endpoint.created_at.into(),
                self.seq.into(),
                self.attempts.into(),
                due_at.into(),
            ],
        )?;
        Ok(())
    }
}
