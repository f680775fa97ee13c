//! Partoo's three calls, at both of their paths.

use hookswitch::core::decide::connections::Switch;
use hookswitch::core::user::Role;
use hookswitch::operations::Settings;
use serde_json::{Value, json};

use crate::kit::{Answer, ROOT, Request, Service, forge, profile};

const PREFIXES: [&str; 2] = ["/v2/connection", "/connection"];

fn not_found() -> (u16, Value) {
    (404, json!({ "errors": { "json": "Resource not found" } }))
}

fn forbidden() -> (u16, Value) {
    (403, json!({ "errors": { "authorization": "Operation not allowed" } }))
}

/// A client of Partoo's API.
struct Client<'s> {
    service: &'s Service,
    prefix: &'static str,
    key: &'s str,
}

impl Client<'_> {
    fn send(&self, request: Request) -> Answer {
        self.service.send(&request.header("x-APIKey", self.key))
    }

    fn generate(&self, body: Value) -> Answer {
        self.send(Request::post(&format!("{}/generate_token", self.prefix)).json(body))
    }

    fn check(&self, user_id: &str, token: &str) -> Answer {
        let request = Request::get(&format!("{}/check_token", self.prefix));
        self.send(request.query(&[("user_id", user_id), ("token", token)]))
    }

    fn revoke(&self, body: Value) -> Answer {
        self.send(Request::post(&format!("{}/revoke_token", self.prefix)).json(body))
    }

    fn generated(&self, user_id: &str) -> String {
        self.generate(json!({ "user_id": user_id })).text("token")
    }
}

