//! The calls of other Workers over RPC.

use hookswitch::dialects::rpc;
use hookswitch::operations::ApiError;
use hookswitch::operations::in_memory::Behaviour;
use serde_json::{Value, json};

use crate::kit::{App, Request, Service, forge};

const RESOURCE: &str = "https://mcp.example/mcp";

/// The answer of `validateToken`.
fn validate(service: &Service, resource: &str, token: &str) -> Result<Value, ApiError> {
    let result = service.as_root(async |cx| Ok(rpc::validate_token(cx, resource, token).await));
    result.map(|answer| serde_json::to_value(answer).unwrap())
}

/// The answer of `check`.
fn check(service: &Service, token: &str) -> Result<Value, ApiError> {
    let result = service.as_root(async |cx| Ok(rpc::check(cx, token).await));
    result.map(|answer| serde_json::to_value(answer).unwrap())
}

/// An access token of the app itself.
fn access_token(service: &Service, app: &App, more: &[(&str, &str)]) -> String {
    let mut parameters = vec![("grant_type", "client_credentials"), ("client_id", &app.id)];
    parameters.push(("client_secret", &app.secret));
    parameters.extend(more);
    service.send(&Request::post("/oauth/token").form(&parameters)).text("access_token")
}

#[test]
fn a_valid_token_is_described_in_the_words_of_the_contract() {
    let service = Service::new();
    let token = access_token(&service, &service.app("crm"), &[("resource", RESOURCE)]);
    let verdict = service.verdict(&token);
    let expected = json!({
        "props": {
            "userId": "app:crm",
            "connectionId": verdict.facts.connection_id.as_ref().unwrap().as_str(),
            "tokenId": verdict.token_id.as_str(),
        },
        "audience": RESOURCE,
        "expiresAt": verdict.expires_at.unwrap().unix(),
        "scope": ["read", "write"],
        "userId": "app:crm",
        "clientId": "crm",
    });
    assert_eq!(validate(&service, RESOURCE, &token), Ok(expected));
}

#[test]
fn a_token_is_valid_only_for_a_resource_that_it_names() {
    let service = Service::new();
    let app = service.app("crm");
    let token = access_token(&service, &app, &[("resource", "https://mcp.example"), ("resource", RESOURCE)]);
    for same in [RESOURCE, "https://mcp.example", "https://mcp.example/"] {
        assert_eq!(validate(&service, same, &token).unwrap()["audience"], same);
    }
    for other in ["https://mcp.example/other", "http://mcp.example", "https://mcp.example/mcp/"] {
        assert_eq!(validate(&service, other, &token), Ok(Value::Null), "{other}");
    }
    let unrestricted = access_token(&service, &app, &[]);
    assert_eq!(validate(&service, RESOURCE, &unrestricted), Ok(Value::Null), "no audience");
    for wrong in ["", "mcp.example", "urn:mcp", "https://mcp.example/#a"] {
        assert!(matches!(validate(&service, wrong, &token), Err(ApiError::Invalid(_))), "{wrong}");
    }
}

#[test]
fn every_other_token_is_null() {
    let service = Service::new();
    let (user, app) = (service.user("anna"), service.public_app("cli"));
    let code = service.code(&user, &app);
    let exchange = [("grant_type", "authorization_code"), ("client_id", "cli"), ("resource", RESOURCE)];
    let token = access_token(&service, &service.app("crm"), &[("resource", RESOURCE)]);
    let issued =
        service.send(&Request::post("/oauth/token").form(&[&exchange[..], &[("code", &code.secret)]].concat()));
    let refresh_token = issued.text("refresh_token");
    let key = service.api_key(&user);
    let public_id = service.verdict(&token).token_id.to_string();
    for other in [refresh_token, code.secret, key, public_id, forge(&token), String::new(), "x".repeat(5_000)] {
        assert_eq!(validate(&service, RESOURCE, &other), Ok(Value::Null), "{other}");
    }
}

#[test]
fn a_revoked_token_is_null_and_no_verdict_is_an_error() {
    let service = Service::new();
    let token = access_token(&service, &service.app("crm"), &[("resource", RESOURCE)]);
    service.platform.ledgers.set(Behaviour::down_after(0));
    assert!(matches!(validate(&service, RESOURCE, &token), Err(ApiError::Unavailable(_))));
    assert!(matches!(check(&service, &token), Err(ApiError::Unavailable(_))));
    service.platform.ledgers.set(Behaviour::default());
    assert_eq!(validate(&service, RESOURCE, &token).unwrap()["clientId"], "crm");
    service.revoke(&token);
    assert_eq!(validate(&service, RESOURCE, &token), Ok(Value::Null));
}

#[test]
fn check_answers_as_the_api_does() {
    let service = Service::new();
    let token = service.token(&service.user("anna"), 60);
    let (secret, id) = (token.secret, token.verdict.token_id.to_string());
    let over_http = |token: &str| {
        let request = Request::post("/v1/tokens/check").bearer(crate::kit::ROOT);
        service.send(&request.json(json!({ "tokens": [token] }))).json()["items"][0].clone()
    };
    for token in [&secret, &id] {
        let (mut over_rpc, mut over_http) = (check(&service, token).unwrap(), over_http(token));
        for verdict in [&mut over_rpc, &mut over_http] {
            // The clock of a ledger never stands still.
            assert_eq!(verdict["as_of"], verdict["valid_until"]);
            (verdict["as_of"], verdict["valid_until"]) = (Value::Null, Value::Null);
        }
        assert_eq!(over_rpc, over_http);
    }
    service.revoke(&secret);
    assert_eq!(check(&service, &secret).unwrap()["status"], "revoked");
    for forged in [forge(&secret), "nonsense".to_owned()] {
        assert_eq!(check(&service, &forged), Ok(over_http(&forged)), "{forged}");
        assert_eq!(check(&service, &forged).unwrap()["status"], "unknown");
    }
}
