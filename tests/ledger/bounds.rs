//! A user's ledger stores a bounded number of items, and commands that end something succeed above each bound.

use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::{
    AtProvider, CreateConnection, DeleteConnection, GetConnection, IssueTokens, ListConnectedApps, RevokeConnectedApp,
    RevokeConnection, SetConnectionEnabled, Switch,
};
use hookswitch::core::decide::tokens::{MintToken, RevokeToken};
use hookswitch::core::decide::users::{PutUser, RevokeUser};
use hookswitch::core::error::Limit;
use hookswitch::core::params::{Lifetimes, MintKind, MintParams, RevokeFilter};
use hookswitch::core::user::{Profile, Role};
use hookswitch::core::{ConnectionStatus, DecisionError, Json, Request, Status, TokenRef};
use hookswitch::ledger::Sql;

use crate::kit::{Ledger, idempotency};
use crate::platform::TestPlatform;

const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };

fn key(ledger: &Ledger, kind: MintKind) -> Result<(), DecisionError> {
    let ttl = (kind == MintKind::ConnectionToken).then_some(3_600);
    ledger.run(MintToken { user_id: ledger.user_id.clone(), params: MintParams::plain(kind, ttl) }).map(drop)
}

fn connect(ledger: &Ledger) -> Result<(), DecisionError> {
    let (user_id, app_id) = (ledger.user_id.clone(), "app-1".parse().unwrap());
    let command = CreateConnection { user_id, app_id, scope: None, metadata: None, upstream: None };
    ledger.run(command).map(drop)
}

fn reached(limit: Limit, max: u64) -> Result<(), DecisionError> {
    Err(DecisionError::LimitReached { limit, max })
}

#[test]
fn user_has_a_bounded_number_of_live_tokens_keys_and_connections() {
    let mut ledger = Ledger::with_user();
    ledger.settings.tokens_max = 20;
    ledger.settings.api_keys_max = 3;
    ledger.settings.connections_max = 4;
    let first = ledger.mint_key();
    for _ in 1..3 {
        key(&ledger, MintKind::ApiKey).unwrap();
    }
    assert_eq!(key(&ledger, MintKind::ApiKey), reached(Limit::ApiKeys, 3));
    ledger.ok(RevokeToken { token: first, reason: None });
    assert_eq!(key(&ledger, MintKind::ApiKey), reached(Limit::ApiKeys, 3), "it was just counted");
    ledger.advance(61);
    key(&ledger, MintKind::ApiKey).unwrap();

    let connections: Vec<_> = (0..4).map(|_| ledger.connect("app-1")).collect();
    assert_eq!(connect(&ledger), reached(Limit::Connections, 4));
    ledger.ok(RevokeConnection { id: connections[0].clone(), reason: None });
    ledger.advance(61);
    connect(&ledger).unwrap();

    for _ in 3..20 {
        key(&ledger, MintKind::ConnectionToken).unwrap();
    }
    assert_eq!(key(&ledger, MintKind::ConnectionToken), reached(Limit::Tokens, 20));
    let issue = IssueTokens { id: connections[1].clone(), scope: None, lifetimes: LIFETIMES };
    assert_eq!(ledger.run(issue).map(drop), reached(Limit::Tokens, 20));
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
    ledger.ok(RevokeUser { user_id: ledger.user_id.clone(), filter, dry_run: false });
    ledger.advance(61);
    for _ in 0..20 {
        key(&ledger, MintKind::ConnectionToken).unwrap();
    }
}

#[test]
fn bounds_cost_no_row_and_rarely_a_count() {
    let mut ledger = Ledger::with_user();
    ledger.settings.tokens_max = 40;
    let rows = ledger.cost(|| drop(ledger.mint_key())).rows;
    ledger.sql.recorded.borrow_mut().clear();
    for _ in 0..39 {
        assert_eq!(ledger.cost(|| drop(ledger.mint_key())).rows, rows);
    }
    let counts = |ledger: &Ledger| {
        ledger.sql.recorded.borrow().iter().filter(|statement| statement.contains("FROM tokens AS t")).count()
    };
    assert_eq!(counts(&ledger), 1, "once, when the number of events passed the bound");
    for _ in 0..50 {
        let _ = key(&ledger, MintKind::ApiKey);
    }
    assert!(counts(&ledger) <= 3, "{}", counts(&ledger));
}

