//! What a ledger shows to [`super::decide()`], and what it is told to change.

use super::access::Actor;
use super::answer::Outcome;
use super::app::App;
use super::connection::Connection;
use super::credential::{Credential, Deposit};
use super::cutoff::{Counts, Cutoff};
use super::digest::Digest;
use super::event::{Event, EventType, Recorded};
use super::ids::{AppId, ConnectionId};
use super::json::Object;
use super::operator::{OperatorChange, Shown};
use super::pack::packed;
use super::request::{Minting, Retry};
use super::scope::Scope;
use super::status::{Standing, status};
use super::time::Timestamp;
use super::token::Token;
use super::user::User;
use super::verdict::Verdict;

/// The answer that an earlier request with the same `Idempotency-Key` got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The key, and what it was used for.
    pub retry: Retry,
    /// The tokens that were minted for it.
    pub minting: Minting,
    /// What it was answered.
    pub outcome: Outcome,
}

packed!(struct Earlier { retry, minting, outcome });

/// What a ledger shows of itself for one command: all of it read at one moment.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The user whose ledger it is; none, where nobody was put yet.
    pub user: Option<User>,
    /// The cutoffs that may still cover a token.
    pub cutoffs: Vec<Cutoff>,
    /// The tokens that the command names, in its order.
    pub tokens: Vec<Option<Token>>,
    /// The connections that those tokens, and those of the page, hang on; and those that the command is about: the one
    /// it names, the newest of the app that a token is minted for, or all that live.
    pub connections: Vec<Connection>,
    /// What those connections hold of their providers'.
    pub credentials: Vec<Credential>,
    /// The answer to an earlier request with the same key.
    pub earlier: Option<Earlier>,
    /// Whether there was such an answer, in a form that nobody can read any more.
    pub unreadable: bool,
    /// Whether anything lives of the family of the first of the tokens.
    pub family_lives: bool,
    /// The tokens that were issued with that answer.
    pub reissued: Vec<Token>,
    /// How much of what lives the command's cut covers.
    pub live: Counts,
    /// The page of tokens that the command lists, each with its place.
    pub token_page: Vec<(u64, Token)>,
    /// The page of connections that the command lists, each with its place.
    pub connection_page: Vec<(u64, Connection)>,
    /// The page of events that the command lists.
    pub event_page: Vec<Recorded>,
    /// The app whose ledger it is.
    pub app: Option<App>,
    /// What the operator's ledger holds.
    pub operator: Shown,
}

impl View {
    /// The connection of this name.
    #[must_use]
    pub fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    /// The status of a token of this ledger.
    #[must_use]
    pub fn status(&self, token: &Token, now: Timestamp) -> Standing {
        let connection = token.facts.connection_id.as_ref().and_then(|id| self.connection(id));
        status(token, connection, &self.cutoffs, now)
    }
}

/// One thing for a ledger to write. All changes of a decision are written together, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make the user, or replace it.
    PutUser(User),
    /// Add a token.
    AddToken(Token),
    /// Record the death of a token, and copy the verdict to where it can be read without the ledger.
    Settle {
        /// Stands for its secret.
        digest: Digest,
        /// What it died of; terminal.
        verdict: Verdict,
    },
    /// Revoke a part of what the user has.
    AddCutoff(Cutoff),
    /// Let a token live longer.
    Extend(Digest, Timestamp),
    /// Record that a token came again after it was used up.
    MarkReplayed(Digest),
    /// Make the connection, or replace one that is not settled.
    PutConnection(Connection),
    /// Make the app, or replace it.
    PutApp(App),
    /// Have nobody shown a dead connection any more.
    MarkDeleted(ConnectionId),
    /// Keep credentials for a connection, each in the place of the one of its type that is held.
    Deposit(ConnectionId, Vec<Deposit>),
    /// Record what became of a credential; one that is not kept any more is erased.
    PutCredential(Credential),
    /// Write something of the operator's.
    Operator(OperatorChange),
}

impl Change {
    /// Whether it may change what is [shown](super::Shown) of something that was there before.
    #[must_use]
    pub const fn shows(&self) -> bool {
        matches!(
            self,
            Self::Settle { .. } | Self::AddCutoff(_) | Self::Extend(..) | Self::PutConnection(_) | Self::MarkDeleted(_)
        )
    }
}

/// What a ledger is to write: all of it at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writes {
    /// What changes.
    pub changes: Vec<Change>,
    /// What is told of it, in order.
    pub events: Vec<Event>,
}

impl Writes {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.events.is_empty()
    }

    /// Tells what happened to a user.
    pub(crate) fn tell_of_user(
        &mut self,
        event_type: EventType,
        actor: Actor,
        user: &User,
        at: Timestamp,
        data: Object,
    ) {
        self.tell(event_type, actor, user, (None, None), at, data);
    }

    /// Tells what happened to a token.
    pub(crate) fn tell_of_token(
        &mut self,
        event_type: EventType,
        actor: Actor,
        user: &User,
        token: &Token,
        at: Timestamp,
        reason: Option<&str>,
    ) {
        let data = Object::new()
            .with_some("app_id", token.facts.app_id.as_ref().map(AppId::as_str))
            .with_some("label", token.facts.label.as_deref())
            .with_some("reason", reason);
        self.tell(event_type, actor, user, (Some(token), token.facts.connection_id.as_ref()), at, data);
    }

    /// Tells what happened to a connection: that it is in its recorded status now, with these credentials.
    pub(crate) fn tell_of_connection(
        &mut self,
        event_type: EventType,
        user: &User,
        connection: &Connection,
        credentials: &[Credential],
        at: Timestamp,
    ) {
        let recorded = &connection.recorded;
        let mut upstream = Vec::new();
        for credential in credentials {
            upstream.push(credential.summary());
        }
        let data = Object::new()
            .with("app_id", connection.app_id.as_str())
            .with("status", recorded.status.as_str())
            .with_some("scope", connection.scope.as_ref().map(Scope::as_str))
            .with_some("reason", recorded.reason.as_deref())
            .with_some("upstream", (!upstream.is_empty()).then_some(upstream));
        let actor = recorded.by.clone().unwrap_or_else(Actor::system);
        self.tell(event_type, actor, user, (None, Some(&connection.id)), at, data);
    }

    /// Tells that a provider refused, or could not be told.
    pub(crate) fn tell_of_revocation(&mut self, user: &User, connection: &Connection, at: Timestamp, data: Object) {
        let about = (None, Some(&connection.id));
        self.tell(EventType::RevocationAbandoned, Actor::system(), user, about, at, data);
    }

    fn tell(
        &mut self,
        event_type: EventType,
        actor: Actor,
        user: &User,
        (token, connection_id): (Option<&Token>, Option<&ConnectionId>),
        at: Timestamp,
        data: Object,
    ) {
        self.events.push(Event {
            event_type,
            at,
            actor,
            user_id: user.user_id.clone(),
            token_id: token.map(|token| token.token_id.clone()),
            kind: token.map(|token| token.kind),
            connection_id: connection_id.cloned(),
            data: data.into(),
        });
    }
}
