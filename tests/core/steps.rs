//! What may happen to a ledger, one step after another, in any order.

use hookswitch::core::user::Profile;
use hookswitch::core::view::Kinds;
use hookswitch::core::{AppId, Group, Principal, Role, TokenKind};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::kit::{groups, principal};

/// The user whose ledger it is.
pub(crate) const OWNER: &str = "owner";

/// Who asks, and with which `Idempotency-Key`, where there is one.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) key: Option<u8>,
}

/// Which token a step is about: one of those there are, by its secret or by its public id.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    pub(crate) token: Index,
    pub(crate) public: bool,
}

/// One step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Put(Caller, Profile),
    Get(Caller),
    Mint {
        caller: Caller,
        kind: TokenKind,
        ttl: Option<u32>,
        app: Option<AppId>,
    },
    Check(Caller, Pick),
    Consume(Caller, Pick),
    Revoke(Caller, Pick),
    /// `back`: how far in the past the cut's `before` lies, in microseconds; now, where none is said.
    RevokeUser {
        caller: Caller,
        back: Option<i64>,
        app: Option<AppId>,
        kinds: Kinds,
    },
    Tokens(Caller),
    Events(Caller),
    /// An earlier request comes again, with the tokens that the edge would have made for it this time.
    Again(Index),
    /// Time passes, in microseconds.
    Pass(i64),
    /// The alarm rings, and tells of so many.
    Sweep(usize),
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..48)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (caller(), any_profile()).prop_map(|(caller, profile)| Step::Put(caller, profile)),
        1 => caller().prop_map(Step::Get),
        8 => (caller(), kind(), option::weighted(0.8, 1_u32..20), app())
            .prop_map(|(caller, kind, ttl, app)| Step::Mint { caller, kind, ttl, app }),
        2 => (caller(), pick()).prop_map(|(caller, pick)| Step::Check(caller, pick)),
        6 => (caller(), pick()).prop_map(|(caller, pick)| Step::Consume(caller, pick)),
        4 => (caller(), pick()).prop_map(|(caller, pick)| Step::Revoke(caller, pick)),
        3 => (caller(), option::of(-2_i64..12_000_000), app(), kinds())
            .prop_map(|(caller, back, app, kinds)| Step::RevokeUser { caller, back, app, kinds }),
        1 => caller().prop_map(Step::Tokens),
        1 => caller().prop_map(Step::Events),
        4 => any::<Index>().prop_map(Step::Again),
        5 => prop_oneof![Just(1), Just(1_000), Just(1_000_000), 0_i64..15_000_000].prop_map(Step::Pass),
        3 => select(vec![1_usize, 2, 100]).prop_map(Step::Sweep),
    ]
}

/// Mostly those who may, so that much happens; and everyone else.
fn caller() -> impl Strategy<Value = Caller> {
    let may = vec![
        Principal::Root,
        principal("an admin", Role::Admin, &[]),
        principal("a manager", Role::Manager, &["a", "b"]),
        principal(OWNER, Role::Member, &["a"]),
    ];
    let may_not = vec![
        principal("another manager", Role::Manager, &["z"]),
        principal("another member", Role::Member, &["a"]),
        principal("nobody", Role::None, &["a"]),
        principal(OWNER, Role::None, &["a"]),
    ];
    let principal = prop_oneof![5 => select(may), 1 => select(may_not)];
    (principal, option::weighted(0.3, 0_u8..6)).prop_map(|(principal, key)| Caller { principal, key })
}

pub(crate) fn any_role() -> impl Strategy<Value = Role> {
    select(Role::ALL)
}

pub(crate) fn any_groups() -> impl Strategy<Value = Vec<Group>> {
    subsequence(groups(&["a", "b", "c"]), 0..=3)
}

fn any_profile() -> impl Strategy<Value = Profile> {
    (any_role(), any_groups(), prop::bool::weighted(0.8)).prop_map(|(role, groups, connectable)| Profile {
        role,
        groups,
        external_id: None,
        connectable,
    })
}

fn kind() -> impl Strategy<Value = TokenKind> {
    prop_oneof![4 => Just(TokenKind::ConnectionToken), 2 => select(TokenKind::ALL)]
}

fn kinds() -> impl Strategy<Value = Kinds> {
    prop_oneof![Just(Kinds::ALL), subsequence(TokenKind::ALL.to_vec(), 1..=2).prop_map(Kinds::from_iter)]
}

fn app() -> impl Strategy<Value = Option<AppId>> {
    let apps = ["crm", "mail"].map(|app| AppId::parse(app).unwrap());
    option::weighted(0.3, select(apps.to_vec()))
}

fn pick() -> impl Strategy<Value = Pick> {
    (any::<Index>(), prop::bool::weighted(0.15)).prop_map(|(token, public)| Pick { token, public })
}
