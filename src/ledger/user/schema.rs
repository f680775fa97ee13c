//! The tables of a user's ledger.
//!
//! The cost of a write is the number of rows and index entries that it inserts or updates (design: cost budget), so each
//! index earns its place:
//!
//! - `tokens` has one row for each token, under the key that both its secret and its public id name. `tokens_by_position`
//!   gives lists their order and the retention its pass. `tokens_to_expire` contains only live connection tokens: no other
//!   kind emits an event when it expires.
//! - `connections_of_app` and `connections_to_expire` contain only connections whose end is not recorded.
//! - No token is indexed by its connection or family: the row of the connection, or a cutoff, ends them.
//!
//! Positions, the numbers of credentials and the times of cutoffs are times of the ledger, which never repeat. Numbers of
//! events never repeat because the retention keeps the newest event.

use crate::ledger::schema::{Schema, SchemaVersion};

/// All versions of the tables.
pub(crate) const SCHEMA: Schema = Schema(&[SchemaVersion { min_reader: 1, statements: VERSION_1 }]);

/// Adds the spare rows of `cutoffs` that are missing. They have a scope of their own, which matches nothing.
pub(super) const SPARE_CUTOFFS: &str = "INSERT OR IGNORE INTO cutoffs (scope, subject, at, before, kinds, by)
    VALUES (9, '', 1, 0, 0, ''), (9, '', 2, 0, 0, ''), (9, '', 3, 0, 0, ''), (9, '', 4, 0, 0, ''),
      (9, '', 5, 0, 0, ''), (9, '', 6, 0, 0, ''), (9, '', 7, 0, 0, ''), (9, '', 8, 0, 0, '')";

const VERSION_1: &[&str] = &[
    "CREATE TABLE user (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        user_id TEXT NOT NULL,
        role TEXT NOT NULL,
        groups TEXT NOT NULL, -- a JSON array
        external_id TEXT,
        connectable INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE TABLE reservation (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        holder TEXT NOT NULL, -- the user that has the id of this ledger as its external id
        claimed_at INTEGER -- NULL once it is confirmed
    )",
    "CREATE TABLE tokens (
        key TEXT PRIMARY KEY, -- the first 12 bytes of the digest
        token_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        kind INTEGER NOT NULL, -- 1, 2, 4 or 8
        position INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        expires_at INTEGER,
        app_id TEXT,
        scope TEXT,
        redirect_uri TEXT,
        label TEXT,
        metadata TEXT, -- JSON
        connection_id TEXT,
        purpose TEXT, -- NULL for the purpose of most tokens
        family TEXT,
        code_challenge TEXT,
        replayed INTEGER NOT NULL DEFAULT 0,
        lifetime INTEGER,
        limited INTEGER NOT NULL DEFAULT 0,
        end_kind TEXT,
        end_at INTEGER,
        end_by TEXT,
        end_reason TEXT,
        expiry_recorded INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID",
    "CREATE INDEX tokens_by_position ON tokens (position)",
    "CREATE INDEX tokens_to_expire ON tokens (expires_at)
        WHERE kind = 1 AND end_kind IS NULL AND expiry_recorded = 0",
    "CREATE TABLE connections (
        id TEXT PRIMARY KEY,
        app_id TEXT NOT NULL,
        scope TEXT,
        metadata TEXT, -- JSON
        created_at INTEGER NOT NULL, -- also the position in lists
        created_by TEXT NOT NULL,
        expires_at INTEGER,
        activated_at INTEGER,
        status TEXT NOT NULL,
        status_at INTEGER NOT NULL,
        status_by TEXT,
        status_reason TEXT,
        end_recorded_at INTEGER,
        provider TEXT,
        deleted INTEGER NOT NULL DEFAULT 0,
        entry_due_at INTEGER, -- when its entry in the list of all connections is written
        entry_attempts INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID",
    "CREATE INDEX connections_by_time ON connections (created_at)",
    "CREATE INDEX connections_of_app ON connections (app_id, created_at) WHERE end_recorded_at IS NULL",
    "CREATE INDEX connections_to_expire ON connections (expires_at)
        WHERE end_recorded_at IS NULL AND status = 'initiated'",
    "CREATE INDEX connections_to_enter ON connections (entry_due_at) WHERE entry_due_at IS NOT NULL",
    "CREATE TABLE credentials (
        seq INTEGER PRIMARY KEY,
        connection_id TEXT NOT NULL,
        token_type TEXT NOT NULL,
        state TEXT NOT NULL,
        sealed TEXT, -- NULL once it is erased
        expires_at TEXT, -- microseconds as a text: before the year 1684 no JavaScript number is exact
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER,
        changed_at INTEGER NOT NULL,
        error TEXT,
        provider_version INTEGER, -- NULL for the catalogue's
        listed INTEGER NOT NULL DEFAULT 0, -- whether the operator's ledger lists it as abandoned
        listing_due_at INTEGER -- when the operator's ledger is updated
    )",
    "CREATE INDEX credentials_of_connection ON credentials (connection_id)",
    "CREATE INDEX credentials_due ON credentials (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX credentials_listed ON credentials (seq) WHERE listed",
    "CREATE INDEX credentials_unlisted ON credentials (seq) WHERE state = 'abandoned' AND NOT listed",
    "CREATE INDEX credentials_to_list ON credentials (listing_due_at) WHERE listing_due_at IS NOT NULL",
    "CREATE TABLE cutoffs (
        scope INTEGER NOT NULL, -- 0: everything, 1: an app, 2: a family, 9: a spare row
        subject TEXT NOT NULL, -- the app or the family; empty for everything
        at INTEGER NOT NULL,
        before INTEGER NOT NULL,
        kinds INTEGER NOT NULL, -- the bits of the kinds; 16 for connections
        by TEXT NOT NULL,
        reason TEXT,
        sweep_after INTEGER, -- the position up to which the ends of its connections are recorded; NULL once all are
        PRIMARY KEY (scope, subject, at)
    ) WITHOUT ROWID",
    // Rows that a cutoff can take when the database is full.
    SPARE_CUTOFFS,
    "CREATE INDEX cutoffs_to_sweep ON cutoffs (at) WHERE sweep_after IS NOT NULL",
    "CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        recorded_at INTEGER NOT NULL,
        type TEXT NOT NULL,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        token_id TEXT,
        kind INTEGER,
        connection_id TEXT,
        data TEXT NOT NULL -- JSON
    )",
    "CREATE TABLE stored_responses (
        key TEXT PRIMARY KEY,
        at INTEGER NOT NULL,
        response TEXT NOT NULL -- JSON
    ) WITHOUT ROWID",
    "CREATE TABLE webhook_cursors (
        endpoint TEXT PRIMARY KEY,
        since INTEGER NOT NULL, -- when the endpoint was created
        seq INTEGER NOT NULL, -- the last event that was delivered, given up or not subscribed to
        attempts INTEGER NOT NULL DEFAULT 0, -- at the next event
        due_at INTEGER -- NULL if there is nothing to send
    ) WITHOUT ROWID",
    "CREATE TABLE retention_pass (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        state TEXT NOT NULL -- JSON
    )",
];
