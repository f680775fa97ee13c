//! The content of the link page, and the effects of an answer.

use hookswitch::core::Scope;
use hookswitch::core::decide::connections::Switch;

use super::{approval, sent_to, shown, value};
use crate::kit::{CALLBACK, Code, Service};

#[test]
fn the_page_shows_the_logo_of_the_app_and_allows_no_other_host() {
    let service = Service::new();
    for (number, (logo, allowed)) in [
        ("https://cdn.example:8443/logo.png?a;b", Some("https://cdn.example:8443")),
        ("http://127.0.0.1/logo.png", Some("http://127.0.0.1")),
        ("https://cdn.example;script-src/*", None),
        ("https://*/logo.png", None),
        ("https://user@cdn.example/logo.png", None),
        ("https:///logo.png", None),
    ]
    .into_iter()
    .enumerate()
    {
        let app = service.app_with(&format!("app{number}"), |registration| {
            registration.logo_url = Some(logo.to_owned());
        });
        let page = service.open(&service.link_back(&app).secret);
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let images = policy.split("; ").find(|part| part.starts_with("img-src")).unwrap().to_owned();
        assert_eq!(images.strip_prefix("img-src 'self'").unwrap().trim(), allowed.unwrap_or_default(), "{logo}");
        let shown = page.body.contains(&format!("<img class=\"logo\" src=\"{logo}\" alt=\"\""));
        assert_eq!(shown, allowed.is_some(), "{logo}");
    }
}

#[test]
fn times_are_exact_and_a_script_shows_them_in_the_time_zone_of_the_browser() {
    let service = Service::new();
    let page = service.open(&service.link_back(&service.acme()).secret);
    let time = page.body.split_once("<time datetime=\"").unwrap().1;
    let (exact, rest) = time.split_once("\" title=\"").unwrap();
    let (title, rest) = rest.split_once("\">").unwrap();
    assert!(exact.ends_with('Z') && title.ends_with(" UTC") && rest.starts_with(title), "{time}");
    assert_eq!(&exact[..16].replace('T', " "), &title[..16]);
    assert_eq!(page.body.matches("<script src=\"/connect.js\" defer></script>").count(), 1);
    let unknown = service.open("nonsense");
    assert!(!unknown.body.contains("<script"), "a page without a time has no script");
}

#[test]
fn label_and_metadata_of_the_token_reach_the_code_and_the_connection() {
    let service = Service::new();
    let metadata = "{\"campaign\":7}";
    let code = service.code_with(&service.user("anna"), &service.acme(), |params| {
        params.redirect_uri = Some(CALLBACK.to_owned());
        params.label = Some("Invitation".to_owned());
        params.metadata = metadata.parse().ok();
    });
    let stored = |connection_id: &str| {
        let connection = service.get(&format!("/v1/connections/{connection_id}")).json();
        (connection["label"].clone(), connection["metadata"].to_string())
    };
    let expected = (serde_json::json!("Invitation"), metadata.to_owned());
    assert_eq!(stored(&code.connection_id), expected);
    let (_, parameters) = sent_to(&service.press(&service.open(&code.secret), "approve"));
    let facts = service.verdict(value(&parameters, "code")).facts;
    assert_eq!(facts.label.as_deref(), Some("Invitation"));
    assert_eq!(facts.metadata.unwrap().as_str(), metadata);
    assert_eq!(stored(&code.connection_id), expected);
}

#[test]
fn a_further_authorization_replaces_no_label_and_no_metadata() {
    let service = Service::new();
    let (anna, app) = (service.user("anna"), service.acme());
    let link = |label: &str, metadata: &str| {
        service.code_with(&anna, &app, |params| {
            params.label = Some(label.to_owned());
            params.metadata = metadata.parse().ok();
        })
    };
    let stored = |code: &Code| {
        let connection = service.get(&format!("/v1/connections/{}", code.connection_id)).json();
        (connection["label"].clone(), connection["metadata"].clone())
    };
    let (first, second) = (link("first", "{\"a\":1}"), link("second", "{\"a\":2}"));
    assert_eq!(first.connection_id, second.connection_id);
    service.consume(&second.secret);
    let expected = (serde_json::json!("second"), serde_json::json!({ "a": 2 }));
    assert_eq!(stored(&second), expected, "the token that the user answered first");
    service.consume(&first.secret);
    assert_eq!(stored(&first), expected);
}

