//! The registry of an app: its list of ledgers, and the jobs that visit them.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use hookswitch::core::decide::UserCommand;
use hookswitch::core::decide::app_jobs::{CancelJob, GetJob, RegisterLedger, RevokeApp, SetAppEnabled};
use hookswitch::core::decide::apps::{AppCommand, FetchApp, PutApp};
use hookswitch::core::decide::connections::{CreateConnection, GetConnection, Switch};
use hookswitch::core::decide::operator::{ListJobs, OperatorCommand};
use hookswitch::core::decide::users::{ListEvents, PutUser};
use hookswitch::core::handle::MintNonce;
use hookswitch::core::job::{Job, JobKind, JobStatus};
use hookswitch::core::params::{Page, PageRequest};
use hookswitch::core::user::Profile;
use hookswitch::core::{
    App, AppId, Connection, ConnectionId, ConnectionStatus, DecisionError, Keyring, LedgerId, Principal, Reply,
    Request, Role, Timestamp, UserId,
};
use hookswitch::ledger::alarm::{AlarmPlatform, EndpointCache};
use hookswitch::ledger::in_memory::{InMemoryLedgers, TestClock};
use hookswitch::ledger::{LedgerSettings, StorageError};
use hookswitch::operations::{LedgerClass, LedgerUnavailable, Ledgers};
use hookswitch::upstream::http::{HttpClient, NoResponse, OutboundRequest, ProviderResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::kit::{self, START};

const FIRST_PAGE: PageRequest = PageRequest { after: None, limit: 100 };

/// All ledgers of a deployment, and the platform of their alarms.
struct Deployment {
    clock: TestClock,
    ledgers: InMemoryLedgers,
    keyring: Keyring,
    endpoints: EndpointCache,
    nonce: Cell<u64>,
    /// The calls after which the platform crashes; none if negative.
    calls_left: Cell<i64>,
    /// The ledgers that do not answer.
    down: RefCell<Vec<LedgerId>>,
}

impl Deployment {
    fn new() -> Self {
        let clock = TestClock::at(START);
        let ledgers = InMemoryLedgers::new(clock.clone(), LedgerSettings::default());
        let deployment = Self {
            clock,
            ledgers,
            keyring: Keyring::new(&[7; 32], &[]).unwrap(),
            endpoints: EndpointCache::new(),
            nonce: Cell::new(0),
            calls_left: Cell::new(-1),
            down: RefCell::default(),
        };
        deployment.put_app().unwrap();
        deployment
    }

    fn send<C: Serialize, O: DeserializeOwned>(
        &self,
        class: LedgerClass,
        id: LedgerId,
        request: &Request<C>,
        name: &str,
    ) -> Result<O, DecisionError> {
        let answer = self.ledgers.answer(class, id, &request.message_of(name).unwrap()).unwrap();
        serde_json::from_str::<Reply<O>>(&answer.reply).unwrap().outcome
    }

    fn ask_app<C: AppCommand>(&self, command: C) -> Result<C::Outcome, DecisionError> {
        let id = LedgerId::of_app(&app_id());
        self.send(LedgerClass::App, id, &Request::plain(Principal::Root, command), C::NAME)
    }

    fn ask_operator<C: OperatorCommand>(&self, command: C) -> C::Outcome {
        let request = Request::plain(Principal::Root, command);
        self.send(LedgerClass::Operator, LedgerId::of_operator(), &request, C::NAME).unwrap()
    }

    fn ask_user<C: UserCommand>(&self, user: &UserId, command: C) -> Result<C::Outcome, DecisionError> {
        self.nonce.set(self.nonce.get() + 1);
        let id = LedgerId::of_user(user);
        let minted = self.keyring.mint_all(MintNonce(self.nonce.get(), 0), command.mints(), id).handles;
        let app = command.app_id().cloned().map(kit::app);
        let request = Request { app, minted, ..Request::plain(Principal::Root, command) };
        self.send(LedgerClass::User, id, &request, C::NAME)
    }

    fn put_app(&self) -> Result<(), DecisionError> {
        let command = PutApp { app_id: app_id(), registration: kit::app(app_id()).registration };
        self.ask_app(command).map(drop)
    }

    fn user(&self, number: usize) -> UserId {
        let user_id: UserId = format!("user-{number}").parse().unwrap();
        let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
        self.ask_user(&user_id, PutUser { user_id: user_id.clone(), profile }).unwrap();
        user_id
    }

    fn connect(&self, user_id: &UserId) -> Result<ConnectionId, DecisionError> {
        let (user_id, app_id) = (user_id.clone(), app_id());
        let (scope, metadata, upstream) = (None, None, None);
        let command = CreateConnection { user_id: user_id.clone(), app_id, scope, metadata, upstream };
        self.ask_user(&user_id, command).map(|verdict| verdict.connection.id)
    }

    fn status(&self, user_id: &UserId, id: &ConnectionId) -> ConnectionStatus {
        self.ask_user(user_id, GetConnection { id: id.clone() }).unwrap().status()
    }

    fn events_of(&self, user_id: &UserId) -> Vec<&'static str> {
        let command = ListEvents { user_id: user_id.clone(), page: FIRST_PAGE, event_type: None };
        let Page { items, .. } = self.ask_user(user_id, command).unwrap();
        items.iter().rev().map(|recorded| recorded.event.event_type.as_str()).collect()
    }

    fn listed(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM ledgers")
    }

    fn number(&self, statement: &str) -> i64 {
        let registry = self.ledgers.ledger(LedgerClass::App, LedgerId::of_app(&app_id())).unwrap();
        registry.database().connection().query_row(statement, [], |row| row.get(0)).unwrap()
    }

    fn revoke(&self, kind: JobKind, dry_run: bool) -> Result<Job, DecisionError> {
        self.ask_app(RevokeApp { app_id: app_id(), kind, reason: Some("breach".to_owned()), dry_run })
    }

    fn job(&self, job: &Job) -> Job {
        self.ask_app(GetJob { id: job.id }).unwrap()
    }

    fn app(&self) -> Option<App> {
        self.ask_app(FetchApp { app_id: app_id() }).unwrap()
    }

    /// Rings the registry's alarm once. Returns whether the platform survived.
    fn ring_registry(&self) -> bool {
        let registry = self.ledgers.ledger(LedgerClass::App, LedgerId::of_app(&app_id())).unwrap();
        registry.ring(self, &LedgerSettings::default()).now_or_never().map(Result::unwrap).is_some()
    }

    /// Rings every alarm that is due for this many seconds.
    fn run_for(&self, seconds: i64) {
        let until = self.clock.now().plus_seconds(seconds);
        for _ in 0..10_000 {
            let next = self.ledgers.ring_due(self).now_or_never().expect("nothing waits").unwrap();
            match next {
                Some(due) if due <= until => self.clock.set(due.max(self.clock.now())),
                _ => return self.clock.set(until),
            }
        }
        panic!("the alarms keep ringing");
    }
}

