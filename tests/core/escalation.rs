//! Access never widens: a principal that uses its own API key, and every key that it can obtain, can write no user that it
//! could not write before, except users that it creates.

use std::collections::BTreeMap;

use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::decide::users::PutUser;
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::user::Profile;
use hookswitch::core::{Digest, Group, Principal, Reply, Request, Role, UserId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::kit::{self, digest, principal, profile, user_id};
use crate::ledger::Ledger;
use crate::steps::{any_groups, any_role};

const USERS: [&str; 4] = ["attacker", "u1", "u2", "u3"];
const NEWCOMER: &str = "newcomer";

/// The attempts of an attacker, with any of its keys.
#[derive(Clone, Debug)]
enum Attempt {
    /// With the same `Idempotency-Key` as everybody uses who creates a key for this user, or without one.
    CreateKey {
        with: Index,
        of: Index,
        repeated: bool,
    },
    /// The owner, or root, creates a key with that `Idempotency-Key`. The attacker does not get the answer.
    OthersCreateKey {
        by_root: bool,
        of: Index,
    },
    PutUser {
        with: Index,
        user: Index,
        profile: Profile,
    },
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn access_never_widens(profiles in vec(any_profile(), USERS.len()), attempts in vec(any_attempt(), 1..10)) {
        let mut world = World::of(USERS.into_iter().zip(profiles));
        for attempt in attempts {
            world.attempt(attempt);
            world.assert_not_widened();
        }
    }
}

fn any_profile() -> impl Strategy<Value = Profile> {
    (any_role(), any_groups()).prop_map(|(role, groups)| Profile { groups, ..profile(role, &[]) })
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    prop_oneof![
        (any::<Index>(), any::<Index>(), any::<bool>()).prop_map(|(with, of, repeated)| Attempt::CreateKey {
            with,
            of,
            repeated
        }),
        (any::<bool>(), any::<Index>()).prop_map(|(by_root, of)| Attempt::OthersCreateKey { by_root, of }),
        (any::<Index>(), any::<Index>(), any_profile()).prop_map(|(with, user, profile)| Attempt::PutUser {
            with,
            user,
            profile
        }),
    ]
}

/// Some users, one of which is the attacker.
struct World {
    ledgers: BTreeMap<UserId, Ledger>,
    /// The API keys that the attacker has, with their owners.
    keys: Vec<(UserId, Digest)>,
    /// The users that the attacker could write at first.
    writable: Vec<UserId>,
    minted: u64,
}

impl World {
    fn of<'a>(users: impl Iterator<Item = (&'a str, Profile)>) -> Self {
        let ledgers: BTreeMap<_, _> =
            users.map(|(id, profile)| (user_id(id), Ledger::of(kit::user(id, profile)))).collect();
        let mut world = Self { ledgers, keys: Vec::new(), writable: Vec::new(), minted: 0 };
        world.create_key(&Principal::Root, &user_id(USERS[0]));
        world.writable = world.writes();
        // Nobody loses anything by a user that the attacker creates.
        world.writable.push(user_id(NEWCOMER));
        world
    }

    fn create_key(&mut self, principal: &Principal, user: &UserId) {
        self.create_key_with(principal, user, None);
    }

    /// Creates a key that the attacker gets. A repeated request gets the key of the first one.
    fn create_key_with(&mut self, principal: &Principal, user: &UserId, idempotency: Option<IdempotencyKey>) {
        if let Some(key) = self.key_of(principal, user, idempotency) {
            self.keys.push((user.clone(), key));
        }
    }

    fn key_of(&mut self, principal: &Principal, user: &UserId, idempotency: Option<IdempotencyKey>) -> Option<Digest> {
        self.minted += 1;
        let command = MintToken { user_id: user.clone(), params: MintParams::plain(MintKind::ApiKey, None) };
        let ledger = self.ledgers.get_mut(user)?;
        let request = Request { idempotency, ..kit::request(principal, command, self.minted) };
        let Reply { outcome, replayed } = ledger.run(&request).0;
        outcome.ok()?;
        Some(replayed.map_or(digest(self.minted), |minted| minted.tokens[0].digest.clone()))
    }

    fn put_user(&mut self, principal: &Principal, user: &UserId, profile: Profile) {
        let ledger = self.ledgers.entry(user.clone()).or_insert_with(|| Ledger::new(kit::second(1)));
        let _ = ledger.ask(&kit::request(principal, PutUser { user_id: user.clone(), profile }, 0));
    }

    fn attempt(&mut self, attempt: Attempt) {
        let principals = self.principals();
        match attempt {
            Attempt::CreateKey { with, of, repeated } => {
                let (principal, user) = (with.get(&principals), any_user(of));
                self.create_key_with(principal, &user, repeated.then(|| same_key(&user)));
            }
            Attempt::OthersCreateKey { by_root, of } => {
                let user = any_user(of);
                let Some(owner) = self.ledgers.get(&user).and_then(|ledger| ledger.user.as_ref()) else { return };
                let groups: Vec<_> = owner.profile.groups.iter().map(Group::as_str).collect();
                let owner = principal(user.as_str(), owner.profile.role, &groups);
                let by = if by_root { Principal::Root } else { owner };
                self.key_of(&by, &user, Some(same_key(&user)));
            }
            Attempt::PutUser { with, user, profile } => self.put_user(with.get(&principals), &any_user(user), profile),
        }
    }

    /// The principals that the attacker's keys authenticate.
    fn principals(&self) -> Vec<Principal> {
        self.keys.iter().filter_map(|(user, key)| self.ledgers[user].authenticate(key)).collect()
    }

    fn writes(&self) -> Vec<UserId> {
        let principals = self.principals();
        let users = self.ledgers.values().filter_map(|ledger| ledger.user.as_ref());
        let writable = users.filter(|user| principals.iter().any(|one| one.may_write(&user.user_id, &user.profile)));
        writable.map(|user| user.user_id.clone()).collect()
    }

    fn assert_not_widened(&self) {
        for user in self.writes() {
            assert!(self.writable.contains(&user), "{user} became writable: {:?}", self.principals());
        }
    }
}

