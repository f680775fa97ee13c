//! What events have to tell: every transition, and each once.

use hookswitch::core::connection::{Connection, ConnectionStatus};
use hookswitch::core::cutoff::Reach;
use hookswitch::core::event::EventType;
use hookswitch::core::view::{Change, Writes};
use hookswitch::core::{ConnectionId, CredentialState, Event, TokenId};

use crate::model::Ledger;

/// What an event tells, and of which token or connection.
type Told = (EventType, Option<TokenId>, Option<ConnectionId>);

/// The events that tell of the death of a token.
pub(crate) fn deaths<'a>(ledger: &'a Ledger, token: &TokenId) -> Vec<&'a Event> {
    let terminal = [EventType::TokenConsumed, EventType::TokenRevoked, EventType::TokenExpired];
    let dies = |event: &&Event| terminal.contains(&event.event_type) && event.token_id.as_ref() == Some(token);
    ledger.events.iter().filter(dies).collect()
}

/// The events that tell of the death of a connection.
pub(crate) fn connection_deaths<'a>(ledger: &'a Ledger, id: &ConnectionId) -> Vec<&'a Event> {
    let terminal = [EventType::ConnectionRevoked, EventType::ConnectionExpired];
    let dies = |event: &&Event| terminal.contains(&event.event_type) && event.connection_id.as_ref() == Some(id);
    ledger.events.iter().filter(dies).collect()
}

/// One event for each transition, and none for anything else.
pub(crate) fn events_tell_of_changes(before: &Ledger, writes: &Writes) {
    let mut ledger = before.clone();
    let mut wanted: Vec<Told> = Vec::new();
    for change in &writes.changes {
        wanted.extend(told_of(&ledger, change));
        if let Change::PutConnection(connection) = change {
            ledger.connections.retain(|other| other.id != connection.id);
            ledger.connections.push(connection.clone());
        }
    }
    let mut told: Vec<Told> = writes
        .events
        .iter()
        .map(|event| {
            let connection = event.connection_id.clone().filter(|_| event.token_id.is_none());
            (event.event_type, event.token_id.clone(), connection)
        })
        .collect();
    let order = |(event_type, token, connection): &Told| (event_type.as_str(), token.clone(), connection.clone());
    wanted.sort_by_key(order);
    told.sort_by_key(order);
    assert_eq!(told, wanted, "{writes:?}");
}

/// What is to be told of a change; nothing, of what is no transition or is told by another change with it.
fn told_of(before: &Ledger, change: &Change) -> Option<Told> {
    match change {
        Change::PutUser(_) if before.user.is_none() => Some((EventType::UserCreated, None, None)),
        Change::PutUser(_) => Some((EventType::UserUpdated, None, None)),
        Change::PutApp(_) | Change::Extend(..) | Change::MarkDeleted(_) | Change::Deposit(..) | Change::Operator(_) => {
            None
        }
        Change::PutCredential(after) => {
            let was = before.credentials.iter().find(|credential| credential.seq == after.seq).unwrap().state;
            let given_up = after.state == CredentialState::Abandoned && was != CredentialState::Abandoned;
            given_up.then(|| (EventType::RevocationAbandoned, None, Some(after.connection_id.clone())))
        }
        Change::AddToken(token) => Some((EventType::TokenCreated, Some(token.token_id.clone()), None)),
        Change::Settle { verdict, .. } => {
            let told = EventType::parse(&format!("token.{}", verdict.status().as_str())).unwrap();
            Some((told, Some(verdict.token_id.clone()), None))
        }
        Change::MarkReplayed(digest) => {
            let token = before.tokens.iter().find(|token| token.digest == *digest).unwrap();
            Some((EventType::TokenReplayed, Some(token.token_id.clone()), None))
        }
        Change::AddCutoff(cutoff) => match cutoff.reach {
            Reach::Everything | Reach::App(_) => Some((EventType::UserRevoked, None, None)),
            Reach::Connection(_) | Reach::Family(_) => None,
        },
        Change::PutConnection(connection) => transition(before.connection(&connection.id), connection)
            .map(|told| (told, None, Some(connection.id.clone()))),
    }
}

fn transition(before: Option<&Connection>, after: &Connection) -> Option<EventType> {
    use ConnectionStatus::{Active, Expired, Failed, Inactive, Initiated, Revoked, Revoking};
    let Some(before) = before else {
        return Some(EventType::ConnectionCreated);
    };
    match (before.recorded.status, after.recorded.status) {
        (was, is) if was == is => None,
        (Initiated, Active) => Some(EventType::ConnectionActivated),
        (Inactive, Active) => Some(EventType::ConnectionEnabled),
        (Active, Inactive) => Some(EventType::ConnectionDisabled),
        (Initiated, Expired) => Some(EventType::ConnectionExpired),
        (Initiated | Active | Inactive, Revoking) => Some(EventType::ConnectionRevoking),
        (Initiated | Active | Inactive | Revoking, Revoked) => Some(EventType::ConnectionRevoked),
        (was @ (Initiated | Active | Inactive | Failed | Expired | Revoking | Revoked), is) => {
            panic!("{was:?} became {is:?}")
        }
    }
}
