//! The native API: providers.

use hookswitch::core::credential::Sealed;
use hookswitch::core::operator::{OperatorCommand, OperatorOutcome};
use hookswitch::core::provider::{Auth, Body, Method as How, Revocation, Stored};
use hookswitch::core::refusal::Thing;
use hookswitch::core::{Outcome, Provider, Refusal, TokenType};
use hookswitch::dialects::native::DIALECT;
use hookswitch::dialects::{Ask, Beside, Failure, Method, Reply, Route, Secret};
use hookswitch::upstream::catalogue;

use super::{BAD_URL, Sent, of_operator, problem, reply, reply_beside, route, slug, told};
use crate::kit::second;

fn provider(method: Method) -> &'static Route {
    route(&DIALECT, method, "/v1/providers/{slug}")
}

fn put_provider(slug: &str, body: &str) -> Result<Ask, Failure> {
    let mut sent = Sent::body(body);
    sent.parameters.push(("slug", slug.to_owned()));
    sent.parse(provider(Method::Put))
}

/// A call as RFC 7009 has it, as little as can be said of it.
fn plain() -> Revocation {
    Revocation {
        method: How::Rfc7009,
        url: "https://acme.example/revoke".to_owned(),
        auth: Auth::Basic,
        body: Body::Form,
        parameter: "token".to_owned(),
        tokens: vec![TokenType::RefreshToken, TokenType::AccessToken],
        gone: vec!["invalid_token".to_owned()],
        gone_statuses: Vec::new(),
    }
}

fn acme(revocation: Option<Revocation>) -> Provider {
    Provider { slug: slug("acme"), name: "Acme".to_owned(), revocation, client_id: Some("id".to_owned()) }
}

#[test]
fn a_provider_is_put_with_defaults_or_all_it_has() {
    let least = r#"{"name":"Acme","client_id":"id","client_secret":"s","revocation":{"method":"rfc7009","url":"https://acme.example/revoke","auth":"basic"}}"#;
    let secret = Some(Secret("s".to_owned()));
    assert_eq!(put_provider("acme", least), Ok(Ask::PutProvider(acme(Some(plain())), secret)));
    let most = r#"{"name":"Acme","client_id":"id","revocation":{"method":"delete","url":"https://acme.example/{client_id}?t={token}","auth":"none","body":"json","parameter":"access_token","tokens":["access_token","access_token"],"gone_errors":["a","b"],"gone_statuses":[404,410]}}"#;
    let all = Revocation {
        method: How::Delete,
        url: "https://acme.example/{client_id}?t={token}".to_owned(),
        auth: Auth::None,
        body: Body::Json,
        parameter: "access_token".to_owned(),
        tokens: vec![TokenType::AccessToken],
        gone: vec!["a".to_owned(), "b".to_owned()],
        gone_statuses: vec![404, 410],
    };
    assert_eq!(put_provider("acme", most), Ok(Ask::PutProvider(acme(Some(all)), None)));
}