/// Runs a test at both paths, as root.
fn at_both_paths(test: impl Fn(&Service, &Client<'_>)) {
    for prefix in PREFIXES {
        let service = Service::new();
        test(&service, &Client { service: &service, prefix, key: ROOT });
    }
}

/// The token in Partoo's spelling.
fn spelled(token: &str) -> String {
    token.replacen("hct_", "\\x", 1)
}

#[test]
fn a_token_is_generated_checked_and_consumed() {
    at_both_paths(|service, partoo| {
        service.user("anna");
        service.clock.advance_seconds(1);
        let generated = partoo.generate(json!({ "user_id": "anna", "ttl": 60 }));
        let token = generated.text("token");
        assert!(token.starts_with("\\x") && token.len() == 50, "{token}");
        let expires = "2026-11-21T07:29:24.123000+00:00";
        assert_eq!(generated.both(), (200, json!({ "token": token, "expiration_date": expires })));

        let expected = json!({
            "token": token,
            "expiration_date": expires,
            "generated_by": "root",
            "creation_date": "2026-11-21T07:28:24.123000+00:00",
            "status": "valid",
        });
        assert_eq!(partoo.check("anna", &token).both(), (200, expected));

        service.clock.advance_seconds(2);
        service.consume(&token);
        let consumed = partoo.check("anna", &token).json();
        assert_eq!(consumed["status"], "consumed");
        assert_eq!(consumed["consumption_date"], "2026-11-21T07:28:26.123000+00:00");
    });
}

#[test]
fn a_token_is_valid_for_a_day_by_default() {
    at_both_paths(|service, partoo| {
        service.user("anna");
        service.clock.advance_seconds(1);
        let generated = partoo.generate(json!({ "user_id": "anna" }));
        assert_eq!(generated.text("expiration_date"), "2026-11-22T07:28:24.123000+00:00");
    });
}

#[test]
fn every_spelling_of_a_token_is_accepted_and_one_is_answered() {
    at_both_paths(|service, partoo| {
        let token = service.token(&service.user("anna"), 600).secret;
        let digits = &token[4..];
        for text in [
            format!("\\x{digits}"),
            format!("%5Cx{digits}"),
            format!("%5c%78{digits}"),
            format!("hct_{digits}"),
            format!("hct_{}", digits.to_uppercase()),
        ] {
            let target = format!("{}/check_token?user_id=anna&token={text}", partoo.prefix);
            let checked = partoo.send(Request::get(&target));
            assert_eq!((checked.status, checked.text("token")), (200, spelled(&token)), "{text}");
        }
    });
}

#[test]
fn a_token_that_is_not_a_connection_token_of_the_user_is_not_found() {
    at_both_paths(|service, partoo| {
        let (anna, _) = (service.user("anna"), service.user("bert"));
        let created = service.token(&anna, 600);
        let token = created.secret.as_str();
        for (user_id, text) in [
            ("bert", token.to_owned()),
            ("nobody", token.to_owned()),
            ("anna", forge(token)),
            ("anna", forge(&spelled(token))),
            ("anna", token[..50].to_owned()),
            ("anna", created.verdict.token_id.to_string()),
            ("anna", service.api_key(&anna)),
            ("anna", "\\x".to_owned()),
            ("anna", "nonsense".to_owned()),
        ] {
            assert_eq!(partoo.check(user_id, &text).both(), not_found(), "{user_id} {text}");
            assert_eq!(partoo.revoke(json!({ "user_id": user_id, "token": text })).both(), not_found());
        }
        assert_eq!(service.status(token), "valid");
    });
}

#[test]
fn only_a_valid_token_is_revoked() {
    at_both_paths(|service, partoo| {
        service.user("anna");
        let [valid, consumed, revoked] = [(); 3].map(|()| partoo.generated("anna"));
        let expired = partoo.generate(json!({ "user_id": "anna", "ttl": 1 })).text("token");
        service.consume(&consumed);
        service.revoke(&revoked);
        service.clock.advance_seconds(2);
        for (token, status) in [(&consumed, "consumed"), (&revoked, "revoked"), (&expired, "expired")] {
            let message = format!("Token is {status}");
            let answer = partoo.revoke(json!({ "user_id": "anna", "token": token }));
            assert_eq!(answer.both(), (400, json!({ "errors": { "json": { "token": message } } })));
            assert_eq!(service.status(token), status);
        }
        assert_eq!(partoo.revoke(json!({ "user_id": "anna", "token": valid })).both(), (200, json!({})));
        let checked = partoo.check("anna", &valid).json();
        assert_eq!((&checked["status"], checked.get("consumption_date")), (&json!("revoked"), None));
    });
}

#[test]
fn revoking_without_a_token_revokes_every_valid_connection_token() {
    at_both_paths(|service, partoo| {
        let anna = service.user("anna");
        let [first, second, consumed] = [(); 3].map(|()| partoo.generated("anna"));
        service.consume(&consumed);
        let key = service.api_key(&anna);
        assert_eq!(partoo.revoke(json!({ "user_id": "anna" })).both(), (200, json!({})));
        for (token, status) in [(&first, "revoked"), (&second, "revoked"), (&consumed, "consumed"), (&key, "valid")] {
            assert_eq!(service.status(token), status);
        }
        service.clock.advance_seconds(1);
        assert_eq!(partoo.revoke(json!({ "user_id": "anna" })).both(), not_found());
    });
}

#[test]
fn a_token_that_connects_an_app_is_like_any_other_and_its_connection_stays() {
    at_both_paths(|service, partoo| {
        let app = service.app("crm");
        let (access, refresh) = service.authorized("anna", &app);
        let anna = "anna".parse().unwrap();
        let code = service.code(&anna, &app);
        for token in [&access, &refresh] {
            assert_eq!(partoo.check("anna", token).both(), not_found(), "it is no connection token");
        }
        assert_eq!(partoo.check("anna", &spelled(&code.secret)).text("status"), "valid");
        service.switch(&code.connection_id, Switch::Disable);
        assert_eq!(partoo.check("anna", &code.secret).text("status"), "revoked", "it cannot be used");
        service.switch(&code.connection_id, Switch::Enable);
        assert_eq!(partoo.check("anna", &code.secret).text("status"), "valid");
        assert_eq!(partoo.revoke(json!({ "user_id": "anna" })).both(), (200, json!({})));
        let statuses = [&code.secret, &access, &refresh].map(|token| service.status(token));
        assert_eq!(statuses, ["revoked", "valid", "valid"]);
        assert_eq!(service.connection(&code.connection_id).status().as_str(), "active");
    });
}

#[test]
fn callers_without_access_are_forbidden_and_others_learn_that_a_user_does_not_exist() {
    at_both_paths(|service, partoo| {
        let token = partoo.generated(service.user("anna").as_str());
        let key = service.api_key(&service.user("bert"));
        let bert = Client { key: &key, ..*partoo };
        for user_id in ["anna", "nobody"] {
            assert_eq!(bert.generate(json!({ "user_id": user_id })).both(), forbidden());
            assert_eq!(bert.check(user_id, &token).both(), forbidden());
            assert_eq!(bert.revoke(json!({ "user_id": user_id })).both(), forbidden());
            assert_eq!(bert.revoke(json!({ "user_id": user_id, "token": token })).both(), forbidden());
        }
        assert_eq!(bert.generate(json!({ "user_id": "bert" })).status, 200);
        assert_eq!(partoo.generate(json!({ "user_id": "nobody" })).both(), not_found());
        assert_eq!(partoo.revoke(json!({ "user_id": "nobody" })).both(), not_found());

        let mut closed = profile(Role::Member);
        closed.connectable = false;
        service.user_with("closed", closed);
        assert_eq!(partoo.generate(json!({ "user_id": "closed" })).both(), forbidden());
    });
}

#[test]
fn the_key_is_in_its_own_header() {
    at_both_paths(|service, partoo| {
        let key = service.api_key(&service.user("anna"));
        let request = || Request::post(&format!("{}/generate_token", partoo.prefix)).json(json!({ "user_id": "anna" }));
        for name in ["x-APIKey", "X-APIKEY", "x-apikey"] {
            assert_eq!(service.send(&request().header(name, &key)).status, 200, "{name}");
        }
        let unauthenticated = (401, json!({ "errors": { "authentication": "User not authenticated" } }));
        for wrong in [
            request(),
            request().bearer(&key),
            request().header("x-api-key", &key),
            request().header("x-APIKey", ""),
            request().header("x-APIKey", &forge(&key)),
        ] {
            assert_eq!(service.send(&wrong).both(), unauthenticated);
        }
    });
}

#[test]
fn a_wrong_value_is_400_with_its_field() {
    at_both_paths(|service, partoo| {
        let token = partoo.generated(service.user("anna").as_str());
        let field = |name: &str, rule: &str| (400, json!({ "errors": { "json": { name: rule } } }));
        let ttl = || field("ttl", "must be a whole number from 1 to 86400");
        let required = || field("user_id", "is required");
        for (body, expected) in [
            (json!({}), required()),
            (json!({ "user_id": ["anna"] }), field("user_id", "must be a string")),
            (
                json!({ "user_id": "" }),
                field(
                    "user_id",
                    "must be 1 to 128 bytes without control or invisible characters, and without spaces at its ends",
                ),
            ),
            (json!({ "user_id": "anna", "ttl": 0 }), ttl()),
            (json!({ "user_id": "anna", "ttl": 86_401 }), ttl()),
            (json!({ "user_id": "anna", "ttl": 1.5 }), ttl()),
            (json!({ "user_id": "anna", "ttl": "60" }), ttl()),
            (json!({ "user_id": "anna", "lifetime": 60 }), field("lifetime", "is not a field of this call")),
        ] {
            assert_eq!(partoo.generate(body.clone()).both(), expected, "{body}");
        }
        for (body, expected) in [
            (json!({}), required()),
            (json!({ "token": token }), required()),
            (json!({ "user_id": "anna", "token": null }), field("token", "must be a string")),
            (json!({ "user_id": "anna", "token": 1 }), field("token", "must be a string")),
            (json!({ "user_id": "anna", "tokens": [token] }), field("tokens", "is not a field of this call")),
        ] {
            assert_eq!(partoo.revoke(body.clone()).both(), expected, "{body}");
        }
        for (query, expected) in [
            (String::new(), required()),
            (format!("token={token}"), required()),
            ("user_id=anna".to_owned(), field("token", "is required")),
            (format!("user_id=anna&user_id=anna&token={token}"), field("user_id", "must be given once")),
        ] {
            let answer = partoo.send(Request::get(&format!("{}/check_token?{query}", partoo.prefix)));
            assert_eq!(answer.both(), expected, "{query}");
        }
        assert_eq!(service.status(&token), "valid");
    });
}

#[test]
fn a_body_is_a_json_object() {
    at_both_paths(|_, partoo| {
        let revoke = || Request::post(&format!("{}/revoke_token", partoo.prefix));
        for body in ["{", "[]", "null", "nonsense"] {
            let answer = partoo.send(revoke().body(body));
            assert_eq!(answer.status, 400);
            let fields = answer.json()["errors"]["json"].as_object().unwrap().clone();
            assert_eq!(fields.keys().collect::<Vec<_>>(), ["body"], "{body}");
        }
        let answer = partoo.send(revoke().header("content-type", "text/plain").body("{}"));
        let message = "Unsupported media type. Please use application/json";
        assert_eq!(answer.both(), (415, json!({ "errors": { "json": message } })));
    });
}

#[test]
fn other_parameters_of_a_query_are_ignored_also_if_they_are_repeated() {
    at_both_paths(|service, partoo| {
        let token = partoo.generated(service.user("anna").as_str());
        let target = format!("{}/check_token?lang=fr&user_id=anna&lang=de&=&token={token}", partoo.prefix);
        assert_eq!(partoo.send(Request::get(&target)).text("status"), "valid");
    });
}

#[test]
fn other_paths_and_methods_are_answered_in_the_same_format() {
    at_both_paths(|_, partoo| {
        assert_eq!(partoo.send(Request::get(&format!("{}/list", partoo.prefix))).both(), not_found());
        let answer = partoo.send(Request::get(&format!("{}/revoke_token", partoo.prefix)));
        assert_eq!(answer.both(), (405, json!({ "errors": { "json": "Method not allowed" } })));
        assert_eq!(answer.header("allow"), Some("POST"));
    });
}

#[test]
fn a_ledger_that_does_not_answer_is_503_and_changes_nothing() {
    at_both_paths(|service, partoo| {
        let token = partoo.generated(service.user("anna").as_str());
        let request = Request::post(&format!("{}/revoke_token", partoo.prefix)).header("x-apikey", ROOT);
        let answer = service.send_without_ledgers(&request.json(json!({ "user_id": "anna", "token": token })));
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
        assert!(answer.json()["errors"]["json"].is_string());
        assert_eq!(service.status(&token), "valid");
    });
}

#[test]
fn a_repeated_request_with_the_same_idempotency_key_gets_the_same_token() {
    let service = Service::with_settings(Settings::default());
    service.user("anna");
    let request = |ttl: u32| {
        let request = Request::post("/v2/connection/generate_token").header("x-apikey", ROOT);
        service.send(&request.header("idempotency-key", "k1").json(json!({ "user_id": "anna", "ttl": ttl })))
    };
    let first = request(60);
    assert_eq!(request(60), first);
    let conflict = request(61);
    assert_eq!(conflict.status, 409);
    assert!(conflict.json()["errors"]["json"].is_string());
}
