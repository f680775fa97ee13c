//! The alarm: the ends that nobody asked for, and their events.

use hookswitch::core::cutoff::{CutoffScope, RevocationCutoff, TokenKindSet};
use hookswitch::core::decide::sweep::{record_ended_connections, record_expired_tokens};
use hookswitch::core::token::{EndKind, TokenEnd};
use hookswitch::core::{
    Actor, ChangeSet, Connection, ConnectionStatus, CredentialState, Event, Mutation, Role, Snapshot, Token, TokenKind,
    UpstreamTokenType,
};

use crate::kit::{self, connection, connection_id, credential, digest, profile, second, slug, token};

/// A cutoff in second 3 that revokes these kinds, created in the first second.
fn cutoff(kinds: TokenKindSet) -> RevocationCutoff {
    let scope = CutoffScope::Everything;
    RevocationCutoff { before: second(1), scope, kinds, at: second(3), by: Actor::root(), reason: None }
}

fn owner() -> hookswitch::core::User {
    kit::user("owner", profile(Role::Member, &[]))
}

/// The type, time and actor of each event.
fn log(changes: &ChangeSet) -> Vec<(&'static str, hookswitch::core::Timestamp, &str)> {
    let line = |event: &'_ Event| (event.event_type.as_str(), event.at);
    changes.events.iter().map(|event| (line(event).0, line(event).1, event.actor.as_str())).collect()
}

#[test]
fn each_expiry_is_recorded_once_and_live_tokens_are_skipped() {
    let one = |number| token(TokenKind::ConnectionToken, number);
    let end = TokenEnd { kind: EndKind::Consumed, at: second(1), by: Actor::root(), reason: None };
    let due = Some(second(2));
    let tokens = [
        one(1),
        Token { expires_at: Some(second(9)), ..one(2) },
        Token { expires_at: due, ..one(3) },
        token(TokenKind::ApiKey, 4),
        Token { end: Some(end), expires_at: due, ..one(5) },
        Token { expiry_recorded: true, expires_at: due, ..one(6) },
        Token { expires_at: due, ..token(TokenKind::ApiKey, 7) },
        Token { expires_at: due, ..token(TokenKind::AccessToken, 8) },
        Token { expires_at: due, ..token(TokenKind::RefreshToken, 9) },
    ];
    let changes = record_expired_tokens(&owner(), &Snapshot::default(), &tokens, second(4));
    assert_eq!(log(&changes), [("token.expired", second(2), "system")], "no other kind of token gets an event");
    assert_eq!(changes.mutations, [Mutation::RecordExpiry(digest(3).key())]);
}

#[test]
fn token_that_ended_before_its_expiry_gets_no_event_of_it() {
    let kinds = TokenKindSet::from_iter([TokenKind::ConnectionToken]);
    let revoked = Token { expires_at: Some(second(4)), ..token(TokenKind::ConnectionToken, 1) };
    let late = Token { expires_at: Some(second(2)), ..token(TokenKind::ConnectionToken, 2) };
    let mut under = Token { expires_at: Some(second(4)), ..token(TokenKind::ConnectionToken, 3) };
    under.created_at = second(2);
    under.facts.connection_id = Some(connection_id(1));
    let mut above = connection(1, ConnectionStatus::Revoked);
    above.recorded.at = second(2);
    let snapshot = Snapshot { cutoffs: vec![cutoff(kinds)], connections: vec![above], ..Snapshot::default() };
    let changes = record_expired_tokens(&owner(), &snapshot, &[revoked, late, under], second(5));
    assert_eq!(
        log(&changes),
        [("token.expired", second(2), "system")],
        "only the second expired before it was revoked"
    );
    assert_eq!(changes.mutations.len(), 3, "none of the three is looked at again");
}

#[test]
fn expiry_of_a_connection_is_an_event_at_the_time_of_expiry() {
    let waiting = |number, until| {
        let expires_at = Some(second(until));
        Connection { expires_at, ..connection(number, ConnectionStatus::Initiated) }
    };
    let connections = [waiting(1, 2), waiting(2, 9), Connection { end_recorded: true, ..waiting(3, 2) }];
    let changes = record_ended_connections(&owner(), &Snapshot::default(), &connections, second(4));
    assert_eq!(log(&changes), [("connection.expired", second(2), "system")]);
    let [Mutation::PutConnection(recorded)] = &changes.mutations[..] else { panic!("{changes:?}") };
    assert_eq!((recorded.recorded.status, recorded.end_recorded), (ConnectionStatus::Expired, true));
    assert_eq!((recorded.recorded.at, &recorded.recorded.by), (second(2), &None));
}

#[test]
fn connection_that_a_cutoff_revoked_is_recorded_without_an_event() {
    let snapshot = Snapshot { cutoffs: vec![cutoff(TokenKindSet::CONNECTIONS)], ..Snapshot::default() };
    let later = Connection { created_at: second(2), ..connection(2, ConnectionStatus::Active) };
    let connections = [connection(1, ConnectionStatus::Inactive), later];
    let changes = record_ended_connections(&owner(), &snapshot, &connections, second(4));
    assert_eq!(log(&changes), []);
    let [Mutation::PutConnection(recorded)] = &changes.mutations[..] else { panic!("{changes:?}") };
    assert_eq!((recorded.recorded.status, recorded.end_recorded), (ConnectionStatus::Revoked, true));
    assert_eq!((recorded.recorded.at, &recorded.recorded.by), (second(3), &Some(Actor::root())));
}

#[test]
fn credentials_of_a_connection_that_a_cutoff_revoked_are_due_at_once() {
    let held = |seq| credential(seq, connection_id(1), UpstreamTokenType::RefreshToken);
    let mut other = held(2);
    other.state = CredentialState::Abandoned;
    let snapshot = Snapshot {
        cutoffs: vec![cutoff(TokenKindSet::CONNECTIONS)],
        credentials: vec![held(1), other],
        ..Snapshot::default()
    };
    let above = Connection { provider: Some(slug("acme")), ..connection(1, ConnectionStatus::Active) };
    let changes = record_ended_connections(&owner(), &snapshot, &[above], second(4));
    let [Mutation::PutCredential(due), Mutation::PutConnection(recorded)] = &changes.mutations[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((due.seq, due.state, due.due_at), (1, CredentialState::Revoking, Some(second(4))));
    assert_eq!((recorded.recorded.status, recorded.end_recorded), (ConnectionStatus::Revoking, false));
    assert_eq!(log(&changes), []);
    let again = record_ended_connections(&owner(), &snapshot, std::slice::from_ref(recorded), second(5));
    assert!(again.is_empty(), "a connection that waits for its provider is skipped");
}
