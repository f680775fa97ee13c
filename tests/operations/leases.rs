//! Leases: a `valid` verdict is reused for a while, and never after the `effective_at` of a revocation.

use std::mem::swap;

use hookswitch::core::app::ClientType;
use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::Switch;
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::{Lifetimes, RevokeFilter};
use hookswitch::core::{ConnectionRef, Leases, Principal, Source, Status, Timestamp, UserId};
use hookswitch::operations::connections::IssuedTokens;
use hookswitch::operations::in_memory::{Behaviour, UnboundedMemory};
use hookswitch::operations::tokens::{Check, Revoke};
use hookswitch::operations::{Caller, ClientCredentials, connections, oauth, tokens, users};
use proptest::prelude::*;

use crate::kit::{Deployment, member};

const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };

/// A deployment with an access token.
struct Leased {
    deployment: Deployment,
    app: ClientCredentials,
    connection: ConnectionRef,
    user_id: UserId,
    tokens: IssuedTokens,
}

impl Leased {
    fn new(leases: Leases) -> Self {
        let mut deployment = Deployment::new();
        deployment.config.settings.leases = leases;
        let user_id = deployment.user("user-1");
        let app = deployment.app("app-1", ClientType::Confidential);
        let connection = deployment.connect(&user_id, &app.app_id, None);
        let tokens =
            deployment.run(connections::issue_tokens(&deployment.root(), &connection, None, LIFETIMES)).unwrap();
        deployment.calls();
        Self { deployment, app, connection, user_id, tokens }
    }

    fn check_by(&self, caller: Caller, token: &str) -> Option<(Status, Source)> {
        let check = Check { token: self.deployment.open(token), user_id: None };
        let verdict = self.deployment.run(tokens::check(&self.deployment.by(caller), check)).ok()?;
        Some((verdict.status(), verdict.source()))
    }

    fn check(&self) -> (Status, Source) {
        self.check_by(Caller::Principal(Principal::Root), &self.tokens.access_token).unwrap()
    }
}

#[test]
fn lease_is_reused_until_it_ends_and_costs_no_call() {
    let leased = Leased::new(Leases::new(30, 0));
    let (clock, calls) = (&leased.deployment.clock, || leased.deployment.calls());
    assert_eq!((leased.check(), calls()), ((Status::Valid, Source::Ledger), 1));
    clock.advance_seconds(29);
    assert_eq!((leased.check(), calls()), ((Status::Valid, Source::Lease), 0));
    clock.advance_seconds(1);
    assert_eq!((leased.check(), calls()), ((Status::Valid, Source::Ledger), 1));
    leased.deployment.platform.ledgers.set(Behaviour::down_after(0));
    assert_eq!((leased.check(), calls()), ((Status::Valid, Source::Lease), 0));
}

#[test]
fn without_a_setting_every_check_asks_the_ledger() {
    let leased = Leased::new(Leases::new(0, 30));
    for _ in 0..2 {
        assert_eq!((leased.check(), leased.deployment.calls()), ((Status::Valid, Source::Ledger), 1));
    }
}

#[test]
fn lease_ends_with_its_token() {
    let leased = Leased::new(Leases::new(Leases::MAX_SECONDS, 0));
    leased.deployment.clock.advance_seconds(3_590);
    leased.check();
    leased.deployment.clock.advance_seconds(11);
    assert_eq!(leased.check().0, Status::Expired);
}

#[test]
fn leases_are_for_root_admins_and_the_app_of_the_token() {
    let leased = Leased::new(Leases::new(30, 0));
    let deployment = &leased.deployment;
    leased.check();
    deployment.calls();
    assert_eq!(leased.check_by(member(&leased.user_id), &leased.tokens.access_token).unwrap().1, Source::Ledger);
    assert_eq!(deployment.calls(), 1);
    let stranger = member(&deployment.user("user-2"));
    assert_eq!(leased.check_by(stranger, &leased.tokens.access_token), None);
    // Another app has its own answer for the token: not active.
    let other = deployment.app("app-2", ClientType::Confidential);
    deployment.calls();
    let introspect = |credentials| {
        let cx = deployment.by(Caller::Client(credentials));
        let token = deployment.open(&leased.tokens.access_token);
        deployment.run(oauth::introspect(&cx, &token)).unwrap().map(|verdict| verdict.source())
    };
    assert_eq!(introspect(other), None);
    assert_eq!(introspect(leased.app.clone()), Some(Source::Lease));
}

