//! The link page's answers: once, for ever, told once; and a code that does for a client what a code does.

use hookswitch::core::app::ClientType;
use hookswitch::core::command::{Action, Consent, GrantAction};
use hookswitch::core::event::EventType;
use hookswitch::core::order::{Lifetimes, Order};
use hookswitch::core::request::Retry;
use hookswitch::core::target::TokenName;
use hookswitch::core::{
    Answer, App, Command, ConnectionStatus, Digest, Outcome, Principal, Refusal, Request, Role, Status, TokenKind, pkce,
};

use crate::kit::{self, CALLBACK, app_id, digest, profile, scope, user_id};
use crate::model::Ledger;

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// How long a code lives, in seconds.
const CODE_TTL: i64 = 300;

fn app() -> App {
    kit::app("crm", ClientType::Public)
}

/// A link that leads back to the app.
fn order() -> Order {
    Order {
        app_id: Some(app_id("crm")),
        scope: Some(scope("a b")),
        redirect_uri: Some(CALLBACK.to_owned()),
        code_challenge: Some(pkce::challenge(VERIFIER)),
        label: Some("label".to_owned()),
        ..Order::plain(TokenKind::ConnectionToken, Some(600))
    }
}

/// A ledger with one token, the first thing minted.
fn ledger(order: Order) -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    let command = Command::Mint(user_id("owner"), order);
    let (answer, _) = ledger.run(&kit::about(&app(), &Principal::Root, command, 1));
    assert!(matches!(answer.outcome, Ok(Outcome::Minted(_))), "{answer:?}");
    ledger
}

fn link(number: u64) -> TokenName {
    TokenName::Secret(TokenKind::ConnectionToken, digest(number))
}

fn say(consent: Consent, number: u64) -> Request {
    let command = Command::OfConsent(link(1), consent, Some(app_id("crm")));
    kit::about(&app(), &Principal::Holder, command, number)
}

/// The same, as the answer of a page.
fn say_at(page: &str, consent: Consent, number: u64) -> Request {
    let key = Digest::of_parts(&[page.as_bytes(), consent.as_str().as_bytes()]);
    Request { retry: Some(Retry { request: key.clone(), key, grace: None }), ..say(consent, number) }
}

fn exchange(code: u64, number: u64) -> Request {
    let action = GrantAction::Exchange {
        redirect_uri: Some(CALLBACK.to_owned()),
        code_challenge: Some(pkce::challenge(VERIFIER)),
        lifetimes: Lifetimes { access: 3_600, refresh: Some(86_400) },
    };
    kit::about(&app(), &Principal::App(app_id("crm")), Command::OfGrant(link(code), action), number)
}

fn statuses(ledger: &Ledger) -> Vec<Status> {
    ledger.standings().iter().map(hookswitch::core::Standing::status).collect()
}

fn told(ledger: &Ledger) -> Vec<(&'static str, &str)> {
    ledger.events.iter().map(|event| (event.event_type.as_str(), event.actor.as_str())).collect()
}

/// What a link that was used before is answered.
fn is_consumed(answer: &Answer) -> bool {
    matches!(&answer.outcome, Err(Refusal::Dead(verdict)) if verdict.status() == Status::Consumed)
}

#[test]
fn an_approval_uses_the_link_and_mints_a_code_bound_as_the_link_was() {
    let mut ledger = ledger(order());
    let (answer, _) = ledger.run(&say(Consent::Approve, 2));
    let Ok(Outcome::Minted(code)) = answer.outcome else { panic!("{answer:?}") };
    assert_eq!(statuses(&ledger), [Status::Consumed, Status::Valid]);
    assert_eq!(ledger.connection_statuses(), [ConnectionStatus::Active]);
    let [link, minted] = &ledger.tokens[..] else { panic!("{:?}", ledger.tokens) };
    assert_eq!(minted.expires_at.map(|at| at.seconds_since(minted.created_at)), Some(CODE_TTL));
    assert_eq!(minted.grant.code_challenge, link.grant.code_challenge);
    assert_eq!((&code.facts.app_id, &code.facts.scope), (&link.facts.app_id, &link.facts.scope));
    assert_eq!(code.facts.redirect_uri.as_deref(), Some(CALLBACK));
    assert_eq!(code.facts.connection_id, link.facts.connection_id);
    assert_eq!(code.facts.label, None, "what the link's owner keeps with it is not the code's");
    assert_eq!(
        told(&ledger),
        [
            ("connection.created", "root"),
            ("token.created", "root"),
            ("token.consumed", "owner"),
            ("connection.activated", "owner"),
            ("token.created", "owner"),
        ]
    );
}

