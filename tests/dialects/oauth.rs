//! OAuth: tokens, introspection, revocation and metadata.

use hookswitch::core::decide::connections::Switch;
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::{HandleKind, pkce};
use hookswitch::operations::Settings;
use serde_json::{Value, json};

use crate::kit::{Answer, App, CALLBACK, ORIGIN, ROOT, Request, Service, forge};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A client that authenticates in the body.
fn with_client<'a>(app: &'a App, parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut parameters = parameters.to_vec();
    parameters.push(("client_id", &app.id));
    if !app.secret.is_empty() {
        parameters.push(("client_secret", &app.secret));
    }
    parameters
}

impl Service {
    fn oauth(&self, endpoint: &str, app: &App, parameters: &[(&str, &str)]) -> Answer {
        self.send(&Request::post(&format!("/oauth/{endpoint}")).form(&with_client(app, parameters)))
    }

    fn exchange(&self, app: &App, code: &str) -> Answer {
        self.oauth("token", app, &[("grant_type", "authorization_code"), ("code", code)])
    }

    fn refresh(&self, app: &App, token: &str) -> Answer {
        self.oauth("token", app, &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    fn introspect(&self, app: &App, token: &str) -> Value {
        self.oauth("introspect", app, &[("token", token)]).json()
    }

    /// An access and a refresh token that the app got for a new code.
    pub(crate) fn authorized(&self, user_id: &str, app: &App) -> (String, String) {
        let code = self.code(&self.user(user_id), app);
        let issued = self.exchange(app, &code.secret);
        assert_eq!(issued.status, 200, "{}", issued.body);
        (issued.text("access_token"), issued.text("refresh_token"))
    }
}

/// The status and `error` of an answer, which has nothing but `error` and `error_description`.
fn error(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["error", "error_description"], "{}", answer.body);
    assert!(answer.text("error_description").ends_with('.'), "{}", answer.body);
    (answer.status, answer.text("error"))
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn invalid_client() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

fn invalid_request() -> (u16, String) {
    (400, "invalid_request".to_owned())
}

#[test]
fn a_code_is_exchanged_for_tokens_that_are_refreshed_introspected_and_revoked() {
    let service = Service::new();
    let app = service.app("crm");
    let code = service.code_with(&service.user("anna"), &app, |params| {
        params.redirect_uri = Some(CALLBACK.to_owned());
    });
    service.clock.advance_seconds(1);
    let parameters = [("grant_type", "authorization_code"), ("code", &code.secret), ("redirect_uri", CALLBACK)];
    let issued = service.oauth("token", &app, &parameters);
    let (access, refresh) = (issued.text("access_token"), issued.text("refresh_token"));
    assert!(access.starts_with("hat_") && refresh.starts_with("hrt_"));
    let expected = json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": 3_600,
        "refresh_token": refresh,
        "scope": "read write",
    });
    assert_eq!(issued.both(), (200, expected));
    assert_eq!((issued.header("pragma"), issued.content_type), (Some("no-cache"), Some("application/json")));

    let refreshed = service.oauth(
        "token",
        &app,
        &[("grant_type", "refresh_token"), ("refresh_token", &refresh), ("scope", "read")],
    );
    let expected = json!({
        "access_token": refreshed.text("access_token"),
        "token_type": "Bearer",
        "expires_in": 3_600,
        "refresh_token": refresh,
        "scope": "read",
    });
    assert_eq!(refreshed.both(), (200, expected), "the refresh token of a confidential client stays");

    let verdict = service.verdict(&access);
    let expected = json!({
        "active": true,
        "scope": "read write",
        "client_id": "crm",
        "token_type": "Bearer",
        "exp": verdict.expires_at.unwrap().unix(),
        "iat": verdict.created_at.unix(),
        "iss": ORIGIN,
        "sub": "anna",
        "jti": verdict.token_id,
        // Without a lease, the answer is not to be reused.
        "valid_until": verdict.created_at.unix(),
    });
    assert_eq!(service.introspect(&app, &access), expected);
    let of_refresh = service.introspect(&app, &refresh);
    assert_eq!((&of_refresh["active"], of_refresh.get("token_type")), (&json!(true), None));

