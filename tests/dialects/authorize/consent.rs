//! The consent page: shown, approved, declined and skipped.

use hookswitch::core::app::ClientType;
use hookswitch::core::user::{Profile, Role};
use hookswitch::core::{Scope, ScopeCatalogue};
use hookswitch::operations::Settings;
use serde_json::{Value, json};

use super::browser::{Browser, form, parameters};
use super::{LOGIN, request, request_with, service};
use crate::kit::{Answer, App, CALLBACK, ORIGIN, Request, Service, heading, profile};

/// Opens the consent page of a new request.
fn page<'s>(service: &'s Service, app: &App) -> (Browser<'s>, String, Answer) {
    let mut browser = Browser::new(service);
    let challenge = browser.authorize(&request(app));
    let url = service.accept(&challenge, "anna");
    let page = browser.open(&url);
    (browser, url, page)
}

fn anna() -> Service {
    let service = service();
    service.user("anna");
    service
}

/// The name and value of the first parameter of the redirect.
fn result(answer: &Answer) -> (String, String) {
    let (address, mut parameters) = parameters(answer);
    assert_eq!(address, CALLBACK);
    parameters.swap_remove(0)
}

fn error(code: &str) -> (String, String) {
    ("error".to_owned(), code.to_owned())
}

#[test]
fn the_page_shows_app_host_and_scopes_and_changes_nothing() {
    let service = anna();
    let app = service.app_with("web", |registration| {
        registration.name = "<b>Acme".to_owned();
        registration.scope_descriptions.insert("read".to_owned(), "Read your contacts".to_owned());
    });
    let (mut browser, url, page) = page(&service, &app);
    assert_eq!((page.status, heading(&page.body)), (200, "Connect &lt;b&gt;Acme?"));
    for part in
        ["Read your contacts <code>read</code>", "app.example", "hookswitch.example", "action=\"/oauth/consent\""]
    {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains("<code>write</code>") && !page.body.contains("<script"));
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(browser.open(&url).body, page.body);
}

#[test]
fn the_page_has_scopes_in_the_words_of_the_app_or_of_the_deployment() {
    let scopes = ScopeCatalogue::parse(r#"{"read": "Read <all>", "write": "Write", "admin": ""}"#).unwrap();
    let service = Service::with_settings(Settings { login_url: LOGIN.to_owned(), scopes, ..Settings::default() });
    service.user("anna");
    let app = service.app_with("web", |registration| {
        registration.scopes = Some(Scope::parse("read write admin").unwrap());
        registration.scope_descriptions.insert("write".to_owned(), "Change your events".to_owned());
    });
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request_with(&app, &[("scope", "read write admin")]));
    let page = browser.open(&service.accept(&challenge, "anna"));
    let list = "<ul><li>Read &lt;all&gt; <code>read</code></li><li>Change your events <code>write</code></li>\
        <li><code>admin</code></li></ul>";
    assert!(page.body.contains(list), "{}", page.body);
}

#[test]
fn a_refusal_is_an_error_for_the_app_and_ends_the_request() {
    let service = anna();
    let app = service.app("web");
    let (mut browser, url, page) = page(&service, &app);
    let declined = browser.press(&page, "decline");
    let expected = [("error", "access_denied"), ("iss", ORIGIN), ("state", "s t&")];
    assert_eq!(parameters(&declined).1, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(browser.press(&page, "decline"), declined);
    assert_eq!((browser.press(&page, "approve").status, browser.open(&url).status), (410, 410));
}

#[test]
fn an_approval_that_is_sent_twice_gets_the_same_code_until_the_code_is_used() {
    let service = anna();
    let app = service.app("web");
    let (mut browser, url, page) = page(&service, &app);
    let approved = browser.press(&page, "approve");
    let (_, code) = result(&approved);
    assert_eq!(browser.press(&page, "approve"), approved, "double submit");
    assert_eq!(browser.open(&url), approved, "back button");
    assert_eq!(browser.press(&page, "decline").status, 410, "another answer");
    let issued = service.redeem(&app, &code, CALLBACK);
    assert_eq!(issued.status, 200);
    let late = browser.press(&page, "approve");
    assert_eq!((late.status, heading(&late.body)), (410, "Go back to the app"));
    assert_eq!(browser.open(&url).status, 410);
    assert_eq!(service.status(&issued.text("access_token")), "valid", "a late click revokes nothing");
}

#[test]
fn two_tabs_do_not_disturb_each_other() {
    let service = anna();
    let app = service.app("web");
    let mut browser = Browser::new(&service);
    let first = browser.authorize(&request_with(&app, &[("state", "first")]));
    let second = browser.authorize(&request_with(&app, &[("state", "second")]));
    let (second, first) = (service.accept(&second, "anna"), service.accept(&first, "anna"));
    for (url, state) in [(first, "first"), (second, "second")] {
        let page = browser.open(&url);
        assert_eq!(parameters(&browser.press(&page, "approve")).1[2].1, state);
    }
}

#[test]
fn the_page_runs_out_ten_minutes_after_the_sign_in() {
    let service = anna();
    let app = service.app("web");
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&app));
    service.clock.advance_seconds(599);
    let url = service.accept(&challenge, "anna");
    service.clock.advance_seconds(599);
    let page = browser.open(&url);
    assert_eq!(page.status, 200);
    service.clock.advance_seconds(1);
    assert_eq!((browser.open(&url).status, browser.press(&page, "approve").status), (410, 410));
}

