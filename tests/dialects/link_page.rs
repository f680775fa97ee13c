//! The link page: nothing that opens a link changes anything, and its form is answered once.

use hookswitch::core::decide::connections::Switch;
use hookswitch::core::{Scope, pkce};
use hookswitch::dialects::link_page::language::LANGUAGES;

use crate::kit::{Answer, App, CALLBACK, Code, ORIGIN, ROOT, Request, Service, forge, heading, texts};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

fn link(token: &str) -> Request {
    Request::get("/connect").query(&[("token", token)])
}

fn form(fields: &[(&str, &str)]) -> Request {
    Request::post("/connect").form(fields)
}

/// The least that approves a link.
fn approval(token: &str) -> Request {
    form(&[("token", token), ("consent", "approve")])
}

/// The hidden fields of the form on a page.
fn fields(page: &Answer) -> Vec<(String, String)> {
    let inputs = page.body.split("<input type=\"hidden\" name=\"").skip(1);
    let fields = inputs.map(|input| {
        let (name, rest) = input.split_once("\" value=\"").unwrap();
        (name.to_owned(), unescaped(rest.split_once('"').unwrap().0))
    });
    fields.collect()
}

fn unescaped(html: &str) -> String {
    let names = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    names.iter().fold(html.to_owned(), |text, (name, character)| text.replace(name, character))
}

/// Where an answer sends the browser: the address, and the parameters.
fn sent_to(answer: &Answer) -> (String, Vec<(String, String)>) {
    assert_eq!((answer.status, answer.body.as_str()), (303, ""));
    let (address, query) = answer.header("location").unwrap().split_once('?').unwrap();
    (address.to_owned(), form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

fn value<'a>(parameters: &'a [(String, String)], name: &str) -> &'a str {
    parameters.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
}

/// Status and heading of a page.
fn shown(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.content_type, Some("text/html; charset=utf-8"));
    assert!(answer.body.starts_with("<!doctype html>"));
    (answer.status, heading(&answer.body))
}

impl Service {
    fn open(&self, token: &str) -> Answer {
        self.send(&link(token))
    }

    /// Presses a button of a page.
    fn press(&self, page: &Answer, consent: &str) -> Answer {
        let fields = fields(page);
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("consent", consent));
        self.send(&form(&fields))
    }

    /// A link that leads back to the app.
    fn link_back(&self, app: &App) -> Code {
        self.code_with(&self.user("anna"), app, |params| params.redirect_uri = Some(CALLBACK.to_owned()))
    }

    fn acme(&self) -> App {
        self.app("crm")
    }
}

#[test]
fn opening_a_link_shows_what_it_asks_for_and_changes_nothing() {
    let service = Service::new();
    let code = service.code_with(&service.user("anna"), &service.acme(), |params| {
        params.redirect_uri = Some(CALLBACK.to_owned());
        params.scope = Some(Scope::parse("read write").unwrap());
    });
    for request in [
        link(&code.secret),
        link(&code.secret).header("sec-fetch-site", "cross-site"),
        Request::get(&format!("/connect?utm_source=a&token={}&utm_source=b&consent=approve", code.secret)),
        Request::get(&format!("/connect?{}token={}{}", "x=1&".repeat(70), code.secret, "&y".repeat(70))),
        link(&code.secret).body("token=x&consent=approve"),
    ] {
        let page = service.send(&request);
        assert_eq!(shown(&page), (200, "Connect Acme?"));
        for part in ["<code>read</code>", "<code>write</code>", "app.example", "hookswitch.example", " UTC</time>"] {
            assert!(page.body.contains(part), "{part}");
        }
        assert!(!page.body.contains("anna"), "a link gets forwarded");
        assert_eq!(page.body.matches(&code.secret).count(), 1, "the token is only in the form");
        assert_eq!(page.header("content-security-policy"), Some(POLICY));
        assert_eq!(page.header("x-robots-tag"), Some("noindex"));
        let fields = fields(&page);
        let (uuid, app_id) = value(&fields, "page").split_once(' ').unwrap();
        assert_eq!((uuid.len(), app_id), (36, "crm"));
    }
    assert_eq!(service.status(&code.secret), "valid");
    assert_eq!(service.connection(&code.connection_id).status().as_str(), "initiated");
}