#[test]
fn the_code_is_exchanged_once_and_the_link_that_comes_again_ends_nothing() {
    let mut ledger = ledger(order());
    ledger.run(&say_at("one", Consent::Approve, 2));
    let (answer, _) = ledger.run(&exchange(2, 3));
    assert!(matches!(answer.outcome, Ok(Outcome::Issued { .. })), "{answer:?}");
    let live = [Status::Consumed, Status::Consumed, Status::Valid, Status::Valid];
    assert_eq!(statuses(&ledger), live);
    let before = ledger.clone();
    for request in [
        say(Consent::Approve, 4),
        say_at("two", Consent::Approve, 5),
        say_at("one", Consent::Approve, 6),
        say_at("one", Consent::Decline, 7),
    ] {
        let (answer, _) = ledger.run(&request);
        assert!(is_consumed(&answer), "{answer:?}");
        assert_eq!(ledger, before, "nothing is written");
    }
    // Not even where the client itself takes the link for a code.
    let (answer, _) = ledger.run(&exchange(1, 8));
    assert!(matches!(answer.outcome, Ok(Outcome::Replayed(_))), "{answer:?}");
    assert_eq!(statuses(&ledger), live);
    // While the code that comes again was stolen.
    ledger.run(&exchange(2, 9));
    assert_eq!(statuses(&ledger)[2..], [Status::Revoked, Status::Revoked]);
}

#[test]
fn the_same_answer_of_the_same_page_is_answered_as_before() {
    for consent in [Consent::Approve, Consent::Decline] {
        for order in [order(), Order { redirect_uri: None, ..order() }] {
            let mut ledger = ledger(order);
            let first = say_at("one", consent, 2);
            let (answer, _) = ledger.run(&first);
            ledger.pass(60_000_000);
            let before = ledger.clone();
            let (again, _) = ledger.run(&say_at("one", consent, 3));
            assert_eq!(again, Answer { replayed: Some(first.minting), ..answer });
            assert_eq!(ledger, before);
        }
    }
}

#[test]
fn a_code_that_cannot_be_used_any_more_is_not_given_out_again() {
    let off = |ledger: &mut Ledger, action: Action| {
        let id = ledger.connections[0].id.clone();
        ledger.run(&kit::once(&Principal::Root, Command::OfConnection(id, action), 9));
    };
    let ends: [&dyn Fn(&mut Ledger); 4] = [
        &|ledger| ledger.pass((CODE_TTL + 1) * 1_000_000),
        &|ledger| {
            ledger.run(&exchange(2, 9));
        },
        &|ledger| off(ledger, Action::Revoke(None)),
        &|ledger| off(ledger, Action::Disable(None)),
    ];
    for (number, end) in ends.iter().enumerate() {
        let mut ledger = ledger(order());
        ledger.run(&say_at("one", Consent::Approve, 2));
        end(&mut ledger);
        let (answer, _) = ledger.run(&say_at("one", Consent::Approve, 3));
        assert!(is_consumed(&answer), "{number}: {answer:?}");
    }
}

