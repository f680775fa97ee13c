//! Lists of the whole deployment, and `/v1/me`.

use hookswitch::core::user::{Profile, Role};
use serde_json::{Value, json};

use super::members;
use crate::kit::{Request, Service, profile};

impl Service {
    /// The values of a member of the items on all pages of a list.
    fn all(&self, target: &str, member: &str, limit: u32) -> Vec<String> {
        let separator = if target.contains('?') { '&' } else { '?' };
        let (mut values, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = self.get(&format!("{target}{separator}limit={limit}{cursor}"));
            assert_eq!(answer.status, 200, "{target} {}", answer.body);
            let page = answer.json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit as usize);
            values.extend(items.iter().map(|item| item[member].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return values,
            }
        }
    }
}

/// A deployment with three users, two apps and three connections, all of which the directory has.
fn deployment() -> (Service, Vec<String>) {
    let service = Service::new();
    let groups = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    let anna = service.user_with(
        "anna",
        Profile { groups: groups(&["a", "b"]), external_id: Some("crm|1".parse().unwrap()), ..profile(Role::Member) },
    );
    service.settle();
    let bert = service.user_with("bert", Profile { groups: groups(&["b"]), ..profile(Role::Manager) });
    service.settle();
    service.user_with("Annabel", profile(Role::Admin));
    service.settle();
    let crm = service.app_with("crm", |registration| "Customers".clone_into(&mut registration.name));
    service.settle();
    let mail = service.app_with("mail", |registration| {
        "customer mail".clone_into(&mut registration.name);
        registration.provider = Some("google".parse().unwrap());
    });
    service.settle();
    let mut ids = Vec::new();
    for (user, app) in [(&anna, &crm), (&bert, &crm), (&anna, &mail)] {
        ids.push(service.connect(user, app, &[]));
        service.settle();
    }
    (service, ids)
}

#[test]
fn users_are_found_by_prefix_group_role_and_status_on_pages_of_any_size() {
    let (service, _) = deployment();
    for (query, expected) in [
        ("", vec!["Annabel", "bert", "anna"]),
        ("prefix=an", vec!["anna"]),
        ("prefix=An", vec!["Annabel"]),
        ("prefix=crm%7C", vec!["anna"]),
        ("prefix=n", vec![]),
        ("group=b", vec!["bert", "anna"]),
        ("group=c", vec![]),
        ("role=admin", vec!["Annabel"]),
        ("status=active&role=manager", vec!["bert"]),
        ("group=b&prefix=be", vec!["bert"]),
    ] {
        for limit in [1, 2, 100] {
            assert_eq!(service.all(&format!("/v1/users?{query}"), "user_id", limit), expected, "{query}");
        }
    }
    let listed = service.get("/v1/users?prefix=anna").json()["items"][0].clone();
    let read = service.get("/v1/users/anna").json();
    for member in ["user_id", "role", "groups", "external_id", "connectable", "created_at", "updated_at"] {
        assert_eq!(listed[member], read[member], "{member}");
    }
    assert_eq!(listed["status"], "active");
}

#[test]
fn apps_are_found_by_id_name_and_provider() {
    let (service, _) = deployment();
    for (query, expected) in [
        ("", vec!["mail", "crm"]),
        ("prefix=CUSTOMER", vec!["mail", "crm"]),
        ("prefix=customers", vec!["crm"]),
        ("prefix=ma", vec!["mail"]),
        ("prefix=Ma", vec![]),
        ("provider=google", vec!["mail"]),
        ("status=active", vec!["mail", "crm"]),
    ] {
        assert_eq!(service.all(&format!("/v1/apps?{query}"), "app_id", 1), expected, "{query}");
    }
    let listed = service.get("/v1/apps?prefix=crm").json()["items"][0].clone();
    let read = service.get("/v1/apps/crm").json();
    for (member, value) in read.as_object().unwrap() {
        assert_eq!(listed[member], *value, "{member}");
    }
    assert!(!service.get("/v1/apps").body.contains("secret"));
}