#[test]
fn an_approval_leads_back_to_the_app_with_a_code_and_the_state() {
    let service = Service::new();
    let app = service.public_app("crm");
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let code = service.code_with(&service.user("anna"), &app, |params| {
        params.redirect_uri = Some(CALLBACK.to_owned());
        params.code_challenge = Some(pkce::challenge(verifier));
    });
    let state = "\"><script>\u{e9}&code=1#+ %0d";
    let page = service.send(&Request::get("/connect").query(&[("token", &code.secret), ("state", state)]));
    assert_eq!(value(&fields(&page), "state"), state);
    assert!(!page.body.contains("<script"));
    let (address, parameters) = sent_to(&service.press(&page, "approve"));
    let secret = value(&parameters, "code");
    let expected = [("code", secret), ("iss", ORIGIN), ("state", state)];
    assert_eq!((address.as_str(), parameters.clone()), (CALLBACK, owned(&expected)));
    assert!(secret.starts_with("hct_") && secret != code.secret);
    assert_eq!(service.status(&code.secret), "consumed");
    assert_eq!(service.connection(&code.connection_id).status().as_str(), "active");

    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", secret),
        ("redirect_uri", CALLBACK),
        ("client_id", "crm"),
        ("code_verifier", verifier),
    ];
    let issued = service.send(&Request::post("/oauth/token").form(&exchange));
    assert_eq!(issued.text("scope"), "read write", "{}", issued.body);
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_decline_leads_back_to_the_app_with_access_denied() {
    let service = Service::new();
    let code = service.link_back(&service.acme());
    let page = service.send(&Request::get("/connect").query(&[("token", &code.secret), ("state", "s")]));
    let expected = owned(&[("error", "access_denied"), ("iss", ORIGIN), ("state", "s")]);
    assert_eq!(sent_to(&service.press(&page, "decline")), (CALLBACK.to_owned(), expected));
    let death = service.verdict(&code.secret).state.death().cloned().unwrap();
    assert_eq!((death.status.as_str(), death.reason.as_deref()), ("revoked", Some("The user declined.")));
    assert_eq!(death.by.unwrap().as_str(), "anna");
}

#[test]
fn a_form_that_is_sent_twice_gets_the_same_answer_and_another_page_does_not() {
    let service = Service::new();
    for consent in ["approve", "decline"] {
        let code = service.link_back(&service.acme());
        let [first, second] = [(); 2].map(|()| service.open(&code.secret));
        let answer = service.press(&first, consent);
        assert_eq!(service.press(&first, consent), answer);
        let dead = if consent == "approve" { "This link was used already" } else { "This link was withdrawn" };
        assert_eq!(shown(&service.press(&second, "approve")), (410, dead));
        assert_eq!(shown(&service.send(&approval(&code.secret))), (410, dead));
    }
}

#[test]
fn a_form_that_is_sent_again_gives_out_no_code_that_was_used_or_taken_back() {
    let service = Service::new();
    let app = service.acme();
    let code = service.link_back(&app);
    let page = service.open(&code.secret);
    let (_, parameters) = sent_to(&service.press(&page, "approve"));
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", value(&parameters, "code")),
        ("redirect_uri", CALLBACK),
        ("client_id", "crm"),
        ("client_secret", &app.secret),
    ];
    let issued = service.send(&Request::post("/oauth/token").form(&exchange));
    assert_eq!(issued.status, 200);
    assert_eq!(shown(&service.press(&page, "approve")), (410, "This link was used already"));
    assert_eq!(service.status(&issued.text("access_token")), "valid");
}

#[test]
fn a_link_without_a_way_back_ends_here() {
    let service = Service::new();
    let anna = service.user("anna");
    let plain = service.token(&anna, 600).secret;
    let app_only = service.code(&anna, &service.acme()).secret;
    for (token, asks, done) in [(&plain, "Continue?", "Done"), (&app_only, "Connect Acme?", "Acme is connected")] {
        let page = service.open(token);
        assert_eq!(shown(&page), (200, asks));
        let policy = format!("{POLICY}; form-action 'self'");
        assert_eq!(page.header("content-security-policy"), Some(policy.as_str()));
        assert_eq!(shown(&service.press(&page, "approve")), (200, done));
        assert_eq!(shown(&service.press(&page, "approve")), (200, done), "sent twice");
        assert_eq!(service.status(token), "consumed");
    }
    let declined = service.token(&anna, 600).secret;
    assert_eq!(shown(&service.press(&service.open(&declined), "decline")), (200, "Declined"));
    assert_eq!(service.status(&declined), "revoked");
}