    assert_eq!(service.oauth("revoke", &app, &[("token", &refresh)]).both(), (200, json!({})));
    for token in [&access, &refresh, &refreshed.text("access_token")] {
        assert_eq!(service.oauth("introspect", &app, &[("token", token)]).body, r#"{"active":false}"#);
    }
    assert_eq!(service.connection(&code.connection_id).status().as_str(), "active");
}

#[test]
fn fewer_seconds_are_left_to_a_repeated_answer() {
    let service = Service::new();
    let app = service.app("crm");
    let code = service.code(&service.user("anna"), &app);
    let parameters = [("grant_type", "authorization_code"), ("code", code.secret.as_str())];
    let request = Request::post("/oauth/token").form(&with_client(&app, &parameters)).header("idempotency-key", "k");
    let first = service.send(&request).json();
    service.clock.advance_seconds(100);
    let again = service.send(&request).json();
    assert_eq!(again["access_token"], first["access_token"]);
    assert_eq!((&first["expires_in"], &again["expires_in"]), (&json!(3_600), &json!(3_500)));
}

#[test]
fn refresh_tokens_of_public_clients_rotate() {
    let service = Service::new();
    let app = service.public_app("app");
    let challenge = pkce::challenge(VERIFIER);
    let code = service.code_with(&service.user("anna"), &app, |params| params.code_challenge = Some(challenge));
    let with_verifier = |verifier: &str| {
        let code = ("code", code.secret.as_str());
        service.oauth("token", &app, &[("grant_type", "authorization_code"), code, ("code_verifier", verifier)])
    };
    assert_eq!(error(&with_verifier(&VERIFIER.to_uppercase())), invalid_grant());
    let first = with_verifier(VERIFIER).text("refresh_token");
    let second = service.refresh(&app, &first).text("refresh_token");
    assert!(second.starts_with("hrt_") && second != first);
    assert_eq!(service.refresh(&app, &first).text("refresh_token"), second, "the first answer may have got lost");
    service.clock.advance_seconds(60);
    assert_eq!(error(&service.refresh(&app, &first)), invalid_grant());
    assert_eq!(error(&service.refresh(&app, &second)), invalid_grant(), "the family is revoked");
}

#[test]
fn a_code_that_is_presented_again_revokes_the_tokens_that_it_got() {
    let service = Service::new();
    let app = service.app("crm");
    let code = service.code(&service.user("anna"), &app);
    let access = service.exchange(&app, &code.secret).text("access_token");
    assert_eq!(error(&service.exchange(&app, &code.secret)), invalid_grant());
    assert_eq!(service.introspect(&app, &access), json!({ "active": false }));
}

#[test]
fn a_client_authenticates_with_basic_or_in_the_body() {
    let service = Service::new();
    // RFC 6749 §2.3.1 form-encodes the parts of Basic, and not every client does.
    for (app_id, encoded) in [("crm", "crm"), ("100%2D a:b", "100%252D+a%3Ab"), ("ünï", "%C3%BCn%C3%AF")] {
        let app = service.app(app_id);
        let (access, _) = service.authorized("anna", &app);
        let introspect = |parameters: &[(&str, &str)]| {
            let mut parameters = parameters.to_vec();
            parameters.push(("token", &access));
            Request::post("/oauth/introspect").form(&parameters)
        };
        let mut ways = vec![
            introspect(&[("client_id", app_id), ("client_secret", &app.secret)]),
            introspect(&[]).basic(encoded, &app.secret),
            introspect(&[("client_secret", "")]).basic(encoded, &app.secret),
        ];
        if !app_id.contains(':') {
            ways.push(introspect(&[]).basic(app_id, &app.secret));
            ways.push(introspect(&[("client_id", app_id)]).basic(app_id, &app.secret));
        }
        for request in ways {
            assert_eq!(service.send(&request).json()["active"], true, "{request:?}");
        }
    }
}

#[test]
fn a_client_that_does_not_prove_itself_is_rejected_at_every_endpoint() {
    let service = Service::new();
    let (app, other) = (service.app("crm"), service.app("other"));
    let (access, _) = service.authorized("anna", &app);
    let id = ("client_id", app.id.as_str());
    let forged = forge(&app.secret);
    let in_body: [&[(&str, &str)]; 8] = [
        &[],
        &[id],
        &[("client_secret", &app.secret)],
        &[id, ("client_secret", &forged)],
        &[id, ("client_secret", &other.secret)],
        &[id, ("client_secret", "nonsense")],
        &[("client_id", "nobody")],
        &[("client_id", "nobody"), ("client_secret", &app.secret)],
    ];
    let basic = [(app.id.as_str(), forged.as_str()), (&app.id, ""), ("", &app.secret), (&other.id, &app.secret)];
    for endpoint in ["token", "introspect", "revoke"] {
        let request = |parameters: &[(&str, &str)]| {
            let code = service.code(&"anna".parse().unwrap(), &app).secret;
            let token = if endpoint == "token" { &code } else { &access };
            let mut parameters = parameters.to_vec();
            parameters.extend([("grant_type", "authorization_code"), ("code", &code), ("token", token)]);
            Request::post(&format!("/oauth/{endpoint}")).form(&parameters)
        };
        for parameters in in_body {
            let answer = service.send(&request(parameters));
            assert_eq!(error(&answer), invalid_client(), "{endpoint} {parameters:?}");
        }
        for (name, password) in basic {
            let answer = service.send(&request(&[]).basic(name, password));
            assert_eq!(error(&answer), invalid_client(), "{endpoint} {name}");
            assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"hookswitch\""));
        }
        for header in ["Basic !!!", "Basic", "Basic YQ=="] {
            let answer = service.send(&request(&[]).header("authorization", header));
            assert_eq!(error(&answer), invalid_client(), "{endpoint} {header}");
        }
    }
    assert_eq!(service.status(&access), "valid");
}

