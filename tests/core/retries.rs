//! `Idempotency-Key`: a repeated request gets the same answer, and another request with the same key is refused.

use hookswitch::core::app::ClientType;
use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::{
    CreateConnection, IssueTokens, RevokeConnection, SetConnectionEnabled, Switch,
};
use hookswitch::core::decide::tokens::{ConsumeToken, MintToken};
use hookswitch::core::decide::users::{GetUser, PutUser, RevokeUser};
use hookswitch::core::params::Lifetimes;
use hookswitch::core::{
    ConnectionStatus, DecisionError, Digest, Principal, Reply, Request, Resource, Role, Status, TokenKind,
};

use crate::kit::{self, app_id, connection_id, everything, principal, profile, secret, user_id};
use crate::ledger::{Ledger, Runnable};

fn ledger() -> Ledger {
    Ledger::of(kit::user("owner", profile(Role::Member, &["a"])))
}

fn mint() -> MintToken {
    MintToken { user_id: user_id("owner"), params: kit::connection_token(60) }
}

/// A request of root with an `Idempotency-Key`, and with fresh handles, as the Worker sends it each time.
fn keyed<C: Runnable>(command: C, key: &str, number: u64) -> Request<C> {
    let idempotency = IdempotencyKey {
        key: Digest::of(key.as_bytes()),
        request: Digest::of(format!("{command:?}").as_bytes()),
        grace: None,
    };
    Request { idempotency: Some(idempotency), ..kit::request(&Principal::Root, command, number) }
}

fn send<C: Runnable>(ledger: &mut Ledger, request: &Request<C>) -> Reply<C::Outcome> {
    ledger.pass(1_000);
    ledger.run(request).0
}

#[test]
fn connection_token_is_valid_for_a_day_at_most() {
    let mint = |ttl| {
        let params = hookswitch::core::params::MintParams { ttl, ..kit::connection_token(0) };
        ledger().as_root(MintToken { user_id: user_id("owner"), params }, 1).map(|_| ())
    };
    for ttl in [None, Some(0), Some(86_401)] {
        assert_eq!(mint(ttl), Err(DecisionError::TtlOutOfRange { min: 1, max: 86_400 }));
    }
    assert_eq!([mint(Some(1)), mint(Some(86_400))], [Ok(()), Ok(())]);
}

#[test]
fn repeated_mint_gets_the_handles_of_the_first_request() {
    let mut ledger = ledger();
    let first = keyed(mint(), "key", 1);
    let reply = send(&mut ledger, &first);
    assert_eq!(reply.replayed, None);
    let again = send(&mut ledger, &keyed(mint(), "key", 2));
    assert_eq!(again, Reply { replayed: Some(first.minted), ..reply });
    assert_eq!(ledger.tokens.len(), 1);
}

#[test]
fn repeated_consume_gets_the_answer_of_the_first_request() {
    let mut ledger = ledger();
    send(&mut ledger, &keyed(mint(), "mint", 1));
    let consume = ConsumeToken { token: secret(TokenKind::ConnectionToken, 1) };
    let first = send(&mut ledger, &keyed(consume.clone(), "key", 2));
    assert!(first.outcome.is_ok());
    let again = send(&mut ledger, &keyed(consume.clone(), "key", 3));
    assert_eq!(first.outcome, again.outcome);

    let without_key = send(&mut ledger, &kit::request(&Principal::Root, consume, 4));
    assert!(matches!(without_key.outcome, Err(DecisionError::TokenNotActive(_))));
}

#[test]
fn one_key_for_two_requests_is_refused_and_changes_nothing() {
    let mut ledger = ledger();
    send(&mut ledger, &keyed(mint(), "key", 1));
    let before = ledger.clone();
    let other = MintToken { user_id: user_id("owner"), params: kit::connection_token(61) };
    let conflict = send(&mut ledger, &keyed(other, "key", 2));
    assert_eq!(conflict.outcome, Err(DecisionError::IdempotencyConflict));
    // The key of another command is the key of another request, too.
    let other =
        send(&mut ledger, &keyed(PutUser { user_id: user_id("owner"), profile: profile(Role::None, &[]) }, "key", 3));
    assert_eq!(other.outcome, Err(DecisionError::IdempotencyConflict));
    assert_eq!((ledger.tokens, ledger.user), (before.tokens, before.user));
}

