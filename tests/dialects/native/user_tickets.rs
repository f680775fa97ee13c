//! Tickets for a user: the user's connections, and their revocation by the user.

use hookswitch::core::UpstreamTokenType::AccessToken;
use serde_json::{Value, json};

use super::members;
use crate::kit::{ROOT, Request, Service, forge};

const CONNECTIONS: &str = "/v1/status/connections";

/// A ticket for a user.
fn ticket(service: &Service, user_id: &str, can: &Value) -> String {
    let created = service.post("/v1/status-tickets", json!({ "user_id": user_id, "can": can }));
    assert_eq!(created.status, 201, "{}", created.body);
    created.text("ticket")
}

/// The connections that a ticket shows.
fn shown(service: &Service, ticket: &str) -> Value {
    let answer = service.send(&Request::get(CONNECTIONS).bearer(ticket));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// The ids and statuses of the connections that a ticket shows.
fn statuses(service: &Service, ticket: &str) -> Vec<(String, String)> {
    let list = shown(service, ticket)["connections"].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.as_array().unwrap().iter().map(|item| (text(&item["id"]), text(&item["status"]))).collect()
}

fn revoke(id: &str, ticket: &str) -> Request {
    Request::post(&format!("{CONNECTIONS}/{id}/revoke")).bearer(ticket)
}

#[test]
fn ticket_for_a_user_is_short_lived_and_reads_by_default() {
    let service = Service::new();
    let anna = service.user("anna");
    let created = service.post("/v1/status-tickets", json!({ "user_id": anna }));
    assert_eq!(created.status, 201);
    assert_eq!(members(&created.body).join(" "), "ticket expires_at subject id can");
    let body = created.json();
    assert_eq!(
        (&body["subject"], &body["id"], &body["can"], &body["expires_at"]),
        (&json!("user"), &json!("anna"), &json!(["read"]), &json!("2026-11-21T07:43:23.000000Z"))
    );
    assert_eq!((body["ticket"].as_str().unwrap().len(), &created.text("ticket")[..4]), (94, "hst_"));
    let again = service.post("/v1/status-tickets", json!({ "user_id": anna }));
    assert_ne!(again.text("ticket"), created.text("ticket"));
    for can in [json!(["revoke"]), json!(["revoke", "read"])] {
        let created = service.post("/v1/status-tickets", json!({ "user_id": anna, "can": can }));
        assert_eq!(created.json()["can"], json!(["read", "revoke"]));
    }
    for (body, errors) in [
        (
            json!({ "user_id": anna, "ttl": 3_601 }),
            json!({ "ttl": "must be a whole number from 60 to 3600 for a user" }),
        ),
        (json!({ "user_id": anna, "can": [] }), json!({ "can": "must be a list of 1 to 2 items" })),
        (json!({ "user_id": anna, "can": ["write"] }), json!({ "can": "item 1 must be one of read, revoke" })),
        (
            json!({ "connection_id": "c", "user_id": anna }),
            json!({ "user_id": "must be left out if connection_id is given" }),
        ),
        (json!({ "token_id": "t", "can": ["read"] }), json!({ "can": "must be left out unless user_id is given" })),
    ] {
        let answer = service.post("/v1/status-tickets", body);
        assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors));
    }
    let missing = service.post("/v1/status-tickets", json!({ "user_id": "nobody" }));
    assert_eq!((missing.status, missing.text("code").as_str()), (404, "user_not_found"));
}

