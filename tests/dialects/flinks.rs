//! Flinks' two calls: tokens, and the revocation of a connection by its access token.

use serde_json::{Value, json};

use crate::kit::{Answer, App, CALLBACK, ROOT, Request, Service, forge};

const TOKEN: &str = "/api/v1/token";
const REVOKE: &str = "/api/v1/revoke";
const THIRTY_DAYS: i64 = 2_592_000;

/// A way to send parameters.
type Sender = fn(&[(&str, &str)]) -> Request;

/// Both ways to send parameters.
const SENDERS: [Sender; 2] = [
    |parameters| Request::post(TOKEN).form(parameters),
    |parameters| {
        let members = parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        Request::post(TOKEN).json(Value::Object(members.collect()))
    },
];

fn error(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["error", "error_description"], "{}", answer.body);
    (answer.status, answer.text("error"))
}

fn bad(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

fn with_client<'a>(app: &'a App, parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut parameters = parameters.to_vec();
    parameters.extend([("client_id", app.id.as_str()), ("client_secret", app.secret.as_str())]);
    parameters
}

fn revoke(service: &Service, bearer: &str) -> Answer {
    service.send(&Request::delete(REVOKE).bearer(bearer))
}

#[test]
fn a_code_is_exchanged_and_the_refresh_token_lives_on_from_each_use() {
    for sent in SENDERS {
        let service = Service::new();
        let app = service.app("crm");
        let code = service.code_with(&service.user("anna"), &app, |params| {
            params.redirect_uri = Some(CALLBACK.to_owned());
            params.scope = "read".parse().ok();
        });
        service.clock.advance_seconds(1);
        let grant = [("grant_type", "authorization_code"), ("code", &code.secret), ("redirect_uri", CALLBACK)];
        let issued = service.send(&sent(&with_client(&app, &grant)));
        let (access, refresh) = (issued.text("access_token"), issued.text("refresh_token"));
        let expected = json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 300,
            "refresh_token": refresh,
            "scope": "read",
        });
        assert_eq!(issued.both(), (200, expected));

        service.clock.advance_seconds(1_000);
        let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let refreshed = service.send(&sent(&with_client(&app, &grant)));
        let access = refreshed.text("access_token");
        assert_eq!(
            refreshed.both(),
            (200, json!({ "access_token": access, "token_type": "Bearer", "expires_in": 300 })),
            "no refresh token and no scope"
        );
        let used_at = service.verdict(&access).created_at;
        assert_eq!(service.verdict(&refresh).expires_at, Some(used_at.plus_seconds(THIRTY_DAYS)));
    }
}

#[test]
fn other_members_are_ignored() {
    for sent in SENDERS {
        let service = Service::new();
        let app = service.app("crm");
        let code = service.code(&service.user("anna"), &app).secret;
        let grant = [("grant_type", "authorization_code"), ("code", &code), ("LoginId", "x"), ("", "x")];
        assert_eq!(service.send(&sent(&with_client(&app, &grant))).status, 200);
    }
}

