//! The request of an app: every parameter is checked before anything is shown.

use super::browser::{Browser, parameters};
use super::{request, request_with, service};
use crate::kit::{Answer, App, CALLBACK, ORIGIN, ROOT, Request, Service, heading};

fn authorize(service: &Service, parameters: &[(&str, &str)]) -> Answer {
    service.send(&Request::get("/oauth/authorize").query(parameters))
}

/// The error that an app gets, which is sent to its redirect URI with its state and the issuer.
fn error_for_app(answer: &Answer) -> String {
    let (address, parameters) = parameters(answer);
    assert_eq!(address, CALLBACK);
    let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.starts_with(&["error", "error_description", "iss"]), "{parameters:?}");
    assert!(parameters[1].1.ends_with('.'), "{parameters:?}");
    assert_eq!(parameters[2].1, ORIGIN);
    assert_eq!(answer.header("set-cookie"), None);
    parameters[0].1.clone()
}

#[test]
fn an_error_goes_to_the_app_only_if_client_and_redirect_uri_are_right() {
    let service = service();
    let app = service.app("web");
    let long = format!("{CALLBACK}/{}", "x".repeat(3_000));
    for changes in [
        [("client_id", "other")],
        [("client_id", "")],
        [("client_id", "\n")],
        [("redirect_uri", "")],
        [("redirect_uri", "https://app.example/callback/")],
        [("redirect_uri", "https://app.example/callback?x=1")],
        [("redirect_uri", "https://APP.example/callback")],
        [("redirect_uri", "https://app.example:443/callback")],
        [("redirect_uri", "https://evil.example/callback")],
        [("redirect_uri", "javascript:alert(1)")],
        [("redirect_uri", &long)],
    ] {
        let page = authorize(&service, &request_with(&app, &changes));
        assert_eq!((page.status, page.header("location")), (400, None), "{changes:?}");
        assert_eq!(heading(&page.body), "The app&#39;s request is not valid".replace("&#39;", "'"), "{changes:?}");
        assert!(!page.body.contains("evil") && !page.body.contains("alert"), "{changes:?}");
        assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
        assert_eq!(page.header("set-cookie"), None);
    }
    let twice = [("client_id", "web"), ("client_id", "other"), ("redirect_uri", CALLBACK)];
    assert_eq!(authorize(&service, &twice).status, 400);
}