#[test]
fn errors_and_reads_are_not_stored() {
    let mut ledger = ledger();
    let consume = ConsumeToken { token: secret(TokenKind::ConnectionToken, 1) };
    let missing = send(&mut ledger, &keyed(consume.clone(), "key", 1));
    assert_eq!(missing.outcome, Err(DecisionError::NotFound(Resource::Token)));
    send(&mut ledger, &keyed(GetUser { user_id: user_id("owner") }, "read", 1));
    assert_eq!(ledger.stored, []);
    send(&mut ledger, &kit::request(&Principal::Root, mint(), 1));
    assert!(send(&mut ledger, &keyed(consume, "key", 2)).outcome.is_ok());
}

#[test]
fn stored_answer_is_refused_to_a_caller_that_lost_access() {
    let mut ledger = ledger();
    let mut request = keyed(mint(), "key", 1);
    request.principal = principal("a manager", Role::Manager, &["a"]);
    assert!(send(&mut ledger, &request).outcome.is_ok());
    let moved = PutUser { user_id: user_id("owner"), profile: profile(Role::Member, &["b"]) };
    send(&mut ledger, &kit::request(&Principal::Root, moved, 2));
    let refused = send(&mut ledger, &request);
    assert_eq!(refused, Reply { outcome: Err(DecisionError::Forbidden), replayed: None });
}

fn revoke_user(dry_run: bool) -> RevokeUser {
    RevokeUser { user_id: user_id("owner"), filter: everything(), dry_run }
}

#[test]
fn repeated_revocation_that_found_nothing_finds_nothing_again() {
    let mut ledger = ledger();
    let first = send(&mut ledger, &keyed(revoke_user(false), "key", 1));
    send(&mut ledger, &kit::request(&Principal::Root, mint(), 2));
    let again = send(&mut ledger, &keyed(revoke_user(false), "key", 3));
    assert_eq!(first.outcome, again.outcome);
    assert_eq!(ledger.statuses(), [Status::Valid]);
}

#[test]
fn repeated_revocation_spares_tokens_that_were_created_in_between() {
    let mut ledger = ledger();
    send(&mut ledger, &kit::request(&Principal::Root, mint(), 1));
    let first = send(&mut ledger, &keyed(revoke_user(false), "key", 2));
    send(&mut ledger, &kit::request(&Principal::Root, mint(), 3));
    let again = send(&mut ledger, &keyed(revoke_user(false), "key", 4));
    assert_eq!(first.outcome, again.outcome);
    assert_eq!(ledger.statuses(), [Status::Revoked, Status::Valid]);
}

#[test]
fn dry_run_is_not_stored() {
    let mut ledger = ledger();
    assert_eq!(send(&mut ledger, &keyed(revoke_user(true), "key", 1)).outcome.unwrap().revoked.total(), 0);
    send(&mut ledger, &kit::request(&Principal::Root, mint(), 2));
    assert_eq!(send(&mut ledger, &keyed(revoke_user(true), "key", 3)).outcome.unwrap().revoked.total(), 1);
}

/// A ledger with an active connection, and a request that issues tokens under it.
fn issuing() -> (Ledger, IssueTokens) {
    let mut ledger = ledger();
    let app = kit::app("crm", ClientType::Confidential);
    let (user_id, app_id) = (user_id("owner"), app_id("crm"));
    let create = CreateConnection { user_id, app_id, scope: None, metadata: None, upstream: None };
    ledger.ask(&kit::request_with(&app, &Principal::Root, create, 1)).unwrap();
    let lifetimes = Lifetimes { access: 60, refresh: Some(600) };
    (ledger, IssueTokens { id: connection_id(1), scope: None, lifetimes })
}

