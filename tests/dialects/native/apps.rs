//! The calls about apps.

use serde_json::json;

use super::members;
use crate::kit::Service;

#[test]
fn an_app_is_created_and_replaced() {
    let service = Service::new();
    let created = service.put(
        "/v1/apps/calendar",
        json!({
            "name": "Calendar",
            "redirect_uris": ["https://app.example/cb", "https://app.example/cb"],
            "scopes": ["write", "read", "write"],
            "logo_url": "http://localhost:8787/logo.png",
            "provider": "google",
        }),
    );
    assert_eq!((created.status, created.header("location")), (201, Some("/v1/apps/calendar")));
    let names = "app_id name description redirect_uris scopes client_type logo_url provider created_at updated_at client_secret";
    assert_eq!(members(&created.body).join(" "), names);
    let app = created.json();
    let facts = (&app["redirect_uris"], &app["scopes"], &app["client_type"], &app["description"]);
    assert_eq!(
        facts,
        (&json!(["https://app.example/cb"]), &json!(["write", "read"]), &json!("confidential"), &json!(null))
    );
    assert!(app["client_secret"].as_str().unwrap().starts_with("hcs_"));

    let read = service.get("/v1/apps/calendar");
    assert_eq!((read.status, read.json().get("client_secret")), (200, None));
    let replaced = service.put("/v1/apps/calendar", json!({ "name": "Calendar", "client_type": "public" }));
    assert_eq!(
        (replaced.status, replaced.json().get("client_secret"), &replaced.json()["scopes"]),
        (200, None, &json!([]))
    );
    let refused = service.post("/v1/apps/calendar/client-secret", json!({}));
    assert_eq!((refused.status, refused.text("code").as_str()), (409, "app_is_public"));
    assert_eq!(service.get("/v1/apps/mail").text("code"), "app_not_found");
}

#[test]
fn a_client_secret_is_rotated() {
    let service = Service::new();
    let app = service.app("calendar");
    let rotated = service.post("/v1/apps/calendar/client-secret", json!({ "previous_ttl": 60 }));
    assert_eq!(rotated.status, 201);
    assert_ne!(rotated.text("client_secret"), app.secret);
    let wrong = service.post("/v1/apps/calendar/client-secret", json!({ "previous_ttl": 604_801 }));
    assert_eq!(wrong.json()["errors"], json!({ "previous_ttl": "must be a whole number from 0 to 604800" }));
}

#[test]
fn registrations_are_checked() {
    let service = Service::new();
    let text = |max: usize| format!("must be 1 to {max} characters without control characters");
    let uri = "item 1 must be an absolute URI without a fragment, 2048 characters at most (RFC 6749)";
    for (body, errors) in [
        (json!({}), json!({ "name": "is required" })),
        (json!({ "name": "" }), json!({ "name": text(128) })),
        (
            json!({ "name": "a", "client_type": "native" }),
            json!({ "client_type": "must be one of public, confidential" }),
        ),
        (json!({ "name": "a", "redirect_uris": ["/cb"] }), json!({ "redirect_uris": uri })),
        (
            json!({ "name": "a", "logo_url": "http://app.example/" }),
            json!({ "logo_url": "must be an https URL of at most 2048 characters" }),
        ),
        (
            json!({ "name": "a", "provider": "Google" }),
            json!({
                "provider": "must be 1 to 64 lower-case letters, digits, '_' or '-'",
            }),
        ),
    ] {
        let answer = service.put("/v1/apps/calendar", body.clone());
        assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors), "{body}");
    }
}
