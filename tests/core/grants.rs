//! Authorization codes and refresh tokens: which client may use them, and what a second use causes.

use hookswitch::core::app::{ClientType, PreviousSecret};
use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::decide::connections::{SetConnectionEnabled, Switch};
use hookswitch::core::decide::grants::{
    ExchangeCode, Granted, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use hookswitch::core::decide::tokens::{MintToken, RevokeToken};
use hookswitch::core::params::{Lifetimes, MintParams};
use hookswitch::core::{
    App, ConnectionStatus, DecisionError, Digest, Principal, Reply, Request, Resource, Role, Scope, Status, TokenId,
    TokenKind, pkce,
};
use serde_json::Value;

use crate::kit::{self, CALLBACK, REFRESH, app_id, digest, profile, scope, secret, token_id, user_id};
use crate::ledger::Ledger;

const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The grace period of rotating refresh tokens, in seconds.
const GRACE: u32 = 30;

fn confidential() -> App {
    kit::app("crm", ClientType::Confidential)
}

fn public() -> App {
    kit::app("mail", ClientType::Public)
}

/// A ledger with a code for the app: the token with number 1.
fn ledger_with_code(app: &App, params: MintParams) -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    let params = MintParams { app_id: Some(app.app_id.clone()), ..params };
    let command = MintToken { user_id: user_id("owner"), params };
    ledger.ask(&kit::request_with(app, &Principal::Root, command, 1)).unwrap();
    ledger
}

fn code() -> MintParams {
    kit::connection_token(600)
}

fn code_with_challenge() -> MintParams {
    MintParams { code_challenge: pkce::parse_challenge(CHALLENGE).ok(), ..code() }
}

/// A request of a client.
fn by_client<C: hookswitch::core::Command>(client: &App, command: C, number: u64) -> Request<C> {
    kit::request_with(client, &Principal::App(client.app_id.clone()), command, number)
}

fn exchange(client: &App, redirect_uri: Option<&str>, verifier: Option<&str>, number: u64) -> Request<ExchangeCode> {
    let command = ExchangeCode {
        code: secret(TokenKind::ConnectionToken, 1),
        redirect_uri: redirect_uri.map(str::to_owned),
        code_challenge: verifier.map(pkce::challenge),
        lifetimes: LIFETIMES,
    };
    by_client(client, command, number)
}

fn refresh(client: &App, token: u64, asked: Option<&str>, number: u64) -> Request<RefreshTokens> {
    let token = secret(TokenKind::RefreshToken, token);
    by_client(client, RefreshTokens { token, scope: asked.map(scope), lifetimes: LIFETIMES }, number)
}

fn revoke(client: &App, kind: TokenKind, token: u64) -> Request<RevokeGrantToken> {
    by_client(client, RevokeGrantToken { token: secret(kind, token) }, 0)
}

/// A refresh with a rotating token, as the Worker sends it.
fn rotate(client: &App, token: u64, number: u64) -> Request<RefreshTokens> {
    let key = Digest::of_parts(&[b"refresh", digest(token).as_str().as_bytes()]);
    let idempotency = Some(IdempotencyKey { request: key.clone(), key, grace: Some(GRACE) });
    Request { idempotency, ..refresh(client, token, None, number) }
}

/// The same with an `Idempotency-Key`.
fn rotate_with_key(client: &App, token: u64, key: &str, number: u64) -> Request<RefreshTokens> {
    let mut request = rotate(client, token, number);
    if let Some(idempotency) = &mut request.idempotency {
        idempotency.request = Digest::of(key.as_bytes());
    }
    request
}

fn issued(reply: Reply<Granted>) -> hookswitch::core::decide::connections::Issued {
    match reply.outcome {
        Ok(Granted::Issued(issued)) => *issued,
        other => panic!("{other:?}"),
    }
}

fn is_replayed(reply: &Reply<Granted>) -> bool {
    matches!(reply.outcome, Ok(Granted::Replayed(_)))
}

/// How many events have this type.
fn events(ledger: &Ledger, event_type: &str) -> usize {
    ledger.events.iter().filter(|event| event.event_type.as_str() == event_type).count()
}

