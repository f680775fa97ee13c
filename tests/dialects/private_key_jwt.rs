//! Client authentication with a key: `private_key_jwt` (RFC 7523).

use hookswitch::core::app::ClientKeys;
use hookswitch::core::client_assertion::ASSERTION_TYPE;
use hookswitch::core::jwk::{Jwk, JwkSet};
use hookswitch::core::jws::{compact, signing_input};
use hookswitch::core::signing_key::PrivateKey;
use hookswitch::operations::LedgerClass;
use hookswitch::operations::in_memory::NativeSignatures;
use hookswitch::operations::in_memory::signatures::sign;
use serde_json::{Value, json};

use crate::kit::{Answer, App, CALLBACK, ORIGIN, Request, Service};

/// The keys of clients, which are not those of the deployment.
fn keys<const N: usize>() -> [PrivateKey; N] {
    let made = NativeSignatures::default();
    let _ = made.make();
    std::array::from_fn(|_| made.make().unwrap())
}

pub(crate) fn public(key: &PrivateKey, kid: &str) -> Jwk {
    let mut jwk = Jwk::p256(&key.x, &key.y);
    jwk.kid = Some(kid.to_owned());
    jwk
}

pub(crate) fn set(keys: &[(&PrivateKey, &str)]) -> JwkSet {
    JwkSet { keys: keys.iter().map(|(key, kid)| public(key, kid)).collect() }
}

/// The claims of a valid assertion with this `jti`.
fn claims(service: &Service, client_id: &str, jti: &str) -> Value {
    let now = service.clock.now().unix();
    json!({ "iss": client_id, "sub": client_id, "aud": ORIGIN, "iat": now, "exp": now + 60, "jti": jti })
}

fn signed(key: &PrivateKey, header: &Value, claims: &Value) -> String {
    let input = signing_input(&header.to_string(), &claims.to_string());
    compact(&input, &sign(key, input.as_bytes()).unwrap())
}

/// A valid assertion of a client.
pub(crate) fn assertion(service: &Service, client_id: &str, key: &PrivateKey, kid: &str, jti: &str) -> String {
    signed(key, &json!({ "alg": "ES256", "kid": kid }), &claims(service, client_id, jti))
}

fn ask(service: &Service, assertion: &str) -> Answer {
    ask_with(service, &[("client_assertion", assertion), ("client_assertion_type", ASSERTION_TYPE)])
}

fn ask_with(service: &Service, parameters: &[(&str, &str)]) -> Answer {
    let grant = [("grant_type", "client_credentials")];
    service.send(&Request::post("/oauth/token").form(&[&grant, parameters].concat()))
}

fn app_with_keys(service: &Service, keys: ClientKeys) -> App {
    service.app_with("crm", |registration| registration.keys = Some(keys))
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.text("error"))
}

fn invalid_client() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

#[test]
fn an_app_authenticates_with_its_key_and_has_no_secret() {
    let service = Service::new();
    let [key] = keys();
    let app = app_with_keys(&service, ClientKeys::Set(set(&[(&key, "1")])));
    assert_eq!(app.secret, "", "an app with keys gets no client secret");
    let issued = ask(&service, &assertion(&service, "crm", &key, "1", "a"));
    assert_eq!(issued.status, 200, "{}", issued.body);
    // The same for introspection, revocation and a code.
    let token = issued.text("access_token");
    let with = |jti: &str, more: &[(&str, &str)], path: &str| {
        let assertion = assertion(&service, "crm", &key, "1", jti);
        let client = [("client_assertion", assertion.as_str()), ("client_assertion_type", ASSERTION_TYPE)];
        service.send(&Request::post(path).form(&[&client, more].concat()))
    };
    assert_eq!(with("b", &[("token", &token)], "/oauth/introspect").json()["active"], true);
    assert_eq!(with("c", &[("token", &token)], "/oauth/revoke").status, 200);
    assert_eq!(service.status(&token), "revoked");
    let code = service.code_with(&service.user("anna"), &app, |params| params.redirect_uri = Some(CALLBACK.to_owned()));
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", code.secret.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", "crm"),
    ];
    assert_eq!(with("d", &exchange, "/oauth/token").status, 200);
    // Neither without the key nor with a secret of an earlier registration.
    assert_eq!(refused(&ask_with(&service, &[("client_id", "crm")])), invalid_client());
}

#[test]
fn a_client_secret_ends_when_the_app_gets_keys() {
    let service = Service::new();
    let [key] = keys();
    let before = service.app("crm");
    app_with_keys(&service, ClientKeys::Set(set(&[(&key, "1")])));
    let with_secret = [("client_id", "crm"), ("client_secret", before.secret.as_str())];
    assert_eq!(refused(&ask_with(&service, &with_secret)), invalid_client());
    let rotated = service.post("/v1/apps/crm/client-secret", json!({}));
    assert_eq!((rotated.status, rotated.text("code").as_str()), (409, "app_has_keys"));
}

