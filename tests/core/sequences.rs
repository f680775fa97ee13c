//! For every sequence of commands, sweeps, repetitions and time passing, by whomever: the promises.

use hookswitch::core::cutoff::Kinds;
use hookswitch::core::{Principal, Status, Timestamp, TokenKind};
use proptest::prelude::*;

use crate::history::History;
use crate::steps::{Caller, Step, steps};

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_promises_hold_whatever_happens(steps in steps()) {
        let mut history = History::new();
        for step in steps {
            history.take(step);
        }
        history.end();
    }
}
#[test]
fn a_token_that_runs_out_in_the_tick_of_its_revocation_has_one_end() {
    let mut history = History::new();
    let root = || Caller { principal: Principal::Root, key: None };
    history.take(Step::Mint { caller: root(), kind: TokenKind::ConnectionToken, ttl: Some(1), app: None, scope: None });
    let expires_at = history.ledger.tokens[0].expires_at.unwrap();
    history.ledger.pass_until(expires_at);
    history.take(Step::RevokeUser { caller: root(), back: None, app: None, kinds: Kinds::ALL });
    let standing = &history.ledger.standings()[0];
    assert_eq!((standing.status(), standing.died_at()), (Status::Expired, Some(expires_at)));
    history.end();
}

#[test]
fn what_runs_out_just_after_a_revocation_is_not_counted_as_revoked() {
    let mut history = History::new();
    let root = || Caller { principal: Principal::Root, key: None };
    history.take(Step::Mint { caller: root(), kind: TokenKind::ConnectionToken, ttl: Some(1), app: None, scope: None });
    history.take(Step::Mint { caller: root(), kind: TokenKind::ApiKey, ttl: None, app: None, scope: None });
    let expires_at = history.ledger.tokens[0].expires_at.unwrap();
    history.ledger.pass_until(Timestamp::from_micros(expires_at.micros() - 1));
    let kinds = Kinds::from_iter([TokenKind::ApiKey]);
    history.take(Step::RevokeUser { caller: root(), back: None, app: None, kinds });
    history.end();
}
