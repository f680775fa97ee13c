//! Connections, the tokens under them, and the credentials that they store.

use serde_json::json;

use super::members;
use crate::kit::{Service, forge};

#[test]
fn a_connection_is_created_disabled_enabled_and_revoked() {
    let service = Service::new();
    service.user("anna");
    service.app("calendar");
    let created =
        service.post("/v1/connections", json!({ "user_id": "anna", "app_id": "calendar", "metadata": { "a": 1 } }));
    let id = created.text("id");
    let path = format!("/v1/connections/{id}");
    assert_eq!((created.status, created.header("location")), (201, Some(path.as_str())));
    let names = "id user_id app_id status status_reason as_of scope created_at created_by expires_at activated_at \
        changed_at changed_by revoked_at metadata upstream";
    assert_eq!(members(&created.body).join(" "), names);
    let connection = created.json();
    let facts = (&connection["status"], &connection["scope"], &connection["expires_at"], &connection["metadata"]);
    assert_eq!(facts, (&json!("active"), &json!("read write"), &json!(null), &json!({ "a": 1 })));

    let disabled = service.post(&format!("{path}/disable"), json!({ "reason": "audit" })).json();
    let facts = (&disabled["changed"], &disabled["previous"], &disabled["status"], &disabled["status_reason"]);
    assert_eq!(facts, (&json!(true), &json!("active"), &json!("inactive"), &json!("audit")));
    let refused = service.post(&format!("{path}/tokens"), json!({}));
    assert_eq!((refused.status, refused.text("code").as_str()), (409, "connection_inactive"));
    assert_eq!(refused.json()["connection"]["status"], "inactive");
    assert_eq!(service.post(&format!("{path}/enable"), json!({})).text("status"), "active");

    let revoked = service.post(&format!("{path}/revoke"), json!({})).json();
    assert_eq!((&revoked["changed"], &revoked["status"]), (&json!(true), &json!("revoked")));
    assert_eq!(revoked["revoked_at"], revoked["changed_at"]);
    let again = service.post(&format!("{path}/revoke"), json!({})).json();
    assert_eq!((&again["changed"], &again["previous"]), (&json!(false), &json!("revoked")));
    assert_eq!(service.post(&format!("{path}/enable"), json!({})).text("code"), "connection_revoked");
}

#[test]
fn tokens_are_issued_under_a_connection() {
    let service = Service::new();
    let anna = service.user("anna");
    let app = service.app("calendar");
    let path = format!("/v1/connections/{}/tokens", service.connect(&anna, &app, &[]));
    let issued = service.post(&path, json!({ "scope": "read", "ttl": 60 }));
    let names =
        "access_token token_type expires_in refresh_token scope token_id refresh_token_id connection_id user_id app_id";
    assert_eq!((issued.status, members(&issued.body).join(" ")), (201, names.to_owned()));
    assert_eq!((&issued.json()["expires_in"], &issued.json()["scope"]), (&json!(60), &json!("read")));
    assert_eq!(service.status(&issued.text("access_token")), "valid");
    let alone = service.post(&path, json!({ "refresh_token": false }));
    assert_eq!((alone.status, &alone.json()["expires_in"]), (201, &json!(3_600)));
    assert!(alone.json().get("refresh_token").is_none() && alone.json().get("refresh_token_id").is_none());
    assert_eq!(service.post(&path, json!({ "scope": "admin" })).text("code"), "invalid_scope");
}

#[test]
fn credentials_are_stored_and_never_returned() {
    let service = Service::new();
    service.user("anna");
    service.provider("acme", &[hookswitch::core::UpstreamTokenType::RefreshToken]);
    service.app_with("calendar", |registration| registration.provider = Some("acme".parse().unwrap()));
    let upstream = json!({ "access_token": "ya29", "refresh_token": "1//0g", "expires_in": 60 });
    let body = json!({ "user_id": "anna", "app_id": "calendar", "upstream": upstream });
    let created = service.post("/v1/connections", body);
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(!created.body.contains("ya29") && !created.body.contains("1//0g"));
    let stored = &created.json()["upstream"];
    assert_eq!(stored["provider"], "acme");
    let names = "token_type expires_at revocation_id state attempts next_attempt_at error changed_at";
    assert_eq!(members(&stored["credentials"][0].to_string()).len(), names.split(' ').count());
    for credential in stored["credentials"].as_array().unwrap() {
        assert_eq!((&credential["state"], &credential["revocation_id"]), (&json!("held"), &json!(null)));
        let expires_at =
            if credential["token_type"] == "access_token" { json!("2026-11-21T07:29:23.123000Z") } else { json!(null) };
        assert_eq!(credential["expires_at"], expires_at);
    }
    let path = format!("/v1/connections/{}/upstream", created.text("id"));
    let differs = service.put(&path, json!({ "provider": "google", "access_token": "other" }));
    assert_eq!((differs.status, differs.text("code").as_str()), (409, "provider_differs"));
    assert_eq!(service.put(&path, json!({ "access_token": "new" })).status, 200);

    service.app("plain");
    let missing = json!({ "user_id": "anna", "app_id": "plain", "upstream": { "access_token": "a" } });
    let missing = service.post("/v1/connections", missing);
    assert_eq!((missing.status, missing.text("code").as_str()), (400, "provider_missing"));
}

#[test]
fn any_other_text_names_an_unknown_connection() {
    let service = Service::new();
    let anna = service.user("anna");
    let app = service.app("calendar");
    let id = service.connect(&anna, &app, &[]);
    for text in ["x", "%20", &forge(&id), "tok_0"] {
        let answer = service.get(&format!("/v1/connections/{text}"));
        assert_eq!((answer.status, answer.text("code").as_str()), (404, "connection_not_found"), "{text}");
    }
}
