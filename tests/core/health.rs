//! The health of connections, and the uses of connections and API keys.

use hookswitch::core::connection::Health;
use hookswitch::core::credential::{NewCredential, NewCredentials};
use hookswitch::core::decide::connections::{
    CreateConnection, GetConnection, IssueTokens, ReportHealth, SetConnectionEnabled, StoreCredentials, Switch,
};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken};
use hookswitch::core::params::{Lifetimes, MintKind, MintParams};
use hookswitch::core::provider::ProviderVersion;
use hookswitch::core::{
    Connection, ConnectionStatus, ConnectionVerdict, DecisionError, Principal, Role, Sealed, Status, Timestamp,
    TokenKind, TokenRef, UpstreamTokenType,
};

use crate::kit::{self, app_id, connection, connection_id, profile, second, secret, user_id};
use crate::ledger::Ledger;

/// A ledger with one active connection, number 1, to the app `crm`.
fn ledger() -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    ledger.connections.push(connection(1, ConnectionStatus::Active));
    ledger
}

fn report(ledger: &mut Ledger, health: Health, reason: &str) -> Result<ConnectionVerdict, DecisionError> {
    ledger.as_root(ReportHealth { id: connection_id(1), health, reason: Some(reason.to_owned()) }, 0)
}

fn reject(ledger: &mut Ledger) -> Result<ConnectionVerdict, DecisionError> {
    report(ledger, Health::NeedsReconnect, "invalid_grant")
}

fn read(ledger: &mut Ledger) -> ConnectionVerdict {
    ledger.as_root(GetConnection { id: connection_id(1) }, 0).unwrap()
}