#[test]
fn what_is_not_said_of_a_provider_is_as_it_ships() {
    let google = catalogue::find(&slug("google")).unwrap();
    assert_eq!(put_provider("google", "{}"), Ok(Ask::PutProvider(google.clone(), None)));
    let renamed = Provider { name: "G".to_owned(), client_id: Some("id".to_owned()), ..google.clone() };
    assert_eq!(put_provider("google", r#"{"name":"G","client_id":"id"}"#), Ok(Ask::PutProvider(renamed, None)));
    let without = Provider { revocation: None, ..google };
    assert_eq!(put_provider("google", r#"{"revocation":null,"client_id":null}"#), Ok(Ask::PutProvider(without, None)));
    let unknown = Provider { slug: slug("acme"), name: "acme".to_owned(), revocation: None, client_id: None };
    assert_eq!(put_provider("acme", ""), Ok(Ask::PutProvider(unknown, None)));
}

#[test]
fn where_the_token_goes_follows_from_the_method() {
    for (said, body) in [
        (r#""method":"rfc7009","auth":"post""#, Some(Body::Form)),
        (r#""method":"post","auth":"none""#, Some(Body::Form)),
        (r#""method":"post","auth":"bearer","body":"none""#, Some(Body::None)),
        (r#""method":"delete","auth":"bearer""#, Some(Body::None)),
        (r#""method":"get","auth":"none","body":"query""#, Some(Body::Query)),
        (r#""method":"get","auth":"none""#, None),
        (r#""method":"post","auth":"basic","body":"none""#, None),
    ] {
        let said = format!(r#"{{"revocation":{{"url":"https://acme.example/",{said}}}}}"#);
        let asked = put_provider("acme", &said);
        let Some(body) = body else {
            let detail = "revocation.url must have {token}, where neither body nor auth says the token.";
            assert_eq!(told(asked), (400, detail.to_owned()), "{said}");
            continue;
        };
        let Ok(Ask::PutProvider(provider, _)) = asked else { panic!("{said}") };
        assert_eq!(provider.revocation.unwrap().body, body, "{said}");
    }
}

#[test]
fn bad_providers_are_told_what_they_have_to_be() {
    let text = "must be 1 to 4096 visible ASCII characters.";
    let long = format!(r#"{{"name":"{}"}}"#, "n".repeat(129));
    let whole = [
        (r#"{"name":""}"#, "name must not be empty."),
        (&long, "name must be at most 128 characters, none of them a control."),
        (r#"{"client_id":""}"#, &format!("client_id {text}")),
        (r#"{"client_id":"id","client_secret":"a b"}"#, &format!("client_secret {text}")),
        (r#"{"client_id":"id","client_secret":null}"#, "client_secret must be a string."),
        (r#"{"client_secret":"s"}"#, "client_id is required with client_secret."),
        (r#"{"revocation":[]}"#, "revocation must be an object."),
        (r#"{"revocation":"rfc7009"}"#, "revocation must be an object."),
        (r#"{"slug":"acme"}"#, "slug is not a field of this call."),
    ];
    for (body, detail) in whole {
        assert_eq!(told(put_provider("acme", body)), (400, detail.to_owned()), "{body}");
    }
    let (methods, auths) =
        ("method must be one of rfc7009, post, delete, get.", "auth must be one of basic, post, bearer, none.");
    let (parameter, statuses) = (
        "parameter must be 1 to 64 letters, digits, '-', '_' or '.'.",
        "gone_statuses must be a list of at most 16 whole numbers from 400 to 499.",
    );
    let errors = "gone_errors must be a list of texts of 1 to 128 visible ASCII characters.";
    let many = format!(r#""gone_errors":[{}"x"]"#, r#""x","#.repeat(16));
    let revocations = [
        (r#""method":"put""#, methods),
        (r#""method":"RFC7009""#, methods),
        (r#""auth":"digest""#, auths),
        (r#""body":"xml""#, "body must be one of form, json, query, none."),
        (r#""method":"get","body":"json""#, "body must be query or none, where the method is get."),
        (r#""url":"http://acme.example/revoke""#, &format!("url {BAD_URL}")),
        (r#""url":"https://10.0.0.1/revoke""#, &format!("url {BAD_URL}")),
        (r#""url":"https://{token}.example/""#, &format!("url {BAD_URL}")),
        (r#""url":"http://localhost/revoke""#, &format!("url {BAD_URL}")),
        (r#""url":"https://acme.example/{secret}""#, "url must have no braces but those of {client_id} and {token}."),
        (r#""url":"https://acme.example/{token""#, "url must have no braces but those of {client_id} and {token}."),
        (r#""parameter":"""#, parameter),
        (r#""parameter":"a=b&c""#, parameter),
        (r#""tokens":[]"#, "tokens must be a list of 1 to 2 strings."),
        (r#""tokens":["id_token"]"#, "tokens must be one of refresh_token, access_token."),
        (r#""gone_errors":[""]"#, errors),
        (r#""gone_errors":["a b"]"#, errors),
        (&many, "gone_errors must be a list of 0 to 16 strings."),
        (r#""gone_statuses":["404"]"#, statuses),
        (r#""gone_statuses":[200]"#, statuses),
        (r#""gone_statuses":404"#, statuses),
        (r#""timeout":1"#, "timeout is not a field of this call."),
    ];
    for (said, detail) in revocations {
        let rest = [("method", "rfc7009"), ("url", "https://acme.example/"), ("auth", "none")];
        let unsaid = rest.into_iter().filter(|(name, _)| !said.contains(&format!("\"{name}\":")));
        let unsaid: Vec<_> = unsaid.map(|(name, value)| format!(r#","{name}":"{value}""#)).collect();
        let asked = put_provider("acme", &format!(r#"{{"revocation":{{{said}{}}}}}"#, unsaid.concat()));
        assert_eq!(told(asked), (400, format!("revocation.{detail}")), "{said}");
    }
    for (missing, said) in [
        ("method", r#""url":"https://acme.example/","auth":"none""#),
        ("url", r#""method":"post","auth":"none""#),
        ("auth", r#""url":"https://acme.example/","method":"post""#),
    ] {
        let asked = put_provider("acme", &format!(r#"{{"revocation":{{{said}}}}}"#));
        assert_eq!(told(asked), (400, format!("revocation.{missing} is required.")));
    }
    let named = "slug must be 1 to 64 small letters, digits, '_' or '-'.";
    assert_eq!(told(put_provider("Acme", "{}")), (400, named.to_owned()));
}

#[test]
fn a_provider_is_shown_without_its_secret() {
    let stored = |secret: bool| Stored {
        provider: acme(Some(plain())),
        client_secret: secret.then(|| Sealed::stored("sealed".to_owned())),
        created_at: second(0),
        updated_at: second(1),
    };
    let body = concat!(
        r#"{"slug":"acme","name":"Acme","revocation":{"method":"rfc7009","url":"https://acme.example/revoke","#,
        r#""auth":"basic","body":"form","parameter":"token","tokens":["refresh_token","access_token"],"#,
        r#""gone_errors":["invalid_token"],"gone_statuses":[]},"client_id":"id","has_client_secret":true,"#,
        r#""source":"operator","created_at":"2026-01-01T00:00:00.000000Z","updated_at":"2026-01-01T00:00:01.000000Z"}"#
    );
    let show = |method, outcome| reply(&DIALECT, provider(method), Outcome::Operator(outcome));
    let made = show(Method::Put, OperatorOutcome::Provider(Some(stored(true)), true));
    assert_eq!((made.status, made.body.as_str()), (201, body));
    assert_eq!(made.headers, [("location", "/v1/providers/acme".to_owned())]);
    let put = show(Method::Put, OperatorOutcome::Provider(Some(stored(true)), false));
    assert_eq!((put.status, put.body.as_str(), put.headers.len()), (200, body, 0));
    let got = show(Method::Get, OperatorOutcome::Provider(Some(stored(false)), false));
    assert_eq!(got.body, body.replace("_secret\":true", "_secret\":false"));

    let missing = show(Method::Get, OperatorOutcome::Provider(None, false));
    assert!(missing.status == 404 && missing.body.contains("provider_not_found"), "{}", missing.body);
    let shipped = Beside::Shipped(Box::new(catalogue::find(&slug("spotify")).unwrap()));
    let none = Outcome::Operator(OperatorOutcome::Provider(None, false));
    let shipped = reply_beside(&DIALECT, provider(Method::Get), none, shipped);
    let body = concat!(
        r#"{"slug":"spotify","name":"Spotify","revocation":null,"client_id":null,"has_client_secret":false,"#,
        r#""source":"shipped","created_at":null,"updated_at":null}"#
    );
    assert_eq!((shipped.status, shipped.body.as_str()), (200, body));

    assert_eq!(Sent::default().of("u").parse(provider(Method::Get)), Ok(Ask::GetProvider(slug("acme"))));
    let deleted = Sent::default().of("u").parse(provider(Method::Delete));
    assert_eq!(deleted, Ok(of_operator(OperatorCommand::DeleteProvider(slug("acme")))));
    assert_eq!(show(Method::Delete, OperatorOutcome::Deleted), Reply::empty(204));
    assert_eq!(problem(&Refusal::NotThere(Thing::Provider).into(), "code"), (404, "provider_not_found".to_owned()));
}

#[test]
fn providers_are_listed_with_those_that_ship_each_once() {
    let list = route(&DIALECT, Method::Get, "/v1/providers");
    assert_eq!(Sent::default().parse(list), Ok(of_operator(OperatorCommand::ListProviders)));
    let put = ["google", "acme", "zzz"].map(|name| Stored {
        provider: Provider { slug: slug(name), ..acme(None) },
        client_secret: None,
        created_at: second(0),
        updated_at: second(0),
    });
    let shown = reply(&DIALECT, list, Outcome::Operator(OperatorOutcome::Providers(put.to_vec())));
    let body: serde_json::Value = serde_json::from_str(&shown.body).unwrap();
    let items = body["items"].as_array().unwrap();
    let slugs: Vec<_> = items.iter().map(|item| item["slug"].as_str().unwrap()).collect();
    assert!(slugs.is_sorted() && slugs.windows(2).all(|pair| pair[0] != pair[1]), "{slugs:?}");
    assert_eq!((slugs.len(), &body["next_cursor"]), (catalogue::CATALOGUE.len() + 2, &serde_json::Value::Null));
    let source = |name| items.iter().find(|item| item["slug"] == name).unwrap()["source"].as_str();
    assert_eq!(
        (source("google"), source("zzz"), source("slack")),
        (Some("operator"), Some("operator"), Some("shipped"))
    );
}
