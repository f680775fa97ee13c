//! Whatever comes in: nothing panics, and no error repeats a token that was sent.

use hookswitch::core::{Handle, Kind, Refusal, Shard, Status};
use hookswitch::dialects::call::decode_segment;
use hookswitch::dialects::routes::find;
use hookswitch::dialects::{ALL, Failure, Method};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{ASKED, Fake, Sent, dead, refused, secret};
use crate::vectors::{HANDLES, keyring, nonce, owner};

const NAMES: [&str; 29] = [
    "name",
    "user_id",
    "token",
    "tokens",
    "token_id",
    "ttl",
    "role",
    "groups",
    "external_id",
    "connectable",
    "before",
    "kinds",
    "app_id",
    "reason",
    "metadata",
    "cursor",
    "limit",
    "access_token",
    "client_id",
    "client_secret",
    "expires_at",
    "connection_id",
    "provider",
    "refresh_token",
    "revocation",
    "secret",
    "ticket",
    "upstream",
    "url",
];

/// Bodies that calls take, and chance would seldom make.
const RIGHT: [&str; 8] = [
    r#"{"name":"u"}"#,
    r#"{"token":"u"}"#,
    r#"{"user_id":"u","app_id":"u"}"#,
    r#"{"enabled":true}"#,
    r#"{"url":"https://a.example/"}"#,
    r#"{"access_token":"t"}"#,
    r#"{"connection_id":"u"}"#,
    r#"{"user_id":"u","auth_config_id":"u"}"#,
];

/// Mostly of the right shape, so that what is wrong is found deep inside as well.
fn any_sent() -> impl Strategy<Value = Sent> {
    let body = prop_oneof![
        1 => vec(any::<u8>(), 0..200),
        6 => any_fields(any_json(), "\"u\"").prop_map(|fields| object(&fields).into_bytes()),
        1 => select(RIGHT.to_vec()).prop_map(|body| body.as_bytes().to_vec()),
        1 => "[\\[\\{\"\\\\a0:,\\]\\} ]{0,60}".prop_map(String::into_bytes),
    ];
    let query = prop_oneof![
        8 => Just(String::new()),
        1 => "\\PC{0,60}",
        3 => any_fields("\\PC{0,20}", "u").prop_map(|pairs| form(&pairs)),
    ];
    let user = option::weighted(0.9, prop_oneof![Just("u".to_owned()), "(?s).{0,140}"]);
    let known = select(vec!["application/json", "Bearer  ", "Bearer u", "websocket"]).prop_map(str::to_owned);
    let header = prop_oneof!["\\PC{0,40}", known];
    let headers = prop_oneof![
        2 => Just(Vec::new()),
        1 => vec((select(vec!["content-type", "authorization", "x-apikey", "upgrade"]), header), 0..3),
    ];
    let any = (body, query.clone(), user.clone(), headers).prop_map(|(body, query, user, headers)| {
        let sent = Sent { query, headers: Fake(headers), body, ..Sent::default() };
        if let Some(user) = user { sent.of(&user) } else { sent }
    });
    let form = (any_grant(), any_fields("\\PC{0,20}", "u"), query, user).prop_map(|(grant, pairs, query, user)| {
        let headers = Fake(vec![("content-type", "application/x-www-form-urlencoded".to_owned())]);
        let body = format!("{grant}{}", form(&pairs)).into_bytes();
        Sent { query, headers, body, ..Sent::default() }.of(user.as_deref().unwrap_or("u"))
    });
    prop_oneof![3 => any, 1 => form]
}

/// What a client says first at an endpoint of OAuth.
fn any_grant() -> impl Strategy<Value = &'static str> {
    select(vec!["", "grant_type=authorization_code&code=u&", "grant_type=refresh_token&refresh_token=u&", "token=u&"])
}

