//! The directory: a read model of the whole deployment, for lists and searches. It decides nothing.
//!
//! Each ledger has only its own rows, so nobody could list all users. The directory has a copy of the rows that lists need:
//! users, apps, connections, events, webhook deliveries and abandoned revocations. It is a D1 database.
//!
//! # How it is fed
//!
//! A ledger writes a change and its event in one transaction. The events are its outbox: the alarm reads those that the
//! directory does not have yet, with the rows that they are about as they are then, and sends them in one batch: see
//! [`feed`]. So the directory lags behind by about a second. While it is down, ledgers try again, and nothing is lost.
//!
//! A batch may arrive late, or twice. Each row carries the incarnation of its ledger and a number that the ledger never
//! repeats, and a write with lower ones changes nothing. A deleted row keeps them until the retention is over.
//!
//! # Order
//!
//! Lists are in the order of arrival, newest first. A row keeps its place when it changes, so a page continues where the page
//! before ended, whatever is inserted and deleted meanwhile.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::directory::in_memory::InMemoryDirectory;
//! use hookswitch::directory::list::{self, UserFilter};
//! use hookswitch::core::params::PageRequest;
//! use futures_util::FutureExt;
//!
//! let directory = InMemoryDirectory::default();
//! let page = PageRequest { after: None, limit: 10 };
//! let users = list::users(&directory, &UserFilter::default(), page).now_or_never().unwrap().unwrap();
//! assert!(users.items.is_empty());
//! # }
//! ```

pub mod entry;
pub mod feed;
#[cfg(feature = "in-memory")]
pub mod in_memory;
pub mod list;
pub mod retention;
mod schema;
mod statement;

pub use statement::{Statement, Value};

use futures_util::future::LocalBoxFuture;

/// A row of the directory: its columns by their names.
pub type Row = serde_json::Map<String, serde_json::Value>;

/// The database of the directory: D1, or SQLite in memory.
pub trait Directory {
    /// Runs statements in one transaction, and returns the rows of each.
    ///
    /// # Errors
    /// [`DirectoryError`]. Nothing was written then, as far as is known.
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Vec<Row>>, DirectoryError>>;
}

/// The directory cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// A table does not exist yet.
    #[error("a table of the directory is missing")]
    NoTable,
    /// The database failed, or did not answer.
    #[error("the directory failed: {0}")]
    Failed(String),
}

impl DirectoryError {
    /// The error that the database reports in these words.
    #[must_use]
    pub fn of(message: &str) -> Self {
        if message.contains("no such table") { Self::NoTable } else { Self::Failed(message.to_owned()) }
    }
}

/// Runs statements, and creates the tables first if they do not exist.
///
/// # Errors
/// [`DirectoryError`].
pub(crate) async fn run(
    directory: &dyn Directory,
    statements: Vec<Statement>,
) -> Result<Vec<Vec<Row>>, DirectoryError> {
    match directory.batch(statements.clone()).await {
        Err(DirectoryError::NoTable) => {
            directory.batch(schema::statements()).await?;
            directory.batch(statements).await
        }
        answered => answered,
    }
}
