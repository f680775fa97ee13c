//! The link page: each link is answered once, and the code that an approval creates works like any code.

use hookswitch::core::app::ClientType;
use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::decide::connections::{RevokeConnection, SetConnectionEnabled, Switch};
use hookswitch::core::decide::grants::{ExchangeCode, Granted};
use hookswitch::core::decide::link::{ApproveLink, DeclineLink, LinkApproved};
use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::params::{Lifetimes, MintParams};
use hookswitch::core::{
    App, Command, ConnectionStatus, DecisionError, Digest, Principal, Reply, Request, Resource, Role, Status,
    TokenKind, TokenRef, pkce,
};

use crate::kit::{self, CALLBACK, app_id, profile, scope, secret, user_id};
use crate::ledger::{Ledger, Runnable};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The validity of a code, in seconds.
const CODE_TTL: i64 = 300;

fn app() -> App {
    kit::app("crm", ClientType::Public)
}

/// The parameters of a link that leads back to the app.
fn params() -> MintParams {
    MintParams {
        app_id: Some(app_id("crm")),
        scope: Some(scope("a b")),
        redirect_uri: Some(CALLBACK.to_owned()),
        code_challenge: Some(pkce::challenge(VERIFIER)),
        label: Some("label".to_owned()),
        ..kit::connection_token(600)
    }
}

fn mint(params: MintParams, number: u64) -> Request<MintToken> {
    kit::request_with(&app(), &Principal::Root, MintToken { user_id: user_id("owner"), params }, number)
}

/// A ledger with a link: the token with number 1.
fn ledger(params: MintParams) -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    ledger.ask(&mint(params, 1)).unwrap();
    ledger
}

fn link(number: u64) -> TokenRef {
    secret(TokenKind::ConnectionToken, number)
}

fn approve() -> ApproveLink {
    ApproveLink { token: link(1), app_id: Some(app_id("crm")) }
}

fn decline() -> DeclineLink {
    DeclineLink { token: link(1), app_id: Some(app_id("crm")) }
}

/// A request of the holder of the link.
fn by_holder<C: Command>(command: C, number: u64) -> Request<C> {
    kit::request_with(&app(), &Principal::Holder, command, number)
}

/// The same request, sent from a page that was opened once.
fn from_page<C: Command>(page: &str, command: C, number: u64) -> Request<C> {
    let key = Digest::of_parts(&[page.as_bytes(), C::NAME.as_bytes()]);
    let idempotency = Some(IdempotencyKey { request: key.clone(), key, grace: None });
    Request { idempotency, ..by_holder(command, number) }
}

fn exchange(code: u64, number: u64) -> Request<ExchangeCode> {
    let command = ExchangeCode {
        code: link(code),
        redirect_uri: Some(CALLBACK.to_owned()),
        code_challenge: Some(pkce::challenge(VERIFIER)),
        lifetimes: Lifetimes { access: 3_600, refresh: Some(86_400) },
    };
    kit::request_with(&app(), &Principal::App(app_id("crm")), command, number)
}

/// Whether the outcome is that the link was consumed before.
fn is_consumed<O>(outcome: &Result<O, DecisionError>) -> bool {
    matches!(outcome, Err(DecisionError::TokenNotActive(verdict)) if verdict.status() == Status::Consumed)
}

