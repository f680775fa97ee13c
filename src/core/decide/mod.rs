//! What comes of a command: `decide(view, request, now)`.
//!
//! The ledger loads a [`View`], asks here, and commits the [`Writes`] of the [`Decision`], all at one moment.
//! A refusal changes nothing. Whoever is not allowed learns nothing, so authorization always comes first.

mod apps;
mod connections;
mod consent;
mod grants;
mod issue;
mod key;
mod operator;
mod revocations;
mod tokens;
mod users;

pub use consent::way_back;
pub use key::authenticate;

use super::access::{Actor, Principal};
use super::answer::{Answer, Outcome};
use super::command::Command;
use super::ids::UserId;
use super::refusal::Refusal;
use super::request::Request;
use super::scope::Scope;
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

/// All that a decision is made over.
struct Case<'a> {
    view: &'a View,
    request: &'a Request,
    /// Who does it, for the audit trail.
    actor: Actor,
    now: Timestamp,
}

/// Decides a request over what its ledger shows, at the ledger's time.
#[must_use]
pub fn decide(mut view: View, request: &Request, now: Timestamp) -> Decision {
    let mut writes = Writes::default();
    let earlier = view.earlier.take();
    let case = Case { view: &view, request, actor: request.principal.actor(), now };
    match case.answer(earlier, &mut writes) {
        Ok(answer) => {
            // Also where nothing was there to change: the same request may not find something the next time.
            let first = request.retry.is_some() && answer.replayed.is_none();
            let refused = matches!(answer.outcome, Ok(Outcome::Replayed(_)));
            Decision { writes, remember: first && !refused && request.command.is_remembered(), answer }
        }
        Err(refusal) => {
            let answer = Answer { outcome: Err(refusal), replayed: None };
            Decision { writes: Writes::default(), remember: false, answer }
        }
    }
}

impl<'a> Case<'a> {
    fn answer(&self, earlier: Option<Earlier>, writes: &mut Writes) -> Result<Answer, Refusal> {
        let user = self.authorize()?;
        if let Some(earlier) = self.again(earlier)? {
            return Ok(Answer { outcome: Ok(earlier.outcome), replayed: Some(earlier.minting) });
        }
        let outcome = match user {
            Some(user) => self.of_user(user, writes)?,
            None => self.of_no_user(writes)?,
        };
        Ok(Answer { outcome: Ok(outcome), replayed: None })
    }

    /// The earlier answer, if it is to be given again.
    fn again(&self, earlier: Option<Earlier>) -> Result<Option<Earlier>, Refusal> {
        let (Some(retry), Some(earlier)) = (&self.request.retry, earlier) else {
            return if self.view.unreadable { Err(Refusal::IdempotencyConflict) } else { Ok(None) };
        };
        if retry.grace.is_none() && earlier.retry.request != retry.request {
            return Err(Refusal::IdempotencyConflict);
        }
        let again = match &self.request.command {
            Command::OfConsent(_, consent, _) => self.stands(*consent)?,
            command => !command.issues() || self.reissues(&earlier)?,
        };
        Ok(again.then_some(earlier))
    }

    /// What there is to decide in a ledger that is no user's, or not yet.
    fn of_no_user(&self, writes: &mut Writes) -> Result<Outcome, Refusal> {
        match &self.request.command {
            Command::PutUser(user_id, profile) => Ok(self.put_user(user_id, profile, writes)),
            Command::PutApp(app_id, registration) => self.put_app(app_id, registration, writes),
            Command::RotateSecret(app_id, ttl) => self.rotate_secret(app_id, *ttl, writes),
            Command::GetApp(app_id) => Ok(Outcome::App(self.app(app_id)?.clone(), false)),
            Command::OfGrant(..) => Ok(Outcome::Nothing),
            Command::OfOperator(command) => self.of_operator(command, writes),
            _ => Err(Refusal::Corrupt),
        }
    }

    fn of_user(&self, user: &User, writes: &mut Writes) -> Result<Outcome, Refusal> {
        match &self.request.command {
            Command::GetUser(_) => Ok(Outcome::User(user.clone(), false)),
            Command::RevokeUser { cut, dry_run, .. } => self.revoke_user(user, cut, *dry_run, writes),
            Command::ListTokens { page, status, kind, .. } => Ok(self.list_tokens(user, *page, *status, *kind)),
            Command::ListEvents { page, event_type, .. } => Ok(self.list_events(*page, *event_type)),
            Command::Mint(_, order) => self.mint(user, order, writes),
            Command::Check(_) => Ok(self.check(user)),
            Command::Consume(name) => self.consume(user, name, writes),
            Command::Revoke { reason, .. } => self.revoke_token(user, reason.as_deref(), writes),
            Command::Connect { app_id, scope, metadata, upstream, .. } => {
                self.connect(user, app_id, scope.as_ref(), metadata.as_ref(), upstream.as_ref(), writes)
            }
            Command::ListConnections { page, status, app_id, .. } => {
                Ok(self.list_connections(user, *page, *status, app_id.as_ref()))
            }
            Command::ConnectedApps(_) => Ok(self.connected_apps()),
            Command::Disconnect(_, app_id) => self.disconnect_app(user, app_id, writes),
            Command::OfConnection(id, action) => self.of_connection(user, id, action, writes),
            Command::OfGrant(_, action) => self.of_grant(user, action, writes),
            Command::OfConsent(name, consent, _) => self.of_consent(user, name, *consent, writes),
            Command::OfRevocation(seq, action) => self.of_revocation(user, *seq, *action, writes),
            Command::PutUser(..)
            | Command::PutApp(..)
            | Command::GetApp(_)
            | Command::RotateSecret(..)
            | Command::OfOperator(_) => Err(Refusal::Corrupt),
        }
    }

    /// The user that the command is about, if the principal may do what it asks; none, for a command about no user.
    fn authorize(&self) -> Result<Option<&'a User>, Refusal> {
        let principal = &self.request.principal;
        match &self.request.command {
            Command::PutUser(user_id, profile) => self.authorize_put(user_id, profile).map(|()| None),
            Command::PutApp(..) | Command::GetApp(_) | Command::RotateSecret(..) | Command::OfOperator(_) => {
                if principal.writes_everyone() {
                    Ok(None)
                } else {
                    Err(Refusal::Forbidden)
                }
            }
            Command::OfGrant(_, action) => self.authorize_grant(action),
            Command::OfConsent(name, ..) => self.authorize_consent(name).map(Some),
            Command::OfRevocation(..) if !principal.writes_everyone() => Err(Refusal::Forbidden),
            Command::OfRevocation(..) => self.view.user.as_ref().map(Some).ok_or(Refusal::RevocationUnknown),
            command => authorize(self.view, principal, command.user_id()).map(Some),
        }
    }
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

/// The scopes to grant where these are asked for: all, where none are named.
fn grant(asked: Option<&Scope>, granted: Option<&Scope>) -> Result<Option<Scope>, Refusal> {
    match asked {
        None => Ok(granted.cloned()),
        Some(asked) if asked.is_within(granted) => Ok(Some(asked.clone())),
        Some(_) => Err(Refusal::ScopeTooWide),
    }
}