#[test]
fn an_empty_secret_is_no_secret() {
    let service = Service::new();
    let app = service.public_app("app");
    let code = || {
        let challenge = pkce::challenge(VERIFIER);
        service.code_with(&service.user("anna"), &app, |params| params.code_challenge = Some(challenge)).secret
    };
    for (name, with_basic) in [("as sent", "app"), ("form-encoded", "%61pp")] {
        let exchange = [("grant_type", "authorization_code"), ("code", &code()), ("code_verifier", VERIFIER)];
        let issued = service.send(&Request::post("/oauth/token").form(&exchange).basic(with_basic, ""));
        assert_eq!(issued.status, 200, "{name} {}", issued.body);
        let form = [("token", issued.text("access_token"))];
        let form = [(form[0].0, form[0].1.as_str()), ("client_id", "app"), ("client_secret", "")];
        let introspected = service.send(&Request::post("/oauth/introspect").form(&form).basic(with_basic, ""));
        assert_eq!(error(&introspected), invalid_client(), "a public client introspects nothing");
        let revoked = service.send(&Request::post("/oauth/revoke").form(&form).basic(with_basic, ""));
        assert_eq!(revoked.status, 200, "{name} {}", revoked.body);
        assert_eq!(service.status(form[0].1), "revoked");
    }
}

#[test]
fn parameters_that_a_standard_says_to_ignore_are_ignored_in_any_number() {
    let service = Service::new();
    let app = service.app("crm");
    let names: Vec<_> = (0..70).map(|index| format!("x{index}")).collect();
    for endpoint in ["token", "introspect", "revoke"] {
        let code = service.code(&service.user("anna"), &app).secret;
        let access = service.exchange(&app, &service.code(&"anna".parse().unwrap(), &app).secret).text("access_token");
        let mut parameters: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
        parameters.extend([("utm_source", "a"), ("utm_source", "b")]);
        parameters.extend([("resource", "https://a.example/"), ("resource", "https://b.example/")]);
        parameters.extend([("grant_type", "authorization_code"), ("code", &code), ("token", &access)]);
        let answer = service.oauth(endpoint, &app, &parameters);
        assert_eq!(answer.status, 200, "{endpoint} {}", answer.body);
        parameters.push(("client_id", "other"));
        assert_eq!(error(&service.oauth(endpoint, &app, &parameters)), invalid_request(), "{endpoint}");
    }
}