#[test]
fn nobody_is_sent_to_an_address_that_the_app_has_removed_or_that_a_form_names() {
    let service = Service::new();
    let code = service.link_back(&service.acme());
    let page = service.open(&code.secret);

    service.app_with("mine", |registration| {
        registration.redirect_uris = vec!["https://evil.example/".to_owned()];
    });
    let uuid = value(&fields(&page), "page").split_once(' ').unwrap().0.to_owned();
    let of_mine = form(&[("token", &code.secret), ("page", &format!("{uuid} mine")), ("consent", "approve")]);
    assert_eq!(shown(&service.send(&of_mine)), (404, "The app has changed"));

    service.app_with("crm", |registration| registration.redirect_uris = vec![format!("{CALLBACK}/new")]);
    for answer in [service.open(&code.secret), service.press(&page, "approve"), service.send(&approval(&code.secret))] {
        assert_eq!(shown(&answer), (400, "The app has changed"));
        assert_eq!((answer.header("location"), answer.body.contains("<form")), (None, false));
    }
    assert_eq!(service.status(&code.secret), "valid");
    assert_eq!(shown(&service.press(&page, "decline")), (200, "Declined"));
}

#[test]
fn a_form_that_another_site_sent_is_rejected() {
    let service = Service::new();
    let app = service.acme();
    let evil = "https://evil.example";
    for (site, origin, status) in [
        (Some("cross-site"), None, 403),
        (Some("same-site"), None, 403),
        (Some("cross-site"), Some("null"), 403),
        (Some("same-site"), Some("null"), 403),
        (Some("cross-site"), Some(evil), 403),
        (Some("same-origin"), Some(evil), 403),
        (None, Some(evil), 403),
        (None, Some("http://hookswitch.example"), 403),
        (None, Some("https://hookswitch.example:8443"), 403),
        (None, Some("https://hookswitch.example.evil.example"), 403),
        (None, Some(""), 303),
        (None, None, 303),
        // The page's own form: its policy is to send no referrer.
        (None, Some("null"), 303),
        (Some("same-origin"), Some("null"), 303),
        (Some("same-origin"), Some(ORIGIN), 303),
        (Some("none"), None, 303),
        (None, Some(ORIGIN), 303),
    ] {
        let code = service.link_back(&app);
        let mut request = approval(&code.secret);
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            request = value.map_or(request.clone(), |value| request.clone().header(name, value));
        }
        let answer = service.send(&request);
        assert_eq!(answer.status, status, "{site:?} {origin:?}");
        if status == 403 {
            assert_eq!(heading(&answer.body), "Open the link itself");
            assert_eq!(service.status(&code.secret), "valid");
        }
    }
}

#[test]
fn a_form_without_an_answer_is_no_consent() {
    let service = Service::new();
    let code = service.link_back(&service.acme());
    let page = service.open(&code.secret);
    let fields = fields(&page);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let empty: Vec<_> = fields.iter().copied().chain([("consent", "")]).collect();
    for request in [form(&[("token", &code.secret)]), form(&fields), form(&empty)] {
        assert_eq!(shown(&service.send(&request)), (400, "This link is incomplete"), "{request:?}");
    }
    assert_eq!(service.status(&code.secret), "valid");
}

#[test]
fn everything_that_is_shown_is_escaped_and_nothing_is_loaded_from_elsewhere() {
    let service = Service::new();
    let app = service.app_with("crm", |registration| {
        registration.name = "A<b>\"&'{token}".to_owned();
        registration.description = Some("</p><script>alert(1)</script>".to_owned());
        registration.scopes = Scope::parse("<b>").ok();
        registration.logo_url = Some("https://cdn.example/logo.png".to_owned());
    });
    let page = service.open(&service.link_back(&app).secret);
    assert_eq!(shown(&page), (200, "Connect A&lt;b&gt;&quot;&amp;&#39;{token}?"));
    assert!(!page.body.contains("<script") && !page.body.contains("cdn.example"), "{}", page.body);
    assert!(page.body.contains("<code>&lt;b&gt;</code>"));
}

#[test]
fn every_way_in_which_a_link_ends_is_explained() {
    let service = Service::new();
    let app = service.acme();
    let anna = service.user("anna");
    let [used, withdrawn, disabled] = [(); 3].map(|()| service.link_back(&app).secret);
    let late = service.token(&anna, 1).secret;
    service.consume(&used);
    service.revoke(&withdrawn);
    let connection_id = service.verdict(&disabled).facts.connection_id.unwrap().to_string();
    service.switch(&connection_id, Switch::Disable);
    service.clock.advance_seconds(2);
    let unknown = "This link is not known here";
    for (token, status, title) in [
        (used.clone(), 410, "This link was used already"),
        (withdrawn, 410, "This link was withdrawn"),
        (disabled.clone(), 409, "This connection is paused"),
        (late, 410, "This link has run out"),
        (forge(&used), 404, unknown),
        (service.api_key(&anna), 404, unknown),
        (service.verdict(&used).token_id.to_string(), 404, unknown),
        ("nonsense".to_owned(), 404, unknown),
    ] {
        for answer in [service.open(&token), service.send(&approval(&token))] {
            assert_eq!(shown(&answer), (status, title));
            assert!(!answer.body.contains("<form"));
        }
    }
    service.revoke_connection(&connection_id);
    assert_eq!(shown(&service.open(&disabled)), (410, "This link was withdrawn"));
}

