//! The directory on a SQLite database in memory, for native tests and tools.

use std::cell::Cell;

use futures_util::future::LocalBoxFuture;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use serde_json::json;

use super::{Directory, DirectoryError, Row, Statement, Value};

/// A directory in memory. It can be down.
#[derive(Debug)]
pub struct InMemoryDirectory {
    database: Result<Connection, DirectoryError>,
    is_down: Cell<bool>,
    batches: Cell<usize>,
}

impl From<rusqlite::Error> for DirectoryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::of(&error.to_string())
    }
}

impl Default for InMemoryDirectory {
    /// An empty directory, without tables.
    fn default() -> Self {
        let database = Connection::open_in_memory().map_err(DirectoryError::from);
        Self { database, is_down: Cell::new(false), batches: Cell::new(0) }
    }
}

impl InMemoryDirectory {
    /// Sets whether the directory is down.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.set(is_down);
    }

    /// The number of batches since the last time, and starts again from 0.
    #[must_use]
    pub fn take_batches(&self) -> usize {
        self.batches.take()
    }

    /// The SQLite connection, for tests that look at rows.
    ///
    /// # Errors
    /// [`DirectoryError::Failed`] if SQLite cannot create the database.
    pub fn connection(&self) -> Result<&Connection, DirectoryError> {
        self.database.as_ref().map_err(Clone::clone)
    }

    fn run(&self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, DirectoryError> {
        self.batches.set(self.batches.get().saturating_add(1));
        if self.is_down.get() {
            return Err(DirectoryError::Failed("made to fail".to_owned()));
        }
        let transaction = self.connection()?.unchecked_transaction()?;
        let rows = statements.iter().map(|statement| rows_of(&transaction, statement)).collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(rows)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn rows_of(database: &Connection, Statement { sql, binds }: &Statement) -> Result<Vec<Row>, DirectoryError> {
    let mut statement = database.prepare_cached(sql)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.query(rusqlite::params_from_iter(binds))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let mut columns = Row::new();
        for (index, name) in names.iter().enumerate() {
            let value = match row.get_ref(index)? {
                ValueRef::Integer(number) => json!(number),
                ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => serde_json::Value::Null,
            };
            columns.insert(name.clone(), value);
        }
        rows.push(columns);
    }
    Ok(rows)
}

impl Directory for InMemoryDirectory {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Vec<Row>>, DirectoryError>> {
        let answer = self.run(&statements);
        Box::pin(std::future::ready(answer))
    }
}
