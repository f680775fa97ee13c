//! Errors of the storage of a ledger.

/// A ledger could not read or write its storage. Nothing of the request was written, and there is no verdict: the edge
/// answers 503.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The database refused a statement.
    #[error("the database failed: {0}")]
    Database(String),
    /// A column has a value that this version cannot read.
    #[error("column {column} of a row is not {expected}")]
    Column {
        /// The number of the column in the statement, from 0.
        column: usize,
        /// The type that the column should have.
        expected: &'static str,
    },
    /// A JSON text cannot be read or written. Messages of serde repeat values, so only the kind of failure is kept.
    #[error("the {what} is not readable JSON ({category} at byte {column})")]
    Json {
        /// The cause, for the log.
        what: &'static str,
        /// The kind of failure: `syntax`, `data`, `eof` or `io`.
        category: &'static str,
        /// The position in the text.
        column: usize,
    },
    /// The message requires a newer version of the code.
    #[error("the message has version {version}, and this code reads up to {max}")]
    MessageVersion {
        /// The version of the message.
        version: u32,
        /// The newest version that this code reads.
        max: u32,
    },
    /// The ledger class has no command of this name.
    #[error("the ledger class has no such command")]
    UnknownCommand,
    /// The tables were written by a newer version of the code, which this one must not read.
    #[error("the tables require version {min_reader}, and this code has version {version}")]
    SchemaTooNew {
        /// The oldest version that may read the tables.
        min_reader: u32,
        /// The version of this code.
        version: u32,
    },
    /// A decision does not fit the rows: it was made over something else than is stored.
    #[error("a row to write is not in the expected state: {0}")]
    Conflict(&'static str),
    /// A call of the alarm to another ledger, to KV, or to the platform failed.
    #[error("the platform failed: {0}")]
    Platform(String),
}

impl StorageError {
    /// The error for a JSON text that cannot be read or written.
    pub(crate) fn json(what: &'static str, error: &serde_json::Error) -> Self {
        let category = match error.classify() {
            serde_json::error::Category::Io => "io",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Eof => "eof",
        };
        Self::Json { what, category, column: error.column() }
    }
}
