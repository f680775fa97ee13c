//! Input: every wrong value is reported with its path and a rule, and no value is repeated.

use serde_json::{Value, json};

use crate::kit::{ROOT, Request, Service};

const TOKENS: &str = "/v1/tokens";
const KEYS: &str = "/v1/api-keys";
const CHECK: &str = "/v1/tokens/check";
const CONSUME: &str = "/v1/tokens/consume";
const REVOKE_USER: &str = "/v1/users/u/revoke";
const CONNECTIONS: &str = "/v1/connections";

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn wrong_values_are_reported_with_path_and_rule() {
    let service = Service::new();
    let ttl = "must be a whole number from 1 to 86400";
    let opaque = "must be 1 to 128 bytes without control or invisible characters, and without spaces at its ends";
    let reason = "must be at most 256 characters without control characters";
    let table: [(&str, Value, Value); 32] = [
        (TOKENS, json!({}), json!({ "user_id": "is required" })),
        (TOKENS, json!({ "user_id": null }), json!({ "user_id": "is required" })),
        (TOKENS, json!({ "user_id": 7 }), json!({ "user_id": "must be a string" })),
        (TOKENS, json!({ "user_id": "" }), json!({ "user_id": opaque })),
        (TOKENS, json!({ "user_id": "u".repeat(129) }), json!({ "user_id": opaque })),
        (TOKENS, json!({ "user_id": "root" }), json!({ "user_id": "is reserved" })),
        (TOKENS, json!({ "user_id": "u", "ttl": 0 }), json!({ "ttl": ttl })),
        (TOKENS, json!({ "user_id": "u", "ttl": -1 }), json!({ "ttl": ttl })),
        (TOKENS, json!({ "user_id": "u", "ttl": 0.5 }), json!({ "ttl": ttl })),
        (TOKENS, json!({ "user_id": "u", "ttl": 4_294_967_297_u64 }), json!({ "ttl": ttl })),
        (TOKENS, json!({ "user_id": "u", "ttl": "60" }), json!({ "ttl": ttl })),
        (
            TOKENS,
            json!({ "user_id": "u", "metadata": [] }),
            json!({ "metadata": "must be an object of at most 4096 bytes of JSON" }),
        ),
        (TOKENS, json!({ "user_id": "u", "colour": 1 }), json!({ "colour": "is not a field of this call" })),
        (
            TOKENS,
            json!({ "user_id": "u", "code_challenge_method": "plain" }),
            json!({ "code_challenge_method": "must be one of S256" }),
        ),
        (
            TOKENS,
            json!({ "label": "a\nb", "ttl": 0 }),
            json!({
                "user_id": "is required",
                "ttl": ttl,
                "label": "must be at most 64 characters without control characters",
            }),
        ),
        (KEYS, json!({ "user_id": "u", "ttl": 0 }), json!({ "ttl": "must be a whole number from 1 to 3155760000" })),
        (CHECK, json!({}), json!({ "token": "is required unless token_id is given" })),
        (CHECK, json!({ "token": "x", "token_id": "y" }), json!({ "token_id": "must be left out if token is given" })),
        (CHECK, json!({ "token": "x", "user_id": "u" }), json!({ "user_id": "must be left out if token is given" })),
        (CHECK, json!({ "token": "x", "tokens": ["y"] }), json!({ "token": "must be left out if tokens is given" })),
        (CHECK, json!({ "tokens": [] }), json!({ "tokens": "must be a list of 1 to 100 items" })),
        (CHECK, json!({ "tokens": ["a", 7] }), json!({ "tokens": "item 2 must be a string" })),
        (CONSUME, json!({ "token": ["x"] }), json!({ "token": "must be a string" })),
        (CONSUME, json!({ "token_id": "x" }), json!({ "token_id": "is not a field of this call" })),
        (REVOKE_USER, json!({ "before": "2199-01-01T00:00:00Z" }), json!({ "before": "must not be in the future" })),
        (REVOKE_USER, json!({ "kinds": [] }), json!({ "kinds": "must be a list of 1 to 8 items" })),
        (
            REVOKE_USER,
            json!({ "kinds": ["session"] }),
            json!({
                "kinds": "item 1 must be one of connection_token, access_token, refresh_token, api_key, connection",
            }),
        ),
        (
            REVOKE_USER,
            json!({ "dry_run": "yes", "reason": "r".repeat(257) }),
            json!({
                "dry_run": "must be true or false",
                "reason": reason,
            }),
        ),
        (
            CONNECTIONS,
            json!({ "user_id": "u", "app_id": "a", "upstream": "x" }),
            json!({ "upstream": "must be an object" }),
        ),
        (
            CONNECTIONS,
            json!({ "user_id": "u", "app_id": "a", "upstream": {} }),
            json!({
                "upstream.access_token": "is required unless refresh_token is given",
            }),
        ),
        (
            CONNECTIONS,
            json!({ "user_id": "u", "app_id": "a", "upstream": { "secret": 1 } }),
            json!({
                "upstream.secret": "is not a field of this call",
            }),
        ),
        (
            CONNECTIONS,
            json!({ "user_id": 1, "upstream": {
            "refresh_token": "r", "expires_in": 1, "expires_at": "2030-01-01T00:00:00Z",
        } }),
            json!({
                "user_id": "must be a string",
                "app_id": "is required",
                "upstream.expires_in": "must be left out if expires_at is given",
                "upstream.access_token": "is required if its expiry is given",
            }),
        ),
    ];
    service.user("u");
    for (path, body, errors) in table {
        let answer = service.post(path, body.clone());
        let problem = answer.json();
        assert_eq!((answer.status, &problem["code"]), (400, &json!("invalid_request")), "{path} {body}");
        assert_eq!(problem["errors"], errors, "{path} {body}");
        for (path, rule) in errors.as_object().unwrap() {
            let sentence = format!("`{path}` {}.", rule.as_str().unwrap());
            assert!(problem["detail"].as_str().unwrap().contains(&sentence), "{problem}");
        }
    }
}

