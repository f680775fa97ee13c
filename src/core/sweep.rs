//! What time and cutoffs did to tokens and connections, told afterwards.
//!
//! What runs out, or dies with its connection or its user, is dead at once without a write of its own:
//! [`super::status()`] and [`connection_status`] say so. The ledger's alarm then goes through it in batches and gives each
//! its one event.

use super::access::Actor;
use super::connection::{Connection, ConnectionStatus};
use super::event::EventType;
use super::revocation;
use super::status::connection_status;
use super::status::{Standing, Status};
use super::time::Timestamp;
use super::token::Token;
use super::user::User;
use super::verdict::Verdict;
use super::view::{Change, View, Writes};

/// What to write so that the deaths of these tokens are told. Those alive or told already are passed over. The view
/// shows the connections that they hang on, and the cutoffs.
#[must_use]
pub fn settle(user: &User, view: &View, tokens: &[Token], now: Timestamp) -> Writes {
    let mut writes = Writes::default();
    for token in tokens.iter().filter(|token| !token.settled) {
        let standing = view.status(token, now);
        let Standing::Dead { status, at, by, reason } = &standing else {
            continue;
        };
        let event_type = match status {
            Status::Valid | Status::Inactive => continue,
            Status::Consumed => EventType::TokenConsumed,
            Status::Revoked => EventType::TokenRevoked,
            Status::Expired => EventType::TokenExpired,
        };
        let actor = by.clone().unwrap_or_else(Actor::system);
        writes.tell_of_token(event_type, actor, user, token, *at, reason.as_deref());
        let verdict = Verdict::of(&user.user_id, token, standing, now);
        writes.changes.push(Change::Settle { digest: token.digest.clone(), verdict });
    }
    writes
}

/// What to write so that the deaths of these connections are told. Those alive or told already are passed over. The view
/// shows the cutoffs, and what the connections hold of their providers'.
#[must_use]
pub fn settle_connections(user: &User, view: &View, connections: &[Connection], now: Timestamp) -> Writes {
    let mut writes = Writes::default();
    for connection in connections {
        let standing = connection_status(connection, &view.cutoffs, now);
        let told = connection.settled || connection.recorded.status == ConnectionStatus::Revoking;
        if !told && standing.status.is_dead() {
            revocation::end(user, connection, &view.credentials, standing, Some(now), now, &mut writes);
        }
    }
    writes
}
