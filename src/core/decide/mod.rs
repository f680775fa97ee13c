//! Decisions on commands.
//!
//! A command of a user's ledger implements [`UserCommand`] next to its struct: what it reads, who may run it, and what it
//! writes. [`decide`] runs it over a [`Snapshot`]. An error changes nothing. Authorization comes first, so a caller without
//! access learns nothing.
//!
//! The other ledgers ([`apps`], [`external_ids`], [`operator`]) store one kind of record each and have commands of their
//! own. A command of the wrong class does not compile.
//!
//! ```
//! use hookswitch::core::decide::users::GetUser;
//! use hookswitch::core::{DecisionError, Principal, Request, Snapshot, Timestamp, decide};
//!
//! // Policy is part of the decision: a client cannot read a user.
//! let client = Principal::App("calendar".parse().unwrap());
//! let request = Request::plain(client, GetUser { user_id: "ada".parse().unwrap() });
//! let decision = decide(&Snapshot::default(), &request, Timestamp::from_millis(0));
//! assert_eq!(decision.reply.outcome.unwrap_err(), DecisionError::Forbidden);
//! ```

pub mod apps;
pub mod connections;
pub mod external_ids;
pub mod grants;
mod issue;
pub mod keys;
pub mod link;
pub mod operator;
pub mod providers;
pub mod reservations;
pub mod revocations;
pub mod statuses;
pub mod sweep;
pub mod tokens;
pub mod users;

use std::borrow::Cow;

use serde::Serialize;

use super::access::{Action, Actor, Principal, Relation, allows};
use super::command::{Command, IdempotencyKey, Reply, Request};
use super::error::{DecisionError, Resource};
use super::ids::{AppId, UserId};
use super::scope::Scope;
use super::snapshot::{ChangeSet, Reads, Snapshot, StoredResponse};
use super::time::Timestamp;
use super::user::{Role, User};

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

    /// The rows that the decision needs of the ledger.
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

    /// Whether a stored answer may be given again; if not, the command is decided again. [`Self::authorize`] was asked
    /// before, so a repeated request needs the access that a new one needs.
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

    /// Adds to a stored outcome what the ledger stores elsewhere. A token or connection that became unusable since gets its
    /// present verdict. Everything else stays as it was.
    ///
    /// # Errors
    /// [`DecisionError::NotFound`] if the token or connection was deleted since.
    fn restore(_outcome: &mut Self::Outcome, _cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        Ok(())
    }

    /// Decides the command and adds what it writes to `changes`.
    ///
    /// # Errors
    /// Why the command is refused. Nothing of `changes` is written then.
    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Self::Outcome, DecisionError>;
}

/// Everything that a decision is made over.
#[derive(Clone)]
pub struct DecisionContext<'a> {
    /// The rows that the ledger read.
    pub snapshot: &'a Snapshot,
    /// The caller that makes the request.
    pub principal: &'a Principal,
    /// The actor in the audit trail.
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

/// The output of a decision: the writes and the answer of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<O> {
    /// The rows and events to write, all or none.
    pub changes: ChangeSet,
    /// Whether the answer is stored for repeated requests.
    pub store_response: bool,
    /// The reply to the caller.
    pub reply: Reply<O>,
}

/// Decides a request over what the ledger read, at the ledger's time.
#[must_use]
pub fn decide<C: UserCommand>(snapshot: &Snapshot, request: &Request<C>, now: Timestamp) -> Decision<C::Outcome> {
    let mut changes = ChangeSet::default();
    let answered = current_principal(snapshot, request, now).and_then(|principal| {
        let cx = DecisionContext {
            snapshot,
            principal: &principal,
            actor: principal.actor(),
            app: request.app.as_ref(),
            minted: &request.minted,
            idempotency: request.idempotency.as_ref(),
            now,
        };
        answer(&request.command, &cx, &mut changes)
    });
    match answered {
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

/// The principal that the request is decided for.
///
/// A command that creates authority is decided for the user of this ledger as its API key authenticates it now, not as the
/// Worker remembers it. The Worker has asked the ledgers of other users itself.
///
/// # Errors
/// [`DecisionError::KeyNotActive`] if the key is dead.
fn current_principal<'a, C: UserCommand>(
    snapshot: &Snapshot,
    request: &'a Request<C>,
    now: Timestamp,
) -> Result<Cow<'a, Principal>, DecisionError> {
    match (&snapshot.user, &request.principal, request.key_to_verify()) {
        (Some(user), Principal::User { user_id, .. }, Some(_)) if *user_id == user.user_id => {
            let key = snapshot.principal_key.as_ref();
            let current = key.and_then(|key| Principal::of_key(user, key, &snapshot.state(key, now)));
            current.map(Cow::Owned).ok_or(DecisionError::KeyNotActive)
        }
        (_, principal, _) => Ok(Cow::Borrowed(principal)),
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
    if !command.may_repeat(cx, stored)? {
        return Ok(None);
    }
    let mut reply = stored_reply(stored)?;
    if let Ok(outcome) = &mut reply.outcome {
        C::restore(outcome, cx)?;
    }
    Ok(Some(reply))
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
            (Some(user), principal) if principal.may_write(&user.user_id, &user.profile) => match principal {
                Principal::User { role: Role::Manager, .. } => Relation::Manager,
                _ => Relation::Owner,
            },
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

    /// Checks that the principal may issue tokens of an app without the app.
    pub(crate) fn authorize_issuer(&self) -> Result<(), DecisionError> {
        self.authorize_writer(None)?;
        if allows(self.relation(), Action::IssueTokens) { Ok(()) } else { Err(DecisionError::Forbidden) }
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
