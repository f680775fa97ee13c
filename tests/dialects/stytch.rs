//! Stytch's connected apps and public OAuth calls.

use hookswitch::core::app::ClientType;
use hookswitch::core::decide::connections::Switch;
use hookswitch::core::user::Role;
use hookswitch::core::{Scope, pkce};
use serde_json::{Value, json};

use crate::kit::{Answer, App, CALLBACK, ORIGIN, PROJECT, ROOT, Request, Service, forge, profile};

const REQUEST_ID: &str = "request-id-test-request-1";

/// A body with the members that every answer has.
fn done(mut body: Value) -> (u16, Value) {
    body["status_code"] = json!(200);
    body["request_id"] = json!(REQUEST_ID);
    (200, body)
}

/// The five members of an error, and that the status is in the body.
fn failure(answer: &Answer) -> (u16, String, String) {
    let (status, message) = (answer.status, answer.text("error_message"));
    let error_type = answer.text("error_type");
    let expected = json!({
        "status_code": status,
        "request_id": REQUEST_ID,
        "error_type": error_type,
        "error_message": message,
        "error_url": format!("https://stytch.com/docs/api/errors/{status}#{error_type}"),
    });
    assert_eq!(answer.json(), expected);
    (status, error_type, message)
}

/// The five members of an error of an OAuth call.
fn oauth_failure(answer: &Answer) -> (u16, String) {
    let (status, error) = (answer.status, answer.text("error"));
    let expected = json!({
        "status_code": status,
        "request_id": REQUEST_ID,
        "error": error,
        "error_description": answer.text("error_description"),
        "error_uri": format!("https://stytch.com/docs/api/errors/{status}#{error}"),
    });
    assert_eq!(answer.json(), expected);
    assert!(answer.text("error_description").ends_with('.'));
    (status, error)
}

fn list_request(user: &str) -> Request {
    Request::get(&format!("/v1/users/{user}/connected_apps"))
}

fn revoke_request(user: &str, app: &str) -> Request {
    Request::post(&format!("/v1/users/{user}/connected_apps/{app}/revoke")).json(json!({}))
}

impl Service {
    fn connected_apps(&self, user: &str) -> Answer {
        self.send(&list_request(user).basic(PROJECT, ROOT))
    }

    fn connected_app_ids(&self, user: &str) -> Vec<String> {
        let listed = self.connected_apps(user);
        assert_eq!(listed.status, 200, "{}", listed.body);
        let apps = listed.json()["connected_apps"].as_array().unwrap().clone();
        apps.iter().map(|app| app["connected_app_id"].as_str().unwrap().to_owned()).collect()
    }

    fn revoke_app(&self, user: &str, app: &str) -> Answer {
        self.send(&revoke_request(user, app).basic(PROJECT, ROOT))
    }
}

#[test]
fn the_connected_apps_of_a_user_are_listed_with_the_scopes_of_all_their_connections() {
    let service = Service::new();
    let anna = service.user("anna");
    assert_eq!(service.connected_apps("anna").both(), done(json!({ "connected_apps": [] })));
    let calendar = service.app_with("calendar", |registration| {
        registration.name = "Calendar".to_owned();
        registration.description = Some("Reads a calendar.".to_owned());
        registration.logo_url = Some("https://app.example/logo.png".to_owned());
    });
    let open = service.app_with("open", |registration| {
        registration.client_type = ClientType::Public;
        registration.scopes = None;
    });
    for scope in ["read", "write"] {
        let code = service.code_with(&anna, &calendar, |params| params.scope = Scope::parse(scope).ok());
        service.consume(&code.secret);
    }
    service.connect(&anna, &open, &[]);
    let mut listed = service.connected_apps("anna").json();
    listed["connected_apps"].as_array_mut().unwrap().sort_by_key(|app| app["name"].to_string());
    let expected = json!({ "connected_apps": [
        {
            "connected_app_id": "open",
            "name": "Acme",
            "description": "",
            "client_type": "third_party_public",
            "scopes_granted": "",
            "logo_url": null,
        },
        {
            "connected_app_id": "calendar",
            "name": "Calendar",
            "description": "Reads a calendar.",
            "client_type": "third_party",
            "scopes_granted": "read write",
            "logo_url": "https://app.example/logo.png",
        },
    ] });
    assert_eq!((200, listed), done(expected));
}