#[test]
fn ticket_lists_the_connections_that_are_not_over_with_their_apps() {
    let service = Service::new();
    let (anna, ben) = (service.user("anna"), service.user("ben"));
    let app = service.app_with("crm", |registration| {
        registration.name = "Acme CRM".to_owned();
        registration.scope_descriptions.insert("read".to_owned(), "Read your contacts".to_owned());
        registration.logo_url = Some("https://acme.example/logo.png".to_owned());
    });
    let other = service.app("calendar");
    let first = service.connect(&anna, &app, &[]);
    let second = service.connect(&anna, &other, &[]);
    let revoked = service.connect(&anna, &other, &[]);
    service.revoke_connection(&revoked);
    service.connect(&ben, &app, &[]);
    assert_eq!(service.post(&format!("/v1/connections/{second}/disable"), json!({})).status, 200);

    let ticket = ticket(&service, "anna", &json!(["read"]));
    let answer = service.send(&Request::get(&format!("{CONNECTIONS}?ticket={ticket}")));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(members(&answer.body).join(" "), "connections has_more can as_of ticket_expires_at apps");
    let body = answer.json();
    assert_eq!((&body["has_more"], &body["can"]), (&json!(false), &json!(["read"])));
    let [newest, oldest] = body["connections"].as_array().unwrap().as_slice() else { panic!("{body}") };
    assert_eq!((&newest["id"], &newest["status"]), (&json!(second), &json!("inactive")));
    assert_eq!((&oldest["id"], &oldest["status"]), (&json!(first), &json!("active")));
    let crm = &body["apps"]["crm"];
    assert_eq!((&crm["name"], &crm["logo_url"]), (&json!("Acme CRM"), &json!("https://acme.example/logo.png")));
    assert_eq!(crm["scope_descriptions"], json!({ "read": "Read your contacts" }));
    assert!(body["apps"]["calendar"]["name"].is_string());

    let tag = answer.header("etag").unwrap();
    let known = service.send(&Request::get(CONNECTIONS).bearer(&ticket).header("if-none-match", tag));
    assert_eq!((known.status, known.header("etag")), (304, Some(tag)));
    service.revoke_connection(&first);
    let changed = service.send(&Request::get(CONNECTIONS).bearer(&ticket).header("if-none-match", tag));
    assert_eq!((changed.status, statuses(&service, &ticket)), (200, vec![(second, "inactive".to_owned())]));
}

#[test]
fn list_shows_the_health_and_the_last_use_of_a_connection() {
    let service = Service::new();
    let anna = service.user("anna");
    let id = service.connect(&anna, &service.app("crm"), &[]);
    let ticket = ticket(&service, "anna", &json!(["read"]));
    let health = || {
        let item = shown(&service, &ticket)["connections"][0].clone();
        (item["health"].clone(), item["last_used_at"].clone())
    };
    assert_eq!(health(), (json!("ok"), json!(null)));
    let report = json!({ "status": "needs_reconnect", "reason": "401" });
    assert_eq!(service.post(&format!("/v1/connections/{id}/health"), report).status, 200);
    assert_eq!(health().0, json!("needs_reconnect"));
}

#[test]
fn revoked_users_have_no_connections_in_the_list() {
    let service = Service::new();
    let anna = service.user("anna");
    service.connect(&anna, &service.app("crm"), &[]);
    let ticket = ticket(&service, "anna", &json!(["read"]));
    assert_eq!(statuses(&service, &ticket).len(), 1);
    assert_eq!(service.post("/v1/users/anna/revoke", json!({})).status, 200);
    assert_eq!(statuses(&service, &ticket), []);
}

#[test]
fn list_has_at_most_100_connections() {
    let service = Service::new();
    let anna = service.user("anna");
    let app = service.app("crm");
    let connections: Vec<String> = (0..101).map(|_| service.connect(&anna, &app, &[])).collect();
    let ticket = ticket(&service, "anna", &json!(["read"]));
    let body = shown(&service, &ticket);
    assert_eq!((body["connections"].as_array().unwrap().len(), &body["has_more"]), (100, &json!(true)));
    assert_eq!(body["connections"][0]["id"], json!(connections.last()));
}

