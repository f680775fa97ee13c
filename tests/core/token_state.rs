//! The state of a token: every order in which it can expire, be ended, be cut off, and lose its connection.

use hookswitch::core::connection::ConnectionState;
use hookswitch::core::cutoff::{CutoffScope, RevocationCutoff, TokenKindSet};
use hookswitch::core::status::{DeadStatus, Death, connection_state};
use hookswitch::core::token::{EndKind, TokenEnd};
use hookswitch::core::{Actor, Connection, ConnectionStatus, Status, Timestamp, Token, TokenKind, TokenState, status};

use crate::kit::{app_id, connection, second, slug, token, token_id};
use crate::ledger::{cutoff_matches, cutoff_matches_connection};

/// Never, or in one of these seconds.
const WHEN: [Option<i64>; 5] = [None, Some(1), Some(2), Some(3), Some(4)];

fn cutoff(at: Timestamp) -> RevocationCutoff {
    let (scope, kinds) = (CutoffScope::Everything, TokenKindSet::ALL);
    RevocationCutoff { before: second(0), scope, kinds, at, by: Actor::root(), reason: None }
}

fn end(kind: EndKind, at: i64) -> TokenEnd {
    TokenEnd { kind, at: second(at), by: Actor::root(), reason: Some("why".to_owned()) }
}

/// A token with the cutoffs of its user and its connection.
type Case = (Token, Vec<RevocationCutoff>, Option<Connection>);

/// A connection that entered a status at a time. No cutoff of these tests matches it: it was created too late.
fn connection_since(status: ConnectionStatus, at: i64) -> Connection {
    let by = (status != ConnectionStatus::Expired).then(Actor::root);
    let recorded = ConnectionState { status, at: second(at), by, reason: None };
    Connection { created_at: second(0).next(), recorded, ..connection(1, status) }
}

/// Every combination of expiry, end, two cutoffs and connection.
fn cases() -> Vec<Case> {
    let connections = || {
        let revoked = [1, 2, 3].map(|at| Some(connection_since(ConnectionStatus::Revoked, at)));
        let others = [ConnectionStatus::Active, ConnectionStatus::Inactive, ConnectionStatus::Revoking];
        let others = others.map(|status| Some(connection_since(status, 1)));
        let expired = Some(connection_since(ConnectionStatus::Expired, 2));
        revoked.into_iter().chain(others).chain([None, expired])
    };
    let mut cases = Vec::new();
    for expiry in WHEN {
        for ended in WHEN {
            for kind in EndKind::ALL {
                for first in WHEN {
                    for other in WHEN {
                        let token = Token {
                            expires_at: expiry.map(second),
                            end: ended.map(|at| end(*kind, at)),
                            ..token(TokenKind::ConnectionToken, 1)
                        };
                        let cutoffs = [first, other].into_iter().flatten().map(|at| cutoff(second(at)));
                        let cutoffs: Vec<_> = cutoffs.collect();
                        cases.extend(connections().map(|above| (token.clone(), cutoffs.clone(), above)));
                    }
                }
            }
        }
    }
    cases
}

/// The rule as a simulation: in each second first the expiry, then the recorded end, then the cutoffs, then the connection.
fn simulated((token, cutoffs, above): &Case, now: i64) -> (Status, Option<Timestamp>) {
    let connection_end = |at| {
        let recorded = above.as_ref().map(|above| &above.recorded);
        recorded.filter(|recorded| recorded.status.is_dead() && recorded.at == at).map(|recorded| recorded.status)
    };
    for at in (0..=now).map(second) {
        if token.expires_at == Some(at) {
            return (Status::Expired, Some(at));
        }
        if let Some(end) = token.end.as_ref().filter(|end| end.at == at) {
            let status = if end.kind == EndKind::Consumed { Status::Consumed } else { Status::Revoked };
            return (status, Some(at));
        }
        if cutoffs.iter().any(|cutoff| cutoff.at == at) {
            return (Status::Revoked, Some(at));
        }
        match connection_end(at) {
            Some(ConnectionStatus::Expired) => return (Status::Expired, Some(at)),
            Some(_) => return (Status::Revoked, Some(at)),
            None => {}
        }
    }
    let is_disabled = above.as_ref().is_some_and(|above| above.recorded.status == ConnectionStatus::Inactive);
    (if is_disabled { Status::Inactive } else { Status::Valid }, None)
}

