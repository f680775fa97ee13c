//! Providers, and revocations at providers.

use hookswitch::core::decide::operator::UpdateAbandoned;
use hookswitch::core::revocation::Revocation;
use hookswitch::core::{ConnectionRef, Role, UpstreamTokenType};
use hookswitch::operations::connections;
use serde_json::{Value, json};

use super::members;
use crate::kit::{Request, Service, profile};

fn rfc7009() -> Value {
    json!({ "method": "rfc7009", "url": "https://auth.acme.example/revoke", "auth": "basic" })
}

#[test]
fn a_provider_is_configured_with_defaults() {
    let service = Service::new();
    let created = service
        .put("/v1/providers/acme", json!({ "revocation": rfc7009(), "client_id": "us", "client_secret": "s3cr3t" }));
    assert_eq!((created.status, created.header("location")), (201, Some("/v1/providers/acme")));
    let names = "slug name revocation client_id has_client_secret source created_at updated_at";
    let top = members(&created.body);
    assert!(names.split(' ').all(|name| top.iter().any(|other| other == name)), "{top:?}");
    let provider = created.json();
    assert_eq!(
        (&provider["name"], &provider["has_client_secret"], &provider["source"]),
        (&json!("acme"), &json!(true), &json!("operator"))
    );
    let call = json!({
        "method": "rfc7009",
        "url": "https://auth.acme.example/revoke",
        "auth": "basic",
        "body": "form",
        "parameter": "token",
        "tokens": ["refresh_token", "access_token"],
        "gone_errors": ["invalid_token"],
        "gone_statuses": [],
    });
    assert_eq!(provider["revocation"], call);
    assert!(!created.body.contains("s3cr3t"));
    assert_eq!(service.get("/v1/providers/acme").json(), provider);
    assert_eq!(service.root(Request::delete("/v1/providers/acme")).status, 204);
    assert_eq!(service.get("/v1/providers/acme").text("code"), "provider_not_found");
}

#[test]
fn the_catalogue_is_the_default() {
    let service = Service::new();
    let shipped = service.get("/v1/providers/github").json();
    assert_eq!((&shipped["source"], &shipped["created_at"]), (&json!("shipped"), &json!(null)));
    let put = |body: Value| service.put("/v1/providers/github", body).json();
    for body in [json!({}), json!({ "name": null, "revocation": null })] {
        let provider = put(body);
        assert_eq!((&provider["name"], &provider["revocation"]), (&shipped["name"], &shipped["revocation"]));
    }
    assert_eq!(put(json!({ "revocation": { "method": "none" } }))["revocation"], json!(null));
    let slugs: Vec<_> = service.get("/v1/providers").json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["slug"].clone())
        .collect();
    assert!(slugs.iter().filter(|slug| *slug == "github").count() == 1 && slugs.len() >= 25);
}

