//! The table of permissions over real commands: for each relation of the caller to the subject, and each action, every
//! command is tried.

use hookswitch::core::access::{Action, Relation, allows};
use hookswitch::core::app::ClientType;
use hookswitch::core::credential::{NewCredential, NewCredentials};
use hookswitch::core::decide::apps::{AppCommand, GetApp, PutApp, RotateClientSecret, decide_app};
use hookswitch::core::decide::connections::{
    AtProvider, CreateConnection, DeleteConnection, GetConnection, IssueTokens, ListConnectedApps,
    RevokeActiveConnection, RevokeConnectedApp, RevokeConnection, SetConnectionEnabled, StoreCredentials, Switch,
};
use hookswitch::core::decide::grants::{
    ExchangeCode, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use hookswitch::core::decide::keys::AuthenticateKey;
use hookswitch::core::decide::link::{ApproveLink, DeclineLink};
use hookswitch::core::decide::operator::AbandonedFilter;
use hookswitch::core::decide::operator::{
    DeleteProvider, DeleteWebhook, GetProvider, GetProviderVersions, GetWebhook, ListAbandoned, ListDeliveries,
    ListProviderEvents, ListProviders, ListWebhooks, OperatorCommand, OperatorSnapshot, PutProvider, PutWebhook,
    RecordDeliveries, RotateWebhookSecret, SigningSecret, UpdateAbandoned, decide_operator,
};
use hookswitch::core::decide::reservations::{ReservationStep, ReserveUserId};
use hookswitch::core::decide::revocations::{ManageRevocation, RecordAttempts, RevocationAction};
use hookswitch::core::decide::statuses::{AuthorizeTicket, ShowStatus};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken, RevokeToken};
use hookswitch::core::decide::users::{GetUser, ListConnections, ListEvents, ListTokens, RevokeUser};
use hookswitch::core::params::Lifetimes;
use hookswitch::core::provider::ProviderVersion;
use hookswitch::core::schedule::Schedule;
use hookswitch::core::ticket::TicketSubject;
use hookswitch::core::{
    App, Connection, ConnectionStatus, CredentialState, Principal, Provider, Request, Role, Sealed, Token, TokenKind,
    TokenRef, UpstreamTokenType,
};

use crate::kit::{
    self, FIRST_PAGE, app_id, connection, connection_id, credential, everything, principal, profile, second, secret,
    slug, token, user_id,
};
use crate::ledger::{Ledger, Runnable};

const RELATIONS: [Relation; 6] = [
    Relation::Administrator,
    Relation::Manager,
    Relation::Owner,
    Relation::Client,
    Relation::Holder,
    Relation::Stranger,
];
const LIFETIMES: Lifetimes = Lifetimes { access: 60, refresh: Some(600) };

/// The callers of each relation to the user `owner` and the tokens of the app `crm`.
fn callers(relation: Relation) -> Vec<Principal> {
    match relation {
        Relation::Administrator => vec![Principal::Root, principal("an admin", Role::Admin, &[])],
        Relation::Manager => {
            vec![principal("owner", Role::Manager, &["a"]), principal("a manager", Role::Manager, &["a"])]
        }
        Relation::Owner => vec![principal("owner", Role::Member, &["a"])],
        Relation::Client => vec![Principal::App(app_id("crm"))],
        Relation::Holder => vec![Principal::Holder],
        Relation::Stranger => vec![
            Principal::App(app_id("mail")),
            principal("another manager", Role::Manager, &["z"]),
            principal("another member", Role::Member, &["a"]),
            principal("owner", Role::None, &["a"]),
            principal("nobody", Role::None, &["a"]),
        ],
    }
}

fn crm() -> App {
    kit::app("crm", ClientType::Confidential)
}

/// A token of the app `crm` under connection 1.
fn of_app(kind: TokenKind, number: u64) -> Token {
    let mut row = token(kind, number);
    row.facts.app_id = Some(app_id("crm"));
    row.facts.connection_id = Some(connection_id(1));
    row.facts.scope = Some(kit::scope("a"));
    row.expires_at = Some(second(600));
    row.grant.lifetime = Some(600);
    row
}

