//! Connection tokens and API keys.

use hookswitch::core::LedgerId;
use hookswitch::core::user::{Profile, Role};
use serde_json::json;

use super::members;
use crate::kit::{CALLBACK, Request, Service, forge, profile};

#[test]
fn a_connection_token_is_created_checked_and_consumed_once() {
    let service = Service::new();
    service.user("anna");
    let order = r#"{"user_id":"anna","ttl":60.0,"label":"invitation","metadata":{"b": 1.50, "a": null}}"#;
    let created = service.root(Request::post("/v1/tokens").body(order));
    assert_eq!(created.status, 201);
    let names = "token token_id user_id kind status created_at expires_at created_by app_id connection_id scope \
        redirect_uri label metadata";
    assert_eq!(members(&created.body).join(" "), names);
    assert!(created.text("created_at").starts_with("2026-11-21T07:28:23.123"), "{}", created.body);
    assert!(created.text("expires_at").starts_with("2026-11-21T07:29:23.123"), "{}", created.body);
    assert!(created.body.contains(r#""metadata":{"b":1.50,"a":null}"#), "{}", created.body);

    let (token, token_id) = (created.text("token"), created.text("token_id"));
    for named in
        [json!({ "token": token }), json!({ "token_id": token_id }), json!({ "token_id": token_id, "user_id": "anna" })]
    {
        let verdict = service.post("/v1/tokens/check", named).json();
        assert_eq!((&verdict["status"], &verdict["source"]), (&json!("valid"), &json!("ledger")));
        assert_eq!((&verdict["by"], &verdict["label"]), (&json!(null), &json!("invitation")));
    }
    let of_another = service.post("/v1/tokens/check", json!({ "token_id": token_id, "user_id": "bert" }));
    assert_eq!((of_another.status, of_another.text("code").as_str()), (404, "token_not_found"));

    let consumed = service.post("/v1/tokens/consume", json!({ "token": token }));
    assert_eq!((consumed.status, consumed.text("status").as_str()), (200, "consumed"));
    assert_eq!((&consumed.json()["user"]["user_id"], &consumed.json()["connection"]), (&json!("anna"), &json!(null)));
    let names = "status as_of source user_id token_id kind created_at expires_at consumed_at revoked_at reason by \
        created_by app_id connection_id scope redirect_uri label metadata user connection";
    let top = members(&consumed.body);
    assert_eq!(names.split_whitespace().filter(|name| !top.iter().any(|other| other == name)).count(), 0, "{top:?}");

    let again = service.post("/v1/tokens/consume", json!({ "token": token }));
    assert_eq!((again.status, again.text("code").as_str()), (409, "token_consumed"));
    assert_eq!(again.json()["verdict"]["status"], "consumed");
}

#[test]
fn ledger_that_does_not_answer_takes_nothing_from_the_verdicts_of_others() {
    let service = Service::new();
    let [a, b] = ["anna", "bert"].map(|user| service.token(&service.user(user), 60).secret);
    service.platform.ledgers.break_ledger(LedgerId::of_user(&"anna".parse().unwrap()));
    let answer = service.post("/v1/tokens/check", json!({ "tokens": [a, b, "nonsense"] }));
    let statuses: Vec<_> =
        answer.json()["items"].as_array().unwrap().iter().map(|item| item["status"].clone()).collect();
    assert_eq!((answer.status, statuses), (200, vec![json!("unavailable"), json!("valid"), json!("unknown")]));
    assert_eq!(service.post("/v1/tokens/check", json!({ "tokens": [a] })).status, 503);
    assert_eq!(service.post("/v1/tokens/check", json!({ "token": a })).status, 503);
}

#[test]
fn tokens_of_any_users_are_checked_together() {
    let service = Service::new();
    let (anna, bert) = (service.user("anna"), service.user("bert"));
    let (a, b) = (service.token(&anna, 60).secret, service.token(&bert, 60).secret);
    service.consume(&b);
    let answer = service.post("/v1/tokens/check", json!({ "tokens": [a, forge(&a), b, "nonsense"] }));
    let statuses: Vec<_> =
        answer.json()["items"].as_array().unwrap().iter().map(|item| item["status"].clone()).collect();
    assert_eq!(
        (answer.status, statuses),
        (200, vec![json!("valid"), json!("unknown"), json!("consumed"), json!("unknown")])
    );
    assert_eq!(answer.json()["items"][1].as_object().unwrap().len(), 2);
}

#[test]
fn a_revocation_reports_the_status_before_it() {
    let service = Service::new();
    let user = service.user("anna");
    let token = service.token(&user, 60).secret;
    let revoked = service.post("/v1/tokens/revoke", json!({ "token": token, "reason": "lost" })).json();
    let facts = (&revoked["changed"], &revoked["previous"], &revoked["status"], &revoked["reason"], &revoked["by"]);
    assert_eq!(facts, (&json!(true), &json!("valid"), &json!("revoked"), &json!("lost"), &json!("root")));
    let again = service.post("/v1/tokens/revoke", json!({ "token": token, "reason": "again" })).json();
    let facts = (&again["changed"], &again["previous"], &again["reason"]);
    assert_eq!(facts, (&json!(false), &json!("revoked"), &json!("lost")));
    assert_eq!(
        members(&service.post("/v1/tokens/revoke", json!({ "token": token })).body)[..2],
        ["changed", "previous"]
    );
}

#[test]
fn a_token_for_an_app_completes_its_connection() {
    let service = Service::new();
    service.user("anna");
    service.app("calendar");
    let order = json!({ "user_id": "anna", "app_id": "calendar", "scope": "read" });
    let created = service.post("/v1/tokens", order).json();
    assert_eq!((&created["app_id"], &created["scope"]), (&json!("calendar"), &json!("read")));
    let consumed = service.post("/v1/tokens/consume", json!({ "token": created["token"] })).json();
    assert_eq!(consumed["connection"]["id"], created["connection_id"]);
    assert_eq!(
        (&consumed["connection"]["status"], &consumed["connection"]["upstream"]),
        (&json!("active"), &json!(null))
    );

    let too_wide = service.post("/v1/tokens", json!({ "user_id": "anna", "app_id": "calendar", "scope": "admin" }));
    assert_eq!((too_wide.status, too_wide.text("code").as_str()), (400, "invalid_scope"));
    let elsewhere = json!({ "user_id": "anna", "app_id": "calendar", "redirect_uri": "https://evil.example/" });
    assert_eq!(service.post("/v1/tokens", elsewhere).text("code"), "redirect_uri_not_registered");
    assert_eq!(
        service.post("/v1/tokens", json!({ "user_id": "anna", "app_id": "mail" })).text("code"),
        "app_not_found"
    );
}

#[test]
fn an_api_key_authenticates_its_owner() {
    let service = Service::new();
    service.user("anna");
    let created = service.post("/v1/api-keys", json!({ "user_id": "anna", "label": "ci" }));
    let names = "api_key token_id user_id kind status created_at expires_at created_by label";
    assert_eq!((created.status, members(&created.body).join(" ")), (201, names.to_owned()));
    assert_eq!((&created.json()["expires_at"], &created.json()["kind"]), (&json!(null), &json!("api_key")));
    let key = created.text("api_key");
    let own = service.send(&Request::get("/v1/users/anna").bearer(&key));
    assert_eq!((own.status, own.text("role").as_str()), (200, "member"));
    let other = service.send(&Request::get("/v1/users/bert").bearer(&key));
    assert_eq!((other.status, other.text("code").as_str()), (403, "forbidden"));
    let forged = service.send(&Request::get("/v1/users/anna").bearer(&forge(&key)));
    let challenge = "Bearer realm=\"hookswitch\", error=\"invalid_token\"";
    assert_eq!((forged.status, forged.header("www-authenticate")), (401, Some(challenge)));
}

#[test]
fn a_repeated_request_gets_the_same_answer() {
    let service = Service::new();
    service.user("anna");
    let order = || Request::post("/v1/tokens").json(json!({ "user_id": "anna" })).header("idempotency-key", "k");
    let (first, second) = (service.root(order()), service.root(order()));
    assert_eq!((first.status, &first.body), (201, &second.body));
    let other = Request::post("/v1/tokens").json(json!({ "user_id": "anna", "ttl": 1 })).header("idempotency-key", "k");
    let conflict = service.root(other);
    assert_eq!((conflict.status, conflict.text("code").as_str()), (409, "idempotency_conflict"));
}

#[test]
fn limited_key_does_not_share_the_answers_of_the_owners_full_key() {
    let service = Service::new();
    let manager = service.user_with("manager", in_group(Role::Manager));
    let anna = service.user_with("anna", in_group(Role::Member));
    let manager = service.api_key(&manager);
    let mint = |key: &str| {
        let request = Request::post("/v1/api-keys").json(json!({ "user_id": "anna" })).bearer(key);
        service.send(&request.header("idempotency-key", "rotate-2026-11"))
    };
    let limited = service.send(&Request::post("/v1/api-keys").json(json!({ "user_id": "anna" })).bearer(&manager));
    let limited = limited.text("api_key");
    let full = service.api_key(&anna);
    service.user_with("anna", in_group(Role::Admin));
    let of_owner = mint(&full);
    let of_limited = mint(&limited);
    assert_eq!((of_owner.status, of_limited.status), (201, 201));
    assert_ne!(of_owner.text("token_id"), of_limited.text("token_id"));
    let makes_admin = |key: &str| {
        let body = json!({ "role": "admin", "groups": [], "connectable": true });
        service.send(&Request::put("/v1/users/other").json(body).bearer(key)).status
    };
    assert_eq!(makes_admin(&of_limited.text("api_key")), 403);
    assert_eq!(makes_admin(&of_owner.text("api_key")), 201);
    assert_eq!(mint(&full), of_owner, "the owner gets its own answer again");
}

fn in_group(role: Role) -> Profile {
    Profile { groups: vec!["paris".parse().unwrap()], ..profile(role) }
}

#[test]
fn manager_learns_from_no_answer_whose_a_token_is() {
    let service = Service::new();
    let manager = service.user_with("manager", in_group(Role::Manager));
    let manager = service.api_key(&manager);
    let (anna, bert) = (service.user("anna"), service.user("bert"));
    let (of_anna, of_bert) = (service.token(&anna, 60), service.token(&bert, 60));
    let public_id = of_anna.verdict.token_id.to_string();
    let ids = [public_id.clone(), of_bert.verdict.token_id.to_string(), forge(&public_id), "tok_".to_owned()];
    let secrets = [of_anna.secret.clone(), of_bert.secret.clone(), forge(&of_anna.secret), "hct_".to_owned()];
    let mut answers = Vec::new();
    for user_id in ["anna", "bert", "nobody", "manager"] {
        for path in ["/v1/tokens/check", "/v1/tokens/revoke"] {
            for token_id in &ids {
                let body = json!({ "token_id": token_id, "user_id": user_id });
                answers.push((path, service.send(&Request::post(path).json(body).bearer(&manager))));
            }
        }
        for token in &secrets {
            let query = [("user_id", user_id), ("token", token.as_str())];
            let check = Request::get("/v2/connection/check_token").query(&query).header("x-apikey", &manager);
            answers.push(("check_token", service.send(&check)));
            let revoke =
                Request::post("/v2/connection/revoke_token").json(json!({ "user_id": user_id, "token": token }));
            answers.push(("revoke_token", service.send(&revoke.header("x-apikey", &manager))));
        }
    }
    for (path, answer) in &answers {
        let same = answers.iter().find(|(other, _)| other == path).map(|(_, answer)| answer);
        assert_eq!((answer.status, Some(answer)), (403, same), "{path}");
    }
}

#[test]
fn a_code_for_a_loopback_redirect_uri_has_the_port_that_was_asked_for() {
    let service = Service::new();
    service.user("anna");
    let app = service.app_with("cli", |registration| {
        registration.redirect_uris = vec!["http://127.0.0.1/cb".to_owned()];
    });
    let asked = "http://127.0.0.1:51004/cb";
    let code = || {
        let body = json!({ "user_id": "anna", "app_id": "cli", "redirect_uri": asked });
        let created = service.post("/v1/tokens", body);
        assert_eq!((created.status, created.text("redirect_uri").as_str()), (201, asked), "{}", created.body);
        created.text("token")
    };
    let exchange = |code: &str, redirect_uri: &str| {
        service.send(&Request::post("/oauth/token").form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("client_id", "cli"),
            ("client_secret", &app.secret),
        ]))
    };
    for other in ["http://127.0.0.1/cb", "http://127.0.0.1:51005/cb", "http://[::1]:51004/cb"] {
        assert_eq!(exchange(&code(), other).text("error"), "invalid_grant", "{other}");
    }
    assert_eq!(exchange(&code(), asked).status, 200);
    let page = service.send(&Request::get("/connect").query(&[("token", &code())]));
    assert!(page.body.contains("127.0.0.1:51004"), "{}", page.body);
}

