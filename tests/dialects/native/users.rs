//! Users, and their lists.

use serde_json::{Value, json};

use super::members;
use crate::kit::{Request, Service};

#[test]
fn a_user_is_created_and_replaced() {
    let service = Service::new();
    let created = service.put("/v1/users/anna%2F1", json!({ "groups": ["b", "a", "b"], "external_id": "crm|1" }));
    assert_eq!((created.status, created.header("location")), (201, Some("/v1/users/anna%2F1")));
    let names = "user_id role groups external_id connectable created_at updated_at";
    assert_eq!(members(&created.body).join(" "), names);
    let user = created.json();
    let facts = (&user["user_id"], &user["role"], &user["groups"], &user["external_id"], &user["connectable"]);
    assert_eq!(facts, (&json!("anna/1"), &json!("member"), &json!(["a", "b"]), &json!("crm|1"), &json!(true)));
    assert_eq!(service.get("/v1/users/anna%2F1").json(), user);

    let replaced =
        service.put("/v1/users/anna%2F1", json!({ "role": "manager", "groups": null, "connectable": false }));
    assert_eq!((replaced.status, replaced.header("location")), (200, None));
    let facts = (&replaced.json()["groups"], &replaced.json()["external_id"]);
    assert_eq!(facts, (&json!([]), &json!(null)));
    assert_eq!(replaced.json()["created_at"], user["created_at"]);

    let unknown = service.get("/v1/users/nobody");
    assert_eq!((unknown.status, unknown.text("code").as_str()), (404, "user_not_found"));
    let mint = service.post("/v1/tokens", json!({ "user_id": "anna/1" }));
    assert_eq!((mint.status, mint.text("code").as_str()), (403, "user_not_connectable"));
}

#[test]
fn an_external_id_belongs_to_one_user() {
    let service = Service::new();
    service.put("/v1/users/anna", json!({ "external_id": "crm|1" }));
    let taken = service.put("/v1/users/bert", json!({ "external_id": "crm|1" }));
    assert_eq!((taken.status, taken.text("code").as_str()), (409, "external_id_taken"));
}

#[test]
fn a_user_is_revoked_whole_or_in_part() {
    let service = Service::new();
    let anna = service.user("anna");
    let token = service.token(&anna, 60).secret;
    service.api_key(&anna);
    let counted = service.post("/v1/users/anna/revoke", json!({ "dry_run": true })).json();
    assert_eq!(
        (&counted["dry_run"], &counted["total"], &counted["revoked"]["api_key"]),
        (&json!(true), &json!(2), &json!(1))
    );
    assert_eq!(service.status(&token), "valid");
    let part =
        service.post("/v1/users/anna/revoke", json!({ "kinds": ["connection_token", "connection"], "reason": "lost" }));
    assert_eq!((part.status, &part.json()["total"]), (200, &json!(1)));
    assert_eq!(members(&part.body)[..5], ["user_id", "dry_run", "before", "effective_at", "revoked"]);
    assert_eq!(service.status(&token), "revoked");
    assert_eq!(service.post("/v1/users/anna/revoke", json!({})).json()["total"], 1);
}

#[test]
fn lists_are_read_page_by_page_and_filtered() {
    let service = Service::new();
    let anna = service.user("anna");
    let tokens: Vec<_> = (0..3).map(|_| service.token(&anna, 60)).collect();
    service.consume(&tokens[0].secret);
    let ids = |answer: &Value| -> Vec<Value> {
        answer["items"].as_array().unwrap().iter().map(|item| item["token_id"].clone()).collect()
    };
    let first = service.get("/v1/users/anna/tokens?limit=2").json();
    assert_eq!(ids(&first), [json!(tokens[2].verdict.token_id), json!(tokens[1].verdict.token_id)]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = service.get(&format!("/v1/users/anna/tokens?limit=2&cursor={cursor}")).json();
    assert_eq!((ids(&second), &second["next_cursor"]), (vec![json!(tokens[0].verdict.token_id)], &json!(null)));
    let consumed = service.get("/v1/users/anna/tokens?status=consumed&kind=connection_token").json();
    assert_eq!(ids(&consumed), [json!(tokens[0].verdict.token_id)]);

    let events = service.get("/v1/users/anna/events?type=token.consumed").json();
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    let names = "id type at actor actor_type user_id token_id kind connection_id data";
    assert_eq!(members(&events["items"][0].to_string()).len(), names.split(' ').count());

    for (target, path) in [
        ("/v1/users/anna/tokens?limit=0", "limit"),
        ("/v1/users/anna/tokens?limit=101", "limit"),
        ("/v1/users/anna/tokens?limit=1.0", "limit"),
        ("/v1/users/anna/tokens?cursor=x", "cursor"),
        ("/v1/users/anna/tokens?status=dead", "status"),
        ("/v1/users/anna/events?type=token.lost", "type"),
        ("/v1/users/anna/connections?app_id=", "app_id"),
        ("/v1/users/root/tokens", "user_id"),
    ] {
        let answer = service.get(target);
        assert_eq!(answer.status, 400, "{target}");
        assert!(answer.json()["errors"].get(path).is_some(), "{target}: {}", answer.body);
    }
}

#[test]
fn the_connections_of_a_user_are_listed() {
    let service = Service::new();
    let anna = service.user("anna");
    let (calendar, mail) = (service.app("calendar"), service.app("mail"));
    service.connect(&anna, &calendar, &[]);
    let id = service.connect(&anna, &mail, &[]);
    assert_eq!(service.get("/v1/users/anna/connections").json()["items"].as_array().unwrap().len(), 2);
    let of_app = service.get("/v1/users/anna/connections?app_id=mail&status=active").json();
    assert_eq!((&of_app["items"][0]["id"], &of_app["items"][1]), (&json!(id), &json!(null)));
}

#[test]
fn a_member_has_access_to_itself_alone() {
    let service = Service::new();
    let anna = service.user("anna");
    service.user("bert");
    let key = service.api_key(&anna);
    for (target, status) in
        [("/v1/users/anna/events", 200), ("/v1/users/bert/events", 403), ("/v1/users/nobody/events", 403)]
    {
        assert_eq!(service.send(&Request::get(target).bearer(&key)).status, status, "{target}");
    }
}

#[test]
fn events_have_the_kind_of_their_actor_beside_its_id() {
    let service = Service::new();
    service.user("Root");
    let key = service.api_key(&"Root".parse().unwrap());
    let mint = Request::post("/v1/tokens").json(json!({ "user_id": "Root" })).bearer(&key);
    assert_eq!(service.send(&mint).status, 201);
    let events = service.get("/v1/users/Root/events").json();
    let actors: Vec<_> =
        events["items"].as_array().unwrap().iter().map(|event| (&event["actor"], &event["actor_type"])).collect();
    assert_eq!(actors.first(), Some(&(&json!("Root"), &json!("user"))));
    assert_eq!(actors.last(), Some(&(&json!("root"), &json!("root"))));
    let hidden = service.put("/v1/users/ro%E2%80%8Bot", json!({}));
    assert_eq!((hidden.status, hidden.text("code").as_str()), (400, "invalid_request"));
}