/// Some of the fields that calls know, mostly of one user, and now and then one that nobody knows.
fn any_fields(value: impl Strategy<Value = String>, user: &str) -> impl Strategy<Value = Vec<(String, String)>> {
    let user = user.to_owned();
    let names = prop_oneof![subsequence(&NAMES[1..], 0..4), subsequence(&NAMES[1..4], 1)];
    let unknown = option::weighted(0.1, "\\PC{0,40}");
    (names, vec(value, 6), 0_u8..10, unknown).prop_map(move |(names, mut values, of_user, unknown)| {
        let mut fields: Vec<_> =
            names.iter().map(|name| (*name).to_owned()).chain(unknown).zip(values.split_off(1)).collect();
        match of_user {
            0..5 => fields.push(("user_id".to_owned(), user.clone())),
            5 => fields.push(("user_id".to_owned(), values.remove(0))),
            _ => {}
        }
        fields
    })
}

/// The text of some JSON value.
fn any_json() -> impl Strategy<Value = String> {
    let text = prop_oneof!["\\PC{0,20}", select(HANDLES.map(|(_, _, text)| text.to_owned()).to_vec())];
    let leaf = prop_oneof![
        4 => text.prop_map(|text| quoted(&text)),
        2 => "-?[0-9]{1,20}(\\.[0-9]{1,3})?(e[0-9]{1,3})?",
        1 => select(vec!["null", "true", "false"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(("\\PC{0,8}", inner), 0..4).prop_map(|fields| object(&fields)),
        ]
    })
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn object(fields: &[(String, String)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    format!("{{{}}}", fields.join(","))
}

fn form(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A token in one of its spellings, minted here or elsewhere, whole or cut.
fn any_token() -> impl Strategy<Value = String> {
    let minted = |(last, kind, partoo): (u64, Kind, bool)| {
        let handle: Handle = keyring().mint(nonce(0, last), 0, kind, Shard::of(&owner()));
        if partoo { handle.partoo_text() } else { handle.text() }
    };
    let token = prop_oneof![
        (any::<u64>(), select(&Kind::ALL[..]), any::<bool>()).prop_map(minted),
        "(hct_|hak_|\\\\x)[0-9a-f]{48}",
        "hct_[0-9A-F]{40,60}",
        "hct_[a-f]{48}",
    ];
    (token, 0_usize..8).prop_map(|(token, cut)| token[..token.len() - cut].to_owned())
}

/// Requests with the token wherever one might put it by mistake.
fn misplaced(token: &str) -> Vec<Sent> {
    let mut requests = vec![
        Sent { body: token.as_bytes().to_vec(), ..Sent::default() },
        Sent::body(&quoted(token)),
        Sent::body(&format!("{{{}:1}}", quoted(token))),
        Sent::body(&format!("{{{0}:1,{0}:2}}", quoted(token))),
        Sent::body(&format!("{{\"user_id\":\"u\",{}:1}}", quoted(token))),
        Sent::query(token),
        Sent::query(&form(&[(token.to_owned(), token.to_owned()), (token.to_owned(), String::new())])),
        Sent::query(&format!("user_id=u&token=%5C{token}&token={token}")),
        Sent { headers: Fake(vec![("content-type", token.to_owned())]), ..Sent::body("{}") },
        Sent { headers: Fake(vec![("authorization", token.to_owned())]), ..Sent::default() },
    ];
    for name in NAMES {
        requests.push(Sent::body(&format!("{{\"{name}\":{}}}", quoted(token))));
        requests.push(Sent::body(&format!("{{\"user_id\":\"u\",\"{name}\":[{},7]}}", quoted(token))));
        requests.push(Sent::body(&format!("{{\"{name}\":{{{}:1}}}}", quoted(token))));
        requests.push(Sent::body(&format!("{{\"url\":\"https://a.example/\",\"{name}\":{}}}", quoted(token))));
        requests.push(Sent::query(&form(&[(name.to_owned(), token.to_owned())])));
    }
    for inner in ["access_token", "expires_at", "method", "parameter", "provider", "url", token] {
        let inner = format!("{{{}:{}}}", quoted(inner), quoted(token));
        let rest = r#""user_id":"u","app_id":"crm""#;
        requests.push(Sent::body(&format!("{{{rest},\"upstream\":{inner}}}")));
        requests.push(Sent::body(&format!("{{\"revocation\":{inner}}}")));
        requests.push(Sent::body(&inner));
    }
    let wrong = ["slug", "name", "revocation_id"].map(|name| (name, token.to_owned()));
    for sent in &mut requests {
        sent.parameters.push(("user_id", format!("{token}\n")));
        sent.parameters.extend([("slug", "acme"), ("name", "hook")].map(|(name, value)| (name, value.to_owned())));
    }
    requests.push(Sent { parameters: wrong.to_vec(), ..Sent::default() });
    requests
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_sent_makes_a_dialect_panic(sent in any_sent()) {
        for dialect in ALL {
            for route in dialect.routes {
                let identified = sent.identify(dialect, route).map(|_| ());
                if let Err(failure) = identified.and_then(|()| sent.parse(route).map(|_| ())) {
                    let reply = refused(dialect, route, &failure);
                    prop_assert!((400..500).contains(&reply.status), "{}: {:?}", route.path, reply);
                    let json = reply.content_type.is_some_and(|content_type| content_type.ends_with("json"));
                    let read = serde_json::from_str::<serde_json::Value>(&reply.body);
                    prop_assert!(!json || read.is_ok(), "{:?}", reply);
                    prop_assert!(json || reply.body.starts_with("<!doctype html>"), "{:?}", reply);
                }
            }
        }
    }

    #[test]
    fn no_path_makes_it_panic(segment in "(?s).{0,40}", escaped in "(%[0-9a-fA-F]{2}|%|a){0,12}") {
        for path in [format!("/v1/users/{escaped}"), format!("/v1/users/{segment}/revoke"), segment.clone()] {
            if let Ok(found) = find(Some(Method::Post), &path) {
                prop_assert_eq!(found.route.path, "/v1/users/{user_id}/revoke");
            }
        }
        for text in [segment, escaped] {
            if let Err(failure) = decode_segment("user_id", &text) {
                let invalid = matches!(failure, Failure::Invalid { .. });
                prop_assert!(invalid);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_error_repeats_a_token_that_was_sent(token in any_token()) {
        let digits = token.trim_start_matches("\\x").to_owned();
        for sent in misplaced(&token) {
            for dialect in ALL {
                for route in dialect.routes {
                    let Err(failure) = sent.parse(route) else { continue };
                    let reply = refused(dialect, route, &failure);
                    let shown = format!("{} {:?} {failure:?}", reply.body, reply.headers);
                    prop_assert!(!shown.contains(&digits), "{} {}: {shown}", dialect.name, route.path);
                }
            }
        }
    }
}

/// That what is sent above reaches past the first check of every call: some of it is taken. And some is not, but by a
/// call that reads neither body nor query.
#[test]
fn what_is_sent_is_not_all_refused() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let sent: Vec<_> = (0..4_000).map(|_| any_sent().new_tree(&mut runner).unwrap().current()).collect();
    let junk = || Sent {
        body: b"{".to_vec(),
        query: "colour=red&colour=red".to_owned(),
        headers: Fake(vec![("authorization", "Bearer u".to_owned())]),
        ..Sent::default()
    };
    for dialect in ALL {
        for route in dialect.routes {
            let taken = sent.iter().filter(|sent| sent.parse(route).is_ok()).count();
            let takes_all = junk().of("u").parse(route).is_ok();
            assert!(taken > 0 && (taken < 4_000 || takes_all), "{}: {taken} of 4,000 (NAMES, RIGHT)", route.path);
        }
    }
}

#[test]
fn a_refusal_that_shows_the_verdict_does_not_show_the_token() {
    let text = secret().text();
    for status in [Status::Consumed, Status::Revoked] {
        let failure = Failure::Refused(Refusal::Dead(Box::new(dead(status))));
        for dialect in ALL {
            let body = (dialect.refuse)(&failure, &ASKED).body;
            assert!(!body.contains(&text[4..]) && !body.contains(secret().digest().as_str()), "{body}");
        }
    }
}
