//! Deletion after the retention.

use hookswitch::core::Status;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::RevokeConnection;
use hookswitch::core::decide::tokens::RevokeToken;
use hookswitch::core::decide::users::{ListEvents, RevokeUser};
use hookswitch::core::params::{PageRequest, RevokeFilter};

use crate::kit::{Ledger, idempotency};
use crate::platform::TestPlatform;

const DAY: i64 = 86_400;

fn revoke_user(ledger: &Ledger) {
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
    ledger.ok(RevokeUser { user_id: ledger.user_id.clone(), filter, dry_run: false });
}

#[test]
fn dead_tokens_and_old_events_are_deleted_and_live_rows_stay() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let (consumed, expired, key) = (ledger.mint(60), ledger.mint(60), ledger.mint_key());
    ledger.consume(&consumed).unwrap();
    ledger.run_for(29 * DAY, &platform);
    assert_eq!(ledger.check(&consumed), Some(Status::Consumed));
    ledger.run_for(2 * DAY, &platform);
    assert_eq!(ledger.check(&consumed), None);
    assert_eq!(ledger.check(&expired), None);
    assert_eq!(ledger.check(&key), Some(Status::Valid));
    assert_eq!(ledger.number("SELECT COUNT(*) FROM tokens"), 1);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM events"), 1, "the newest event keeps its number");
    let page = PageRequest { after: None, limit: 10 };
    let shown = ledger.ok(ListEvents { user_id: ledger.user_id.clone(), page, event_type: None });
    assert_eq!(shown.items.len(), 0, "an event past the retention is not shown");
    assert_eq!(ledger.alarm.get(), None, "nothing else is due");
    assert_eq!(*platform.failures.borrow(), []);
}

#[test]
fn numbers_of_events_and_positions_never_repeat() {
    let mut ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let token = ledger.mint(60);
    ledger.consume(&token).unwrap();
    let last = ledger.number("SELECT MAX(seq) FROM events");
    ledger.run_for(40 * DAY, &platform);
    ledger.restart();
    ledger.mint(60);
    assert_eq!(ledger.number("SELECT MAX(seq) FROM events"), last + 1);
}

#[test]
fn deletion_costs_no_more_rows_than_were_written() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let mut written = 0;
    for _ in 0..20 {
        written += ledger
            .cost(|| {
                let token = ledger.mint(60);
                ledger.consume(&token).unwrap();
            })
            .rows;
    }
    let deleted = ledger.cost(|| ledger.run_for(40 * DAY, &platform)).rows;
    assert_eq!(ledger.number("SELECT COUNT(*) FROM tokens"), 0);
    assert!(deleted <= written, "{deleted} > {written}");
}

#[test]
fn cutoff_is_deleted_after_everything_that_it_ended() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let key = ledger.mint_key();
    let id = ledger.connect("app-1");
    let (_, access, _) = ledger.issue(&id);
    ledger.advance(10);
    revoke_user(&ledger);
    ledger.run_for(29 * DAY, &platform);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM cutoffs WHERE scope < 9"), 1);
    assert_eq!(ledger.check(&key), Some(Status::Revoked));
    ledger.run_for(3 * DAY, &platform);
    for table in ["cutoffs WHERE scope < 9", "tokens", "connections"] {
        assert_eq!(ledger.number(&format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(ledger.check(&access), None);
    assert_eq!(ledger.check(&key), None);
}

#[test]
fn long_pass_is_split_into_rings_and_revives_nothing() {
    let mut ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    for _ in 0..450 {
        ledger.mint_key();
    }
    revoke_user(&ledger);
    let live = ledger.mint_key();
    for _ in 0..45 {
        ledger.run_for(DAY, &platform);
        ledger.restart();
        let alive = ledger.number("SELECT COUNT(*) FROM tokens");
        let cutoffs = ledger.number("SELECT COUNT(*) FROM cutoffs WHERE scope < 9");
        assert!(alive == 1 || cutoffs == 1, "a cutoff was deleted before its {alive} tokens");
    }
    assert_eq!(ledger.number("SELECT COUNT(*) FROM tokens"), 1);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM cutoffs WHERE scope < 9"), 0);
    assert_eq!(ledger.check(&live), Some(Status::Valid));
    assert_eq!(*platform.failures.borrow(), []);
}

#[test]
fn token_of_a_deleted_connection_does_not_exist() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let id = ledger.connect("app-1");
    let (_, access, refresh) = ledger.issue(&id);
    ledger.ok(RevokeConnection { id, reason: None });
    ledger.execute("DELETE FROM connections");
    assert_eq!(ledger.check(&access), None);
    assert_eq!(ledger.check(&refresh), None);
    ledger.run_for(40 * DAY, &platform);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM tokens"), 0);
}

#[test]
fn retention_sets_one_alarm_for_the_ledger_and_none_for_each_operation() {
    let ledger = Ledger::with_user();
    let keys: Vec<_> = (0..3).map(|_| ledger.mint_key()).collect();
    let alarm = ledger.alarm.get();
    assert!(alarm.is_some(), "a key that is revoked must be deleted some day");
    ledger.advance(DAY);
    for key in keys {
        ledger.ok(RevokeToken { token: key, reason: None });
    }
    assert_eq!(ledger.alarm.get(), alarm);
}

#[test]
fn stored_response_costs_two_rows_and_is_deleted_after_a_day() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let (token, other) = (ledger.mint(3_600), ledger.mint(3_600));
    ledger.advance(1);
    let revoke = |token| RevokeToken { token, reason: None };
    let plain = ledger.cost(|| drop(ledger.ok(revoke(other)))).rows;
    let (mut request, _) = ledger.request(revoke(token));
    request.idempotency = Some(idempotency(1));
    let with_key = ledger.cost(|| drop(ledger.send(&request).unwrap())).rows;
    assert!(with_key <= plain + 2, "{with_key} {plain}");
    let repeated = ledger.cost(|| assert!(ledger.send(&request).unwrap().0.replayed.is_some())).rows;
    assert_eq!(repeated, 0);
    ledger.run_for(2 * DAY, &platform);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM stored_responses"), 0);
}
