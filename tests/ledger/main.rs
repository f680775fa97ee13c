//! Ledgers on SQLite in memory: what they store, what it costs, and what two neighbouring versions make of it.

mod cost;
mod delivery;
mod expiry;
mod kit;
mod platform;
mod retention;
mod versions;
