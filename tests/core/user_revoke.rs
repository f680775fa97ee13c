//! The revocation of a user: which tokens and connections it revokes, and which it leaves.

use hookswitch::core::app::ClientType;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::{CreateConnection, IssueTokens};
use hookswitch::core::decide::tokens::{MintToken, RevokeToken};
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::{Lifetimes, RevokeFilter};
use hookswitch::core::{ConnectionStatus, DecisionError, Principal, Role, Status, TokenKind, TokenRef, TokenState};
use serde_json::Value;

use crate::kit::{self, app_id, connection_id, everything, profile, token, user_id};
use crate::ledger::Ledger;

/// A ledger with one live token of each kind, created a second apart. The third belongs to an app.
fn ledger() -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    for (number, kind) in (0..).zip(TokenKind::ALL) {
        let mut minted = token(*kind, number);
        minted.created_at = ledger.now();
        minted.facts.app_id = (number == 2).then(|| app_id("crm"));
        ledger.tokens.push(minted);
        ledger.pass(1_000_000);
    }
    ledger
}

/// Revokes what the filter matches, and returns how much was alive.
fn revoke(ledger: &mut Ledger, filter: RevokeFilter) -> Result<u64, DecisionError> {
    let command = RevokeUser { user_id: user_id("owner"), filter, dry_run: false };
    ledger.as_root(command, 0).map(|revoked| revoked.revoked.total())
}

fn alive(ledger: &Ledger) -> Vec<bool> {
    ledger.statuses().iter().map(|status| *status == Status::Valid).collect()
}

/// A ledger with connections to an app, each with an access and a refresh token.
fn ledger_with_connections(count: u64) -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    let app = kit::app("crm", ClientType::Confidential);
    for number in 1..=count {
        let (user_id, app_id) = (user_id("owner"), app_id("crm"));
        let create = CreateConnection { user_id, app_id, scope: None, metadata: None, upstream: None };
        ledger.ask(&kit::request_with(&app, &Principal::Root, create, number)).unwrap();
        let lifetimes = Lifetimes { access: 60, refresh: Some(600) };
        ledger.as_root(IssueTokens { id: connection_id(number), scope: None, lifetimes }, number).unwrap();
    }
    ledger
}

#[test]
fn revocation_of_a_user_ends_everything_in_one_write_with_one_event() {
    let mut ledger = ledger();
    assert_eq!(revoke(&mut ledger, everything()), Ok(4));
    assert_eq!(alive(&ledger), [false; 4]);
    assert_eq!(ledger.event_log(), [("user.revoked", "root")]);
    assert!(ledger.tokens.iter().all(|token| token.end.is_none()), "the write touches no token");
    assert_eq!(revoke(&mut ledger, everything()), Ok(0), "dead tokens are not counted again");
    assert_eq!((ledger.events.len(), ledger.cutoffs.len()), (1, 1), "nothing more is written");
}

#[test]
fn event_of_a_revocation_lists_up_to_100_connections_and_their_number() {
    let mut ledger = ledger_with_connections(101);
    ledger.events.clear();
    let filter = RevokeFilter { reason: Some("left".to_owned()), app_id: Some(app_id("crm")), ..everything() };
    let before = ledger.now().rfc3339();
    assert_eq!(revoke(&mut ledger, filter), Ok(303));
    assert!(ledger.connection_statuses().iter().all(|status| *status == ConnectionStatus::Revoked));
    ledger.sweep_all();
    assert_eq!(ledger.event_log(), [("user.revoked", "root")], "the connections get no events of their own");
    let data: Value = serde_json::from_str(ledger.events[0].data.as_str()).unwrap();
    let connections = data["connections"].as_array().unwrap();
    assert_eq!(connections.len(), 100);
    assert!(connections.iter().all(|id| id.as_str().is_some_and(|id| id.starts_with("ca_"))));
    assert_eq!((data["revoked"]["connection"].as_u64(), &data["before"]), (Some(101), &Value::from(before)));
    assert_eq!((&data["reason"], &data["app_id"]), (&Value::from("left"), &Value::from("crm")));
}