#[test]
fn every_error_of_the_client_is_400() {
    for sent in SENDERS {
        let service = Service::new();
        let (app, other) = (service.app("crm"), service.app("other"));
        let (access, refresh) = service.authorized("anna", &app);
        let code = service.code(&"anna".parse().unwrap(), &app).secret;
        let grant = ("grant_type", "authorization_code");
        let id = ("client_id", app.id.as_str());
        let secret = ("client_secret", app.secret.as_str());
        let (forged, forged_code) = (forge(&app.secret), forge(&code));
        for (parameters, expected) in [
            (vec![grant, ("code", &code), id, ("client_secret", &forged)], "invalid_client"),
            (vec![grant, ("code", &code), id, ("client_secret", "nonsense")], "invalid_client"),
            (vec![grant, ("code", &code), id, ("client_secret", &other.secret)], "invalid_client"),
            (vec![grant, ("code", &code), id], "invalid_client"),
            (vec![grant, ("code", &code)], "invalid_client"),
            (vec![grant, ("code", &code), ("client_id", "nobody"), secret], "invalid_client"),
            (with_client(&other, &[grant, ("code", &code)]), "invalid_grant"),
            (vec![grant, ("code", &forged_code), id, secret], "invalid_grant"),
            (vec![grant, ("code", &access), id, secret], "invalid_grant"),
            (vec![grant, ("code", &code), ("redirect_uri", "https://evil.example/"), id, secret], "invalid_grant"),
            (vec![grant, id, secret], "invalid_request"),
            (vec![("code", &code), id, secret], "invalid_request"),
            (vec![("grant_type", "client_credentials"), id, secret], "unsupported_grant_type"),
            (vec![("grant_type", "nonsense"), id, secret], "unsupported_grant_type"),
            (
                vec![("grant_type", "refresh_token"), ("refresh_token", &refresh), ("scope", "all"), id, secret],
                "invalid_scope",
            ),
        ] {
            assert_eq!(error(&service.send(&sent(&parameters))), bad(expected), "{parameters:?}");
        }
        assert_eq!(service.status(&code), "valid");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_an_invalid_request() {
    let service = Service::new();
    let app = service.app("crm");
    for body in ["{", "[]", "null", "\"x\""] {
        let request = Request::post(TOKEN).header("content-type", "application/json").body(body);
        assert_eq!(error(&service.send(&request)), bad("invalid_request"), "{body}");
    }
    for grant_type in [json!(1), json!(null), json!({}), json!(["refresh_token"])] {
        let body = json!({ "grant_type": grant_type, "client_id": app.id, "client_secret": app.secret });
        assert_eq!(error(&service.send(&Request::post(TOKEN).json(body.clone()))), bad("invalid_request"), "{body}");
    }
    let twice = [("grant_type", "refresh_token"), ("grant_type", "refresh_token"), ("client_id", "crm")];
    assert_eq!(error(&service.send(&Request::post(TOKEN).form(&twice))), bad("invalid_request"));
    let text = Request::post(TOKEN).header("content-type", "text/plain").body("x");
    assert_eq!(error(&service.send(&text)), (415, "invalid_request".to_owned()));
}

#[test]
fn an_access_token_revokes_its_connection_whatever_the_body_is() {
    for body in ["", "{}", "{\"LoginId\":\"x\",\"MostRecentCached\":true}", "{", "nonsense"] {
        let service = Service::new();
        let app = service.app("crm");
        let (access, refresh) = service.authorized("anna", &app);
        let (other, _) = service.authorized("bert", &app);
        let answer = service.send(&Request::delete(REVOKE).bearer(&access).body(body));
        assert_eq!((answer.status, answer.body.as_str(), answer.content_type), (204, "", None), "{body}");
        let verdict = service.verdict(&access);
        let connection = service.connection(verdict.facts.connection_id.unwrap().as_str());
        assert_eq!(connection.status().as_str(), "revoked");
        assert_eq!(connection.state.by.unwrap().as_str(), "app:crm");
        assert_eq!([&access, &refresh, &other].map(|token| service.status(token)), ["revoked", "revoked", "valid"]);
        assert_eq!(error(&revoke(&service, &access)), bad("invalid_grant"));
    }
}

#[test]
fn a_bearer_that_is_not_a_live_access_token_is_an_invalid_grant() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, refresh) = service.authorized("anna", &app);
    let (dead, _) = service.authorized("bert", &app);
    service.revoke(&dead);
    let anna = "anna".parse().unwrap();
    let (code, key) = (service.code(&anna, &app), service.api_key(&anna));
    let public_id = service.verdict(&access).token_id.to_string();
    for bearer in [forge(&access), refresh, dead, code.secret, code.connection_id, key, public_id, app.secret]
        .into_iter()
        .chain([ROOT, "nonsense"].map(str::to_owned))
    {
        assert_eq!(error(&revoke(&service, &bearer)), bad("invalid_grant"), "{bearer}");
    }
    assert_eq!(service.status(&access), "valid");
}

#[test]
fn a_revocation_without_a_bearer_is_an_invalid_request() {
    let service = Service::new();
    assert_eq!(error(&service.send(&Request::delete(REVOKE))), bad("invalid_request"));
    for header in ["", "Bearer", "Bearer ", "Basic eDp5", "nonsense"] {
        let request = Request::delete(REVOKE).header("authorization", header);
        assert_eq!(error(&service.send(&request)), bad("invalid_request"), "{header}");
    }
}

#[test]
fn other_paths_and_methods_are_answered_in_the_same_format() {
    let service = Service::new();
    for (request, status) in [
        (Request::get(TOKEN), 405),
        (Request::post(REVOKE), 405),
        (Request::get("/api/v1/authorize"), 404),
        (Request::post("/api/v1/token/"), 404),
    ] {
        assert_eq!(error(&service.send(&request)), (status, "invalid_request".to_owned()), "{request:?}");
    }
}

#[test]
fn a_ledger_that_does_not_answer_is_temporarily_unavailable() {
    let service = Service::new();
    let (access, _) = service.authorized("anna", &service.app("crm"));
    let answer = service.send_without_ledgers(&Request::delete(REVOKE).bearer(&access));
    assert_eq!(error(&answer), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(service.status(&access), "valid");
}
