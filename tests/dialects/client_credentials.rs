//! The grant `client_credentials`: an app that acts for itself.

use hookswitch::core::decide::connections::Switch;
use serde_json::json;

use crate::kit::{Answer, App, ROOT, Request, Service};

fn ask(service: &Service, app: &App, more: &[(&str, &str)]) -> Answer {
    let mut parameters = vec![("grant_type", "client_credentials"), ("client_id", &app.id)];
    if !app.secret.is_empty() {
        parameters.push(("client_secret", &app.secret));
    }
    parameters.extend(more);
    service.send(&Request::post("/oauth/token").form(&parameters))
}

fn introspect(service: &Service, app: &App, token: &str) -> serde_json::Value {
    let request = Request::post("/oauth/introspect").basic(&app.id, &app.secret).form(&[("token", token)]);
    service.send(&request).json()
}

fn connection_of(service: &Service, token: &str) -> String {
    service.verdict(token).facts.connection_id.unwrap().to_string()
}

#[test]
fn an_app_gets_an_access_token_for_itself() {
    let service = Service::new();
    let app = service.app("crm");
    let issued = ask(&service, &app, &[("scope", "read"), ("resource", "https://a.example")]);
    let body = issued.json();
    let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((issued.status, members), (200, vec!["access_token", "token_type", "expires_in", "scope"]));
    assert_eq!((&body["scope"], &body["expires_in"]), (&json!("read"), &json!(3_600)));
    let introspected = introspect(&service, &app, &issued.text("access_token"));
    assert_eq!(introspected["sub"], "app:crm");
    assert_eq!((&introspected["client_id"], &introspected["aud"]), (&json!("crm"), &json!("https://a.example")));
    assert_eq!(introspect(&service, &service.app("mail"), &issued.text("access_token")), json!({ "active": false }));
}

#[test]
fn all_tokens_of_an_app_belong_to_one_connection_which_ends_them() {
    let service = Service::new();
    let app = service.app("crm");
    let tokens: Vec<_> =
        ["read", "write"].map(|scope| ask(&service, &app, &[("scope", scope)]).text("access_token")).into();
    let connection_id = connection_of(&service, &tokens[0]);
    assert_eq!(connection_of(&service, &tokens[1]), connection_id);
    let connection = service.connection(&connection_id);
    assert_eq!(connection.connection.scope.unwrap().as_str(), "read write");
    assert_eq!((connection.user_id.as_str(), connection.state.status.as_str()), ("app:crm", "active"));
    service.switch(&connection_id, Switch::Disable);
    assert_eq!(ask(&service, &app, &[]).text("error"), "invalid_grant", "a disabled connection issues nothing");
    service.switch(&connection_id, Switch::Enable);
    assert_eq!(ask(&service, &app, &[]).status, 200);
    service.revoke_connection(&connection_id);
    assert_eq!((service.status(&tokens[0]), service.status(&tokens[1])), ("revoked", "revoked"));
    let next = ask(&service, &app, &[]).text("access_token");
    assert_ne!(connection_of(&service, &next), connection_id);
}

#[test]
fn only_a_confidential_app_with_its_secret_acts_for_itself() {
    let service = Service::new();
    let (app, public) = (service.app("crm"), service.public_app("cli"));
    let refused = ask(&service, &public, &[]);
    assert_eq!((refused.status, refused.text("error").as_str()), (400, "unauthorized_client"));
    let without = App { secret: String::new(), ..app.clone() };
    assert_eq!(ask(&service, &without, &[]).text("error"), "invalid_client");
    let foreign = App { secret: service.app("mail").secret, ..app.clone() };
    assert_eq!(ask(&service, &foreign, &[]).text("error"), "invalid_client");
    assert_eq!(ask(&service, &app, &[("scope", "read admin")]).text("error"), "invalid_scope");
    assert_eq!(ask(&service, &app, &[("resource", "x")]).text("error"), "invalid_target");
}

#[test]
fn a_replaced_secret_gets_no_token_where_it_was_replaced() {
    let service = Service::new();
    let app = service.app("crm");
    assert_eq!(ask(&service, &app, &[]).status, 200);
    let target = format!("/v1/apps/{}/client-secret", app.id);
    let replaced = service.send(&Request::post(&target).bearer(ROOT).json(json!({ "previous_ttl": 0 })));
    assert_eq!(ask(&service, &app, &[]).text("error"), "invalid_client", "{}", replaced.body);
}

#[test]
fn nobody_names_the_user_of_an_app() {
    let service = Service::new();
    let app = service.app("crm");
    ask(&service, &app, &[]);
    for request in [
        Request::put("/v1/users/app:crm").json(json!({})),
        Request::post("/v1/tokens").json(json!({ "user_id": "app:crm" })),
        Request::post("/v1/api-keys").json(json!({ "user_id": "app:crm" })),
        Request::post("/v1/connections").json(json!({ "user_id": "app:crm", "app_id": "crm" })),
    ] {
        assert_eq!(service.send(&request.bearer(ROOT)).status, 400);
    }
}

#[test]
fn a_repeated_request_with_the_same_idempotency_key_gets_the_same_token() {
    let service = Service::new();
    let app = service.app("crm");
    let request = Request::post("/oauth/token")
        .basic(&app.id, &app.secret)
        .header("idempotency-key", "k")
        .form(&[("grant_type", "client_credentials")]);
    let first = service.send(&request);
    assert_eq!((first.status, service.send(&request).text("access_token")), (200, first.text("access_token")));
    service.revoke_connection(&connection_of(&service, &first.text("access_token")));
    assert_eq!(service.send(&request).text("error"), "invalid_grant");
}

#[test]
fn other_dialects_do_not_have_the_grant() {
    let service = Service::new();
    let app = service.app("crm");
    let form = [("grant_type", "client_credentials"), ("client_id", "crm"), ("client_secret", app.secret.as_str())];
    for path in ["/api/v1/token", "/v1/oauth2/token"] {
        assert_eq!(service.send(&Request::post(path).form(&form)).status, 400, "{path}");
    }
}