#[test]
fn every_401_names_the_scheme_that_the_client_used() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, _) = service.authorized("anna", &app);
    let key = forge(&service.api_key(&"anna".parse().unwrap()));
    let basic = Some("Basic realm=\"hookswitch\"");
    let bearer = Some("Bearer realm=\"hookswitch\", error=\"invalid_token\"");
    for endpoint in ["token", "introspect", "revoke"] {
        let request = || Request::post(&format!("/oauth/{endpoint}")).form(&[("token", &access)]);
        let of_bearer = if endpoint == "introspect" { bearer } else { basic };
        for (request, expected) in [
            (request(), basic),
            (request().bearer(&key), of_bearer),
            (request().bearer("nonsense"), of_bearer),
            (request().basic(&app.id, "nonsense"), basic),
            (request().header("authorization", "Basic !"), basic),
            (request().header("authorization", "Negotiate abc"), basic),
        ] {
            let answer = service.send(&request);
            assert_eq!(error(&answer), invalid_client(), "{endpoint} {expected:?}");
            assert_eq!(answer.header("www-authenticate"), expected, "{endpoint} {request:?}");
        }
        // Some clients take a challenge for the whole error, so a client in the body gets none.
        let in_body = [("token", access.as_str()), ("client_id", "crm"), ("client_secret", "nonsense")];
        let answer = service.send(&Request::post(&format!("/oauth/{endpoint}")).form(&in_body));
        assert_eq!((error(&answer), answer.header("www-authenticate")), (invalid_client(), None), "{endpoint}");
    }
}

#[test]
fn a_code_verifier_has_43_to_128_unreserved_characters() {
    let service = Service::new();
    let app = service.public_app("app");
    let (shortest, longest) = ("a".repeat(43), "-._~Z9".repeat(22)[..128].to_owned());
    let (short, long) = ("a".repeat(42), "a".repeat(129));
    let odd = ["a".repeat(42) + " ", "a".repeat(42) + "+", "a".repeat(42) + "\u{e9}", "a".repeat(42) + "="];
    let exchange = |verifier: &str| {
        let challenge = pkce::challenge(verifier);
        let code = service.code_with(&service.user("anna"), &app, |params| params.code_challenge = Some(challenge));
        let parameters = [("grant_type", "authorization_code"), ("code", &code.secret), ("code_verifier", verifier)];
        service.oauth("token", &app, &parameters)
    };
    for verifier in [&shortest, &longest] {
        assert_eq!(exchange(verifier).status, 200, "{verifier}");
    }
    for verifier in [&short, &long].into_iter().chain(&odd) {
        assert_eq!(error(&exchange(verifier)), invalid_request(), "{verifier}");
    }
}

#[test]
fn a_client_authenticates_in_one_way_only() {
    let service = Service::new();
    let (app, other) = (service.app("crm"), service.app("other"));
    let (access, _) = service.authorized("anna", &app);
    for parameters in [("client_secret", &app.secret), ("client_id", &other.id)] {
        let request = Request::post("/oauth/introspect").form(&[("token", &access), (parameters.0, parameters.1)]);
        assert_eq!(error(&service.send(&request.basic(&app.id, &app.secret))), invalid_request());
    }
}

#[test]
fn an_api_key_introspects_and_is_not_a_client() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, _) = service.authorized("anna", &app);
    let key = service.api_key(&"anna".parse().unwrap());
    let stranger = service.api_key(&service.user("bert"));
    let introspect =
        |key: &str| service.send(&Request::post("/oauth/introspect").form(&[("token", &access)]).bearer(key));
    for key in [ROOT, &key] {
        assert_eq!(introspect(key).json()["active"], true);
    }
    assert_eq!(introspect(&stranger).both(), (200, json!({ "active": false })));
    for key in [forge(&key).as_str(), "nonsense", &access] {
        assert_eq!(error(&introspect(key)), invalid_client());
    }
    for endpoint in ["token", "revoke"] {
        let request = Request::post(&format!("/oauth/{endpoint}")).form(&[("token", &access)]);
        assert_eq!(error(&service.send(&request.bearer(ROOT))), invalid_client());
    }
}

