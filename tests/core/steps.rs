//! The steps of a random history of a ledger.

use hookswitch::core::app::ClientType;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::AtProvider;
use hookswitch::core::decide::revocations::RevocationAction;
use hookswitch::core::params::MintKind;
use hookswitch::core::revocation::ProviderReply;
use hookswitch::core::user::Profile;
use hookswitch::core::{App, Group, Principal, Role, Scope, UpstreamTokenType};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::kit::{self, groups, principal};

/// The user of the ledger.
pub(crate) const OWNER: &str = "owner";

/// A principal, and the `Idempotency-Key` of its request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) key: Option<u8>,
}

/// A token of the ledger, named by its secret or by its public id.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    pub(crate) token: Index,
    pub(crate) public: bool,
}

/// A step of a caller with a connection.
#[derive(Clone, Debug)]
pub(crate) enum ConnectionStep {
    Get,
    Revoke,
    Enable,
    Disable,
    Delete(AtProvider),
    Issue { refresh: bool, scope: Option<Scope> },
    Store(Vec<UpstreamTokenType>),
}

/// A step of an OAuth client or holder with a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GrantStep {
    /// Exchanges a code, or refreshes with a refresh token.
    Redeem,
    Introspect,
    Revoke,
    /// The holder revokes the connection of an access token.
    RevokeConnection,
}

/// One step of a sequence.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    PutUser(Caller, Profile),
    GetUser(Caller),
    Mint {
        caller: Caller,
        kind: MintKind,
        ttl: Option<u32>,
        app: Option<App>,
        scope: Option<Scope>,
    },
    CreateConnection(Caller, App, Option<Scope>),
    RevokeConnectedApp(Caller, App),
    OfConnection(Caller, Index, ConnectionStep),
    /// By the client of the token, or by another client.
    Grant {
        token: Index,
        own: bool,
        key: Option<u8>,
        act: GrantStep,
        scope: Option<Scope>,
    },
    /// At the link page. `page` names the page that the answer comes from.
    AnswerLink {
        token: Index,
        page: u8,
        approve: bool,
    },
    Check(Caller, Pick),
    Consume(Caller, Pick),
    Revoke(Caller, Pick),
    /// `back`: how far `before` is in the past, in microseconds; now if `None`.
    RevokeUser {
        caller: Caller,
        back: Option<i64>,
        app: Option<App>,
        kinds: TokenKindSet,
    },
    ManageRevocation(Caller, Index, RevocationAction),
    /// The answer of a provider to an attempt.
    RecordAttempt(Index, ProviderReply),
    ListTokens(Caller),
    ListConnections(Caller),
    ListEvents(Caller),
    /// An earlier request is sent again.
    Again(Index),
    /// Time passes, in microseconds.
    Pass(i64),
    /// The alarm runs with batches of this size.
    Sweep(usize),
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..64)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => token_step(),
        16 => connection_step(),
        3 => revocation_step(),
        2 => (caller(), any_profile()).prop_map(|(caller, profile)| Step::PutUser(caller, profile)),
        1 => select(vec![Step::GetUser, Step::ListTokens, Step::ListEvents, Step::ListConnections])
            .prop_flat_map(|make| caller().prop_map(make)),
        3 => (caller(), option::of(-2_i64..12_000_000), option::weighted(0.3, app()), kinds())
            .prop_map(|(caller, back, app, kinds)| Step::RevokeUser { caller, back, app, kinds }),
        4 => any::<Index>().prop_map(Step::Again),
        4 => prop_oneof![Just(1), Just(1_000), Just(1_000_000), 0_i64..15_000_000].prop_map(Step::Pass),
        3 => select(vec![1_usize, 2, 100]).prop_map(Step::Sweep),
    ]
}

fn token_step() -> impl Strategy<Value = Step> {
    let app = option::weighted(0.6, app());
    prop_oneof![
        8 => (caller(), kind(), option::weighted(0.8, 1_u32..20), app, any_scope())
            .prop_map(|(caller, kind, ttl, app, scope)| {
                // The API refuses an API key for an app.
                let app = app.filter(|_| kind == MintKind::ConnectionToken);
                Step::Mint { caller, kind, ttl, app, scope }
            }),
        2 => (caller(), pick()).prop_map(|(caller, pick)| Step::Check(caller, pick)),
        4 => (caller(), pick()).prop_map(|(caller, pick)| Step::Consume(caller, pick)),
        3 => (caller(), pick()).prop_map(|(caller, pick)| Step::Revoke(caller, pick)),
        3 => (any::<Index>(), 0_u8..3, prop::bool::weighted(0.7))
            .prop_map(|(token, page, approve)| Step::AnswerLink { token, page, approve }),
    ]
}

