//! Operations over ledgers in memory, end to end.

mod connections;
mod kit;
mod oauth;
mod tokens;
mod users;
mod verdicts;
mod webhooks;
