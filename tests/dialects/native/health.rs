//! The health of connections, and when connections and API keys were last used.

use serde_json::{Value, json};

use crate::kit::{Request, Service};

#[test]
fn a_backend_reports_that_the_provider_rejected_the_credentials() {
    let service = Service::new();
    let anna = service.user("anna");
    let id = service.connect(&anna, &service.app("calendar"), &[]);
    let path = format!("/v1/connections/{id}");
    let read = || service.get(&path).json();
    assert_eq!((&read()["health"], &read()["health_reason"]), (&json!("ok"), &json!(null)));

    let ticket = service.post("/v1/status-tickets", json!({ "connection_id": id })).text("ticket");
    let shown = || service.send(&Request::get("/v1/status").bearer(&ticket)).text("health");
    assert_eq!(shown(), "ok");

    let body = json!({ "status": "needs_reconnect", "reason": "401 from Acme" });
    let reported = service.post(&format!("{path}/health"), body);
    assert_eq!((reported.status, reported.text("status").as_str()), (200, "active"));
    let connection = read();
    assert_eq!(
        (&connection["health"], &connection["health_reason"]),
        (&json!("needs_reconnect"), &json!("401 from Acme"))
    );
    assert_eq!(connection["health_since"], reported.json()["as_of"]);
    assert_eq!(shown(), "needs_reconnect");
    let events = service.get("/v1/users/anna/events?type=connection.health_changed").json();
    assert_eq!(events["items"][0]["data"]["health"], "needs_reconnect");

    let reset = service.post(&format!("{path}/health"), json!({ "status": "ok" })).json();
    assert_eq!((&reset["health"], &reset["health_reason"]), (&json!("ok"), &json!(null)));
    service.revoke_connection(&id);
    let refused = service.post(&format!("{path}/health"), json!({ "status": "needs_reconnect" }));
    assert_eq!((refused.status, refused.text("code").as_str()), (409, "connection_revoked"));
    assert_eq!(read()["health"], json!(null));
}

#[test]
fn a_report_is_checked() {
    let service = Service::new();
    let anna = service.user("anna");
    let id = service.connect(&anna, &service.app("calendar"), &[]);
    let path = format!("/v1/connections/{id}/health");
    for (body, errors) in [
        (json!({}), json!({ "status": "is required" })),
        (json!({ "status": "broken" }), json!({ "status": "must be one of ok, needs_reconnect" })),
    ] {
        let refused = service.post(&path, body);
        assert_eq!((refused.status, &refused.json()["errors"]), (400, &errors));
    }
}

#[test]
fn the_app_of_the_connection_reports_with_its_client_secret() {
    let service = Service::new();
    let anna = service.user("anna");
    let [calendar, mail] = ["calendar", "mail"].map(|id| service.app(id));
    let public = service.public_app("phone");
    let id = service.connect(&anna, &calendar, &[]);
    let path = format!("/v1/connections/{id}/health");
    let report = || Request::post(&path).json(json!({ "status": "needs_reconnect" }));
    let other = service.api_key(&service.user("bob"));
    for (request, status) in [
        (report(), 401),
        (report().bearer("hak_0"), 401),
        (report().basic("calendar", &mail.secret), 401),
        (report().basic("phone", &public.secret), 401),
        (report().basic("mail", &mail.secret), 403),
        (report().bearer(&other), 403),
        (report().basic("calendar", &calendar.secret), 200),
        (report().bearer(&service.api_key(&anna)), 200),
    ] {
        let answer = service.send(&request);
        assert_eq!(answer.status, status, "{request:?} {}", answer.body);
    }
    let by = service.get("/v1/users/anna/events?type=connection.health_changed").json()["items"][0]["actor"].clone();
    assert_eq!(by, "app:calendar");
}

#[test]
fn composio_shows_an_account_that_needs_a_new_connection_as_expired() {
    let service = Service::new();
    let app = service.app_of_acme();
    let [ok, rejected, unexplained] = ["anna", "bob", "carl"].map(|user| service.account_of(user, &app));
    for (id, reason) in [(&rejected, json!("invalid_grant")), (&unexplained, json!(null))] {
        let body = json!({ "status": "needs_reconnect", "reason": reason });
        assert_eq!(service.post(&format!("/v1/connections/{id}/health"), body).status, 200);
    }
    let facts = |id: &str| {
        let account = service.account(id);
        (account["status"].clone(), account["status_reason"].clone(), account["state"]["val"]["expired_at"].is_string())
    };
    assert_eq!(facts(&ok), (json!("ACTIVE"), Value::Null, false));
    assert_eq!(facts(&rejected), (json!("EXPIRED"), json!("invalid_grant"), true));
    assert_eq!(facts(&unexplained), (json!("EXPIRED"), json!("The provider rejected the credentials"), true));
    // Its tokens live: they can be revoked.
    let revoked = service.composio(Request::post(&format!("{}/{rejected}/revoke", crate::composio::ACCOUNTS)));
    assert_ne!(revoked.status, 409, "{}", revoked.body);
}

#[test]
fn last_uses_are_shown() {
    let service = Service::new();
    let anna = service.user("anna");
    let id = service.connect(&anna, &service.app("calendar"), &[]);
    let connection = || service.get(&format!("/v1/connections/{id}")).json()["last_used_at"].clone();
    let access = service.post(&format!("/v1/connections/{id}/tokens"), json!({})).text("access_token");
    assert_eq!(connection(), Value::Null);
    service.status(&access);
    assert!(connection().is_string());

    let created = service.post("/v1/api-keys", json!({ "user_id": "anna", "idle_ttl": 3_600 }));
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(created.json()["expires_at"].is_string());
    let key = || service.get("/v1/users/anna/tokens?kind=api_key").json()["items"][0]["last_used_at"].clone();
    assert_eq!(key(), Value::Null);
    service.send(&Request::get("/v1/users/anna").bearer(&created.text("api_key")));
    assert!(key().is_string());
    let refused = service.post("/v1/api-keys", json!({ "user_id": "anna", "idle_ttl": 60 }));
    assert_eq!(refused.json()["errors"], json!({ "idle_ttl": "must be a whole number from 3600 to 31536000" }));
}
