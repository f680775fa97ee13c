//! The rows that a user's ledger reads for a decision, and the rows that it writes afterwards.
//!
//! ```
//! use hookswitch::core::decide::UserCommand;
//! use hookswitch::core::decide::users::GetUser;
//!
//! // To read a user, a decision needs no token.
//! let command = GetUser { user_id: "ada".parse().unwrap() };
//! assert!(command.reads().tokens.is_empty());
//! ```

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::command::{IdempotencyKey, MintedHandles};
use super::connection::{Connection, ConnectionStatus};
use super::credential::{Credential, NewCredentials};
use super::cutoff::{Counts, RevocationCutoff};
use super::decide::reservations::Reservation;
use super::digest::TokenKey;
use super::error::{DecisionError, Resource};
use super::event::{Event, EventType, RecordedEvent};
use super::ids::{AppId, ConnectionId, TokenId, UserId};
use super::json::Json;
use super::params::{PageRequest, Positioned, RevokeFilter};
use super::status::{TokenState, status};
use super::time::Timestamp;
use super::token::{Token, TokenEnd};
use super::token_ref::TokenRef;
use super::user::User;

/// The connections that a decision needs, beside those of the tokens that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ConnectionSelection {
    /// No connection.
    #[default]
    None,
    /// The connection with this id.
    ById(ConnectionId),
    /// The connection whose credential has this row number.
    ByCredential(u64),
    /// The newest initiated or active connection to this app.
    NewestOf(AppId),
    /// Every connection to this app whose end is not recorded.
    OpenOf(AppId),
    /// Every active or inactive connection.
    Authorized,
    /// A page of all connections, newest first.
    Page(PageRequest),
}

/// Everything that a decision needs of the user's ledger. The user and the cutoffs are always read.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// The tokens, in this order.
    pub tokens: Vec<TokenRef>,
    /// The connections.
    pub connections: ConnectionSelection,
    /// Whether the credentials of the connections are read.
    pub credentials: bool,
    /// Whether to find out if a token of the first token's family may still be alive.
    pub family_alive: bool,
    /// A page of tokens, newest first.
    pub token_page: Option<PageRequest>,
    /// A page of events, newest first.
    pub event_page: Option<PageRequest>,
    /// How many tokens and connections that match this filter are alive, and the ids of up to 100 of the connections.
    pub live: Option<RevokeFilter>,
    /// Whether the user for which the id of this ledger is reserved is read.
    pub reservation: bool,
    /// The API key of the principal, if the command creates authority.
    pub principal_key: Option<TokenRef>,
}

impl Reads {
    /// Reads the user and the cutoffs only.
    #[must_use]
    pub fn user() -> Self {
        Self::default()
    }

    /// Reads one token and its connection.
    #[must_use]
    pub fn token(token: &TokenRef) -> Self {
        Self { tokens: vec![token.clone()], credentials: true, ..Self::default() }
    }

    /// Reads also the connection that an earlier request with the same `Idempotency-Key` created.
    #[must_use]
    pub fn for_repetition(mut self, stored: Option<&StoredResponse>) -> Self {
        let created = stored.and_then(|stored| stored.minted.connection_id.clone());
        if let (Some(id), ConnectionSelection::None) = (created, &self.connections) {
            self.connections = ConnectionSelection::ById(id);
            self.credentials = true;
        }
        self
    }

    /// Reads connections with their credentials.
    #[must_use]
    pub fn connections(connections: ConnectionSelection) -> Self {
        Self { connections, credentials: true, ..Self::default() }
    }
}

/// The stored answer to an earlier request with the same `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    /// The key and the request.
    pub idempotency: IdempotencyKey,
    /// The handles that were created for it.
    pub minted: MintedHandles,
    /// The outcome, as the text of its JSON.
    pub outcome: String,
}

/// The rows that the ledger read for a command, all at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The user; `None` if it does not exist.
    pub user: Option<User>,
    /// The cutoffs that may match a token or connection of the snapshot, oldest first.
    pub cutoffs: Vec<RevocationCutoff>,
    /// The tokens of [`Reads::tokens`], in the same order.
    pub tokens: Vec<Option<Token>>,
    /// The connections of the tokens, of the token page, and of [`Reads::connections`].
    pub connections: Vec<Connection>,
    /// The credentials of those connections.
    pub credentials: Vec<Credential>,
    /// The stored answer to an earlier request with the same key.
    pub stored: Option<StoredResponse>,
    /// The tokens that were issued with that answer.
    pub reissued: Vec<Token>,
    /// Whether a token of the first token's family may be alive: its connection is, and no cutoff ended the family.
    pub family_alive: bool,
    /// How many tokens and connections that match [`Reads::live`] are alive.
    pub live: Counts,
    /// Whether rows that cannot be read kept the ledger from counting. Changes that end something are written all the
    /// same.
    pub is_uncounted: bool,
    /// The ids of up to 100 live connections that match [`Reads::live`].
    pub live_connections: Vec<ConnectionId>,
    /// The user for which the id of this ledger is reserved.
    pub reservation: Option<Reservation>,
    /// The API key of [`Reads::principal_key`], if it is one of this ledger.
    pub principal_key: Option<Token>,
    /// The page of tokens.
    pub token_page: Vec<Positioned<Token>>,
    /// The page of connections.
    pub connection_page: Vec<Positioned<Connection>>,
    /// The page of events.
    pub event_page: Vec<Positioned<RecordedEvent>>,
}