/// Opens the consent page of a request, which may lead back at once.
fn opened(service: &Service, app: &App, changes: &[(&str, &str)], acceptance: &Value) -> Answer {
    let mut browser = Browser::new(service);
    let challenge = browser.authorize(&request_with(app, changes));
    let accepted = service.accept_with(&challenge, acceptance.clone());
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    browser.open(&accepted.text("redirect_to"))
}

#[test]
fn the_page_is_skipped_if_the_user_agreed_to_the_same_before() {
    let service = anna();
    service.user("ben");
    let app = service.app("web");
    let (by_anna, by_ben) = (json!({ "user_id": "anna" }), json!({ "user_id": "ben" }));
    let changes = [("scope", "read"), ("resource", "https://a.example")];
    let code = Browser::new(&service).code(&request_with(&app, &changes), "anna");
    assert_eq!(opened(&service, &app, &changes, &by_anna).status, 200, "the code was not exchanged");
    let tokens = service.redeem(&app, &code, CALLBACK);
    assert_eq!(result(&opened(&service, &app, &changes, &by_anna)).0, "code");
    for (changes, acceptance) in [
        (vec![("scope", "read write"), changes[1]], &by_anna),
        (vec![("scope", ""), changes[1]], &by_anna),
        (vec![("prompt", "login consent"), changes[1]], &by_anna),
        (vec![("resource", "https://b.example")], &by_anna),
        (vec![], &by_anna),
        (changes.to_vec(), &by_ben),
    ] {
        assert_eq!(opened(&service, &app, &changes, acceptance).status, 200, "{changes:?} {acceptance}");
    }
    assert_eq!(opened(&service, &service.app("other"), &changes, &by_anna).status, 200);
    let connection_id = service.verdict(&tokens.text("access_token")).facts.connection_id.unwrap();
    service.revoke_connection(connection_id.as_str());
    assert_eq!(opened(&service, &app, &changes, &by_anna).status, 200, "the user agrees again after a revocation");
}

#[test]
fn a_public_app_on_a_device_always_asks() {
    let service = anna();
    let acceptance = json!({ "user_id": "anna" });
    let uris = ["http://127.0.0.1/cb", "app.example:/cb", CALLBACK];
    for (client_type, skips) in [(ClientType::Public, [false, false, true]), (ClientType::Confidential, [true; 3])] {
        let app = service.app_with(client_type.as_str(), |registration| {
            registration.client_type = client_type;
            registration.redirect_uris = uris.map(str::to_owned).into();
        });
        for (uri, is_skipped) in uris.into_iter().zip(skips) {
            let changes = [("redirect_uri", uri)];
            let code = Browser::new(&service).code(&request_with(&app, &changes), "anna");
            assert_eq!(service.redeem(&app, &code, uri).status, 200);
            let status = opened(&service, &app, &changes, &acceptance).status;
            assert_eq!(status, if is_skipped { 303 } else { 200 }, "{uri} of a {client_type} app");
        }
    }
}

#[test]
fn the_page_is_skipped_if_the_operator_says_that_consent_was_given() {
    let service = anna();
    let app = service.public_app("cli");
    for (changes, consent_given, status) in [
        (vec![], json!(true), 303),
        (vec![("prompt", "consent")], json!(true), 303),
        (vec![], json!(false), 200),
        (vec![], Value::Null, 200),
    ] {
        let acceptance = json!({ "user_id": "anna", "consent_given": consent_given });
        assert_eq!(opened(&service, &app, &changes, &acceptance).status, status, "{acceptance}");
    }
}

