//! Codes and refresh tokens: who may use them for what, and what comes of using them twice.

use hookswitch::core::app::ClientType;
use hookswitch::core::command::GrantAction;
use hookswitch::core::event::EventType;
use hookswitch::core::order::{Lifetimes, Order};
use hookswitch::core::request::Retry;
use hookswitch::core::target::TokenName;
use hookswitch::core::{
    Answer, App, Command, Digest, Outcome, Principal, Refusal, Request, Role, Scope, Status, TokenKind, pkce,
};

use crate::kit::{self, CALLBACK, SECOND, app_id, digest, profile, scope, user_id};
use crate::model::Ledger;
use crate::telling::deaths;

const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const GRACE: u32 = 30;

fn confidential() -> App {
    kit::app("crm", ClientType::Confidential)
}

fn public() -> App {
    kit::app("mail", ClientType::Public)
}

/// A ledger with a code for the app: the first thing minted.
fn ledger_with_code(app: &App, order: Order) -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    let order = Order { app_id: Some(app.app_id.clone()), ..order };
    let command = Command::Mint(user_id("owner"), order);
    let (answer, _) = ledger.run(&kit::about(app, &Principal::Root, command, 1));
    assert!(matches!(answer.outcome, Ok(Outcome::Minted(_))), "{answer:?}");
    ledger
}

fn code() -> Order {
    Order::plain(TokenKind::ConnectionToken, Some(600))
}

fn bound_code() -> Order {
    Order { code_challenge: pkce::parse_challenge(CHALLENGE).ok(), ..code() }
}

fn spend(client: &App, kind: TokenKind, token: u64, action: GrantAction, number: u64) -> Request {
    let command = Command::OfGrant(TokenName::Secret(kind, digest(token)), action);
    kit::about(client, &Principal::App(client.app_id.clone()), command, number)
}

fn exchange(client: &App, redirect_uri: Option<&str>, verifier: Option<&str>, number: u64) -> Request {
    let action = GrantAction::Exchange {
        redirect_uri: redirect_uri.map(str::to_owned),
        code_challenge: verifier.map(pkce::challenge),
        lifetimes: LIFETIMES,
    };
    spend(client, TokenKind::ConnectionToken, 1, action, number)
}

fn refresh(client: &App, token: u64, asked: Option<&str>, number: u64) -> Request {
    let action = GrantAction::Refresh { scope: asked.map(scope), lifetimes: LIFETIMES };
    spend(client, TokenKind::RefreshToken, token, action, number)
}

/// A refresh that may come again since its answer got lost, as the edge has it for whom tokens rotate.
fn rotating(client: &App, token: u64, number: u64) -> Request {
    let key = Digest::of_parts(&[b"refresh", digest(token).as_str().as_bytes()]);
    let retry = Some(Retry { request: key.clone(), key, grace: Some(GRACE) });
    Request { retry, ..refresh(client, token, None, number) }
}

fn statuses(ledger: &Ledger) -> Vec<Status> {
    ledger.standings().iter().map(hookswitch::core::Standing::status).collect()
}

fn replays(ledger: &Ledger) -> usize {
    ledger.events.iter().filter(|event| event.event_type == EventType::TokenReplayed).count()
}

/// A ledger whose code was exchanged: a code, an access token and a refresh token, the number of which is given.
fn exchanged(app: &App) -> (Ledger, u64) {
    let is_public = app.secret.is_none();
    let mut ledger = ledger_with_code(app, if is_public { bound_code() } else { code() });
    let (answer, _) = ledger.run(&exchange(app, None, is_public.then_some(VERIFIER), 2));
    assert!(matches!(answer.outcome, Ok(Outcome::Issued { refresh: Some(_), .. })), "{answer:?}");
    assert_eq!(statuses(&ledger), [Status::Consumed, Status::Valid, Status::Valid]);
    (ledger, 2 + SECOND)
}