#[test]
fn approval_consumes_the_link_and_creates_a_code_with_its_restrictions() {
    let mut ledger = ledger(params());
    let Ok(LinkApproved::Code(code)) = ledger.ask(&by_holder(approve(), 2)) else { panic!("no code") };
    assert_eq!(ledger.statuses(), [Status::Consumed, Status::Valid]);
    assert_eq!(ledger.connection_statuses(), [ConnectionStatus::Active]);
    let [link, created] = &ledger.tokens[..] else { panic!("{:?}", ledger.tokens) };
    assert_eq!(created.expires_at.map(|at| at.seconds_since(created.created_at)), Some(CODE_TTL));
    assert_eq!(created.grant.code_challenge, link.grant.code_challenge);
    assert_eq!((&code.facts.app_id, &code.facts.scope), (&link.facts.app_id, &link.facts.scope));
    assert_eq!(code.facts.redirect_uri.as_deref(), Some(CALLBACK));
    assert_eq!(code.facts.connection_id, link.facts.connection_id);
    assert_eq!(code.facts.label, None, "the label of the link stays with the link");
    assert_eq!(
        ledger.event_log(),
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
fn code_is_exchanged_once_and_a_second_use_of_the_link_revokes_nothing() {
    let mut ledger = ledger(params());
    ledger.run(&from_page("one", approve(), 2));
    assert!(matches!(ledger.ask(&exchange(2, 3)), Ok(Granted::Issued(_))));
    let live = [Status::Consumed, Status::Consumed, Status::Valid, Status::Valid];
    assert_eq!(ledger.statuses(), live);
    let before = ledger.clone();
    for request in [by_holder(approve(), 4), from_page("two", approve(), 5), from_page("one", approve(), 6)] {
        let outcome = ledger.ask(&request);
        assert!(is_consumed(&outcome), "{outcome:?}");
    }
    let declined = ledger.ask(&from_page("one", decline(), 7));
    assert!(is_consumed(&declined), "{declined:?}");
    assert_eq!(ledger, before, "nothing is written");
    // The client itself may take the link for a code.
    let replayed = ledger.ask(&exchange(1, 8));
    assert!(matches!(replayed, Ok(Granted::Replayed(_))), "{replayed:?}");
    assert_eq!(ledger.statuses(), live);
    // A code that is presented again was stolen.
    assert!(matches!(ledger.ask(&exchange(2, 9)), Ok(Granted::Replayed(_))));
    assert_eq!(ledger.statuses()[2..], [Status::Revoked, Status::Revoked]);
}

/// Checks that a request and its repetition from the same page get the same answer.
fn assert_repeated<C: Runnable>(mut ledger: Ledger, command: &C) {
    let first = from_page("one", command.clone(), 2);
    let (reply, _) = ledger.run(&first);
    assert!(reply.outcome.is_ok(), "{reply:?}");
    ledger.pass(60_000_000);
    let before = ledger.clone();
    let (again, _) = ledger.run(&from_page("one", command.clone(), 3));
    assert_eq!(again, Reply { replayed: Some(first.minted), ..reply });
    assert_eq!(ledger, before);
}

#[test]
fn repeated_answer_from_the_same_page_gets_the_same_answer() {
    for params in [params(), MintParams { redirect_uri: None, ..params() }] {
        assert_repeated(ledger(params.clone()), &approve());
        assert_repeated(ledger(params), &decline());
    }
}

#[test]
fn unusable_code_is_not_given_again() {
    let connection = |ledger: &Ledger| ledger.connections[0].id.clone();
    let ends: [&dyn Fn(&mut Ledger); 4] = [
        &|ledger| ledger.pass((CODE_TTL + 1) * 1_000_000),
        &|ledger| assert!(ledger.ask(&exchange(2, 9)).is_ok()),
        &|ledger| {
            let id = connection(ledger);
            ledger.as_root(RevokeConnection { id, reason: None }, 9).unwrap();
        },
        &|ledger| {
            let id = connection(ledger);
            ledger.as_root(SetConnectionEnabled { id, switch: Switch::Disable, reason: None }, 9).unwrap();
        },
    ];
    for (number, end) in ends.iter().enumerate() {
        let mut ledger = ledger(params());
        ledger.run(&from_page("one", approve(), 2));
        end(&mut ledger);
        let outcome = ledger.ask(&from_page("one", approve(), 3));
        assert!(is_consumed(&outcome), "{number}: {outcome:?}");
    }
}

#[test]
fn approval_of_a_link_without_an_app_or_a_redirect_uri_creates_no_code() {
    let without_app = kit::connection_token(600);
    let uri_alone = MintParams { redirect_uri: Some("https://nobody.example/".to_owned()), ..without_app.clone() };
    let without_uri = MintParams { redirect_uri: None, ..params() };
    for params in [without_app, uri_alone, without_uri] {
        let mut ledger = ledger(params);
        let outcome = ledger.ask(&by_holder(approve(), 2));
        assert!(matches!(outcome, Ok(LinkApproved::Consumed(_))), "{outcome:?}");
        assert_eq!(ledger.statuses(), [Status::Consumed]);
    }
}

#[test]
fn approval_is_refused_if_the_app_is_gone_or_has_removed_the_redirect_uri() {
    let mut moved = app();
    moved.registration.redirect_uris = vec![format!("{CALLBACK}/")];
    let other = kit::app("mail", ClientType::Public);
    let table = [
        (Some(moved), DecisionError::RedirectUriUnregistered),
        (Some(other), DecisionError::NotFound(Resource::App)),
        (None, DecisionError::NotFound(Resource::App)),
    ];
    for (app, error) in table {
        let mut ledger = ledger(params());
        let before = ledger.clone();
        let outcome = ledger.ask(&Request { app, ..by_holder(approve(), 2) });
        assert_eq!(outcome, Err(error));
        assert_eq!(ledger, before);
    }
}

#[test]
fn declining_revokes_the_link_in_the_name_of_the_user_with_a_reason() {
    let mut ledger = ledger(params());
    let declined = ledger.ask(&by_holder(decline(), 2)).unwrap();
    let death = declined.verdict.state.death().unwrap();
    let by = death.by.as_ref().map(hookswitch::core::Actor::as_str);
    assert_eq!((by, death.reason.as_deref()), (Some("owner"), Some("The user declined.")));
    let approved = ledger.ask(&by_holder(approve(), 3));
    let is_revoked = matches!(&approved, Err(DecisionError::TokenNotActive(dead)) if dead.status() == Status::Revoked);
    assert!(is_revoked, "{approved:?}");
    assert_eq!(ledger.event_log()[2..], [("token.revoked", "owner")]);
}

/// The outcome for a caller or a name that does not answer the link.
fn refused<C: Runnable>(request: &Request<C>) -> Result<(), DecisionError> {
    ledger(params()).ask(request).map(|_| ())
}

#[test]
fn only_the_holder_of_the_secret_answers_a_link() {
    let others = [
        Principal::Root,
        Principal::App(app_id("crm")),
        kit::principal("owner", Role::Admin, &[]),
        kit::principal("other", Role::Member, &[]),
    ];
    let unknown = Err(DecisionError::NotFound(Resource::Token));
    for principal in others {
        let approve = Request { principal: principal.clone(), ..by_holder(approve(), 2) };
        assert_eq!(refused(&approve), unknown, "{principal:?}");
        let decline = Request { principal: principal.clone(), ..by_holder(decline(), 2) };
        assert_eq!(refused(&decline), unknown, "{principal:?}");
    }
    // A public id is not a secret.
    assert_eq!(refused(&by_holder(ApproveLink { token: kit::public(1), ..approve() }, 2)), unknown);
    assert_eq!(refused(&by_holder(DeclineLink { token: kit::public(1), ..decline() }, 2)), unknown);
}

#[test]
fn link_of_a_disabled_connection_is_not_approved_and_stays_valid() {
    let mut ledger = ledger(params());
    ledger.run(&by_holder(approve(), 2));
    ledger.ask(&mint(params(), 3)).unwrap();
    let id = ledger.connections[0].id.clone();
    ledger.as_root(SetConnectionEnabled { id, switch: Switch::Disable, reason: None }, 4).unwrap();
    let before = ledger.clone();
    let outcome = ledger.ask(&by_holder(ApproveLink { token: link(3), ..approve() }, 5));
    assert!(matches!(outcome, Err(DecisionError::InvalidConnectionState(_))), "{outcome:?}");
    assert_eq!(ledger, before);
}