#[test]
fn connection_tokens_and_refresh_tokens_have_no_lease() {
    let leased = Leased::new(Leases::new(30, 0));
    let deployment = &leased.deployment;
    let single_use = deployment.token(&leased.user_id).secret;
    let refresh = leased.tokens.refresh.clone().unwrap().secret;
    for token in [single_use, refresh] {
        for _ in 0..2 {
            let (status, source) = leased.check_by(Caller::Principal(Principal::Root), &token).unwrap();
            assert_eq!((status, source), (Status::Valid, Source::Ledger));
        }
    }
}

/// What ends the token.
#[derive(Clone, Copy, Debug)]
enum End {
    Token,
    Connection,
    Disable,
    User,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The isolate checks the token.
    Check(usize),
    /// The isolate ends the token.
    End(usize, End),
    /// Time passes.
    Pass(i64),
    /// The isolate gets the next version, whose lease is shorter.
    Replace(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let end = prop_oneof![Just(End::Token), Just(End::Connection), Just(End::Disable), Just(End::User)];
    let step = prop_oneof![
        6 => (0..2_usize).prop_map(Step::Check),
        1 => (0..2_usize, end).prop_map(|(isolate, end)| Step::End(isolate, end)),
        3 => (1..20_i64).prop_map(Step::Pass),
        1 => (0..2_usize).prop_map(Step::Replace),
    ];
    prop::collection::vec(step, 1..30)
}

/// Ends the token, and returns the `effective_at` that the answer has.
fn end(leased: &Leased, end: End) -> Timestamp {
    let deployment = &leased.deployment;
    let (cx, in_force) = (deployment.root(), deployment.config.settings.leases);
    match end {
        End::Token => {
            let token = deployment.open(&leased.tokens.access_token);
            let revoked = deployment.run(tokens::revoke(&cx, Revoke { token, user_id: None, reason: None })).unwrap();
            in_force.effective_at(revoked.verdict.state.death().unwrap().at)
        }
        End::Connection => {
            let changed = deployment.run(connections::revoke(&cx, &leased.connection, None)).unwrap();
            in_force.effective_at(changed.verdict.state.at)
        }
        End::Disable => {
            let changed = connections::set_enabled(&cx, &leased.connection, Switch::Disable, None);
            match deployment.run(changed) {
                Ok(changed) if changed.verdict.status() == ConnectionStatus::Inactive => {
                    in_force.effective_at(changed.verdict.state.at)
                }
                // The connection was revoked before.
                _ => in_force.effective_at(deployment.clock.now()),
            }
        }
        End::User => {
            let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
            let command = RevokeUser { user_id: leased.user_id.clone(), filter, dry_run: false };
            in_force.effective_at(deployment.run(users::revoke(&cx, command)).unwrap().at)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two isolates of two versions: the first one leases for 30 seconds, the second one for none.
    #[test]
    fn no_check_is_valid_after_effective_at(steps in steps()) {
        let old = Leases::new(30, 0);
        let new = Leases::new(0, 30);
        let mut leased = Leased::new(old);
        let mut versions = [old, old];
        // The memory of the isolate that is not at work.
        let mut other = UnboundedMemory::default();
        let mut at_work = 0;
        let mut effective_at: Option<Timestamp> = None;
        for step in steps {
            if let Step::Check(isolate) | Step::End(isolate, _) = step {
                if isolate != at_work {
                    swap(&mut leased.deployment.platform.memory, &mut other);
                    at_work = isolate;
                }
                leased.deployment.config.settings.leases = versions[isolate];
            }
            match step {
                Step::Check(_) => {
                    let (status, source) = leased.check();
                    let now = leased.deployment.clock.now();
                    if effective_at.is_some_and(|effective_at| now > effective_at) {
                        prop_assert_ne!(status, Status::Valid, "from {:?}", source);
                    }
                }
                Step::End(_, how) => {
                    let ended = end(&leased, how);
                    effective_at = Some(effective_at.map_or(ended, |earlier| earlier.min(ended)));
                }
                Step::Pass(seconds) => leased.deployment.clock.advance_seconds(seconds),
                // The memory of the old version goes with its isolate.
                Step::Replace(isolate) => {
                    versions[isolate] = new;
                    if isolate == at_work {
                        leased.deployment.platform.memory.clear();
                    } else {
                        other.clear();
                    }
                }
            }
        }
    }
}
