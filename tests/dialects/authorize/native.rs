//! `/v1/authorizations`: the operator's backend reads, accepts and rejects a request.

use hookswitch::core::user::Role;
use serde_json::{Value, json};

use super::browser::{Browser, parameters};
use super::{request, request_with, service};
use crate::kit::{Answer, CALLBACK, ORIGIN, ROOT, Request, Service, profile};

fn get(service: &Service, challenge: &str, key: &str) -> Answer {
    service.send(&Request::get(&format!("/v1/authorizations/{challenge}")).bearer(key))
}

fn reject(service: &Service, challenge: &str, body: Value) -> Answer {
    service.send(&Request::post(&format!("/v1/authorizations/{challenge}/reject")).bearer(ROOT).json(body))
}

#[test]
fn the_sign_in_page_reads_what_the_app_asks_for() {
    let service = service();
    let app = service.app_with("web", |registration| registration.description = Some("A calendar".to_owned()));
    let more = [("resource", "https://a.example"), ("prompt", "login"), ("login_hint", "anna@example.com")];
    let challenge = Browser::new(&service).authorize(&request_with(&app, &more));
    let expected = json!({
        "app": {
            "app_id": "web",
            "name": "Acme",
            "description": "A calendar",
            "logo_url": null,
            "client_type": "confidential",
            "client_host": null,
        },
        "redirect_uri": CALLBACK,
        "redirect_host": "app.example",
        "scope": "read",
        "resource": ["https://a.example"],
        "prompt": ["login"],
        "login_hint": "anna@example.com",
        "expires_at": "2026-11-21T07:38:23.123000Z",
    });
    assert_eq!(get(&service, &challenge, ROOT).both(), (200, expected));
    service.clock.advance_seconds(600);
    for answer in [
        get(&service, &challenge, ROOT),
        service.accept_with(&challenge, json!({ "user_id": "anna" })),
        reject(&service, &challenge, json!({})),
    ] {
        assert_eq!((answer.status, answer.text("code").as_str()), (409, "authorization_expired"));
    }
}

#[test]
fn accepting_again_gets_the_same_answer_and_accepting_differently_is_refused() {
    let service = service();
    service.user("anna");
    let app = service.app("web");
    let challenge = Browser::new(&service).authorize(&request(&app));
    let acceptance = json!({ "user_id": "anna", "session_id": "session-1" });
    let accepted = service.accept_with(&challenge, acceptance.clone());
    assert!(
        accepted
            .text("redirect_to")
            .starts_with(&format!("{ORIGIN}/oauth/consent?challenge={challenge}&verifier=hct_"))
    );
    assert_eq!(accepted.text("expires_at"), "2026-11-21T07:38:23.123001Z");
    service.clock.advance_seconds(60);
    assert_eq!(service.accept_with(&challenge, acceptance.clone()).both(), accepted.both());
    let path = format!("/v1/authorizations/{challenge}/accept");
    let with_key = Request::post(&path).bearer(ROOT).header("idempotency-key", "k").json(acceptance);
    assert_eq!(service.send(&with_key).both(), accepted.both());
    for other in [
        json!({ "user_id": "anna" }),
        json!({ "user_id": "anna", "session_id": "session-2" }),
        json!({ "user_id": "anna", "session_id": "session-1", "scope": "read" }),
        json!({ "user_id": "anna", "session_id": "session-1", "consent_given": true }),
    ] {
        let refused = service.accept_with(&challenge, other);
        assert_eq!((refused.status, refused.text("code").as_str()), (409, "idempotency_conflict"));
    }
}

#[test]
fn the_connection_keeps_the_session_of_the_operator() {
    let service = service();
    service.user("anna");
    let app = service.app("web");
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&app));
    let acceptance = json!({ "user_id": "anna", "session_id": "a\"b", "consent_given": true });
    let accepted = service.accept_with(&challenge, acceptance);
    let (_, answer) = parameters(&browser.open(&accepted.text("redirect_to")));
    let connection_id = service.verdict(&answer[0].1).facts.connection_id.unwrap();
    let shown = service.send(&Request::get(&format!("/v1/connections/{connection_id}")).bearer(ROOT)).json();
    assert_eq!(shown["metadata"], json!({ "session_id": "a\"b" }));
}

#[test]
fn a_caller_accepts_only_for_users_that_it_may_write() {
    let service = service();
    let app = service.app("web");
    let (anna, ben) = (service.user("anna"), service.user("ben"));
    let nobody = service.user_with("none", profile(Role::None));
    let admin = service.user_with("admin", profile(Role::Admin));
    let challenge = Browser::new(&service).authorize(&request(&app));
    let accept = |key: &str, user_id: &str| {
        let path = format!("/v1/authorizations/{challenge}/accept");
        service.send(&Request::post(&path).bearer(key).json(json!({ "user_id": user_id }))).status
    };
    let (of_anna, of_nobody, of_admin) = (service.api_key(&anna), service.api_key(&nobody), service.api_key(&admin));
    assert_eq!((accept(&of_anna, ben.as_str()), accept(&of_anna, "unknown")), (403, 403));
    assert_eq!((accept(&of_nobody, "none"), get(&service, &challenge, &of_nobody).status), (403, 403));
    assert_eq!((accept(&of_anna, "anna"), accept(&of_admin, "ben"), accept(&of_admin, "unknown")), (200, 200, 404));
    assert_eq!(get(&service, &challenge, &of_anna).status, 200);
    let without = service.send(&Request::get(&format!("/v1/authorizations/{challenge}")));
    assert_eq!((without.status, without.text("code").as_str()), (401, "unauthenticated"));
    let mut unconnectable = profile(Role::Member);
    unconnectable.connectable = false;
    service.user_with("closed", unconnectable);
    assert_eq!(accept(&of_admin, "closed"), 403);
}

#[test]
fn a_rejection_is_an_error_for_the_app() {
    let service = service();
    let app = service.app("web");
    let challenge = Browser::new(&service).authorize(&request(&app));
    let tail = format!("&iss={}&state=s+t%26", "https%3A%2F%2Fhookswitch.example");
    for (body, expected) in [
        (json!({}), "error=access_denied".to_owned()),
        (
            json!({ "reason": "The account is closed." }),
            "error=access_denied&error_description=The+account+is+closed.".to_owned(),
        ),
        (json!({ "error": "login_required" }), "error=login_required".to_owned()),
    ] {
        let rejected = reject(&service, &challenge, body);
        assert_eq!(rejected.both(), (200, json!({ "redirect_to": format!("{CALLBACK}?{expected}{tail}") })));
    }
    for body in [json!({ "reason": "\"" }), json!({ "reason": "" }), json!({ "error": "x" }), json!({ "user_id": "a" })]
    {
        assert_eq!(reject(&service, &challenge, body).status, 400);
    }
}
