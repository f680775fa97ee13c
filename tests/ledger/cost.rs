//! The cost of operations in rows and index entries written, alarms included (design: cost budget).

use hookswitch::core::decide::connections::RevokeConnection;
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
