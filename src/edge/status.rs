//! Status tickets, and what they show.

use web_sys::Response;
use worker::Env;

use super::cors;
use super::execute::{Executor, Work};
use super::incoming::Incoming;
use crate::core::command::{Action, Command};
use crate::core::ticket::Subject;
use crate::core::{ConnectionId, Outcome, Principal, Refusal, Shard, Target, Ticket};
use crate::dialects::{Beside, Failure};
use crate::platform::ledgers::Ledgers;

impl Executor<'_> {
    /// A ticket for whoever may read the token.
    pub(super) async fn ticket_of_token(
        &self,
        target: Target,
        ttl: u32,
        principal: &Principal,
    ) -> Result<Work, Failure> {
        let work = self.check(target, None, principal).await?;
        let (Outcome::Verdict(verdict), [handle]) = (&work.outcome, work.handles.as_slice()) else {
            return Err(Failure::Internal("a check gives a verdict"));
        };
        self.ticket(handle.shard(), Subject::Token(verdict.token_id.clone()), ttl)
    }

    /// A ticket for whoever may read the connection.
    pub(super) async fn ticket_of_connection(
        &self,
        shard: Shard,
        id: ConnectionId,
        ttl: u32,
        principal: Principal,
    ) -> Result<Work, Failure> {
        self.run(shard, principal, Command::OfConnection(id.clone(), Action::Get), None).await?;
        self.ticket(shard, Subject::Connection(id), ttl)
    }

    fn ticket(&self, shard: Shard, subject: Subject, ttl: u32) -> Result<Work, Failure> {
        let ticket = Ticket::new(shard, subject, ttl, self.now);
        let text = self.config.keyring.sign(&ticket).ok_or(Failure::Internal("an id that nobody made"))?;
        Ok(Work { beside: Beside::Ticket(ticket, text), ..Outcome::Nothing.into() })
    }

    /// What a ticket shows, unless that is known.
    pub(super) async fn show(&self, ticket: &Ticket, known: Option<&str>) -> Result<Work, Failure> {
        let status = self.ledgers.show(ticket).await?.ok_or_else(|| gone(&ticket.subject))?;
        let known = known.is_some_and(|tags| tags.split(',').any(|tag| names(tag, &status.tag)));
        let beside = Beside::Shown { text: status.text, tag: status.tag, known };
        Ok(Work { beside, ..Outcome::Nothing.into() })
    }
}

/// A WebSocket that says what the ticket shows, from now on.
///
/// # Errors
/// [`Failure::OriginRefused`] for a page that may not; where there is nothing to follow; [`Failure::Unavailable`].
pub(super) async fn follow(
    ledgers: &Ledgers,
    ticket: Ticket,
    incoming: &Incoming,
    env: &Env,
) -> Result<Response, Failure> {
    if !cors::may_connect(incoming, env) {
        return Err(Failure::OriginRefused);
    }
    let gone = gone(&ticket.subject);
    ledgers.follow(ticket).await?.ok_or(gone)
}

/// Why there is nothing to show.
fn gone(subject: &Subject) -> Failure {
    match subject {
        Subject::Connection(_) => Refusal::ConnectionUnknown.into(),
        Subject::Token(_) => Refusal::TokenUnknown.into(),
    }
}

/// Whether one of `If-None-Match` names a tag; a weak one does, too, and `*` names any (RFC 9110 §13.1.2).
fn names(text: &str, tag: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    text == "*" || text.trim_matches('"') == tag
}