/// The seconds at which a ledger can look at the case: its time is never before anything that it recorded.
fn seconds_of((token, cutoffs, above): &Case) -> impl Iterator<Item = i64> {
    let ends = token.end.iter().map(|end| end.at).chain(cutoffs.iter().map(|cutoff| cutoff.at));
    let last = ends.chain(above.iter().map(|above| above.recorded.at)).max();
    (0..=6).filter(move |now| last.is_none_or(|at| at <= second(*now)))
}

fn state_of((token, cutoffs, above): &Case, now: i64) -> TokenState {
    status(token, above.as_ref(), cutoffs, second(now))
}

#[test]
fn first_end_decides_the_state_in_every_order() {
    for case in cases() {
        for now in seconds_of(&case) {
            let state = state_of(&case, now);
            let died_at = state.death().map(|death| death.at);
            assert_eq!((state.status(), died_at), simulated(&case, now), "{case:?}");
        }
    }
}

#[test]
fn state_of_a_dead_token_never_changes() {
    for case in cases() {
        let mut death = None;
        for now in seconds_of(&case) {
            let state = state_of(&case, now);
            if let Some(death) = &death {
                assert_eq!(Some(death), state.death(), "{case:?} at {now}");
            }
            assert_eq!(state.death().is_some(), state.status().is_terminal());
            death = state.death().cloned();
        }
    }
}

#[test]
fn token_is_expired_at_its_expiry_and_not_before() {
    let token = Token { expires_at: Some(second(5)), ..token(TokenKind::ApiKey, 1) };
    let just_before = Timestamp::from_micros(second(5).micros() - 1);
    assert_eq!(status(&token, None, &[], just_before), TokenState::Valid);
    let death = Death { status: DeadStatus::Expired, at: second(5), by: None, reason: None };
    assert_eq!(status(&token, None, &[], second(5)), TokenState::Dead(death));
}

#[test]
fn recorded_end_gives_the_death_its_time_actor_and_reason() {
    for (kind, dead) in [(EndKind::Consumed, DeadStatus::Consumed), (EndKind::Revoked, DeadStatus::Revoked)] {
        let token = Token { end: Some(end(kind, 2)), ..token(TokenKind::ConnectionToken, 1) };
        let reason = Some("why".to_owned());
        let death = Death { status: dead, at: second(2), by: Some(Actor::root()), reason };
        assert_eq!(status(&token, None, &[], second(9)), TokenState::Dead(death.clone()));
        let later = cutoff(second(3));
        assert_eq!(
            status(&token, None, &[later], second(9)),
            TokenState::Dead(death),
            "a later cutoff changes nothing"
        );
    }
}

#[test]
fn cutoff_gives_the_death_its_time_actor_and_reason() {
    let by = Actor::app(&app_id("crm"));
    let cutoff = RevocationCutoff { by: by.clone(), reason: Some("why".to_owned()), ..cutoff(second(3)) };
    let death = Death { status: DeadStatus::Revoked, at: second(3), by: Some(by), reason: Some("why".to_owned()) };
    let token = token(TokenKind::AccessToken, 1);
    assert_eq!(status(&token, None, std::slice::from_ref(&cutoff), second(9)), TokenState::Dead(death.clone()));
    // A token under a connection that the cutoff revokes dies of the same.
    let under = Token { created_at: second(2), ..token };
    let above = connection(1, ConnectionStatus::Active);
    assert_eq!(status(&under, Some(&above), &[cutoff], second(9)), TokenState::Dead(death));
}

