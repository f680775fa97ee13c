//! Clients that are known by their URL: client ID metadata documents.

use hookswitch::core::ScopeCatalogue;
use hookswitch::operations::{Settings, UrlClients};
use serde_json::{Value, json};

use super::browser::{Browser, parameters};
use super::{LOGIN, request, request_with};
use crate::kit::{Answer, App, CALLBACK, ROOT, Request, Service, heading};
use crate::private_key_jwt::{assertion, set};

const URL: &str = "https://client.example/id.json";

fn settings() -> Settings {
    let scopes = ScopeCatalogue::parse(r#"{"read": "Read your calendar", "write": ""}"#).unwrap();
    Settings { login_url: LOGIN.to_owned(), scopes, ..Settings::default() }
}

/// A deployment with a user, for clients that ask for its scopes.
fn service() -> Service {
    let service = Service::with_settings(settings());
    service.user("anna");
    service
}

fn client() -> App {
    App { id: URL.to_owned(), secret: String::new() }
}

fn document() -> Value {
    json!({ "client_id": URL, "client_name": "Agent", "redirect_uris": [CALLBACK] })
}

impl Service {
    /// Lets the client's host answer the next request with this document.
    fn publish(&self, document: &Value) {
        self.platform.http.respond(200, &document.to_string());
    }

    fn asked(&self) -> Answer {
        self.send(&Request::get("/oauth/authorize").query(&request(&client())))
    }

    /// Goes the whole way with a document, and returns the access and the refresh token.
    fn installed(&self, document: &Value) -> (String, String) {
        self.platform.memory.clear();
        self.publish(document);
        let code = Browser::new(self).code(&request(&client()), "anna");
        let issued = self.redeem(&client(), &code, CALLBACK);
        assert_eq!(issued.status, 200, "{}", issued.body);
        (issued.text("access_token"), issued.text("refresh_token"))
    }

    fn refreshed(&self, token: &str, scope: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", URL), ("scope", scope)];
        self.send(&Request::post("/oauth/token").form(&form))
    }

    fn registered(&self) -> u16 {
        let path = format!("/v1/apps/{}", URL.replace(':', "%3A").replace('/', "%2F"));
        self.send(&Request::get(&path).bearer(ROOT)).status
    }
}

#[test]
fn a_client_is_registered_when_a_user_approves_it_and_its_host_is_shown() {
    let service = service();
    service.publish(&document());
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&client()));
    let shown = service.send(&Request::get(&format!("/v1/authorizations/{challenge}")).bearer(ROOT)).json();
    let app = &shown["app"];
    assert_eq!((&app["app_id"], &app["name"]), (&json!(URL), &json!("Agent")));
    assert_eq!((&app["client_host"], &app["client_type"]), (&json!("client.example"), &json!("public")));
    let page = browser.open(&service.accept(&challenge, "anna"));
    assert_eq!((page.status, heading(&page.body)), (200, "Connect Agent?"));
    for part in ["Address of the app: client.example.", "Read your calendar <code>read</code>", "app.example"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert_eq!(service.registered(), 404, "nobody has approved the client");
    let (_, answer) = parameters(&browser.press(&page, "approve"));
    assert_eq!(service.registered(), 200);
    let issued = service.redeem(&client(), &answer[0].1, CALLBACK);
    assert_eq!((issued.status, issued.text("scope").as_str()), (200, "read"), "{}", issued.body);
    let introspected = Request::post("/oauth/introspect").bearer(ROOT).form(&[("token", &issued.text("access_token"))]);
    assert_eq!(service.send(&introspected).json()["client_id"], URL);
    // One request to the client's host for all of it.
    let [fetched] = <[_; 1]>::try_from(service.platform.http.take_requests()).unwrap();
    assert_eq!((fetched.method, fetched.url.as_str(), fetched.body), ("GET", URL, None));
}

#[test]
fn a_declined_client_is_not_registered() {
    let service = service();
    service.publish(&document());
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&client()));
    let page = browser.open(&service.accept(&challenge, "anna"));
    assert_eq!(parameters(&browser.press(&page, "decline")).1[0].1, "access_denied");
    assert_eq!(service.registered(), 404);
}

#[test]
fn revoking_one_installation_leaves_the_other() {
    let service = service();
    let (first, second) = (service.installed(&document()), service.installed(&document()));
    let connection_of = |token: &str| service.verdict(token).facts.connection_id.unwrap();
    assert_ne!(connection_of(&first.0), connection_of(&second.0));
    let revoke = Request::post("/oauth/revoke").form(&[("token", &first.1), ("client_id", URL)]);
    assert_eq!(service.send(&revoke).status, 200);
    assert_eq!((service.status(&first.0), service.status(&first.1)), ("revoked", "revoked"));
    assert_eq!((service.status(&second.0), service.status(&second.1)), ("valid", "valid"));
    let third = service.installed(&document());
    service.revoke_connection(connection_of(&second.0).as_str());
    assert_eq!((service.status(&second.0), service.status(&third.0)), ("revoked", "valid"));
}

#[test]
fn a_changed_or_missing_document_changes_no_live_connection() {
    let service = service();
    let mut narrow = document();
    narrow["scope"] = json!("read");
    let (access, refresh) = service.installed(&narrow);
    // The client now asks for more, from other addresses.
    let mut wide = document();
    wide["redirect_uris"] = json!(["https://evil.example/"]);
    service.platform.memory.clear();
    service.publish(&wide);
    assert_eq!(service.asked().status, 400, "the redirect URI is no longer registered");
    service.platform.http.take_requests();
    assert_eq!(service.refreshed(&refresh, "read write").text("error"), "invalid_scope");
    let next = service.refreshed(&refresh, "");
    assert_eq!((next.status, next.text("scope").as_str()), (200, "read"), "{}", next.body);
    assert_eq!(service.status(&access), "valid");
    assert!(service.platform.http.take_requests().is_empty(), "the token endpoint reads no document");
    // Another version counts at the token endpoint after a user has approved it, and widens nothing either.
    service.installed(&document());
    let again = service.refreshed(&next.text("refresh_token"), "read write");
    assert_eq!(again.text("error"), "invalid_scope");
}

