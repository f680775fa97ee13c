//! What comes of a command: `decide(view, request, now)`.
//!
//! The ledger loads a [`View`], asks here, and commits the [`Writes`] of the [`Decision`], all at one moment.
//! A refusal changes nothing. Whoever is not allowed learns nothing, so authorization always comes first.

mod key;
mod tokens;
mod users;

pub use key::authenticate;

use super::access::Principal;
use super::answer::{Answer, Outcome, Refusal};
use super::command::{Command, Request};
use super::ids::UserId;
use super::time::Timestamp;
use super::user::User;
use super::view::{Earlier, View, Writes};

/// What to write, and what to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to write; all or nothing.
    pub writes: Writes,
    /// Whether to remember the answer for when the request comes again.
    pub remember: bool,
    /// What to answer.
    pub answer: Answer,
}

/// Decides a request over what its ledger shows, at the ledger's time.
#[must_use]
pub fn decide(mut view: View, request: &Request, now: Timestamp) -> Decision {
    let mut writes = Writes::default();
    let earlier = view.earlier.take();
    match answer(&view, earlier, request, now, &mut writes) {
        Ok(answer) => {
            // Also where nothing was there to change: the same request may not find something the next time.
            let first = request.retry.is_some() && answer.replayed.is_none();
            Decision { writes, remember: first && request.command.changes(), answer }
        }
        Err(refusal) => {
            let answer = Answer { outcome: Err(refusal), replayed: None };
            Decision { writes: Writes::default(), remember: false, answer }
        }
    }
}

fn answer(
    view: &View,
    earlier: Option<Earlier>,
    request: &Request,
    now: Timestamp,
    writes: &mut Writes,
) -> Result<Answer, Refusal> {
    let Request { principal, command, minting, retry } = request;
    let user = match command {
        Command::PutUser(user_id, profile) => {
            users::authorize_put(view, principal, user_id, profile)?;
            None
        }
        command => Some(authorize(view, principal, command.user_id())?),
    };

    if let (Some(retry), Some(earlier)) = (retry, earlier) {
        if earlier.retry != *retry {
            return Err(Refusal::IdempotencyConflict);
        }
        return Ok(Answer { outcome: Ok(earlier.outcome), replayed: Some(earlier.minting) });
    }

    let outcome = match (command, user) {
        (Command::PutUser(user_id, profile), _) => users::put(view, principal, user_id, profile, now, writes),
        (_, None) => return Err(Refusal::Corrupt),
        (Command::GetUser(_), Some(user)) => Outcome::User(user.clone(), false),
        (Command::RevokeUser { cut, dry_run, .. }, Some(user)) => {
            users::revoke(view, principal, user, cut, *dry_run, now, writes)?
        }
        (Command::ListTokens { page, status, kind, .. }, Some(user)) => {
            tokens::list(view, user, *page, *status, *kind, now)
        }
        (Command::ListEvents { page, event_type, .. }, Some(_)) => users::events(view, *page, *event_type),
        (Command::Mint(_, order), Some(user)) => tokens::mint(principal, user, order, minting, now, writes)?,
        (Command::Check(_), Some(user)) => tokens::check(view, user, now),
        (Command::Consume(name), Some(user)) => tokens::consume(view, principal, user, name, now, writes)?,
        (Command::Revoke { reason, .. }, Some(user)) => {
            tokens::revoke(view, principal, user, reason.as_deref(), now, writes)?
        }
    };

    Ok(Answer { outcome: Ok(outcome), replayed: None })
}

/// The user whose ledger this is, if the principal may write it.
///
/// Nobody may learn whether a user exists that they may not write: they are refused the same either way.
fn authorize<'a>(view: &'a View, principal: &Principal, named: Option<&UserId>) -> Result<&'a User, Refusal> {
    let allowed = match (&view.user, named) {
        (Some(user), _) => principal.may_write(&user.user_id, &user.profile),
        (None, Some(user_id)) => principal.writes_regardless(user_id),
        (None, None) => principal.writes_everyone(),
    };
    if !allowed {
        return Err(Refusal::Forbidden);
    }
    let user = view.user.as_ref().ok_or(Refusal::UserUnknown)?;
    if named.is_some_and(|named| *named != user.user_id) {
        return Err(Refusal::Corrupt);
    }
    Ok(user)
}