#[test]
fn repeated_issue_gets_the_same_tokens() {
    let (mut ledger, issue) = issuing();
    let first = keyed(issue.clone(), "key", 2);
    let reply = send(&mut ledger, &first);
    let again = send(&mut ledger, &keyed(issue, "key", 3));
    assert_eq!(again, Reply { replayed: Some(first.minted), ..reply });
    assert_eq!(ledger.tokens.len(), 2);
}

#[test]
fn revoked_tokens_are_not_issued_again_by_a_repeated_request() {
    let (mut ledger, issue) = issuing();
    send(&mut ledger, &keyed(issue.clone(), "key", 2));
    let kinds = TokenKindSet::from_iter([TokenKind::RefreshToken]);
    let filter = hookswitch::core::params::RevokeFilter { kinds, ..everything() };
    ledger.as_root(RevokeUser { user_id: user_id("owner"), filter, dry_run: false }, 0).unwrap();
    let again = send(&mut ledger, &keyed(issue.clone(), "key", 3)).outcome;
    let Err(DecisionError::TokenNotActive(verdict)) = again else { panic!("{again:?}") };
    assert_eq!((verdict.kind, verdict.status()), (TokenKind::RefreshToken, Status::Revoked));

    ledger.as_root(RevokeConnection { id: connection_id(1), reason: None }, 0).unwrap();
    let again = send(&mut ledger, &keyed(issue, "key", 4)).outcome;
    assert!(matches!(again, Err(DecisionError::InvalidConnectionState(_))), "{again:?}");
}

#[test]
fn stored_answer_of_an_unknown_version_is_a_conflict() {
    let mut ledger = ledger();
    send(&mut ledger, &keyed(mint(), "key", 1));
    ledger.stored[0].outcome = "{\"later\":true}".to_owned();
    let again = send(&mut ledger, &keyed(mint(), "key", 2));
    assert_eq!(again.outcome, Err(DecisionError::IdempotencyConflict));
}

#[test]
fn stored_answer_shows_what_can_no_longer_be_used_as_it_is_now() {
    let owner = || user_id("owner");
    let connect = || {
        let (app_id, scope, metadata, upstream) = (kit::app_id("crm"), None, None, None);
        CreateConnection { user_id: owner(), app_id, scope, metadata, upstream }
    };
    let enable = || SetConnectionEnabled { id: kit::connection_id(2), switch: Switch::Enable, reason: None };
    let app = kit::app("crm", ClientType::Confidential);
    let mut ledger = ledger();
    let minted = send(&mut ledger, &keyed(mint(), "mint", 1)).outcome.unwrap();
    let connecting = Request { app: Some(app), ..keyed(connect(), "connect", 2) };
    let connected = send(&mut ledger, &connecting).outcome.unwrap();
    let enabled = send(&mut ledger, &keyed(enable(), "enable", 3)).outcome.unwrap();
    assert_eq!(send(&mut ledger, &keyed(mint(), "mint", 4)).outcome, Ok(minted.clone()));
    assert_eq!(send(&mut ledger, &connecting).outcome, Ok(connected.clone()));

    let disable = SetConnectionEnabled { switch: Switch::Disable, ..enable() };
    ledger.as_root(disable, 5).unwrap();
    assert_eq!(send(&mut ledger, &connecting).outcome.unwrap().status(), ConnectionStatus::Inactive);
    let again = send(&mut ledger, &keyed(enable(), "enable", 6)).outcome.unwrap();
    assert_eq!((again.verdict.status(), again.previous), (ConnectionStatus::Inactive, enabled.previous));

    let everything = RevokeUser { user_id: owner(), filter: kit::everything(), dry_run: false };
    ledger.as_root(everything, 7).unwrap();
    let minted_again = send(&mut ledger, &keyed(mint(), "mint", 8));
    assert_eq!(minted_again.outcome.unwrap().status(), Status::Revoked);
    assert!(minted_again.replayed.is_some(), "the same token is shown");
    assert_eq!(send(&mut ledger, &connecting).outcome.unwrap().status(), ConnectionStatus::Revoked);
    let again = send(&mut ledger, &keyed(enable(), "enable", 9)).outcome.unwrap();
    assert_eq!(again.verdict.status(), ConnectionStatus::Revoked);
}
