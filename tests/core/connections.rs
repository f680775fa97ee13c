//! Connections: which commands each status allows, and what they change.

use hookswitch::core::app::ClientType;
use hookswitch::core::credential::{NewCredential, NewCredentials};
use hookswitch::core::decide::connections::{
    AtProvider, ConnectedApp, ConnectionChanged, CreateConnection, DeleteConnection, GetConnection, IssueTokens,
    ListConnectedApps, RevokeConnectedApp, RevokeConnection, SetConnectionEnabled, StoreCredentials, Switch,
};
use hookswitch::core::decide::tokens::{ConsumeToken, MintToken};
use hookswitch::core::params::{Lifetimes, MintParams};
use hookswitch::core::provider::ProviderVersion;
use hookswitch::core::{
    App, Connection, ConnectionStatus, CredentialState, DecisionError, Json, Principal, Resource, Role, Sealed, Status,
    TokenKind, UpstreamTokenType,
};

use crate::kit::{self, app_id, connection, connection_id, profile, scope, second, secret, slug, user_id};
use crate::ledger::{Ledger, Runnable};

use ConnectionStatus::{Active, Expired, Inactive, Initiated, Revoked, Revoking};

const LIFETIMES: Lifetimes = Lifetimes { access: 60, refresh: Some(600) };

fn ledger() -> Ledger {
    Ledger::of(kit::user("owner", profile(Role::Member, &[])))
}

fn app() -> App {
    kit::app("crm", ClientType::Confidential)
}

/// A ledger with one connection, number 1, in a status.
fn ledger_with(status: ConnectionStatus) -> Ledger {
    let mut ledger = ledger();
    let row = connection(1, status);
    let is_over = matches!(status, Expired | Revoked);
    ledger.connections.push(Connection { end_recorded: is_over, ..row });
    ledger
}

fn create(scope: Option<&str>) -> CreateConnection {
    let (user_id, app_id, scope) = (user_id("owner"), app_id("crm"), scope.map(kit::scope));
    CreateConnection { user_id, app_id, scope, metadata: None, upstream: None }
}

fn mint(ttl: u32, scope: Option<&str>) -> MintToken {
    let (app_id, scope) = (Some(app_id("crm")), scope.map(kit::scope));
    MintToken { user_id: user_id("owner"), params: MintParams { app_id, scope, ..kit::connection_token(ttl) } }
}

fn with_app<C: Runnable>(ledger: &mut Ledger, command: C, number: u64) -> Result<C::Outcome, DecisionError> {
    ledger.ask(&kit::request_with(&app(), &Principal::Root, command, number))
}

fn set(ledger: &mut Ledger, switch: Switch) -> Result<ConnectionChanged, DecisionError> {
    ledger.as_root(SetConnectionEnabled { id: connection_id(1), switch, reason: Some("why".to_owned()) }, 0)
}

/// Credentials of these types.
fn credentials(provider: Option<&str>, types: &[UpstreamTokenType]) -> NewCredentials {
    let sealed = || Sealed::stored("sealed".to_owned());
    let new =
        |token_type: &UpstreamTokenType| NewCredential { token_type: *token_type, sealed: sealed(), expires_at: None };
    NewCredentials {
        provider: provider.map(slug),
        tokens: types.iter().map(new).collect(),
        version: ProviderVersion::Shipped,
    }
}

