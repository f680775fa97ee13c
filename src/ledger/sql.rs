//! The database of a ledger: statements, bound values, and typed readers of rows.
//!
//! [`Sql`] has two implementations: the storage of a Durable Object, and SQLite in memory for native tests. Everything
//! else in [`super`] uses the trait and runs natively.

use std::str::FromStr;

use super::error::StorageError;
use crate::core::{
    Actor, AppId, ConnectionId, Digest, ExternalId, Json, Scope, Sealed, Slug, Timestamp, TokenId, TokenKey, UserId,
};

/// The database of one ledger.
pub trait Sql {
    /// Runs one statement and returns all of its rows.
    ///
    /// # Errors
    /// [`StorageError::Database`] if the database refuses the statement.
    fn run(&self, statement: &str, binds: &[Bind<'_>]) -> Result<Rows, StorageError>;

    /// Runs `body` in one transaction. If it fails, nothing of it is written.
    ///
    /// # Errors
    /// The error of `body`, or [`StorageError::Database`] if the transaction cannot be committed.
    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), StorageError>) -> Result<(), StorageError>;

    /// The size of the database, in bytes. Nothing is read for it.
    ///
    /// # Errors
    /// [`StorageError::Database`] if the platform does not know.
    fn size(&self) -> Result<u64, StorageError>;
}

/// A value that is bound to a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind<'a> {
    /// `NULL`.
    Null,
    /// A whole number below 2^53: Durable Objects pass numbers as JavaScript does.
    Integer(i64),
    /// A text of SQLite.
    Text(&'a str),
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `NULL`.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text of SQLite.
    Text(String),
}

/// The rows that a statement returned.
#[derive(Debug)]
pub struct Rows {
    columns: usize,
    row: Row,
    changed: bool,
}

impl Rows {
    /// Rows of `columns` values each, one row after another.
    ///
    /// `changed`: whether the statement wrote a row.
    #[must_use]
    pub fn new(columns: usize, values: Vec<Value>, changed: bool) -> Self {
        Self { columns: columns.max(1), row: Row { values: values.into_iter(), column: 0 }, changed }
    }

    /// Whether the statement wrote a row.
    #[must_use]
    pub const fn changed(&self) -> bool {
        self.changed
    }

