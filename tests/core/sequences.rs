//! The promises are true for every sequence of commands, alarms, repetitions and passing time, by any caller.

use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::params::MintKind;
use hookswitch::core::status::DeadStatus;
use hookswitch::core::{Principal, Timestamp, TokenKind};
use proptest::prelude::*;

use crate::history::History;
use crate::steps::{Caller, Step, steps};

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_hold_for_random_histories(steps in steps()) {
        let mut history = History::new();
        for step in steps {
            history.take(step);
        }
        history.end();
    }
}

fn root() -> Caller {
    Caller { principal: Principal::Root, key: None }
}

fn mint(kind: MintKind, ttl: Option<u32>) -> Step {
    Step::Mint { caller: root(), kind, ttl, app: None, scope: None }
}

#[test]
fn token_that_expires_in_the_tick_of_its_revocation_has_one_end() {
    let mut history = History::new();
    history.take(mint(MintKind::ConnectionToken, Some(1)));
    let expires_at = history.ledger.tokens[0].expires_at.unwrap();
    history.ledger.pass_until(expires_at);
    history.take(Step::RevokeUser { caller: root(), back: None, app: None, kinds: TokenKindSet::ALL });
    let states = history.ledger.states();
    let death = states[0].death().unwrap();
    assert_eq!((death.status, death.at), (DeadStatus::Expired, expires_at));
    history.end();
}

#[test]
fn token_that_expires_just_after_a_revocation_is_not_counted() {
    let mut history = History::new();
    history.take(mint(MintKind::ConnectionToken, Some(1)));
    history.take(mint(MintKind::ApiKey, None));
    let expires_at = history.ledger.tokens[0].expires_at.unwrap();
    history.ledger.pass_until(Timestamp::from_micros(expires_at.micros() - 1));
    let kinds = TokenKindSet::from_iter([TokenKind::ApiKey]);
    history.take(Step::RevokeUser { caller: root(), back: None, app: None, kinds });
    history.end();
}
