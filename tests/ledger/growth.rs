//! The cost of commands in a ledger with many rows: no statement on their way reads a whole table.

use hookswitch::core::decide::connections::{ListConnectedApps, RevokeConnection};
use hookswitch::core::decide::tokens::RevokeToken;
use hookswitch::core::decide::users::{ListConnections, ListEvents, ListTokens};
use hookswitch::core::params::PageRequest;

use crate::kit::Ledger;
use crate::platform::TestPlatform;

/// The tables that grow.
const GROWING: [&str; 6] = ["tokens", "connections", "credentials", "cutoffs", "events", "stored_responses"];

/// The steps of a statement's plan that read a growing table from one end to the other.
fn scans(ledger: &Ledger, statement: &str) -> Vec<String> {
    let mut plan = ledger.sql.database.connection().prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    let mut rows = plan.raw_query();
    let mut steps: Vec<String> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    let aliases = |table: &str| match table {
        "tokens" => "t",
        "connections" => "c",
        _ => "k",
    };
    let is_scan = |step: &String| {
        GROWING.iter().any(|table| {
            [*table, aliases(table)].iter().any(|name| {
                // A statement that reads the first rows in their order is no scan of the table.
                let is_bounded = statement.contains("LIMIT 1") || statement.contains("ORDER BY seq LIMIT");
                *step == format!("SCAN {name}") && !is_bounded
            })
        })
    };
    steps.into_iter().filter(is_scan).collect()
}

fn fill(ledger: &Ledger, count: u32) {
    let id = ledger.connect("app-1");
    for _ in 0..count {
        ledger.issue(&id);
    }
}

#[test]
fn no_statement_of_a_request_reads_a_whole_table() {
    let ledger = Ledger::with_user();
    fill(&ledger, 3);
    let (token, other) = (ledger.mint(60), ledger.mint(60));
    let id = ledger.connect("app-1");
    ledger.sql.recorded.borrow_mut().clear();

    let page = PageRequest { after: None, limit: 10 };
    let user_id = || ledger.user_id.clone();
    ledger.check(&token);
    ledger.consume(&token).unwrap();
    ledger.ok(RevokeToken { token: other, reason: None });
    ledger.ok(ListTokens { user_id: user_id(), page, status: None, kind: None });
    ledger.ok(ListConnections { user_id: user_id(), page, status: None, app_id: None });
    ledger.ok(ListEvents { user_id: user_id(), page, event_type: None });
    ledger.ok(ListConnectedApps { user_id: user_id() });
    ledger.issue(&id);
    ledger.ok(RevokeConnection { id, reason: None });
    let statements = ledger.sql.recorded.borrow().clone();
    assert!(statements.len() > 10);
    for statement in statements {
        let scans = scans(&ledger, &statement);
        assert!(scans.is_empty(), "{statement}\n{scans:?}");
    }
}

#[test]
fn no_statement_of_an_alarm_reads_a_whole_table() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    fill(&ledger, 3);
    ledger.mint(60);
    ledger.sql.recorded.borrow_mut().clear();
    ledger.run_for(40 * 86_400, &platform);
    let statements = ledger.sql.recorded.borrow().clone();
    assert!(statements.len() > 10);
    for statement in statements {
        let scans = scans(&ledger, &statement);
        assert!(scans.is_empty(), "{statement}\n{scans:?}");
    }
}

#[test]
fn commands_cost_the_same_with_one_token_and_with_a_thousand() {
    let cost = |count: u32| {
        let ledger = Ledger::with_user();
        fill(&ledger, count);
        ledger.mint(86_400);
        let token = ledger.mint(60);
        ledger.check(&token);
        let minted = ledger.cost(|| assert!(ledger.check(&ledger.mint(86_400)).is_some()));
        let checked = ledger.cost(|| assert!(ledger.check(&token).is_some()));
        let revoked = ledger.cost(|| drop(ledger.ok(RevokeToken { token: token.clone(), reason: None })));
        (minted, checked, revoked)
    };
    assert_eq!(cost(1), cost(1_000));
}