#[test]
fn consent_to_a_client_that_may_have_changed_is_never_assumed() {
    let service = service();
    service.installed(&document());
    service.platform.memory.clear();
    service.publish(&document());
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&client()));
    let page = browser.open(&service.accept(&challenge, "anna"));
    assert_eq!(page.status, 200, "the user is asked again");
    let challenge = browser.authorize(&request(&client()));
    let accepted = service.accept_with(&challenge, json!({ "user_id": "anna", "consent_given": true }));
    assert_eq!(browser.open(&accepted.text("redirect_to")).status, 303, "unless the operator has asked");
}

#[test]
fn a_document_is_remembered_for_five_minutes_to_a_day() {
    for (cache_control, remembered) in
        [("no-store", 300), ("max-age=1", 300), ("max-age=600", 600), ("max-age=9999999", 86_400)]
    {
        let service = service();
        let publish = || service.platform.http.respond_cached(200, cache_control, &document().to_string());
        publish();
        assert_eq!(service.asked().status, 303);
        service.clock.advance_seconds(remembered - 1);
        assert_eq!(service.asked().status, 303);
        assert_eq!(service.platform.http.take_requests().len(), 1, "{cache_control}");
        service.clock.advance_seconds(1);
        publish();
        assert_eq!(service.asked().status, 303);
        assert_eq!(service.platform.http.take_requests().len(), 1, "{cache_control}");
    }
}

#[test]
fn a_document_that_cannot_be_used_is_explained_and_not_remembered() {
    let service = service();
    let with = |name: &str, value: Value| {
        let mut changed = document();
        changed[name] = value;
        changed.to_string()
    };
    for (status, body) in [
        (302, document().to_string()),
        (404, document().to_string()),
        (500, String::new()),
        (200, "<html>".to_owned()),
        (200, with("client_id", json!("https://other.example/id.json"))),
        (200, with("client_secret", json!("s"))),
        (200, with("token_endpoint_auth_method", json!("client_secret_post"))),
        (200, with("jwks_uri", json!("https://10.0.0.1/keys"))),
        (200, with("padding", json!("x".repeat(5_120)))),
    ] {
        service.platform.memory.clear();
        service.platform.http.respond(status, &body);
        let page = service.asked();
        assert_eq!((page.status, page.header("location")), (400, None), "{status} {body}");
        assert!(page.body.contains("The metadata document of the client"), "{}", page.body);
    }
    service.platform.memory.clear();
    assert_eq!(service.asked().status, 400, "no answer");
    service.publish(&document());
    assert_eq!(service.asked().status, 303);
}

#[test]
fn only_urls_of_public_documents_are_fetched() {
    let service = service();
    for client_id in [
        "http://client.example/id.json",
        "https://client.example",
        "https://client.example/",
        "https://client.example/a/../id.json",
        "https://client.example/id.json#a",
        "https://user@client.example/id.json",
        "https://10.0.0.1/id.json",
        "https://localhost/id.json",
        "https://169.254.169.254/latest/meta-data",
        "https://metadata.google.internal/id.json",
        "https://client.example:22/id.json",
    ] {
        let app = App { id: client_id.to_owned(), secret: String::new() };
        let page = service.send(&Request::get("/oauth/authorize").query(&request(&app)));
        assert_eq!(page.status, 400, "{client_id}");
    }
    assert!(service.platform.http.take_requests().is_empty());
    let refused = Service::with_settings(Settings { url_clients: UrlClients::Refused, ..settings() });
    assert_eq!(refused.asked().status, 400);
    assert!(refused.platform.http.take_requests().is_empty());
    let metadata = refused.send(&Request::get("/.well-known/oauth-authorization-server")).json();
    assert_eq!(metadata["client_id_metadata_document_supported"], false);
}

#[test]
fn an_app_that_an_administrator_registered_at_a_url_needs_no_document() {
    let service = service();
    let app = service.public_app(URL);
    let code = Browser::new(&service).code(&request_with(&app, &[("scope", "write")]), "anna");
    assert_eq!(service.redeem(&app, &code, CALLBACK).status, 200);
    assert!(service.platform.http.take_requests().is_empty());
}

#[test]
fn a_client_authenticates_with_the_keys_of_its_document() {
    let service = service();
    let key = service.platform.signatures.make().unwrap();
    let mut with_keys = document();
    with_keys["token_endpoint_auth_method"] = json!("private_key_jwt");
    with_keys["jwks"] = serde_json::to_value(set(&[(&key, "1")])).unwrap();
    service.publish(&with_keys);
    let code = Browser::new(&service).code(&request(&client()), "anna");
    assert_eq!(service.redeem(&client(), &code, CALLBACK).text("error"), "invalid_client");
    let assertion = assertion(&service, URL, &key, "1", "a");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", super::VERIFIER),
        ("client_assertion", &assertion),
        ("client_assertion_type", hookswitch::core::client_assertion::ASSERTION_TYPE),
    ];
    let issued = service.send(&Request::post("/oauth/token").form(&form));
    assert_eq!(issued.status, 200, "{}", issued.body);
    assert!(issued.text("access_token").starts_with("hat_"));
}
