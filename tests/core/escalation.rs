//! Access never widens: a principal that uses its own API key, and every key that it can obtain, can write no user that it
//! could not write before, except users that it creates.

use std::collections::BTreeMap;

use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::decide::users::PutUser;
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::user::Profile;
use hookswitch::core::{Digest, Principal, Role, UserId};
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
    CreateKey { with: Index, of: Index },
    PutUser { with: Index, user: Index, profile: Profile },
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
        (any::<Index>(), any::<Index>()).prop_map(|(with, of)| Attempt::CreateKey { with, of }),
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
        self.minted += 1;
        let params = MintParams::plain(MintKind::ApiKey, None);
        let command = MintToken { user_id: user.clone(), params };
        let Some(ledger) = self.ledgers.get_mut(user) else {
            return;
        };
        if ledger.ask(&kit::request(principal, command, self.minted)).is_ok() {
            self.keys.push((user.clone(), digest(self.minted)));
        }
    }

    fn put_user(&mut self, principal: &Principal, user: &UserId, profile: Profile) {
        let ledger = self.ledgers.entry(user.clone()).or_insert_with(|| Ledger::new(kit::second(1)));
        let _ = ledger.ask(&kit::request(principal, PutUser { user_id: user.clone(), profile }, 0));
    }

    fn attempt(&mut self, attempt: Attempt) {
        let principals = self.principals();
        match attempt {
            Attempt::CreateKey { with, of } => self.create_key(with.get(&principals), &any_user(of)),
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