/// One `Idempotency-Key` for everybody: the ledger itself has to decide which principal may have the answer.
fn same_key(user: &UserId) -> IdempotencyKey {
    let key = Digest::of(user.as_str().as_bytes());
    IdempotencyKey { request: key.clone(), key, grace: None }
}

fn any_user(index: Index) -> UserId {
    let mut users = USERS.to_vec();
    users.push(NEWCOMER);
    user_id(users[index.index(users.len())])
}

#[test]
fn manager_creates_no_key_of_a_manager_of_more_groups() {
    let attacker = profile(Role::Manager, &["a"]);
    let wider = profile(Role::Manager, &["a", "b"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    let mut world = World::of([(USERS[0], attacker), ("u1", wider), ("u2", out_of_reach)].into_iter());
    world.create_key(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"));
    world.assert_not_widened();
    assert_eq!(world.keys.len(), 1, "the request is refused");
}

#[test]
fn manager_makes_nobody_a_manager_of_more_groups() {
    let attacker = profile(Role::Manager, &["a"]);
    let member = profile(Role::Member, &["a", "b"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    let mut world = World::of([(USERS[0], attacker), ("u1", member), ("u2", out_of_reach)].into_iter());
    let manager = principal(USERS[0], Role::Manager, &["a"]);
    world.create_key(&manager, &user_id("u1"));
    world.put_user(&manager, &user_id("u1"), profile(Role::Manager, &["a", "b"]));
    world.create_key(&manager, &user_id("u1"));
    world.assert_not_widened();
}

#[test]
fn key_gains_nothing_when_its_owner_is_promoted() {
    let attacker = profile(Role::Manager, &["a"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    for promoted in [profile(Role::Admin, &["a"]), profile(Role::Manager, &["a", "b"])] {
        let users = [(USERS[0], attacker.clone()), ("u1", profile(Role::Member, &["a"])), ("u2", out_of_reach.clone())];
        let mut world = World::of(users.into_iter());
        world.create_key(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"));
        world.put_user(&Principal::Root, &user_id("u1"), promoted);
        world.assert_not_widened();
        assert_eq!(world.keys.len(), 2, "the key was created");
    }
}

#[test]
fn own_key_gains_with_the_promotion_of_its_owner() {
    let mut world =
        World::of([("u1", profile(Role::Member, &["a"])), ("u2", profile(Role::Member, &["b"]))].into_iter());
    world.create_key(&principal("u1", Role::Member, &["a"]), &user_id("u1"));
    world.put_user(&Principal::Root, &user_id("u1"), profile(Role::Manager, &["b"]));
    assert!(world.writes().contains(&user_id("u2")));
}

#[test]
fn limited_key_creates_no_unlimited_key() {
    let attacker = profile(Role::Manager, &["a"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    let users = [(USERS[0], attacker), ("u1", profile(Role::Member, &["a"])), ("u2", out_of_reach)];
    let mut world = World::of(users.into_iter());
    world.create_key(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"));
    let is_limited = |one: &Principal| matches!(one, Principal::User { limited: true, .. });
    let limited = world.principals().into_iter().find(is_limited).unwrap();
    world.create_key(&limited, &user_id("u1"));
    assert_eq!(world.keys.len(), 3);
    world.put_user(&Principal::Root, &user_id("u1"), profile(Role::Admin, &["a"]));
    world.assert_not_widened();
}

#[test]
fn limited_key_gets_no_full_key_by_a_repeated_request() {
    let users = [(USERS[0], profile(Role::Manager, &["a"])), ("u1", profile(Role::Member, &["a"]))];
    let mut world = World::of(users.into_iter().chain([("u2", profile(Role::Member, &["b"]))]));
    world.create_key(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"));
    let is_limited = |one: &Principal| matches!(one, Principal::User { limited: true, .. });
    let limited = world.principals().into_iter().find(is_limited).unwrap();
    world.put_user(&Principal::Root, &user_id("u1"), profile(Role::Admin, &["a"]));
    let owner = principal("u1", Role::Admin, &["a"]);
    assert!(world.key_of(&owner, &user_id("u1"), Some(same_key(&user_id("u1")))).is_some());
    world.create_key_with(&limited, &user_id("u1"), Some(same_key(&user_id("u1"))));
    world.assert_not_widened();
    assert_eq!(world.keys.len(), 2, "the repeated request is refused");
}

#[test]
fn demoted_admin_gets_no_full_key_by_a_repeated_request() {
    let users = [(USERS[0], profile(Role::Manager, &["a"])), ("u1", profile(Role::Member, &["a"]))];
    let mut world = World::of(users.into_iter());
    let repeated = || Some(same_key(&user_id("u1")));
    assert!(world.key_of(&principal(USERS[0], Role::Admin, &["a"]), &user_id("u1"), repeated()).is_some());
    let again = world.key_of(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"), repeated());
    assert_eq!(again, None);
}