#[test]
fn a_disabled_connection_is_listed_and_a_pending_or_revoked_one_is_not() {
    let service = Service::new();
    let anna = service.user("anna");
    let app = service.app("crm");
    let code = service.code(&anna, &app);
    assert!(service.connected_app_ids("anna").is_empty());
    service.consume(&code.secret);
    assert_eq!(service.connected_app_ids("anna"), ["crm"]);
    service.switch(&code.connection_id, Switch::Disable);
    assert_eq!(service.connected_app_ids("anna"), ["crm"]);
    assert_eq!(service.revoke_app("anna", "crm").both(), done(json!({})));
    assert!(service.connected_app_ids("anna").is_empty());
}

#[test]
fn revoking_an_app_revokes_every_connection_of_the_user_to_it() {
    let service = Service::new();
    let (app, other) = (service.app("crm"), service.app("other"));
    let (access, refresh) = service.authorized("anna", &app);
    let (of_other, _) = service.authorized("anna", &other);
    let (of_bert, _) = service.authorized("bert", &app);
    let anna = "anna".parse().unwrap();
    let (second, pending) = (service.connect(&anna, &app, &[]), service.code(&anna, &app));
    for _ in 0..2 {
        assert_eq!(service.revoke_app("anna", "crm").both(), done(json!({})));
        let tokens = [&access, &refresh, &pending.secret, &of_other, &of_bert];
        let statuses = tokens.map(|token| service.status(token));
        assert_eq!(statuses, ["revoked", "revoked", "revoked", "valid", "valid"]);
        assert_eq!(service.connection(&second).status().as_str(), "revoked");
        service.clock.advance_seconds(1);
    }
    let (again, _) = service.authorized("anna", &app);
    assert_eq!(service.status(&again), "valid");
    assert_eq!(service.revoke_app(service.user("carl").as_str(), "crm").both(), done(json!({})), "never connected");
}

#[test]
fn users_and_apps_that_do_not_exist_are_not_found() {
    let service = Service::new();
    service.user("anna");
    let user = || (404, "user_not_found".to_owned(), "User could not be found.".to_owned());
    let message = "The Connected App requested could not be found.";
    let app = (404, "connected_app_not_found".to_owned(), message.to_owned());
    for name in ["nobody", "root", "app:crm", "a%00", "%F0%9F%98%80"] {
        assert_eq!(failure(&service.connected_apps(name)), user(), "{name}");
        assert_eq!(failure(&service.revoke_app(name, "crm")), user(), "{name}");
    }
    for name in ["nothing", "a%00"] {
        assert_eq!(failure(&service.revoke_app("anna", name)), app, "{name}");
    }
}

#[test]
fn a_user_is_found_by_its_external_id_in_every_spelling() {
    let service = Service::new();
    let mut with_external_id = profile(Role::Member);
    with_external_id.external_id = "crm|42.a_b-1".parse().ok();
    service.user_with("anna", with_external_id);
    let app = service.app("crm");
    service.connect(&"anna".parse().unwrap(), &app, &[]);
    for spelling in ["crm|42.a_b-1", "crm%7C42.a_b-1", "%63rm%7c42%2ea%5Fb%2D1"] {
        assert_eq!(service.connected_app_ids(spelling), ["crm"], "{spelling}");
    }
    assert_eq!(service.revoke_app("crm%7C42.a_b-1", "crm").both(), done(json!({})));
    assert!(service.connected_app_ids("anna").is_empty());
}

#[test]
fn ids_are_percent_decoded_once() {
    for (id, encoded) in [("a/b", "a%2Fb"), ("100%2F", "100%252F"), ("ünï", "%C3%BCn%C3%AF"), ("a\\b", "a%5Cb")] {
        let service = Service::new();
        let app = service.app(id);
        service.connect(&service.user(id), &app, &[]);
        assert_eq!(service.connected_app_ids(encoded), [id]);
        assert_eq!(service.revoke_app(encoded, encoded).both(), done(json!({})));
        assert!(service.connected_app_ids(encoded).is_empty());
    }
}