#[test]
fn a_refresh_of_a_confidential_client_returns_the_refresh_token_that_it_keeps() {
    let service = Service::new();
    let app = service.app("crm");
    let (_, refresh) = service.authorized("anna", &app);
    for _ in 0..2 {
        let refreshed = service.refresh(&app, &refresh);
        assert_eq!((refreshed.status, refreshed.text("refresh_token")), (200, refresh.clone()));
    }
    let code = service.code(&"anna".parse().unwrap(), &app);
    assert_ne!(service.exchange(&app, &code.secret).text("refresh_token"), refresh);
}

#[test]
fn a_resource_server_introspects_with_its_api_key_as_the_password_of_basic() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, _) = service.authorized("anna", &app);
    let key = service.api_key(&"anna".parse().unwrap());
    let stranger = service.api_key(&service.user("bert"));
    let request = || Request::post("/oauth/introspect").form(&[("token", &access)]);
    for name in ["", "api", "crm", "anna", "100%"] {
        for key in [ROOT, &key] {
            assert_eq!(service.send(&request().basic(name, key)).json()["active"], true, "{name}");
        }
        let answer = service.send(&request().basic(name, &stranger));
        assert_eq!(answer.both(), (200, json!({ "active": false })), "{name}");
        let forged = service.send(&request().basic(name, &forge(&key)));
        assert_eq!(error(&forged), invalid_client(), "{name}");
        assert_eq!(forged.header("www-authenticate"), Some("Basic realm=\"hookswitch\""), "{name}");
    }
    let dead = service.mint(&"anna".parse().unwrap(), MintParams::plain(MintKind::ApiKey, Some(1))).secret;
    service.clock.advance_seconds(2);
    assert_eq!(error(&service.send(&request().basic("api", &dead))), invalid_client());
    for endpoint in ["token", "revoke"] {
        let request = Request::post(&format!("/oauth/{endpoint}")).form(&[("token", &access)]);
        assert_eq!(error(&service.send(&request.basic("api", ROOT))), invalid_client(), "{endpoint}");
    }
}

#[test]
fn a_public_client_introspects_nothing() {
    let service = Service::new();
    let app = service.public_app("app");
    let (_, token) = service.authorized("anna", &service.app("crm"));
    assert_eq!(error(&service.oauth("introspect", &app, &[("token", &token)])), invalid_client());
}

#[test]
fn introspection_says_nothing_about_a_token_that_is_not_active() {
    let service = Service::new();
    let (app, other) = (service.app("crm"), service.app("other"));
    let (access, refresh) = service.authorized("anna", &app);
    let (theirs, _) = service.authorized("anna", &other);
    let code = service.code(&"anna".parse().unwrap(), &app);
    let key = service.api_key(&"anna".parse().unwrap());
    let public_id = service.verdict(&access).token_id.to_string();
    for token in
        [forge(&access), access.to_uppercase(), theirs, code.secret, code.token_id, code.connection_id, key, public_id]
            .into_iter()
            .chain([ROOT, "nonsense", "\0", &app.secret].map(str::to_owned))
    {
        let answer = service.oauth("introspect", &app, &[("token", &token)]);
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"active":false}"#), "{token}");
    }
    let connection_id = service.verdict(&access).facts.connection_id.unwrap().to_string();
    service.switch(&connection_id, Switch::Disable);
    assert_eq!(service.introspect(&app, &access)["active"], false);
    service.switch(&connection_id, Switch::Enable);
    assert_eq!(service.introspect(&app, &access)["active"], true);
    service.revoke(&access);
    assert_eq!(service.introspect(&app, &access)["active"], false);
    service.clock.advance_seconds(7_776_001);
    assert_eq!(service.introspect(&app, &refresh)["active"], false);
}