#[test]
fn connections_are_found_by_every_filter_and_show_their_newest_status() {
    let (service, ids) = deployment();
    let of = |indexes: &[usize]| indexes.iter().map(|index| ids[*index].clone()).collect::<Vec<_>>();
    service.revoke_connection(&ids[1]);
    service.settle();
    for (query, expected) in [
        (String::new(), of(&[2, 1, 0])),
        ("user_id=anna".to_owned(), of(&[2, 0])),
        ("app_id=crm".to_owned(), of(&[1, 0])),
        ("group=a".to_owned(), of(&[2, 0])),
        ("group=b".to_owned(), of(&[2, 1, 0])),
        ("status=revoked".to_owned(), of(&[1])),
        ("status=active&health=ok".to_owned(), of(&[2, 0])),
        ("provider=google".to_owned(), of(&[])),
        ("prefix=an".to_owned(), of(&[2, 0])),
        ("prefix=ma".to_owned(), of(&[2])),
        (format!("prefix={}", &ids[0][..20]), prefixed(&ids, &ids[0][..20])),
    ] {
        assert_eq!(service.all(&format!("/v1/connections?{query}"), "id", 2), expected, "{query}");
    }
    let listed = service.get("/v1/connections?status=revoked").json()["items"][0].clone();
    let read = service.get(&format!("/v1/connections/{}", ids[1])).json();
    for member in ["id", "user_id", "app_id", "status", "scope", "created_at", "created_by", "changed_at"] {
        assert_eq!(listed[member], read[member], "{member}");
    }
}

/// Those of the ids that begin with a text, newest first.
fn prefixed(ids: &[String], prefix: &str) -> Vec<String> {
    ids.iter().rev().filter(|id| id.starts_with(prefix)).cloned().collect()
}

#[test]
fn an_initiated_connection_expires_in_the_list_at_its_time() {
    let service = Service::new();
    let (anna, app) = (service.user("anna"), service.app("crm"));
    let id = service.code(&anna, &app).connection_id;
    service.settle();
    let statuses = |query: &str| service.all(&format!("/v1/connections?{query}"), "status", 10);
    assert_eq!((statuses("status=initiated"), statuses("status=expired")), (vec!["initiated".to_owned()], vec![]));
    // Its ledger records the end later.
    service.clock.advance_seconds(700);
    assert_eq!((statuses("status=initiated"), statuses("status=expired")), (vec![], vec!["expired".to_owned()]));
    service.settle();
    assert_eq!(service.all("/v1/connections?status=expired", "id", 10), [id]);
}

#[test]
fn connections_that_a_revocation_of_their_user_ends_show_it() {
    let (service, ids) = deployment();
    assert_eq!(service.post("/v1/users/anna/revoke", json!({})).status, 200);
    service.settle();
    let revoked = service.all("/v1/connections?status=revoked", "id", 10);
    assert_eq!(revoked, [ids[2].clone(), ids[0].clone()]);
    assert_eq!(service.all("/v1/connections?status=active", "id", 10), [ids[1].clone()]);
}

#[test]
fn events_of_users_apps_providers_webhooks_and_keys_are_listed_and_those_of_tokens_are_not() {
    let (service, ids) = deployment();
    let anna = "anna".parse().unwrap();
    service.provider("acme", &[]);
    let webhook = json!({ "url": "https://hooks.example/secret-path?token=1" });
    assert_eq!(service.put("/v1/webhooks/one", webhook.clone()).status, 201);
    assert_eq!(service.put("/v1/webhooks/one", json!({ "url": "https://other.example/" })).status, 200);
    service.post("/v1/webhooks/one/secret", json!({}));
    service.put("/v1/webhooks/one", json!({ "url": "https://other.example/", "disabled": true }));
    service.root(Request::delete("/v1/webhooks/one"));
    service.post("/v1/apps/crm/client-secret", json!({}));
    service.settle();
    let token = service.token(&anna, 60).secret;
    service.revoke(&token);
    let key = service.api_key(&anna);
    service.settle();
    let types = |query: &str| service.all(&format!("/v1/events?{query}"), "type", 3);
    assert_eq!(types("user_id=anna&type=token."), ["token.created"]);
    assert_eq!(types("type=user."), ["user.created"; 3]);
    assert_eq!(types("type=user"), Vec::<String>::new());
    assert_eq!(types("provider=acme"), ["provider.created"]);
    let of_webhooks =
        ["deleted", "disabled", "secret_rotated", "updated", "created"].map(|kind| format!("webhook.{kind}"));
    assert_eq!(types("type=webhook."), of_webhooks);
    assert_eq!(types("app_id=crm&type=app."), ["app.secret_rotated", "app.created"]);
    assert_eq!(types(&format!("connection_id={}", ids[1])), ["connection.created"]);
    assert_eq!(types("actor=nobody"), Vec::<String>::new());
    let all = service.get("/v1/events?limit=100").body;
    for secret in [&token, &key, "secret-path", "hcs_", "whsec_"] {
        assert!(!all.contains(secret), "{secret}");
    }
    let event = service.get("/v1/events?type=user.created&user_id=anna").json()["items"][0].clone();
    let read = service.get("/v1/users/anna/events?type=user.created").json()["items"][0].clone();
    for member in ["id", "type", "at", "actor", "actor_type", "user_id", "data"] {
        assert_eq!(event[member], read[member], "{member}");
    }
    let at = event["at"].as_str().unwrap();
    assert_eq!(types(&format!("since={at}&until={at}")), Vec::<String>::new());
    assert!(types(&format!("until={at}")).is_empty());
    assert_eq!(types(&format!("since={at}&type=user.")).len(), 3);
}

