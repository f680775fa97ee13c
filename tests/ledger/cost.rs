//! The cost of operations in rows and index entries written, alarms included (design: cost budget).

use hookswitch::core::decide::connections::RevokeConnection;
use hookswitch::core::decide::grants::IntrospectToken;
use hookswitch::core::decide::keys::AuthenticateKey;
use hookswitch::core::decide::tokens::RevokeToken;
use hookswitch::core::{Status, TokenRef};

use crate::kit::{Cost, Ledger};

#[test]
fn reading_a_ledger_that_was_never_written_creates_no_table() {
    let ledger = Ledger::empty();
    let token = Ledger::with_user().mint(60);
    assert!(ledger.run(hookswitch::core::decide::tokens::CheckTokens { tokens: vec![token] }).is_err());
    assert_eq!(ledger.number("SELECT COUNT(*) FROM sqlite_master"), 0);
}

#[test]
fn checking_a_token_costs_one_statement_and_no_row() {
    let ledger = Ledger::with_user();
    let token = ledger.mint(60);
    assert_eq!(ledger.check(&token), Some(Status::Valid));
    assert_eq!(ledger.cost(|| assert!(ledger.check(&token).is_some())), Cost { rows: 0, statements: 1 });
}

#[test]
fn a_use_costs_one_row_every_15_minutes_and_the_next_one_none() {
    let ledger = Ledger::with_user();
    let (_, access, refresh) = ledger.issue(&ledger.connect("app-1"));
    let key = ledger.mint_key();
    let introspect = || drop(ledger.ok(IntrospectToken { token: access.clone() }));
    let check = || assert_eq!(ledger.check(&access), Some(Status::Valid));
    let authenticate = || assert!(ledger.ok(AuthenticateKey { key: key.clone() }).is_some());
    assert_eq!(ledger.check(&refresh), Some(Status::Valid));
    assert_eq!(ledger.number("SELECT COUNT(*) FROM connections WHERE last_used_at IS NOT NULL"), 0);
    for minutes in [0, 16] {
        ledger.advance(minutes * 60);
        for (first, second) in [(&introspect as &dyn Fn(), &check as &dyn Fn()), (&authenticate, &authenticate)] {
            assert_eq!(ledger.cost(first), Cost { rows: 1, statements: 2 });
            assert_eq!(ledger.cost(second), Cost { rows: 0, statements: 1 });
        }
    }
    assert_eq!(ledger.number("SELECT COUNT(*) FROM connections WHERE last_used_at IS NOT NULL"), 1);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM tokens WHERE last_used_at IS NOT NULL"), 1);
}

#[test]
fn a_use_that_cannot_be_recorded_fails_no_check() {
    let ledger = Ledger::with_user();
    let (_, access, _) = ledger.issue(&ledger.connect("app-1"));
    *ledger.sql.failing.borrow_mut() = Some("SET last_used_at".to_owned());
    assert_eq!(ledger.check(&access), Some(Status::Valid));
}

#[test]
fn minting_consuming_and_revoking_stay_within_the_budget() {
    let ledger = Ledger::with_user();
    let tokens: Vec<TokenRef> = (0..3).map(|_| ledger.mint(60)).collect();
    let first = Ledger::with_user();
    assert!(first.cost(|| drop(first.mint(60))).rows <= 5, "the alarm of the first token included");
    assert_eq!(ledger.cost(|| drop(ledger.mint(60))).rows, 4);
    assert_eq!(ledger.cost(|| ledger.consume(&tokens[0]).unwrap()), Cost { rows: 2, statements: 3 });
    let revoke = RevokeToken { token: tokens[1].clone(), reason: None };
    assert_eq!(ledger.cost(|| drop(ledger.ok(revoke))), Cost { rows: 2, statements: 3 });
    assert_eq!(ledger.check(&tokens[1]), Some(Status::Revoked));
}

#[test]
fn connections_and_their_tokens_stay_within_the_budget() {
    let ledger = Ledger::with_user();
    // The entry in the list of all connections costs an index entry and an alarm: it is counted apart.
    let first = ledger.cost(|| drop(ledger.connect("app-1")));
    assert!(first.rows <= 7 + 2, "the registry of the app included: {first:?}");
    assert!(ledger.cost(|| drop(ledger.connect("app-1"))).rows <= 4 + 2);
    let id = ledger.connect("app-1");
    assert!(ledger.cost(|| drop(ledger.issue(&id))).rows <= 8);
}

#[test]
fn revoking_a_connection_costs_the_same_whatever_the_number_of_its_tokens() {
    let ledger = Ledger::with_user();
    let [few, many] = ["app-1", "app-2"].map(|app_id| ledger.connect(app_id));
    let (_, access, _) = ledger.issue(&few);
    let tokens: Vec<_> = (0..50).map(|_| ledger.issue(&many).1).collect();
    let cost = |id| ledger.cost(|| drop(ledger.ok(RevokeConnection { id, reason: None })));
    let (first, second) = (cost(few), cost(many));
    assert_eq!(first, second);
    assert!(first.rows <= 5, "{first:?}");
    assert_eq!(ledger.check(&access), Some(Status::Revoked));
    assert!(tokens.iter().all(|token| ledger.check(token) == Some(Status::Revoked)));
}
