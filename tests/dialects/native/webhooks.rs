//! Webhook endpoints.

use serde_json::json;

use super::members;
use crate::kit::{Request, Service};

const PATH: &str = "/v1/webhooks/crm";

#[test]
fn an_endpoint_is_created_with_a_secret_and_replaced_without() {
    let service = Service::new();
    let created =
        service.put(PATH, json!({ "url": "https://hooks.example/in", "events": ["token.consumed", "token.consumed"] }));
    assert_eq!((created.status, created.header("location")), (201, Some(PATH)));
    let names =
        "name url events disabled disabled_reason disabled_at previous_secret_expires_at created_at updated_at secret";
    assert_eq!(members(&created.body).join(" "), names);
    let endpoint = created.json();
    assert_eq!((&endpoint["events"], &endpoint["disabled"]), (&json!(["token.consumed"]), &json!(false)));
    assert!(endpoint["secret"].as_str().unwrap().starts_with("whsec_"));

    let replaced = service.put(PATH, json!({ "url": "https://hooks.example/in", "disabled": true }));
    assert_eq!((replaced.status, replaced.json().get("secret")), (200, None));
    assert_eq!((&replaced.json()["events"], &replaced.json()["disabled"]), (&json!([]), &json!(true)));
    assert!(replaced.json()["disabled_at"].is_string() && replaced.json()["disabled_reason"].is_string());
    assert_eq!(service.get(PATH).json(), replaced.json());
    assert_eq!(service.get("/v1/webhooks").json()["items"], json!([replaced.json()]));

    let rotated = service.post("/v1/webhooks/crm/secret", json!({ "previous_ttl": 60 }));
    assert_eq!(rotated.status, 201);
    assert!(rotated.text("previous_secret_expires_at").starts_with("2026-11-21T07:29:23.123"), "{}", rotated.body);
    assert_ne!(rotated.json()["secret"], endpoint["secret"]);

    assert_eq!(service.root(Request::delete(PATH)).status, 204);
    for request in [Request::get(PATH), Request::delete(PATH), Request::get("/v1/webhooks/crm/deliveries")] {
        let answer = service.root(request);
        assert_eq!((answer.status, answer.text("code").as_str()), (404, "webhook_not_found"));
    }
}

#[test]
fn a_test_reports_the_delivery() {
    let service = Service::new();
    service.put(PATH, json!({ "url": "https://hooks.example/in" }));
    let tested = service.post("/v1/webhooks/crm/test", json!({}));
    assert_eq!(
        (tested.status, members(&tested.body)),
        (200, ["delivered", "status", "error", "event_id"].map(str::to_owned).to_vec())
    );
    let deliveries = service.get("/v1/webhooks/crm/deliveries").json();
    let delivery = &deliveries["items"][0];
    assert_eq!((&delivery["event_id"], &delivery["type"]), (&tested.json()["event_id"], &json!("webhook.test")));
    let names = "event_id type at attempt delivered status error next_attempt_at";
    assert_eq!(delivery.as_object().unwrap().len(), names.split(' ').count());
}

#[test]
fn settings_are_checked() {
    let service = Service::new();
    for (body, path) in [
        (json!({}), "url"),
        (json!({ "url": "http://hooks.example/" }), "url"),
        (json!({ "url": "https://10.0.0.1/" }), "url"),
        (json!({ "url": "https://hooks.example/", "events": ["token.lost"] }), "events"),
        (json!({ "url": "https://hooks.example/", "disabled": "no" }), "disabled"),
        (json!({ "url": "https://hooks.example/", "secret": "short" }), "secret"),
    ] {
        let answer = service.put(PATH, body.clone());
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["errors"].as_object().unwrap().keys().collect::<Vec<_>>(), [path], "{body}");
    }
    assert_eq!(service.put("/v1/webhooks/CRM", json!({ "url": "https://hooks.example/" })).status, 400);
}
