//! The batches that ledgers send to the directory, and the rows that they cost.

use futures_util::FutureExt;
use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::{
    AtProvider, DeleteConnection, RevokeConnection, SetConnectionEnabled, Switch,
};
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::{PageRequest, RevokeFilter};
use hookswitch::core::user::{Profile, Role};
use hookswitch::core::{LedgerId, Timestamp, User};
use hookswitch::directory::entry::{ConnectionEntry, EventEntry, UserEntry};
use hookswitch::directory::feed::{self, Change, Feed, Numbered};
use hookswitch::directory::in_memory::InMemoryDirectory;
use hookswitch::directory::list::{self, ConnectionFilter, EventFilter, UserFilter};
use hookswitch::ledger::settings::Audit;

use crate::kit::{Ledger, START};
use crate::platform::TestPlatform;

const PAGE: PageRequest = PageRequest { after: None, limit: 1_000 };

fn now<T>(answer: impl Future<Output = Result<T, hookswitch::directory::DirectoryError>>) -> T {
    answer.now_or_never().expect("the directory does not wait").unwrap()
}

fn connections(directory: &InMemoryDirectory, at: Timestamp) -> Vec<ConnectionEntry> {
    now(list::connections(directory, &ConnectionFilter::default(), PAGE, at)).items
}

fn events(directory: &InMemoryDirectory) -> Vec<EventEntry> {
    now(list::events(directory, &EventFilter::default(), PAGE)).items
}

fn users(directory: &InMemoryDirectory) -> Vec<UserEntry> {
    now(list::users(directory, &UserFilter::default(), PAGE)).items
}

fn number(directory: &InMemoryDirectory, statement: &str) -> i64 {
    directory.connection().unwrap().query_row(statement, [], |row| row.get(0)).unwrap()
}

fn revoke_user(ledger: &Ledger) {
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
    ledger.ok(RevokeUser { user_id: ledger.user_id.clone(), filter, dry_run: false });
}

/// A ledger whose directory has everything.
fn fed() -> (Ledger, TestPlatform) {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    ledger.run_for(5, &platform);
    (ledger, platform)
}

#[test]
fn a_batch_costs_its_ledger_at_most_three_rows_with_its_alarms() {
    let (ledger, platform) = fed();
    assert_eq!(platform.directory.take_batches(), 3, "the tables are created once");
    let flush = |what: &str| {
        let before = ledger.alarm.get();
        let cost = ledger.cost(|| ledger.run_for(5, &platform));
        // The alarm of the change, the position, and the alarm of the retention.
        assert!(cost.rows < 3, "{what}: {cost:?} {before:?}");
        assert_eq!(platform.directory.take_batches(), 1, "{what}");
    };
    let id = ledger.connect("app-1");
    flush("a connection");
    for _ in 0..20 {
        ledger.connect("app-1");
    }
    flush("twenty connections");
    ledger.ok(RevokeConnection { id, reason: None });
    flush("a revocation");
    ledger.put_user_in("group");
    flush("a user");
    ledger.mint_key();
    flush("an API key");
    assert_eq!(*platform.failures.borrow(), []);
}

#[test]
fn the_directory_costs_an_operation_nothing_but_its_alarm() {
    let (ledger, platform) = fed();
    let cost = |operation: &mut dyn FnMut()| {
        ledger.run_for(5, &platform);
        ledger.cost(operation).rows
    };
    let mut id = None;
    assert!(cost(&mut || id = Some(ledger.connect("app-1"))) <= 5, "create a connection");
    let id = id.unwrap();
    assert!(cost(&mut || drop(ledger.ok(RevokeConnection { id: id.clone(), reason: None }))) <= 5, "revoke one");
    // The alarm of the earlier token serves the later one.
    ledger.mint(60);
    assert_eq!(cost(&mut || drop(ledger.mint(600))), 4, "mint a token");
}

#[test]
fn token_events_are_sent_only_with_the_whole_audit() {
    for (audit, expected) in [(Audit::Changes, 1), (Audit::All, 3)] {
        let mut ledger = Ledger::with_user();
        ledger.settings.audit = audit;
        let platform = TestPlatform::of(&ledger);
        ledger.run_for(5, &platform);
        let token = ledger.mint(60);
        ledger.consume(&token).unwrap();
        ledger.run_for(5, &platform);
        assert_eq!(events(&platform.directory).len(), expected, "{audit:?}");
        assert_eq!(platform.directory.take_batches(), if audit == Audit::All { 5 } else { 4 }, "{audit:?}");
    }
}