fn is_all_dead(ledger: &Ledger) -> bool {
    ledger.statuses().iter().all(|status| status.is_terminal())
}

/// A ledger whose code was exchanged for an access token (number 2) and a refresh token (the returned number).
fn exchanged(app: &App) -> (Ledger, u64) {
    let is_public = app.secret.is_none();
    let mut ledger = ledger_with_code(app, if is_public { code_with_challenge() } else { code() });
    let (reply, _) = ledger.run(&exchange(app, None, is_public.then_some(VERIFIER), 2));
    assert!(issued(reply).refresh.is_some());
    assert_eq!(ledger.statuses(), [Status::Consumed, Status::Valid, Status::Valid]);
    (ledger, 2 + REFRESH)
}

#[test]
fn challenge_belongs_to_its_verifier_as_in_the_rfc() {
    assert_eq!(pkce::parse_challenge(CHALLENGE), Ok(pkce::challenge(VERIFIER)));
    assert_ne!(pkce::parse_challenge(CHALLENGE), Ok(pkce::challenge(&VERIFIER[1..])));
    let long = format!("{CHALLENGE}A");
    let padded = format!("{}=", &CHALLENGE[1..]);
    let plain = CHALLENGE.replace('-', "+");
    for wrong in ["", &CHALLENGE[1..], long.as_str(), padded.as_str(), plain.as_str()] {
        assert!(pkce::parse_challenge(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn code_is_exchanged_by_its_client_with_its_redirect_uri_and_verifier() {
    use DecisionError::{NotFound, RedirectUriMismatch, VerifierMismatch};
    let with_uri = || MintParams { redirect_uri: Some(CALLBACK.to_owned()), ..code() };
    let elsewhere = Some("https://elsewhere.example/");
    let (uri, verifier) = (Some(CALLBACK), Some(VERIFIER));
    let unknown = || Err(NotFound(Resource::Token));
    let table = [
        // The app of the code, the code, the client, the redirect URI and verifier that it sends, and the outcome.
        (confidential(), code(), confidential(), None, None, Ok(())),
        (confidential(), code(), confidential(), uri, None, Ok(())),
        (confidential(), code(), confidential(), elsewhere, None, Err(RedirectUriMismatch)),
        (confidential(), code(), confidential(), None, verifier, Err(VerifierMismatch)),
        (confidential(), with_uri(), confidential(), uri, None, Ok(())),
        (confidential(), with_uri(), confidential(), None, None, Err(RedirectUriMismatch)),
        (confidential(), with_uri(), confidential(), elsewhere, None, Err(RedirectUriMismatch)),
        (confidential(), code_with_challenge(), confidential(), None, verifier, Ok(())),
        (confidential(), code_with_challenge(), confidential(), None, None, Err(VerifierMismatch)),
        (confidential(), code_with_challenge(), confidential(), None, Some("wrong"), Err(VerifierMismatch)),
        (confidential(), code(), public(), None, None, unknown()),
        (public(), code_with_challenge(), public(), None, verifier, Ok(())),
        (public(), code_with_challenge(), public(), None, None, Err(VerifierMismatch)),
        (public(), code_with_challenge(), public(), None, Some(CHALLENGE), Err(VerifierMismatch)),
        (public(), code(), public(), None, None, Err(VerifierMismatch)),
        (public(), code(), public(), None, verifier, Err(VerifierMismatch)),
        (public(), code_with_challenge(), confidential(), None, verifier, unknown()),
    ];
    for (app, params, client, uri, verifier, expected) in table {
        let mut ledger = ledger_with_code(&app, params.clone());
        let before = ledger.clone();
        let outcome = ledger.ask(&exchange(&client, uri, verifier, 2));
        let case = format!("{params:?} by {} with {uri:?} and {verifier:?}", client.app_id);
        assert_eq!(outcome.map(|_| ()), expected, "{case}");
        if expected.is_err() {
            assert_eq!(ledger, before, "{case}");
        }
    }
}

#[test]
fn exchange_activates_the_connection_and_emits_one_event_for_both_tokens() {
    let (ledger, refresh) = exchanged(&confidential());
    assert_eq!(ledger.connection_statuses(), [ConnectionStatus::Active]);
    assert_eq!(
        ledger.event_log(),
        [
            ("connection.created", "root"),
            ("token.created", "root"),
            ("token.consumed", "app:crm"),
            ("connection.activated", "app:crm"),
            ("token.created", "app:crm"),
        ]
    );
    let event = ledger.events.last().unwrap();
    assert_eq!((&event.token_id, event.kind), (&Some(token_id(2)), Some(TokenKind::AccessToken)));
    let data: Value = serde_json::from_str(event.data.as_str()).unwrap();
    assert_eq!(data["refresh_token_id"], token_id(refresh).as_str());
    assert_eq!(data.get("replaced_token_id"), None);
}

#[test]
fn rotation_emits_one_event_that_names_the_replaced_token() {
    let (mut ledger, first) = exchanged(&public());
    ledger.events.clear();
    ledger.run(&rotate(&public(), first, 3));
    assert_eq!(ledger.event_log(), [("token.created", "app:mail")]);
    let data: Value = serde_json::from_str(ledger.events[0].data.as_str()).unwrap();
    let ids = [&data["refresh_token_id"], &data["replaced_token_id"]];
    assert_eq!(ids, [token_id(3 + REFRESH).as_str(), token_id(first).as_str()]);
    assert_eq!(ledger.events[0].token_id, Some(token_id(3)));
}

#[test]
fn refresh_without_rotation_emits_one_event_that_names_no_refresh_token() {
    let (mut ledger, token) = exchanged(&confidential());
    ledger.events.clear();
    ledger.run(&refresh(&confidential(), token, None, 3));
    assert_eq!(ledger.event_log(), [("token.created", "app:crm")]);
    assert_eq!(ledger.events[0].data.as_str(), r#"{"app_id":"crm"}"#);
}

#[test]
fn code_that_is_presented_again_revokes_the_tokens_that_it_issued() {
    for app in [confidential(), public()] {
        let verifier = app.secret.is_none().then_some(VERIFIER);
        let (mut ledger, _) = exchanged(&app);
        for number in 3..6 {
            ledger.pass(1_000_000);
            let (reply, _) = ledger.run(&exchange(&app, None, verifier, number));
            assert!(is_replayed(&reply), "{reply:?}");
            assert_eq!(ledger.statuses(), [Status::Consumed, Status::Revoked, Status::Revoked]);
            assert_eq!(events(&ledger, "token.replayed"), 1, "the event is emitted once");
            assert_eq!(ledger.cutoffs.len(), 1);
        }
        assert_eq!(ledger.connection_statuses(), [ConnectionStatus::Active], "the connection stays");
        let count = ledger.events.len();
        ledger.sweep_all();
        assert_eq!(ledger.events.len(), count, "the revoked tokens get no events of their own");
    }
}

#[test]
fn second_use_of_a_code_by_another_client_revokes_nothing() {
    let (mut ledger, refresh_token) = exchanged(&confidential());
    let before = ledger.clone();
    let exchanged = ledger.ask(&exchange(&public(), None, Some(VERIFIER), 3));
    assert_eq!(exchanged, Err(DecisionError::NotFound(Resource::Token)));
    let refreshed = ledger.ask(&refresh(&public(), refresh_token, None, 4));
    assert_eq!(refreshed, Err(DecisionError::NotFound(Resource::Token)));
    let without_verifier = ledger.ask(&exchange(&confidential(), None, Some(VERIFIER), 5));
    assert_eq!(without_verifier, Err(DecisionError::VerifierMismatch));
    assert_eq!(ledger, before);
}

#[test]
fn tokens_are_redeemed_as_their_kind_only() {
    let (mut ledger, refresh_token) = exchanged(&confidential());
    let mut as_code = exchange(&confidential(), None, None, 3);
    as_code.command.code = secret(TokenKind::RefreshToken, refresh_token);
    assert_eq!(ledger.ask(&as_code), Err(DecisionError::NotFound(Resource::Token)));
    let mut as_refresh = refresh(&confidential(), 0, None, 4);
    as_refresh.command.token = secret(TokenKind::AccessToken, 2);
    assert_eq!(ledger.ask(&as_refresh), Err(DecisionError::NotFound(Resource::Token)));
}

#[test]
fn refresh_token_of_a_confidential_client_stays_and_lives_on_from_its_use() {
    let (mut ledger, token) = exchanged(&confidential());
    for number in 3..6 {
        ledger.pass(3_600_000_000);
        let now = ledger.now();
        let (reply, _) = ledger.run(&refresh(&confidential(), token, Some("b"), number));
        let issued = issued(reply);
        assert_eq!(issued.refresh, None);
        assert_eq!(issued.access.facts.scope.as_ref().map(Scope::as_str), Some("b"));
        assert_eq!(ledger.tokens[2].expires_at, Some(now.plus_seconds(86_400)));
    }
    assert_eq!(ledger.tokens.len(), 6);
    ledger.pass(86_400_000_000);
    let expired = ledger.ask(&refresh(&confidential(), token, None, 9));
    assert!(matches!(expired, Err(DecisionError::TokenNotActive(_))), "{expired:?}");
}

#[test]
fn refresh_gets_no_wider_scope_than_was_granted() {
    let mut ledger = ledger_with_code(&confidential(), MintParams { scope: Some(scope("a b")), ..code() });
    ledger.ask(&exchange(&confidential(), None, None, 2)).unwrap();
    let mut ask = |asked, number| ledger.ask(&refresh(&confidential(), 2 + REFRESH, Some(asked), number)).map(|_| ());
    assert_eq!(ask("a b c", 3), Err(DecisionError::ScopeTooWide));
    assert_eq!(ask("a", 4), Ok(()));
    assert_eq!(ask("b a", 5), Ok(()), "a narrower scope once loses nothing");
}

#[test]
fn rotated_refresh_token_is_consumed_and_the_next_lives_no_longer() {
    let (mut ledger, first) = exchanged(&public());
    let until = ledger.tokens[2].expires_at;
    ledger.pass(60_000_000);
    let (reply, _) = ledger.run(&rotate(&public(), first, 3));
    assert!(issued(reply).refresh.is_some());
    assert_eq!(ledger.statuses()[1..], [Status::Valid, Status::Consumed, Status::Valid, Status::Valid]);
    assert_eq!(ledger.tokens[4].expires_at, until);
}

#[test]
fn rotation_with_a_narrower_scope_keeps_the_scope_of_the_refresh_token() {
    let (mut ledger, first) = exchanged(&public());
    let (reply, _) = ledger.run(&refresh(&public(), first, Some("a"), 3));
    let issued = issued(reply);
    let scopes = [Some(&issued.access), issued.refresh.as_ref()].map(|verdict| verdict.unwrap().facts.scope.clone());
    assert_eq!(scopes, [Some(scope("a")), Some(scope("a b c"))]);
}

#[test]
fn rotated_refresh_token_gets_the_same_answer_within_its_grace_period() {
    let (mut ledger, first) = exchanged(&public());
    let request = rotate(&public(), first, 3);
    let (reply, _) = ledger.run(&request);
    ledger.pass(i64::from(GRACE) * 1_000_000);
    let before = ledger.clone();
    let (again, _) = ledger.run(&rotate(&public(), first, 4));
    assert_eq!(again, Reply { replayed: Some(request.minted), ..reply });
    assert_eq!(ledger, before);
}

#[test]
fn rotated_refresh_token_with_its_idempotency_key_gets_the_same_answer_after_its_grace_period() {
    let (mut ledger, first) = exchanged(&public());
    let request = rotate_with_key(&public(), first, "key", 3);
    let (reply, _) = ledger.run(&request);
    ledger.pass(i64::from(GRACE + 1) * 1_000_000);
    let (again, changes) = ledger.run(&rotate_with_key(&public(), first, "key", 4));
    assert_eq!(again, Reply { replayed: Some(request.minted), ..reply });
    assert!(changes.is_empty());
    let (other, _) = ledger.run(&rotate_with_key(&public(), first, "another key", 5));
    assert!(is_replayed(&other), "{other:?}");
}

#[test]
fn rotated_refresh_token_after_its_grace_period_revokes_its_family() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotate(&public(), first, 3));
    ledger.run(&rotate(&public(), 3 + REFRESH, 4));
    ledger.pass(i64::from(GRACE + 1) * 1_000_000);
    for number in 5..8 {
        let outcome = ledger.ask(&rotate(&public(), first, number));
        assert!(matches!(outcome, Ok(Granted::Replayed(_)) | Err(DecisionError::TokenNotActive(_))), "{outcome:?}");
        assert_eq!(events(&ledger, "token.replayed"), 1);
        assert!(is_all_dead(&ledger), "{:?}", ledger.statuses());
    }
    let newest = ledger.ask(&rotate(&public(), 4 + REFRESH, 9));
    assert!(matches!(newest, Err(DecisionError::TokenNotActive(_))), "{newest:?}");
}

#[test]
fn rotated_refresh_token_after_the_revocation_of_its_access_token_revokes_its_family() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotate(&public(), first, 3));
    ledger.run(&revoke(&public(), TokenKind::AccessToken, 3));
    ledger.pass(i64::from(GRACE + 1) * 1_000_000);
    let (reply, _) = ledger.run(&rotate(&public(), first, 5));
    assert!(is_replayed(&reply), "{reply:?}");
    assert_eq!(events(&ledger, "token.replayed"), 1);
    assert!(is_all_dead(&ledger), "{:?}", ledger.statuses());
}

#[test]
fn rotated_refresh_token_whose_successor_was_used_revokes_its_family_within_the_grace_period() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotate(&public(), first, 3));
    ledger.run(&rotate(&public(), 3 + REFRESH, 4));
    let (reply, _) = ledger.run(&rotate(&public(), first, 5));
    assert!(is_replayed(&reply), "the answer did not get lost: {reply:?}");
}