#[test]
fn a_token_that_could_not_work_later_is_not_created() {
    let service = Service::new();
    service.user("anna");
    service.public_app("device");
    service.app("calendar");
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let errors = |body: serde_json::Value| {
        let answer = service.post("/v1/tokens", body.clone());
        assert!(answer.status == 201 || answer.status == 400, "{body} {}", answer.body);
        answer.json()["errors"].clone()
    };
    let created = json!(null);
    let needs_app = "must be left out if app_id is left out";
    let needs_challenge = "is required for a public app with a redirect URI";
    for (body, expected) in [
        (json!({ "user_id": "anna", "redirect_uri": CALLBACK }), json!({ "redirect_uri": needs_app })),
        (json!({ "user_id": "anna", "code_challenge": challenge }), json!({ "code_challenge": needs_app })),
        (
            json!({ "user_id": "anna", "app_id": "device", "redirect_uri": CALLBACK }),
            json!({ "code_challenge": needs_challenge }),
        ),
        (
            json!({ "user_id": "anna", "app_id": "device", "redirect_uri": CALLBACK, "code_challenge": challenge }),
            created.clone(),
        ),
        // Such a token is consumed and not exchanged.
        (json!({ "user_id": "anna", "app_id": "device" }), created.clone()),
        (json!({ "user_id": "anna", "app_id": "calendar", "redirect_uri": CALLBACK }), created.clone()),
        (json!({ "user_id": "anna", "redirect_uri": null, "code_challenge": null }), created),
    ] {
        assert_eq!(errors(body.clone()), expected, "{body}");
    }
}