#[test]
fn calls_are_checked() {
    let service = Service::new();
    let with = |name: &str, value: Value| {
        let mut call = rfc7009();
        call[name] = value;
        call
    };
    for (call, path, rule) in [
        (json!({}), "revocation.method", "is required"),
        (json!([]), "revocation", "must be an object"),
        (with("method", json!("patch")), "revocation.method", "must be one of rfc7009, post, delete, get, none"),
        (
            json!({ "method": "none", "url": "https://a.example/" }),
            "revocation.url",
            "must be left out if method is none",
        ),
        (json!({ "method": "rfc7009", "auth": "none" }), "revocation.url", "is required"),
        (
            with("url", json!("https://a.example/{secret}")),
            "revocation.url",
            "must have no braces except {client_id} and {token}",
        ),
        (
            json!({ "method": "delete", "url": "https://a.example/", "auth": "none" }),
            "revocation.url",
            "must have {token} if neither body nor auth carries the token",
        ),
        (
            json!({ "method": "get", "url": "https://a.example/", "auth": "none", "body": "json" }),
            "revocation.body",
            "must be query or none if method is get",
        ),
        (with("parameter", json!("a=b")), "revocation.parameter", "must be 1 to 64 letters, digits, '-', '_' or '.'"),
        (with("tokens", json!([])), "revocation.tokens", "must be a list of 1 to 2 items"),
        (
            with("gone_statuses", json!([200])),
            "revocation.gone_statuses",
            "item 1 must be a whole number from 400 to 499",
        ),
        (
            with("gone_errors", json!([""])),
            "revocation.gone_errors",
            "item 1 must be 1 to 128 visible ASCII characters",
        ),
        (with("scheme", json!({})), "revocation.scheme", "is not a field of this call"),
        (with("headers", json!([])), "revocation.headers", "must be an object of header names and texts"),
        (with("headers", json!({ "a": 1 })), "revocation.headers", "must be an object of header names and texts"),
        (
            with("headers", json!({ "a b": "1" })),
            "revocation.headers",
            "must have names of 1 to 64 letters, digits, '-' or '_'",
        ),
        (
            with("headers", json!({ "Authorization": "Bearer x" })),
            "revocation.headers",
            "must not have a header that the request has for another reason",
        ),
        (
            with("headers", json!({ "X-A": "1\r\nx-b: 2" })),
            "revocation.headers",
            "must have values of 1 to 512 visible ASCII characters or spaces",
        ),
        (with("headers", json!({ "X-A": "1", "x-a": "2" })), "revocation.headers", "must have each header once"),
        (
            with("answers", json!({})),
            "revocation.answers",
            "must be a list of objects with status, means and, if the body counts, body",
        ),
        (
            with("answers", json!([{ "status": 200, "means": "fine" }])),
            "revocation.answers",
            "must be a list of objects with status, means and, if the body counts, body",
        ),
        (
            with("answers", json!([{ "status": 302, "means": "revoked" }])),
            "revocation.answers",
            "item 1 must have a status from 200 to 299",
        ),
        (
            with("answers", json!([{ "status": 500, "means": "gone" }])),
            "revocation.answers",
            "item 1 must have a status from 200 to 499",
        ),
        (with("answers", json!([{ "status": 200, "means": "gone" }])), "revocation.answers", "item 1 must have a body"),
        (
            with("answers", json!([{ "status": 400, "means": "gone", "body": { "error": "x" } }])),
            "revocation.answers",
            "item 1 must have a body of at most 8 JSON pointers",
        ),
    ] {
        let answer = service.put("/v1/providers/acme", json!({ "revocation": call }));
        assert_eq!((answer.status, &answer.json()["errors"][path]), (400, &json!(rule)), "{call}: {}", answer.body);
    }
    let alone = service.put("/v1/providers/acme", json!({ "client_secret": "s" }));
    assert_eq!(alone.json()["errors"], json!({ "client_id": "is required if client_secret is given" }));
    for url in ["http://a.example/", "https://127.0.0.1/", "ftp://a.example/", ""] {
        let answer = service.put("/v1/providers/acme", json!({ "revocation": with("url", json!(url)) }));
        assert!(answer.json()["errors"].get("revocation.url").is_some(), "{url}: {}", answer.body);
    }
}