#[test]
fn revoking_a_replaced_refresh_token_revokes_its_family_with_one_event() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotate(&public(), first, 3));
    ledger.events.clear();
    for _ in 0..2 {
        let (reply, _) = ledger.run(&revoke(&public(), TokenKind::RefreshToken, first));
        let revoked = reply.outcome.unwrap().unwrap();
        assert_eq!((revoked.previous, revoked.verdict.status()), (Status::Consumed, Status::Consumed));
        assert!(is_all_dead(&ledger), "{:?}", ledger.statuses());
        assert_eq!(ledger.event_log(), [("token.revoked", "app:mail")]);
        assert_eq!(ledger.events[0].token_id, Some(token_id(first)));
        assert_eq!(ledger.cutoffs.len(), 1);
    }
}

#[test]
fn no_answer_is_given_again_while_the_connection_is_disabled() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotate(&public(), first, 3));
    let id = ledger.connections[0].id.clone();
    ledger.as_root(SetConnectionEnabled { id, switch: Switch::Disable, reason: None }, 4).unwrap();
    let outcome = ledger.ask(&rotate(&public(), first, 5));
    assert!(matches!(outcome, Err(DecisionError::InvalidConnectionState(_))), "{outcome:?}");
    assert_eq!(events(&ledger, "token.replayed"), 0);
}