fn connection_step() -> impl Strategy<Value = Step> {
    use ConnectionStep::{Delete, Disable, Enable, Get, Issue, Revoke, Store};
    let types = vec![UpstreamTokenType::AccessToken, UpstreamTokenType::RefreshToken];
    let of_connection = prop_oneof![
        4 => (any::<bool>(), any_scope()).prop_map(|(refresh, scope)| Issue { refresh, scope }),
        4 => select(vec![Get, Revoke, Enable, Disable]),
        1 => select(AtProvider::ALL).prop_map(Delete),
        2 => subsequence(types, 1..=2).prop_map(Store),
    ];
    let act = prop_oneof![
        8 => Just(GrantStep::Redeem),
        3 => select(vec![GrantStep::Introspect, GrantStep::Revoke, GrantStep::RevokeConnection]),
    ];
    let key = option::weighted(0.2, 0_u8..6);
    prop_oneof![
        2 => (caller(), app(), any_scope()).prop_map(|(caller, app, scope)| Step::CreateConnection(caller, app, scope)),
        1 => (caller(), app()).prop_map(|(caller, app)| Step::RevokeConnectedApp(caller, app)),
        6 => (caller(), any::<Index>(), of_connection)
            .prop_map(|(caller, which, act)| Step::OfConnection(caller, which, act)),
        8 => (any::<Index>(), prop::bool::weighted(0.9), key, act, any_scope())
            .prop_map(|(token, own, key, act, scope)| Step::Grant { token, own, key, act, scope }),
    ]
}

fn revocation_step() -> impl Strategy<Value = Step> {
    let error = || "an error".to_owned();
    let replies = vec![
        ProviderReply::Revoked,
        ProviderReply::Gone,
        ProviderReply::Unsupported,
        ProviderReply::Retry { after: None, error: error() },
        ProviderReply::Refused { error: error() },
    ];
    prop_oneof![
        (any::<Index>(), select(replies)).prop_map(|(which, reply)| Step::RecordAttempt(which, reply)),
        (caller(), any::<Index>(), select(RevocationAction::ALL))
            .prop_map(|(caller, which, action)| Step::ManageRevocation(caller, which, action)),
    ]
}

/// A caller with access in five of six cases.
fn caller() -> impl Strategy<Value = Caller> {
    let with_access = vec![
        Principal::Root,
        principal("an admin", Role::Admin, &[]),
        principal("a manager", Role::Manager, &["a", "b"]),
        principal(OWNER, Role::Member, &["a"]),
    ];
    let without_access = vec![
        principal("another manager", Role::Manager, &["z"]),
        principal("another member", Role::Member, &["a"]),
        principal("nobody", Role::None, &["a"]),
        principal(OWNER, Role::None, &["a"]),
        Principal::App(kit::app_id("crm")),
        Principal::Holder,
    ];
    let principal = prop_oneof![5 => select(with_access), 1 => select(without_access)];
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

fn kind() -> impl Strategy<Value = MintKind> {
    prop_oneof![8 => Just(MintKind::ConnectionToken), 1 => Just(MintKind::ApiKey)]
}

fn kinds() -> impl Strategy<Value = TokenKindSet> {
    use hookswitch::core::TokenKind;
    let some = subsequence(TokenKind::ALL.to_vec(), 1..=2).prop_map(TokenKindSet::from_iter);
    prop_oneof![
        2 => Just(TokenKindSet::ALL),
        1 => Just(TokenKindSet::CONNECTIONS),
        2 => some.clone(),
        1 => some.prop_map(|kinds| kinds.with(TokenKindSet::CONNECTIONS)),
    ]
}

/// The two apps of all histories: a confidential and a public one.
pub(crate) fn apps() -> [App; 2] {
    [kit::app("crm", ClientType::Confidential), kit::app("mail", ClientType::Public)]
}

fn app() -> impl Strategy<Value = App> {
    select(apps().to_vec())
}

/// No scope, or one of four. No app may ask for the last.
fn any_scope() -> impl Strategy<Value = Option<Scope>> {
    option::weighted(0.4, select(["a", "b", "a b", "z"].map(kit::scope).to_vec()))
}

fn pick() -> impl Strategy<Value = Pick> {
    (any::<Index>(), prop::bool::weighted(0.15)).prop_map(|(token, public)| Pick { token, public })
}