#[test]
fn a_link_without_an_app_or_a_redirect_uri_is_used_and_mints_nothing() {
    let without_app = Order::plain(TokenKind::ConnectionToken, Some(600));
    let uri_alone = Order { redirect_uri: Some("https://nobody.example/".to_owned()), ..without_app.clone() };
    let without_uri = Order { redirect_uri: None, ..order() };
    for order in [without_app, uri_alone, without_uri] {
        let mut ledger = ledger(order);
        let (answer, _) = ledger.run(&say(Consent::Approve, 2));
        assert!(matches!(answer.outcome, Ok(Outcome::Consumed(..))), "{answer:?}");
        assert_eq!(statuses(&ledger), [Status::Consumed]);
    }
}

#[test]
fn nothing_is_done_where_the_app_does_not_take_its_users_back_any_more() {
    let mut moved = app();
    moved.registration.redirect_uris = vec![format!("{CALLBACK}/")];
    let other = kit::app("mail", ClientType::Public);
    let table = [
        (Some(moved), Refusal::RedirectUriUnregistered),
        (Some(other), Refusal::AppUnknown),
        (None, Refusal::AppUnknown),
    ];
    for (app, refusal) in table {
        let mut ledger = ledger(order());
        let before = ledger.clone();
        let (answer, _) = ledger.run(&Request { app, ..say(Consent::Approve, 2) });
        assert_eq!(answer.outcome, Err(refusal));
        assert_eq!(ledger, before);
    }
}

#[test]
fn whoever_declines_revokes_the_link_as_its_user_with_a_reason() {
    let mut ledger = ledger(order());
    let (answer, _) = ledger.run(&say(Consent::Decline, 2));
    let Ok(Outcome::Revoked { verdict, .. }) = answer.outcome else { panic!("{answer:?}") };
    let end = verdict.standing.end().unwrap();
    assert_eq!((end.by.as_str(), end.reason.as_deref()), ("owner", Some("The user declined.")));
    let (answer, _) = ledger.run(&say(Consent::Approve, 3));
    assert!(matches!(&answer.outcome, Err(Refusal::Dead(dead)) if dead.status() == Status::Revoked), "{answer:?}");
    assert_eq!(ledger.events.iter().filter(|event| event.event_type == EventType::TokenRevoked).count(), 1);
}

#[test]
fn only_the_holder_of_a_connection_token_answers_at_its_page() {
    let everyone = [
        Principal::Root,
        Principal::App(app_id("crm")),
        kit::principal("owner", Role::Admin, &[]),
        kit::principal("other", Role::Member, &[]),
    ];
    for consent in Consent::ALL {
        for principal in &everyone {
            let mut ledger = ledger(order());
            let (answer, _) = ledger.run(&Request { principal: principal.clone(), ..say(*consent, 2) });
            assert_eq!(answer.outcome, Err(Refusal::TokenUnknown), "{principal:?}");
        }
        // The public name of a token is no token.
        let mut ledger = ledger(order());
        let named = TokenName::Public(ledger.tokens[0].token_id.clone());
        let command = Command::OfConsent(named, *consent, Some(app_id("crm")));
        let (answer, _) = ledger.run(&kit::about(&app(), &Principal::Holder, command, 2));
        assert_eq!(answer.outcome, Err(Refusal::TokenUnknown));
    }
}

#[test]
fn while_the_connection_is_off_nothing_is_approved_and_the_link_stays_as_it_is() {
    let mut ledger = ledger(order());
    ledger.run(&say(Consent::Approve, 2));
    // Another link, to the connection that is there by now.
    let command = Command::Mint(user_id("owner"), order());
    ledger.run(&kit::about(&app(), &Principal::Root, command, 3));
    let id = ledger.connections[0].id.clone();
    ledger.run(&kit::once(&Principal::Root, Command::OfConnection(id, Action::Disable(None)), 4));
    let before = ledger.clone();
    let second = Command::OfConsent(link(3), Consent::Approve, Some(app_id("crm")));
    let (answer, _) = ledger.run(&kit::about(&app(), &Principal::Holder, second, 5));
    assert!(matches!(answer.outcome, Err(Refusal::ConnectionIs(_))), "{answer:?}");
    assert_eq!(ledger, before);
}