#[test]
fn stored_answers_are_bounded_and_have_no_copy_of_the_metadata() {
    let mut ledger = Ledger::with_user();
    ledger.settings.responses_max = 2;
    let key = ledger.mint_key();
    let metadata: Json = format!("{{\"text\":\"{}\"}}", "m".repeat(4_000)).parse().unwrap();
    let mint = |number: u8| {
        let mut params = MintParams::plain(MintKind::ApiKey, None);
        params.metadata = Some(metadata.clone());
        let (request, _) = ledger.request(MintToken { user_id: ledger.user_id.clone(), params });
        ledger.send(&Request { idempotency: Some(idempotency(number)), ..request }).unwrap().0
    };
    let first = mint(1).outcome.unwrap();
    assert!(ledger.number("SELECT LENGTH(response) FROM stored_responses") < 2_000);
    let again = mint(1);
    assert!(again.replayed.is_some());
    assert_eq!(again.outcome.unwrap().facts.metadata, first.facts.metadata);
    assert!(mint(2).outcome.is_ok());
    let refused = DecisionError::LimitReached { limit: Limit::StoredResponses, max: 2 };
    assert_eq!(mint(3).outcome, Err(refused));
    let (request, _) = ledger.request(RevokeToken { token: key.clone(), reason: None });
    let request = Request { idempotency: Some(idempotency(4)), ..request };
    assert!(ledger.send(&request).unwrap().0.outcome.is_ok(), "what ends something needs no place");
}

/// A ledger with everything that can be ended, and its tokens and connections.
struct Full {
    ledger: Ledger,
    token: TokenRef,
    access: TokenRef,
    refresh: TokenRef,
    connections: Vec<hookswitch::core::ConnectionId>,
}

impl Full {
    fn new() -> Self {
        let mut ledger = Ledger::with_user();
        let connections: Vec<_> = (0..5).map(|_| ledger.connect("app-1")).collect();
        let (token, (_, access, refresh)) = (ledger.mint_key(), ledger.issue(&connections[0]));
        ledger.settings.size_max = ledger.sql.size().unwrap();
        Self { ledger, token, access, refresh, connections }
    }
}

#[test]
fn full_ledger_issues_nothing() {
    let Full { ledger, connections, .. } = Full::new();
    let full = Err(DecisionError::LedgerFull);
    assert_eq!(key(&ledger, MintKind::ApiKey), full);
    assert_eq!(key(&ledger, MintKind::ConnectionToken), full);
    assert_eq!(connect(&ledger), full);
    let issue = IssueTokens { id: connections[0].clone(), scope: None, lifetimes: LIFETIMES };
    assert_eq!(ledger.run(issue).map(drop), full);
}

/// Every way to end something, on a ledger in which each INSERT fails, and whether it did.
#[test]
fn everything_that_ends_something_succeeds_when_no_row_can_be_inserted() {
    type End = fn(&Full) -> bool;
    let ways: [(&str, End); 9] = [
        ("token", |full| {
            full.ledger.ok(RevokeToken { token: full.token.clone(), reason: Some("stolen".to_owned()) });
            full.ledger.check(&full.token) == Some(Status::Revoked)
        }),
        ("access token", |full| {
            full.ledger.ok(RevokeToken { token: full.access.clone(), reason: None });
            full.ledger.check(&full.access) == Some(Status::Revoked)
        }),
        ("connection", |full| {
            full.ledger.ok(RevokeConnection { id: full.connections[0].clone(), reason: None });
            full.ledger.check(&full.access) == Some(Status::Revoked)
        }),
        ("connected app", |full| {
            let app_id = "app-1".parse().unwrap();
            full.ledger.ok(RevokeConnectedApp { user_id: full.ledger.user_id.clone(), app_id });
            full.ledger.check(&full.access) == Some(Status::Revoked)
        }),
        ("user", |full| {
            let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
            full.ledger.ok(RevokeUser { user_id: full.ledger.user_id.clone(), filter, dry_run: false });
            full.ledger.check(&full.token) == Some(Status::Revoked)
                && full.ledger.check(&full.access) == Some(Status::Revoked)
        }),
        ("disable", |full| {
            let (id, switch) = (full.connections[0].clone(), Switch::Disable);
            full.ledger.ok(SetConnectionEnabled { id, switch, reason: None });
            full.ledger.check(&full.access) == Some(Status::Inactive)
        }),
        ("delete", |full| {
            let id = full.connections[0].clone();
            full.ledger.ok(DeleteConnection { id, at_provider: AtProvider::Revoke });
            full.ledger.check(&full.access) == Some(Status::Revoked)
        }),
        ("role", |full| {
            let profile = Profile { role: Role::None, groups: Vec::new(), external_id: None, connectable: false };
            full.ledger.ok(PutUser { user_id: full.ledger.user_id.clone(), profile });
            full.ledger.number("SELECT COUNT(*) FROM user WHERE role = 'none'") == 1
        }),
        ("family", |full| {
            full.ledger.ok(RevokeToken { token: full.refresh.clone(), reason: None });
            full.ledger.check(&full.refresh) == Some(Status::Revoked)
        }),
    ];
    for (name, end) in ways {
        let full = Full::new();
        *full.ledger.sql.failing.borrow_mut() = Some("INSERT".to_owned());
        let events = full.ledger.number("SELECT MAX(seq) FROM events");
        assert!(end(&full), "{name}");
        assert!(full.ledger.number("SELECT MAX(seq) FROM events") > events, "{name} has its event");
    }
}