#[test]
fn headers_and_answers_are_stored_and_used() {
    let service = Service::new();
    let call = json!({
        "method": "post",
        "url": "https://auth.acme.example/revoke",
        "auth": "none",
        "headers": { "Acme-Version": "7" },
        "answers": [
            { "status": 200, "body": { "/done": true }, "means": "revoked" },
            { "status": 400, "body": { "/error/code": 190 }, "means": "gone" },
            { "status": 400, "body": { "/error/code": 1 }, "means": "retry" },
        ],
    });
    let stored = service.put("/v1/providers/acme", json!({ "revocation": call })).json();
    assert_eq!(stored["revocation"]["headers"], json!({ "acme-version": "7" }));
    assert_eq!(stored["revocation"]["answers"][1], call["answers"][1]);
    let ada = service.user("ada");
    let notes = service.app_with("notes", |registration| registration.provider = "acme".parse().ok());
    for (status, body, state) in [
        (200, r#"{"done":true}"#, "revoked"),
        (200, r#"{"done":true,"error":{"code":1}}"#, "abandoned"),
        (200, "{}", "revoking"),
        (204, "", "revoking"),
        (400, r#"{"error":{"code":190}}"#, "gone"),
        (400, r#"{"error":{"code":191}}"#, "abandoned"),
        (400, r#"{"error":{"code":1}}"#, "revoking"),
        (400, r#"{"error":"server_error"}"#, "revoking"),
    ] {
        service.platform.http.respond(status, body);
        let id = service.connect(&ada, &notes, &[(UpstreamTokenType::RefreshToken, "acme-rt")]);
        let revoked = service.post(&format!("/v1/connections/{id}/revoke"), json!({})).json();
        assert_eq!(revoked["upstream"]["credentials"][0]["state"], json!(state), "{status} {body}");
        let requests = service.platform.http.take_requests();
        assert!(requests[0].headers.contains(&("acme-version".into(), "7".to_owned())), "{requests:?}");
    }
}

fn at(host: &str, path: &str) -> Value {
    json!({ "revocation": { "method": "rfc7009", "url": format!("https://{host}/{path}"), "auth": "none" } })
}

/// Revokes a connection and returns the URLs that were called.
fn revoke(service: &Service, id: &str) -> Vec<String> {
    service.platform.http.take_requests();
    service.platform.http.respond(200, "");
    service.post(&format!("/v1/connections/{id}/revoke"), json!({}));
    service.platform.http.take_requests().into_iter().map(|request| request.url).collect()
}

#[test]
fn a_credential_is_sent_only_where_its_provider_revoked_tokens_when_it_was_stored() {
    let service = Service::new();
    let admin = service.api_key(&service.user_with("admin", profile(Role::Admin)));
    let as_admin = |body: Value| service.send(&Request::put("/v1/providers/acme").bearer(&admin).json(body));
    service.put("/v1/providers/acme", at("acme.example", "one"));
    let notes = service.app_with("notes", |registration| registration.provider = "acme".parse().ok());
    let user = service.user("ada");
    let connect = || service.connect(&user, &notes, &[(UpstreamTokenType::RefreshToken, "acme-rt")]);
    let [by_admin, by_root, elsewhere, approved] = [connect(), connect(), connect(), connect()];

    for body in [at("evil.example", "one"), at("acme.example.evil.example", "one"), at("acme.example:8443", "one")] {
        let refused = as_admin(body);
        assert_eq!((refused.status, refused.text("code").as_str()), (403, "root_required"));
    }
    assert_eq!(as_admin(at("acme.example", "two")).status, 200);
    assert_eq!(revoke(&service, &by_admin), ["https://acme.example/one"]);
    assert_eq!(revoke(&service, &connect()), ["https://acme.example/two"]);

    service.put("/v1/providers/acme", at("acme.example", "three"));
    assert_eq!(revoke(&service, &by_root), ["https://acme.example/three"]);

    service.put("/v1/providers/acme", at("other.example", "four"));
    assert_eq!(revoke(&service, &elsewhere), ["https://acme.example/three"]);
    assert_eq!(revoke(&service, &connect()), ["https://other.example/four"]);
    let approve = Request::post("/v1/providers/acme/approve");
    let refused = service.send(&approve.clone().bearer(&admin).json(json!({})));
    assert_eq!((refused.status, refused.text("code").as_str()), (403, "root_required"));
    assert_eq!(service.root(approve.json(json!({}))).status, 200);
    assert_eq!(revoke(&service, &approved), ["https://other.example/four"]);

    let events = service.get("/v1/providers/acme/events").json();
    assert!(events["items"].as_array().unwrap().iter().all(|event| {
        let wanted = if event["actor"] == json!("root") { "root" } else { "user" };
        event["actor_type"] == json!(wanted)
    }));
    let events: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["type"].clone(), event["actor"].clone(), event["previous_host"].clone()))
        .collect();
    assert_eq!(
        events,
        [
            (json!("provider.approved"), json!("root"), json!(null)),
            (json!("provider.updated"), json!("root"), json!("https://acme.example")),
            (json!("provider.updated"), json!("root"), json!(null)),
            (json!("provider.updated"), json!("admin"), json!(null)),
            (json!("provider.created"), json!("root"), json!(null)),
        ]
    );
}

#[test]
fn deletion_and_the_catalogue_are_no_way_round_the_host() {
    let service = Service::new();
    let admin = service.api_key(&service.user_with("admin", profile(Role::Admin)));
    let put = |slug: &str, body: Value| {
        let request = Request::put(&format!("/v1/providers/{slug}")).bearer(&admin).json(body);
        service.send(&request).status
    };
    let delete = |slug: &str| service.send(&Request::delete(&format!("/v1/providers/{slug}")).bearer(&admin)).status;
    assert_eq!(put("google", at("evil.example", "")), 403);
    assert_eq!(put("google", at("oauth2.googleapis.com", "revoke")), 201);
    assert_eq!(put("microsoft", at("evil.example", "")), 403, "it had no call");
    assert_eq!(put("acme", at("acme.example", "")), 201, "nobody uses a new provider");
    let notes = service.app_with("notes", |registration| registration.provider = "acme".parse().ok());
    let user = service.user("ada");
    let held = service.connect(&user, &notes, &[(UpstreamTokenType::RefreshToken, "acme-rt")]);
    assert_eq!(put("acme", json!({ "revocation": { "method": "none" } })), 200);
    assert_eq!(put("acme", at("evil.example", "")), 403);
    assert_eq!(delete("acme"), 204);
    assert_eq!(put("acme", at("evil.example", "")), 403);
    assert_eq!(put("acme", at("acme.example", "")), 201);
    assert_eq!(revoke(&service, &held), <[String; 0]>::default(), "its configuration was deleted");
    let shown = service.get(&format!("/v1/connections/{held}")).json();
    assert_eq!(shown["upstream"]["credentials"][0]["state"], json!("abandoned"));
    service.put("/v1/providers/slack", at("slack.internal.example", ""));
    assert_eq!(delete("slack"), 403, "new credentials would go to the catalogue's host");
}

#[test]
fn credentials_of_an_unknown_provider_are_not_stored() {
    let service = Service::new();
    let (user, notes) = (service.user("ada"), service.app("notes"));
    let key = service.api_key(&user);
    let strays = service.app_with("strays", |registration| registration.provider = "no-such".parse().ok());
    let held = service.connect(&user, &strays, &[]);
    let upstream = json!({ "provider": "no-such", "access_token": "x" });
    let create = |app: &str, upstream: &Value| {
        let body = json!({ "user_id": "ada", "app_id": app, "upstream": upstream });
        Request::post("/v1/connections").json(body)
    };
    for request in [
        create(&notes.id, &upstream),
        create(&strays.id, &json!({ "access_token": "x" })),
        Request::put(&format!("/v1/connections/{held}/upstream")).json(upstream.clone()),
        Request::put(&format!("/v1/connections/{held}/upstream")).json(json!({ "access_token": "x" })),
    ] {
        for answer in [service.send(&request.clone().bearer(&key)), service.root(request)] {
            assert_eq!((answer.status, answer.text("code").as_str()), (400, "provider_not_found"), "{}", answer.body);
        }
    }
    let stranger = service.api_key(&service.user("bea"));
    let refused = service.send(&create(&notes.id, &upstream).bearer(&stranger));
    assert_eq!((refused.status, refused.text("code").as_str()), (403, "forbidden"));
    assert_eq!(
        service.send(&create(&notes.id, &json!({ "provider": "google", "access_token": "x" })).bearer(&key)).status,
        201
    );
}

#[test]
fn abandoned_revocations_are_retried_and_dismissed_in_bulk() {
    let service = Service::new();
    service.put("/v1/providers/acme", at("acme.example", ""));
    let notes = service.app_with("notes", |registration| registration.provider = "acme".parse().ok());
    let users = [service.user("ada"), service.user("bea")];
    for user in [&users[0], &users[0], &users[1]] {
        let id = service.connect(user, &notes, &[(UpstreamTokenType::RefreshToken, "acme-rt")]);
        service.platform.http.respond(403, "");
        service.post(&format!("/v1/connections/{id}/revoke"), json!({}));
        // The operator's ledger learns of it from the ledger's alarm, which does not run here.
        let verdict = service
            .as_root(async move |cx| connections::get(cx, &ConnectionRef::of(cx.config.keyring.open(&id))).await);
        let list = Revocation::of(user, &verdict.connection, &verdict.credentials[0]);
        service.as_root(async move |cx| cx.operator().run_plain(UpdateAbandoned::List(Box::new(list))).await);
    }
    let items =
        |query: &str| service.get(&format!("/v1/revocations?{query}")).json()["items"].as_array().unwrap().len();
    assert_eq!((items(""), items("user_id=ada"), items("provider=acme"), items("provider=google")), (3, 2, 3, 0));
    let first = service.post("/v1/revocations/retry", json!({ "user_id": "ada", "limit": 1 })).json();
    assert_eq!((&first["changed"], &first["unchanged"], &first["failed"]), (&json!(1), &json!(0), &json!(0)));
    let rest = json!({ "user_id": "ada", "cursor": first["next_cursor"] });
    let rest = service.post("/v1/revocations/retry", rest).json();
    assert_eq!((&rest["changed"], &rest["next_cursor"]), (&json!(1), &json!(null)));
    let dismissed = service.post("/v1/revocations/dismiss", json!({ "provider": "acme" })).json();
    assert_eq!((&dismissed["changed"], &dismissed["unchanged"]), (&json!(3), &json!(0)));
    let again = service.post("/v1/revocations/dismiss", json!({})).json();
    assert_eq!((&again["changed"], &again["failed"]), (&json!(3), &json!(0)), "a dismissal can be repeated");
    let member = service.api_key(&users[0]);
    let refused = Request::post("/v1/revocations/dismiss").bearer(&member).json(json!({}));
    assert_eq!(service.send(&refused).status, 403);
}

#[test]
fn abandoned_revocations_are_listed_and_unknown_ones_are_not_found() {
    let service = Service::new();
    let list = service.get("/v1/revocations?state=abandoned&limit=10");
    assert_eq!(list.both(), (200, json!({ "items": [], "next_cursor": null })));
    assert_eq!(
        service.get("/v1/revocations?state=revoked").json()["errors"]["state"],
        json!("must be one of abandoned")
    );
    let unknown = format!("/v1/revocations/rev_{}", "0".repeat(24));
    for request in [
        Request::get(&unknown),
        Request::post(&format!("{unknown}/retry")),
        Request::post(&format!("{unknown}/dismiss")).json(json!({})),
    ] {
        let answer = service.root(request);
        assert_eq!((answer.status, answer.text("code").as_str()), (404, "revocation_not_found"));
    }
    assert_eq!(
        service.get("/v1/revocations/x").json()["errors"]["revocation_id"],
        json!("must be rev_ followed by 24 hex digits or more")
    );
}