fn app_id() -> AppId {
    "crm".parse().unwrap()
}

impl Ledgers for Deployment {
    fn call(
        &self,
        class: LedgerClass,
        id: LedgerId,
        message: String,
    ) -> LocalBoxFuture<'_, Result<String, LedgerUnavailable>> {
        if self.down.borrow().contains(&id) {
            return Box::pin(async { Err(LedgerUnavailable) });
        }
        match self.calls_left.get() {
            0 => return Box::pin(std::future::pending()),
            left => self.calls_left.set(left - 1),
        }
        let answer = self.ledgers.answer(class, id, &message).map(|answer| answer.reply);
        Box::pin(async move { answer.map_err(|_| LedgerUnavailable) })
    }
}

impl HttpClient for Deployment {
    fn send(&self, _: OutboundRequest, _: Duration) -> LocalBoxFuture<'_, Result<ProviderResponse, NoResponse>> {
        panic!("there is nobody to send a request to")
    }
}

impl AlarmPlatform for Deployment {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn jitter(&self) -> u8 {
        0
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), StorageError> {
        buffer.fill(7);
        Ok(())
    }

    fn keyring(&self) -> Result<Keyring, StorageError> {
        Ok(self.keyring.clone())
    }

    fn sleep(&self, _: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn ledgers(&self) -> &dyn Ledgers {
        self
    }

    fn http(&self) -> &dyn HttpClient {
        self
    }

    fn upstream_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn webhook_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn endpoints(&self) -> &EndpointCache {
        &self.endpoints
    }

    fn write_entry<'a>(&'a self, _: &'a UserId, _: &'a Connection, _: Option<u64>) -> LocalBoxFuture<'a, bool> {
        Box::pin(async { true })
    }

    fn notify_subscribers(&self) {}

    fn log_failure(&self, job: &'static str, error: &StorageError) {
        assert!(!self.down.borrow().is_empty(), "{job}: {error}");
    }
}

#[test]
fn a_ledger_is_listed_once_before_its_first_connection_to_the_app() {
    let deployment = Deployment::new();
    let users = [deployment.user(1), deployment.user(2)];
    assert_eq!(deployment.listed(), 0, "a user without a connection is not listed");
    for user in &users {
        deployment.connect(user).unwrap();
        deployment.connect(user).unwrap();
    }
    assert_eq!(deployment.listed(), 2);
    let ledger_id = LedgerId::of_user(&users[0]);
    deployment.ask_app(RegisterLedger { app_id: app_id(), ledger_id }).unwrap();
    assert_eq!(deployment.listed(), 2);
}

