//! Which events a change must emit: one for each change, and none for tokens that end with their connection or user.

use hookswitch::core::cutoff::CutoffScope;
use hookswitch::core::event::EventType;
use hookswitch::core::status::DeadStatus;
use hookswitch::core::token::{EndKind, TokenEnd};
use hookswitch::core::{
    ChangeSet, Connection, ConnectionId, ConnectionStatus, CredentialState, Event, Mutation, Timestamp, Token, TokenId,
    TokenKey, TokenKind, TokenState, status,
};
use serde_json::Value;

use crate::ledger::{Ledger, cutoff_matches_connection};

/// A time after every end that a test can record.
const LATER: Timestamp = Timestamp::from_micros(1 << 52);

/// The type of an event and the id of its subject: a token, a connection, or the user if `None`.
type Subject = (EventType, Option<String>);

/// The events about the end of a token.
pub(crate) fn ends_of_token<'a>(ledger: &'a Ledger, token: &TokenId) -> Vec<&'a Event> {
    let ends = [EventType::TokenConsumed, EventType::TokenRevoked, EventType::TokenExpired];
    let is_end = |event: &&Event| ends.contains(&event.event_type) && event.token_id.as_ref() == Some(token);
    ledger.events.iter().filter(is_end).collect()
}

/// The events about the end of a connection.
pub(crate) fn ends_of_connection<'a>(ledger: &'a Ledger, id: &ConnectionId) -> Vec<&'a Event> {
    let ends = [EventType::ConnectionRevoked, EventType::ConnectionExpired];
    let is_end = |event: &&Event| ends.contains(&event.event_type) && event.connection_id.as_ref() == Some(id);
    ledger.events.iter().filter(is_end).collect()
}

/// Checks that a change set emits exactly the events that its mutations require.
pub(crate) fn assert_events_match(before: &Ledger, changes: &ChangeSet) {
    let mut expected: Vec<_> =
        changes.mutations.iter().filter_map(|row| expected_event(before, changes, row)).collect();
    let mut emitted: Vec<_> = changes.events.iter().map(subject_of).collect();
    expected.extend(end_of_a_replaced_token(before, changes));
    let order = |(event_type, id): &Subject| (event_type.as_str(), id.clone());
    expected.sort_by_key(order);
    emitted.sort_by_key(order);
    assert_eq!(emitted, expected, "{changes:?}");
    for event in &changes.events {
        assert_event_describes_its_subject(before, changes, event);
    }
}

fn subject_of(event: &Event) -> Subject {
    let token = event.token_id.as_ref().map(|id| id.as_str().to_owned());
    let connection = event.connection_id.as_ref().map(|id| id.as_str().to_owned());
    (event.event_type, token.or(connection))
}

/// The event that a row requires; `None` if the row is no change of its own or another row of the change has the event.
fn expected_event(before: &Ledger, changes: &ChangeSet, row: &Mutation) -> Option<Subject> {
    match row {
        Mutation::PutUser(_) if before.user.is_none() => Some((EventType::UserCreated, None)),
        Mutation::PutUser(_) => Some((EventType::UserUpdated, None)),
        Mutation::AddToken(token) if token.kind == TokenKind::RefreshToken => {
            let access = added(changes).find(|token| token.kind == TokenKind::AccessToken);
            assert!(access.is_some(), "a refresh token is issued with an access token");
            None
        }
        Mutation::AddToken(token) => Some(of_token(EventType::TokenCreated, token)),
        Mutation::EndToken(key, end) => end_event(row_of(before, key), end),
        Mutation::RecordExpiry(key) => expiry_event(before, row_of(before, key)),
        Mutation::MarkReplayed(key) => Some(of_token(EventType::TokenReplayed, row_of(before, key))),
        Mutation::AddCutoff(cutoff) => match cutoff.scope {
            CutoffScope::Everything | CutoffScope::App(_) => Some((EventType::UserRevoked, None)),
            CutoffScope::Family(_) => None,
        },
        Mutation::PutConnection(connection) => transition(before, before.connection(&connection.id), connection)
            .map(|event_type| (event_type, Some(connection.id.as_str().to_owned()))),
        Mutation::PutCredential(after) => {
            let was = before.credentials.iter().find(|credential| credential.seq == after.seq).unwrap().state;
            let is_abandoned = after.state == CredentialState::Abandoned && was != CredentialState::Abandoned;
            let id = Some(after.connection_id.as_str().to_owned());
            is_abandoned.then_some((EventType::RevocationAbandoned, id))
        }
        Mutation::ExtendToken(..)
        | Mutation::MarkDeleted(_)
        | Mutation::SetReservation(_)
        | Mutation::StoreCredentials(..) => None,
    }
}

fn added(changes: &ChangeSet) -> impl Iterator<Item = &Token> {
    changes.mutations.iter().filter_map(|row| match row {
        Mutation::AddToken(token) => Some(token),
        _ => None,
    })
}

fn row_of<'a>(ledger: &'a Ledger, key: &TokenKey) -> &'a Token {
    ledger.tokens.iter().find(|token| token.digest.key() == *key).unwrap()
}

