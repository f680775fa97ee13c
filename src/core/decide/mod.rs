//! Decisions on commands.
//!
//! A command of a user's ledger implements [`UserCommand`] next to its struct: what it reads, who may run it, and what it
//! writes. [`decide`] runs it over a [`Snapshot`]. An error changes nothing. Authorization comes first, so a caller without
//! access learns nothing.
//!
//! The other ledgers ([`apps`], [`external_ids`], [`operator`]) hold one kind of record each and have commands of their
//! own. A command of the wrong class does not compile.

pub mod apps;
pub mod authorizations;
pub mod client_credentials;
pub mod connections;
pub mod external_ids;
pub mod grants;
mod issue;
pub mod keys;
pub mod link;
pub mod operator;
pub mod revocations;
pub mod statuses;
pub mod sweep;
pub mod tokens;
pub mod users;

use serde::Serialize;

use super::access::{Action, Actor, Principal, Relation, allows};
use super::audience::Audience;
use super::command::{Command, IdempotencyKey, Reply, Request};
use super::error::{DecisionError, Resource};
use super::ids::{AppId, UserId};
use super::scope::Scope;
use super::snapshot::{ChangeSet, Reads, Snapshot, StoredResponse};
use super::time::Timestamp;
use super::user::User;

/// Whether the answer to a command is stored for a repeated request with the same `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// The answer is not stored: the command only reads, or a repetition changes nothing more.
    NotStored,
    /// The answer is stored and given again.
    Stored,
    /// The command issues tokens. The stored answer is given again only while the tokens in it may be.
    Issues,
}

/// A command of a user's ledger.
pub trait UserCommand: Command {
    /// Whether the answer is stored for repeated requests.
    const IDEMPOTENCY: Idempotency;

    /// What the decision needs of the ledger.
    fn reads(&self) -> Reads;

    /// The app whose registration the decision needs. The caller looks it up before.
    fn app_id(&self) -> Option<&AppId> {
        None
    }

    /// The user that the command names, if it names one.
    fn user_id(&self) -> Option<&UserId> {
        None
    }

    /// Checks that the principal may run the command. The default is the write rule of users.
    ///
    /// # Errors
    /// [`DecisionError::Forbidden`], or that the user does not exist.
    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_writer(self.user_id())
    }

    /// Whether a stored answer may be given again. Only called if [`Self::IDEMPOTENCY`] is `Issues`.
    ///
    /// # Errors
    /// Why the request would be refused now.
    fn may_repeat(&self, _cx: &DecisionContext<'_>, _stored: &StoredResponse) -> Result<bool, DecisionError> {
        Ok(true)
    }

    /// Whether an outcome is stored for repeated requests.
    fn is_stored(_outcome: &Self::Outcome) -> bool {
        true
    }

    /// Removes from an outcome what must not be stored with the answer.
    fn redact(_outcome: &mut Self::Outcome) {}

    /// Decides the command and adds what it writes to `changes`.
    ///
    /// # Errors
    /// Why the command is refused. Nothing of `changes` is written then.
    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Self::Outcome, DecisionError>;
}

/// Everything that a decision is made over.
#[derive(Clone)]
pub struct DecisionContext<'a> {
    /// What the ledger read.
    pub snapshot: &'a Snapshot,
    /// Who makes the request.
    pub principal: &'a Principal,
    /// Who appears in the audit trail.
    pub actor: Actor,
    /// The app that the command names.
    pub app: Option<&'a super::app::App>,
    /// The handles that were created for the command.
    pub minted: &'a super::command::MintedHandles,
    /// How the request is recognised if it is repeated.
    pub idempotency: Option<&'a IdempotencyKey>,
    /// The ledger's time.
    pub now: Timestamp,
}

/// What a ledger writes and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<O> {
    /// The rows and events to write, all or none.
    pub changes: ChangeSet,
    /// Whether the answer is stored for repeated requests.
    pub store_response: bool,
    /// The answer.
    pub reply: Reply<O>,
}

/// Decides a request over what the ledger read, at the ledger's time.
#[must_use]
pub fn decide<C: UserCommand>(snapshot: &Snapshot, request: &Request<C>, now: Timestamp) -> Decision<C::Outcome> {
    let cx = DecisionContext {
        snapshot,
        principal: &request.principal,
        actor: request.principal.actor(),
        app: request.app.as_ref(),
        minted: &request.minted,
        idempotency: request.idempotency.as_ref(),
        now,
    };
    let mut changes = ChangeSet::default();
    match answer(&request.command, &cx, &mut changes) {
        Ok(reply) => {
            let is_stored = reply.outcome.as_ref().is_ok_and(C::is_stored);
            let repeats = request.idempotency.is_some() && C::IDEMPOTENCY != Idempotency::NotStored;
            let store_response = repeats && is_stored && reply.replayed.is_none();
            Decision { changes, store_response, reply }
        }
        Err(error) => Decision {
            changes: ChangeSet::default(),
            store_response: false,
            reply: Reply { outcome: Err(error), replayed: None },
        },
    }
}

fn answer<C: UserCommand>(
    command: &C,
    cx: &DecisionContext<'_>,
    changes: &mut ChangeSet,
) -> Result<Reply<C::Outcome>, DecisionError> {
    command.authorize(cx)?;
    if let Some(reply) = repeated(command, cx)? {
        return Ok(reply);
    }
    let outcome = command.decide(cx, changes)?;
    Ok(Reply { outcome: Ok(outcome), replayed: None })
}

