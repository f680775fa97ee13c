//! The domain: tokens, connections, users, apps, their statuses, and the decisions on commands.
//!
//! Everything here is pure: no clock, no randomness, no I/O, no JavaScript. The caller passes the time and the fresh
//! handles in, so every rule runs the same in a ledger, in a browser and in a property test.
//!
//! Not in scope: storage, HTTP, and the spelling of any vendor.
//!
//! ```
//! use hookswitch::core::decide::users::GetUser;
//! use hookswitch::core::{DecisionError, Principal, Request, Resource, Snapshot, Timestamp, decide};
//!
//! // A decision over an empty ledger: the user does not exist.
//! let request = Request::plain(Principal::Root, GetUser { user_id: "ada".parse().unwrap() });
//! let decision = decide(&Snapshot::default(), &request, Timestamp::from_millis(0));
//! assert_eq!(decision.reply.outcome.unwrap_err(), DecisionError::NotFound(Resource::User));
//! assert!(decision.changes.is_empty());
//! ```

pub mod access;
pub mod app;
pub mod base64;
pub mod command;
pub mod connection;
pub mod credential;
pub mod cutoff;
pub mod decide;
pub mod digest;
pub mod error;
pub mod event;
pub mod handle;
pub mod handle_format;
pub mod ids;
pub mod json;
pub mod keys;
pub mod lease;
pub mod params;
pub mod pkce;
pub mod provider;
pub mod revocation;
pub mod rfc3339;
pub mod rule;
pub mod schedule;
pub mod scope;
pub mod sealed;
pub mod sign_in;
pub mod snapshot;
pub mod status;
pub mod status_message;
pub mod status_snapshot;
pub mod string_enum;
pub mod ticket;
pub mod ticket_view;
pub mod time;
pub mod token;
pub mod token_ref;
pub mod user;
pub mod verdict;
pub mod webhook;

pub use access::{Actor, Principal};
pub use app::App;
pub use command::{Command, Minted, Reply, Request};
pub use connection::{Connection, ConnectionStatus};
pub use credential::{Credential, CredentialState};
pub use decide::decide;

pub use digest::{Digest, TokenKey};
pub use error::{DecisionError, Resource};
pub use event::Event;
pub use handle::{Handle, HandleKind};
pub use ids::{AppId, ConnectionId, ExternalId, Group, LedgerId, Slug, TokenId, UserId};
pub use json::Json;
pub use keys::Keyring;
pub use lease::Leases;
pub use provider::{Provider, UpstreamTokenType};
pub use rule::Rule;
pub use scope::Scope;
pub use sealed::Sealed;
pub use snapshot::{ChangeSet, Mutation, Snapshot};
pub use status::{Status, TokenState, status};
pub use ticket::Ticket;
pub use time::Timestamp;
pub use token::{Token, TokenKind};
pub use token_ref::{ConnectionRef, NamedToken, TokenRef};
pub use user::{Role, User};
pub use verdict::{ConnectionVerdict, Source, Verdict};