#[test]
fn a_refusal_ends_a_connection_that_nobody_has_authorized_and_no_other() {
    let service = Service::new();
    let (anna, app) = (service.user("anna"), service.acme());
    let waiting = service.link_back(&app);
    service.press(&service.open(&waiting.secret), "decline");
    let connection = service.get(&format!("/v1/connections/{}", waiting.connection_id)).json();
    assert_eq!(
        (&connection["status"], &connection["status_reason"], &connection["changed_by"]),
        (&serde_json::json!("revoked"), &serde_json::json!("The user declined."), &serde_json::json!("anna"))
    );

    let [first, second] = [(); 2].map(|()| service.code(&anna, &app));
    service.consume(&first.secret);
    service.press(&service.open(&second.secret), "decline");
    assert_eq!(service.connection(&second.connection_id).status().as_str(), "active");
    service.switch(&second.connection_id, Switch::Disable);
    assert_eq!(service.connection(&second.connection_id).status().as_str(), "inactive");
}

#[test]
fn the_purpose_of_a_link_chooses_its_words() {
    let service = Service::new();
    let app = service.app_with("crm", |registration| registration.redirect_uris.clear());
    service.user("anna");
    for (app_id, purpose, question, answer) in [
        (Some(&app.id), None, "Connect Acme?", "Acme is connected"),
        (Some(&app.id), Some("connect"), "Connect Acme?", "Acme is connected"),
        (Some(&app.id), Some("invite"), "Join Acme?", "You have joined Acme"),
        (None, None, "Continue?", "Done"),
        (None, Some("invite"), "Accept the invitation?", "Done"),
    ] {
        let body = serde_json::json!({ "user_id": "anna", "app_id": app_id, "purpose": purpose });
        let token = service.post("/v1/tokens", body).text("token");
        let page = service.open(&token);
        assert_eq!(shown(&page), (200, question));
        assert_eq!(shown(&service.press(&page, "approve")), (200, answer));
    }
    let wrong = service.post("/v1/tokens", serde_json::json!({ "user_id": "anna", "purpose": "other" }));
    assert_eq!(wrong.json()["errors"]["purpose"], "must be one of connect, invite");
}

#[test]
fn a_page_that_leads_nowhere_else_links_to_the_app() {
    let service = Service::new();
    let app = service.app_with("crm", |registration| {
        registration.homepage_url = Some("https://app.example/?a=1&b=2".to_owned());
    });
    let anna = service.user("anna");
    let back = "<a href=\"https://app.example/?a=1&amp;b=2\" rel=\"noreferrer\">Go to Acme</a>";
    for consent in ["approve", "decline"] {
        let code = service.code(&anna, &app);
        let page = service.open(&code.secret);
        assert!(!page.body.contains("Go to Acme"), "the question has its own buttons");
        let pages = [service.press(&page, consent), service.open(&code.secret), service.send(&approval(&code.secret))];
        for page in pages {
            assert!(page.body.contains(back) && page.body.contains("hookswitch.example"), "{}", page.body);
        }
    }
    let unknown = service.open("nonsense");
    assert!(unknown.body.contains("hookswitch.example") && !unknown.body.contains("Go to"), "{}", unknown.body);
}

#[test]
fn scopes_are_shown_in_the_words_of_the_app_and_by_their_names() {
    let service = Service::new();
    let app = service.app_with("crm", |registration| {
        registration.scope_descriptions.insert("read".to_owned(), "Read <your> contacts".to_owned());
    });
    let code = service.code_with(&service.user("anna"), &app, |params| {
        params.redirect_uri = Some(CALLBACK.to_owned());
        params.scope = Some(Scope::parse("read write").unwrap());
    });
    let page = service.open(&code.secret);
    let list = "<ul><li>Read &lt;your&gt; contacts <code>read</code></li><li><code>write</code></li></ul>";
    assert!(page.body.contains(list), "{}", page.body);
}
