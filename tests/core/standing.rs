//! `status`: every order in which a token can run out, be ended, be cut off, and lose its connection.

use hookswitch::core::connection::{Connection, ConnectionStanding, ConnectionStatus};
use hookswitch::core::cutoff::{Cutoff, Kinds, Reach};
use hookswitch::core::token::{End, How};
use hookswitch::core::{Actor, Standing, Status, Timestamp, Token, TokenKind, status};

use crate::kit::{app_id, connection, connection_id, second, token, token_id};

/// Never, or in one of these seconds.
const WHENS: [Option<i64>; 5] = [None, Some(1), Some(2), Some(3), Some(4)];

fn cutoff(at: Timestamp) -> Cutoff {
    let reach = Reach::Everything;
    Cutoff { before: second(0), reach, kinds: Kinds::ALL, at, by: Actor::root(), reason: None }
}

fn ended(how: How, at: i64) -> End {
    End { how, at: second(at), by: Actor::root(), reason: Some("why".to_owned()) }
}

/// A token, the cutoffs, and the connection that it hangs on.
type Case = (Token, Vec<Cutoff>, Option<Connection>);

/// A connection that has been in a status since then. It was made too late for any cutoff here.
fn hung_on(status: ConnectionStatus, at: i64) -> Connection {
    let by = (status != ConnectionStatus::Expired).then(Actor::root);
    let recorded = ConnectionStanding { status, at: second(at), by, reason: None };
    Connection { created_at: Timestamp::from_micros(second(0).micros() + 1), recorded, ..connection(1, status) }
}

/// Every token that the seconds allow, with its cutoffs and its connection.
fn cases() -> Vec<Case> {
    let connections = || {
        let revoked = [1, 2, 3].map(|at| Some(hung_on(ConnectionStatus::Revoked, at)));
        let others = [ConnectionStatus::Active, ConnectionStatus::Inactive].map(|status| Some(hung_on(status, 1)));
        revoked.into_iter().chain(others).chain([None, Some(hung_on(ConnectionStatus::Expired, 2))])
    };
    let mut cases = Vec::new();
    for expires in WHENS {
        for end in WHENS {
            for how in How::ALL {
                for first in WHENS {
                    for second_cut in WHENS {
                        let token = Token {
                            expires_at: expires.map(second),
                            end: end.map(|at| ended(*how, at)),
                            ..token(TokenKind::ConnectionToken, 1)
                        };
                        let cutoffs = [first, second_cut].into_iter().flatten().map(|at| cutoff(second(at)));
                        let cutoffs: Vec<_> = cutoffs.collect();
                        cases.extend(connections().map(|above| (token.clone(), cutoffs.clone(), above)));
                    }
                }
            }
        }
    }
    cases
}

/// The rule, told as a story: second by second, and in each first what ran out, then what was done, then what was cut,
/// then what happened to the connection.
fn story((token, cutoffs, above): &Case, now: i64) -> (Status, Option<Timestamp>) {
    let dies_with = |at| {
        let recorded = above.as_ref().map(|above| &above.recorded);
        recorded.filter(|recorded| recorded.status.is_dead() && recorded.at == at).map(|recorded| recorded.status)
    };
    for at in (0..=now).map(second) {
        if token.expires_at == Some(at) {
            return (Status::Expired, Some(at));
        }
        if let Some(end) = token.end.as_ref().filter(|end| end.at == at) {
            let status = if end.how == How::Consumed { Status::Consumed } else { Status::Revoked };
            return (status, Some(at));
        }
        if cutoffs.iter().any(|cutoff| cutoff.at == at) {
            return (Status::Revoked, Some(at));
        }
        match dies_with(at) {
            Some(ConnectionStatus::Expired) => return (Status::Expired, Some(at)),
            Some(_) => return (Status::Revoked, Some(at)),
            None => {}
        }
    }
    let off = above.as_ref().is_some_and(|above| above.recorded.status == ConnectionStatus::Inactive);
    (if off { Status::Inactive } else { Status::Valid }, None)
}

/// The seconds to look at: a ledger's time is never before what it has recorded.
fn since_recorded((token, cutoffs, above): &Case) -> impl Iterator<Item = i64> {
    let ends = token.end.iter().map(|end| end.at).chain(cutoffs.iter().map(|cutoff| cutoff.at));
    let recorded = ends.chain(above.iter().map(|above| above.recorded.at)).max();
    (0..=6).filter(move |now| recorded.is_none_or(|at| at <= second(*now)))
}

fn standing((token, cutoffs, above): &Case, now: i64) -> Standing {
    status(token, above.as_ref(), cutoffs, second(now))
}

#[test]
fn the_first_end_wins_in_every_order() {
    for case in cases() {
        for now in since_recorded(&case) {
            let standing = standing(&case, now);
            assert_eq!((standing.status(), standing.died_at()), story(&case, now), "{case:?}");
        }
    }
}