/// Whether an outcome is refused for the status of the connection, and what that status is.
fn refused_status<O: std::fmt::Debug>(outcome: Result<O, DecisionError>) -> Option<ConnectionStatus> {
    match outcome {
        Ok(_) => None,
        Err(DecisionError::InvalidConnectionState(verdict)) => Some(verdict.status()),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn connection_is_created_active_with_the_scopes_of_the_app() {
    let mut ledger = ledger();
    let metadata: Json = r#"{"plan":"team"}"#.parse().unwrap();
    let command = CreateConnection { metadata: Some(metadata.clone()), ..create(None) };
    let verdict = with_app(&mut ledger, command, 1).unwrap();
    let row = &ledger.connections[0];
    assert_eq!((&verdict.connection, verdict.status()), (row, Active));
    assert_eq!((row.scope.as_ref(), row.metadata.as_ref()), (Some(&scope("a b c")), Some(&metadata)));
    assert_eq!((row.activated_at, row.created_at), (Some(second(1)), second(1)));
    assert_eq!(ledger.event_log(), [("connection.created", "root")]);
    assert_eq!(with_app(&mut ledger, create(Some("z")), 2), Err(DecisionError::ScopeTooWide));
    assert_eq!(ledger.as_root(create(None), 3), Err(DecisionError::NotFound(Resource::App)));
    assert_eq!(ledger.connections.len(), 1);
}

#[test]
fn each_connection_is_revoked_without_the_others_of_its_app() {
    let mut ledger = ledger();
    for number in 1..=3 {
        with_app(&mut ledger, create(None), number).unwrap();
    }
    ledger.as_root(RevokeConnection { id: connection_id(2), reason: None }, 0).unwrap();
    assert_eq!(ledger.connection_statuses(), [Active, Revoked, Active]);
}

#[test]
fn connection_is_enabled_and_disabled_while_it_is_authorized() {
    for status in ConnectionStatus::ALL {
        for (switch, wanted) in [(Switch::Enable, Active), (Switch::Disable, Inactive)] {
            let mut ledger = ledger_with(*status);
            let before = ledger.clone();
            let outcome = set(&mut ledger, switch);
            if !matches!(status, Active | Inactive) {
                assert_eq!(refused_status(outcome), Some(*status));
                assert_eq!(ledger, before);
                continue;
            }
            let changed = outcome.unwrap();
            assert_eq!((changed.previous, changed.verdict.status()), (*status, wanted));
            if *status == wanted {
                assert_eq!(ledger, before, "nothing changes and no event is emitted");
            } else {
                assert_eq!(ledger.connections[0].recorded.reason.as_deref(), Some("why"));
                let event = if wanted == Active { "connection.enabled" } else { "connection.disabled" };
                assert_eq!(ledger.event_log(), [(event, "root")]);
            }
        }
    }
}

#[test]
fn tokens_are_issued_under_an_active_connection_only() {
    for status in ConnectionStatus::ALL {
        let mut ledger = ledger_with(*status);
        let issue = IssueTokens { id: connection_id(1), scope: Some(scope("a")), lifetimes: LIFETIMES };
        let refused = refused_status(ledger.as_root(issue, 1));
        assert_eq!(refused, Some(*status).filter(|status| *status != Active));
        assert_eq!(ledger.tokens.len(), if refused.is_none() { 2 } else { 0 });
    }
    let wider = IssueTokens { id: connection_id(1), scope: Some(scope("a c")), lifetimes: LIFETIMES };
    assert_eq!(ledger_with(Active).as_root(wider, 1), Err(DecisionError::ScopeTooWide));
}

#[test]
fn access_token_without_a_refresh_token_has_no_family() {
    let mut ledger = ledger_with(Active);
    let lifetimes = Lifetimes { access: 60, refresh: None };
    let issued = ledger.as_root(IssueTokens { id: connection_id(1), scope: None, lifetimes }, 1).unwrap();
    assert_eq!((issued.refresh, &ledger.tokens[0].grant.family), (None, &None));
    assert_eq!(ledger.tokens[0].expires_at, Some(second(61)));
    ledger.as_root(IssueTokens { id: connection_id(1), scope: None, lifetimes: LIFETIMES }, 2).unwrap();
    let first = Some(kit::token_id(2 + kit::REFRESH));
    let families: Vec<_> = ledger.tokens[1..].iter().map(|token| token.grant.family.clone()).collect();
    assert_eq!(families, [first.clone(), first], "the refresh token starts the family");
}

#[test]
fn tokens_of_a_disabled_connection_are_inactive_and_expire() {
    let mut ledger = ledger_with(Active);
    ledger.as_root(IssueTokens { id: connection_id(1), scope: None, lifetimes: LIFETIMES }, 1).unwrap();
    set(&mut ledger, Switch::Disable).unwrap();
    assert_eq!(ledger.statuses(), [Status::Inactive, Status::Inactive]);
    ledger.pass(60_000_000);
    assert_eq!(ledger.statuses(), [Status::Expired, Status::Inactive]);
    set(&mut ledger, Switch::Enable).unwrap();
    assert_eq!(ledger.statuses(), [Status::Expired, Status::Valid]);
}

#[test]
fn revoked_connection_keeps_its_status_and_its_reason() {
    let mut ledger = ledger_with(Inactive);
    let revoke = |reason: &str| RevokeConnection { id: connection_id(1), reason: Some(reason.to_owned()) };
    let changed = ledger.as_root(revoke("first"), 0).unwrap();
    assert_eq!((changed.previous, changed.verdict.status()), (Inactive, Revoked));
    let before = ledger.clone();
    let again = ledger.as_root(revoke("second"), 0).unwrap();
    assert_eq!((again.previous, again.verdict.state.reason.as_deref()), (Revoked, Some("first")));
    assert_eq!(ledger, before);
    for status in [Expired, Revoked, Revoking] {
        let mut ledger = ledger_with(status);
        let before = ledger.clone();
        assert_eq!(ledger.as_root(revoke("late"), 0).unwrap().previous, status);
        assert_eq!(ledger, before);
    }
}

#[test]
fn revocation_ends_all_tokens_in_one_write_that_touches_none() {
    let mut ledger = ledger_with(Active);
    for number in 1..=10 {
        ledger.as_root(IssueTokens { id: connection_id(1), scope: None, lifetimes: LIFETIMES }, number).unwrap();
    }
    let request = kit::request(&Principal::Root, RevokeConnection { id: connection_id(1), reason: None }, 0);
    let (_, changes) = ledger.run(&request);
    assert_eq!((changes.mutations.len(), changes.events.len()), (1, 1));
    assert!(ledger.statuses().iter().all(|status| *status == Status::Revoked));
}

#[test]
fn connection_token_initiates_a_connection_and_its_consumption_activates_it() {
    let mut ledger = ledger();
    with_app(&mut ledger, mint(60, Some("a")), 1).unwrap();
    assert_eq!(ledger.connection_statuses(), [Initiated]);
    assert_eq!(ledger.connections[0].expires_at, Some(second(61)));
    let consumed = ledger.as_root(ConsumeToken { token: secret(TokenKind::ConnectionToken, 1) }, 2).unwrap();
    let verdict = consumed.connection.unwrap();
    assert_eq!((verdict.status(), verdict.connection.expires_at), (Active, None));
    assert_eq!(verdict.connection.scope, Some(scope("a")));
    let log: Vec<_> = ledger.event_log().into_iter().map(|(event, _)| event).collect();
    assert_eq!(log, ["connection.created", "token.created", "token.consumed", "connection.activated"]);
}

#[test]
fn second_connection_token_completes_the_same_connection() {
    let mut ledger = ledger();
    with_app(&mut ledger, mint(60, Some("a")), 1).unwrap();
    with_app(&mut ledger, mint(30, Some("a")), 2).unwrap();
    assert_eq!(ledger.connections[0].expires_at, Some(second(61)), "the connection waits for the later token");
    with_app(&mut ledger, mint(600, Some("b")), 3).unwrap();
    assert_eq!(ledger.connections[0].expires_at, ledger.tokens[2].expires_at);
    assert_eq!(ledger.connections.len(), 1);
    for number in [1, 3] {
        ledger.as_root(ConsumeToken { token: secret(TokenKind::ConnectionToken, number) }, 9).unwrap();
    }
    assert_eq!(ledger.connections[0].scope, Some(scope("a b")), "the user authorized both scopes");
    let activations = ledger.event_log().into_iter().filter(|(event, _)| *event == "connection.activated");
    assert_eq!(activations.count(), 1);
    with_app(&mut ledger, mint(60, None), 4).unwrap();
    assert_eq!(ledger.connections.len(), 1, "a token for an active connection names it");
}

#[test]
fn connection_token_initiates_a_new_connection_if_the_others_are_dead_or_disabled() {
    for status in [Inactive, Expired, Revoking, Revoked] {
        let mut ledger = ledger_with(status);
        with_app(&mut ledger, mint(60, None), 2).unwrap();
        assert_eq!(ledger.connection_statuses(), [status, Initiated]);
        assert_eq!(ledger.tokens[0].facts.connection_id, Some(connection_id(2)));
    }
}

#[test]
fn connection_token_dies_with_its_connection() {
    let mut ledger = ledger();
    with_app(&mut ledger, mint(60, None), 1).unwrap();
    ledger.as_root(RevokeConnection { id: connection_id(1), reason: None }, 0).unwrap();
    let consumed = ledger.as_root(ConsumeToken { token: secret(TokenKind::ConnectionToken, 1) }, 2);
    assert!(matches!(consumed, Err(DecisionError::TokenNotActive(_))), "{consumed:?}");
    assert_eq!(ledger.connection_statuses(), [Revoked]);
}

#[test]
fn redirect_uri_of_a_connection_token_is_registered() {
    let with_uri = |uri: &str| {
        let MintToken { user_id, params } = mint(60, None);
        MintToken { user_id, params: MintParams { redirect_uri: Some(uri.to_owned()), ..params } }
    };
    let refused = with_app(&mut ledger(), with_uri("https://elsewhere.example/"), 1);
    assert_eq!(refused, Err(DecisionError::RedirectUriUnregistered));
    assert!(with_app(&mut ledger(), with_uri(kit::CALLBACK), 1).is_ok());
    assert_eq!(with_app(&mut ledger(), mint(60, Some("z")), 1), Err(DecisionError::ScopeTooWide));
    assert_eq!(ledger().as_root(mint(60, None), 1), Err(DecisionError::NotFound(Resource::App)));
}

#[test]
fn deleted_connection_is_revoked_and_does_not_exist_any_more() {
    for status in ConnectionStatus::ALL {
        let mut ledger = ledger_with(*status);
        let delete = || DeleteConnection { id: connection_id(1), at_provider: AtProvider::Revoke };
        let changed = ledger.as_root(delete(), 0).unwrap();
        assert_eq!(changed.previous, *status);
        let is_alive = matches!(status, Initiated | Active | Inactive);
        assert_eq!(changed.verdict.status(), if is_alive { Revoked } else { *status });
        assert_eq!(ledger.events.len(), usize::from(is_alive));
        let unknown = Err(DecisionError::NotFound(Resource::Connection));
        assert_eq!(ledger.as_root(delete(), 0).map(|_| ()), unknown);
        assert_eq!(ledger.as_root(GetConnection { id: connection_id(1) }, 0).map(|_| ()), unknown);
        let revoke = RevokeConnection { id: connection_id(1), reason: None };
        assert_eq!(ledger.as_root(revoke, 0).map(|_| ()), unknown);
    }
}

#[test]
fn connected_apps_are_listed_once_with_the_scopes_of_their_live_connections() {
    let mut ledger = ledger();
    let mut add = |number, app: &str, status, scopes: Option<&str>| {
        let row = connection(number, status);
        let (app_id, scope) = (app_id(app), scopes.map(scope));
        ledger.connections.push(Connection { app_id, scope, ..row });
    };
    add(1, "crm", Active, Some("a"));
    add(2, "mail", Inactive, None);
    add(3, "crm", Inactive, Some("b"));
    add(4, "crm", Initiated, Some("c"));
    add(5, "gone", Revoking, Some("a"));
    let apps = ledger.as_root(ListConnectedApps { user_id: user_id("owner") }, 0).unwrap();
    let of = |app: &str, scopes: Option<&str>| ConnectedApp { app_id: app_id(app), scope: scopes.map(scope) };
    assert_eq!(apps, [of("crm", Some("b a")), of("mail", None)], "newest first");
}

#[test]
fn revocation_of_an_app_ends_its_connections_with_one_event() {
    let mut ledger = ledger_with(Active);
    ledger.connections.push(connection(2, Initiated));
    ledger.connections.push(Connection { app_id: app_id("mail"), ..connection(3, Active) });
    ledger.as_root(IssueTokens { id: connection_id(1), scope: None, lifetimes: LIFETIMES }, 1).unwrap();
    ledger.events.clear();
    let revoke = || RevokeConnectedApp { user_id: user_id("owner"), app_id: app_id("crm") };
    assert_eq!(ledger.as_root(revoke(), 0), Err(DecisionError::NotFound(Resource::App)));
    with_app(&mut ledger, revoke(), 0).unwrap();
    assert_eq!(ledger.connection_statuses(), [Revoked, Revoked, Active]);
    assert_eq!(ledger.statuses(), [Status::Revoked, Status::Revoked]);
    let before = ledger.clone();
    with_app(&mut ledger, revoke(), 0).unwrap();
    assert_eq!(ledger, before, "a second revocation changes nothing");
    ledger.sweep_all();
    assert_eq!(ledger.event_log(), [("user.revoked", "root")]);
    let (first, second) = (connection_id(1), connection_id(2));
    let data = ledger.events[0].data.as_str();
    assert!(data.contains(first.as_str()) && data.contains(second.as_str()), "{data}");
    with_app(&mut ledger, create(None), 9).unwrap();
    assert_eq!(ledger.connection_statuses()[3], Active, "the user authorizes the app again");
}

#[test]
fn credentials_are_stored_with_an_authorized_connection_only() {
    for status in ConnectionStatus::ALL {
        let mut ledger = ledger_with(*status);
        let credentials = credentials(Some("acme"), &[UpstreamTokenType::RefreshToken]);
        let refused = refused_status(ledger.as_root(StoreCredentials { id: connection_id(1), credentials }, 0));
        assert_eq!(refused, Some(*status).filter(|status| !matches!(status, Active | Inactive)));
        assert_eq!(ledger.credentials.len(), usize::from(refused.is_none()));
    }
}

#[test]
fn credential_replaces_the_held_one_of_its_type() {
    use UpstreamTokenType::{AccessToken, RefreshToken};
    let mut ledger = ledger_with(Active);
    let mut store = |provider, types: &[UpstreamTokenType]| {
        let command = StoreCredentials { id: connection_id(1), credentials: credentials(provider, types) };
        ledger.as_root(command, 0).map(|verdict| {
            let stored: Vec<_> = verdict.credentials.iter().map(|credential| credential.token_type).collect();
            (verdict.connection.provider, stored)
        })
    };
    let not_named = DecisionError::ProviderNotNamed { app_id: Some(app_id("crm")) };
    assert_eq!(store(None, &[RefreshToken]), Err(not_named));
    let acme = Some(slug("acme"));
    assert_eq!(store(Some("acme"), &[RefreshToken]), Ok((acme.clone(), vec![RefreshToken])));
    assert_eq!(store(None, &[AccessToken]), Ok((acme.clone(), vec![RefreshToken, AccessToken])));
    assert_eq!(store(None, &[RefreshToken]), Ok((acme, vec![AccessToken, RefreshToken])));
    assert_eq!(store(Some("other"), &[RefreshToken]), Err(DecisionError::ProviderDiffers));
    let other = Some(slug("other"));
    assert_eq!(store(Some("other"), &[RefreshToken, AccessToken]), Ok((other, vec![RefreshToken, AccessToken])));
    assert_eq!(ledger.credentials.len(), 2);
    assert!(ledger.credentials.iter().all(|credential| credential.state == CredentialState::Held));
}

#[test]
fn connection_is_created_with_credentials_of_the_named_provider_or_of_its_app() {
    let types = [UpstreamTokenType::AccessToken];
    let with = |provider| CreateConnection { upstream: Some(credentials(provider, &types)), ..create(None) };
    let mut of_acme = app();
    of_acme.registration.provider = Some(slug("acme"));
    for (app, provider, expected) in [(app(), Some("named"), "named"), (of_acme.clone(), None, "acme")] {
        let mut ledger = ledger();
        let verdict = ledger.ask(&kit::request_with(&app, &Principal::Root, with(provider), 1)).unwrap();
        assert_eq!(verdict.connection.provider, Some(slug(expected)));
        assert_eq!((verdict.credentials.len(), ledger.credentials.len()), (1, 1));
    }
    let refused = with_app(&mut ledger(), with(None), 1);
    assert_eq!(refused, Err(DecisionError::ProviderNotNamed { app_id: Some(app_id("crm")) }));
}