#[test]
fn revoking_a_refresh_token_revokes_its_family_and_an_access_token_only_itself() {
    let (mut ledger, token) = exchanged(&confidential());
    ledger.run(&refresh(&confidential(), token, None, 3));
    ledger.events.clear();
    ledger.run(&revoke(&confidential(), TokenKind::AccessToken, 2));
    assert_eq!(ledger.statuses(), [Status::Consumed, Status::Revoked, Status::Valid, Status::Valid]);
    ledger.run(&revoke(&confidential(), TokenKind::RefreshToken, token));
    assert_eq!(ledger.statuses(), [Status::Consumed, Status::Revoked, Status::Revoked, Status::Revoked]);
    assert_eq!(ledger.connection_statuses(), [ConnectionStatus::Active]);
    assert_eq!(ledger.event_log(), [("token.revoked", "app:crm"), ("token.revoked", "app:crm")]);
}

#[test]
fn revoking_a_consumed_code_leaves_the_tokens_that_it_issued() {
    let (mut ledger, _) = exchanged(&confidential());
    let before = ledger.clone();
    let revoked = ledger.as_root(RevokeToken { token: secret(TokenKind::ConnectionToken, 1), reason: None }, 0);
    assert_eq!(revoked.unwrap().previous, Status::Consumed);
    assert_eq!(ledger, before);
}