/// A ledger in which every command can succeed: a code (1), an access token (2) and a refresh token (3) of the app `crm`
/// under an active connection (1), and a connection (2) whose revocation waits for its provider.
fn ledger() -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &["a"])));
    ledger.connections.push(connection(1, ConnectionStatus::Active));
    let provider = Some(slug("acme"));
    ledger.connections.push(Connection { provider, ..connection(2, ConnectionStatus::Revoking) });
    let mut abandoned = credential(1, connection_id(2), UpstreamTokenType::RefreshToken);
    abandoned.state = CredentialState::Abandoned;
    ledger.credentials.push(abandoned);
    ledger.tokens.push(of_app(TokenKind::ConnectionToken, 1));
    ledger.tokens.push(of_app(TokenKind::AccessToken, 2));
    ledger.tokens.push(of_app(TokenKind::RefreshToken, 3));
    ledger
}

/// Tries a command as a caller. Returns whether it was permitted; a command that is not permitted changes nothing.
type Attempt = Box<dyn Fn(&Principal) -> bool>;

fn named<F: Fn(&Principal) -> bool + 'static>(name: &'static str, attempt: F) -> (&'static str, Attempt) {
    (name, Box::new(attempt))
}

/// A command of the user's ledger. `shows` is whether the outcome shows that the command was permitted.
fn of_user_if<C: Runnable + 'static>(command: C, shows: fn(&C::Outcome) -> bool) -> (&'static str, Attempt) {
    named(C::NAME, move |principal| {
        let mut ledger = ledger();
        // The owner has the role that its key authenticates: a command that creates authority looks.
        if let (Some(user), Principal::User { user_id, role, .. }) = (&mut ledger.user, principal)
            && user.user_id == *user_id
        {
            user.profile.role = *role;
        }
        let before = ledger.clone();
        let outcome = ledger.ask(&kit::request_with(&crm(), principal, command.clone(), 9));
        let is_permitted = outcome.as_ref().is_ok_and(shows);
        assert!(is_permitted || ledger == before, "{} by {principal:?} changed the ledger", C::NAME);
        is_permitted
    })
}

fn of_user<C: Runnable + 'static>(command: C) -> (&'static str, Attempt) {
    of_user_if(command, |_| true)
}

/// A command of an app's registry.
fn of_registry<C: AppCommand + Clone + 'static>(command: C) -> (&'static str, Attempt) {
    named(C::NAME, move |principal| {
        let decision = decide_app(Some(&crm()), None, &kit::request(principal, command.clone(), 9), second(1));
        let is_permitted = decision.reply.outcome.is_ok();
        assert!(is_permitted || decision.write.is_none(), "{} by {principal:?} wrote the app", C::NAME);
        is_permitted
    })
}

/// A command of the operator's ledger.
fn of_operator<C: OperatorCommand + Clone + 'static>(command: C) -> (&'static str, Attempt) {
    named(C::NAME, move |principal| {
        let snapshot = operator_snapshot();
        let decision = decide_operator(&snapshot, &Request::plain(principal.clone(), command.clone()), second(1));
        let is_permitted = decision.reply.outcome.is_ok();
        assert!(is_permitted || decision.mutations.is_empty(), "{} by {principal:?} wrote", C::NAME);
        is_permitted
    })
}

fn sealed() -> Sealed {
    Sealed::stored("sealed".to_owned())
}

fn provider() -> Provider {
    Provider { slug: slug("acme"), name: "Acme".to_owned(), revocation: None, client_id: None }
}

/// An operator's ledger with one provider and one webhook endpoint.
fn operator_snapshot() -> OperatorSnapshot {
    use hookswitch::core::provider::StoredProvider;
    use hookswitch::core::webhook::Endpoint;
    let (created_at, updated_at) = (second(0), second(0));
    let endpoint = Endpoint {
        name: slug("hook"),
        url: "https://hook.example/".to_owned(),
        events: Vec::new(),
        secret: sealed(),
        previous_secret: None,
        disabled: None,
        created_at,
        updated_at,
    };
    let provider = StoredProvider {
        provider: provider(),
        client_secret: None,
        created_at,
        updated_at,
        version: None,
        applies_to_earlier: false,
    };
    OperatorSnapshot { providers: vec![provider], endpoints: vec![endpoint], ..OperatorSnapshot::default() }
}