    /// Whether the statement returned no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.row.values.len() == 0
    }

    /// Reads every row.
    ///
    /// # Errors
    /// The first error of `read`.
    pub fn all<T>(mut self, read: impl Fn(&mut Row) -> Result<T, StorageError>) -> Result<Vec<T>, StorageError> {
        let mut all = Vec::new();
        while let Some(value) = self.next(&read)? {
            all.push(value);
        }
        Ok(all)
    }

    /// Reads the first row; `None` if there is none.
    ///
    /// # Errors
    /// The error of `read`.
    pub fn first<T>(mut self, read: impl Fn(&mut Row) -> Result<T, StorageError>) -> Result<Option<T>, StorageError> {
        self.next(&read)
    }

    /// Reads every row that can be read, and returns the first error of the others.
    pub fn readable<T>(mut self, read: impl Fn(&mut Row) -> Result<T, StorageError>) -> (Vec<T>, Option<StorageError>) {
        let (mut all, mut failed) = (Vec::new(), None);
        while !self.is_empty() {
            match self.next(&read) {
                Ok(value) => all.extend(value),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        (all, failed)
    }

    fn next<T>(&mut self, read: &impl Fn(&mut Row) -> Result<T, StorageError>) -> Result<Option<T>, StorageError> {
        if self.is_empty() {
            return Ok(None);
        }
        self.row.column = 0;
        let value = read(&mut self.row);
        // A reader need not read the last columns, and cannot if one before fails.
        while self.row.column < self.columns && self.row.value().is_ok() {}
        value.map(Some)
    }
}

/// The current row, read column by column in the order of the statement.
#[derive(Debug)]
pub struct Row {
    values: std::vec::IntoIter<Value>,
    column: usize,
}

impl Row {
    fn value(&mut self) -> Result<Value, StorageError> {
        let value = self.values.next().ok_or(StorageError::Column { column: self.column, expected: "there" })?;
        self.column = self.column.saturating_add(1);
        Ok(value)
    }

    /// The error that the column before is not what the code expects.
    fn unexpected(&self, expected: &'static str) -> StorageError {
        StorageError::Column { column: self.column.saturating_sub(1), expected }
    }

    /// Whether the column is `NULL`. The column is read.
    ///
    /// # Errors
    /// [`StorageError::Column`] if the row has no more columns.
    pub fn is_null(&mut self) -> Result<bool, StorageError> {
        Ok(self.value()? == Value::Null)
    }

    /// A text or `NULL`.
    ///
    /// # Errors
    /// [`StorageError::Column`] for a number.
    pub fn optional_text(&mut self) -> Result<Option<String>, StorageError> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Integer(_) => Err(self.unexpected("a text")),
        }
    }

    /// Reads a column of text.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything else.
    pub fn text(&mut self) -> Result<String, StorageError> {
        self.optional_text()?.ok_or_else(|| self.unexpected("a text"))
    }

    /// A whole number or `NULL`.
    ///
    /// # Errors
    /// [`StorageError::Column`] for a text.
    pub fn optional_integer(&mut self) -> Result<Option<i64>, StorageError> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Integer(integer) => Ok(Some(integer)),
            Value::Text(_) => Err(self.unexpected("a number")),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything else.
    pub fn integer(&mut self) -> Result<i64, StorageError> {
        self.optional_integer()?.ok_or_else(|| self.unexpected("a number"))
    }

    /// A number that is not negative.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything else.
    pub fn count(&mut self) -> Result<u64, StorageError> {
        u64::try_from(self.integer()?).map_err(|_| self.unexpected("a number from 0"))
    }

    /// A number from 0 to 2^32 - 1.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything else.
    pub fn number(&mut self) -> Result<u32, StorageError> {
        u32::try_from(self.integer()?).map_err(|_| self.unexpected("a number of 32 bits"))
    }

    /// A number from 0 to 2^32 - 1 or `NULL`.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything else.
    pub fn optional_number(&mut self) -> Result<Option<u32>, StorageError> {
        let number = self.optional_integer()?.map(u32::try_from).transpose();
        number.map_err(|_| self.unexpected("a number of 32 bits"))
    }

    /// A flag, stored as 0 or 1.
    ///
    /// # Errors
    /// [`StorageError::Column`] for a text or `NULL`.
    pub fn flag(&mut self) -> Result<bool, StorageError> {
        Ok(self.integer()? != 0)
    }

    /// Reads a column that has a time.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything but a number.
    pub fn time(&mut self) -> Result<Timestamp, StorageError> {
        Ok(Timestamp::from_micros(self.integer()?))
    }

    /// A time or `NULL`.
    ///
    /// # Errors
    /// [`StorageError::Column`] for a text.
    pub fn optional_time(&mut self) -> Result<Option<Timestamp>, StorageError> {
        Ok(self.optional_integer()?.map(Timestamp::from_micros))
    }

    /// A value that was checked before it was stored as a text.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything but a text.
    pub fn stored<T>(&mut self, wrap: fn(String) -> T) -> Result<T, StorageError> {
        Ok(wrap(self.text()?))
    }

    /// A value that was checked before it was stored as a text, or `NULL`.
    ///
    /// # Errors
    /// [`StorageError::Column`] for a number.
    pub fn optional<T>(&mut self, wrap: fn(String) -> T) -> Result<Option<T>, StorageError> {
        Ok(self.optional_text()?.map(wrap))
    }

    /// A value that is parsed from its text, such as a variant of an enum.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything else.
    pub fn parsed<T: FromStr>(&mut self, expected: &'static str) -> Result<T, StorageError> {
        self.text()?.parse().map_err(|_| self.unexpected(expected))
    }

    /// A value that is parsed from its text, or `NULL`.
    ///
    /// # Errors
    /// [`StorageError::Column`] for anything else.
    pub fn optional_parsed<T: FromStr>(&mut self, expected: &'static str) -> Result<Option<T>, StorageError> {
        let text = self.optional_text()?;
        text.map(|text| text.parse().map_err(|_| self.unexpected(expected))).transpose()
    }

    /// A value that is stored as JSON.
    ///
    /// # Errors
    /// [`StorageError::Json`] if the text is not the value.
    pub fn json<T: serde::de::DeserializeOwned>(&mut self, what: &'static str) -> Result<T, StorageError> {
        serde_json::from_str(&self.text()?).map_err(|error| StorageError::json(what, &error))
    }

    /// A value that a number stands for.
    ///
    /// # Errors
    /// [`StorageError::Column`] if no value has this number.
    pub fn coded<T>(&mut self, expected: &'static str, decode: fn(i64) -> Option<T>) -> Result<T, StorageError> {
        decode(self.integer()?).ok_or_else(|| self.unexpected(expected))
    }
}

impl<'a> From<&'a str> for Bind<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Bind<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Bind<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u64> for Bind<'_> {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Bind<'_> {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}

impl From<Timestamp> for Bind<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Integer(at.micros())
    }
}

impl<'a, T: Into<Bind<'a>>> From<Option<T>> for Bind<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Implements [`Bind`] for types that are stored as their text.
macro_rules! bind_texts {
    ($($name:ident),+) => {
        $(
            impl<'a> From<&'a $name> for Bind<'a> {
                fn from(value: &'a $name) -> Self {
                    Self::Text(value.as_str())
                }
            }

            impl<'a> From<&'a Option<$name>> for Bind<'a> {
                fn from(value: &'a Option<$name>) -> Self {
                    value.as_ref().into()
                }
            }
        )+
    };
}

bind_texts!(
    Actor,
    AppId,
    ConnectionId,
    Digest,
    ExternalId,
    Json,
    Scope,
    Sealed,
    Slug,
    String,
    TokenId,
    TokenKey,
    UserId
);

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[Value]) -> Rows {
        Rows::new(2, values.to_vec(), false)
    }

    #[test]
    fn rows_are_read_column_by_column() {
        let text = |text: &str| Value::Text(text.to_owned());
        let values = [text("a"), Value::Integer(1), text("b"), Value::Null];
        let read = rows(&values).all(|row| Ok((row.text()?, row.optional_integer()?)));
        assert_eq!(read, Ok(vec![("a".to_owned(), Some(1)), ("b".to_owned(), None)]));
        let first_columns = rows(&values).all(Row::text);
        assert_eq!(first_columns, Ok(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn unexpected_column_is_named_by_its_number_and_not_by_its_value() {
        let values = [Value::Text("secret".to_owned()), Value::Null];
        let error = rows(&values).first(|row| Ok((row.is_null()?, row.integer()?))).unwrap_err();
        assert_eq!(error, StorageError::Column { column: 1, expected: "a number" });
        let error = rows(&values).first(Row::integer).unwrap_err();
        assert_eq!(error.to_string(), "column 0 of a row is not a number");
    }
}
