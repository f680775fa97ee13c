//! What is true of tokens, users and connections, and what may happen to them next.
//!
//! Pure Rust: no clock, no randomness, no I/O, no JavaScript. Whoever calls passes the time and the fresh handles in,
//! so that every rule here runs the same in the ledger, in a browser and in a property test.
//!
//! Not in scope: storage, HTTP, and how any vendor spells a thing.

pub mod access;
pub mod answer;
pub mod app;
pub mod base64;
pub mod codec;
pub mod command;
pub mod connection;
pub mod credential;
pub mod cutoff;
pub mod decide;
pub mod digest;
pub mod event;
pub mod form;
pub mod ids;
pub mod json;
pub mod keys;
pub mod operator;
pub mod order;
pub mod pack;
pub mod pkce;
pub mod provider;
pub mod reading;
pub mod refusal;
pub mod request;
pub mod revocation;
pub mod schedule;
pub mod scope;
pub mod shown;
pub mod status;
pub mod sweep;
pub mod target;
pub mod ticket;
pub mod time;
pub mod token;
pub mod user;
pub mod verdict;
pub mod view;
pub mod webhook;
pub mod words;

pub use access::{Actor, Principal};
pub use answer::{Answer, Outcome};
pub use app::App;
pub use codec::{Handle, Kind};
pub use command::Command;
pub use connection::{Connection, ConnectionStatus};
pub use credential::{Credential, CredentialState, Sealed};
pub use decide::decide;
pub use digest::Digest;
pub use event::Event;
pub use ids::{AppId, ConnectionId, ExternalId, Group, Shard, Slug, TokenId, UserId};
pub use json::Json;
pub use keys::Keyring;
pub use provider::{Provider, TokenType};
pub use refusal::Refusal;
pub use request::Request;
pub use revocation::Revocation;
pub use scope::Scope;
pub use shown::Shown;
pub use status::{Standing, Status, status};
pub use target::{Link, Target};
pub use ticket::Ticket;
pub use time::Timestamp;
pub use token::{Token, TokenKind};
pub use user::{Role, User};
pub use verdict::{ConnectionVerdict, Source, Verdict};
pub use view::View;
