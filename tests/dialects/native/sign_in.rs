//! Sign-in codes and sessions.

use hookswitch::core::{Digest, LedgerId, Role, Timestamp};
use hookswitch::operations::in_memory::Behaviour;
use hookswitch::operations::ledgers::LedgerClass;
use serde_json::json;

use super::members;
use crate::kit::{Answer, ROOT, Request, Service, forge, profile};

const CODES: &str = "/v1/sign-in-codes";
const SESSIONS: &str = "/v1/sessions";

impl Service {
    fn sign_in_code(&self) -> String {
        self.root(Request::post(CODES)).text("code")
    }

    /// Trades a code, without credentials.
    fn trade(&self, code: &str) -> Answer {
        self.send(&Request::post(SESSIONS).json(json!({ "code": code })))
    }
}

#[test]
fn code_is_traded_once_for_a_session_key_that_authenticates_as_root() {
    let service = Service::new();
    let created = service.root(Request::post(CODES));
    assert_eq!((created.status, members(&created.body)), (201, vec!["code".to_owned(), "expires_at".to_owned()]));
    assert_eq!(created.text("expires_at"), "2026-11-21T07:33:23.000000Z");
    assert!(!created.text("code").contains(ROOT));

    let session = service.trade(&created.text("code"));
    assert_eq!((session.status, members(&session.body).join(" ")), (201, "session_key expires_at".to_owned()));
    assert_eq!(session.text("expires_at"), "2026-11-21T19:28:23.000000Z");
    let key = session.text("session_key");
    let put = service.send(&Request::put("/v1/users/anna").bearer(&key).json(json!({ "role": "admin" })));
    assert_eq!(put.status, 201);
    let events = service.get("/v1/users/anna/events").json();
    assert_eq!(events["items"][0]["actor"], json!("root"));

    for spelling in [created.text("code"), created.text("code").to_ascii_uppercase().replace("HSC_", "hsc_")] {
        let again = service.trade(&spelling);
        assert_eq!((again.status, again.text("code").as_str()), (403, "sign_in_code_invalid"));
    }
    assert_ne!(service.trade(&service.sign_in_code()).text("session_key"), key);
}

#[test]
fn code_that_is_forged_or_expired_is_refused_without_a_ledger_call() {
    let service = Service::new();
    let code = service.sign_in_code();
    let session = service.trade(&service.sign_in_code()).text("session_key");
    service.platform.ledgers.take_calls();
    for wrong in [forge(&code), session, ROOT.to_owned(), String::new(), "hsc_".to_owned()] {
        let answer = service.trade(&wrong);
        assert_eq!((answer.status, answer.text("code").as_str()), (403, "sign_in_code_invalid"), "{wrong}");
        assert!(wrong.is_empty() || !answer.body.contains(&wrong));
    }
    service.clock.advance_seconds(300);
    assert_eq!(service.trade(&code).text("code"), "sign_in_code_invalid");
    assert!(service.platform.ledgers.take_calls().is_empty());
    for (body, errors) in [
        (json!({}), json!({ "code": "is required" })),
        (json!({ "code": null }), json!({ "code": "is required" })),
        (json!({ "code": 1 }), json!({ "code": "must be a string" })),
    ] {
        let answer = service.send(&Request::post(SESSIONS).json(body));
        assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors));
    }
    service.clock.advance_seconds(-1);
    assert_eq!(service.trade(&code).status, 201, "until its last second");
}

#[test]
fn code_is_not_traded_while_the_ledger_does_not_answer() {
    let service = Service::new();
    let code = service.sign_in_code();
    service.platform.ledgers.set_class(LedgerClass::Operator, Behaviour::down_after(0));
    assert_eq!(service.trade(&code).status, 503);
}

#[test]
fn only_the_root_key_itself_creates_codes() {
    let service = Service::new();
    let admin = service.api_key(&service.user_with("boss", profile(Role::Admin)));
    let session = service.trade(&service.sign_in_code()).text("session_key");
    for (key, status, code) in [
        (admin.as_str(), 403, "forbidden"),
        (&session, 403, "forbidden"),
        (&forge(&admin), 401, "unauthenticated"),
        (&forge(&session), 401, "unauthenticated"),
        ("root", 401, "unauthenticated"),
    ] {
        let answer = service.send(&Request::post(CODES).bearer(key));
        assert_eq!((answer.status, answer.text("code").as_str()), (status, code));
    }
    let answer = service.send(&Request::post(CODES));
    assert_eq!((answer.status, answer.text("code").as_str()), (401, "unauthenticated"));
}

#[test]
fn session_ends_after_12_hours_and_with_the_root_key() {
    let mut service = Service::new();
    let (code, session) = (service.sign_in_code(), service.trade(&service.sign_in_code()).text("session_key"));
    let list = || Request::get("/v1/providers").bearer(&session);
    assert_eq!(service.send(&list()).status, 200);
    service.config.root_key = Digest::of(b"a new root key");
    assert_eq!(service.send(&list()).status, 401);
    assert_eq!(service.trade(&code).status, 403);

    service.config.root_key = Digest::of(ROOT.as_bytes());
    service.clock.advance_seconds(43_199);
    assert_eq!(service.send(&list()).status, 200);
    service.clock.advance_seconds(1);
    assert_eq!(service.send(&list()).status, 401);
}

#[test]
fn session_key_works_where_an_administrators_key_does_in_other_dialects() {
    let service = Service::new();
    service.user("anna");
    let session = service.trade(&service.sign_in_code()).text("session_key");
    let list = Request::get("/v1/users/anna/connected_apps").basic("project-test-1", &session);
    assert_eq!(service.send(&list).status, 200);
}

#[test]
fn used_code_is_stored_until_it_expires() {
    let service = Service::new();
    service.trade(&service.sign_in_code());
    let ledgers = service.platform.ledgers.inner();
    let operator = ledgers.ledger(LedgerClass::Operator, LedgerId::of_operator()).unwrap();
    let expires_at = service.clock.now().plus_seconds(300);
    assert_eq!(operator.alarm().map(Timestamp::seconds), Some(expires_at.seconds()));
}