#[test]
fn revocation_is_200_for_every_token_but_those_of_others_and_api_keys() {
    let service = Service::new();
    let (app, other) = (service.app("crm"), service.app("other"));
    let (access, refresh) = service.authorized("anna", &app);
    let (theirs, _) = service.authorized("anna", &other);
    let anna = "anna".parse().unwrap();
    let (code, key) = (service.code(&anna, &app).secret, service.api_key(&anna));
    for hint in ["refresh_token", "nonsense", ""] {
        let revoked = service.oauth("revoke", &app, &[("token", &access), ("token_type_hint", hint)]);
        assert_eq!(revoked.both(), (200, json!({})));
    }
    assert_eq!((service.status(&access), service.status(&refresh)), ("revoked", "valid"));
    for token in [forge(&refresh).as_str(), "nonsense", &code] {
        assert_eq!(service.oauth("revoke", &app, &[("token", token)]).both(), (200, json!({})));
    }
    assert_eq!(service.status(&code), "revoked");
    assert_eq!(error(&service.oauth("revoke", &app, &[("token", &theirs)])), invalid_grant());
    let unsupported = (400, "unsupported_token_type".to_owned());
    assert_eq!(error(&service.oauth("revoke", &app, &[("token", &key)])), unsupported);
    assert_eq!((service.status(&theirs), service.status(&key)), ("valid", "valid"));
}

#[test]
fn a_wrong_grant_is_refused_and_nothing_changes() {
    let service = Service::new();
    let (app, other) = (service.app("crm"), service.app("other"));
    let (access, refresh) = service.authorized("anna", &app);
    let anna = "anna".parse().unwrap();
    let code = service.code_with(&anna, &app, |params| params.redirect_uri = Some(CALLBACK.to_owned())).secret;
    let grant = ("grant_type", "authorization_code");
    let uri = ("redirect_uri", CALLBACK);
    let token = |app: &App, parameters: &[(&str, &str)]| error(&service.oauth("token", app, parameters));
    for (app, parameters) in [
        (&other, vec![grant, uri, ("code", &code)]),
        (&app, vec![grant, ("code", &code)]),
        (&app, vec![grant, ("code", &code), ("redirect_uri", "https://evil.example/")]),
        (&app, vec![grant, uri, ("code", &code), ("code_verifier", VERIFIER)]),
        (&app, vec![grant, ("code", &access)]),
        (&app, vec![grant, ("code", "nonsense")]),
        (&other, vec![("grant_type", "refresh_token"), ("refresh_token", &refresh)]),
        (&app, vec![("grant_type", "refresh_token"), ("refresh_token", &access)]),
    ] {
        assert_eq!(token(app, &parameters), invalid_grant(), "{parameters:?}");
    }
    let invalid_scope = (400, "invalid_scope".to_owned());
    for scope in ["read everything", "read  write", "\"read\""] {
        let parameters = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str()), ("scope", scope)];
        assert_eq!(token(&app, &parameters), invalid_scope, "{scope}");
    }
    for grant_type in ["client_credentials", "password", "AUTHORIZATION_CODE", "nonsense"] {
        let unsupported = (400, "unsupported_grant_type".to_owned());
        assert_eq!(token(&app, &[("grant_type", grant_type), ("code", &code)]), unsupported);
    }
    let refresh_grant = ("grant_type", "refresh_token");
    let incomplete: [&[(&str, &str)]; 6] = [
        &[],
        &[("grant_type", "")],
        &[("code", &code)],
        &[grant, ("code", "")],
        &[grant, ("refresh_token", &refresh)],
        &[refresh_grant],
    ];
    for parameters in incomplete {
        assert_eq!(token(&app, parameters), invalid_request(), "{parameters:?}");
    }
    assert_eq!(service.status(&code), "valid");
    assert_eq!(service.oauth("token", &app, &[grant, uri, ("code", &code)]).status, 200);
}

