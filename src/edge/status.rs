//! Status tickets, and what they show.

use web_sys::Response;
use worker::Env;

use super::cors;
use super::execute::{Executor, Work, known, named};
use super::incoming::Incoming;
use super::session::Session;
use crate::core::target::TokenName;
use crate::core::ticket::Subject;
use crate::core::{Answer, Outcome, Refusal, Ticket};
use crate::dialects::{Beside, Failure, Read};
use crate::platform::ledgers::Ledgers;

impl Session<'_> {
    /// A ticket for whoever may read what it is to read.
    pub(super) async fn ticket(&self, read: Read, ttl: u32) -> Result<Work, Failure> {
        let (shard, subject) = match read {
            Read::Connection(link) => {
                let (shard, id) = named(link, &self.principal)?;
                (shard, Subject::Connection(id))
            }
            Read::Token(target) => match known(target, None, &self.principal)? {
                (handle, TokenName::Public(id)) => (handle.shard(), Subject::Token(id)),
                _ => return Err(Failure::Internal("a ticket names a token by its public id")),
            },
        };
        let answer: Answer = self.look(shard, subject.question()).await?;
        if let Outcome::Checked { verdicts, .. } = answer.outcome?
            && verdicts.iter().all(Option::is_none)
        {
            return Err(gone(&subject));
        }
        let Executor { config, now, .. } = self.executor;
        let ticket = Ticket::new(shard, subject, ttl, *now);
        let text = config.keyring.sign(&ticket).ok_or(Failure::Internal("an id that nobody made"))?;
        Ok(Work { beside: Beside::Ticket(ticket, text), ..Outcome::Nothing.into() })
    }
}

impl Executor<'_> {
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