#[test]
fn a_verifier_answers_to_its_challenge_as_in_the_rfc() {
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
fn a_code_is_exchanged_by_its_client_with_its_redirect_uri_and_its_verifier() {
    let redirected = || Order { redirect_uri: Some(CALLBACK.to_owned()), ..code() };
    let elsewhere = "https://elsewhere.example/";
    let (uri, verifier) = (Some(CALLBACK), Some(VERIFIER));
    let table = [
        // For whom it was minted, how, by whom it comes, with which URI and verifier: and whether that will do.
        (confidential(), code(), confidential(), None, None, Ok(())),
        (confidential(), code(), confidential(), uri, None, Ok(())),
        (confidential(), code(), confidential(), Some(elsewhere), None, Err(Refusal::RedirectUriMismatch)),
        (confidential(), code(), confidential(), None, verifier, Err(Refusal::VerifierMismatch)),
        (confidential(), redirected(), confidential(), uri, None, Ok(())),
        (confidential(), redirected(), confidential(), None, None, Err(Refusal::RedirectUriMismatch)),
        (confidential(), redirected(), confidential(), Some(elsewhere), None, Err(Refusal::RedirectUriMismatch)),
        (confidential(), bound_code(), confidential(), None, verifier, Ok(())),
        (confidential(), bound_code(), confidential(), None, None, Err(Refusal::VerifierMismatch)),
        (confidential(), bound_code(), confidential(), None, Some("wrong"), Err(Refusal::VerifierMismatch)),
        (confidential(), code(), public(), None, None, Err(Refusal::TokenUnknown)),
        (public(), bound_code(), public(), None, verifier, Ok(())),
        (public(), bound_code(), public(), None, None, Err(Refusal::VerifierMismatch)),
        (public(), bound_code(), public(), None, Some(CHALLENGE), Err(Refusal::VerifierMismatch)),
        (public(), code(), public(), None, None, Err(Refusal::VerifierMismatch)),
        (public(), code(), public(), None, verifier, Err(Refusal::VerifierMismatch)),
        (public(), bound_code(), confidential(), None, verifier, Err(Refusal::TokenUnknown)),
    ];
    for (app, order, client, uri, verifier, expected) in table {
        let mut ledger = ledger_with_code(&app, order.clone());
        let before = ledger.clone();
        let (answer, _) = ledger.run(&exchange(&client, uri, verifier, 2));
        let case = format!("{order:?} by {} with {uri:?} and {verifier:?}", client.app_id);
        assert_eq!(answer.outcome.clone().map(|_| ()), expected, "{case}");
        if expected.is_err() {
            assert_eq!(ledger, before, "{case}");
        }
    }
}

#[test]
fn a_code_that_comes_again_takes_along_what_it_issued_and_is_told_once() {
    for app in [confidential(), public()] {
        let verifier = app.secret.is_none().then_some(VERIFIER);
        let (mut ledger, _) = exchanged(&app);
        for number in 3..6 {
            ledger.pass(1_000_000);
            let (answer, _) = ledger.run(&exchange(&app, None, verifier, number));
            assert!(matches!(answer.outcome, Ok(Outcome::Replayed(_))), "{answer:?}");
            assert_eq!(statuses(&ledger), [Status::Consumed, Status::Revoked, Status::Revoked]);
            assert_eq!(replays(&ledger), 1);
        }
        assert_eq!(ledger.connection_statuses()[0].as_str(), "active", "the connection stays");
        while !ledger.sweep(1).is_empty() || !ledger.cutoffs.is_empty() {}
        assert_eq!(ledger.tokens.iter().map(|token| deaths(&ledger, &token.token_id).len()).max(), Some(1));
    }
}

#[test]
fn another_clients_use_of_a_spent_code_revokes_nothing() {
    let (mut ledger, refresh_token) = exchanged(&confidential());
    let before = ledger.clone();
    for request in [exchange(&public(), None, Some(VERIFIER), 3), refresh(&public(), refresh_token, None, 4)] {
        let (answer, _) = ledger.run(&request);
        assert_eq!(answer.outcome, Err(Refusal::TokenUnknown));
        assert_eq!(ledger, before);
    }
}

#[test]
fn the_refresh_token_of_a_confidential_client_stays_and_lives_on_from_its_use() {
    let (mut ledger, token) = exchanged(&confidential());
    for number in 3..6 {
        ledger.pass(3_600_000_000);
        let now = ledger.now();
        let (answer, _) = ledger.run(&refresh(&confidential(), token, Some("b"), number));
        let Ok(Outcome::Issued { access, refresh: None }) = answer.outcome else {
            panic!("{answer:?}");
        };
        assert_eq!(access.facts.scope.as_ref().map(Scope::as_str), Some("b"));
        assert_eq!(ledger.tokens[2].expires_at, Some(now.plus_seconds(86_400)));
    }
    assert_eq!(ledger.tokens.len(), 6);
    ledger.pass(86_400_000_000);
    let (answer, _) = ledger.run(&refresh(&confidential(), token, None, 9));
    assert!(matches!(answer.outcome, Err(Refusal::Dead(_))), "{answer:?}");
}

#[test]
fn a_refresh_gets_no_more_than_was_granted() {
    let mut ledger = ledger_with_code(&confidential(), Order { scope: Some(scope("a b")), ..code() });
    ledger.run(&exchange(&confidential(), None, None, 2));
    let asked = |ledger: &mut Ledger, asked: &str, number| {
        ledger.run(&refresh(&confidential(), 2 + SECOND, Some(asked), number)).0.outcome.map(|_| ())
    };
    assert_eq!(asked(&mut ledger, "a b c", 3), Err(Refusal::ScopeTooWide));
    assert_eq!(asked(&mut ledger, "a", 4), Ok(()));
    assert_eq!(asked(&mut ledger, "b a", 5), Ok(()), "to ask for less once is to lose nothing");
}

#[test]
fn a_public_clients_refresh_token_is_used_once_and_the_next_lives_no_longer() {
    let (mut ledger, first) = exchanged(&public());
    let until = ledger.tokens[2].expires_at;
    ledger.pass(60_000_000);
    let (answer, _) = ledger.run(&rotating(&public(), first, 3));
    assert!(matches!(answer.outcome, Ok(Outcome::Issued { refresh: Some(_), .. })), "{answer:?}");
    assert_eq!(statuses(&ledger)[1..], [Status::Valid, Status::Consumed, Status::Valid, Status::Valid]);
    assert_eq!(ledger.tokens[4].expires_at, until);
}

#[test]
fn a_rotated_refresh_token_gets_the_same_answer_within_its_grace() {
    let (mut ledger, first) = exchanged(&public());
    let request = rotating(&public(), first, 3);
    let (answer, _) = ledger.run(&request);
    ledger.pass(i64::from(GRACE) * 1_000_000);
    let before = ledger.clone();
    let (again, _) = ledger.run(&rotating(&public(), first, 4));
    assert_eq!(again, Answer { replayed: Some(request.minting), ..answer });
    assert_eq!(ledger, before);
}

#[test]
fn a_rotated_refresh_token_that_comes_after_its_grace_takes_its_family_along() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotating(&public(), first, 3));
    ledger.run(&rotating(&public(), 3 + SECOND, 4));
    ledger.pass((i64::from(GRACE) + 1) * 1_000_000);
    for number in 5..8 {
        let (answer, _) = ledger.run(&rotating(&public(), first, number));
        assert!(matches!(answer.outcome, Ok(Outcome::Replayed(_)) | Err(Refusal::Dead(_))), "{answer:?}");
        assert_eq!(replays(&ledger), 1);
        let alive = statuses(&ledger).iter().filter(|status| !status.is_terminal()).count();
        assert_eq!(alive, 0, "{:?}", statuses(&ledger));
    }
    let (answer, _) = ledger.run(&rotating(&public(), 4 + SECOND, 9));
    assert!(matches!(answer.outcome, Err(Refusal::Dead(_))), "the newest of the family is dead: {answer:?}");
}

