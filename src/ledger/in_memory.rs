//! Ledgers on SQLite databases in memory, for native tests and tools. They run the same code as the Durable Objects.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::core::decide::users::GetUser;
//! use hookswitch::core::{LedgerId, Principal, Request, Timestamp};
//! use hookswitch::ledger::LedgerSettings;
//! use hookswitch::ledger::in_memory::{InMemoryLedgers, TestClock};
//! use hookswitch::operations::LedgerClass;
//!
//! let ledgers = InMemoryLedgers::new(TestClock::at(Timestamp::from_millis(0)), LedgerSettings::default());
//! let user_id = "ada".parse().unwrap();
//! let ledger = LedgerId::of_user(&user_id);
//! let message = Request::plain(Principal::Root, GetUser { user_id }).message().unwrap();
//! let answer = ledgers.answer(LedgerClass::User, ledger, &message).unwrap();
//! assert!(answer.reply.contains("not_found"));
//! # }
//! ```

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

use super::alarm::AlarmPlatform;
use super::app_registry::AppRegistry;
use super::external_ids::ExternalIds;
use super::operator::Operator;
use super::sql::{Bind, Rows, Sql, Value};
use super::user::UserLedger;
use super::{Answer, Effects, LedgerCode, LedgerContext, LedgerSettings, Registration, StorageError};
use crate::core::{LedgerId, Timestamp};
use crate::operations::ledgers::{LedgerClass, LedgerUnavailable, Ledgers};

/// A SQLite database in memory.
#[derive(Debug)]
pub struct Database(Connection);

impl Database {
    /// An empty database.
    ///
    /// # Errors
    /// [`StorageError::Database`] if SQLite cannot create it.
    pub fn open() -> Result<Self, StorageError> {
        Ok(Self(Connection::open_in_memory()?))
    }

    /// The SQLite connection, for tests that look at or break rows.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.0
    }
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(as_double(*number)),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// The number as it is after it passed through JavaScript, as every number does in a Durable Object.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "JavaScript rounds like this")]
const fn as_double(number: i64) -> i64 {
    number as f64 as i64
}

impl Sql for Database {
    fn run(&self, statement: &str, binds: &[Bind<'_>]) -> Result<Rows, StorageError> {
        let mut statement = self.0.prepare_cached(statement)?;
        let columns = statement.column_count();
        let is_read = statement.readonly();
        let mut values = Vec::new();
        let mut rows = statement.query(rusqlite::params_from_iter(binds))?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                values.push(match row.get_ref(column)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(number) => Value::Integer(as_double(number)),
                    ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                    ValueRef::Real(_) | ValueRef::Blob(_) => {
                        return Err(StorageError::Column { column, expected: "a number or a text" });
                    }
                });
            }
        }
        drop(rows);
        Ok(Rows::new(columns, values, !is_read && self.0.changes() > 0))
    }

    fn size(&self) -> Result<u64, StorageError> {
        let pragma = |name| self.0.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let size = pragma("page_count")?.saturating_mul(pragma("page_size")?);
        Ok(u64::try_from(size).unwrap_or_default())
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), StorageError>) -> Result<(), StorageError> {
        self.0.execute_batch("BEGIN")?;
        match body() {
            Ok(()) => Ok(self.0.execute_batch("COMMIT")?),
            Err(error) => {
                self.0.execute_batch("ROLLBACK")?;
                Err(error)
            }
        }
    }
}

/// The clock of ledgers in memory. Tests set it.
#[derive(Clone, Debug)]
pub struct TestClock(Rc<Cell<Timestamp>>);

impl TestClock {
    /// A clock that shows this time until it is set.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Rc::new(Cell::new(now)))
    }

    /// The time of the simulated clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.get()
    }

    /// Sets the time.
    pub fn set(&self, now: Timestamp) {
        self.0.set(now);
    }

    /// Moves the time on.
    pub fn advance_seconds(&self, seconds: i64) {
        self.set(self.now().plus_seconds(seconds));
    }
}

/// One ledger with its database.
pub struct InMemoryLedger {
    code: Box<dyn LedgerCode>,
    database: Database,
    /// When the alarm rings.
    alarm: Cell<Option<Timestamp>>,
}

impl InMemoryLedger {
    /// An empty ledger of a class.
    ///
    /// # Errors
    /// [`StorageError::Database`] if SQLite cannot create the database.
    pub fn new(class: LedgerClass) -> Result<Self, StorageError> {
        let code: Box<dyn LedgerCode> = match class {
            LedgerClass::User => Box::new(UserLedger::default()),
            LedgerClass::App => Box::new(AppRegistry::default()),
            LedgerClass::ExternalId => Box::new(ExternalIds::default()),
            LedgerClass::Operator => Box::new(Operator::default()),
        };
        Ok(Self { code, database: Database::open()?, alarm: Cell::new(None) })
    }