fn commands_that_write_users() -> Vec<(&'static str, Attempt)> {
    let (user_id, id) = (|| user_id("owner"), || connection_id(1));
    let code = || secret(TokenKind::ConnectionToken, 1);
    let (page, reason) = (FIRST_PAGE, None::<String>);
    let credential = NewCredential { token_type: UpstreamTokenType::AccessToken, sealed: sealed(), expires_at: None };
    let credentials =
        NewCredentials { provider: Some(slug("acme")), tokens: vec![credential], version: ProviderVersion::Shipped };
    let (metadata, upstream, scope) = (None, None, None);
    vec![
        of_user(GetUser { user_id: user_id() }),
        of_user(RevokeUser { user_id: user_id(), filter: everything(), dry_run: false }),
        of_user(ListTokens { user_id: user_id(), page, status: None, kind: None }),
        of_user(ListEvents { user_id: user_id(), page, event_type: None }),
        of_user(ListConnections { user_id: user_id(), page, status: None, app_id: None }),
        of_user(MintToken { user_id: user_id(), params: kit::connection_token(60) }),
        of_user(CheckTokens { tokens: vec![code()] }),
        of_user(ConsumeToken { token: code() }),
        of_user(RevokeToken { token: code(), reason: reason.clone() }),
        of_user(CreateConnection { user_id: user_id(), app_id: app_id("crm"), scope, metadata, upstream }),
        of_user(GetConnection { id: id() }),
        of_user(SetConnectionEnabled { id: id(), switch: Switch::Disable, reason: reason.clone() }),
        of_user(RevokeConnection { id: id(), reason: reason.clone() }),
        of_user(RevokeActiveConnection { id: id(), reason, provider: None }),
        of_user(DeleteConnection { id: id(), at_provider: AtProvider::Revoke }),
        of_user(StoreCredentials { id: id(), credentials }),
        of_user(ListConnectedApps { user_id: user_id() }),
        of_user(RevokeConnectedApp { user_id: user_id(), app_id: app_id("crm") }),
        of_user(AuthorizeTicket { subject: TicketSubject::Connection(id()), token: None }),
    ]
}

fn commands_of_operators() -> Vec<(&'static str, Attempt)> {
    let (schedule, url) = (Schedule { base: 1, jitter: 0 }, "https://hook.example/".to_owned());
    let secret = SigningSecret::Fresh(sealed());
    vec![
        of_user(ReserveUserId { user_id: user_id("owner"), holder: user_id("other"), step: ReservationStep::Release }),
        of_user(ManageRevocation { seq: 1, action: RevocationAction::Dismiss }),
        of_user(RecordAttempts { connection_id: connection_id(2), attempts: Vec::new(), schedule }),
        of_registry(PutApp { app_id: app_id("crm"), registration: crm().registration }),
        of_registry(GetApp { app_id: app_id("crm") }),
        of_registry(RotateClientSecret { app_id: app_id("crm"), previous_ttl: 60 }),
        of_operator(PutProvider { provider: provider(), client_secret: None, shipped: None }),
        of_operator(GetProvider { slug: slug("acme") }),
        of_operator(GetProviderVersions { slug: slug("acme") }),
        of_operator(ListProviderEvents { slug: slug("acme"), page: FIRST_PAGE }),
        of_operator(ListProviders {}),
        of_operator(DeleteProvider { slug: slug("acme"), shipped: None }),
        of_operator(PutWebhook { name: slug("hook"), url, events: Vec::new(), disabled: false, secret }),
        of_operator(RotateWebhookSecret { name: slug("hook"), secret: sealed(), previous_ttl: 60 }),
        of_operator(GetWebhook { name: slug("hook") }),
        of_operator(ListWebhooks {}),
        of_operator(DeleteWebhook { name: slug("hook") }),
        of_operator(ListDeliveries { name: slug("hook"), page: FIRST_PAGE }),
        of_operator(ListAbandoned { filter: AbandonedFilter::default(), page: FIRST_PAGE }),
        of_operator(RecordDeliveries { deliveries: Vec::new(), unsubscriptions: Vec::new() }),
        of_operator(UpdateAbandoned::Unlist("rev_1".to_owned())),
    ]
}

