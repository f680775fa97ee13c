//! `Idempotency-Key`: the same request again is the same answer, and another one with its key is refused.

use hookswitch::core::cutoff::Kinds;
use hookswitch::core::order::{Cut, Order};
use hookswitch::core::request::Retry;
use hookswitch::core::target::TokenName;
use hookswitch::core::{Answer, Command, Digest, Outcome, Principal, Refusal, Request, Role, Standing, TokenKind};

use crate::kit::{self, minting, principal, profile, user_id};
use crate::model::Ledger;

fn ledger() -> Ledger {
    Ledger::of(kit::user("owner", profile(Role::Member, &["a"])))
}

#[test]
fn a_connection_token_lives_no_longer_than_a_day_whoever_orders_it() {
    for ttl in [None, Some(0), Some(86_401)] {
        let command = Command::Mint(user_id("owner"), Order::plain(TokenKind::ConnectionToken, ttl));
        let answer = send(&mut ledger(), &kit::once(&Principal::Root, command, 1));
        assert_eq!(answer.outcome, Err(Refusal::TtlOutOfRange));
    }
}

fn mint() -> Command {
    Command::Mint(user_id("owner"), Order::plain(TokenKind::ConnectionToken, Some(60)))
}

/// A request with a key, as the edge would send it: with fresh tokens each time.
fn keyed(command: Command, key: &str, number: u64) -> Request {
    let retry =
        Retry { key: Digest::of(key.as_bytes()), request: Digest::of(format!("{command:?}").as_bytes()), grace: None };
    Request { principal: Principal::Root, minting: minting(&command, number), command, app: None, retry: Some(retry) }
}

fn send(ledger: &mut Ledger, request: &Request) -> Answer {
    ledger.pass(1_000);
    ledger.run(request).0
}

#[test]
fn a_repeated_mint_is_answered_with_what_the_first_was_made_of() {
    let mut ledger = ledger();
    let first = keyed(mint(), "key", 1);
    let answer = send(&mut ledger, &first);
    let again = send(&mut ledger, &keyed(mint(), "key", 2));
    assert_eq!(again, Answer { replayed: Some(first.minting), ..answer });
    assert_eq!(ledger.tokens.len(), 1);
}

#[test]
fn a_repeated_consume_is_no_second_one() {
    let mut ledger = ledger();
    send(&mut ledger, &keyed(mint(), "mint", 1));
    let consume = Command::Consume(TokenName::Secret(TokenKind::ConnectionToken, kit::digest(1)));
    let first = send(&mut ledger, &keyed(consume.clone(), "key", 2));
    let again = send(&mut ledger, &keyed(consume.clone(), "key", 3));
    assert_eq!(first.outcome, again.outcome);
    assert!(matches!(first.outcome, Ok(Outcome::Consumed(..))));

    let without = send(&mut ledger, &kit::once(&Principal::Root, consume, 4));
    assert!(matches!(without.outcome, Err(Refusal::Dead(_))));
}

#[test]
fn one_key_for_two_requests_is_refused_and_changes_nothing() {
    let mut ledger = ledger();
    send(&mut ledger, &keyed(mint(), "key", 1));
    let other = Command::Mint(user_id("owner"), Order::plain(TokenKind::ConnectionToken, Some(61)));
    let answer = send(&mut ledger, &keyed(other, "key", 2));
    assert_eq!(answer.outcome, Err(Refusal::IdempotencyConflict));
    assert_eq!(ledger.tokens.len(), 1);
}

#[test]
fn a_refusal_is_not_remembered() {
    let mut ledger = ledger();
    let command = Command::Consume(TokenName::Secret(TokenKind::ConnectionToken, kit::digest(1)));
    assert_eq!(send(&mut ledger, &keyed(command.clone(), "key", 1)).outcome, Err(Refusal::TokenUnknown));
    send(&mut ledger, &kit::once(&Principal::Root, mint(), 1));
    assert!(matches!(send(&mut ledger, &keyed(command, "key", 2)).outcome, Ok(Outcome::Consumed(..))));
}

#[test]
fn who_is_not_allowed_any_more_is_not_told_what_was_answered() {
    let mut ledger = ledger();
    let mut request = keyed(mint(), "key", 1);
    request.principal = principal("a manager", Role::Manager, &["a"]);
    assert!(send(&mut ledger, &request).outcome.is_ok());
    let moved = Command::PutUser(user_id("owner"), profile(Role::Member, &["b"]));
    send(&mut ledger, &kit::once(&Principal::Root, moved, 2));
    assert_eq!(send(&mut ledger, &request), Answer { outcome: Err(Refusal::Forbidden), replayed: None });
}

#[test]
fn a_repeated_revocation_that_found_nothing_finds_nothing_again() {
    let mut ledger = ledger();
    let cut = Cut { before: None, app_id: None, kinds: Kinds::ALL, reason: None };
    let revoke = Command::RevokeUser { user_id: user_id("owner"), cut, dry_run: false };
    let first = send(&mut ledger, &keyed(revoke.clone(), "key", 1));
    send(&mut ledger, &kit::once(&Principal::Root, mint(), 2));
    let again = send(&mut ledger, &keyed(revoke, "key", 3));
    assert_eq!(first.outcome, again.outcome);
    assert_eq!(ledger.standings()[0], Standing::Valid);
}

#[test]
fn a_repeated_revocation_of_a_user_spares_what_was_minted_in_between() {
    let mut ledger = ledger();
    let cut = Cut { before: None, app_id: None, kinds: Kinds::ALL, reason: None };
    let revoke = Command::RevokeUser { user_id: user_id("owner"), cut, dry_run: false };
    send(&mut ledger, &kit::once(&Principal::Root, mint(), 1));
    let first = send(&mut ledger, &keyed(revoke.clone(), "key", 2));
    send(&mut ledger, &kit::once(&Principal::Root, mint(), 3));
    let again = send(&mut ledger, &keyed(revoke, "key", 4));
    assert_eq!(first.outcome, again.outcome);
    assert_eq!(ledger.standings()[1], Standing::Valid);
}