#[test]
fn the_body_of_a_revocation_is_ignored_unless_it_is_not_json() {
    let service = Service::new();
    service.user("anna");
    service.app("crm");
    let request = || revoke_request("anna", "crm").basic(PROJECT, ROOT);
    for body in ["", "{}", r#"{"user_id":"bert","connected_app_id":"x","x":[1],"x":2}"#] {
        assert_eq!(service.send(&request().body(body)).both(), done(json!({})), "{body}");
    }
    assert_eq!(failure(&service.send(&request().body("{"))).1, "bad_request");
    let text = service.send(&request().header("content-type", "text/plain"));
    assert_eq!(failure(&text).1, "unsupported_media_type");
    let listed = service.send(&list_request("anna").basic(PROJECT, ROOT).json(json!({})).query(&[("user_id", "x")]));
    assert_eq!(listed.status, 200);
}

#[test]
fn only_the_root_key_and_keys_of_admins_are_secrets_of_the_project() {
    let service = Service::new();
    let anna = service.user("anna");
    let app = service.app("crm");
    service.connect(&anna, &app, &[]);
    let admin = service.api_key(&service.user_with("admin", profile(Role::Admin)));
    let manager = service.api_key(&service.user_with("manager", profile(Role::Manager)));
    let own = service.api_key(&anna);
    let (list, revoke) = (|| list_request("anna"), || revoke_request("anna", "crm"));
    for request in [list, revoke] {
        for wrong in [
            request(),
            request().basic(PROJECT, ""),
            request().basic(PROJECT, "nonsense"),
            request().basic(PROJECT, &forge(&admin)),
            request().basic(PROJECT, &manager),
            request().basic(PROJECT, &own),
            request().basic(PROJECT, &app.secret),
            request().basic("project-test-2", &admin),
            request().basic("", &admin),
            request().basic(&admin, PROJECT),
            request().bearer(&admin),
            request().header("authorization", "Basic"),
            request().header("authorization", "Basic !!!"),
            request().header("x-apikey", &admin),
        ] {
            let answer = service.send(&wrong);
            let message = "Unauthorized credentials.".to_owned();
            assert_eq!(failure(&answer), (401, "unauthorized_credentials".to_owned(), message), "{wrong:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"hookswitch\""));
        }
    }
    assert_eq!(service.connected_app_ids("anna"), ["crm"]);
    assert_eq!(service.send(&revoke().basic(PROJECT, &admin)).status, 200);
}

#[test]
fn other_paths_and_methods_are_answered_in_stytchs_words() {
    let service = Service::new();
    for request in [Request::post("/v1/oauth2/"), Request::post("/v1/public/x"), Request::get("/v1/oauth2/authorize")] {
        assert_eq!(failure(&service.send(&request)).1, "route_not_found", "{request:?}");
    }
    let answer = service.send(&Request::post("/v1/users/anna/connected_apps"));
    assert_eq!((failure(&answer).1.as_str(), answer.header("allow")), ("method_not_allowed", Some("GET, HEAD")));
}

#[test]
fn a_ledger_that_does_not_answer_is_service_unavailable() {
    let service = Service::new();
    let (access, _) = service.authorized("anna", &service.app("crm"));
    for request in [list_request("anna"), revoke_request("anna", "crm")] {
        let answer = service.send_without_ledgers(&request.basic(PROJECT, ROOT));
        assert_eq!((failure(&answer).1.as_str(), answer.header("retry-after")), ("service_unavailable", Some("1")));
    }
    assert_eq!(service.status(&access), "valid");
}

/// The two bases of the OAuth calls.
fn bases() -> [String; 2] {
    [format!("/v1/public/{PROJECT}/oauth2"), "/v1/oauth2".to_owned()]
}

/// A client of the OAuth calls that authenticates in the body.
struct Client<'s> {
    service: &'s Service,
    base: &'s str,
    app: &'s App,
}

