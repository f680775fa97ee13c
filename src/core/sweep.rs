//! What time and cutoffs did to tokens, told afterwards.
//!
//! A token that runs out, or that dies with its user, is dead at once without a write of its own: [`status()`] says so.
//! The ledger's alarm then goes through such tokens in batches and gives each its one event.

use super::access::Actor;
use super::event::EventType;
use super::status::{Standing, Status, status};
use super::time::Timestamp;
use super::token::Token;
use super::user::User;
use super::verdict::Verdict;
use super::view::{Change, Cutoff, Writes};

/// What to write so that the deaths of these tokens are told. Those alive or told already are passed over.
#[must_use]
pub fn settle(user: &User, cutoffs: &[Cutoff], tokens: &[Token], now: Timestamp) -> Writes {
    let mut writes = Writes::default();
    for token in tokens.iter().filter(|token| !token.settled) {
        let standing = status(token, cutoffs, now);
        let (event_type, actor, at, reason) = match &standing {
            Standing::Valid => continue,
            Standing::Dead { status, at, by, reason } => {
                let event_type = match status {
                    Status::Valid => continue,
                    Status::Consumed => EventType::TokenConsumed,
                    Status::Revoked => EventType::TokenRevoked,
                    Status::Expired => EventType::TokenExpired,
                };
                (event_type, by.clone().unwrap_or_else(Actor::system), *at, reason.clone())
            }
        };
        writes.tell_of_token(event_type, actor, user, token, at, reason.as_deref());
        let verdict = Verdict::of(&user.user_id, token, standing, now);
        writes.changes.push(Change::Settle { digest: token.digest.clone(), verdict });
    }
    writes
}
