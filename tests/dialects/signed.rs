//! Signed introspection (RFC 9701), and the keys that verify it.

use hookswitch::core::decide::signing_keys::AddSigningKey;
use hookswitch::core::jwk::JwkSet;
use hookswitch::core::jws::Jws;
use hookswitch::core::signing_key::SigningKey;
use hookswitch::core::{Keyring, Sealed, Timestamp};
use hookswitch::operations::Platform;
use serde_json::{Value, json};

use crate::kit::{Answer, App, ORIGIN, ROOT, Request, Service};

const MEDIA_TYPE: &str = "application/token-introspection+jwt";
const DAY: i64 = 86_400;

/// A request to introspect a token with a signed answer.
fn signed(token: &str) -> Request {
    Request::post("/oauth/introspect").form(&[("token", token)]).header("accept", MEDIA_TYPE)
}

impl Service {
    /// The public keys of the deployment.
    fn keys(&self) -> JwkSet {
        let answer = self.send(&Request::get("/.well-known/jwks.json"));
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("public, max-age=300")));
        assert!(answer.json()["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The names of the keys.
    fn key_names(&self) -> Vec<String> {
        self.keys().keys.iter().map(|key| key.kid.clone().unwrap()).collect()
    }

    /// The claims of a signed answer, after a resource server has verified it.
    fn verified(&self, answer: &Answer) -> (Jws, String) {
        assert_eq!((answer.status, answer.content_type), (200, Some(MEDIA_TYPE)), "{}", answer.body);
        let jws = Jws::parse(&answer.body).unwrap();
        let kid = jws.header.kid.clone().unwrap();
        let set = self.keys();
        let key = set.keys.iter().find(|key| key.kid.as_deref() == Some(&kid)).unwrap();
        let input = jws.signing_input.as_bytes();
        let verified = self.platform.run(self.platform.signatures().verify(key, input, &jws.signature));
        assert_eq!(verified.unwrap(), Ok(true));
        let changed = self.platform.run(self.platform.signatures().verify(key, b"x", &jws.signature));
        assert_eq!(changed.unwrap(), Ok(false));
        (jws, kid)
    }

    fn access_token(&self, app: &App) -> String {
        let code = self.code(&self.user("anna"), app);
        let exchange = [("grant_type", "authorization_code"), ("code", code.secret.as_str())];
        self.send(&Request::post("/oauth/token").basic(&app.id, &app.secret).form(&exchange)).text("access_token")
    }
}

#[test]
fn introspection_is_signed_for_its_caller_if_the_caller_asks() {
    let service = Service::new();
    let app = service.app("web");
    let token = service.access_token(&app);
    let server = service.user_with("server", crate::kit::profile(hookswitch::core::user::Role::Admin));
    let key = service.api_key(&server);
    let plain = service.send(&Request::post("/oauth/introspect").basic("web", &app.secret).form(&[("token", &token)]));
    assert_eq!((plain.content_type, &plain.json()["active"]), (Some("application/json"), &json!(true)));
    for (request, audience) in [
        (signed(&token).basic("web", &app.secret), "web"),
        (signed(&token).bearer(&key), "server"),
        (signed(&token).bearer(ROOT), "root"),
        (
            signed(&token).bearer(ROOT).header("accept", "application/json;q=0.5, Application/token-introspection+JWT"),
            "root",
        ),
    ] {
        let answer = service.send(&request);
        let (jws, _) = service.verified(&answer);
        let header: Value =
            serde_json::from_slice(&hookswitch::core::base64::decode(answer.body.split('.').next().unwrap()).unwrap())
                .unwrap();
        assert_eq!((&header["typ"], &header["alg"]), (&json!("token-introspection+jwt"), &json!("ES256")));
        let expected = json!({
            "iss": ORIGIN,
            "aud": audience,
            "iat": service.clock.now().unix(),
            "token_introspection": plain.json(),
        });
        assert_eq!(jws.claims, expected, "the claims have no `exp` and no `sub` of their own");
        assert!(jws.claims["token_introspection"]["valid_until"].is_u64());
    }
    service.revoke(&token);
    let dead = service.verified(&service.send(&signed(&token).bearer(ROOT))).0;
    assert_eq!(dead.claims["token_introspection"], json!({ "active": false }));
    // An error is never signed.
    let refused = service.send(&signed(&token).basic("web", "hcs_"));
    assert_eq!((refused.status, refused.content_type), (401, Some("application/json")));
}

#[test]
fn a_signing_key_is_made_once_and_remembered() {
    let service = Service::new();
    let names = service.key_names();
    assert_eq!(names.len(), 1);
    service.platform.ledgers.take_calls();
    assert_eq!(service.key_names(), names);
    assert!(service.platform.ledgers.take_calls().is_empty());
    service.platform.memory.clear();
    assert_eq!(service.key_names(), names);
    // Another Worker that read no keys makes one at the same time.
    let sealed = Sealed::stored("00".to_owned());
    let created_at = Timestamp::from_millis(0);
    let key = SigningKey { kid: "other".to_owned(), x: String::new(), y: String::new(), sealed, created_at };
    let added = AddSigningKey { key, after: None };
    let kept = service.as_root(async move |cx| cx.operator().run_plain(added).await);
    assert_eq!(kept.iter().map(|key| key.kid.clone()).collect::<Vec<_>>(), names);
}

#[test]
fn keys_rotate_with_overlap() {
    let service = Service::new();
    let app = service.app("web");
    let token = service.access_token(&app);
    let sign = || service.send(&signed(&token).bearer(ROOT));
    let first = sign();
    let old = service.verified(&first).1;
    // The next key is published before it signs.
    service.clock.advance_seconds(90 * DAY + 1);
    let names = service.key_names();
    assert_eq!((names.len(), &names[0]), (2, &old));
    assert_eq!(service.verified(&sign()).1, old);
    service.clock.advance_seconds(3_601);
    let new = service.verified(&sign()).1;
    assert_eq!(new, names[1]);
    // The earlier one still verifies what it signed, for 30 days.
    service.clock.advance_seconds(30 * DAY - 2);
    assert_eq!(service.verified(&first).1, old);
    service.clock.advance_seconds(301);
    assert_eq!(service.key_names(), [new]);
}

#[test]
fn a_key_whose_secret_was_dropped_is_replaced_at_once() {
    let mut service = Service::new();
    let names = service.key_names();
    service.platform.memory.clear();
    service.config.keyring = Keyring::new(&[9; 32], &[]).unwrap();
    let token = {
        let app = service.app("web");
        service.access_token(&app)
    };
    let (_, kid) = service.verified(&service.send(&signed(&token).bearer(ROOT)));
    assert!(!names.contains(&kid));
    assert_eq!(service.key_names(), [names[0].clone(), kid]);
}

#[test]
fn without_keys_there_is_no_signed_answer() {
    let service = Service::new();
    for request in [Request::get("/.well-known/jwks.json"), signed("hat_").bearer(ROOT)] {
        let answer = service.send_without_ledgers(&request);
        assert_eq!((answer.status, answer.text("error").as_str()), (503, "temporarily_unavailable"));
    }
}