impl Client<'_> {
    fn request(&self, endpoint: &str, parameters: &[(&str, &str)]) -> Request {
        let mut parameters = parameters.to_vec();
        parameters.push(("client_id", &self.app.id));
        if !self.app.secret.is_empty() {
            parameters.push(("client_secret", &self.app.secret));
        }
        Request::post(&format!("{}/{endpoint}", self.base)).form(&parameters)
    }

    fn post(&self, endpoint: &str, parameters: &[(&str, &str)]) -> Answer {
        self.service.send(&self.request(endpoint, parameters))
    }

    fn introspect(&self, token: &str) -> Answer {
        self.post("introspect", &[("token", token)])
    }
}

#[test]
fn tokens_are_issued_refreshed_introspected_and_revoked() {
    for base in bases() {
        let service = Service::new();
        let app = service.app("crm");
        let client = Client { service: &service, base: &base, app: &app };
        let code = service.code_with(&service.user("anna"), &app, |params| {
            params.redirect_uri = Some(CALLBACK.to_owned());
        });
        service.clock.advance_seconds(1);
        let grant = [("grant_type", "authorization_code"), ("code", &code.secret), ("redirect_uri", CALLBACK)];
        let issued = client.post("token", &grant);
        let (access, refresh) = (issued.text("access_token"), issued.text("refresh_token"));
        let expected = json!({
            "access_token": access,
            "token_type": "bearer",
            "expires_in": 3_600,
            "refresh_token": refresh,
            "scope": "read write",
        });
        assert_eq!(issued.both(), done(expected));
        let refreshed = client.post("token", &[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
        assert_eq!((refreshed.status, refreshed.json().get("refresh_token")), (200, None));

        for (token, token_type) in [(&access, "access_token"), (&refresh, "refresh_token")] {
            let verdict = service.verdict(token);
            let expected = json!({
                "active": true,
                "aud": [PROJECT],
                "client_id": "crm",
                "exp": verdict.expires_at.unwrap().unix(),
                "iat": verdict.created_at.unix(),
                "nbf": verdict.created_at.unix(),
                "iss": ORIGIN,
                "scope": "read write",
                "sub": "anna",
                "token_type": token_type,
            });
            assert_eq!(client.introspect(token).both(), done(expected));
        }
        assert_eq!(client.post("revoke", &[("token", &refresh)]).both(), done(json!({})));
        for token in [access.as_str(), &refresh, "nonsense"] {
            assert_eq!(client.introspect(token).both(), done(json!({ "active": false })));
            assert_eq!(client.post("revoke", &[("token", token)]).both(), done(json!({})));
        }
    }
}

#[test]
fn the_oauth_calls_accept_json() {
    for base in bases() {
        let service = Service::new();
        let app = service.app("crm");
        let code = service.code(&service.user("anna"), &app).secret;
        let post = |endpoint: &str, mut body: Value| {
            body["client_id"] = json!(app.id);
            body["client_secret"] = json!(app.secret);
            service.send(&Request::post(&format!("{base}/{endpoint}")).json(body))
        };
        let access = post("token", json!({ "grant_type": "authorization_code", "code": code })).text("access_token");
        assert_eq!(post("introspect", json!({ "token": access })).json()["active"], true);
        assert_eq!(post("revoke", json!({ "token": access })).both(), done(json!({})));
        assert_eq!(service.status(&access), "revoked");
    }
}

#[test]
fn a_client_in_the_body_goes_before_basic() {
    for base in bases() {
        let service = Service::new();
        let app = service.app("crm");
        let (token, _) = service.authorized("anna", &app);
        let in_body = Client { service: &service, base: &base, app: &app };
        for (name, password) in [(PROJECT, ROOT), (PROJECT, "nonsense"), ("nobody", "nonsense")] {
            let request = in_body.request("introspect", &[("token", &token)]);
            assert_eq!(service.send(&request.basic(name, password)).json()["active"], true, "{name}");
        }
        let wrong = App { secret: "nonsense".to_owned(), ..app.clone() };
        let request = Client { app: &wrong, ..in_body }.request("introspect", &[("token", &token)]);
        assert_eq!(oauth_failure(&service.send(&request.basic(&app.id, &app.secret))).1, "invalid_client");

        let bare = || Request::post(&format!("{base}/introspect")).form(&[("token", &token)]);
        assert_eq!(service.send(&bare().basic(&app.id, &app.secret)).json()["active"], true);
        let by_project = service.send(&bare().basic(PROJECT, ROOT));
        assert_eq!(oauth_failure(&by_project), (401, "invalid_client".to_owned()));
        assert_eq!(by_project.header("www-authenticate"), Some("Basic realm=\"hookswitch\""));
    }
}

#[test]
fn a_public_client_introspects_its_own_tokens() {
    for base in bases() {
        let service = Service::new();
        let (open, other) = (service.public_app("open"), service.app("other"));
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let code = service.code_with(&service.user("anna"), &open, |params| {
            params.code_challenge = Some(pkce::challenge(verifier));
        });
        let client = Client { service: &service, base: &base, app: &open };
        let grant = [("grant_type", "authorization_code"), ("code", &code.secret), ("code_verifier", verifier)];
        let access = client.post("token", &grant).text("access_token");
        assert_eq!(client.introspect(&access).json()["active"], true);
        let (theirs, _) = service.authorized("anna", &other);
        assert_eq!(client.introspect(&theirs).both(), done(json!({ "active": false })));
    }
}

#[test]
fn every_oauth_error_has_five_members() {
    for base in bases() {
        let service = Service::new();
        let (app, other) = (service.app("crm"), service.app("other"));
        let (access, refresh) = service.authorized("anna", &app);
        let (theirs, _) = service.authorized("anna", &other);
        let key = service.api_key(&"anna".parse().unwrap());
        let client = Client { service: &service, base: &base, app: &app };
        let code = service.code(&"anna".parse().unwrap(), &other).secret;
        for (answer, status, error) in [
            (client.post("token", &[("grant_type", "authorization_code"), ("code", &code)]), 400, "invalid_grant"),
            (
                client.post("token", &[("grant_type", "refresh_token"), ("refresh_token", &access)]),
                400,
                "invalid_grant",
            ),
            (
                client.post("token", &[("grant_type", "refresh_token"), ("refresh_token", &refresh), ("scope", "all")]),
                400,
                "invalid_scope",
            ),
            (client.post("token", &[("grant_type", "password")]), 400, "unsupported_grant_type"),
            (client.post("token", &[]), 400, "invalid_request"),
            (client.post("introspect", &[]), 400, "invalid_request"),
            (client.post("revoke", &[("token", &theirs)]), 400, "invalid_grant"),
            (client.post("revoke", &[("token", &key)]), 400, "unsupported_token_type"),
            (service.send(&Request::post(&format!("{base}/revoke")).form(&[("token", "x")])), 401, "invalid_client"),
            (service.send(&Request::post(&format!("{base}/token")).body("{")), 400, "invalid_request"),
            (
                service.send(&Request::post(&format!("{base}/token")).header("content-type", "text/plain")),
                415,
                "invalid_request",
            ),
            (
                service.send_without_ledgers(&client.request("introspect", &[("token", &access)])),
                503,
                "temporarily_unavailable",
            ),
        ] {
            assert_eq!(oauth_failure(&answer), (status, error.to_owned()), "{}", answer.body);
        }
        assert_eq!(service.status(&access), "valid");
    }
}

#[test]
fn another_project_is_not_found() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, _) = service.authorized("anna", &app);
    for project in ["project-test-2", "x", "project-test-1x"] {
        let base = format!("/v1/public/{project}/oauth2");
        let client = Client { service: &service, base: &base, app: &app };
        for endpoint in ["token", "introspect", "revoke"] {
            let answer = client.post(endpoint, &[("token", &access)]);
            assert_eq!(oauth_failure(&answer), (404, "project_not_found".to_owned()));
        }
    }
    assert_eq!(service.status(&access), "valid");
}