#[test]
fn pages_continue_where_they_ended_whatever_arrives_and_changes_meanwhile() {
    let service = Service::new();
    for index in 0..6 {
        service.user(&format!("user-{index}"));
        service.settle();
    }
    let first = service.get("/v1/users?limit=2").json();
    let cursor = first["next_cursor"].as_str().unwrap().to_owned();
    service.user("user-6");
    service.put("/v1/users/user-1", json!({ "groups": ["late"] }));
    service.settle();
    let rest = service.get(&format!("/v1/users?limit=10&cursor={cursor}")).json();
    let ids = |page: &Value| {
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["user_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&first), ids(&rest)),
        (vec!["user-5".to_owned(), "user-4".to_owned()], (0..4).rev().map(|index| format!("user-{index}")).collect())
    );
    assert_eq!(rest["items"][2]["groups"], json!(["late"]));
}

#[test]
fn only_root_and_admins_list_the_deployment() {
    let (service, _) = deployment();
    let key = |user: &str| service.api_key(&user.parse().unwrap());
    let (admin, manager, member) = (key("Annabel"), key("bert"), key("anna"));
    for path in ["/v1/users", "/v1/apps", "/v1/connections", "/v1/events"] {
        assert_eq!(service.send(&Request::get(path).bearer(&admin)).status, 200, "{path}");
        for key in [&manager, &member] {
            let refused = service.send(&Request::get(path).bearer(key));
            assert_eq!((refused.status, refused.text("code").as_str()), (403, "admin_required"), "{path}");
            assert!(refused.text("detail").contains("admin"));
        }
        assert_eq!(service.send(&Request::get(path)).status, 401);
        for query in ["limit=0", "limit=101", "cursor=x", "prefix=", "unknown=1", "limit=1&limit=2"] {
            assert_eq!(service.get(&format!("{path}?{query}")).status, 400, "{path} {query}");
        }
    }
    for target in ["/v1/users?status=gone", "/v1/connections?health=bad", "/v1/events?since=now", "/v1/users?role=x"] {
        assert_eq!(service.get(target).status, 400, "{target}");
    }
}

#[test]
fn without_the_directory_lists_are_503_and_everything_else_works_and_nothing_is_lost() {
    let (service, ids) = deployment();
    service.platform.directory.set_down(true);
    for path in ["/v1/users", "/v1/apps", "/v1/connections", "/v1/events"] {
        let answer = service.get(path);
        assert_eq!((answer.status, answer.text("code").as_str()), (503, "directory_unavailable"), "{path}");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    let carl = service.user("carl");
    let app = service.app("late");
    let id = service.connect(&carl, &app, &[]);
    service.revoke_connection(&ids[0]);
    for _ in 0..20 {
        service.settle();
    }
    assert_eq!(service.connection(&id).status().as_str(), "active");
    service.platform.directory.set_down(false);
    for _ in 0..70 {
        service.settle();
    }
    assert_eq!(service.all("/v1/users?prefix=carl", "user_id", 10), ["carl"]);
    assert_eq!(service.all("/v1/apps?prefix=late", "app_id", 10), ["late"]);
    assert_eq!(service.all("/v1/connections?status=active&user_id=carl", "id", 10), [id]);
    assert_eq!(service.all("/v1/connections?status=revoked", "id", 10), [ids[0].clone()]);
    assert_eq!(service.all("/v1/events?user_id=carl", "type", 10), ["connection.created", "user.created"]);
}

#[test]
fn a_key_learns_whom_it_authenticates() {
    let (service, _) = deployment();
    let bert = "bert".parse().unwrap();
    let key = service.api_key(&bert);
    let answer = service.send(&Request::get("/v1/me").bearer(&key));
    assert_eq!(members(&answer.body).join(" "), "actor actor_type user_id role groups token_id limited");
    let me = answer.json();
    let facts = (&me["actor"], &me["actor_type"], &me["role"], &me["groups"], &me["limited"]);
    assert_eq!(facts, (&json!("bert"), &json!("user"), &json!("manager"), &json!(["b"]), &json!(false)));
    assert_eq!(me["token_id"], service.verdict(&key).token_id.as_str());
    let root = service.get("/v1/me").json();
    assert_eq!((&root["actor"], &root["user_id"], &root["role"]), (&json!("root"), &Value::Null, &Value::Null));
    assert_eq!(service.send(&Request::get("/v1/me")).status, 401);
}