#[test]
fn a_body_that_cannot_be_read_has_a_problem_of_its_own() {
    let service = Service::new();
    for (body, status, code, detail) in [
        ("{", 400, "invalid_json", "The body is not JSON: the first error is in line 1, column 1."),
        (
            "{\"user_id\":\"u\"} x",
            400,
            "invalid_json",
            "The body is not JSON: the first error is in line 1, column 17.",
        ),
        ("{\"user_id\":\"\\ud800\"}", 400, "invalid_json", ""),
        ("[]", 400, "invalid_request", "`body` must be a JSON object."),
        ("[\"u\"]", 400, "invalid_request", "`body` must be a JSON object."),
        ("null", 400, "invalid_request", "`body` must be a JSON object."),
        ("", 400, "invalid_request", "`user_id` is required."),
        ("{\"user_id\":\"u\",\"user_id\":\"v\"}", 400, "invalid_request", "`user_id` must be given once."),
        ("{\"user_id\":\"u\",\"\\u0074tl\":1,\"ttl\":2}", 400, "invalid_request", "`ttl` must be given once."),
    ] {
        let answer = service.root(Request::post(TOKENS).body(body));
        assert_eq!((answer.status, answer.text("code").as_str()), (status, code), "{body}");
        assert!(answer.text("detail").starts_with(detail), "{body}: {}", answer.text("detail"));
    }
    for (content_type, status) in
        [("text/plain", 415), ("application/jsonp", 415), ("application/vnd.a+json", 404), ("", 404)]
    {
        let request = Request::post(TOKENS).header("content-type", content_type).body("{\"user_id\":\"nobody\"}");
        assert_eq!(service.root(request).status, status, "{content_type}");
    }
}

#[test]
fn errors_contain_no_value_of_the_request() {
    let service = Service::new();
    let user = service.user("u");
    let secret = service.token(&user, 60).secret;
    for (path, body) in [
        (CHECK, json!({ "token": [&secret] })),
        (CHECK, json!({ "tokens": &secret })),
        (CHECK, json!({ "tokens": [{ "token": &secret }] })),
        (CHECK, json!({ &secret: 1 })),
        (CHECK, json!({ "token": "x", "user_id": { &secret: 1 } })),
        (TOKENS, json!({ "user_id": "u", "ttl": &secret })),
        (TOKENS, json!({ "user_id": "u", "code_challenge_method": &secret })),
        (CONNECTIONS, json!({ "upstream": { &secret: 1 } })),
        (CONNECTIONS, json!({ "upstream": &secret })),
    ] {
        let answer = service.post(path, body.clone());
        assert_eq!(answer.status, 400, "{path} {body}");
        assert!(!answer.body.contains(&secret[4..]), "{path} {body}: {}", answer.body);
    }
    for target in [format!("/v1/users/u/tokens?{secret}=1"), format!("/v1/users/u/tokens?cursor={secret}")] {
        let answer = service.get(&target);
        assert_eq!(answer.status, 400);
        assert!(!answer.body.contains(&secret[4..]), "{}", answer.body);
    }
}

#[test]
fn parameters_that_a_call_does_not_have_are_rejected() {
    let service = Service::new();
    service.user("u");
    for request in [
        Request::get("/v1/users/u?verbose=1"),
        Request::get("/v1/users/u/tokens?verbose=1"),
        Request::put("/v1/users/u?verbose=1").json(json!({})),
        Request::post("/v1/tokens?verbose=1").json(json!({ "user_id": "u" })),
        Request::get("/v1/providers?verbose=1"),
        Request::delete("/v1/webhooks/hook?verbose=1"),
    ] {
        let answer = service.root(request.clone());
        let errors = json!({ "verbose": "is not a parameter of this call" });
        assert_eq!((answer.status, answer.json()["errors"].clone()), (400, errors), "{request:?}");
    }
    let twice = service.get("/v1/users/u/tokens?limit=1&limit=1");
    assert_eq!(twice.json()["errors"], json!({ "limit": "must be given once" }));
}

#[test]
fn authentication_comes_before_input() {
    let service = Service::new();
    let answer = service.send(&Request::post(TOKENS).body("{"));
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer realm=\"hookswitch\"")));
    for (header, is_accepted) in [
        (format!("Bearer {ROOT}"), true),
        (format!("bearer   {ROOT} "), true),
        (format!("Basic {ROOT}"), false),
        (ROOT.to_owned(), false),
        ("Bearer hak_0".to_owned(), false),
    ] {
        let status = service.send(&Request::get("/v1/providers").header("authorization", &header)).status;
        assert_eq!(status == 200, is_accepted, "{header}");
    }
}