#[test]
fn a_stopped_app_lists_no_new_ledger_and_nothing_is_written_then() {
    let deployment = Deployment::new();
    let (known, new) = (deployment.user(1), deployment.user(2));
    deployment.connect(&known).unwrap();
    let disable = SetAppEnabled { app_id: app_id(), switch: Switch::Disable, reason: None };
    let switched = deployment.ask_app(disable).unwrap();
    assert_eq!(switched.effective_at, switched.app.updated_at.plus_seconds(10));
    // The request has the app as an isolate remembers it.
    assert_eq!(deployment.connect(&new), Err(DecisionError::AppStopped));
    assert_eq!(deployment.events_of(&new), ["user.created"]);
    let ledger = deployment.ledgers.ledger(LedgerClass::User, LedgerId::of_user(&new)).unwrap();
    let connection = ledger.database().connection();
    let count = "SELECT (SELECT COUNT(*) FROM connections) + (SELECT COUNT(*) FROM registered_apps)";
    assert_eq!(connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    deployment.ask_app(SetAppEnabled { app_id: app_id(), switch: Switch::Enable, reason: None }).unwrap();
    deployment.connect(&new).unwrap();
    deployment.run_for(5);
    let own = UserId::of_app(&app_id());
    assert_eq!(deployment.events_of(&own), ["user.created", "app.disabled", "app.enabled"]);
}

#[test]
fn a_job_revokes_every_connection_and_the_app_works_again_afterwards() {
    let deployment = Deployment::new();
    let users: Vec<_> = (0..120).map(|number| deployment.user(number)).collect();
    let ids: Vec<_> = users.iter().map(|user| deployment.connect(user).unwrap()).collect();
    let counted = deployment.revoke(JobKind::AppRevoke, true).unwrap();
    deployment.run_for(2);
    let counted = deployment.job(&counted);
    assert_eq!((counted.status, counted.visited, counted.revoked.connection), (JobStatus::Done, 120, 120));
    assert_eq!(deployment.status(&users[0], &ids[0]), ConnectionStatus::Active, "a dry run changes nothing");
    assert_eq!(deployment.app().unwrap().stop, None);

    let job = deployment.revoke(JobKind::AppRevoke, false).unwrap();
    assert_eq!(job.effective_at, job.created_at.plus_seconds(10));
    assert_eq!(deployment.revoke(JobKind::AppRevoke, false).as_ref(), Ok(&job), "the job that runs is the answer");
    assert_eq!(deployment.revoke(JobKind::AppDelete, false), Err(DecisionError::JobRunning));
    deployment.run_for(9);
    assert!(deployment.app().unwrap().is_stopped());
    assert_eq!(deployment.job(&job).visited, 0, "isolates remember the app");
    deployment.run_for(60);
    let done = deployment.job(&job);
    assert_eq!((done.status, done.users, done.visited, done.affected), (JobStatus::Done, 120, 120, 120));
    assert_eq!(done.revoked.connection, 120);
    for (user, id) in users.iter().zip(&ids) {
        assert_eq!(deployment.status(user, id), ConnectionStatus::Revoked);
        assert_eq!(deployment.events_of(user), ["user.created", "connection.created", "user.revoked"]);
    }
    assert_eq!(deployment.app().unwrap().stop, None);
    let listed = deployment.ask_operator(ListJobs { page: FIRST_PAGE });
    assert_eq!(listed.items.iter().map(|job| job.id).collect::<Vec<_>>(), [done.id, counted.id]);
    assert_eq!(listed.items[0], done);
    assert_eq!(deployment.events_of(&UserId::of_app(&app_id())), ["user.created", "app.revoked"]);
    deployment.connect(&users[0]).unwrap();
}

#[test]
fn a_job_counts_exactly_whenever_the_platform_crashes() {
    let deployment = Deployment::new();
    let users: Vec<_> = (0..110).map(|number| deployment.user(number)).collect();
    let ids: Vec<_> = users.iter().map(|user| deployment.connect(user).unwrap()).collect();
    let job = deployment.revoke(JobKind::AppRevoke, false).unwrap();
    deployment.run_for(5);
    deployment.clock.advance_seconds(6);
    // The first batch is under way when the platform crashes, then the second one, and then the report of a batch.
    for calls in [30, 80, 51] {
        deployment.calls_left.set(calls);
        while deployment.ring_registry() {}
        deployment.calls_left.set(-1);
    }
    assert!(deployment.ring_registry());
    deployment.run_for(60);
    let done = deployment.job(&job);
    assert_eq!((done.status, done.visited, done.affected, done.revoked.connection), (JobStatus::Done, 110, 110, 110));
    for (user, id) in users.iter().zip(&ids) {
        assert_eq!(deployment.status(user, id), ConnectionStatus::Revoked);
        let revoked = deployment.events_of(user).iter().filter(|event| **event == "user.revoked").count();
        assert_eq!(revoked, 1);
    }
    assert_eq!(deployment.events_of(&UserId::of_app(&app_id())), ["user.created", "app.revoked"]);
}

#[test]
fn a_ledger_that_does_not_answer_is_asked_until_it_does() {
    let deployment = Deployment::new();
    let users: Vec<_> = (0..5).map(|number| deployment.user(number)).collect();
    for user in &users {
        deployment.connect(user).unwrap();
    }
    let job = deployment.revoke(JobKind::AppRevoke, false).unwrap();
    deployment.down.borrow_mut().push(LedgerId::of_user(&users[3]));
    deployment.run_for(45);
    let waiting = deployment.job(&job);
    assert_eq!((waiting.status, waiting.visited, waiting.retrying), (JobStatus::Running, 4, 1));
    assert!(deployment.app().unwrap().is_stopped());
    deployment.down.borrow_mut().clear();
    deployment.run_for(15);
    let done = deployment.job(&job);
    assert_eq!((done.status, done.visited, done.retrying), (JobStatus::Done, 5, 0));
}

#[test]
fn a_cancelled_job_ends_where_it_is() {
    for (kind, stays_stopped) in [(JobKind::AppRevoke, false), (JobKind::AppDelete, true)] {
        let deployment = Deployment::new();
        let users: Vec<_> = (0..60).map(|number| deployment.user(number)).collect();
        for user in &users {
            deployment.connect(user).unwrap();
        }
        let job = deployment.revoke(kind, false).unwrap();
        deployment.clock.advance_seconds(11);
        assert!(deployment.ring_registry());
        let cancelled = deployment.ask_app(CancelJob { id: job.id }).unwrap();
        assert_eq!((cancelled.status, cancelled.visited), (JobStatus::Cancelled, 50), "{kind}");
        deployment.run_for(60);
        assert_eq!(deployment.job(&job), cancelled, "{kind}");
        assert_eq!(deployment.ask_app(CancelJob { id: job.id }).unwrap(), cancelled, "{kind}");
        assert_eq!(deployment.app().unwrap().is_stopped(), stays_stopped, "{kind}");
    }
}

#[test]
fn a_deleted_app_is_gone_and_a_new_app_of_the_same_id_starts_anew() {
    let deployment = Deployment::new();
    let user = deployment.user(1);
    let id = deployment.connect(&user).unwrap();
    let job = deployment.revoke(JobKind::AppDelete, false).unwrap();
    deployment.run_for(30);
    assert_eq!((deployment.job(&job).status, deployment.app()), (JobStatus::Done, None));
    let events = deployment.events_of(&UserId::of_app(&app_id()));
    assert_eq!(events, ["user.created", "app.revoked", "app.deleted"]);
    deployment.put_app().unwrap();
    assert_eq!(deployment.app().unwrap().stop, None);
    assert_eq!(deployment.status(&user, &id), ConnectionStatus::Revoked);
    // The list stays, so a later job visits everybody who was ever connected.
    let again = deployment.revoke(JobKind::AppRevoke, false).unwrap();
    assert_eq!(again.users, 1);
    assert!(again.id.seq > job.id.seq);
}

#[test]
fn a_disabled_app_stays_disabled_after_it_was_revoked() {
    let deployment = Deployment::new();
    deployment.ask_app(SetAppEnabled { app_id: app_id(), switch: Switch::Disable, reason: None }).unwrap();
    let job = deployment.revoke(JobKind::AppRevoke, false).unwrap();
    let enable = || SetAppEnabled { app_id: app_id(), switch: Switch::Enable, reason: None };
    assert_eq!(deployment.ask_app(enable()), Err(DecisionError::JobRunning));
    deployment.run_for(30);
    assert_eq!(deployment.job(&job).status, JobStatus::Done);
    assert!(deployment.app().unwrap().is_stopped());
    deployment.ask_app(enable()).unwrap();
}

#[test]
fn jobs_are_deleted_after_the_retention_except_for_the_newest() {
    let deployment = Deployment::new();
    for _ in 0..3 {
        deployment.revoke(JobKind::AppRevoke, true).unwrap();
        deployment.run_for(5);
    }
    assert_eq!(deployment.number("SELECT COUNT(*) FROM jobs"), 3);
    deployment.run_for(32 * 86_400);
    assert_eq!(deployment.number("SELECT COUNT(*) FROM jobs"), 1);
    assert_eq!(deployment.revoke(JobKind::AppRevoke, true).unwrap().id.seq, 4);
}