    /// The database.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// When the alarm rings; `None` if it is not set.
    #[must_use]
    pub const fn alarm(&self) -> Option<Timestamp> {
        self.alarm.get()
    }

    /// Answers a message, and sets the alarm as the Durable Object does. A ledger that stands alone has no registry to ask:
    /// it counts as registered.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn answer(&self, message: &str, cx: &LedgerContext<'_>) -> Result<Answer, StorageError> {
        self.answer_with(message, cx, &|_| Ok(None))
    }

    /// As [`Self::answer`]. `register` asks the registry of an app, and returns its refusal.
    fn answer_with(
        &self,
        message: &str,
        cx: &LedgerContext<'_>,
        register: &dyn Fn(&Registration) -> Result<Option<String>, StorageError>,
    ) -> Result<Answer, StorageError> {
        let mut answer = self.code.answer(&self.database, message, cx)?;
        if let Some(registration) = answer.registration {
            if let Some(reply) = register(&registration)? {
                return Ok(Answer { reply, effects: Effects::default(), registration: None });
            }
            self.code.registered(registration.app_id);
            answer = self.code.answer(&self.database, message, cx)?;
        }
        if let Some(due) = answer.effects.alarm_by
            && self.alarm.get().is_none_or(|set| due < set)
        {
            self.alarm.set(Some(due));
        }
        Ok(answer)
    }

    /// Rings the alarm, and sets it again as the Durable Object does.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn ring(&self, platform: &dyn AlarmPlatform, settings: &LedgerSettings) -> Result<(), StorageError> {
        self.alarm.set(None);
        let next = self.code.ring(&self.database, platform, settings).await?;
        self.alarm.set(self.alarm.get().into_iter().chain(next).min());
        Ok(())
    }
}

/// All ledgers of a deployment, in memory.
pub struct InMemoryLedgers {
    clock: TestClock,
    settings: LedgerSettings,
    ledgers: RefCell<HashMap<(LedgerClass, LedgerId), Rc<InMemoryLedger>>>,
}

impl InMemoryLedgers {
    /// No ledgers yet; each is created by the first message to it.
    #[must_use]
    pub fn new(clock: TestClock, settings: LedgerSettings) -> Self {
        Self { clock, settings, ledgers: RefCell::default() }
    }

    /// The ledger with this id.
    ///
    /// # Errors
    /// [`StorageError::Database`] if SQLite cannot create its database.
    pub fn ledger(&self, class: LedgerClass, id: LedgerId) -> Result<Rc<InMemoryLedger>, StorageError> {
        let mut ledgers = self.ledgers.borrow_mut();
        if let Some(ledger) = ledgers.get(&(class, id)) {
            return Ok(Rc::clone(ledger));
        }
        let ledger = Rc::new(InMemoryLedger::new(class)?);
        ledgers.insert((class, id), Rc::clone(&ledger));
        Ok(ledger)
    }

    /// Answers a message to a ledger.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn answer(&self, class: LedgerClass, id: LedgerId, message: &str) -> Result<Answer, StorageError> {
        let cx =
            LedgerContext { now: self.clock.now(), jitter: 0, settings: &self.settings, has_earlier_secrets: false };
        let register = |registration: &Registration| {
            let registry = LedgerId::of_app(&registration.app_id);
            let answer = self.ledger(LedgerClass::App, registry)?.answer(&registration.message()?, &cx)?;
            Registration::refusal(&answer.reply)
        };
        self.ledger(class, id)?.answer_with(message, &cx, &register)
    }
}

impl InMemoryLedgers {
    /// Rings every alarm that is due, once. Returns when the next one is due.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn ring_due(&self, platform: &dyn AlarmPlatform) -> Result<Option<Timestamp>, StorageError> {
        let ledgers: Vec<_> = self.ledgers.borrow().values().cloned().collect();
        for ledger in &ledgers {
            if ledger.alarm().is_some_and(|due| due <= self.clock.now()) {
                ledger.ring(platform, &self.settings).await?;
            }
        }
        Ok(ledgers.iter().filter_map(|ledger| ledger.alarm()).min())
    }
}

impl Ledgers for InMemoryLedgers {
    fn call(
        &self,
        class: LedgerClass,
        id: LedgerId,
        message: String,
    ) -> LocalBoxFuture<'_, Result<String, LedgerUnavailable>> {
        let answer = self.answer(class, id, &message);
        Box::pin(async move { answer.map(|answer| answer.reply).map_err(|_| LedgerUnavailable) })
    }
}