#[test]
fn cutoff_revokes_tokens_of_its_scope_kinds_and_time() {
    let mut of_app = token(TokenKind::AccessToken, 1);
    of_app.facts.app_id = Some(app_id("crm"));
    of_app.grant.family = Some(token_id(7));
    let of_none = token(TokenKind::AccessToken, 2);
    let just_before = Timestamp::from_micros(second(0).micros() - 1);
    let all = cutoff(second(1));
    let of_scope = |scope| RevocationCutoff { scope, ..cutoff(second(1)) };
    let access = TokenKindSet::from_iter([TokenKind::AccessToken]);
    let refresh = TokenKindSet::from_iter([TokenKind::RefreshToken]);

    let table = [
        (all.clone(), true, true),
        (RevocationCutoff { before: just_before, ..all.clone() }, false, false),
        (RevocationCutoff { kinds: access, ..all.clone() }, true, true),
        (RevocationCutoff { kinds: refresh, ..all.clone() }, false, false),
        (RevocationCutoff { kinds: TokenKindSet::CONNECTIONS, ..all }, false, false),
        (of_scope(CutoffScope::App(app_id("crm"))), true, false),
        (of_scope(CutoffScope::App(app_id("mail"))), false, false),
        (of_scope(CutoffScope::Family(token_id(7))), true, false),
        (of_scope(CutoffScope::Family(token_id(8))), false, false),
    ];
    for (cutoff, of_app_ends, of_none_ends) in table {
        for (token, ends) in [(&of_app, of_app_ends), (&of_none, of_none_ends)] {
            assert_eq!(cutoff.matches(token), ends, "{cutoff:?}");
            assert_eq!(cutoff_matches(&cutoff, token), ends, "the model has the same rule");
            let state = status(token, None, std::slice::from_ref(&cutoff), second(2));
            assert_eq!(state.status() == Status::Revoked, ends);
        }
    }
}

#[test]
fn cutoff_revokes_connections_of_its_scope_kinds_and_time_with_their_tokens() {
    let above = connection(1, ConnectionStatus::Active);
    let under = token(TokenKind::AccessToken, 1);
    let just_before = Timestamp::from_micros(second(0).micros() - 1);
    let connections = RevocationCutoff { kinds: TokenKindSet::CONNECTIONS, ..cutoff(second(1)) };
    let of = |scope| RevocationCutoff { scope, ..connections.clone() };
    let refresh = TokenKindSet::from_iter([TokenKind::RefreshToken]);
    let table = [
        (connections.clone(), true),
        (RevocationCutoff { before: just_before, ..connections.clone() }, false),
        (RevocationCutoff { kinds: refresh, ..connections.clone() }, false),
        (of(CutoffScope::App(app_id("crm"))), true),
        (of(CutoffScope::App(app_id("mail"))), false),
        (of(CutoffScope::Family(token_id(1))), false),
    ];
    for (cutoff, ends) in table {
        assert_eq!(cutoff.matches_connection(&above), ends, "{cutoff:?}");
        assert_eq!(cutoff_matches_connection(&cutoff, &above), ends, "the model has the same rule");
        let state = status(&under, Some(&above), std::slice::from_ref(&cutoff), second(2));
        assert_eq!(state.status() == Status::Revoked, ends, "a token ends with its connection: {cutoff:?}");
    }
}

#[test]
fn connection_that_a_cutoff_revokes_is_revoking_while_it_has_a_provider() {
    let cutoffs = [cutoff(second(1))];
    for (provider, expected) in [(None, ConnectionStatus::Revoked), (Some(slug("acme")), ConnectionStatus::Revoking)] {
        let above = Connection { provider, ..connection(1, ConnectionStatus::Inactive) };
        let state = connection_state(&above, &cutoffs, second(2));
        assert_eq!((state.status, state.at, state.by), (expected, second(1), Some(Actor::root())));
    }
}

#[test]
fn only_a_connection_that_waits_for_its_user_expires() {
    for status in ConnectionStatus::ALL {
        let above = Connection { expires_at: Some(second(3)), ..connection(1, *status) };
        assert_eq!(connection_state(&above, &[], second(2)), above.recorded, "{status:?}");
        let state = connection_state(&above, &[], second(3));
        if *status == ConnectionStatus::Initiated {
            assert_eq!((state.status, state.at, state.by), (ConnectionStatus::Expired, second(3), None));
        } else {
            assert_eq!(state, above.recorded, "{status:?}");
        }
    }
}
