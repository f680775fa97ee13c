//! What a ledger shows to [`super::decide()`], and what it is told to change.

use serde::{Deserialize, Serialize};

use super::access::Actor;
use super::answer::Outcome;
use super::command::{Minting, Retry};
use super::digest::Digest;
use super::event::{Event, EventType, Recorded};
use super::ids::AppId;
use super::json::Object;
use super::time::Timestamp;
use super::token::{Token, TokenKind};
use super::user::User;
use super::verdict::Verdict;

/// A set of token kinds. In storage, a number with the bit of each kind set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kinds(u32);

impl Kinds {
    /// Every kind, also those to come.
    pub const ALL: Self = Self(u32::MAX);

    /// The set as storage has it.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The set as storage has it.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the kind is in the set.
    #[must_use]
    pub const fn contains(self, kind: TokenKind) -> bool {
        self.0 & kind.bit() != 0
    }
}

impl FromIterator<TokenKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = TokenKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | kind.bit()))
    }
}

/// Everything of a user that was minted up to a time is revoked, as of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cutoff {
    /// What was minted up to and including this time.
    pub before: Timestamp,
    /// Only what belongs to this app.
    pub app_id: Option<AppId>,
    /// Only these kinds.
    pub kinds: Kinds,
    /// When it was decided.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Why.
    pub reason: Option<String>,
}

impl Cutoff {
    /// Whether the token is among what was revoked.
    #[must_use]
    pub fn covers(&self, token: &Token) -> bool {
        token.created_at <= self.before
            && self.kinds.contains(token.kind)
            && (self.app_id.is_none() || self.app_id == token.facts.app_id)
    }
}

/// How many tokens of each kind there are; kinds of which there are none are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts(Vec<(TokenKind, u64)>);

impl Counts {
    /// Counts tokens of a kind that was not counted yet.
    pub fn add(&mut self, kind: TokenKind, count: u64) {
        self.0.push((kind, count));
    }

    /// Each kind with its count, those of which there are none among them.
    pub fn iter(&self) -> impl Iterator<Item = (TokenKind, u64)> {
        TokenKind::ALL.iter().map(|kind| {
            let counted = self.0.iter().find(|(of, _)| of == kind);
            (*kind, counted.map_or(0, |(_, count)| *count))
        })
    }

    /// All of them together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |total, (_, count)| total.saturating_add(*count))
    }
}

/// The answer that an earlier request with the same `Idempotency-Key` got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The key, and what it was used for.
    pub retry: Retry,
    /// The tokens that were minted for it.
    pub minting: Minting,
    /// What it was answered.
    pub outcome: Outcome,
}

/// What a ledger shows of itself for one command: all of it read at one moment.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The user whose ledger it is; none, where nobody was put yet.
    pub user: Option<User>,
    /// The cutoffs that may still cover a token.
    pub cutoffs: Vec<Cutoff>,
    /// The tokens that the command names, in its order.
    pub tokens: Vec<Option<Token>>,
    /// The answer to an earlier request with the same key.
    pub earlier: Option<Earlier>,
    /// How many live tokens the command's cut covers.
    pub live: Counts,
    /// The page of tokens that the command lists, each with its place.
    pub token_page: Vec<(u64, Token)>,
    /// The page of events that the command lists.
    pub event_page: Vec<Recorded>,
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
        let user_id = user.user_id.clone();
        self.events.push(Event { event_type, at, actor, user_id, token_id: None, kind: None, data: data.into() });
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
        self.events.push(Event {
            event_type,
            at,
            actor,
            user_id: user.user_id.clone(),
            token_id: Some(token.token_id.clone()),
            kind: Some(token.kind),
            data: data.into(),
        });
    }
}
