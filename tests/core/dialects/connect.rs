//! The link page: what is read of a link and of its form, and what every outcome looks like.

use hookswitch::core::app::ClientType;
use hookswitch::core::command::Consent;
use hookswitch::core::token::Facts;
use hookswitch::core::verdict::ConnectionVerdict;
use hookswitch::core::{App, ConnectionStatus, Outcome, Refusal, Standing, Status, Target, Verdict};
use hookswitch::dialects::connect::address::{answer, host};
use hookswitch::dialects::connect::page::{LANGUAGES, language};
use hookswitch::dialects::html::{escape, fill};
use hookswitch::dialects::{Ask, Beside, Done, Failure, Method, Reply, Route, Visit, Visitor, connect::DIALECT};

use super::{Asked, Fake, Sent, completed, context, dead, refused, route, said, secret, verdict};
use crate::kit::{self, CALLBACK, app_id, scope, second, user_id};
use crate::vectors::HANDLES;

const PAGE: &str = "0b0e5c1e-7a3c-4a52-9d4f-0a4b5b1c2d3e";

fn get() -> &'static Route {
    route(&DIALECT, Method::Get, "/connect")
}

fn post() -> &'static Route {
    route(&DIALECT, Method::Post, "/connect")
}

fn form(body: &str) -> Sent {
    let headers = Fake(vec![("content-type", "application/x-www-form-urlencoded".to_owned())]);
    Sent { body: body.as_bytes().to_vec(), headers, ..Sent::default() }
}

fn visit(ask: Result<Ask, Failure>) -> Visit {
    match ask {
        Ok(Ask::OfConsent(visit)) => visit,
        other => panic!("{other:?}"),
    }
}

fn app() -> App {
    let mut app = kit::app("crm", ClientType::Confidential);
    app.registration.name.replace_range(.., "A<b>\"&'{token}");
    app
}

/// The verdict on a link that leads back to the app.
fn link(standing: Standing) -> Verdict {
    let facts = Facts {
        app_id: Some(app_id("crm")),
        scope: Some(scope("a <b>")),
        redirect_uri: Some(CALLBACK.to_owned()),
        ..kit::no_facts()
    };
    let mut verdict = verdict(standing);
    verdict.facts = facts;
    verdict
}

fn visitor() -> Visitor {
    let state = Some("\"><script>\r\nx: y&code=1#".to_owned());
    Visitor { page: Some(PAGE.to_owned()), state, languages: String::new() }
}

fn title(language: &str, page: &str) -> String {
    said(language)["pages"][page]["title"].as_str().unwrap().to_owned()
}

/// What the link page says to a failure.
fn told(failure: &Failure, languages: &str) -> Reply {
    completed((DIALECT.refuse)(failure, &Asked { request_id: "request", basic: false, languages }))
}

fn rendered(outcome: Outcome, apps: Vec<App>) -> Reply {
    let beside = Beside::Visitor(visitor());
    let done = Done { outcome, handles: vec![secret()], apps, beside, replayed: false, context: context() };
    completed((get().render)(&done).unwrap_or_else(|failure| refused(&DIALECT, get(), &failure)))
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers.iter().find(|(header, _)| *header == name).map_or("", |(_, value)| value)
}

#[test]
fn a_link_is_looked_at_and_a_form_answers_it() {
    let token = HANDLES[0].2;
    let looked = visit(Sent::query(&format!("token={token}&state=s%20t&utm_source=mail&consent=approve")).parse(get()));
    assert_eq!((looked.consent, looked.app_id, looked.visitor.page), (None, None, None));
    assert_eq!(looked.visitor.state.as_deref(), Some("s t"));
    assert!(matches!(looked.target, Target::Known { .. }));

    for (body, consent) in
        [("", Consent::Approve), ("&consent=approve", Consent::Approve), ("&consent=decline", Consent::Decline)]
    {
        let said = visit(form(&format!("token={token}&page={PAGE}+crm&state={body}")).parse(post()));
        assert_eq!((said.consent, said.app_id), (Some(consent), Some(app_id("crm"))));
        assert_eq!((said.visitor.page, said.visitor.state), (Some(format!("{PAGE} crm")), None));
    }
    let bare = visit(form(&format!("token={token}")).parse(post()));
    assert_eq!((bare.consent, bare.app_id, bare.visitor.page), (Some(Consent::Approve), None, None));
}

#[test]
fn what_is_no_connection_token_of_ours_is_forged() {
    for (kind, text) in
        [("access token", HANDLES[2].2), ("API key", HANDLES[4].2), ("name", HANDLES[6].2), ("nothing", "x")]
    {
        let asked = visit(Sent::query(&format!("token={text}")).parse(get()));
        assert_eq!(asked.target, Target::Forged, "{kind}");
    }
}