/// Every command of an action.
fn commands(action: Action) -> Vec<(&'static str, Attempt)> {
    let code = || secret(TokenKind::ConnectionToken, 1);
    let access = || secret(TokenKind::AccessToken, 2);
    let refresh = || secret(TokenKind::RefreshToken, 3);
    let app_id = || Some(app_id("crm"));
    let (redirect_uri, code_challenge, lifetimes) = (None, None, LIFETIMES);
    match action {
        Action::WriteUser => commands_that_write_users(),
        Action::IssueTokens => {
            vec![of_user(IssueTokens { id: connection_id(1), scope: None, lifetimes: LIFETIMES })]
        }
        Action::Operate => commands_of_operators(),
        Action::RedeemGrant => vec![
            of_user(ExchangeCode { code: code(), redirect_uri, code_challenge, lifetimes }),
            of_user(RefreshTokens { token: refresh(), scope: None, lifetimes }),
        ],
        Action::Introspect => vec![of_user_if(IntrospectToken { token: access() }, Option::is_some)],
        Action::IntrospectRefreshToken => vec![of_user_if(IntrospectToken { token: refresh() }, Option::is_some)],
        Action::RevokeGrant => {
            [code(), access(), refresh()].map(|token| of_user_if(RevokeGrantToken { token }, Option::is_some)).into()
        }
        Action::EndConnection => vec![of_user(RevokeConnectionOfToken { token: access() })],
        Action::AnswerLink => vec![
            of_user(ApproveLink { token: code(), app_id: app_id() }),
            of_user(DeclineLink { token: code(), app_id: app_id() }),
        ],
    }
}

/// The table: for each action, the relations that permit it.
const TABLE: [(Action, &[Relation]); 9] = [
    (Action::WriteUser, &[Relation::Administrator, Relation::Manager, Relation::Owner]),
    (Action::IssueTokens, &[Relation::Administrator, Relation::Manager]),
    (Action::Operate, &[Relation::Administrator]),
    (Action::RedeemGrant, &[Relation::Client]),
    (Action::Introspect, &[Relation::Administrator, Relation::Manager, Relation::Owner, Relation::Client]),
    (Action::IntrospectRefreshToken, &[Relation::Client]),
    (Action::RevokeGrant, &[Relation::Client]),
    (Action::EndConnection, &[Relation::Holder]),
    (Action::AnswerLink, &[Relation::Holder]),
];

#[test]
fn every_command_follows_its_cell_of_the_permission_table() {
    for (action, permitted) in TABLE {
        for relation in RELATIONS {
            let is_permitted = permitted.contains(&relation);
            assert_eq!(allows(relation, action), is_permitted, "{relation:?} {action:?}");
            for (name, attempt) in commands(action) {
                for caller in callers(relation) {
                    assert_eq!(attempt(&caller), is_permitted, "{name} by {relation:?} {caller:?}");
                }
            }
        }
    }
}

#[test]
fn names_of_commands_differ() {
    let mut names: Vec<_> = TABLE.into_iter().flat_map(|(action, _)| commands(action)).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 48, "each command of the table has its own name");
}

#[test]
fn keys_and_tickets_are_their_own_permission() {
    let mut ledger = ledger();
    ledger.tokens.push(token(TokenKind::ApiKey, 7));
    let connection = ShowStatus { subject: TicketSubject::Connection(connection_id(1)), token: None };
    let subject = TicketSubject::Token(kit::token_id(1));
    let of_token = ShowStatus { subject, token: Some(kit::public(1)) };
    for relation in RELATIONS {
        for caller in callers(relation) {
            let key = AuthenticateKey { key: secret(TokenKind::ApiKey, 7) };
            assert!(ledger.ask(&kit::request(&caller, key, 0)).unwrap().is_some());
            for show in [&connection, &of_token] {
                assert!(ledger.ask(&kit::request(&caller, show.clone(), 0)).unwrap().is_some());
            }
        }
    }
    let missing = ShowStatus { subject: TicketSubject::Connection(connection_id(9)), token: None };
    assert_eq!(ledger.as_root(missing, 0), Ok(None));
}

/// A token that is named by its public id proves nothing: it redeems no grant and ends no connection.
#[test]
fn public_id_of_a_token_is_not_the_token() {
    let refresh = RefreshTokens { token: kit::public(3), scope: None, lifetimes: LIFETIMES };
    let exchange =
        ExchangeCode { code: kit::public(1), redirect_uri: None, code_challenge: None, lifetimes: LIFETIMES };
    let by_client = Principal::App(app_id("crm"));
    for (name, attempt) in [of_user(refresh), of_user(exchange)] {
        assert!(!attempt(&by_client), "{name}");
    }
    let (_, attempt) = of_user(RevokeConnectionOfToken { token: kit::public(2) });
    assert!(!attempt(&Principal::Holder));
    let unknown: TokenRef = kit::public(99);
    let (_, attempt) = of_user_if(IntrospectToken { token: unknown }, Option::is_some);
    assert!(!attempt(&by_client));
}