#[test]
fn client_learns_nothing_of_the_tokens_of_another_client_and_revokes_none() {
    let (mut ledger, token) = exchanged(&confidential());
    let before = ledger.clone();
    let token_ref = || secret(TokenKind::RefreshToken, token);
    let introspect = |client: &App| by_client(client, IntrospectToken { token: token_ref() }, 3);
    assert_eq!(ledger.ask(&introspect(&public())), Ok(None));
    assert_eq!(ledger.ask(&revoke(&public(), TokenKind::RefreshToken, token)), Err(DecisionError::WrongClient));
    let id: TokenId = ledger.ask(&introspect(&confidential())).unwrap().unwrap().token_id;
    assert_eq!(id, token_id(token));
    assert_eq!(ledger, before);
}

#[test]
fn only_access_and_refresh_tokens_are_introspected() {
    let (mut ledger, token) = exchanged(&confidential());
    ledger.tokens.push(kit::token(TokenKind::ApiKey, 9));
    let mut introspect = |kind, number| {
        let command = IntrospectToken { token: secret(kind, number) };
        ledger.as_root(command, 0).unwrap().map(|verdict| verdict.token_id)
    };
    assert_eq!(introspect(TokenKind::AccessToken, 2), Some(token_id(2)));
    assert_eq!(introspect(TokenKind::RefreshToken, token), None, "a resource server would take it for an access token");
    assert_eq!(introspect(TokenKind::ConnectionToken, 1), None);
    assert_eq!(introspect(TokenKind::ApiKey, 9), None, "an API key is not an OAuth token");
    assert_eq!(introspect(TokenKind::AccessToken, 10), None, "unknown");
    let id = ledger.connections[0].id.clone();
    ledger.as_root(SetConnectionEnabled { id, switch: Switch::Disable, reason: None }, 4).unwrap();
    let introspect = IntrospectToken { token: secret(TokenKind::AccessToken, 2) };
    let verdict = ledger.as_root(introspect, 0).unwrap().unwrap();
    assert_eq!(verdict.status(), Status::Inactive, "the Worker learns why the token is not active");
}