#[test]
fn a_wrong_parameter_is_an_error_for_the_app() {
    let service = service();
    let app = service.app("web");
    let (state, hint) = ("s".repeat(2_049), "h".repeat(257));
    for (changes, expected) in [
        (vec![("response_type", "")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "code id_token")], "unsupported_response_type"),
        (vec![("response_mode", "fragment")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge", "short")], "invalid_request"),
        (vec![("code_challenge_method", "")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("scope", "read admin")], "invalid_scope"),
        (vec![("scope", "read  write")], "invalid_scope"),
        (vec![("resource", "not a URI")], "invalid_target"),
        (vec![("resource", "https://a.example/#f")], "invalid_target"),
        (vec![("prompt", "none login")], "invalid_request"),
        (vec![("login_hint", hint.as_str())], "invalid_request"),
        (vec![("state", state.as_str())], "invalid_request"),
        (vec![("scope", "read"), ("scope", "write")], "invalid_request"),
        (vec![("request", "eyJ")], "request_not_supported"),
        (vec![("request_uri", "https://a.example/")], "request_uri_not_supported"),
    ] {
        assert_eq!(error_for_app(&authorize(&service, &request_with(&app, &changes))), expected, "{changes:?}");
    }
}

#[test]
fn an_error_has_the_state_of_the_app_if_it_can_be_sent_back() {
    let service = service();
    let app = service.app("web");
    let (_, answer) = parameters(&authorize(&service, &request_with(&app, &[("scope", "admin")])));
    assert_eq!(answer.last().unwrap(), &("state".to_owned(), "s t&".to_owned()));
    let twice = [("state", "a"), ("state", "b")];
    let (_, answer) = parameters(&authorize(&service, &request_with(&app, &twice)));
    assert!(answer.iter().all(|(name, _)| name != "state"), "{answer:?}");
}

#[test]
fn unknown_and_empty_parameters_are_ignored_and_a_resource_may_be_repeated() {
    let service = service();
    let app = service.app("web");
    let mut sent = request(&app);
    sent.extend([("nonce", "a"), ("nonce", "b"), ("login_hint", ""), ("response_mode", "query")]);
    sent.extend([("resource", "https://a.example/mcp"), ("resource", "https://b.example")]);
    let challenge = Browser::new(&service).authorize(&sent);
    let shown = service.send(&Request::get(&format!("/v1/authorizations/{challenge}")).bearer(ROOT)).json();
    assert_eq!(shown["resource"], serde_json::json!(["https://a.example/mcp", "https://b.example"]));
    assert_eq!(shown["login_hint"], serde_json::Value::Null);
}

#[test]
fn a_request_may_be_a_form() {
    let service = service();
    let app = service.app("web");
    let mut browser = Browser::new(&service);
    let answer = browser.send(&Request::post("/oauth/authorize").form(&request(&app)));
    super::challenge_of(&answer);
    assert_eq!(browser.cookies.len(), 1);
    let json = Request::post("/oauth/authorize").header("content-type", "application/json").body("{}");
    assert_eq!(browser.send(&json).status, 415);
}

#[test]
fn the_port_of_a_loopback_redirect_uri_is_free() {
    let service = service();
    service.user("anna");
    let app = service.app_with("cli", |registration| {
        registration.redirect_uris =
            ["http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost:3000/cb", "app:/cb"]
                .map(str::to_owned)
                .into();
        registration.client_type = hookswitch::core::app::ClientType::Public;
    });
    for uri in ["http://127.0.0.1:49152/cb", "http://127.0.0.1/cb", "http://[::1]:49152/cb", "http://localhost:1/cb"] {
        let code = Browser::new(&service).code(&request_with(&app, &[("redirect_uri", uri)]), "anna");
        let other = service.redeem(&app, &code, "http://127.0.0.1:1/cb");
        assert_eq!(other.text("error"), "invalid_grant", "the code is for one port");
        assert_eq!(service.redeem(&app, &code, uri).status, 200, "{uri}");
    }
    for uri in
        ["http://127.0.0.1:1/other", "http://127.0.0.1:1/cb?x", "https://127.0.0.1:1/cb", "http://localhost/", "app:/c"]
    {
        assert_eq!(authorize(&service, &request_with(&app, &[("redirect_uri", uri)])).status, 400, "{uri}");
    }
}

#[test]
fn the_cookie_is_of_this_host_and_each_request_has_its_own() {
    let service = service();
    let app = service.app("web");
    let answer = authorize(&service, &request(&app));
    let cookie = answer.header("set-cookie").unwrap();
    let (name, rest) = cookie.split_once('=').unwrap();
    let (value, attributes) = rest.split_once("; ").unwrap();
    assert!(name.starts_with("__Host-hookswitch-"), "{cookie}");
    assert_eq!(value.len(), 32);
    assert_eq!(attributes, "Path=/; Max-Age=1200; HttpOnly; SameSite=Lax; Secure");
    assert!(!answer.header("location").unwrap().contains(value));
    let mut browser = Browser::new(&service);
    browser.authorize(&request(&app));
    browser.authorize(&request(&app));
    assert_eq!(browser.cookies.len(), 2);
}

#[test]
fn a_ledger_that_does_not_answer_is_a_page_with_503() {
    let service = service();
    let app: App = service.app("web");
    let page = service.send_without_ledgers(&Request::get("/oauth/authorize").query(&request(&app)));
    assert_eq!((page.status, page.header("location")), (503, None));
}