fn of_token(event_type: EventType, token: &Token) -> Subject {
    (event_type, Some(token.token_id.as_str().to_owned()))
}

/// A refresh token is consumed by its rotation only, and `token.created` of the new access token names it.
fn end_event(token: &Token, end: &TokenEnd) -> Option<Subject> {
    match end.kind {
        EndKind::Consumed if token.kind == TokenKind::RefreshToken => None,
        EndKind::Consumed => Some(of_token(EventType::TokenConsumed, token)),
        EndKind::Revoked => Some(of_token(EventType::TokenRevoked, token)),
    }
}

/// The event of an expiry; `None` if the token had ended before with its connection or user.
fn expiry_event(before: &Ledger, token: &Token) -> Option<Subject> {
    assert_eq!(token.kind, TokenKind::ConnectionToken, "others expire without a record");
    has_expired(before, token).then(|| of_token(EventType::TokenExpired, token))
}

/// Whether the end of a token is its own expiry.
pub(crate) fn has_expired(ledger: &Ledger, token: &Token) -> bool {
    let above = token.facts.connection_id.as_ref().and_then(|id| ledger.connection(id));
    match status(token, above, &ledger.cutoffs, LATER) {
        TokenState::Dead(death) => death.status == DeadStatus::Expired && token.expires_at == Some(death.at),
        TokenState::Valid | TokenState::Inactive => false,
    }
}

/// The event of the revocation of a family through a refresh token that was replaced.
fn end_of_a_replaced_token(before: &Ledger, changes: &ChangeSet) -> Option<Subject> {
    let family = changes.mutations.iter().find_map(|row| match row {
        Mutation::AddCutoff(cutoff) => match &cutoff.scope {
            CutoffScope::Family(family) => Some(family),
            CutoffScope::Everything | CutoffScope::App(_) => None,
        },
        _ => None,
    })?;
    let is_cause = |row: &Mutation| matches!(row, Mutation::EndToken(..) | Mutation::MarkReplayed(_));
    if changes.mutations.iter().any(is_cause) {
        return None;
    }
    let event = changes.events.first().expect("the revocation of a family is an event");
    let token = before.tokens.iter().find(|token| Some(&token.token_id) == event.token_id.as_ref()).unwrap();
    let is_consumed = token.end.as_ref().is_some_and(|end| end.kind == EndKind::Consumed);
    assert!(token.grant.family.as_ref() == Some(family) && is_consumed, "{event:?}");
    Some(of_token(EventType::TokenRevoked, token))
}

/// The event of a connection that changes from one recorded status to another.
fn transition(ledger: &Ledger, before: Option<&Connection>, after: &Connection) -> Option<EventType> {
    use ConnectionStatus::{Active, Expired, Inactive, Initiated, Revoked, Revoking};
    let Some(before) = before else {
        return Some(EventType::ConnectionCreated);
    };
    let is_cut_off = ledger.cutoffs.iter().any(|cutoff| cutoff_matches_connection(cutoff, before));
    match (before.recorded.status, after.recorded.status) {
        (was, is) if was == is => None,
        (Initiated, Active) => Some(EventType::ConnectionActivated),
        (Inactive, Active) => Some(EventType::ConnectionEnabled),
        (Active, Inactive) => Some(EventType::ConnectionDisabled),
        (Initiated, Expired) => Some(EventType::ConnectionExpired),
        (Initiated | Active | Inactive, Revoking | Revoked) if is_cut_off => None,
        (Initiated | Active | Inactive, Revoking) => Some(EventType::ConnectionRevoking),
        (Initiated | Active | Inactive | Revoking, Revoked) => Some(EventType::ConnectionRevoked),
        (was @ (Initiated | Active | Inactive | Expired | Revoking | Revoked), is) => {
            panic!("{was:?} became {is:?}")
        }
    }
}

/// Checks the columns and the data of an event.
fn assert_event_describes_its_subject(before: &Ledger, changes: &ChangeSet, event: &Event) {
    let data: Value = serde_json::from_str(event.data.as_str()).unwrap();
    if let Some(token_id) = &event.token_id {
        let mut tokens = before.tokens.iter().chain(added(changes));
        let token = tokens.find(|token| token.token_id == *token_id).unwrap();
        assert_eq!((event.kind, &event.connection_id), (Some(token.kind), &token.facts.connection_id));
        let app_id = token.facts.app_id.as_ref().map(hookswitch::core::AppId::as_str);
        assert_eq!(data["app_id"].as_str(), app_id);
    }
    if event.event_type == EventType::TokenCreated && event.kind == Some(TokenKind::AccessToken) {
        let refresh = added(changes).find(|token| token.kind == TokenKind::RefreshToken);
        assert_eq!(data["refresh_token_id"].as_str(), refresh.map(|token| token.token_id.as_str()));
        let replaced = changes.mutations.iter().find_map(|row| match row {
            Mutation::EndToken(key, _) => Some(row_of(before, key)),
            _ => None,
        });
        let replaced = replaced.filter(|token| token.kind == TokenKind::RefreshToken);
        assert_eq!(data["replaced_token_id"].as_str(), replaced.map(|token| token.token_id.as_str()));
    }
}