#[test]
fn an_app_that_wants_no_question_gets_an_error_instead() {
    let service = anna();
    let app = service.app("web");
    let silent = [("prompt", "none")];
    let acceptance = json!({ "user_id": "anna" });
    assert_eq!(result(&opened(&service, &app, &silent, &acceptance)), error("consent_required"));
    let code = Browser::new(&service).code(&request(&app), "anna");
    service.redeem(&app, &code, CALLBACK);
    assert_eq!(result(&opened(&service, &app, &silent, &acceptance)).0, "code");
}

#[test]
fn the_operator_narrows_the_scopes_and_never_widens_them() {
    let service = anna();
    let app = service.app("web");
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request_with(&app, &[("scope", "read write")]));
    let wide = service.accept_with(&challenge, json!({ "user_id": "anna", "scope": "read admin" }));
    assert_eq!((wide.status, wide.text("code").as_str()), (400, "invalid_scope"));
    let accepted = service.accept_with(&challenge, json!({ "user_id": "anna", "scope": "write" }));
    let page = browser.open(&accepted.text("redirect_to"));
    assert!(page.body.contains("<code>write</code>") && !page.body.contains("<code>read</code>"));
    let (_, code) = result(&browser.press(&page, "approve"));
    assert_eq!(service.redeem(&app, &code, CALLBACK).text("scope"), "write");

    let challenge = browser.authorize(&request(&app));
    let wide = service.accept_with(&challenge, json!({ "user_id": "anna", "scope": "read write" }));
    assert_eq!(wide.text("code"), "invalid_scope", "the app asks for less");
}

#[test]
fn a_registration_that_changes_meanwhile_ends_the_request_without_a_redirect() {
    let service = anna();
    let app = service.app("web");
    let (mut browser, url, asked) = page(&service, &app);
    service.app_with("web", |registration| registration.redirect_uris = vec!["https://other.example/".to_owned()]);
    for answer in [browser.press(&asked, "approve"), browser.open(&url)] {
        assert_eq!((answer.status, answer.header("location")), (400, None));
    }
    service.app_with("web", |registration| registration.scopes = None);
    assert_eq!(browser.press(&asked, "approve").status, 400);
    service.app("web");
    assert_eq!(result(&browser.press(&asked, "approve")).0, "code", "nothing was used up");
}

#[test]
fn a_user_who_is_revoked_meanwhile_cannot_approve() {
    let service = anna();
    let app = service.app("web");
    let (mut browser, _, asked) = page(&service, &app);
    service.clock.advance_seconds(1);
    let revoke = Request::post("/v1/users/anna/revoke").bearer(crate::kit::ROOT).json(json!({}));
    assert_eq!(service.send(&revoke).status, 200);
    assert_eq!(browser.press(&asked, "approve").status, 410);
}

#[test]
fn a_ledger_that_does_not_answer_is_503_and_the_page_still_works() {
    let service = anna();
    let app = service.app("web");
    let (mut browser, _, asked) = page(&service, &app);
    let (name, value) = browser.cookies.first_key_value().unwrap();
    let request = form(&asked, "approve").header("cookie", &format!("{name}={value}"));
    assert_eq!(service.send_without_ledgers(&request).status, 503);
    assert_eq!(result(&browser.press(&asked, "approve")).0, "code");
}

#[test]
fn a_form_that_is_incomplete_changes_nothing() {
    let service = anna();
    let app = service.app("web");
    let (mut browser, _, asked) = page(&service, &app);
    for consent in ["", "maybe"] {
        assert_eq!(browser.press(&asked, consent).status, 400);
    }
    assert_eq!(browser.send(&Request::get("/oauth/consent")).status, 400);
    assert_eq!(result(&browser.press(&asked, "approve")).0, "code");
    assert_eq!(LOGIN, "https://operator.example/login");
}

#[test]
fn a_user_that_is_not_connectable_any_more_approves_nothing_and_may_decline() {
    let service = service();
    service.user("anna");
    let app = service.app("web");
    let close = || service.user_with("anna", Profile { connectable: false, ..profile(Role::Member) });
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&app));
    let url = service.accept(&challenge, "anna");
    let page = browser.open(&url);
    close();
    let other = Browser::new(&service).authorize(&request(&app));
    assert_eq!(service.accept_with(&other, json!({ "user_id": "anna" })).text("code"), "user_not_connectable");
    assert_eq!((browser.open(&url).status, browser.press(&page, "approve").status), (403, 403));
    assert_eq!(parameters(&browser.press(&page, "decline")).1[0].0, "error");

    // A code that was not exchanged is not given out again.
    service.user("anna");
    let challenge = browser.authorize(&request(&app));
    let page = browser.open(&service.accept(&challenge, "anna"));
    assert_eq!(browser.press(&page, "approve").status, 303);
    close();
    assert_eq!(browser.press(&page, "approve").status, 403);
}
