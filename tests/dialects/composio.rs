//! Composio's connected accounts: link, read, disable and enable, delete, revoke.

use hookswitch::core::app::ClientType;
use hookswitch::core::provider::UpstreamTokenType::{AccessToken, RefreshToken};
use hookswitch::core::user::Role;
use hookswitch::core::{CredentialState, Slug};
use serde_json::{Value, json};

use crate::kit::{Answer, App, CALLBACK, ORIGIN, ROOT, Request, Service, forge, profile};

/// The path of the accounts in the current version.
pub(crate) const ACCOUNTS: &str = "/api/v3.1/connected_accounts";
/// Both versions.
const VERSIONS: [&str; 2] = [ACCOUNTS, "/api/v3/connected_accounts"];

impl Service {
    pub(crate) fn composio(&self, request: Request) -> Answer {
        self.send(&request.header("x-api-key", ROOT))
    }

    pub(crate) fn account(&self, id: &str) -> Value {
        let answer = self.composio(Request::get(&format!("{ACCOUNTS}/{id}")));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn revoke_account(&self, id: &str) -> Answer {
        self.composio(Request::post(&format!("{ACCOUNTS}/{id}/revoke")))
    }

    fn set_enabled(&self, id: &str, enabled: bool) -> Answer {
        self.composio(Request::patch(&format!("{ACCOUNTS}/{id}/status")).json(json!({ "enabled": enabled })))
    }

    fn delete_account(&self, id: &str) -> Answer {
        self.composio(Request::delete(&format!("{ACCOUNTS}/{id}")))
    }

    /// An app whose accounts store tokens of `acme`, which revokes both types.
    pub(crate) fn app_of_acme(&self) -> App {
        self.provider("acme", &[RefreshToken, AccessToken]);
        self.app_with("crm", |registration| registration.provider = Slug::stored("acme".to_owned()).into())
    }

    /// An active account of a user with both types of token.
    pub(crate) fn account_of(&self, user_id: &str, app: &App) -> String {
        self.connect(&self.user(user_id), app, &[(AccessToken, "at-upstream"), (RefreshToken, "rt-upstream")])
    }
}

/// The members of an error, which has its status in the body.
fn error(answer: &Answer) -> (u16, u64, String) {
    let error = answer.json()["error"].clone();
    let (message, code, slug) = (&error["message"], &error["code"], &error["slug"]);
    let expected = json!({
        "message": message, "code": code, "slug": slug, "status": answer.status, "request_id": "request-1",
    });
    assert_eq!(answer.json(), json!({ "error": expected }));
    assert!(!message.as_str().unwrap().is_empty());
    let is_final = answer.header("x-should-retry") == Some("false");
    assert_eq!(is_final, matches!(answer.status, 409 | 500));
    (answer.status, code.as_u64().unwrap(), slug.as_str().unwrap().to_owned())
}

fn not_found() -> (u16, u64, String) {
    (404, 606, "ConnectedAccount_ResourceNotFound".to_owned())
}

fn conflict() -> (u16, u64, String) {
    (409, 600, "ConnectedAccount_Conflict".to_owned())
}

fn bad_request() -> (u16, u64, String) {
    (400, 600, "ConnectedAccount_BadRequest".to_owned())
}

#[test]
fn a_link_creates_an_account_for_ten_minutes() {
    for accounts in VERSIONS {
        let service = Service::new();
        service.user("anna");
        service.app("crm");
        let body = json!({ "user_id": "anna", "auth_config_id": "crm", "callback_url": CALLBACK, "alias": "x" });
        service.clock.advance_seconds(1);
        let link = service.composio(Request::post(&format!("{accounts}/link")).json(body));
        let (token, id) = (link.text("link_token"), link.text("connected_account_id"));
        let expected = json!({
            "link_token": token,
            "redirect_url": format!("{ORIGIN}/connect?token={token}"),
            "expires_at": "2026-11-21T07:38:24.123000Z",
            "connected_account_id": id,
        });
        assert_eq!(link.both(), (201, expected));
        assert!(token.starts_with("hct_") && id.starts_with("ca_"));
        let account = service.account(&id);
        assert_eq!(
            (&account["status"], &account["state"]["val"]),
            (
                &json!("INITIATED"),
                &json!({
                    "status": "INITIATED", "redirectUrl": "",
                })
            )
        );

        service.consume(&token);
        assert_eq!(service.account(&id)["status"], "ACTIVE");
        let link = service.composio(
            Request::post(&format!("{accounts}/link"))
                .json(json!({ "user_id": "anna", "auth_config_id": "crm", "callback_url": null })),
        );
        assert_eq!(link.status, 201);
    }
}

#[test]
fn a_link_begins_an_account_of_its_own() {
    for accounts in VERSIONS {
        let service = Service::new();
        let app = service.app_of_acme();
        let active = service.account_of("anna", &app);
        let link = || {
            let body = json!({ "user_id": "anna", "auth_config_id": "crm" });
            let link = service.composio(Request::post(&format!("{accounts}/link")).json(body));
            assert_eq!(link.status, 201, "{}", link.body);
            (link.text("connected_account_id"), link.text("link_token"))
        };
        let [(first, first_token), (second, second_token)] = [(); 2].map(|()| link());
        assert!(first != active && second != active && first != second);
        let statuses = || [&active, &first, &second].map(|id| service.account(id)["status"].clone());
        assert_eq!(statuses(), ["ACTIVE", "INITIATED", "INITIATED"]);
        service.consume(&second_token);
        assert_eq!(statuses(), ["ACTIVE", "INITIATED", "ACTIVE"]);
        service.consume(&first_token);
        service.delete_account(&active);
        assert_eq!([&first, &second].map(|id| service.account(id)["status"].clone()), ["ACTIVE", "ACTIVE"]);
    }
}

#[test]
fn the_callback_gets_the_status_and_the_account() {
    let service = Service::new();
    service.user("anna");
    let callback = "https://app.example/back?user=1";
    for app in ["crm", "device"] {
        service.app_with(app, |registration| {
            registration.redirect_uris = vec![callback.to_owned()];
            if app == "device" {
                registration.client_type = ClientType::Public;
            }
        });
        for (consent, status, account) in [("approve", "success", "ACTIVE"), ("decline", "failed", "INITIATED")] {
            for state in ["", "s t"] {
                let body = json!({ "user_id": "anna", "auth_config_id": app, "callback_url": callback });
                let link = service.composio(Request::post(&format!("{ACCOUNTS}/link")).json(body));
                let (id, token) = (link.text("connected_account_id"), link.text("link_token"));
                let page = service.send(&Request::get("/connect").query(&[("token", &token), ("state", state)]));
                assert_eq!(page.status, 200, "{}", page.body);
                let form = [("token", token.as_str()), ("consent", consent), ("state", state)];
                let answer = service.send(&Request::post("/connect").form(&form));
                let state = if state.is_empty() { "" } else { "&state=s+t" };
                let location = format!("{callback}&status={status}&connected_account_id={id}{state}");
                assert_eq!((answer.status, answer.header("location")), (303, Some(location.as_str())));
                assert_eq!(service.account(&id)["status"], account);
            }
        }
    }
}

#[test]
fn an_account_that_nobody_connects_expires() {
    let service = Service::new();
    let code = service.code(&service.user("anna"), &service.app("crm"));
    service.clock.advance_seconds(601);
    let account = service.account(&code.connection_id);
    assert_eq!(
        (&account["status"], &account["status_reason"]),
        (&json!("EXPIRED"), &json!("Connection initiation did not complete within 10 minutes"),)
    );
    assert!(account["state"]["val"]["expired_at"].is_string());
}

#[test]
fn a_link_needs_a_user_and_an_app_that_exist_and_a_registered_callback() {
    let service = Service::new();
    service.user("anna");
    service.app("crm");
    let mut closed = profile(Role::Member);
    closed.connectable = false;
    service.user_with("closed", closed);
    let link = |body: Value| error(&service.composio(Request::post(&format!("{ACCOUNTS}/link")).json(body)));
    assert_eq!(link(json!({ "user_id": "nobody", "auth_config_id": "crm" })), not_found());
    assert_eq!(link(json!({ "user_id": "anna", "auth_config_id": "nothing" })), not_found());
    let evil = json!({ "user_id": "anna", "auth_config_id": "crm", "callback_url": "https://evil.example/" });
    assert_eq!(link(evil), bad_request());
    assert_eq!(link(json!({ "user_id": "closed", "auth_config_id": "crm" })).0, 403);
    for body in [
        json!({ "user_id": "anna" }),
        json!({ "auth_config_id": "crm" }),
        json!({ "user_id": "anna", "auth_config_id": 7 }),
        json!({ "user_id": "anna", "auth_config_id": "crm", "callback_url": 7 }),
    ] {
        assert_eq!(link(body.clone()), bad_request(), "{body}");
    }
}

#[test]
fn an_account_has_every_member_that_clients_read() {
    for accounts in VERSIONS {
        let service = Service::new();
        let app = service.app_of_acme();
        service.user("anna");
        service.clock.advance_seconds(1);
        let id = service.connect(&"anna".parse().unwrap(), &app, &[(AccessToken, "at"), (RefreshToken, "rt")]);
        let expected = json!({
            "id": id,
            "word_id": null,
            "alias": null,
            "user_id": "anna",
            "toolkit": { "slug": "acme" },
            "auth_config": { "id": "crm", "auth_scheme": "OAUTH2", "is_composio_managed": false, "is_disabled": false },
            "status": "ACTIVE",
            "status_reason": null,
            "is_disabled": false,
            "created_at": "2026-11-21T07:28:24.123000Z",
            "updated_at": "2026-11-21T07:28:24.123000Z",
            "state": {
                "authScheme": "OAUTH2",
                "val": { "status": "ACTIVE", "access_token": "REDACTED", "refresh_token": "REDACTED" },
            },
            "data": {},
            "params": {},
            "experimental": { "account_type": "PRIVATE" },
            "requested_scopes": ["read", "write"],
        });
        let answer = service.composio(Request::get(&format!("{accounts}/{id}")));
        assert_eq!(answer.both(), (200, expected));
    }
}

#[test]
fn the_toolkit_of_an_account_is_the_provider_of_its_tokens_or_of_its_app_or_the_app() {
    let service = Service::new();
    let anna = service.user("anna");
    let (of_acme, plain) = (service.app_of_acme(), service.app("plain"));
    let without_tokens = service.connect(&anna, &of_acme, &[]);
    assert_eq!(service.account(&without_tokens)["toolkit"], json!({ "slug": "acme" }));
    assert_eq!(service.account(&service.connect(&anna, &plain, &[]))["toolkit"], json!({ "slug": "plain" }));
}

#[test]
fn an_account_is_disabled_and_enabled() {
    for accounts in VERSIONS {
        let service = Service::new();
        let id = service.connect(&service.user("anna"), &service.app("crm"), &[]);
        let set = |body: Value| service.composio(Request::patch(&format!("{accounts}/{id}/status")).json(body));
        assert_eq!(set(json!({ "enabled": false, "reason": null, "x": 1 })).both(), (200, json!({ "success": true })));
        let account = service.account(&id);
        let facts = ["status", "status_reason", "is_disabled"].map(|name| account[name].clone());
        assert_eq!(facts, [json!("INACTIVE"), json!("Connection status updated by user"), json!(true)]);
        let val = json!({ "status": "INACTIVE", "access_token": "REDACTED" });
        assert_eq!(account["state"]["val"], val);
        assert_eq!(set(json!({ "enabled": true, "reason": "checked" })).status, 200);
        let account = service.account(&id);
        assert_eq!((&account["status"], &account["status_reason"]), (&json!("ACTIVE"), &json!("checked")));
        for body in [json!({}), json!({ "enabled": "true" }), json!({ "enabled": true, "reason": 1 }), json!([])] {
            assert_eq!(error(&set(body.clone())), bad_request(), "{body}");
        }
        service.revoke_connection(&id);
        assert_eq!(error(&set(json!({ "enabled": true }))), conflict());
    }
}

#[test]
fn a_revocation_lists_the_tokens_that_the_provider_revoked() {
    let service = Service::new();
    let id = service.account_of("anna", &service.app_of_acme());
    service.platform.http.respond(200, "");
    service.platform.http.respond(200, "");
    let revoked = json!({ "id": id, "status": "REVOKED" });
    let expected = json!({ "revoked_tokens": ["access_token", "refresh_token"], "connected_account": revoked });
    assert_eq!(service.revoke_account(&id).both(), (200, expected));
    assert_eq!(service.platform.http.take_requests().len(), 2);
    let account = service.account(&id);
    assert_eq!(account["status_reason"], "Revoked via user-initiated revoke endpoint");
    assert_eq!(account["state"]["val"]["status"], "REVOKED");
    assert!(account["state"]["val"]["revoked_at"].is_string());

    let again = json!({ "revoked_tokens": [], "connected_account": revoked });
    assert_eq!(service.revoke_account(&id).both(), (200, again));
    assert!(service.platform.http.take_requests().is_empty(), "the provider is not asked again");
}

#[test]
fn one_token_that_the_provider_revokes_is_enough() {
    let service = Service::new();
    let id = service.account_of("anna", &service.app_of_acme());
    service.platform.http.respond(503, "");
    service.platform.http.respond(200, "");
    let answer = service.revoke_account(&id);
    let revoked = json!({ "id": id, "status": "REVOKED" });
    assert_eq!((answer.status, &answer.json()["connected_account"]), (200, &revoked));
    assert_eq!(answer.json()["revoked_tokens"].as_array().map(Vec::len), Some(1));
    assert_eq!(service.account(&id)["status"], "REVOKED");
    let again = json!({ "revoked_tokens": [], "connected_account": revoked });
    assert_eq!(service.revoke_account(&id).both(), (200, again));
}

#[test]
fn an_account_of_which_no_token_was_revoked_is_inactive_and_the_client_does_not_retry() {
    let service = Service::new();
    let id = service.account_of("anna", &service.app_of_acme());
    service.platform.http.respond(503, "");
    service.platform.http.respond(503, "");
    let internal = (500, 601, "ConnectedAccount_InternalServerError".to_owned());
    assert_eq!(error(&service.revoke_account(&id)), internal);
    let account = service.account(&id);
    let val = json!({ "status": "INACTIVE", "access_token": "REDACTED", "refresh_token": "REDACTED" });
    assert_eq!((&account["status"], &account["state"]["val"]), (&json!("INACTIVE"), &val));
    let again = service.revoke_account(&id);
    assert_eq!(error(&again), conflict());
    assert!(again.json()["error"]["message"].as_str().unwrap().contains("INACTIVE"));
    assert_eq!(error(&service.set_enabled(&id, true)), conflict());
}

#[test]
fn an_account_whose_provider_cannot_revoke_tokens_is_left_alone() {
    let service = Service::new();
    service.provider("silent", &[]);
    let app = service.app_with("crm", |registration| registration.provider = "silent".parse().ok());
    let id = service.account_of("anna", &app);
    assert_eq!(error(&service.revoke_account(&id)), bad_request());
    assert_eq!(service.account(&id)["status"], "ACTIVE");
}

#[test]
fn an_account_without_tokens_is_revoked_at_once() {
    let service = Service::new();
    let id = service.connect(&service.user("anna"), &service.app("crm"), &[]);
    let revoked = json!({ "id": id, "status": "REVOKED" });
    let expected = json!({ "revoked_tokens": [], "connected_account": revoked });
    assert_eq!(service.revoke_account(&id).both(), (200, expected));
}

#[test]
fn only_an_active_account_is_revoked() {
    let service = Service::new();
    let anna = service.user("anna");
    let app = service.app("crm");
    let disabled = service.connect(&anna, &app, &[]);
    service.set_enabled(&disabled, false);
    let initiated = service.code(&anna, &app).connection_id;
    assert_eq!(error(&service.revoke_account(&initiated)), conflict());
    service.clock.advance_seconds(601);
    for id in [initiated, disabled] {
        assert_eq!(error(&service.revoke_account(&id)), conflict());
    }
}

#[test]
fn the_body_and_query_of_a_revocation_are_ignored() {
    let service = Service::new();
    let id = service.connect(&service.user("anna"), &service.app("crm"), &[]);
    for (query, body) in [("", "{"), ("?x=1&x=2", "nonsense"), ("", "")] {
        let request = Request::post(&format!("{ACCOUNTS}/{id}/revoke{query}")).header("content-type", "text/plain");
        assert_eq!(service.composio(request.body(body)).status, 200);
    }
}

#[test]
fn a_deleted_account_is_gone_and_its_provider_is_asked_only_on_request() {
    for accounts in VERSIONS {
        let service = Service::new();
        let id = service.account_of("anna", &service.app_of_acme());
        let target = format!("{accounts}/{id}?revoke_on_delete=false&x=1&x=2");
        assert_eq!(service.composio(Request::delete(&target)).both(), (200, json!({ "success": true })));
        assert!(service.platform.http.take_requests().is_empty());
        for answer in [
            service.composio(Request::get(&format!("{accounts}/{id}"))),
            service.delete_account(&id),
            service.set_enabled(&id, false),
            service.revoke_account(&id),
        ] {
            assert_eq!(error(&answer), not_found());
        }

        let id = service.account_of("bert", &service.app_of_acme());
        let deleted = service.composio(Request::delete(&format!("{accounts}/{id}?revoke_on_delete=true")));
        let job = deleted.text("revoke_job_id");
        assert_eq!(deleted.both(), (200, json!({ "success": true, "revoke_job_id": job })));
        assert!(job.starts_with("rev_"));
        assert_eq!(service.platform.http.take_requests().len(), 2);
    }
    for query in ["1", "TRUE", "true&revoke_on_delete=true"] {
        let service = Service::new();
        let id = service.connect(&service.user("anna"), &service.app("crm"), &[]);
        let answer = service.composio(Request::delete(&format!("{ACCOUNTS}/{id}?revoke_on_delete={query}")));
        assert_eq!(error(&answer), bad_request());
        assert_eq!(service.account(&id)["status"], "ACTIVE");
    }
}

#[test]
fn deleting_a_dead_account_starts_no_revocation() {
    let service = Service::new();
    let id = service.account_of("anna", &service.app_of_acme());
    service.platform.http.respond(200, "");
    service.platform.http.respond(200, "");
    service.revoke_account(&id);
    let states: Vec<_> = service.connection(&id).credentials.iter().map(|credential| credential.state).collect();
    assert_eq!(states, [CredentialState::Revoked; 2]);
    let deleted = service.composio(Request::delete(&format!("{ACCOUNTS}/{id}?revoke_on_delete=true")));
    assert_eq!(deleted.both(), (200, json!({ "success": true })));
}

#[test]
fn accounts_that_do_not_exist_are_not_found() {
    let service = Service::new();
    let anna = service.user("anna");
    let id = service.connect(&anna, &service.app("crm"), &[]);
    let token = service.token(&anna, 60);
    for id in [forge(&id), token.secret, token.verdict.token_id.to_string()]
        .into_iter()
        .chain(["ca_1a2b3c4d5e6f", "nothing", "%00"].map(str::to_owned))
    {
        for answer in [
            service.composio(Request::get(&format!("{ACCOUNTS}/{id}"))),
            service.delete_account(&id),
            service.set_enabled(&id, false),
            service.revoke_account(&id),
        ] {
            assert_eq!(error(&answer), not_found(), "{id}");
        }
    }
}

#[test]
fn the_key_is_the_root_key_or_an_admins_in_either_header() {
    let service = Service::new();
    let anna = service.user("anna");
    let id = service.connect(&anna, &service.app("crm"), &[]);
    let admin = service.api_key(&service.user_with("admin", profile(Role::Admin)));
    let manager = service.api_key(&service.user_with("manager", profile(Role::Manager)));
    let get = || Request::get(&format!("{ACCOUNTS}/{id}"));
    for request in [
        get().header("x-api-key", &admin),
        get().header("X-API-KEY", ROOT),
        get().header("x-user-api-key", &admin),
        get().header("x-api-key", "").header("x-user-api-key", &admin),
    ] {
        assert_eq!(service.send(&request).status, 200, "{request:?}");
    }
    let unauthorized = (401, 10_401, "HTTP_Unauthorized".to_owned());
    let own = service.api_key(&anna);
    for request in [
        get(),
        get().header("x-api-key", ""),
        get().header("x-api-key", "nonsense"),
        get().header("x-api-key", &forge(&admin)),
        get().header("x-api-key", &manager),
        get().header("x-api-key", &own),
        get().bearer(&admin),
    ] {
        assert_eq!(error(&service.send(&request)), unauthorized, "{request:?}");
    }
}

#[test]
fn errors_that_have_nothing_to_do_with_accounts_are_named_after_their_status() {
    let service = Service::new();
    let id = service.connect(&service.user("anna"), &service.app("crm"), &[]);
    let http = |status: u16, slug: &str| (status, 10_000 + u64::from(status), slug.to_owned());
    let unknown = service.composio(Request::get("/api/v3.1/toolkits"));
    assert_eq!(error(&unknown), http(404, "HTTP_NotFound"));
    let link = service.composio(Request::get(&format!("{ACCOUNTS}/link")));
    assert_eq!((error(&link), link.header("allow")), (http(405, "HTTP_MethodNotAllowed"), Some("POST")));
    let status = Request::patch(&format!("{ACCOUNTS}/{id}/status"));
    let text = service.composio(status.header("content-type", "text/plain").body("{}"));
    assert_eq!(error(&text), http(415, "HTTP_UnsupportedMediaType"));
    let unavailable =
        service.send_without_ledgers(&Request::get(&format!("{ACCOUNTS}/{id}")).header("x-api-key", ROOT));
    assert_eq!(error(&unavailable), http(503, "HTTP_ServiceUnavailable"));
    assert_eq!(unavailable.header("retry-after"), Some("1"));
    let old = service.composio(Request::post(&format!("/api/v3/connected_accounts/{id}/revoke")));
    assert_eq!(error(&old), http(404, "HTTP_NotFound"), "revocation is new in v3.1");
}

#[test]
fn a_repeated_link_with_the_same_idempotency_key_is_the_same_link() {
    let service = Service::new();
    service.user("anna");
    service.app("crm");
    let link = |user_id: &str| {
        let request = Request::post(&format!("{ACCOUNTS}/link")).header("idempotency-key", "k1");
        service.composio(request.json(json!({ "user_id": user_id, "auth_config_id": "crm" })))
    };
    assert_eq!(link("anna"), link("anna"));
}

#[test]
fn a_member_that_comes_twice_is_rejected() {
    let service = Service::new();
    let id = service.account_of("anna", &service.app_of_acme());
    service.user("bert");
    let link = "{\"user_id\":\"anna\",\"auth_config_id\":\"crm\",\"user_id\":\"bert\"}";
    let answer = service.composio(Request::post(&format!("{ACCOUNTS}/link")).body(link));
    assert_eq!(error(&answer), bad_request());
    let status = "{\"enabled\":true,\"x\":1,\"x\":2,\"enabled\":false}";
    let answer = service.composio(Request::patch(&format!("{ACCOUNTS}/{id}/status")).body(status));
    assert_eq!(error(&answer), bad_request());
    let ignored = "{\"enabled\":false,\"x\":1,\"x\":2}";
    assert_eq!(service.composio(Request::patch(&format!("{ACCOUNTS}/{id}/status")).body(ignored)).status, 200);
}