#[test]
fn an_assertion_is_used_once() {
    let service = Service::new();
    let [key] = keys();
    app_with_keys(&service, ClientKeys::Set(set(&[(&key, "1")])));
    let once = assertion(&service, "crm", &key, "1", "a");
    assert_eq!(ask(&service, &once).status, 200);
    assert_eq!(refused(&ask(&service, &once)), invalid_client());
    // Also in another isolate, until it has expired.
    service.platform.memory.clear();
    service.clock.advance_seconds(59);
    assert_eq!(refused(&ask(&service, &once)), invalid_client());
    // Another signature of the same `jti` is the same assertion.
    let again = signed(&key, &json!({ "alg": "ES256" }), &claims(&service, "crm", "a"));
    assert_eq!(refused(&ask(&service, &again)), invalid_client());
    assert_eq!(ask(&service, &assertion(&service, "crm", &key, "1", "b")).status, 200);
    // Without an answer of the registry, nothing is issued.
    let lost = Request::post("/oauth/token").form(&[
        ("grant_type", "client_credentials"),
        ("client_assertion", &assertion(&service, "crm", &key, "1", "c")),
        ("client_assertion_type", ASSERTION_TYPE),
    ]);
    assert_eq!(refused(&service.send_without_ledgers(&lost)), (503, "temporarily_unavailable".to_owned()));
}

