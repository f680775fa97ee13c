//! Ledgers: the Durable Objects that store the state of a deployment, and the only places where it changes.
//!
//! There are four classes, each with its own tables and commands:
//!
//! - [`user`]: a user with its tokens, connections, credentials, cutoffs and events;
//! - [`app_registry`]: an app;
//! - [`external_ids`]: an external id and the user that has it;
//! - [`operator`]: providers, webhook endpoints, deliveries and abandoned revocations.
//!
//! # Atomicity
//!
//! All requests of a ledger meet in one object on one thread. Between the first read of a request and its last write
//! nothing is awaited, so no other request sees or changes anything in between. The writes go through one
//! [`sql::Sql::transaction`]: they are stored together or not at all. The platform delays the answer until they are on
//! disk.
//!
//! Work that may be slow or fail (providers, webhooks, KV) is recorded in the same transaction and done later by the
//! alarm: see [`alarm`].
//!
//! # Structure
//!
//! Everything here is native Rust over [`sql::Sql`], except `durable` (feature `worker`), which binds the classes to
//! Durable Objects. `in_memory` (feature `in-memory`) runs the same code on SQLite databases in memory, for tests.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::ledger::in_memory::InMemoryLedger;
//! use hookswitch::operations::LedgerClass;
//!
//! // A ledger that was never written to has no alarm.
//! assert_eq!(InMemoryLedger::new(LedgerClass::User).unwrap().alarm(), None);
//! # }
//! ```

pub mod alarm;
pub mod app_registry;
mod clock;
#[cfg(feature = "worker")]
pub mod durable;
pub mod error;
pub mod external_ids;
#[cfg(feature = "in-memory")]
pub mod in_memory;
mod message;
pub mod operator;
mod resealing;
pub mod schema;
pub mod settings;
pub mod sql;
mod stored_responses;
pub mod user;

pub use error::StorageError;
pub use settings::{LedgerContext, LedgerSettings};
pub use sql::Sql;

use futures_util::future::LocalBoxFuture;

use self::alarm::AlarmPlatform;
use crate::core::Timestamp;
use crate::core::decide::statuses::ShowStatus;
use crate::core::ticket_view::TicketView;

/// The code of one class of ledger. It remembers what saves reading it again; the state is in the database.
pub trait LedgerCode {
    /// Runs the command in a message: reads, decides, and writes all of the decision or nothing.
    ///
    /// # Errors
    /// [`StorageError`]. Nothing of the command was written then.
    fn answer(&self, sql: &dyn Sql, message: &str, cx: &LedgerContext<'_>) -> Result<Answer, StorageError>;

    /// Runs the jobs of the alarm that are due, a bounded batch of each, and returns when the alarm must ring next.
    ///
    /// # Errors
    /// [`StorageError`] if not even the tables can be read. The platform rings again then.
    fn ring<'a>(
        &'a self,
        sql: &'a dyn Sql,
        platform: &'a dyn AlarmPlatform,
        settings: &'a LedgerSettings,
    ) -> LocalBoxFuture<'a, Result<Option<Timestamp>, StorageError>>;

    /// The view of a status ticket; `None` if its subject does not exist. Only users have subjects of tickets.
    ///
    /// # Errors
    /// [`StorageError`].
    fn show(
        &self,
        _sql: &dyn Sql,
        _command: ShowStatus,
        _cx: &LedgerContext<'_>,
    ) -> Result<Option<TicketView>, StorageError> {
        Ok(None)
    }
}

/// The answer of a ledger to a message, and what the caller has to do for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The reply, as JSON.
    pub reply: String,
    /// The effects of the writes.
    pub effects: Effects,
}

/// The effects of a write, for the alarm and the WebSockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The time by which the alarm must ring; `None` if nothing new is due.
    pub alarm_by: Option<Timestamp>,
    /// Whether events were recorded, which webhook endpoints may subscribe to.
    pub has_events: bool,
    /// Whether the status of a token or connection may have changed, which WebSocket subscribers see.
    pub changed_status: bool,
}

impl Effects {
    /// Notes that the alarm must ring by this time.
    pub(crate) fn ring_by(&mut self, at: Timestamp) {
        self.alarm_by = Some(self.alarm_by.map_or(at, |before| before.min(at)));
    }
}