#[test]
fn a_report_changes_the_health_once_and_nothing_else() {
    let mut ledger = ledger();
    let rejected = reject(&mut ledger).unwrap();
    assert_eq!((rejected.status(), rejected.health()), (ConnectionStatus::Active, Some(Health::NeedsReconnect)));
    let first = rejected.connection.rejection.unwrap();
    assert_eq!(first.reason.as_deref(), Some("invalid_grant"));
    let again = report(&mut ledger, Health::NeedsReconnect, "still").unwrap();
    assert_eq!(again.connection.rejection, Some(first), "the first report stays");
    assert_eq!(report(&mut ledger, Health::Ok, "").unwrap().health(), Some(Health::Ok));
    assert_eq!(report(&mut ledger, Health::Ok, "").unwrap().health(), Some(Health::Ok));
    assert_eq!(ledger.event_log(), [("connection.health_changed", "root"); 2]);
    let data: Vec<_> = ledger.events.iter().map(|event| event.data.as_str()).collect();
    let rejected = r#"{"app_id":"crm","status":"active","health":"needs_reconnect","reason":"invalid_grant"}"#;
    assert_eq!(data, [rejected, r#"{"app_id":"crm","status":"active","health":"ok"}"#]);
}

#[test]
fn the_health_outlives_a_pause_and_only_live_connections_have_one() {
    use ConnectionStatus::{Active, Expired, Inactive, Initiated, Revoked, Revoking};
    for (status, has_health) in
        [(Active, true), (Inactive, true), (Initiated, false), (Expired, false), (Revoking, false), (Revoked, false)]
    {
        let mut ledger = ledger();
        ledger.connections[0].recorded.status = status;
        assert_eq!(reject(&mut ledger).is_ok(), has_health, "{status:?}");
        let expected = has_health.then_some(Health::NeedsReconnect);
        assert_eq!(read(&mut ledger).health(), expected, "{status:?}");
    }
    let mut ledger = ledger();
    reject(&mut ledger).unwrap();
    for switch in [Switch::Disable, Switch::Enable] {
        let set = SetConnectionEnabled { id: connection_id(1), switch, reason: None };
        let health = ledger.as_root(set, 0).unwrap().verdict.health();
        assert_eq!(health, Some(Health::NeedsReconnect));
    }
}

#[test]
fn new_credentials_and_a_new_authorization_reset_the_health() {
    let mut ledger = ledger();
    reject(&mut ledger).unwrap();
    let sealed = Sealed::stored("sealed".to_owned());
    let credential = NewCredential { token_type: UpstreamTokenType::RefreshToken, sealed, expires_at: None };
    let (provider, version) = (Some(kit::slug("acme")), ProviderVersion::Shipped);
    let credentials = NewCredentials { provider, tokens: vec![credential], version };
    let stored = ledger.as_root(StoreCredentials { id: connection_id(1), credentials }, 0).unwrap();
    assert_eq!(stored.health(), Some(Health::Ok));
    assert_eq!(ledger.connections[0].rejection, None);

    reject(&mut ledger).unwrap();
    let app = kit::app("crm", hookswitch::core::app::ClientType::Confidential);
    let params = MintParams { app_id: Some(app_id("crm")), ..kit::connection_token(60) };
    let mint = kit::request_with(&app, &Principal::Root, MintToken { user_id: user_id("owner"), params }, 7);
    ledger.ask(&mint).unwrap();
    let consumed = ledger.as_root(ConsumeToken { token: secret(TokenKind::ConnectionToken, 7) }, 0).unwrap();
    assert_eq!(consumed.connection.unwrap().health(), Some(Health::Ok));
    let health = ledger.events.iter().filter(|event| event.event_type.as_str() == "connection.health_changed");
    assert_eq!(health.count(), 4);
}

#[test]
fn an_app_reports_the_health_of_its_own_connections_only() {
    for (app, expected) in [("crm", Ok(Some(Health::NeedsReconnect))), ("mail", Err(DecisionError::Forbidden))] {
        let mut ledger = ledger();
        let command = ReportHealth { id: connection_id(1), health: Health::NeedsReconnect, reason: None };
        let outcome = ledger.ask(&kit::request(&Principal::App(app_id(app)), command, 0));
        assert_eq!(outcome.map(|verdict| verdict.health()), expected, "{app}");
    }
}

/// Runs a check of a token at a time, and returns when the connection was last used.
fn use_at(ledger: &mut Ledger, token: &TokenRef, at: Timestamp) -> Option<Timestamp> {
    ledger.pass_until(at);
    ledger.as_root(CheckTokens { tokens: vec![token.clone()] }, 0).unwrap();
    ledger.connections[0].last_used_at
}

#[test]
fn the_use_of_a_connection_is_recorded_every_15_minutes() {
    let mut ledger = ledger();
    let lifetimes = Lifetimes { access: 3_600, refresh: None };
    ledger.as_root(IssueTokens { id: connection_id(1), scope: None, lifetimes }, 8).unwrap();
    assert_eq!(ledger.connections[0].last_used_at, None, "a token that was issued is not used yet");
    let access = secret(TokenKind::AccessToken, 8);
    assert_eq!(use_at(&mut ledger, &access, second(10)), Some(second(10)));
    assert_eq!(use_at(&mut ledger, &access, second(10 + 899)), Some(second(10)));
    assert_eq!(use_at(&mut ledger, &access, second(10 + 900)), Some(second(910)));
    assert_eq!(use_at(&mut ledger, &access, second(7_200)), Some(second(910)), "an expired token is no use");
}

#[test]
fn an_api_key_expires_when_it_is_not_used() {
    let mut ledger = ledger();
    let mint = |ttl, number| {
        let params = MintParams { idle_ttl: Some(3_600), ..MintParams::plain(MintKind::ApiKey, ttl) };
        kit::request(&Principal::Root, MintToken { user_id: user_id("owner"), params }, number)
    };
    assert_eq!(ledger.ask(&mint(None, 7)).unwrap().expires_at, Some(ledger.events[0].at.plus_seconds(3_600)));
    ledger.ask(&mint(Some(7_200), 8)).unwrap();
    let authenticate = |ledger: &mut Ledger, number, at| {
        ledger.pass_until(second(at));
        let key = hookswitch::core::decide::keys::AuthenticateKey { key: secret(TokenKind::ApiKey, number) };
        ledger.ask(&kit::request(&Principal::Holder, key, 0)).unwrap().map(|key| key.expires_at)
    };
    // A use counts to within 15 minutes, so the key gets as much more.
    assert_eq!(authenticate(&mut ledger, 7, 3_000), Some(Some(second(3_000 + 4_500))));
    assert_eq!(authenticate(&mut ledger, 7, 3_899), Some(Some(second(3_000 + 4_500))));
    assert_eq!(authenticate(&mut ledger, 7, 7_400), Some(Some(second(7_400 + 4_500))));
    assert_eq!(authenticate(&mut ledger, 7, 7_400 + 4_500), None, "the time without a use is over");
    let key = TokenRef::Public { token_id: kit::token_id(7), key: kit::digest(7).key() };
    let checked = ledger.as_root(CheckTokens { tokens: vec![key] }, 0).unwrap();
    let verdict = checked.verdicts[0].clone().unwrap();
    assert_eq!((verdict.status(), verdict.last_used_at), (Status::Expired, Some(second(7_400))));
}

#[test]
fn a_use_extends_a_key_up_to_its_own_expiry() {
    let mut ledger = ledger();
    let params = MintParams { idle_ttl: Some(3_600), ..MintParams::plain(MintKind::ApiKey, Some(5_000)) };
    let mint = kit::request(&Principal::Root, MintToken { user_id: user_id("owner"), params }, 8);
    let created_at = ledger.ask(&mint).unwrap().created_at;
    ledger.pass_until(second(3_000));
    let key = hookswitch::core::decide::keys::AuthenticateKey { key: secret(TokenKind::ApiKey, 8) };
    let owner = ledger.ask(&kit::request(&Principal::Holder, key, 0)).unwrap().unwrap();
    assert_eq!(owner.expires_at, Some(created_at.plus_seconds(5_000)));
}

#[test]
fn a_new_connection_is_healthy_and_unused() {
    let mut ledger = ledger();
    let (scope, metadata, upstream) = (None, None, None);
    let create = CreateConnection { user_id: user_id("owner"), app_id: app_id("crm"), scope, metadata, upstream };
    let app = kit::app("crm", hookswitch::core::app::ClientType::Confidential);
    let created = ledger.ask(&kit::request_with(&app, &Principal::Root, create, 5)).unwrap();
    assert!(matches!(created.connection, Connection { rejection: None, last_used_at: None, .. }));
    assert_eq!(created.health(), Some(Health::Ok));
}
