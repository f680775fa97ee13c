//! Statements and their rows.
//!
//! Bound here rather than through the `worker` crate: a row comes as a list of columns and is read in their order, which
//! is less code than by name and fewer crossings into JavaScript; and whatever JavaScript throws is caught.

use super::fault::{Fault, Result};
use crate::core::Timestamp;
use crate::core::words::Word;
use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The database of an object, as the platform has it.
    pub(super) type SqlStorage;

    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &SqlStorage, statement: &str, binds: &Array) -> std::result::Result<Cursor, JsValue>;

    type Cursor;

    #[wasm_bindgen(method, getter, js_name = rowsWritten)]
    fn rows_written(this: &Cursor) -> f64;

    #[wasm_bindgen(method, catch)]
    fn raw(this: &Cursor) -> std::result::Result<Rows, JsValue>;

    type Rows;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &Rows) -> std::result::Result<Array, JsValue>;
}

/// The database of one ledger.
pub(super) struct Sql(SqlStorage);

/// A value to bind.
#[derive(Clone)]
pub(super) struct Bind(JsValue);

/// A row, read column by column in the order of the statement. What makes no sense is remembered and reads as something
/// else: a row with such a column is none in the end.
pub(super) struct Row {
    columns: Array,
    next: u32,
    failed: Option<&'static str>,
}

impl Sql {
    pub(super) const fn of(storage: SqlStorage) -> Self {
        Self(storage)
    }

    /// Runs a statement, and says whether it wrote anything.
    pub(super) fn execute(&self, statement: &str, binds: &[Bind]) -> Result<bool> {
        Ok(self.cursor(statement, binds)?.rows_written() > 0.0)
    }

    /// The rows that a statement finds, each read.
    pub(super) fn query<T>(&self, statement: &str, binds: &[Bind], read: impl Fn(&mut Row) -> T) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.each(statement, binds, &mut |row| {
            found.push(read(row));
        })?;
        Ok(found)
    }

    /// The first row that a statement finds, read.
    pub(super) fn first<T>(&self, statement: &str, binds: &[Bind], read: impl Fn(&mut Row) -> T) -> Result<Option<T>> {
        let mut first = None;
        self.each(statement, binds, &mut |row| {
            if first.is_none() {
                first = Some(read(row));
            }
        })?;
        Ok(first)
    }

    /// Goes through the rows that a statement finds.
    fn each(&self, statement: &str, binds: &[Bind], read: &mut dyn FnMut(&mut Row)) -> Result<()> {
        let rows = self.cursor(statement, binds)?.raw().and_then(|rows| rows.to_array());
        let rows = rows.map_err(|thrown| Fault::thrown(&thrown))?;
        for columns in rows.iter() {
            let mut row = Row { columns: columns.unchecked_into(), next: 0, failed: None };
            read(&mut row);
            if let Some(what) = row.failed {
                return Err(Fault::senseless(what));
            }
        }
        Ok(())
    }

    fn cursor(&self, statement: &str, binds: &[Bind]) -> Result<Cursor> {
        let values = Array::new();
        for Bind(value) in binds {
            values.push(value);
        }
        self.0.exec(statement, &values).map_err(|thrown| Fault::thrown(&thrown))
    }
}

impl Row {
    fn take(&mut self) -> JsValue {
        let value = self.columns.get(self.next);
        self.next = self.next.saturating_add(1);
        value
    }

    /// The row holds something that was never written so.
    pub(super) const fn fail(&mut self, what: &'static str) {
        self.failed = Some(what);
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

impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self(JsValue::from_str(text))
    }
}

impl From<i64> for Bind {
    /// All whole numbers that are kept here stay below 2^53.
    #[allow(clippy::cast_precision_loss)]
    fn from(number: i64) -> Self {
        Self(JsValue::from_f64(number as f64))
    }
}

impl From<Timestamp> for Bind {
    fn from(at: Timestamp) -> Self {
        at.micros().into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Bind {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(JsValue::NULL), Into::into)
    }
}
