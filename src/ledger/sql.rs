//! Statements and their rows.
//!
//! What goes wrong is remembered: after it nothing is run any more, what follows finds nothing, and [`Sql::outcome`] tells
//! in the end. A transaction looks before it is committed, and so does whoever is about to answer or to wait. So no
//! reader and no writer has a way out for each of its statements, and none can forget one.
//!
//! Not through the `worker` crate: rows come as one list of columns and are read in their order, which
//! is less code than by name and fewer crossings into JavaScript; and whatever JavaScript throws is caught.

use std::cell::RefCell;

use js_sys::Array;
use wasm_bindgen::JsValue;

use super::bind::Bind;
use super::fault::{Fault, Result};
use super::storage::{ObjectStorage, SqlStorage};
use crate::core::Timestamp;
use crate::core::words::Word;
use crate::platform::host;

/// The database of one ledger.
pub(super) struct Sql {
    storage: ObjectStorage,
    database: SqlStorage,
    /// What went wrong first, since somebody looked.
    fault: RefCell<Option<Fault>>,
}

/// A row, read column by column in the order of the statement; after its last column, the next one.
pub(super) struct Row<'a> {
    sql: &'a Sql,
    columns: Array,
    next: u32,
}

impl Sql {
    pub(super) fn of(storage: ObjectStorage) -> Self {
        Self { database: storage.sql(), storage, fault: RefCell::new(None) }
    }

    /// What went wrong since the last look, if anything did.
    pub(super) fn outcome(&self) -> Result<()> {
        self.fault.take().map_or(Ok(()), Err)
    }

    /// Whether nothing went wrong since the last look.
    pub(super) fn is_sound(&self) -> bool {
        self.fault.borrow().is_none()
    }

    /// What was read, where nothing went wrong since the last look: for what is told before somebody looks.
    pub(super) fn sound<T>(&self, read: Option<T>) -> Option<T> {
        read.filter(|_| self.is_sound())
    }

    /// Something went wrong.
    pub(super) fn fail(&self, fault: Fault) {
        self.fault.borrow_mut().get_or_insert(fault);
    }

    /// Runs the body in a transaction: what it wrote is rolled back where anything went wrong.
    pub(super) fn transaction(&self, body: &mut dyn FnMut()) {
        let outcome = self.storage.transaction_sync(&mut || {
            body();
            if self.is_sound() { Ok(()) } else { Err(JsValue::UNDEFINED) }
        });
        if let Err(thrown) = outcome {
            self.fail(thrown.into());
        }
    }

    /// Runs a statement, and says whether it wrote anything.
    pub(super) fn execute(&self, statement: &str, binds: &[Bind]) -> bool {
        self.run(statement, binds).columns.get(0).is_truthy()
    }

    /// Whether a statement finds anything.
    pub(super) fn finds(&self, statement: &str, binds: &[Bind]) -> bool {
        self.run(statement, binds).is_left()
    }

    /// The rows that a statement finds, each read.
    pub(super) fn query<'s, T>(&'s self, statement: &str, binds: &[Bind], read: fn(&mut Row<'s>) -> T) -> Vec<T> {
        let mut rows = self.run(statement, binds);
        let mut found = Vec::new();
        while rows.is_left() {
            found.push(read(&mut rows));
        }
        found
    }

    /// The first row that a statement finds, read.
    pub(super) fn first<'s, T>(&'s self, statement: &str, binds: &[Bind], read: fn(&mut Row<'s>) -> T) -> Option<T> {
        let mut row = self.run(statement, binds);
        row.is_left().then(|| read(&mut row))
    }

    /// Runs a statement, and gives what it finds.
    fn run(&self, statement: &str, binds: &[Bind]) -> Row<'_> {
        let mut columns = Array::new();
        if self.is_sound() {
            let values = binds.iter().map(Bind::value).collect();
            match host::execute(&self.database, statement, &values) {
                Ok(found) => columns = found,
                Err(thrown) => self.fail(thrown.into()),
            }
        }
        // Before the columns it says whether anything was written.
        Row { sql: self, columns, next: 1 }
    }
}

impl Row<'_> {
    /// Whether there is one.
    pub(super) fn is_left(&self) -> bool {
        self.next < self.columns.length() && self.sql.is_sound()
    }

    fn take(&mut self) -> JsValue {
        let value = self.columns.get(self.next);
        self.next = self.next.saturating_add(1);
        value
    }

    /// The row holds something that was never written so.
    pub(super) fn fail(&self, what: &str) {
        self.sql.fail(Fault::senseless(what));
    }

    /// A text, or `NULL`.
    pub(super) fn optional_text(&mut self) -> Option<String> {
        self.take().as_string()
    }

    /// A text.
    pub(super) fn text(&mut self) -> String {
        self.optional_text().unwrap_or_else(|| {
            self.fail("text");
            String::new()
        })
    }

    /// A whole number, or `NULL`.
    pub(super) fn optional_integer(&mut self) -> Option<i64> {
        // Whole numbers here are below 2^53: what is stored was bound by `Bind`.
        #[allow(clippy::cast_possible_truncation)]
        self.take().as_f64().map(|number| number as i64)
    }

    /// A whole number.
    pub(super) fn integer(&mut self) -> i64 {
        self.optional_integer().unwrap_or_else(|| {
            self.fail("number");
            0
        })
    }

    /// Whether a number says so.
    pub(super) fn flag(&mut self) -> bool {
        self.integer() != 0
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self) -> u64 {
        u64::try_from(self.integer()).unwrap_or_else(|_| {
            self.fail("count");
            0
        })
    }

    /// A whole number that is not negative, and below 2^32.
    pub(super) fn number(&mut self) -> u32 {
        u32::try_from(self.integer()).unwrap_or_else(|_| {
            self.fail("number");
            0
        })
    }

    /// A time, or `NULL`.
    pub(super) fn optional_time(&mut self) -> Option<Timestamp> {
        self.optional_integer().map(Timestamp::from_micros)
    }

    /// A time.
    pub(super) fn time(&mut self) -> Timestamp {
        Timestamp::from_micros(self.integer())
    }

    /// A value that was checked before it was stored, or `NULL`.
    pub(super) fn optional<T>(&mut self, stored: fn(String) -> T) -> Option<T> {
        self.optional_text().map(stored)
    }

    /// A value that was checked before it was stored.
    pub(super) fn required<T>(&mut self, stored: fn(String) -> T) -> T {
        stored(self.text())
    }

    /// The word of an enum, or `NULL`.
    pub(super) fn optional_word<T: Word>(&mut self) -> Option<T> {
        let text = self.optional_text()?;
        let found = T::ALL.iter().find(|value| value.as_str() == text);
        if found.is_none() {
            self.fail("word");
        }
        found.copied()
    }

    /// The word of an enum.
    pub(super) fn word<T: Word>(&mut self) -> T {
        self.optional_word().unwrap_or_else(|| {
            self.fail("word");
            T::FIRST
        })
    }
}
