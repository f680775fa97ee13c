//! What a revocation of a user covers, and what not.

use hookswitch::core::cutoff::Kinds;
use hookswitch::core::order::{Cut, Order};
use hookswitch::core::target::TokenName;
use hookswitch::core::{AppId, Command, Outcome, Principal, Refusal, Role, Standing, Status, TokenKind};

use crate::kit::{self, app_id, profile, token, user_id};
use crate::model::Ledger;

const EVERYTHING: Cut = Cut { before: None, app_id: None, kinds: Kinds::ALL, reason: None };

/// A ledger with one live token of each kind, minted a second apart; the third belongs to an app.
fn ledger() -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    for (number, kind) in (0..).zip(TokenKind::ALL) {
        let mut minted = token(*kind, number);
        minted.created_at = ledger.now();
        minted.facts.app_id = (number == 2).then(|| app_id("crm"));
        ledger.tokens.push(minted);
        ledger.pass(1_000_000);
    }
    ledger
}

fn revoke(ledger: &mut Ledger, cut: Cut) -> Result<u64, Refusal> {
    let command = Command::RevokeUser { user_id: user_id("owner"), cut, dry_run: false };
    match ledger.run(&kit::once(&Principal::Root, command, 0)).0.outcome? {
        Outcome::UserRevoked { revoked, .. } => Ok(revoked.total()),
        other => panic!("{other:?}"),
    }
}

fn alive(ledger: &Ledger) -> Vec<bool> {
    ledger.standings().iter().map(|standing| standing.status() == Status::Valid).collect()
}

#[test]
fn everything_up_to_now_dies_in_one_write() {
    let mut ledger = ledger();
    let events = ledger.events.len();
    assert_eq!(revoke(&mut ledger, EVERYTHING), Ok(4));
    assert_eq!(alive(&ledger), [false; 4]);
    assert_eq!(ledger.events.len(), events + 1, "one write, which touches no token");
    assert_eq!(revoke(&mut ledger, EVERYTHING), Ok(0), "what is dead is not counted again");
    assert_eq!(ledger.events.len(), events + 1, "and nothing is told of it");
}

#[test]
fn before_is_the_last_moment_that_is_covered() {
    let mut ledger = ledger();
    let second = ledger.tokens[1].created_at;
    assert_eq!(revoke(&mut ledger, Cut { before: Some(second), ..EVERYTHING }), Ok(2));
    assert_eq!(alive(&ledger), [false, false, true, true]);
}

#[test]
fn kinds_and_apps_narrow_it() {
    let kinds = Kinds::from_iter([TokenKind::RefreshToken, TokenKind::ApiKey]);
    let mut by_kind = ledger();
    assert_eq!(revoke(&mut by_kind, Cut { kinds, ..EVERYTHING }), Ok(2));
    assert_eq!(alive(&by_kind), [true, true, false, false]);

    let mut by_app = ledger();
    assert_eq!(revoke(&mut by_app, Cut { app_id: AppId::parse("crm").ok(), ..EVERYTHING }), Ok(1));
    assert_eq!(alive(&by_app), [true, true, false, true]);

    let mut by_other_app = ledger();
    assert_eq!(revoke(&mut by_other_app, Cut { app_id: AppId::parse("mail").ok(), ..EVERYTHING }), Ok(0));
    assert_eq!(alive(&by_other_app), [true; 4]);
}

#[test]
fn the_future_is_not_revoked() {
    let mut ledger = ledger();
    let now = ledger.now();
    assert_eq!(revoke(&mut ledger, Cut { before: Some(now.next()), ..EVERYTHING }), Err(Refusal::BeforeInFuture));
    assert_eq!(alive(&ledger), [true; 4]);
    assert_eq!(revoke(&mut ledger, Cut { before: Some(now), ..EVERYTHING }), Ok(4));
}

#[test]
fn what_is_minted_in_the_tick_of_a_revocation_lives() {
    let mut ledger = ledger();
    revoke(&mut ledger, EVERYTHING).unwrap();
    let command = Command::Mint(user_id("owner"), Order::plain(TokenKind::ConnectionToken, Some(60)));
    ledger.run(&kit::once(&Principal::Root, command, 9));
    assert_eq!(alive(&ledger), [false, false, false, false, true]);
}

#[test]
fn a_cutoff_outlives_the_tokens_that_are_told_one_by_one() {
    let mut ledger = ledger();
    revoke(&mut ledger, EVERYTHING).unwrap();
    let died: Vec<_> = ledger.standings().iter().map(Standing::died_at).collect();
    for left in [3, 2, 1, 0] {
        ledger.sweep(1);
        assert_eq!(ledger.tokens.iter().filter(|token| !token.settled).count(), left);
        assert_eq!(alive(&ledger), [false; 4]);
    }
    ledger.sweep(1);
    assert!(ledger.cutoffs.is_empty(), "a cutoff that covers nothing untold is forgotten");
    let still: Vec<_> = ledger.standings().iter().map(Standing::died_at).collect();
    assert_eq!(died, still);
}

#[test]
fn a_revoked_key_authenticates_nobody() {
    let mut ledger = ledger();
    let key = ledger.tokens[3].digest.clone();
    assert!(ledger.authenticate(&key).is_some());
    assert!(ledger.authenticate(&ledger.tokens[0].digest).is_none(), "a connection token is no key");
    let command = Command::Revoke { token: TokenName::Secret(TokenKind::ApiKey, key.clone()), reason: None };
    ledger.run(&kit::once(&Principal::Root, command, 0));
    assert!(ledger.authenticate(&key).is_none());
}
