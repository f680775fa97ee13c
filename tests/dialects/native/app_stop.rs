//! Apps that are disabled, revoked and deleted for everybody, and their jobs.

use hookswitch::operations::Settings;
use serde_json::{Value, json};

use super::members;
use crate::kit::{CALLBACK, Request, Service};

#[test]
fn a_disabled_app_neither_authenticates_nor_gets_anything_new() {
    let login_url = "https://operator.example/login".to_owned();
    let service = Service::with_settings(Settings { login_url, ..Settings::default() });
    let anna = service.user("anna");
    let app = service.app("crm");
    let id = service.connect(&anna, &app, &[]);
    let code = service.code(&anna, &app);
    let token = || {
        let form = [("grant_type", "authorization_code"), ("code", code.secret.as_str())];
        service.send(&Request::post("/oauth/token").basic("crm", &app.secret).form(&form))
    };
    let create = || service.post("/v1/connections", json!({ "user_id": "anna", "app_id": "crm" }));
    let mint = || service.post("/v1/tokens", json!({ "user_id": "anna", "app_id": "crm" }));
    let authorize = || {
        let query = [("client_id", "crm"), ("redirect_uri", CALLBACK), ("response_type", "code")];
        service.send(&Request::get("/oauth/authorize").query(&query)).status
    };

    let disabled = service.post("/v1/apps/crm/disable", json!({ "reason": "a breach" }));
    assert_eq!(disabled.status, 200, "{}", disabled.body);
    let facts = (disabled.text("stopped"), disabled.text("stopped_reason"));
    assert_eq!(facts, ("disabled".to_owned(), "a breach".to_owned()));
    assert!(disabled.text("effective_at").starts_with("2026-11-21T07:28:33.123"), "ten seconds later");
    for refused in [create(), mint()] {
        assert_eq!((refused.status, refused.text("code").as_str()), (409, "app_disabled"));
    }
    assert_eq!((token().status, token().text("error").as_str()), (401, "invalid_client"));
    assert_eq!(authorize(), 400);
    assert_eq!(service.get(&format!("/v1/connections/{id}")).text("status"), "active", "connections stay");
    assert_eq!(service.get("/v1/apps/crm").text("stopped"), "disabled");

    let enabled = service.post("/v1/apps/crm/enable", json!({}));
    assert_eq!((enabled.status, &enabled.json()["stopped"]), (200, &Value::Null));
    assert_eq!(create().status, 201);
    assert_eq!(token().status, 200, "{}", token().body);
}

#[test]
fn a_job_is_begun_read_listed_and_cancelled() {
    let service = Service::new();
    service.app("crm");
    let begun = service.post("/v1/apps/crm/revoke", json!({ "reason": "a breach" }));
    let id = begun.text("id");
    assert_eq!((begun.status, begun.header("location")), (202, Some(format!("/v1/jobs/{id}").as_str())));
    let names = "id kind status app_id dry_run reason created_at created_by effective_at users visited retrying \
        affected revoked finished_at";
    assert_eq!(members(&begun.body).join(" "), names);
    assert!(begun.text("effective_at").starts_with("2026-11-21T07:28:33.123"), "ten seconds later");
    let path = format!("/v1/jobs/{id}");
    assert_eq!(service.get(&path).json(), begun.json());
    assert_eq!(service.get("/v1/apps/crm").text("stopped"), "revoking");
    for (method, answer) in [
        ("delete", service.root(Request::delete("/v1/apps/crm"))),
        ("enable", service.post("/v1/apps/crm/enable", json!({}))),
    ] {
        assert_eq!((answer.status, answer.text("code").as_str()), (409, "job_running"), "{method}");
    }
    let cancelled = service.post(&format!("{path}/cancel"), json!({}));
    assert_eq!((cancelled.status, cancelled.text("status").as_str()), (200, "cancelled"));
    assert_eq!(service.get("/v1/apps/crm").json()["stopped"], Value::Null);
    assert_eq!(service.get("/v1/jobs").json()["items"], json!([]), "the registry reports it by its alarm");
    let counted = service.root(Request::delete("/v1/apps/crm?dry_run=true"));
    assert_eq!((counted.status, counted.text("kind").as_str()), (202, "app.delete"));
    assert_eq!(service.get("/v1/apps/crm").json()["stopped"], Value::Null);
}

#[test]
fn jobs_are_for_administrators() {
    let service = Service::new();
    service.app("crm");
    let id = service.post("/v1/apps/crm/revoke", json!({})).text("id");
    let key = service.api_key(&service.user("anna"));
    for request in [
        Request::get("/v1/jobs"),
        Request::get(&format!("/v1/jobs/{id}")),
        Request::post(&format!("/v1/jobs/{id}/cancel")),
        Request::post("/v1/apps/crm/revoke"),
        Request::post("/v1/apps/crm/disable"),
        Request::post("/v1/apps/crm/enable"),
        Request::delete("/v1/apps/crm"),
    ] {
        let answer = service.send(&request.clone().bearer(&key));
        assert_eq!((answer.status, answer.text("code").as_str()), (403, "forbidden"), "{request:?}");
    }
    let unknown = service.get("/v1/jobs/job_a0000000000000000000000ff");
    assert_eq!((unknown.status, unknown.text("code").as_str()), (404, "job_not_found"));
    let missing = service.post("/v1/apps/other/revoke", json!({}));
    assert_eq!((missing.status, missing.text("code").as_str()), (404, "app_not_found"));
}
