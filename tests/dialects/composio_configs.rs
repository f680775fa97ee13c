//! Composio's auth configs and toolkits, and the older call that connects an account.

use serde_json::{Value, json};

use crate::kit::{CALLBACK, Request, Service};

const BASES: [&str; 2] = ["/api/v3.1", "/api/v3"];

impl Service {
    /// The ids of the auth configs that a query matches, and the cursor of the next page.
    fn configs(&self, query: &str) -> (Vec<String>, Value) {
        let answer = self.composio(Request::get(&format!("/api/v3.1/auth_configs?{query}")));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = answer.json();
        let items = page["items"].as_array().unwrap();
        assert_eq!(page["total_items"], items.len());
        (items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect(), page["next_cursor"].clone())
    }
}

#[test]
fn an_app_is_read_as_an_auth_config() {
    let service = Service::new();
    service.app_with("crm", |registration| {
        registration.provider = "acme".parse().ok();
        registration.logo_url = Some("https://cdn.example/logo.png".to_owned());
    });
    service.app("plain");
    service.settle();
    for base in BASES {
        let config = service.composio(Request::get(&format!("{base}/auth_configs/crm"))).json();
        assert_eq!(config["toolkit"], json!({ "slug": "acme", "logo": "https://cdn.example/logo.png" }));
        let facts = ["id", "uuid", "type", "name", "auth_scheme", "status", "is_composio_managed"];
        let facts: Vec<_> = facts.iter().map(|name| config[name].clone()).collect();
        assert_eq!(json!(facts), json!(["crm", "crm", "custom", "Acme", "OAUTH2", "ENABLED", false]));
        assert_eq!(config["credentials"], json!({ "scopes": ["read", "write"] }));
        assert!(config["no_of_connections"].is_number() && config["tool_access_config"].is_object(), "{config}");
        let plain = service.composio(Request::get(&format!("{base}/auth_configs/plain"))).json();
        assert_eq!(plain["toolkit"], json!({ "slug": "plain", "logo": "" }));
        for id in ["none", "a%20b%00"] {
            let unknown = service.composio(Request::get(&format!("{base}/auth_configs/{id}")));
            let error = &unknown.json()["error"];
            let facts = (unknown.status, &error["code"], &error["slug"]);
            assert_eq!(facts, (404, &json!(302), &json!("AuthConfig_ResourceNotFound")), "{id}");
        }
        let list = service.composio(Request::get(&format!("{base}/auth_configs"))).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        assert!(list["items"].as_array().unwrap().contains(&config), "{list}");
    }
    let member = service.api_key(&service.user("anna"));
    let answer = service.send(&Request::get("/api/v3.1/auth_configs").header("x-api-key", &member));
    assert_eq!(answer.status, 401);
}

#[test]
fn auth_configs_are_filtered_and_listed_page_by_page() {
    let service = Service::new();
    for id in ["one", "two", "acme"] {
        service.app_with(id, |registration| {
            registration.provider = if id == "acme" { None } else { "acme".parse().ok() };
            registration.name = format!("App {id}");
        });
    }
    service.app("other");
    service.settle();
    assert_eq!(service.configs("").0, ["other", "acme", "two", "one"]);
    // The app that is its own toolkit, and the apps of the provider.
    assert_eq!(service.configs("toolkit_slug=ACME").0, ["acme", "two", "one"]);
    assert_eq!(service.configs("toolkit_slug=other").0, ["other"]);
    assert_eq!(service.configs("toolkit_slug=none").0, [""; 0]);
    assert_eq!(service.configs("is_composio_managed=true").0, [""; 0]);
    assert_eq!(service.configs("is_composio_managed=false&show_disabled=true&x=1").0.len(), 4);
    assert_eq!(service.configs("search=App+t").0, ["two"]);
    let (first, cursor) = service.configs("limit=3");
    assert_eq!(first, ["other", "acme", "two"]);
    let (second, end) = service.configs(&format!("limit=3&cursor={}", cursor.as_str().unwrap()));
    assert_eq!((second, end), (vec!["one".to_owned()], Value::Null));
    for query in ["cursor=garbage", "limit=0", "toolkit_slug=a&toolkit_slug=b", "is_composio_managed=maybe"] {
        let answer = service.composio(Request::get(&format!("/api/v3.1/auth_configs?{query}")));
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[test]
fn a_toolkit_is_a_provider_or_an_app_without_one() {
    let service = Service::new();
    service.provider("acme", &[]);
    service.app_with("crm", |registration| registration.description = Some("Keeps customers.".to_owned()));
    for base in BASES {
        for (slug, name, description) in
            [("acme", "acme", ""), ("GitHub", "GitHub", ""), ("crm", "Acme", "Keeps customers.")]
        {
            let answer = service.composio(Request::get(&format!("{base}/toolkits/{slug}")));
            let toolkit = answer.json();
            let facts =
                (answer.status, &toolkit["name"], &toolkit["meta"]["description"], &toolkit["is_local_toolkit"]);
            assert_eq!(facts, (200, &json!(name), &json!(description), &json!(false)), "{slug}");
        }
        for slug in ["none", "a%00"] {
            assert_eq!(service.composio(Request::get(&format!("{base}/toolkits/{slug}"))).status, 404, "{slug}");
        }
    }
}

#[test]
fn the_older_call_begins_an_account_with_a_link() {
    let service = Service::new();
    service.user("anna");
    service.app("crm");
    for base in BASES {
        let path = format!("{base}/connected_accounts");
        let connection = json!({ "user_id": "anna", "callback_url": CALLBACK, "state": { "authScheme": "OAUTH2" } });
        let body = json!({ "auth_config": { "id": "crm" }, "connection": connection });
        let created = service.composio(Request::post(&path).json(body));
        let account = created.json();
        let url = account["redirect_url"].as_str().unwrap();
        assert_eq!((created.status, account["status"].as_str()), (201, Some("INITIATED")));
        let data = json!({ "authScheme": "OAUTH2", "val": { "status": "INITIATED", "redirectUrl": url } });
        assert_eq!((&account["connectionData"], &account["redirect_uri"]), (&data, &json!(url)));
        assert_eq!(service.account(account["id"].as_str().unwrap())["status"], "INITIATED");
        let page = service.send(&Request::get(url.strip_prefix(crate::kit::ORIGIN).unwrap()));
        assert_eq!(page.status, 200, "{}", page.body);
        for (body, status) in [
            (json!({}), 400),
            (json!({ "auth_config": { "id": "crm" }, "connection": {} }), 400),
            (json!({ "auth_config": "crm", "connection": { "user_id": "anna" } }), 400),
            (json!({ "auth_config": { "id": "none" }, "connection": { "user_id": "anna" } }), 404),
            (json!({ "auth_config": { "id": "crm" }, "connection": { "user_id": "nobody" } }), 404),
        ] {
            assert_eq!(service.composio(Request::post(&path).json(body.clone())).status, status, "{body}");
        }
    }
}
