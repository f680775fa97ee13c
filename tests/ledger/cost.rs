//! The cost of operations in rows and index entries written, alarms included (design: cost budget).

use hookswitch::core::app::ClientType;
use hookswitch::core::decide::connections::RevokeConnection;
use hookswitch::core::decide::grants::{IntrospectToken, RefreshTokens};
use hookswitch::core::decide::keys::AuthenticateKey;
use hookswitch::core::decide::tokens::RevokeToken;
use hookswitch::core::params::Lifetimes;
use hookswitch::core::{Principal, Status, TokenRef};

use crate::kit::{Cost, Ledger, app};

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
    // The alarm is that of the directory's feed.
    assert!(ledger.cost(|| drop(ledger.connect("app-1"))).rows <= 4 + 1);
    assert_eq!(ledger.cost(|| drop(ledger.connect("app-1"))).rows, 4);
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

/// The rows that each operation of the page of costs writes, alarms set included.
fn measured() -> Vec<(&'static str, i64)> {
    let ledger = Ledger::with_user();
    let tokens: Vec<TokenRef> = (0..3).map(|_| ledger.mint(3_600)).collect();
    let rows = |body: &dyn Fn()| ledger.cost(body).rows;
    let id = ledger.connect("app-1");
    let (_, _, refresh_token) = ledger.issue(&id);
    let refresh = || {
        let (access, refresh) = (3_600, Some(86_400));
        let lifetimes = Lifetimes { access, refresh };
        let command = RefreshTokens { token: refresh_token.clone(), scope: None, audience: None, lifetimes };
        let mut app = app("app-1".parse().unwrap());
        app.registration.client_type = ClientType::Confidential;
        let (mut request, _) = ledger.request(command);
        request.principal = Principal::App(app.app_id.clone());
        request.app = Some(app);
        ledger.send(&request).unwrap().0.outcome.unwrap();
    };
    let revoke = RevokeToken { token: tokens[1].clone(), reason: None };
    vec![
        ("check a live token", rows(&|| assert!(ledger.check(&tokens[2]).is_some()))),
        ("create a connection token", rows(&|| drop(ledger.mint(3_600)))),
        ("consume a connection token", rows(&|| ledger.consume(&tokens[0]).unwrap())),
        ("revoke a token", rows(&|| drop(ledger.ok(revoke.clone())))),
        ("create an active connection", rows(&|| drop(ledger.connect("app-2")))),
        ("issue an access and a refresh token", rows(&|| drop(ledger.issue(&id)))),
        ("refresh", rows(&refresh)),
        (
            "revoke a connection with all of its tokens",
            rows(&|| {
                drop(ledger.ok(RevokeConnection { id: id.clone(), reason: None }));
            }),
        ),
    ]
}

/// The cells of the table of the page of costs whose head begins with `head`, without the head.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let page = include_str!("../../docs/operations/cost.md");
    let after = page.lines().skip_while(|line| !line.starts_with(&format!("| {head} ")));
    let rows = after.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// A number or an amount of dollars in a cell; 0 if the cell is empty.
fn number(cell: &str) -> f64 {
    let digits: String = cell.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().unwrap_or(0.0)
}

/// The counts and prices of an operation of the page.
struct Listed {
    calls: f64,
    rows: f64,
    kv_writes: f64,
    per_million: f64,
    twin: f64,
}

fn listed(name: &str) -> Listed {
    let rows = table("Operation");
    let row = rows.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("the page has no operation {name}"));
    let [calls, rows, kv_writes, per_million, twin] = [1, 2, 3, 4, 5].map(|column| number(row[column]));
    Listed { calls, rows, kv_writes, per_million, twin }
}

/// The price of a million of each unit: requests, ledger calls, rows and KV writes.
fn prices() -> [f64; 4] {
    let [requests, calls, rows, _, kv_writes, _] =
        table("Unit").iter().map(|row| number(row[1])).collect::<Vec<_>>()[..]
    else {
        panic!("the page has other units");
    };
    [requests, calls, rows, kv_writes]
}

/// Whether two amounts of dollars are the same cent.
fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.005_001
}

#[test]
fn the_page_of_costs_has_the_rows_that_operations_write() {
    let fresh = Ledger::empty();
    let create = fresh.cost(|| fresh.put_user()).rows;
    for (name, rows) in measured().into_iter().chain([("create a user, with its ledger", create)]) {
        assert_eq!(format!("{rows}"), format!("{}", listed(name).rows), "{name}");
    }
}

#[test]
fn the_page_of_costs_multiplies_counts_and_prices() {
    let [requests, calls, rows, kv_writes] = prices();
    for row in table("Operation") {
        let listed = listed(row[0]);
        let price = requests + calls * listed.calls + rows * listed.rows + kv_writes * listed.kv_writes;
        assert!(is_same(price, listed.per_million), "{}: ${price}", row[0]);
    }
}

/// The operations of a month, by the first cell of their row.
const MONTH: [(&str, &[&str]); 5] = [
    ("checks of live tokens", &["check a live token"]),
    (
        "authorizations",
        &[
            "create a connection token",
            "consume a connection token",
            "create an active connection",
            "issue an access and a refresh token",
        ],
    ),
    ("refreshes", &["refresh"]),
    ("revocations of tokens", &["revoke a token"]),
    ("new users", &["create a user, with its ledger"]),
];

#[test]
fn the_page_of_costs_adds_up_three_months() {
    let months = table("Month");
    let row = |name: &str| months.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("no row {name}"));
    let [_, call, written, _] = prices();
    for column in [1, 2, 3] {
        let (mut total, mut rows, mut shared, mut twin) = (0.0, 0.0, 0.0, 0.0);
        for (name, operations) in MONTH {
            let count = number(row(name)[column]) / 1_000_000.0;
            for operation in operations {
                let listed = listed(operation);
                total += count * listed.per_million;
                rows += count * listed.rows;
                twin += count * listed.twin;
                shared += if listed.twin > 0.0 { count * listed.per_million } else { 0.0 };
            }
        }
        // The deletion of what was written, and for each new connection and user a batch for the directory: a ring of the
        // alarm, and rows in the ledger and in D1.
        let [connections, users] = ["authorizations", "new users"].map(|name| number(row(name)[column]) / 1_000_000.0);
        total += rows * written + connections * (call + 23.0 * written) + users * (call + 13.0 * written);
        for (name, amount) in [("at list prices", total), ("the operations that the twin has", shared), ("twin", twin)]
        {
            assert!(is_same(amount, number(row(name)[column])), "{name}, column {column}: ${amount:.2}");
        }
    }
}