#[test]
fn parameters_are_given_once_and_others_are_ignored_also_if_they_are_repeated() {
    let service = Service::new();
    let app = service.app("crm");
    let code = service.code(&service.user("anna"), &app).secret;
    let parameters = with_client(&app, &[("grant_type", "authorization_code"), ("code", &code)]);
    for name in ["grant_type", "code", "client_id", "client_secret"] {
        let value = parameters.iter().find(|(given, _)| *given == name).unwrap().1;
        let twice: Vec<_> = parameters.iter().copied().chain([(name, value)]).collect();
        assert_eq!(error(&service.send(&Request::post("/oauth/token").form(&twice))), invalid_request(), "{name}");
    }
    let more = [("resource", "https://a.example/"), ("resource", "https://b.example/"), ("", "x"), ("scope", "")];
    let with_more: Vec<_> = parameters.iter().copied().chain(more).collect();
    assert_eq!(service.send(&Request::post("/oauth/token").form(&with_more)).status, 200);
}

#[test]
fn a_body_is_a_form() {
    let service = Service::new();
    let app = service.app("crm");
    let code = service.code(&service.user("anna"), &app).secret;
    let parameters = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let form = || Request::post("/oauth/token").form(&with_client(&app, &parameters));
    for content_type in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let answer = service.send(&form().header("content-type", content_type));
        assert_eq!(error(&answer), (415, "invalid_request".to_owned()), "{content_type}");
    }
    let content_type = "Application/X-WWW-Form-URLEncoded; charset=UTF-8";
    assert_eq!(service.send(&form().header("content-type", content_type)).status, 200);
    let in_query = format!("/oauth/introspect?{}", "token=x&client_id=crm");
    assert_eq!(error(&service.send(&Request::post(&in_query).form(&[]))), invalid_client());
}

#[test]
fn a_ledger_that_does_not_answer_is_temporarily_unavailable() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, _) = service.authorized("anna", &app);
    for endpoint in ["introspect", "revoke"] {
        let form = with_client(&app, &[("token", &access)]);
        let answer = service.send_without_ledgers(&Request::post(&format!("/oauth/{endpoint}")).form(&form));
        assert_eq!(error(&answer), (503, "temporarily_unavailable".to_owned()));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
}

#[test]
fn other_paths_and_methods_are_answered_in_the_same_format() {
    let service = Service::new();
    for path in ["/oauth/", "/oauth/authorize", "/oauth/token/", "/oauth/token/x"] {
        assert_eq!(error(&service.send(&Request::post(path))), (404, "invalid_request".to_owned()), "{path}");
    }
    for endpoint in ["token", "introspect", "revoke"] {
        let answer = service.send(&Request::get(&format!("/oauth/{endpoint}")));
        assert_eq!((error(&answer).0, answer.header("allow")), (405, Some("POST")));
    }
}

#[test]
fn the_metadata_names_every_endpoint() {
    let path = "/.well-known/oauth-authorization-server";
    let basic_and_post = ["client_secret_basic", "client_secret_post"];
    let any = ["client_secret_basic", "client_secret_post", "none"];
    let mut expected = json!({
        "issuer": ORIGIN,
        "token_endpoint": format!("{ORIGIN}/oauth/token"),
        "introspection_endpoint": format!("{ORIGIN}/oauth/introspect"),
        "revocation_endpoint": format!("{ORIGIN}/oauth/revoke"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": any,
        "introspection_endpoint_auth_methods_supported": basic_and_post,
        "revocation_endpoint_auth_methods_supported": any,
    });
    let service = Service::new();
    assert_eq!(service.send(&Request::get(path)).both(), (200, expected.clone()));
    assert!(service.platform.ledgers.take_calls().is_empty());

    let page = "https://app.example/authorize";
    expected["authorization_endpoint"] = json!(page);
    let settings = Settings { authorization_endpoint: page.to_owned(), ..Settings::default() };
    assert_eq!(Service::with_settings(settings).send(&Request::get(path)).both(), (200, expected));
}

#[test]
fn a_forged_token_or_secret_costs_no_ledger_call() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, refresh) = service.authorized("anna", &app);
    let forged = App { secret: forge(&app.secret), ..app.clone() };
    service.platform.ledgers.take_calls();
    service.introspect(&app, &forge(&access));
    service.refresh(&app, &forge(&refresh));
    service.introspect(&forged, &access);
    assert!(service.platform.ledgers.take_calls().is_empty());
    assert!(service.config.keyring.open(&app.secret).unwrap().kind() == HandleKind::ClientSecret);
}
