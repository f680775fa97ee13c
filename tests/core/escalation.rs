//! Access never widens: whatever a principal does, with its own key and with every key that it can obtain, it ends up
//! writing nobody whom it could not write before, but for users that it made itself.

use std::collections::BTreeMap;

use hookswitch::core::order::Order;
use hookswitch::core::user::Profile;
use hookswitch::core::{Command, Outcome, Principal, Role, TokenKind, UserId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::kit::{self, digest, once, principal, profile, user_id};
use crate::model::Ledger;
use crate::steps::{any_groups, any_role};

const USERS: [&str; 4] = ["attacker", "u1", "u2", "u3"];
const NEWCOMER: &str = "newcomer";

/// What an attacker may try, with any of the keys that it has.
#[derive(Clone, Debug)]
enum Try {
    Key { with: Index, of: Index },
    Put { with: Index, whom: Index, profile: Profile },
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn access_never_widens(profiles in vec(any_profile(), USERS.len()), tries in vec(a_try(), 1..10)) {
        let mut world = World::of(USERS.into_iter().zip(profiles));
        for a_try in tries {
            world.attempt(a_try);
            world.assert_not_widened();
        }
    }
}

fn any_profile() -> impl Strategy<Value = Profile> {
    (any_role(), any_groups()).prop_map(|(role, groups)| Profile { groups, ..profile(role, &[]) })
}

fn a_try() -> impl Strategy<Value = Try> {
    prop_oneof![
        (any::<Index>(), any::<Index>()).prop_map(|(with, of)| Try::Key { with, of }),
        (any::<Index>(), any::<Index>(), any_profile()).prop_map(|(with, whom, profile)| Try::Put {
            with,
            whom,
            profile
        }),
    ]
}

/// Some users, and one who is up to something.
struct World {
    ledgers: BTreeMap<UserId, Ledger>,
    /// The digests of the keys that the attacker has, and whose they are.
    keys: Vec<(UserId, hookswitch::core::Digest)>,
    /// Who could be written at first.
    writable: Vec<UserId>,
    minted: u64,
}

impl World {
    fn of<'a>(users: impl Iterator<Item = (&'a str, Profile)>) -> Self {
        let ledgers: BTreeMap<_, _> =
            users.map(|(id, profile)| (user_id(id), Ledger::of(kit::user(id, profile)))).collect();
        let mut world = Self { ledgers, keys: Vec::new(), writable: Vec::new(), minted: 0 };
        world.mint_key(&Principal::Root, &user_id(USERS[0]));
        world.writable = world.writes();
        // What is its own making is nobody's loss.
        world.writable.push(user_id(NEWCOMER));
        world
    }

    fn mint_key(&mut self, principal: &Principal, user: &UserId) {
        self.minted += 1;
        let command = Command::Mint(user.clone(), Order::plain(TokenKind::ApiKey, None));
        let Some(ledger) = self.ledgers.get_mut(user) else {
            return;
        };
        if matches!(ledger.run(&once(principal, command, self.minted)).0.outcome, Ok(Outcome::Minted(_))) {
            self.keys.push((user.clone(), digest(self.minted)));
        }
    }

    fn put(&mut self, principal: &Principal, user: &UserId, profile: Profile) {
        let ledger = self.ledgers.entry(user.clone()).or_insert_with(|| Ledger::new(kit::second(1)));
        ledger.run(&once(principal, Command::PutUser(user.clone(), profile), 0));
    }

    fn attempt(&mut self, a_try: Try) {
        let principals = self.principals();
        match a_try {
            Try::Key { with, of } => self.mint_key(with.get(&principals), &somebody(of)),
            Try::Put { with, whom, profile } => self.put(with.get(&principals), &somebody(whom), profile),
        }
    }

    /// Whom the attacker's keys authenticate.
    fn principals(&self) -> Vec<Principal> {
        let found = self.keys.iter().filter_map(|(user, key)| self.ledgers[user].authenticate(key));
        found.collect()
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

fn somebody(index: Index) -> UserId {
    let mut users = USERS.to_vec();
    users.push(NEWCOMER);
    user_id(users[index.index(users.len())])
}

#[test]
fn a_manager_gets_no_key_of_a_manager_of_more_groups() {
    let attacker = profile(Role::Manager, &["a"]);
    let wider = profile(Role::Manager, &["a", "b"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    let mut world = World::of([(USERS[0], attacker), ("u1", wider), ("u2", out_of_reach)].into_iter());
    world.mint_key(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"));
    world.assert_not_widened();
}

#[test]
fn a_manager_makes_nobody_a_manager_of_more_groups() {
    let attacker = profile(Role::Manager, &["a"]);
    let member = profile(Role::Member, &["a", "b"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    let mut world = World::of([(USERS[0], attacker), ("u1", member), ("u2", out_of_reach)].into_iter());
    let manager = principal(USERS[0], Role::Manager, &["a"]);
    world.mint_key(&manager, &user_id("u1"));
    world.put(&manager, &user_id("u1"), profile(Role::Manager, &["a", "b"]));
    world.mint_key(&manager, &user_id("u1"));
    world.assert_not_widened();
}

#[test]
fn a_key_gains_nothing_with_the_promotion_of_whom_it_was_made_for() {
    let attacker = profile(Role::Manager, &["a"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    for promoted in [profile(Role::Admin, &["a"]), profile(Role::Manager, &["a", "b"])] {
        let users = [(USERS[0], attacker.clone()), ("u1", profile(Role::Member, &["a"])), ("u2", out_of_reach.clone())];
        let mut world = World::of(users.into_iter());
        world.mint_key(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"));
        world.put(&Principal::Root, &user_id("u1"), promoted);
        world.assert_not_widened();
    }
}

#[test]
fn ones_own_key_and_that_of_an_admin_gain_with_its_owner() {
    let mut world =
        World::of([("u1", profile(Role::Member, &["a"])), ("u2", profile(Role::Member, &["b"]))].into_iter());
    world.mint_key(&principal("u1", Role::Member, &["a"]), &user_id("u1"));
    world.put(&Principal::Root, &user_id("u1"), profile(Role::Manager, &["b"]));
    assert!(world.writes().contains(&user_id("u2")));
}

#[test]
fn a_limited_key_makes_no_key_without_that_limit() {
    let attacker = profile(Role::Manager, &["a"]);
    let out_of_reach = profile(Role::Member, &["b"]);
    let users = [(USERS[0], attacker), ("u1", profile(Role::Member, &["a"])), ("u2", out_of_reach)];
    let mut world = World::of(users.into_iter());
    world.mint_key(&principal(USERS[0], Role::Manager, &["a"]), &user_id("u1"));
    let limited =
        world.principals().into_iter().find(|one| matches!(one, Principal::User { limited: true, .. })).unwrap();
    world.mint_key(&limited, &user_id("u1"));
    assert_eq!(world.keys.len(), 3);
    world.put(&Principal::Root, &user_id("u1"), profile(Role::Admin, &["a"]));
    world.assert_not_widened();
}