#[test]
fn before_is_the_last_time_that_is_revoked() {
    let mut ledger = ledger();
    let second = ledger.tokens[1].created_at;
    assert_eq!(revoke(&mut ledger, RevokeFilter { before: Some(second), ..everything() }), Ok(2));
    assert_eq!(alive(&ledger), [false, false, true, true]);
}

#[test]
fn kinds_and_apps_narrow_a_revocation() {
    let kinds = TokenKindSet::from_iter([TokenKind::RefreshToken, TokenKind::ApiKey]);
    let mut by_kind = ledger();
    assert_eq!(revoke(&mut by_kind, RevokeFilter { kinds, ..everything() }), Ok(2));
    assert_eq!(alive(&by_kind), [true, true, false, false]);

    let mut by_app = ledger();
    assert_eq!(revoke(&mut by_app, RevokeFilter { app_id: Some(app_id("crm")), ..everything() }), Ok(1));
    assert_eq!(alive(&by_app), [true, true, false, true]);

    let mut by_other_app = ledger();
    assert_eq!(revoke(&mut by_other_app, RevokeFilter { app_id: Some(app_id("mail")), ..everything() }), Ok(0));
    assert_eq!(alive(&by_other_app), [true; 4]);
}

#[test]
fn revocation_of_connections_spares_other_tokens() {
    let mut ledger = ledger_with_connections(1);
    ledger.tokens.push(token(TokenKind::ApiKey, 9));
    assert_eq!(revoke(&mut ledger, RevokeFilter { kinds: TokenKindSet::CONNECTIONS, ..everything() }), Ok(3));
    assert_eq!(alive(&ledger), [false, false, true]);
}

#[test]
fn before_in_the_future_is_refused() {
    let mut ledger = ledger();
    let now = ledger.now();
    let refused = revoke(&mut ledger, RevokeFilter { before: Some(now.next()), ..everything() });
    assert_eq!(refused, Err(DecisionError::BeforeInFuture));
    assert_eq!(alive(&ledger), [true; 4]);
    assert_eq!(revoke(&mut ledger, RevokeFilter { before: Some(now), ..everything() }), Ok(4));
}

#[test]
fn token_that_is_created_in_the_tick_of_a_revocation_lives() {
    let mut ledger = ledger();
    revoke(&mut ledger, everything()).unwrap();
    let mint = MintToken { user_id: user_id("owner"), params: kit::connection_token(60) };
    ledger.as_root(mint, 9).unwrap();
    assert_eq!(alive(&ledger), [false, false, false, false, true]);
}

#[test]
fn states_stay_the_same_after_the_alarm() {
    let mut ledger = ledger_with_connections(3);
    ledger.pass(1_000_000);
    revoke(&mut ledger, everything()).unwrap();
    let states = ledger.states();
    let deaths: Vec<_> = states.iter().map(|state| state.death().unwrap().at).collect();
    assert!(deaths.windows(2).all(|pair| pair[0] == pair[1]), "all die at one time");
    for recorded in 1..=3 {
        ledger.sweep(1);
        assert_eq!(ledger.connections.iter().filter(|connection| connection.end_recorded).count(), recorded);
        assert_eq!(ledger.states(), states);
    }
    assert!(ledger.sweep(1).is_empty(), "nothing is left to record");
    assert_eq!(ledger.cutoffs.len(), 1, "the cutoff stays: the states of the tokens depend on it");
    assert_eq!(ledger.events.last().unwrap().event_type.as_str(), "user.revoked");
}

#[test]
fn revoked_key_authenticates_nobody() {
    let mut ledger = ledger();
    let key = ledger.tokens[3].digest.clone();
    assert!(ledger.authenticate(&key).is_some());
    assert!(ledger.authenticate(&ledger.tokens[0].digest).is_none(), "a connection token is not an API key");
    let token = TokenRef::Secret { kind: TokenKind::ApiKey, digest: key.clone() };
    ledger.as_root(RevokeToken { token, reason: None }, 0).unwrap();
    assert!(ledger.authenticate(&key).is_none());
    assert!(ledger.states()[3] != TokenState::Valid);
}