#[test]
fn what_is_dead_stays_what_it_is() {
    for case in cases() {
        let mut dead = None;
        for now in since_recorded(&case) {
            let standing = standing(&case, now);
            if let Some(dead) = &dead {
                assert_eq!(*dead, standing, "{case:?} at {now}");
            }
            if standing.status().is_terminal() {
                dead = Some(standing);
            }
        }
    }
}

#[test]
fn a_token_runs_out_at_the_moment_it_says() {
    let token = Token { expires_at: Some(second(5)), ..token(TokenKind::ApiKey, 1) };
    let just_before = Timestamp::from_micros(second(5).micros() - 1);
    assert_eq!(status(&token, None, &[], just_before), Standing::Valid);
    assert_eq!(status(&token, None, &[], second(5)).status(), Status::Expired);
}

#[test]
fn a_later_cutoff_changes_nothing_about_an_earlier_end() {
    for how in How::ALL {
        let token = Token { end: Some(ended(*how, 2)), ..token(TokenKind::ConnectionToken, 1) };
        let alone = status(&token, None, &[], second(9));
        assert_eq!(status(&token, None, &[cutoff(second(3))], second(9)), alone);
        assert_eq!(alone.end(), token.end, "what is recorded is what is said");
    }
}

#[test]
fn a_cutoff_covers_what_it_names_and_was_minted_by_then() {
    let mut of_app = token(TokenKind::AccessToken, 1);
    of_app.facts.app_id = Some(app_id("crm"));
    of_app.facts.connection_id = Some(connection_id(1));
    of_app.grant.family = Some(token_id(7));
    let of_none = token(TokenKind::AccessToken, 2);
    let just_before = Timestamp::from_micros(second(0).micros() - 1);
    let all = cutoff(second(1));
    let reaching = |reach| Cutoff { reach, ..cutoff(second(1)) };
    let access = Kinds::from_iter([TokenKind::AccessToken]);
    let refresh = Kinds::from_iter([TokenKind::RefreshToken]);

    let table = [
        (all.clone(), true, true),
        (Cutoff { before: just_before, ..all.clone() }, false, false),
        (Cutoff { kinds: access, ..all.clone() }, true, true),
        (Cutoff { kinds: refresh, ..all.clone() }, false, false),
        (Cutoff { kinds: Kinds::CONNECTIONS, ..all }, false, false),
        (reaching(Reach::App(app_id("crm"))), true, false),
        (reaching(Reach::App(app_id("mail"))), false, false),
        (reaching(Reach::Connection(connection_id(1))), true, false),
        (reaching(Reach::Connection(connection_id(2))), false, false),
        (reaching(Reach::Family(token_id(7))), true, false),
        (reaching(Reach::Family(token_id(8))), false, false),
    ];
    for (cutoff, covers_app, covers_none) in table {
        assert_eq!(cutoff.covers(&of_app), covers_app, "{cutoff:?}");
        assert_eq!(cutoff.covers(&of_none), covers_none, "{cutoff:?}");
        let cut = status(&of_none, None, std::slice::from_ref(&cutoff), second(2));
        assert_eq!(cut.status() == Status::Revoked, covers_none);
    }
}

#[test]
fn a_cutoff_takes_the_connections_along_that_it_names() {
    let above = connection(1, ConnectionStatus::Active);
    let under = token(TokenKind::AccessToken, 1);
    let just_before = Timestamp::from_micros(second(0).micros() - 1);
    let connections = Cutoff { kinds: Kinds::CONNECTIONS, ..cutoff(second(1)) };
    let of = |reach| Cutoff { reach, ..connections.clone() };
    let table = [
        (connections.clone(), true),
        (Cutoff { before: just_before, ..connections.clone() }, false),
        (Cutoff { kinds: Kinds::from_iter([TokenKind::RefreshToken]), ..connections.clone() }, false),
        (of(Reach::App(app_id("crm"))), true),
        (of(Reach::App(app_id("mail"))), false),
        (of(Reach::Connection(connection_id(1))), false),
        (of(Reach::Family(token_id(1))), false),
    ];
    for (cutoff, covers) in table {
        assert_eq!(cutoff.covers_connection(&above), covers, "{cutoff:?}");
        let standing = status(&under, Some(&above), std::slice::from_ref(&cutoff), second(2));
        assert_eq!(standing.status() == Status::Revoked, covers, "what hangs on it goes with it: {cutoff:?}");
    }
}

#[test]
fn only_an_end_by_somebody_is_recorded() {
    let ran_out = Token { expires_at: Some(second(1)), ..token(TokenKind::ConnectionToken, 1) };
    assert_eq!(status(&ran_out, None, &[], second(2)).end(), None);
    assert_eq!(Standing::Valid.end(), None);
    let cut = status(&token(TokenKind::ConnectionToken, 1), None, &[cutoff(second(1))], second(2)).end().unwrap();
    assert_eq!((cut.how, cut.at, cut.by), (How::Revoked, second(1), Actor::root()));
}
