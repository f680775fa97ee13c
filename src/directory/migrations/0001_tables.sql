-- The tables of the directory. The Worker runs the same statements if they were not run before, so each of them may run twice.
--
-- `seq` is the order of arrival. `incarnation` and `number` are those of the ledger when it read the row: a write with lower
-- ones changes nothing. A deleted row keeps both, and nothing else that is personal, until the retention is over.

CREATE TABLE IF NOT EXISTS users (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT NOT NULL UNIQUE,
  incarnation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  deleted_at INTEGER,
  status TEXT,
  role TEXT,
  groups TEXT,
  external_id TEXT,
  connectable INTEGER,
  created_at INTEGER,
  updated_at INTEGER
);

CREATE INDEX IF NOT EXISTS users_by_external_id ON users (external_id) WHERE external_id IS NOT NULL;

CREATE INDEX IF NOT EXISTS users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS apps (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL UNIQUE,
  incarnation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  deleted_at INTEGER,
  status TEXT,
  name TEXT,
  provider TEXT,
  registration TEXT,
  created_at INTEGER,
  updated_at INTEGER
);

CREATE INDEX IF NOT EXISTS apps_by_name ON apps (name COLLATE NOCASE);

CREATE INDEX IF NOT EXISTS apps_deleted ON apps (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS connections (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  incarnation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  deleted_at INTEGER,
  ended_at INTEGER,
  user_id TEXT NOT NULL,
  app_id TEXT,
  provider TEXT,
  status TEXT,
  health TEXT,
  scope TEXT,
  created_at INTEGER,
  created_by TEXT,
  changed_at INTEGER,
  expires_at INTEGER
);

CREATE INDEX IF NOT EXISTS connections_of_user ON connections (user_id, seq);

CREATE INDEX IF NOT EXISTS connections_of_app ON connections (app_id, seq);

CREATE INDEX IF NOT EXISTS connections_by_time ON connections (created_at, id);

CREATE INDEX IF NOT EXISTS connections_deleted ON connections (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX IF NOT EXISTS connections_ended ON connections (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  ledger TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  arrived_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  user_id TEXT,
  app_id TEXT,
  connection_id TEXT,
  token_id TEXT,
  kind TEXT,
  provider TEXT,
  webhook TEXT,
  data TEXT NOT NULL,
  UNIQUE (ledger, incarnation, number)
);

CREATE INDEX IF NOT EXISTS events_of_user ON events (user_id, seq) WHERE user_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  ledger TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  arrived_at INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  at INTEGER NOT NULL,
  delivery TEXT NOT NULL,
  UNIQUE (ledger, incarnation, number)
);

CREATE INDEX IF NOT EXISTS deliveries_to ON deliveries (endpoint, seq);

CREATE TABLE IF NOT EXISTS revocations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  incarnation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  deleted_at INTEGER,
  user_id TEXT,
  provider TEXT,
  revocation TEXT
);

CREATE INDEX IF NOT EXISTS revocations_of_user ON revocations (user_id, seq) WHERE user_id IS NOT NULL;

CREATE INDEX IF NOT EXISTS revocations_deleted ON revocations (deleted_at) WHERE deleted_at IS NOT NULL;
