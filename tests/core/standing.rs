//! `status`: every order in which a token can run out, be ended and be cut off.

use hookswitch::core::token::{End, How};
use hookswitch::core::view::{Cutoff, Kinds};
use hookswitch::core::{Actor, AppId, Standing, Status, Timestamp, Token, TokenKind, status};

use crate::kit::{second, token};

/// Never, or in one of these seconds.
const WHENS: [Option<i64>; 5] = [None, Some(1), Some(2), Some(3), Some(4)];

fn cutoff(at: Timestamp) -> Cutoff {
    Cutoff { before: second(0), app_id: None, kinds: Kinds::ALL, at, by: Actor::root(), reason: None }
}

fn ended(how: How, at: i64) -> End {
    End { how, at: second(at), by: Actor::root(), reason: Some("why".to_owned()) }
}

/// Every token that the seconds allow, with its cutoffs.
fn cases() -> Vec<(Token, Vec<Cutoff>)> {
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
                        cases.push((token, cutoffs.collect()));
                    }
                }
            }
        }
    }
    cases
}

/// The rule, told as a story: second by second, and in each first what ran out, then what was done, then what was cut.
fn story(token: &Token, cutoffs: &[Cutoff], now: i64) -> (Status, Option<Timestamp>) {
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
    }
    (Status::Valid, None)
}

/// The seconds to look at: a ledger's time is never before what it has recorded.
fn since_recorded(token: &Token, cutoffs: &[Cutoff]) -> impl Iterator<Item = i64> {
    let recorded = token.end.iter().map(|end| end.at).chain(cutoffs.iter().map(|cutoff| cutoff.at)).max();
    (0..=6).filter(move |now| recorded.is_none_or(|at| at <= second(*now)))
}

#[test]
fn the_first_end_wins_in_every_order() {
    for (token, cutoffs) in cases() {
        for now in since_recorded(&token, &cutoffs) {
            let standing = status(&token, &cutoffs, second(now));
            assert_eq!((standing.status(), standing.died_at()), story(&token, &cutoffs, now), "{token:?} {cutoffs:?}");
        }
    }
}

#[test]
fn what_is_dead_stays_what_it_is() {
    for (token, cutoffs) in cases() {
        let mut dead = None;
        for now in since_recorded(&token, &cutoffs) {
            let standing = status(&token, &cutoffs, second(now));
            if let Some(dead) = &dead {
                assert_eq!(*dead, standing, "{token:?} {cutoffs:?} at {now}");
            }
            if standing != Standing::Valid {
                dead = Some(standing);
            }
        }
    }
}

#[test]
fn a_token_runs_out_at_the_moment_it_says() {
    let token = Token { expires_at: Some(second(5)), ..token(TokenKind::ApiKey, 1) };
    let just_before = Timestamp::from_micros(second(5).micros() - 1);
    assert_eq!(status(&token, &[], just_before), Standing::Valid);
    assert_eq!(status(&token, &[], second(5)).status(), Status::Expired);
}

#[test]
fn a_later_cutoff_changes_nothing_about_an_earlier_end() {
    for how in How::ALL {
        let token = Token { end: Some(ended(*how, 2)), ..token(TokenKind::ConnectionToken, 1) };
        let alone = status(&token, &[], second(9));
        assert_eq!(status(&token, &[cutoff(second(3))], second(9)), alone);
        assert_eq!(alone.end(), token.end, "what is recorded is what is said");
    }
}

#[test]
fn a_cutoff_covers_what_it_names_and_was_minted_by_then() {
    let app = |name| AppId::parse(name).ok();
    let mut of_app = token(TokenKind::AccessToken, 1);
    of_app.facts.app_id = app("crm");
    let of_none = token(TokenKind::AccessToken, 2);
    let just_before = Timestamp::from_micros(second(0).micros() - 1);
    let all = cutoff(second(1));
    let access = Kinds::from_iter([TokenKind::AccessToken]);
    let refresh = Kinds::from_iter([TokenKind::RefreshToken]);

    let table = [
        (all.clone(), true, true),
        (Cutoff { before: just_before, ..all.clone() }, false, false),
        (Cutoff { kinds: access, ..all.clone() }, true, true),
        (Cutoff { kinds: refresh, ..all.clone() }, false, false),
        (Cutoff { app_id: app("crm"), ..all.clone() }, true, false),
        (Cutoff { app_id: app("mail"), ..all }, false, false),
    ];
    for (cutoff, covers_app, covers_none) in table {
        assert_eq!(cutoff.covers(&of_app), covers_app, "{cutoff:?}");
        assert_eq!(cutoff.covers(&of_none), covers_none, "{cutoff:?}");
        let cut = status(&of_none, std::slice::from_ref(&cutoff), second(2));
        assert_eq!(cut.status() == Status::Revoked, covers_none);
    }
}

#[test]
fn only_an_end_by_somebody_is_recorded() {
    let ran_out = Token { expires_at: Some(second(1)), ..token(TokenKind::ConnectionToken, 1) };
    assert_eq!(status(&ran_out, &[], second(2)).end(), None);
    assert_eq!(Standing::Valid.end(), None);
    let cut = status(&token(TokenKind::ConnectionToken, 1), &[cutoff(second(1))], second(2)).end().unwrap();
    assert_eq!((cut.how, cut.at, cut.by), (How::Revoked, second(1), Actor::root()));
}