#[test]
fn a_link_or_form_that_is_incomplete_is_400() {
    let service = Service::new();
    let token = service.token(&service.user("anna"), 60).secret;
    for request in [
        Request::get("/connect"),
        Request::get("/connect?state=s"),
        Request::get(&format!("/connect?token={token}&token={token}")),
        Request::get(&format!("/connect?token={token}&state=%00")),
        Request::get(&format!("/connect?token={token}&state={}", "s".repeat(4_097))),
        form(&[]),
        form(&[("state", "s")]),
        form(&[("token", &token), ("consent", "look")]),
        form(&[("token", &token), ("token", &token)]),
    ] {
        assert_eq!(shown(&service.send(&request)), (400, "This link is incomplete"), "{request:?}");
    }
    let json = service.send(&Request::post("/connect").json(serde_json::json!({ "token": token })));
    assert_eq!(shown(&json), (415, "This link is incomplete"));
    assert_eq!(service.status(&token), "valid");
}

#[test]
fn a_ledger_that_does_not_answer_is_503_and_the_link_still_works() {
    let service = Service::new();
    let code = service.link_back(&service.acme());
    let page = service.open(&code.secret);
    for request in [link(&code.secret), approval(&code.secret)] {
        let answer = service.send_without_ledgers(&request);
        assert_eq!(shown(&answer), (503, "That did not work just now"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_eq!(service.press(&page, "approve").status, 303);
}

#[test]
fn other_paths_and_methods_are_pages_too() {
    let service = Service::new();
    assert_eq!(shown(&service.send(&Request::get("/connect/x"))).0, 404);
    let answer = service.send(&Request::delete("/connect"));
    assert_eq!((shown(&answer).0, answer.header("allow")), (405, Some("GET, HEAD, POST")));
    let with_key = service.send(&link("nonsense").bearer(ROOT));
    assert_eq!(shown(&with_key).0, 404, "keys are ignored");
}

#[test]
fn a_page_is_in_the_language_of_its_reader() {
    let service = Service::new();
    let token = service.link_back(&service.acme()).secret;
    for (accepted, language, title) in [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr", "Connecter Acme ?"),
        ("de", "de", "Acme verbinden?"),
        ("es-MX", "es", "¿Conectar Acme?"),
        ("pt-BR", "en", "Connect Acme?"),
    ] {
        let page = service.send(&link(&token).header("accept-language", accepted));
        assert_eq!(shown(&page), (200, title));
        assert!(page.body.contains(&format!("<html lang=\"{language}\">")));
        let unknown = service.send(&link(&forge(&token)).header("accept-language", accepted));
        assert_eq!(unknown.header("content-language"), Some(language));
        let expected = texts(language)["pages"]["unknown"]["title"].as_str().unwrap().to_owned();
        assert_eq!(heading(&unknown.body), expected);
    }
}

#[test]
fn every_language_has_every_text_with_the_same_names_in_braces() {
    fn names(text: &str) -> Vec<&str> {
        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
    }
    fn compare(text: &serde_json::Value, original: &serde_json::Value) {
        if let (Some(text), Some(original)) = (text.as_str(), original.as_str()) {
            assert_eq!(names(text), names(original), "{text}");
            assert!(!text.contains(['<', '>', '&', '"']), "{text}");
            return;
        }
        let (texts, originals) = (text.as_object().unwrap(), original.as_object().unwrap());
        assert!(texts.keys().eq(originals.keys()), "{text}");
        for (name, original) in originals {
            compare(&texts[name], original);
        }
    }
    for language in LANGUAGES {
        compare(&texts(language), &texts(LANGUAGES[0]));
    }
}

#[test]
fn a_forged_link_costs_no_ledger_call_and_an_answer_costs_one() {
    let service = Service::new();
    let code = service.link_back(&service.acme());
    let page = service.open(&code.secret);
    let calls = || service.platform.ledgers.take_calls().len();
    calls();
    service.open(&forge(&code.secret));
    service.send(&approval(&forge(&code.secret)));
    service.send(&form(&[("token", &forge(&code.secret)), ("consent", "approve"), ("page", "x crm")]));
    assert_eq!(calls(), 0);
    service.press(&page, "approve");
    assert_eq!(calls(), 1, "the page names the app, which the isolate remembers");
}