#[test]
fn holder_of_an_access_token_revokes_its_connection_in_the_name_of_the_app() {
    let (mut ledger, refresh_token) = exchanged(&confidential());
    ledger.events.clear();
    let leave = |kind, token| {
        let command = RevokeConnectionOfToken { token: secret(kind, token) };
        Request::plain(Principal::Holder, command)
    };
    let with_refresh_token = ledger.ask(&leave(TokenKind::RefreshToken, refresh_token));
    assert_eq!(with_refresh_token, Err(DecisionError::NotFound(Resource::Token)));
    let changed = ledger.ask(&leave(TokenKind::AccessToken, 2)).unwrap();
    assert_eq!(changed.verdict.status(), ConnectionStatus::Revoked);
    assert_eq!(ledger.event_log(), [("connection.revoked", "app:crm")]);
    let again = ledger.ask(&leave(TokenKind::AccessToken, 2));
    assert!(matches!(again, Err(DecisionError::TokenNotActive(_))), "{again:?}");
}

#[test]
fn client_secret_is_verified_and_its_predecessor_for_a_while() {
    let previous_secret = Some(PreviousSecret { digest: digest(9), valid_until: kit::second(60) });
    let app = App { previous_secret, ..confidential() };
    let table = [(Some(0), 1, true), (Some(9), 59, true), (Some(9), 60, false), (Some(8), 1, false), (None, 1, false)];
    for (secret, at, verified) in table {
        let secret: Option<Digest> = secret.map(digest);
        assert_eq!(app.verify_secret(secret.as_ref(), kit::second(at)), verified, "{secret:?} at {at}");
    }
    assert!(public().verify_secret(None, kit::second(1)));
    assert!(!public().verify_secret(Some(&digest(0)), kit::second(1)), "a public app has no secret");
    assert_eq!(public().app_id, app_id("mail"));
}
