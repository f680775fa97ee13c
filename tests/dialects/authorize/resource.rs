//! Resources (RFC 8707): tokens are for the resource servers that the app was authorized for.

use serde_json::{Value, json};

use super::browser::Browser;
use super::{VERIFIER, request, request_with, service};
use crate::kit::{Answer, App, CALLBACK, Request, Service};

const FIRST: &str = "https://a.example/mcp";
const SECOND: &str = "https://b.example";

/// A code for these resources.
fn code(service: &Service, app: &App, resources: &[&str]) -> String {
    let mut parameters = request(app);
    parameters.extend(resources.iter().map(|resource| ("resource", *resource)));
    Browser::new(service).code(&parameters, "anna")
}

fn exchange(service: &Service, app: &App, code: &str, more: &[(&str, &str)]) -> Answer {
    let mut parameters = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    parameters.extend(more);
    token(service, app, parameters)
}

fn refresh(service: &Service, app: &App, token_to_use: &str, more: &[(&str, &str)]) -> Answer {
    let mut parameters = vec![("grant_type", "refresh_token"), ("refresh_token", token_to_use)];
    parameters.extend(more);
    token(service, app, parameters)
}

fn token<'a>(service: &Service, app: &'a App, mut parameters: Vec<(&'a str, &'a str)>) -> Answer {
    parameters.push(("client_id", &app.id));
    if !app.secret.is_empty() {
        parameters.push(("client_secret", &app.secret));
    }
    service.send(&Request::post("/oauth/token").form(&parameters))
}

/// The audience of a token, as introspection shows it.
fn audience(service: &Service, token: &str) -> Value {
    let key = crate::kit::ROOT;
    let introspected = service.send(&Request::post("/oauth/introspect").bearer(key).form(&[("token", token)])).json();
    assert_eq!(introspected["active"], true);
    introspected["aud"].clone()
}

fn deployment() -> (Service, App) {
    let service = service();
    service.user("anna");
    let app = service.public_app("cli");
    (service, app)
}

#[test]
fn tokens_are_for_the_resources_of_the_authorization() {
    for (resources, expected) in
        [(vec![], Value::Null), (vec![FIRST], json!(FIRST)), (vec![FIRST, SECOND, FIRST], json!([FIRST, SECOND]))]
    {
        let (service, app) = deployment();
        let issued = exchange(&service, &app, &code(&service, &app, &resources), &[]);
        assert_eq!(audience(&service, &issued.text("access_token")), expected);
        let refreshed = refresh(&service, &app, &issued.text("refresh_token"), &[]);
        assert_eq!(audience(&service, &refreshed.text("access_token")), expected);
    }
}

#[test]
fn an_access_token_is_for_the_resource_that_the_token_request_names() {
    let (service, app) = deployment();
    let both = code(&service, &app, &[FIRST, SECOND]);
    let issued = exchange(&service, &app, &both, &[("resource", SECOND)]);
    assert_eq!(audience(&service, &issued.text("access_token")), SECOND);
    let narrowed = refresh(&service, &app, &issued.text("refresh_token"), &[("resource", FIRST)]);
    assert_eq!(audience(&service, &narrowed.text("access_token")), FIRST);
    let twice = [("resource", SECOND), ("resource", FIRST)];
    let narrowed = refresh(&service, &app, &narrowed.text("refresh_token"), &twice);
    assert_eq!(audience(&service, &narrowed.text("access_token")), json!([SECOND, FIRST]));
    let all = refresh(&service, &app, &narrowed.text("refresh_token"), &[]);
    assert_eq!(audience(&service, &all.text("access_token")), json!([FIRST, SECOND]));
    // An authorization without resources is not restricted: each access token can be.
    let issued = exchange(&service, &app, &code(&service, &app, &[]), &[("resource", FIRST)]);
    assert_eq!(audience(&service, &issued.text("access_token")), FIRST);
}

#[test]
fn a_resource_that_was_not_authorized_is_refused_and_nothing_is_used_up() {
    let (service, app) = deployment();
    let code = code(&service, &app, &[FIRST]);
    for resource in [SECOND, "https://a.example/mcp/", "https://a.example", "a.example", "https://a.example/mcp#x"] {
        let refused = exchange(&service, &app, &code, &[("resource", resource)]);
        assert_eq!((refused.status, refused.text("error").as_str()), (400, "invalid_target"), "{resource}");
    }
    let issued = exchange(&service, &app, &code, &[("resource", FIRST)]);
    let token = issued.text("refresh_token");
    let refused = refresh(&service, &app, &token, &[("resource", SECOND)]);
    assert_eq!((refused.status, refused.text("error").as_str()), (400, "invalid_target"));
    let one_of_two = refresh(&service, &app, &token, &[("resource", FIRST), ("resource", SECOND)]);
    assert_eq!((one_of_two.status, one_of_two.text("error").as_str()), (400, "invalid_target"));
    assert_eq!(refresh(&service, &app, &token, &[("resource", FIRST)]).status, 200);
}

#[test]
fn scopes_are_narrowed_on_refresh_and_never_widened() {
    let (service, app) = deployment();
    let code = Browser::new(&service).code(&request_with(&app, &[("scope", "read write")]), "anna");
    let issued = exchange(&service, &app, &code, &[]);
    let narrowed = refresh(&service, &app, &issued.text("refresh_token"), &[("scope", "read")]);
    assert_eq!(narrowed.text("scope"), "read");
    let wide = refresh(&service, &app, &narrowed.text("refresh_token"), &[("scope", "read admin")]);
    assert_eq!(wide.text("error"), "invalid_scope");
    assert_eq!(refresh(&service, &app, &narrowed.text("refresh_token"), &[]).text("scope"), "read write");
}

#[test]
fn tokens_that_are_issued_natively_are_for_the_resources_of_their_connection() {
    let (service, app) = deployment();
    let issued = exchange(&service, &app, &code(&service, &app, &[FIRST]), &[]);
    let connection_id = service.verdict(&issued.text("access_token")).facts.connection_id.unwrap();
    let path = format!("/v1/connections/{connection_id}/tokens");
    let native = service.send(&Request::post(&path).bearer(crate::kit::ROOT).json(json!({})));
    assert_eq!(audience(&service, &native.text("access_token")), FIRST);
}
