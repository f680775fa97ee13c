//! Neither half of the flow can be handed to somebody else: the challenge, the cookie and the verifier belong together.

use serde_json::json;

use super::browser::{Browser, form, parameters};
use super::{VERIFIER, request, service};
use crate::kit::{App, ROOT, Request, Service, forge};

fn deployment() -> (Service, App) {
    let service = service();
    service.user("victim");
    service.user("attacker");
    let app = service.app("web");
    (service, app)
}

#[test]
fn a_challenge_that_was_accepted_for_one_browser_is_refused_in_another() {
    let (service, app) = deployment();
    let (mut attacker, mut victim) = (Browser::new(&service), Browser::new(&service));
    // The attacker begins and hands the sign-in page to the victim, who signs in there.
    let challenge = attacker.authorize(&request(&app));
    let url = service.accept(&challenge, "victim");
    let page = victim.open(&url);
    assert_eq!((page.status, page.header("location")), (403, None));
    // A request of the victim's own does not help: its cookie is another.
    victim.authorize(&request(&app));
    assert_eq!(victim.open(&url).status, 403);
    // Nothing was used up, and nothing was shown.
    assert!(!page.body.contains("hct_"));
    assert_eq!(attacker.open(&url).status, 200);
}

#[test]
fn a_verifier_without_the_cookie_is_refused_everywhere() {
    let (service, app) = deployment();
    let mut attacker = Browser::new(&service);
    // The attacker signs in and hands the consent page, or its form, to the victim.
    let url = service.accept(&attacker.authorize(&request(&app)), "attacker");
    let page = attacker.open(&url);
    let mut victim = Browser::new(&service);
    victim.authorize(&request(&app));
    for request in [form(&page, "approve"), form(&page, "decline")] {
        assert_eq!(victim.send(&request.header("sec-fetch-site", "none")).status, 403);
    }
    let verifier = url.split_once("verifier=").unwrap().1;
    assert_eq!(service.status(verifier), "valid");

    // A verifier is not a link, not a code and not a login token.
    let consume = Request::post("/v1/tokens/consume").bearer(ROOT).json(json!({ "token": verifier }));
    assert_eq!(service.send(&consume).text("code"), "not_a_connection_token");
    assert_eq!(service.send(&Request::get("/connect").query(&[("token", verifier)])).status, 404);
    for consent in ["approve", "decline"] {
        let answer = Request::post("/connect").form(&[("token", verifier), ("consent", consent)]);
        assert_eq!(service.send(&answer).status, 404, "{consent}");
    }
    let page_field = [("token", verifier), ("consent", "approve"), ("page", "1 web")];
    assert_eq!(service.send(&Request::post("/connect").form(&page_field)).status, 404);
    let exchange = service.redeem(&app, verifier, crate::kit::CALLBACK);
    assert_eq!(exchange.text("error"), "invalid_grant");
    assert_eq!(service.status(verifier), "valid");
}

#[test]
fn a_verifier_of_another_request_is_refused() {
    let (service, app) = deployment();
    let mut victim = Browser::new(&service);
    let own = victim.authorize(&request(&app));
    // The attacker's verifier with the victim's challenge would connect the victim's app to the attacker's account.
    let foreign = service.accept(&Browser::new(&service).authorize(&request(&app)), "attacker");
    let verifier = foreign.split_once("verifier=").unwrap().1;
    let mixed =
        |verifier: &str| Request::get("/oauth/consent").query(&[("challenge", own.as_str()), ("verifier", verifier)]);
    assert_eq!(victim.send(&mixed(verifier)).status, 410);
    let link = service.code(&"attacker".parse().unwrap(), &app);
    for token in [link.secret.as_str(), &forge(verifier), "hct_", &service.api_key(&"attacker".parse().unwrap())] {
        assert_eq!(victim.send(&mixed(token)).status, 410, "{token}");
    }
    let url = service.accept(&own, "victim");
    assert_eq!(victim.open(&url).status, 200);
}

#[test]
fn a_form_of_another_site_is_refused() {
    let (service, app) = deployment();
    let mut browser = Browser::new(&service);
    let url = service.accept(&browser.authorize(&request(&app)), "victim");
    let page = browser.open(&url);
    for site in ["cross-site", "same-site"] {
        assert_eq!(browser.send(&form(&page, "approve").header("sec-fetch-site", site)).status, 403);
    }
    assert_eq!(parameters(&browser.press(&page, "approve")).1[0].0, "code");
}

#[test]
fn a_forged_challenge_costs_no_ledger_call() {
    let (service, app) = deployment();
    let mut browser = Browser::new(&service);
    let challenge = browser.authorize(&request(&app));
    service.platform.ledgers.take_calls();
    let (start, end) = challenge.split_at(challenge.len() / 2);
    let changed = format!("{start}{}{}", if end.starts_with('A') { 'B' } else { 'A' }, &end[1..]);
    for challenge in [changed.as_str(), "hch_", "x", start] {
        let path = format!("/v1/authorizations/{challenge}");
        let accept = Request::post(&format!("{path}/accept")).json(json!({ "user_id": "victim" }));
        for request in [Request::get(&path), accept, Request::post(&format!("{path}/reject")).json(json!({}))] {
            let refused = service.send(&request.bearer(ROOT));
            assert_eq!((refused.status, refused.text("code").as_str()), (404, "authorization_not_found"));
        }
        let query = [("challenge", challenge), ("verifier", "hct_")];
        assert_eq!(browser.send(&Request::get("/oauth/consent").query(&query)).status, 404);
    }
    assert!(service.platform.ledgers.take_calls().is_empty());
}

#[test]
fn an_injected_code_is_refused_without_the_verifier_of_the_app() {
    let (service, app) = deployment();
    let code = Browser::new(&service).code(&request(&app), "victim");
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", crate::kit::CALLBACK),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
    ];
    let without = service.send(&Request::post("/oauth/token").form(&exchange));
    assert_eq!(without.text("error"), "invalid_grant");
    let mut wrong = exchange.to_vec();
    let other = VERIFIER.replace('d', "e");
    wrong.push(("code_verifier", &other));
    assert_eq!(service.send(&Request::post("/oauth/token").form(&wrong)).text("error"), "invalid_grant");
    assert_eq!(service.redeem(&app, &code, crate::kit::CALLBACK).status, 200);
}