#[test]
fn a_wrong_assertion_is_refused_and_uses_up_nothing() {
    let service = Service::new();
    let [key, other] = keys();
    let app = app_with_keys(&service, ClientKeys::Set(set(&[(&key, "1")])));
    service.app("mail");
    service.public_app("spa");
    let header = json!({ "alg": "ES256", "kid": "1" });
    let valid = claims(&service, "crm", "a");
    let changed = |name: &str, value: Value| {
        let mut changed = valid.clone();
        changed[name] = value;
        changed
    };
    let now = service.clock.now().unix();
    for (what, assertion) in [
        ("another key", signed(&other, &header, &valid)),
        ("an unknown kid", signed(&key, &json!({ "alg": "ES256", "kid": "2" }), &valid)),
        ("no signature", format!("{}.", signing_input(&header.to_string(), &valid.to_string()))),
        ("the algorithm none", format!("{}.", signing_input(r#"{"alg":"none"}"#, &valid.to_string()))),
        ("an algorithm with a secret", signed(&key, &json!({ "alg": "HS256", "kid": "1" }), &valid)),
        ("an expired assertion", signed(&key, &header, &changed("exp", json!(now - 31)))),
        ("a long validity", signed(&key, &header, &changed("exp", json!(now + 3_631)))),
        ("a later beginning", signed(&key, &header, &changed("nbf", json!(now + 31)))),
        ("another audience", signed(&key, &header, &changed("aud", json!("https://other.example")))),
        (
            "the endpoint of another server",
            signed(&key, &header, &changed("aud", json!("https://other.example/oauth/token"))),
        ),
        ("no audience", signed(&key, &header, &changed("aud", Value::Null))),
        ("another issuer", signed(&key, &header, &changed("iss", json!("mail")))),
        ("no id", signed(&key, &header, &changed("jti", Value::Null))),
        ("another app without keys", signed(&key, &header, &claims(&service, "mail", "a"))),
        ("a public app", signed(&key, &header, &claims(&service, "spa", "a"))),
        ("an unknown app", signed(&key, &header, &claims(&service, "nobody", "a"))),
        ("no assertion", "x".to_owned()),
    ] {
        assert_eq!(refused(&ask(&service, &assertion)), invalid_client(), "{what}");
    }
    let assertion =
        signed(&key, &header, &changed("aud", json!(["https://other.example", format!("{ORIGIN}/oauth/token")])));
    let as_type = [("client_assertion_type", ASSERTION_TYPE)];
    let given = [("client_assertion", assertion.as_str())];
    for (more, status) in [
        (vec![given[0]], 400),
        (vec![given[0], ("client_assertion_type", "x")], 400),
        (vec![given[0], as_type[0], ("client_secret", "hcs_")], 400),
        (vec![given[0], as_type[0], ("client_id", "mail")], 401),
    ] {
        assert_eq!(ask_with(&service, &more).status, status, "{more:?}");
    }
    let form = [("grant_type", "client_credentials"), given[0], as_type[0]];
    let with_basic = Request::post("/oauth/token").basic("crm", &app.secret).form(&form);
    assert_eq!(refused(&service.send(&with_basic)), (400, "invalid_request".to_owned()));
    assert_eq!(ask(&service, &assertion).status, 200, "its `jti` was not used up");
}

#[test]
fn keys_at_a_url_are_remembered_and_read_again_for_a_new_key() {
    let service = Service::new();
    let [first, second] = keys();
    app_with_keys(&service, ClientKeys::Uri("https://client.example/keys".to_owned()));
    let published = |keys: &JwkSet| serde_json::to_string(keys).unwrap();
    let requests = || service.platform.http.take_requests().len();
    // Without an answer, there is no verdict about the client.
    let unreachable = ask(&service, &assertion(&service, "crm", &first, "1", "a"));
    assert_eq!(refused(&unreachable), (503, "temporarily_unavailable".to_owned()));
    for status in [302, 404, 500] {
        service.platform.http.respond(status, &published(&set(&[(&first, "1")])));
        assert_eq!(ask(&service, &assertion(&service, "crm", &first, "1", "a")).status, 503, "{status}");
    }
    requests();
    service.platform.http.respond(200, &published(&set(&[(&first, "1")])));
    for jti in ["a", "b"] {
        assert_eq!(ask(&service, &assertion(&service, "crm", &first, "1", jti)).status, 200);
    }
    let [request] = <[_; 1]>::try_from(service.platform.http.take_requests()).unwrap();
    assert_eq!((request.method, request.url.as_str()), ("GET", "https://client.example/keys"));
    // A stranger's assertions cause one request in thirty seconds.
    for jti in ["c", "d"] {
        assert_eq!(refused(&ask(&service, &assertion(&service, "crm", &second, "2", jti))), invalid_client());
    }
    assert_eq!(requests(), 0);
    service.clock.advance_seconds(30);
    service.platform.http.respond(200, &published(&set(&[(&second, "2")])));
    assert_eq!(ask(&service, &assertion(&service, "crm", &second, "2", "e")).status, 200);
    assert_eq!(refused(&ask(&service, &assertion(&service, "crm", &first, "1", "f"))), invalid_client());
    assert_eq!(requests(), 1);
    service.clock.advance_seconds(300);
    service.platform.http.respond(200, "{");
    assert_eq!(refused(&ask(&service, &assertion(&service, "crm", &second, "2", "g"))), invalid_client());
}

#[test]
fn a_forged_assertion_costs_no_write_and_no_token_without_a_client() {
    let service = Service::new();
    let [key, other] = keys();
    app_with_keys(&service, ClientKeys::Set(set(&[(&key, "1")])));
    ask(&service, &assertion(&service, "crm", &key, "1", "a"));
    service.platform.ledgers.take_calls();
    assert_eq!(refused(&ask(&service, &assertion(&service, "crm", &other, "1", "b"))), invalid_client());
    let calls = service.platform.ledgers.take_calls();
    assert!(calls.is_empty(), "the app is remembered: {calls:?}");
    ask(&service, &assertion(&service, "crm", &key, "1", "c"));
    let classes: Vec<_> = service.platform.ledgers.take_calls().into_iter().map(|(class, _)| class).collect();
    assert_eq!(classes, [LedgerClass::App, LedgerClass::User]);
}

#[test]
fn keys_are_registered_for_confidential_apps() {
    let service = Service::new();
    let [key] = keys();
    let jwks = serde_json::to_value(set(&[(&key, "1")])).unwrap();
    let put = service.put("/v1/apps/crm", json!({ "name": "CRM", "jwks": jwks }));
    assert_eq!((put.status, &put.json()["jwks"], &put.json()["jwks_uri"]), (201, &jwks, &Value::Null));
    assert_eq!(put.json().get("client_secret"), None);
    let uri = "https://client.example/keys";
    let put = service.put("/v1/apps/crm", json!({ "name": "CRM", "jwks_uri": uri }));
    assert_eq!((put.status, &put.json()["jwks"], &put.json()["jwks_uri"]), (200, &Value::Null, &json!(uri)));
    let mut private = jwks.clone();
    private["keys"][0]["d"] = json!(key.d);
    for (field, body) in [
        ("jwks", json!({ "name": "a", "jwks": private })),
        ("jwks", json!({ "name": "a", "jwks": { "keys": [] } })),
        ("jwks", json!({ "name": "a", "jwks": [] })),
        ("jwks", json!({ "name": "a", "jwks": { "keys": [{ "kty": "oct", "k": "AAAA" }] } })),
        ("jwks", json!({ "name": "a", "jwks": jwks, "client_type": "public" })),
        ("jwks_uri", json!({ "name": "a", "jwks": jwks, "jwks_uri": uri })),
        ("jwks_uri", json!({ "name": "a", "jwks_uri": "http://client.example/keys" })),
        ("jwks_uri", json!({ "name": "a", "jwks_uri": "https://10.0.0.1/keys" })),
    ] {
        let refused = service.put("/v1/apps/other", body.clone());
        assert_eq!(refused.status, 400, "{body}");
        assert!(refused.json()["errors"].get(field).is_some(), "{}", refused.body);
    }
}