#[test]
fn every_change_of_a_connection_reaches_the_directory_also_without_an_event() {
    let (ledger, platform) = fed();
    let id = ledger.connect("app-1");
    let status = || {
        ledger.run_for(5, &platform);
        connections(&platform.directory, ledger.now.get()).first().map(|entry| entry.status)
    };
    assert_eq!(status(), Some(ConnectionStatus::Active));
    ledger.ok(SetConnectionEnabled { id: id.clone(), switch: Switch::Disable, reason: None });
    assert_eq!(status(), Some(ConnectionStatus::Inactive));
    ledger.ok(RevokeConnection { id: id.clone(), reason: None });
    assert_eq!(status(), Some(ConnectionStatus::Revoked));
    ledger.ok(DeleteConnection { id, at_provider: AtProvider::Forget });
    assert_eq!(status(), None, "a dead connection is deleted without an event");
    assert_eq!(ledger.number("SELECT COUNT(*) FROM directory_outbox"), 0);
    assert_eq!(number(&platform.directory, "SELECT COUNT(*) FROM connections WHERE deleted_at IS NOT NULL"), 1);
}

#[test]
fn all_connections_that_a_cutoff_ends_reach_the_directory() {
    let (ledger, platform) = fed();
    for _ in 0..250 {
        ledger.connect("app-1");
    }
    ledger.run_for(60, &platform);
    assert_eq!(connections(&platform.directory, ledger.now.get()).len(), 250);
    revoke_user(&ledger);
    ledger.run_for(60, &platform);
    let entries = connections(&platform.directory, ledger.now.get());
    assert!(entries.iter().all(|entry| entry.status == ConnectionStatus::Revoked));
}

#[test]
fn nothing_is_lost_while_the_directory_is_down_and_it_is_asked_ever_more_rarely() {
    let (mut ledger, platform) = fed();
    platform.directory.set_down(true);
    let _ = platform.directory.take_batches();
    for _ in 0..150 {
        ledger.connect("app-1");
        ledger.run_for(10, &platform);
    }
    let batches = platform.directory.take_batches();
    assert!((5..30).contains(&batches), "{batches}");
    // The object forgets that it waits.
    ledger.restart();
    platform.directory.set_down(false);
    ledger.run_for(400, &platform);
    assert_eq!(connections(&platform.directory, ledger.now.get()).len(), 150);
    assert_eq!(events(&platform.directory).len(), 151);
}

#[test]
fn a_batch_that_is_sent_twice_changes_nothing() {
    let (mut ledger, platform) = fed();
    ledger.connect("app-1");
    // The object stops after the directory took the batch.
    *ledger.sql.failing.borrow_mut() = Some("INSERT INTO directory_feed".to_owned());
    ledger.run_for(2, &platform);
    let sent = || (connections(&platform.directory, START).len(), events(&platform.directory).len());
    assert_eq!(sent(), (1, 2));
    let place = number(&platform.directory, "SELECT seq FROM connections");
    ledger.restart();
    *ledger.sql.failing.borrow_mut() = None;
    ledger.run_for(60, &platform);
    assert_eq!(sent(), (1, 2));
    assert_eq!(number(&platform.directory, "SELECT seq FROM connections"), place);
}

fn user() -> User {
    let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
    User { user_id: "user-1".parse().unwrap(), profile, created_at: START, updated_at: START }
}

fn feed_at(incarnation: i64, number: i64, role: Option<Role>) -> Feed {
    let mut user = user();
    let change = match role {
        Some(role) => {
            user.profile.role = role;
            Change::Put(UserEntry::of(&user))
        }
        None => Change::Delete(user.user_id.clone()),
    };
    let (incarnation, number) = (Timestamp::from_micros(incarnation), Timestamp::from_micros(number));
    Feed { user: Some(change), ..Feed::new(LedgerId::of_user(&user.user_id), incarnation, number) }
}

