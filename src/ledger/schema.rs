//! The tables of a ledger and their version.
//!
//! Each class has a [`Schema`]: a list of versions, each with the statements that change the version before. A ledger that
//! was never written to has no tables, and reading it writes nothing. The row `schema(version, min_reader)` has which
//! version wrote the tables last, and which version of the code may still read them: two neighbouring versions run side by
//! side while a deployment rolls out.

use std::cell::Cell;

use super::error::StorageError;
use super::sql::Sql;

/// One version of the tables of a class. A version that was deployed is never edited.
#[derive(Clone, Copy, Debug)]
pub struct SchemaVersion {
    /// The oldest version of the code that may read and write the tables of this version.
    pub min_reader: u32,
    /// The statements that change the tables of the version before. They run one at a time.
    pub statements: &'static [&'static str],
}

/// All versions of the tables of a class; the first version is 1.
#[derive(Clone, Copy, Debug)]
pub struct Schema(pub &'static [SchemaVersion]);

const CREATE_SCHEMA: &str = "CREATE TABLE schema (
    only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL, min_reader INTEGER NOT NULL)";

impl Schema {
    /// The version of this code.
    #[must_use]
    pub fn version(self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// The version of the tables; `None` if there are none.
    fn stored_version(self, sql: &dyn Sql) -> Result<Option<u32>, StorageError> {
        let table = sql.run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema'", &[])?;
        if table.is_empty() {
            return Ok(None);
        }
        let row = sql.run("SELECT version, min_reader FROM schema", &[])?;
        let row = row.first(|row| Ok((row.number()?, row.number()?)))?;
        let (version, min_reader) = row.ok_or(StorageError::Conflict("the schema row is missing"))?;
        if min_reader > self.version() {
            return Err(StorageError::SchemaTooNew { min_reader, version: self.version() });
        }
        Ok(Some(version))
    }

    /// Runs the statements of the versions after `stored`. The caller runs it in a transaction.
    fn migrate(self, sql: &dyn Sql, stored: Option<u32>) -> Result<(), StorageError> {
        if stored.is_none() {
            sql.run(CREATE_SCHEMA, &[])?;
        }
        let done = usize::try_from(stored.unwrap_or(0)).unwrap_or(usize::MAX);
        for version in self.0.iter().skip(done) {
            for statement in version.statements {
                sql.run(statement, &[])?;
            }
        }
        let min_reader = self.0.last().map_or(0, |version| version.min_reader);
        sql.run(
            "INSERT INTO schema (only, version, min_reader) VALUES (1, ?1, ?2)
             ON CONFLICT (only) DO UPDATE SET version = ?1, min_reader = ?2",
            &[self.version().into(), min_reader.into()],
        )?;
        Ok(())
    }
}

/// The state of its tables that a ledger remembers while it is in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    #[default]
    Unknown,
    Absent,
    Current,
}

/// The tables of one ledger, as far as the object in memory knows them.
#[derive(Debug)]
pub(super) struct Tables {
    schema: Schema,
    known: Cell<Known>,
}

impl Tables {
    pub(super) const fn of(schema: Schema) -> Self {
        Self { schema, known: Cell::new(Known::Unknown) }
    }

    /// Whether the ledger has tables. Tables of an earlier version are brought up to date.
    pub(super) fn exist(&self, sql: &dyn Sql) -> Result<bool, StorageError> {
        if self.known.get() == Known::Unknown {
            let stored = self.schema.stored_version(sql)?;
            if stored.is_some_and(|version| version < self.schema.version()) {
                sql.transaction(&mut || self.schema.migrate(sql, stored))?;
            }
            self.known.set(if stored.is_some() { Known::Current } else { Known::Absent });
        }
        Ok(self.known.get() == Known::Current)
    }

    /// Runs `body` in one transaction, in which the tables are created if they do not exist.
    pub(super) fn write(
        &self,
        sql: &dyn Sql,
        body: &mut dyn FnMut() -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let exist = self.exist(sql)?;
        sql.transaction(&mut || {
            if !exist {
                self.schema.migrate(sql, None)?;
            }
            body()
        })?;
        self.known.set(Known::Current);
        Ok(())
    }
}