#[test]
fn holder_with_the_right_revokes_as_the_user() {
    let service = Service::new();
    let anna = service.user("anna");
    let id = service.connect(&anna, &service.app("crm"), &[]);
    let ticket = ticket(&service, "anna", &json!(["read", "revoke"]));
    let answer = service.send(&revoke(&id, &ticket));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let names = "changed effective_at id app_id scope status created_at activated_at provider_revocation \
        health last_used_at";
    assert_eq!(members(&answer.body).join(" "), names);
    assert_eq!((&answer.json()["changed"], answer.text("status").as_str()), (&json!(true), "revoked"));
    let again = service.send(&revoke(&id, &ticket));
    assert_eq!((again.status, &again.json()["changed"]), (200, &json!(false)));
    assert_eq!(statuses(&service, &ticket), []);
    let event =
        service.send(&Request::get("/v1/users/anna/events?type=connection.revoked").bearer(ROOT)).json()["items"][0]
            .clone();
    assert_eq!((&event["actor"], &event["connection_id"]), (&json!("anna"), &json!(id)));
}

#[test]
fn revocation_with_a_ticket_reaches_the_provider() {
    for (answers, status, progress) in [
        (&[200][..], "revoked", json!(null)),
        (&[503], "revoking", json!("in_progress")),
        (&[400], "revoking", json!("unconfirmed")),
    ] {
        let service = Service::new();
        service.provider("acme", &[AccessToken]);
        let app = service.app_with("crm", |registration| registration.provider = "acme".parse().ok());
        let id = service.connect(&service.user("anna"), &app, &[(AccessToken, "at")]);
        let ticket = ticket(&service, "anna", &json!(["revoke"]));
        for answer in answers {
            service.platform.http.respond(*answer, "");
        }
        let revoked = service.send(&revoke(&id, &ticket));
        assert_eq!((revoked.text("status").as_str(), &revoked.json()["provider_revocation"]), (status, &progress));
        let listed = statuses(&service, &ticket);
        let expected = if status == "revoking" { vec![(id, status.to_owned())] } else { vec![] };
        assert_eq!(listed, expected);
    }
}

#[test]
fn ticket_allows_nothing_else() {
    let service = Service::new();
    let (anna, ben) = (service.user("anna"), service.user("ben"));
    let app = service.app("crm");
    let (own, foreign) = (service.connect(&anna, &app, &[]), service.connect(&ben, &app, &[]));
    let reader = ticket(&service, "anna", &json!(["read"]));
    let revoker = ticket(&service, "anna", &json!(["revoke"]));
    let of_connection = service.post("/v1/status-tickets", json!({ "connection_id": own })).text("ticket");
    let live = format!("{CONNECTIONS}/live");
    for (request, status, code) in [
        (Request::get(CONNECTIONS), 401, "ticket_missing"),
        (Request::get(CONNECTIONS).bearer(&forge(&reader)), 401, "ticket_invalid"),
        (Request::get(CONNECTIONS).bearer(&of_connection), 403, "ticket_insufficient"),
        (Request::get(&live).bearer(&reader), 426, "upgrade_required"),
        (Request::get(&live).bearer(&of_connection).header("upgrade", "websocket"), 403, "ticket_insufficient"),
        (Request::get("/v1/status").bearer(&reader), 403, "ticket_insufficient"),
        (Request::get("/v1/status/live").bearer(&reader).header("upgrade", "websocket"), 403, "ticket_insufficient"),
        (revoke(&own, &reader), 403, "ticket_insufficient"),
        (revoke(&own, &of_connection), 403, "ticket_insufficient"),
        (revoke(&foreign, &revoker), 404, "connection_not_found"),
        (revoke(&forge(&own), &revoker), 404, "connection_not_found"),
        (Request::get("/v1/users/anna").bearer(&revoker), 401, "unauthenticated"),
        (Request::post(&format!("/v1/connections/{own}/revoke")).bearer(&revoker), 401, "unauthenticated"),
    ] {
        let answer = service.send(&request);
        assert_eq!((answer.status, answer.text("code").as_str()), (status, code), "{request:?}");
    }
    let upgrade = Request::get(&live).bearer(&reader).header("upgrade", "websocket");
    assert_eq!(service.send(&upgrade).status, 101);
    assert_eq!(statuses(&service, &reader), [(own, "active".to_owned())]);
    service.clock.advance_seconds(901);
    let expired = service.send(&Request::get(CONNECTIONS).bearer(&reader));
    assert_eq!((expired.status, expired.text("code").as_str()), (401, "ticket_expired"));
}