#[test]
fn what_became_of_an_access_token_does_not_hide_that_a_refresh_token_was_stolen() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotating(&public(), first, 3));
    ledger.run(&spend(&public(), TokenKind::AccessToken, 3, GrantAction::Revoke, 4));
    ledger.pass((i64::from(GRACE) + 1) * 1_000_000);
    let (answer, _) = ledger.run(&rotating(&public(), first, 5));
    assert!(matches!(answer.outcome, Ok(Outcome::Replayed(_))), "{answer:?}");
    assert_eq!(replays(&ledger), 1);
    assert!(statuses(&ledger).iter().all(|status| status.is_terminal()), "{:?}", statuses(&ledger));
}

#[test]
fn a_refresh_token_whose_successor_was_used_is_no_lost_answer() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotating(&public(), first, 3));
    ledger.run(&rotating(&public(), 3 + SECOND, 4));
    let (answer, _) = ledger.run(&rotating(&public(), first, 5));
    assert!(matches!(answer.outcome, Ok(Outcome::Replayed(_))), "still within its grace: {answer:?}");
}

#[test]
fn a_refresh_token_that_was_replaced_is_revoked_with_what_came_in_its_place() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotating(&public(), first, 3));
    ledger.run(&spend(&public(), TokenKind::RefreshToken, first, GrantAction::Revoke, 4));
    assert!(statuses(&ledger).iter().all(|status| status.is_terminal()), "{:?}", statuses(&ledger));
}