#[test]
fn ledger_in_which_no_row_can_be_inserted_is_revoked_more_than_once_and_recovers() {
    let full = Full::new();
    let ledger = &full.ledger;
    *ledger.sql.failing.borrow_mut() = Some("INSERT".to_owned());
    let revoke = || {
        let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
        ledger.run(RevokeUser { user_id: ledger.user_id.clone(), filter, dry_run: false })
    };
    for _ in 0..4 {
        ledger.advance(1);
        revoke().unwrap();
    }
    let platform = TestPlatform::of(ledger);
    ledger.run_for(60, &platform);
    let status = ledger.ok(GetConnection { id: full.connections[2].clone() }).status();
    assert_eq!(status, ConnectionStatus::Revoked);
    *ledger.sql.failing.borrow_mut() = None;
    ledger.run_for(90 * 86_400, &platform);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM cutoffs WHERE scope = 9"), 8, "the spare rows are back");
}

fn revoke_everything(ledger: &Ledger) {
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
    ledger.ok(RevokeUser { user_id: ledger.user_id.clone(), filter, dry_run: false });
}

#[test]
fn row_that_cannot_be_read_keeps_nothing_from_being_revoked() {
    for damage in [
        "UPDATE tokens SET kind = 99 WHERE position = (SELECT MIN(position) FROM tokens)",
        "UPDATE connections SET status = 'senseless', created_at = 1 WHERE created_at = (SELECT MIN(created_at) FROM connections)",
    ] {
        for revoke in [revoke_everything as fn(&Ledger), |ledger| {
            let app_id = "app-1".parse().unwrap();
            ledger.ok(RevokeConnectedApp { user_id: ledger.user_id.clone(), app_id });
        }] {
            let ledger = Ledger::with_user();
            ledger.mint_key();
            let ids = [ledger.connect("app-1"), ledger.connect("app-1")];
            let (_, access, _) = ledger.issue(&ids[1]);
            ledger.execute(damage);
            revoke(&ledger);
            assert_eq!(ledger.check(&access), Some(Status::Revoked), "{damage}");
        }
    }
    let ledger = Ledger::with_user();
    let token = ledger.mint_key();
    *ledger.sql.failing.borrow_mut() = Some("COUNT(*)".to_owned());
    revoke_everything(&ledger);
    assert_eq!(ledger.check(&token), Some(Status::Revoked), "it cannot be counted");
}

#[test]
fn apps_of_a_user_are_read_without_its_connections() {
    let ledger = Ledger::with_user();
    for number in 0..300 {
        ledger.connect(&format!("app-{}", number % 3));
    }
    ledger.execute("UPDATE connections SET metadata = '{\"a\":\"' || HEX(ZEROBLOB(2000)) || '\"}'");
    let dead = ledger.connect("app-9");
    ledger.ok(RevokeConnection { id: dead, reason: None });
    let statement = {
        ledger.sql.recorded.borrow_mut().clear();
        let apps = ledger.ok(ListConnectedApps { user_id: ledger.user_id.clone() });
        let ids: Vec<_> = apps.iter().map(|app| app.app_id.to_string()).collect();
        assert_eq!(ids, ["app-2", "app-1", "app-0"], "newest first");
        ledger.sql.recorded.borrow().iter().find(|statement| statement.contains("GROUP BY")).unwrap().clone()
    };
    assert!(statement.contains("NULL") && !statement.contains("metadata"), "{statement}");
    revoke_everything(&ledger);
    assert_eq!(ledger.ok(ListConnectedApps { user_id: ledger.user_id.clone() }), []);
}