impl Snapshot {
    /// The connection with this id, if it was read.
    #[must_use]
    pub fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    /// The connection of a token, if it was read.
    #[must_use]
    pub fn connection_of(&self, token: &Token) -> Option<&Connection> {
        token.facts.connection_id.as_ref().and_then(|id| self.connection(id))
    }

    /// The state of a token.
    #[must_use]
    pub fn state(&self, token: &Token, now: Timestamp) -> TokenState {
        status(token, self.connection_of(token), &self.cutoffs, now)
    }

    /// The state of a connection.
    #[must_use]
    pub fn connection_status(&self, connection: &Connection, now: Timestamp) -> ConnectionStatus {
        super::status::connection_state(connection, &self.cutoffs, now).status
    }

    /// The first of the tokens.
    ///
    /// # Errors
    /// [`DecisionError::NotFound`] if it does not exist.
    pub(crate) fn token(&self) -> Result<&Token, DecisionError> {
        self.tokens.first().and_then(Option::as_ref).ok_or(DecisionError::NotFound(Resource::Token))
    }
}

/// One row to write. All mutations of a decision are written together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Insert or replace the user.
    PutUser(User),
    /// Replace or delete the reservation of the ledger's id.
    SetReservation(Option<Reservation>),
    /// Insert a token.
    AddToken(Token),
    /// Record the end of a live token.
    EndToken(TokenKey, TokenEnd),
    /// Record that the event of a token's expiry was emitted.
    RecordExpiry(TokenKey),
    /// Insert a cutoff.
    AddCutoff(RevocationCutoff),
    /// Change the expiry of a live token.
    ExtendToken(TokenKey, Timestamp),
    /// Record that a token was presented again after it was consumed.
    MarkReplayed(TokenKey),
    /// Insert a connection, or replace one whose end is not recorded.
    PutConnection(Connection),
    /// Hide a dead connection.
    MarkDeleted(ConnectionId),
    /// Store credentials; each replaces the credential of its type in the state `held`.
    StoreCredentials(ConnectionId, NewCredentials),
    /// Update a credential; its secret is erased if the state no longer keeps it.
    PutCredential(Credential),
}

impl Mutation {
    /// Whether the mutation can change what a status ticket shows.
    #[must_use]
    pub const fn changes_status(&self) -> bool {
        matches!(
            self,
            Self::EndToken(..)
                | Self::RecordExpiry(_)
                | Self::AddCutoff(_)
                | Self::ExtendToken(..)
                | Self::PutConnection(_)
                | Self::MarkDeleted(_)
                | Self::PutCredential(_)
        )
    }
}

/// Everything that a decision writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// The rows to write.
    pub mutations: Vec<Mutation>,
    /// The events, in order.
    pub events: Vec<Event>,
}

/// The subject of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EventSubject<'a> {
    User,
    Token(&'a Token),
    Connection(&'a ConnectionId),
}

impl ChangeSet {
    /// Whether the change set issues a token or stores credentials.
    #[must_use]
    pub fn issues(&self) -> bool {
        let issues = |mutation| matches!(mutation, &Mutation::AddToken(_) | &Mutation::StoreCredentials(..));
        self.mutations.iter().any(issues)
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mutations.is_empty() && self.events.is_empty()
    }

    /// Adds a row to write.
    pub(crate) fn push(&mut self, mutation: Mutation) {
        self.mutations.push(mutation);
    }

    /// Adds an event.
    pub(crate) fn emit_event(
        &mut self,
        event_type: EventType,
        actor: Actor,
        user_id: &UserId,
        subject: EventSubject<'_>,
        at: Timestamp,
        data: &impl Serialize,
    ) {
        let (token, connection_id) = match subject {
            EventSubject::User => (None, None),
            EventSubject::Token(token) => (Some(token), token.facts.connection_id.as_ref()),
            EventSubject::Connection(id) => (None, Some(id)),
        };
        let token_id: Option<TokenId> = token.map(|token| token.token_id.clone());
        self.events.push(Event {
            event_type,
            at,
            actor,
            user_id: user_id.clone(),
            token_id,
            kind: token.map(|token| token.kind),
            connection_id: connection_id.cloned(),
            data: Json::of(data),
        });
    }
}
