//! The tables, and how an older ledger gets them.

use super::sql::{Row, Sql};
use crate::core::Timestamp;

/// What each version changes, in order. A version that was deployed is never edited: the next one changes it.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE user (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        user_id TEXT NOT NULL,
        role TEXT NOT NULL,
        groups TEXT NOT NULL, -- one a line
        external_id TEXT,
        connectable INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    );
    CREATE TABLE tokens (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        token_id TEXT NOT NULL UNIQUE,
        digest TEXT NOT NULL UNIQUE,
        kind INTEGER NOT NULL, -- its bit
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        expires_at INTEGER,
        app_id TEXT,
        scope TEXT,
        redirect_uri TEXT,
        label TEXT,
        metadata TEXT, -- JSON
        end_how TEXT,
        end_at INTEGER,
        end_by TEXT,
        end_reason TEXT,
        settled_at INTEGER
    );
    CREATE INDEX tokens_to_expire ON tokens (expires_at) WHERE settled_at IS NULL AND expires_at IS NOT NULL;
    CREATE INDEX tokens_to_cut ON tokens (created_at) WHERE settled_at IS NULL;
    CREATE INDEX tokens_to_delete ON tokens (settled_at) WHERE settled_at IS NOT NULL;
    CREATE TABLE cutoffs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        before INTEGER NOT NULL,
        app_id TEXT,
        kinds INTEGER NOT NULL, -- their bits
        at INTEGER NOT NULL,
        by TEXT NOT NULL,
        reason TEXT
    );
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        told_at INTEGER NOT NULL,
        type TEXT NOT NULL,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        token_id TEXT,
        kind INTEGER,
        data TEXT NOT NULL -- JSON
    );
    CREATE TABLE retries (
        key TEXT PRIMARY KEY,
        at INTEGER NOT NULL,
        earlier TEXT NOT NULL -- packed
    );
    CREATE INDEX retries_to_delete ON retries (at);
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        body TEXT NOT NULL, -- packed
        attempts INTEGER NOT NULL DEFAULT 0,
        since INTEGER NOT NULL,
        due_at INTEGER NOT NULL
    );
    CREATE INDEX outbox_due ON outbox (due_at);
",
    "
    CREATE TABLE connections (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        app_id TEXT NOT NULL,
        scope TEXT,
        metadata TEXT, -- JSON
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        expires_at INTEGER,
        activated_at INTEGER,
        status TEXT NOT NULL,
        status_at INTEGER NOT NULL,
        status_by TEXT,
        status_reason TEXT,
        settled_at INTEGER
    );
    CREATE INDEX connections_of_app ON connections (app_id, seq) WHERE settled_at IS NULL;
    CREATE INDEX connections_to_expire ON connections (expires_at) WHERE settled_at IS NULL AND status = 'initiated';
    CREATE INDEX connections_to_delete ON connections (settled_at) WHERE settled_at IS NOT NULL;
    ALTER TABLE tokens ADD COLUMN connection_id TEXT;
    ALTER TABLE tokens ADD COLUMN family TEXT;
    ALTER TABLE tokens ADD COLUMN code_challenge TEXT;
    ALTER TABLE tokens ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tokens ADD COLUMN lifetime INTEGER;
    ALTER TABLE tokens ADD COLUMN limited INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX tokens_of_connection ON tokens (connection_id) WHERE settled_at IS NULL;
    CREATE INDEX tokens_of_family ON tokens (family) WHERE settled_at IS NULL;
    ALTER TABLE cutoffs ADD COLUMN connection_id TEXT;
    ALTER TABLE cutoffs ADD COLUMN family TEXT;
    ALTER TABLE events ADD COLUMN connection_id TEXT;
    CREATE TABLE app (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        app_id TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        redirect_uris TEXT NOT NULL, -- one a line
        scopes TEXT,
        client_type TEXT NOT NULL,
        logo_url TEXT,
        provider TEXT,
        secret TEXT,
        previous_secret TEXT,
        previous_until INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    );
    CREATE TABLE external_id (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        user_id TEXT NOT NULL,
        claimed_at INTEGER -- until it is confirmed
    );
",
    "
    ALTER TABLE connections ADD COLUMN provider TEXT;
    ALTER TABLE connections ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
    INSERT INTO outbox (key, body, since, due_at)
        SELECT 'account:' || id, '', strftime('%s', 'now') * 1000000, strftime('%s', 'now') * 1000000 FROM connections;
    CREATE TABLE credentials (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        connection_id TEXT NOT NULL,
        token_type TEXT NOT NULL,
        state TEXT NOT NULL,
        sealed TEXT, -- none, once it is erased
        expires_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER, -- while its revocation is under way
        changed_at INTEGER NOT NULL,
        error TEXT,
        listed INTEGER NOT NULL DEFAULT 0 -- whether the operator's ledger was told of it
    );
    CREATE INDEX credentials_of_connection ON credentials (connection_id);
    CREATE INDEX credentials_due ON credentials (due_at) WHERE due_at IS NOT NULL;
    CREATE TABLE told ( -- up to which event the endpoints were looked at
        only INTEGER PRIMARY KEY CHECK (only = 1),
        seq INTEGER NOT NULL
    );
    CREATE TABLE listeners ( -- how far each endpoint is
        endpoint TEXT PRIMARY KEY,
        since INTEGER NOT NULL, -- when the endpoint was made
        seq INTEGER NOT NULL, -- the last event that it got or was not to get
        attempts INTEGER NOT NULL DEFAULT 0, -- at the next one
        due_at INTEGER -- none, where there is nothing to send
    );
    CREATE TABLE providers (
        slug TEXT PRIMARY KEY,
        stored TEXT NOT NULL -- packed
    );
    CREATE TABLE endpoints (
        name TEXT PRIMARY KEY,
        stored TEXT NOT NULL -- packed
    );
    CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        endpoint TEXT NOT NULL,
        delivery TEXT NOT NULL -- packed
    );
    CREATE INDEX deliveries_to ON deliveries (endpoint, seq);
    CREATE TABLE abandoned (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        revocation TEXT NOT NULL -- packed
    );
",
];

/// Whether this ledger has tables at all.
pub(super) fn exists(sql: &Sql) -> bool {
    sql.finds("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'", &[])
}

/// Brings the tables up to this version. Within a transaction.
pub(super) fn migrate(sql: &Sql, now: Timestamp) {
    sql.execute("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, at INTEGER NOT NULL)", &[]);
    let done = sql.first("SELECT COALESCE(MAX(version), 0) FROM migrations", &[], Row::integer).unwrap_or(0);
    for (version, change) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > done) {
        sql.execute(change, &[]);
        sql.execute("INSERT INTO migrations (version, at) VALUES (?, ?)", &[version.into(), now.into()]);
    }
}