#[test]
fn a_late_batch_overwrites_nothing_that_is_newer_and_a_deletion_leaves_its_number() {
    let directory = InMemoryDirectory::default();
    let send = |feed: &Feed| now(feed::send(&directory, feed, START));
    let roles = || users(&directory).into_iter().map(|user| user.role).collect::<Vec<_>>();
    send(&feed_at(1, 5, Some(Role::Manager)));
    send(&feed_at(1, 4, Some(Role::Member)));
    send(&feed_at(1, 4, None));
    assert_eq!(roles(), [Role::Manager]);
    send(&feed_at(1, 6, None));
    send(&feed_at(1, 5, Some(Role::Admin)));
    assert_eq!(roles(), [], "the deletion came later");
    let stored = "SELECT COUNT(*) FROM users WHERE role IS NOT NULL OR groups IS NOT NULL OR external_id IS NOT NULL";
    assert_eq!(number(&directory, stored), 0, "nothing but the number is left");
    send(&feed_at(2, 1, Some(Role::Admin)));
    send(&feed_at(1, 9, Some(Role::Member)));
    assert_eq!(roles(), [Role::Admin], "a new incarnation is newer than every number of an earlier one");
    // A deletion may arrive before the row that it deletes.
    let directory = InMemoryDirectory::default();
    now(feed::send(&directory, &feed_at(1, 2, None), START));
    now(feed::send(&directory, &feed_at(1, 1, Some(Role::Member)), START));
    assert_eq!(users(&directory), []);
}

#[test]
fn the_retention_deletes_bounded_batches_of_what_ended_was_deleted_or_arrived_long_ago() {
    let directory = InMemoryDirectory::default();
    let count = |table: &str| number(&directory, &format!("SELECT COUNT(*) FROM {table}"));
    let event = |number: u64| {
        let event = EventEntry::plain(
            "user.created",
            START,
            hookswitch::core::Actor::root(),
            hookswitch::core::Json::stored("{}".to_owned()),
        );
        Numbered { number, value: event }
    };
    let mut batch = feed_at(1, 1, None);
    batch.events = (1..=1_200).map(event).collect();
    now(feed::send(&directory, &batch, START));
    let later = START.plus_seconds(10);
    let mut live = feed_at(1, 2, Some(Role::Member));
    live.user = None;
    live.events = vec![event(2_000)];
    now(feed::send(&directory, &live, later));
    let mut batches = 0;
    while now(feed::delete_old(&directory, START.plus_seconds(5))) {
        batches += 1;
    }
    assert_eq!((batches, count("events"), count("users")), (2, 1, 0));
}

#[test]
fn a_quiet_ledger_cleans_the_directory_when_its_retention_is_over() {
    let (ledger, platform) = fed();
    let id = ledger.connect("app-1");
    ledger.ok(RevokeConnection { id, reason: None });
    ledger.run_for(5, &platform);
    assert_eq!((events(&platform.directory).len(), connections(&platform.directory, START).len()), (3, 1));
    let day = 86_400;
    ledger.run_for(29 * day, &platform);
    assert_eq!(connections(&platform.directory, START).len(), 1);
    ledger.run_for(4 * day, &platform);
    assert_eq!((events(&platform.directory).len(), connections(&platform.directory, START).len()), (0, 0));
    assert_eq!(users(&platform.directory).len(), 1);
    let calls = platform.directory.take_batches();
    ledger.run_for(100 * day, &platform);
    assert!(calls < 16 && platform.directory.take_batches() < 3, "{calls}");
}

#[test]
fn what_the_directory_does_not_have_outlives_the_retention() {
    let mut ledger = Ledger::with_user();
    ledger.settings.retention = 3_600;
    let platform = TestPlatform::of(&ledger);
    platform.directory.set_down(true);
    let id = ledger.connect("app-1");
    ledger.ok(RevokeConnection { id, reason: None });
    ledger.run_for(86_400, &platform);
    platform.directory.set_down(false);
    ledger.run_for(1_000, &platform);
    assert_eq!(events(&platform.directory).len(), 3, "the directory keeps them from their arrival on");
}

impl Ledger {
    /// Replaces the user by one in a group.
    fn put_user_in(&self, group: &str) {
        let groups = vec![group.parse().unwrap()];
        let profile = Profile { role: Role::Member, groups, external_id: None, connectable: true };
        self.ok(hookswitch::core::decide::users::PutUser { user_id: self.user_id.clone(), profile });
    }
}
