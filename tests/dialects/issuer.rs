//! `ISSUER` and `ENVIRONMENT`: neither a link nor a decision follows the host that a request names.

use hookswitch::operations::Settings;
use hookswitch::upstream::address::Environment;
use serde_json::json;

use crate::authorize::{Browser, LOGIN, parameters, request, request_with};
use crate::composio::ACCOUNTS;
use crate::kit::{CALLBACK, PROJECT, ROOT, Request, Service};

/// The issuer of the deployment.
const ISSUER: &str = "https://auth.example";
/// A host that somebody names in a request.
const ELSEWHERE: &str = "https://attacker.example";

fn service() -> Service {
    Service::with_settings(Settings {
        issuer: Some(ISSUER.to_owned()),
        login_url: LOGIN.to_owned(),
        ..Settings::default()
    })
}

#[test]
fn every_link_and_issuer_is_the_configured_one_whatever_host_a_request_names() {
    let service = service();
    let anna = service.user("anna");
    let app = service.app("web");
    let send = |request: Request| service.send(&request.at(ELSEWHERE));

    let metadata = send(Request::get("/.well-known/oauth-authorization-server")).json();
    for (name, value) in metadata.as_object().unwrap() {
        let is_url = name == "issuer" || name == "jwks_uri" || name.ends_with("_endpoint");
        assert!(!is_url || value.as_str().unwrap().starts_with(ISSUER), "{name}: {value}");
    }
    // The authorize endpoint, the operator's call, and the way back to the app.
    let (_, error) = parameters(&send(Request::get("/oauth/authorize").query(&request_with(&app, &[("scope", "x")]))));
    assert!(error.contains(&("iss".to_owned(), ISSUER.to_owned())), "{error:?}");
    let begun = send(Request::get("/oauth/authorize").query(&request(&app)));
    assert!(begun.header("set-cookie").unwrap().starts_with("__Host-"));
    let (_, begun) = parameters(&begun);
    let path = format!("/v1/authorizations/{}", begun[0].1);
    let accepted = send(Request::post(&format!("{path}/accept")).bearer(ROOT).json(json!({ "user_id": "anna" })));
    assert!(accepted.text("redirect_to").starts_with(&format!("{ISSUER}/oauth/consent?")));
    let rejected = send(Request::post(&format!("{path}/reject")).bearer(ROOT).json(json!({})));
    assert!(rejected.text("redirect_to").contains("&iss=https%3A%2F%2Fauth.example"), "{}", rejected.body);
    // The link page.
    let linked = json!({ "user_id": "anna", "auth_config_id": "web" });
    let linked = service.composio(Request::post(&format!("{ACCOUNTS}/link")).json(linked).at(ELSEWHERE));
    assert!(linked.text("redirect_url").starts_with(&format!("{ISSUER}/connect?token=hct_")), "{}", linked.body);
    let link = service.code_with(&anna, &app, |params| params.redirect_uri = Some(CALLBACK.to_owned()));
    let page = send(Request::get("/connect").query(&[("token", &link.secret)]));
    assert!(page.body.contains("auth.example") && !page.body.contains("attacker"), "{}", page.body);
    let answer = [("token", link.secret.as_str()), ("consent", "decline")];
    let (_, declined) = parameters(&send(Request::post("/connect").form(&answer)));
    assert!(declined.contains(&("iss".to_owned(), ISSUER.to_owned())), "{declined:?}");
    // Introspection, here and in Stytch's calls.
    let code = service.code(&anna, &app);
    let exchange = [("grant_type", "authorization_code"), ("code", &code.secret)];
    let tokens = send(Request::post("/oauth/token").basic(&app.id, &app.secret).form(&exchange));
    let token = tokens.text("access_token");
    for path in ["/oauth/introspect".to_owned(), format!("/v1/public/{PROJECT}/oauth2/introspect")] {
        let form = [("token", token.as_str()), ("client_id", &app.id), ("client_secret", &app.secret)];
        assert_eq!(send(Request::post(&path).form(&form)).json()["iss"], ISSUER, "{path}");
    }
}

#[test]
fn without_an_issuer_the_host_of_the_request_is_the_issuer() {
    let service = Service::new();
    let metadata = service.send(&Request::get("/.well-known/oauth-authorization-server").at(ELSEWHERE)).json();
    assert_eq!(metadata["issuer"], ELSEWHERE);
}

#[test]
fn a_page_of_another_host_sends_no_form_also_if_the_request_names_that_host() {
    let service = service();
    let user = service.user("anna");
    let app = service.app("web");
    let answer = |origin: &str, consent: &str| {
        let link = service.code(&user, &app);
        let form = Request::post("/connect").form(&[("token", &link.secret), ("consent", consent)]);
        service.send(&form.header("origin", origin).at(ELSEWHERE)).status
    };
    // A name of the attacker that resolves to the deployment: `Origin` and `Host` agree.
    assert_eq!(answer(ELSEWHERE, "approve"), 403);
    assert_eq!(answer(ISSUER, "decline"), 200);
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&app));
    let page = browser.open_at(&service.accept(&challenge, "anna"), ISSUER);
    let form = crate::authorize::form(&page, "approve").at(ELSEWHERE);
    assert_eq!(browser.send(&form.clone().header("origin", ELSEWHERE)).status, 403);
    assert_eq!(browser.send(&form.header("origin", ISSUER)).status, 303);
}

#[test]
fn only_the_setting_makes_a_deployment_one_of_development() {
    for (environment, status) in [(Environment::Production, 400), (Environment::Development, 201)] {
        let service = Service::with_settings(Settings { environment, ..Settings::default() });
        for (index, host) in ["http://127.0.0.1:8787", "http://localhost:8787", ELSEWHERE].into_iter().enumerate() {
            let put = |path: String, body: serde_json::Value| {
                let answer = service.send(&Request::put(&path).bearer(ROOT).json(body).at(host));
                assert_eq!(answer.status, status, "{environment:?} {host} {path}: {}", answer.body);
            };
            let url = "http://127.0.0.1:9000/in";
            put(format!("/v1/webhooks/w{index}"), json!({ "url": url }));
            let revocation = json!({ "method": "rfc7009", "url": url, "auth": "none" });
            put(format!("/v1/providers/p{index}"), json!({ "revocation": revocation }));
        }
    }
}