#[test]
fn nothing_is_given_out_again_while_the_connection_is_off() {
    let (mut ledger, first) = exchanged(&public());
    ledger.run(&rotating(&public(), first, 3));
    let id = ledger.connections[0].id.clone();
    let off = Command::OfConnection(id, hookswitch::core::command::Action::Disable(None));
    ledger.run(&kit::once(&Principal::Root, off, 4));
    let (answer, _) = ledger.run(&rotating(&public(), first, 5));
    assert!(matches!(answer.outcome, Err(Refusal::ConnectionIs(_))), "{answer:?}");
    assert_eq!(replays(&ledger), 0);
}

#[test]
fn a_refresh_token_that_is_revoked_takes_its_family_along_and_an_access_token_only_itself() {
    let retract = |kind, token, number| spend(&confidential(), kind, token, GrantAction::Revoke, number);
    let (mut ledger, token) = exchanged(&confidential());
    ledger.run(&refresh(&confidential(), token, None, 3));
    ledger.run(&retract(TokenKind::AccessToken, 2, 4));
    assert_eq!(statuses(&ledger), [Status::Consumed, Status::Revoked, Status::Valid, Status::Valid]);
    ledger.run(&retract(TokenKind::RefreshToken, token, 5));
    assert_eq!(statuses(&ledger), [Status::Consumed, Status::Revoked, Status::Revoked, Status::Revoked]);
    assert_eq!(ledger.connection_statuses()[0].as_str(), "active");
}

#[test]
fn a_client_learns_and_ends_nothing_of_anothers() {
    let (mut ledger, token) = exchanged(&confidential());
    let before = ledger.clone();
    let ask = |action| spend(&public(), TokenKind::RefreshToken, token, action, 3);
    assert_eq!(ledger.run(&ask(GrantAction::Introspect)).0.outcome, Ok(Outcome::Nothing));
    assert_eq!(ledger.run(&ask(GrantAction::Revoke)).0.outcome, Err(Refusal::TokenOfAnother));
    assert_eq!(ledger, before);
}

#[test]
fn a_secret_admits_its_app_and_the_one_before_it_for_a_while() {
    let app = App { previous_secret: Some((digest(9), kit::second(60))), ..confidential() };
    let table = [
        (&app, Some(0), 1, true),
        (&app, Some(9), 59, true),
        (&app, Some(9), 60, false),
        (&app, Some(8), 1, false),
        (&app, None, 1, false),
    ];
    for (app, secret, at, admitted) in table {
        let secret: Option<Digest> = secret.map(digest);
        assert_eq!(app.admits(secret.as_ref(), kit::second(at)), admitted, "{secret:?} at {at}");
    }
    assert!(public().admits(None, kit::second(1)));
    assert!(!public().admits(Some(&digest(0)), kit::second(1)), "a public app has no secret to come with");
    assert_eq!(public().app_id, app_id("mail"));
}
