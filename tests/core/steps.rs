//! What may happen to a ledger, one step after another, in any order.

use hookswitch::core::app::ClientType;
use hookswitch::core::cutoff::Kinds;
use hookswitch::core::user::Profile;
use hookswitch::core::{App, Group, Principal, Role, Scope, TokenKind};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::kit::{self, groups, principal, scope};

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

/// What is done with a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Get,
    Revoke,
    Enable,
    Disable,
    Issue { refresh: bool },
}

/// What a client does with a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Use {
    /// To exchange it, or to refresh with it: what it is for.
    Spend,
    Introspect,
    Retract,
    /// By whoever holds it: the end of its connection.
    Leave,
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
        app: Option<App>,
        scope: Option<Scope>,
    },
    Connect(Caller, App, Option<Scope>),
    Disconnect(Caller, App),
    OfConnection(Caller, Index, Verb, Option<Scope>),
    /// By the token's own client, or by another.
    Grant {
        token: Index,
        own: bool,
        key: Option<u8>,
        act: Use,
        scope: Option<Scope>,
    },
    Check(Caller, Pick),
    Consume(Caller, Pick),
    Revoke(Caller, Pick),
    /// `back`: how far in the past the cut's `before` lies, in microseconds; now, where none is said.
    RevokeUser {
        caller: Caller,
        back: Option<i64>,
        app: Option<App>,
        kinds: Kinds,
    },
    Tokens(Caller),
    Connections(Caller),
    Events(Caller),
    /// An earlier request comes once more.
    Again(Index),
    /// Time passes, by so many microseconds.
    Pass(i64),
    /// The alarm tells of what died by itself, so many of a sort at once.
    Sweep(usize),
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..64)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => of_tokens(),
        14 => of_connections(),
        2 => (caller(), any_profile()).prop_map(|(caller, profile)| Step::Put(caller, profile)),
        1 => select(vec![Step::Get, Step::Tokens, Step::Events, Step::Connections])
            .prop_flat_map(|make| caller().prop_map(make)),
        3 => (caller(), option::of(-2_i64..12_000_000), option::weighted(0.3, app()), kinds())
            .prop_map(|(caller, back, app, kinds)| Step::RevokeUser { caller, back, app, kinds }),
        4 => any::<Index>().prop_map(Step::Again),
        4 => prop_oneof![Just(1), Just(1_000), Just(1_000_000), 0_i64..15_000_000].prop_map(Step::Pass),
        3 => select(vec![1_usize, 2, 100]).prop_map(Step::Sweep),
    ]
}

fn of_tokens() -> impl Strategy<Value = Step> {
    let app = option::weighted(0.6, app());
    prop_oneof![
        8 => (caller(), kind(), option::weighted(0.8, 1_u32..20), app, some_scope())
            .prop_map(|(caller, kind, ttl, app, scope)| {
                // A key is nobody's to connect an app with, and no request can ask for one that would.
                let app = app.filter(|_| kind == TokenKind::ConnectionToken);
                Step::Mint { caller, kind, ttl, app, scope }
            }),
        2 => (caller(), pick()).prop_map(|(caller, pick)| Step::Check(caller, pick)),
        4 => (caller(), pick()).prop_map(|(caller, pick)| Step::Consume(caller, pick)),
        3 => (caller(), pick()).prop_map(|(caller, pick)| Step::Revoke(caller, pick)),
    ]
}

fn of_connections() -> impl Strategy<Value = Step> {
    let verb = prop_oneof![
        4 => any::<bool>().prop_map(|refresh| Verb::Issue { refresh }),
        4 => select(vec![Verb::Get, Verb::Revoke, Verb::Enable, Verb::Disable]),
    ];
    let act = prop_oneof![
        8 => Just(Use::Spend),
        3 => select(vec![Use::Introspect, Use::Retract, Use::Leave]),
    ];
    let key = option::weighted(0.2, 0_u8..6);
    prop_oneof![
        2 => (caller(), app(), some_scope()).prop_map(|(caller, app, scope)| Step::Connect(caller, app, scope)),
        1 => (caller(), app()).prop_map(|(caller, app)| Step::Disconnect(caller, app)),
        5 => (caller(), any::<Index>(), verb, some_scope())
            .prop_map(|(caller, which, verb, scope)| Step::OfConnection(caller, which, verb, scope)),
        8 => (any::<Index>(), prop::bool::weighted(0.9), key, act, some_scope())
            .prop_map(|(token, own, key, act, scope)| Step::Grant { token, own, key, act, scope }),
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
        Principal::App(kit::app_id("crm")),
        Principal::Holder,
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
    prop_oneof![8 => Just(TokenKind::ConnectionToken), 1 => select(TokenKind::ALL)]
}

fn kinds() -> impl Strategy<Value = Kinds> {
    let some = subsequence(TokenKind::ALL.to_vec(), 1..=2).prop_map(Kinds::from_iter);
    prop_oneof![
        2 => Just(Kinds::ALL),
        1 => Just(Kinds::CONNECTIONS),
        2 => some.clone(),
        1 => some.prop_map(|kinds| kinds.with(Kinds::CONNECTIONS)),
    ]
}

/// The two apps there are: one that keeps a secret, and one that cannot.
pub(crate) fn apps() -> [App; 2] {
    [kit::app("crm", ClientType::Confidential), kit::app("mail", ClientType::Public)]
}

fn app() -> impl Strategy<Value = App> {
    select(apps().to_vec())
}

/// None, or one of some; the last is no app's.
fn some_scope() -> impl Strategy<Value = Option<Scope>> {
    option::weighted(0.4, select(["a", "b", "a b", "z"].map(scope).to_vec()))
}

fn pick() -> impl Strategy<Value = Pick> {
    (any::<Index>(), prop::bool::weighted(0.15)).prop_map(|(token, public)| Pick { token, public })
}