#[test]
fn a_link_without_a_token_is_incomplete_and_a_form_says_yes_or_no() {
    let token = HANDLES[0].2;
    let wrong = [
        Sent::query("").parse(get()),
        Sent::query(&format!("token={token}&token={token}")).parse(get()),
        form("state=s").parse(post()),
        form(&format!("token={token}&consent=look")).parse(post()),
    ];
    for asked in wrong {
        let reply = told(&asked.unwrap_err(), "");
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains(&title(LANGUAGES[0], "incomplete")), "{}", reply.body);
    }
}

#[test]
fn a_form_that_another_site_sent_is_refused() {
    for (site, taken) in [("cross-site", false), ("same-site", false), ("same-origin", true), ("none", true)] {
        let mut sent = form(&format!("token={}", HANDLES[0].2));
        sent.headers.0.push(("sec-fetch-site", site.to_owned()));
        assert_eq!(sent.parse(post()).is_ok(), taken, "{site}");
        let link = Sent { query: format!("token={}", HANDLES[0].2), body: Vec::new(), ..sent };
        assert!(link.parse(get()).is_ok(), "a link may be anywhere: {site}");
    }
}

#[test]
fn the_page_says_what_is_asked_and_escapes_whatever_it_shows() {
    let reply = rendered(Outcome::Verdict(link(Standing::Valid)), vec![app()]);
    let body = &reply.body;
    assert_eq!((reply.status, reply.content_type), (200, Some("text/html; charset=utf-8")));
    assert!(body.contains("<h1>Connect A&lt;b&gt;&quot;&amp;&#39;{token}?</h1>"), "{body}");
    assert!(body.contains("<li><code>a</code><li><code>&lt;b&gt;</code>"), "{body}");
    assert!(body.contains("app.example") && body.contains("hookswitch.example"), "{body}");
    assert!(body.contains("2026-01-01 00:01 UTC</time>"), "{body}");
    assert!(body.contains(&format!("name=\"page\" value=\"{PAGE} crm\"")), "{body}");
    assert_eq!(body.matches(&secret().text()).count(), 1, "the token is in the form alone");
    assert!(!body.contains("owner") && !body.contains("<script"), "{body}");
    assert_eq!(
        header(&reply, "content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    assert_eq!(header(&reply, "x-robots-tag"), "noindex");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let mut app = app();
    app.registration.logo_url = Some("https://cdn.example/logo.png".to_owned());
    let reply = rendered(Outcome::Verdict(link(Standing::Valid)), vec![app]);
    assert!(!reply.body.contains("cdn.example") && !header(&reply, "content-security-policy").contains("cdn.example"));
}

#[test]
fn a_code_goes_back_to_the_app_with_the_state_as_it_came() {
    let reply = rendered(Outcome::Minted(link(Standing::Valid)), vec![app()]);
    let expected = format!(
        "{CALLBACK}?code={}&iss=https%3A%2F%2Fhookswitch.example&state=%22%3E%3Cscript%3E%0D%0Ax%3A+y%26code%3D1%23",
        secret().text()
    );
    assert_eq!((reply.status, header(&reply, "location")), (303, expected.as_str()));
    assert_eq!(reply.body, "");
}

#[test]
fn a_no_goes_back_to_the_app_where_that_takes_it() {
    let declined = || {
        let verdict = link(dead(Status::Revoked).standing);
        Outcome::Revoked { previous: Status::Valid, verdict }
    };
    let reply = rendered(declined(), vec![app()]);
    assert!(header(&reply, "location").starts_with(&format!("{CALLBACK}?error=access_denied&iss=")));
    let mut moved = app();
    moved.registration.redirect_uris.clear();
    for apps in [vec![], vec![moved]] {
        let reply = rendered(declined(), apps);
        assert_eq!((reply.status, header(&reply, "location")), (200, ""));
        assert!(reply.body.contains("<h1>Declined</h1>"), "{}", reply.body);
    }
}

#[test]
fn a_link_whose_app_moved_is_explained_and_leads_nowhere() {
    let mut moved = app();
    moved.registration.redirect_uris = vec![format!("{CALLBACK}/")];
    for (apps, status) in [(vec![moved], 400), (vec![], 404)] {
        let reply = rendered(Outcome::Verdict(link(Standing::Valid)), apps);
        assert_eq!(reply.status, status);
        assert!(reply.body.contains("The app has changed") && !reply.body.contains("<form"), "{}", reply.body);
        assert!(header(&reply, "content-security-policy").ends_with("; form-action 'self'"));
    }
}

#[test]
fn each_way_that_a_link_ends_is_explained_in_its_own_words() {
    let off = |status| {
        let above = kit::connection(1, status);
        Failure::Refused(Refusal::ConnectionIs(Box::new(ConnectionVerdict::of(
            &user_id("owner"),
            &above,
            &[],
            &[],
            second(3),
        ))))
    };
    let ended = |status| Failure::Refused(Refusal::Dead(Box::new(dead(status))));
    let table = [
        (ended(Status::Consumed), 410, "consumed"),
        (ended(Status::Revoked), 410, "revoked"),
        (ended(Status::Expired), 410, "expired"),
        (off(ConnectionStatus::Inactive), 409, "inactive"),
        (off(ConnectionStatus::Revoked), 410, "revoked"),
        (Failure::Refused(Refusal::TokenUnknown), 404, "unknown"),
        (Failure::invalid("token", "is required"), 400, "incomplete"),
        (Failure::Refused(Refusal::Forbidden), 403, "elsewhere"),
        (Failure::Refused(Refusal::RedirectUriUnregistered), 400, "changed"),
        (Failure::Refused(Refusal::IdempotencyConflict), 410, "consumed"),
        (Failure::RateLimited { retry_after: "10" }, 429, "failed"),
        (Failure::Unavailable, 503, "failed"),
        (Failure::Misconfigured(Box::default()), 503, "failed"),
        (Failure::Internal("a defect"), 500, "failed"),
        (Failure::NotFound, 404, "unknown"),
    ];
    for (failure, status, page) in table {
        for language in LANGUAGES {
            let reply = told(&failure, language);
            assert_eq!(reply.status, status, "{failure:?}");
            let heading = format!("<html lang=\"{language}\">");
            let title = title(language, page);
            assert!(reply.body.contains(&heading) && reply.body.contains(&format!("<h1>{title}</h1>")));
            let again =
                matches!(failure, Failure::RateLimited { .. } | Failure::Unavailable | Failure::Misconfigured(_));
            assert_eq!(!header(&reply, "retry-after").is_empty(), again, "{failure:?}");
        }
    }
    for status in [Status::Consumed, Status::Revoked, Status::Expired] {
        let reply = rendered(Outcome::Verdict(dead(status)), vec![]);
        assert_eq!((reply.status, reply.body.contains("<form")), (410, false));
    }
}

#[test]
fn every_language_has_every_text_with_the_same_names_in_it() {
    fn names(text: &str) -> Vec<String> {
        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect()
    }
    fn same(text: &serde_json::Value, original: &serde_json::Value) {
        if let (Some(text), Some(original)) = (text.as_str(), original.as_str()) {
            assert_eq!(names(text), names(original), "{text}");
            assert!(!text.contains(['<', '>', '&', '"']), "{text}");
            return;
        }
        let (texts, originals) = (text.as_object().unwrap(), original.as_object().unwrap());
        assert!(texts.keys().eq(originals.keys()), "{text}");
        for (name, original) in originals {
            same(&texts[name], original);
        }
    }
    for language in LANGUAGES {
        same(&said(language), &said(LANGUAGES[0]));
    }
    let again = &said("en")["pages"]["failed"]["text"];
    assert_eq!(again, "Reload this page in a moment. Nothing is done twice.");
}

#[test]
fn the_first_language_that_the_page_speaks_is_taken() {
    let table = [
        ("", "en"),
        ("*", "en"),
        ("nl,fr-CH;q=0.9,de", "fr"),
        ("de-AT", "de"),
        (" es;q=0.5", "es"),
        ("fil, den;q=0.9", "en"),
        ("it", "en"),
    ];
    for (accepted, tag) in table {
        assert_eq!(language(accepted), tag, "{accepted}");
    }
}

#[test]
fn an_address_of_the_web_is_named_by_its_host() {
    let table = [
        ("https://app.example/callback", Some("app.example")),
        ("http://127.0.0.1:3000?x", Some("127.0.0.1:3000")),
        ("https://a.example\\@b.example/", Some("a.example")),
        ("com.example.app:/callback", None),
        ("myapp://host/;x", None),
    ];
    for (url, named) in table {
        assert_eq!(host(url), named, "{url}");
    }
}

#[test]
fn an_answer_is_added_to_whatever_query_there_is() {
    let table = [
        ("https://a.example/", "https://a.example/?error=no"),
        ("https://a.example/?x=1", "https://a.example/?x=1&error=no"),
        ("https://a.example/?", "https://a.example/?error=no"),
        ("https://a.example/?x=1&", "https://a.example/?x=1&error=no"),
        ("myapp:callback", "myapp:callback?error=no"),
    ];
    for (uri, expected) in table {
        assert_eq!(answer(uri, ("error", "no"), None, "i"), format!("{expected}&iss=i"));
    }
}

#[test]
fn a_template_is_filled_once_and_a_line_without_its_part_is_left_out() {
    let parts = [("a", "{b}".to_owned()), ("b", "1".to_owned()), ("b", "2".to_owned())];
    assert_eq!(fill("x {a} {b}\ny {c} {b}\nz", &parts), "x {b} 2\nz");
    assert_eq!(fill("{c}", &parts), "");
    assert_eq!(escape("<&>\"'ü"), "&lt;&amp;&gt;&quot;&#39;ü");
}
