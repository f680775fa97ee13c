//! Recording of ends that nobody asked for.

use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::{MintKind, MintParams, RevokeFilter};
use hookswitch::core::{ConnectionStatus, Status};

use crate::kit::Ledger;
use crate::platform::TestPlatform;

fn events(ledger: &Ledger, event_type: &str) -> i64 {
    ledger.number(&format!("SELECT COUNT(*) FROM events WHERE type = '{event_type}'"))
}

fn revoke_user(ledger: &Ledger, kinds: TokenKindSet) {
    let filter = RevokeFilter { before: None, app_id: None, kinds, reason: None };
    ledger.ok(RevokeUser { user_id: ledger.user_id.clone(), filter, dry_run: false });
}

#[test]
fn expired_connection_token_emits_one_event_and_costs_three_rows() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let token = ledger.mint(60);
    ledger.advance(61);
    let cost = ledger.cost(|| assert!(ledger.ring(&platform).is_some()));
    assert_eq!(events(&ledger, "token.expired"), 1);
    assert!(cost.rows <= 3, "{cost:?}");
    assert_eq!(ledger.check(&token), Some(Status::Expired));
    ledger.run_for(600, &platform);
    assert_eq!(events(&ledger, "token.expired"), 1);
    assert_eq!(*platform.failures.borrow(), []);
}

#[test]
fn alarm_of_many_expired_tokens_is_shared() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    for _ in 0..250 {
        ledger.mint(60);
    }
    ledger.run_for(61, &platform);
    assert_eq!(events(&ledger, "token.expired"), 250);
}

#[test]
fn access_and_refresh_tokens_and_api_keys_emit_no_event_when_they_expire() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let id = ledger.connect("app-1");
    ledger.issue(&id);
    ledger.mint_with(MintParams::plain(MintKind::ApiKey, Some(60)));
    ledger.run_for(100_000, &platform);
    assert_eq!(events(&ledger, "token.expired"), 0);
}

#[test]
fn initiated_connection_expires_with_one_event() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let app_id = Some("app-1".parse().unwrap());
    ledger.mint_with(MintParams { app_id, ..MintParams::plain(MintKind::ConnectionToken, Some(60)) });
    ledger.run_for(120, &platform);
    assert_eq!(events(&ledger, "connection.expired"), 1);
    assert_eq!(events(&ledger, "token.expired"), 1);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM connections WHERE end_recorded_at IS NOT NULL"), 1);
    let statuses: Vec<_> = platform.entries.borrow().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [ConnectionStatus::Initiated, ConnectionStatus::Expired]);
}

#[test]
fn revoking_a_user_emits_one_event_and_records_the_ends_of_its_connections_later() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let connections: Vec<_> = (0..250).map(|_| ledger.connect("app-1")).collect();
    let (_, access, _) = ledger.issue(&connections[0]);
    let token = ledger.mint(60);
    let before = ledger.number("SELECT COUNT(*) FROM events");
    let cost = ledger.cost(|| revoke_user(&ledger, TokenKindSet::ALL));
    assert!(cost.rows <= 4, "{cost:?}");
    assert_eq!(ledger.check(&access), Some(Status::Revoked));
    assert_eq!(ledger.check(&token), Some(Status::Revoked));
    ledger.run_for(120, &platform);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM events"), before + 1, "the user's revocation is one event");
    assert_eq!(ledger.number("SELECT COUNT(*) FROM connections WHERE end_recorded_at IS NULL"), 0);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM cutoffs WHERE sweep_after IS NOT NULL"), 0);
    assert_eq!(*platform.failures.borrow(), []);
}

#[test]
fn cutoff_of_tokens_alone_leaves_connections_alive() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let id = ledger.connect("app-1");
    let (_, access, _) = ledger.issue(&id);
    revoke_user(&ledger, [hookswitch::core::TokenKind::AccessToken].into_iter().collect());
    ledger.run_for(60, &platform);
    assert_eq!(ledger.check(&access), Some(Status::Revoked));
    ledger.issue(&id);
}

#[test]
fn unreadable_token_stops_neither_the_other_tokens_nor_the_other_jobs() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    ledger.mint(60);
    ledger.execute("UPDATE tokens SET created_by = 7, created_by = NULL WHERE FALSE");
    ledger.execute("UPDATE tokens SET end_reason = 'x', replayed = 'broken'");
    ledger.mint(60);
    ledger.connect("app-1");
    ledger.advance(61);
    let next = ledger.ring(&platform);
    assert_eq!(events(&ledger, "token.expired"), 1);
    assert_eq!(platform.entries.borrow().len(), 1);
    let jobs: Vec<_> = platform.failures.borrow().iter().map(|(job, _)| *job).collect();
    assert!(jobs.contains(&"record expired tokens"), "{jobs:?}");
    assert_eq!(next, Some(ledger.now.get().plus_seconds(10)), "the alarm rests after a failure");
}
