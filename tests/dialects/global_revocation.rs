//! Global token revocation: an identity provider ends everything of a user.

use hookswitch::core::user::Role;
use serde_json::{Value, json};

use crate::kit::{ORIGIN, ROOT, Request, Service, profile};

const PATH: &str = "/oauth/global-token-revocation";

fn revoke(service: &Service, key: &str, sub_id: &Value) -> (u16, String) {
    let answer = service.send(&Request::post(PATH).bearer(key).json(json!({ "sub_id": sub_id, "other": 1 })));
    (answer.status, answer.text("error"))
}

#[test]
fn everything_of_the_user_ends_in_one_write_and_nothing_of_others() {
    let service = Service::new();
    let app = service.app("crm");
    let mut with_external_id = profile(Role::Member);
    with_external_id.external_id = Some("okta-1".parse().unwrap());
    let cases = [
        ("anna", json!({ "format": "opaque", "id": "anna" })),
        ("ben", json!({ "format": "iss_sub", "iss": ORIGIN, "sub": "ben" })),
        ("carl", json!({ "format": "opaque", "id": "okta-1", "more": true })),
    ];
    let mut live = Vec::new();
    for (name, sub_id) in &cases {
        let user = if *name == "carl" { service.user_with(name, with_external_id.clone()) } else { service.user(name) };
        let (access, refresh) = service.authorized_user(&user, &app);
        live.push((sub_id, [access, refresh, service.api_key(&user)]));
    }
    for index in 0..live.len() {
        let (sub_id, tokens) = &live[index];
        service.platform.ledgers.take_calls();
        assert_eq!(revoke(&service, ROOT, sub_id), (204, String::new()));
        let statuses = tokens.each_ref().map(|token| service.status(token));
        assert_eq!(statuses, ["revoked"; 3], "{sub_id}");
        let others = live.iter().skip(index + 1).flat_map(|(_, tokens)| tokens);
        assert!(others.into_iter().all(|token| service.status(token) == "valid"));
        assert_eq!(revoke(&service, ROOT, sub_id).0, 204, "again");
    }
    // The user has to authorize the app again.
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", live[0].1[1].as_str())];
    let answer = service.send(&Request::post("/oauth/token").basic(&app.id, &app.secret).form(&refresh));
    assert_eq!(answer.text("error"), "invalid_grant");
}

#[test]
fn a_subject_that_is_not_known_is_refused() {
    let service = Service::new();
    service.user("anna");
    for (sub_id, status) in [
        (json!({ "format": "opaque", "id": "nobody" }), 404),
        (json!({ "format": "iss_sub", "iss": ORIGIN, "sub": "nobody" }), 404),
        (json!({ "format": "iss_sub", "iss": "https://other.example", "sub": "anna" }), 422),
        (json!({ "format": "email", "email": "anna@example.com" }), 422),
        (json!({ "format": "opaque" }), 400),
        (json!({ "format": "opaque", "id": 1 }), 400),
        (json!({ "format": "iss_sub", "iss": ORIGIN }), 400),
        (json!({}), 400),
        (json!("anna"), 400),
        (Value::Null, 400),
    ] {
        assert_eq!(revoke(&service, ROOT, &sub_id).0, status, "{sub_id}");
    }
}

#[test]
fn only_callers_that_may_write_the_user_end_everything() {
    let service = Service::new();
    let (anna, _) = (service.user("anna"), service.user("ben"));
    let key = service.api_key(&anna);
    let admin = service.api_key(&service.user_with("admin", profile(Role::Admin)));
    let subject = |id: &str| json!({ "format": "opaque", "id": id });
    assert_eq!(revoke(&service, &key, &subject("ben")), (403, "insufficient_scope".to_owned()));
    assert_eq!(revoke(&service, &key, &subject("nobody")), (403, "insufficient_scope".to_owned()));
    assert_eq!(revoke(&service, &admin, &subject("ben")).0, 204);
    assert_eq!(revoke(&service, &key, &subject("anna")).0, 204);
    // The isolate remembers the key for ten seconds.
    service.clock.advance_seconds(11);
    assert_eq!(revoke(&service, &key, &subject("anna")).0, 401, "the key itself has ended");
    let without = service.send(&Request::post(PATH).json(json!({ "sub_id": subject("anna") })));
    assert_eq!((without.status, without.header("www-authenticate").is_some()), (401, true));
}