/// The stored answer, if the request is a repeated one and the answer may be given again.
fn repeated<C: UserCommand>(command: &C, cx: &DecisionContext<'_>) -> Result<Option<Reply<C::Outcome>>, DecisionError> {
    let Some(stored) = matching_response(cx.idempotency, cx.snapshot.stored.as_ref())? else {
        return Ok(None);
    };
    if C::IDEMPOTENCY == Idempotency::Issues && !command.may_repeat(cx, stored)? {
        return Ok(None);
    }
    stored_reply(stored).map(Some)
}

/// The stored answer to the same request; `None` if nothing is stored.
///
/// # Errors
/// [`DecisionError::IdempotencyConflict`] if the key was used for another request.
fn matching_response<'a>(
    idempotency: Option<&IdempotencyKey>,
    stored: Option<&'a StoredResponse>,
) -> Result<Option<&'a StoredResponse>, DecisionError> {
    let (Some(idempotency), Some(stored)) = (idempotency, stored) else {
        return Ok(None);
    };
    if idempotency.grace.is_none() && stored.idempotency.request != idempotency.request {
        return Err(DecisionError::IdempotencyConflict);
    }
    Ok(Some(stored))
}

/// The stored answer as a reply. An answer of another version that cannot be read counts as a conflict.
fn stored_reply<O: serde::de::DeserializeOwned>(stored: &StoredResponse) -> Result<Reply<O>, DecisionError> {
    let outcome = serde_json::from_str(&stored.outcome).map_err(|_| DecisionError::IdempotencyConflict)?;
    Ok(Reply { outcome: Ok(outcome), replayed: Some(stored.minted.clone()) })
}

impl DecisionContext<'_> {
    /// The user of the ledger.
    ///
    /// # Errors
    /// [`DecisionError::NotFound`] if there is none.
    pub(crate) fn user(&self) -> Result<&User, DecisionError> {
        self.snapshot.user.as_ref().ok_or(DecisionError::NotFound(Resource::User))
    }

    /// The relation of the principal to the user of the ledger.
    pub(crate) fn relation(&self) -> Relation {
        match (&self.snapshot.user, self.principal) {
            (_, principal) if principal.writes_everyone() => Relation::Administrator,
            (_, Principal::Holder) => Relation::Holder,
            (Some(user), principal) if principal.may_write(&user.user_id, &user.profile) => Relation::Writer,
            _ => Relation::Stranger,
        }
    }

    /// Checks the write rule of users. `named` is the user that the command names.
    ///
    /// A caller without write access gets [`DecisionError::Forbidden`] whether or not the user exists.
    pub(crate) fn authorize_writer(&self, named: Option<&UserId>) -> Result<(), DecisionError> {
        let writes = match (&self.snapshot.user, named) {
            (None, Some(user_id)) => self.principal.writes_regardless(user_id),
            _ => allows(self.relation(), Action::WriteUser),
        };
        if !writes {
            return Err(DecisionError::Forbidden);
        }
        let user = self.user()?;
        match named {
            Some(named) if *named != user.user_id => Err(DecisionError::Inconsistent),
            _ => Ok(()),
        }
    }

    /// Checks that the principal may do what is reserved for administrators.
    pub(crate) fn authorize_operator(&self) -> Result<(), DecisionError> {
        if allows(self.relation(), Action::Operate) { Ok(()) } else { Err(DecisionError::Forbidden) }
    }

    /// The time `seconds` from now.
    pub(crate) fn after(&self, seconds: u32) -> Timestamp {
        self.now.plus_seconds(i64::from(seconds))
    }

    /// The same context with another author of the change.
    pub(crate) fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }
}

/// The scopes to grant: the ones asked for if they are within `granted`, or all of `granted` if none are named.
pub(crate) fn grant_scope(asked: Option<&Scope>, granted: Option<&Scope>) -> Result<Option<Scope>, DecisionError> {
    match asked {
        None => Ok(granted.cloned()),
        Some(asked) if asked.is_within(granted) => Ok(Some(asked.clone())),
        Some(_) => Err(DecisionError::ScopeTooWide),
    }
}

/// The audience to grant: the one asked for if it is within `granted`, or all of `granted` if none is named.
pub(crate) fn grant_audience(
    asked: Option<&Audience>,
    granted: Option<&Audience>,
) -> Result<Option<Audience>, DecisionError> {
    match asked {
        None => Ok(granted.cloned()),
        Some(asked) if asked.is_within(granted) => Ok(Some(asked.clone())),
        Some(_) => Err(DecisionError::AudienceTooWide),
    }
}

/// Whether a command created a record or found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PutEffect {
    /// The record was created.
    Created,
    /// The record existed.
    Kept,
}

/// A record that was created, replaced or found unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Put<T> {
    /// The record as it is now.
    pub value: T,
    /// Whether it was created.
    pub effect: PutEffect,
}

impl<T> Put<T> {
    /// The record and whether it existed before.
    pub(crate) fn of(value: T, existed: bool) -> Self {
        Self { value, effect: if existed { PutEffect::Kept } else { PutEffect::Created } }
    }
}
