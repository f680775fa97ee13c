//! The authorization server, from the app's request to its tokens: what a browser, an app and the operator's backend do.

mod attacks;
mod browser;
mod consent;
mod native;
mod request;
mod resource;
mod url_clients;

use hookswitch::core::pkce;
use hookswitch::dialects::link_page::language::LANGUAGES;
use hookswitch::operations::Settings;
use serde_json::json;

use self::browser::challenge_of;
pub(crate) use self::browser::{Browser, form, parameters};
use crate::kit::{Answer, App, CALLBACK, ORIGIN, ROOT, Request, Service};

/// The operator's sign-in page.
pub(crate) const LOGIN: &str = "https://operator.example/login";
/// The verifier of every app.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The challenge of [`VERIFIER`] (RFC 7636, Appendix B).
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A deployment with a sign-in page.
pub(super) fn service() -> Service {
    Service::with_settings(Settings { login_url: LOGIN.to_owned(), ..Settings::default() })
}

/// The parameters of a valid request.
pub(crate) fn request(app: &App) -> Vec<(&str, &str)> {
    vec![
        ("response_type", "code"),
        ("client_id", &app.id),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "read"),
        ("state", "s t&"),
    ]
}

/// A valid request with other values. An empty value leaves the parameter out.
pub(crate) fn request_with<'a>(app: &'a App, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut parameters = request(app);
    parameters.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    parameters.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    parameters
}

impl Service {
    /// The operator's backend accepts a request, and returns the URL of the consent page.
    pub(crate) fn accept(&self, challenge: &str, user_id: &str) -> String {
        let accepted = self.accept_with(challenge, json!({ "user_id": user_id }));
        assert_eq!(accepted.status, 200, "{}", accepted.body);
        accepted.text("redirect_to")
    }

    pub(super) fn accept_with(&self, challenge: &str, body: serde_json::Value) -> Answer {
        self.send(&Request::post(&format!("/v1/authorizations/{challenge}/accept")).bearer(ROOT).json(body))
    }

    /// Exchanges a code as the app does.
    pub(super) fn redeem(&self, app: &App, code: &str, redirect_uri: &str) -> Answer {
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
            ("client_id", &app.id),
        ];
        if !app.secret.is_empty() {
            parameters.push(("client_secret", &app.secret));
        }
        self.send(&Request::post("/oauth/token").form(&parameters))
    }
}

#[test]
fn an_app_gets_tokens_after_the_user_has_signed_in_and_approved() {
    let service = service();
    service.user("anna");
    assert_eq!(pkce::parse_challenge(CHALLENGE).unwrap(), pkce::challenge(VERIFIER));
    for app in [service.app("web"), service.public_app("spa")] {
        let mut browser = Browser::new(&service);
        let challenge = browser.authorize(&request(&app));
        let page = browser.open(&service.accept(&challenge, "anna"));
        assert_eq!(page.status, 200, "{}", page.body);
        let (address, answer) = parameters(&browser.press(&page, "approve"));
        assert_eq!(address, CALLBACK);
        let code = answer[0].1.clone();
        assert!(code.starts_with("hct_"), "{answer:?}");
        let expected = [("code", code.as_str()), ("iss", ORIGIN), ("state", "s t&")];
        assert_eq!(answer, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let issued = service.redeem(&app, &code, CALLBACK);
        assert_eq!((issued.status, issued.text("scope").as_str()), (200, "read"), "{}", issued.body);
    }
}

#[test]
fn a_connection_belongs_to_one_authorization() {
    let service = service();
    service.user("anna");
    let app = service.public_app("cli");
    let tokens: Vec<String> = (0..2)
        .map(|_| {
            let code = Browser::new(&service).code(&request(&app), "anna");
            service.redeem(&app, &code, CALLBACK).text("access_token")
        })
        .collect();
    let first = service.verdict(&tokens[0]).facts.connection_id.unwrap();
    assert_ne!(service.verdict(&tokens[1]).facts.connection_id.unwrap(), first);
    service.revoke_connection(first.as_str());
    assert_eq!((service.status(&tokens[0]), service.status(&tokens[1])), ("revoked", "valid"));
}

#[test]
fn a_connection_waits_for_the_exchange_of_its_code_and_expires_without_it() {
    let service = service();
    service.user("anna");
    let app = service.app("web");
    let code = Browser::new(&service).code(&request(&app), "anna");
    let connection_id = service.verdict(&code).facts.connection_id.unwrap();
    assert_eq!(service.connection(connection_id.as_str()).status().as_str(), "initiated");
    service.clock.advance_seconds(301);
    assert_eq!(service.redeem(&app, &code, CALLBACK).text("error"), "invalid_grant");
    assert_eq!(service.connection(connection_id.as_str()).status().as_str(), "expired");

    let code = Browser::new(&service).code(&request(&app), "anna");
    let connection_id = service.verdict(&code).facts.connection_id.unwrap();
    assert_eq!(service.redeem(&app, &code, CALLBACK).status, 200);
    assert_eq!(service.connection(connection_id.as_str()).status().as_str(), "active");
}

#[test]
fn a_request_stores_nothing_until_it_is_accepted() {
    let service = service();
    let app = service.app("web");
    service.platform.ledgers.take_calls();
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&app));
    let calls = service.platform.ledgers.take_calls();
    assert_eq!(calls.len(), 1, "only the registration of the app is read");
    let path = format!("/v1/authorizations/{challenge}");
    assert_eq!(service.send(&Request::get(&path).bearer(ROOT)).status, 200);
    assert_eq!(service.send(&Request::post(&format!("{path}/reject")).bearer(ROOT).json(json!({}))).status, 200);
    assert!(service.platform.ledgers.take_calls().is_empty());
}

#[test]
fn a_deployment_without_a_sign_in_page_has_no_authorize_endpoint() {
    let service = Service::new();
    let app = service.app("web");
    let answer = service.send(&Request::get("/oauth/authorize").query(&request(&app)));
    assert_eq!((answer.status, answer.content_type), (404, Some("text/html; charset=utf-8")));
    assert!(answer.body.contains("no sign-in page"), "{}", answer.body);
}

#[test]
fn every_page_is_in_the_language_of_its_reader() {
    let service = service();
    for language in LANGUAGES {
        let page = service.send(&Request::get("/oauth/authorize").header("accept-language", language));
        assert_eq!((page.status, page.header("content-language")), (400, Some(language)));
        assert_eq!(crate::kit::heading(&page.body), crate::kit::texts(language)["pages"]["request"]["title"]);
        let page = service.send(&Request::get("/oauth/consent?challenge=x&verifier=y"));
        assert_eq!(page.status, 404);
    }
}
