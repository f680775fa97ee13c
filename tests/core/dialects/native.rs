//! The native API: what it asks for, what it answers, and what it says to bad input.

use hookswitch::core::codec::Forged;
use hookswitch::core::cutoff::{Counts, Kinds};
use hookswitch::core::event::{EventType, Recorded};
use hookswitch::core::json::Object;
use hookswitch::core::order::{Cut, Order, Page};
use hookswitch::core::target::Target;
use hookswitch::core::user::Profile;
use hookswitch::core::{
    Actor, AppId, Command, Event, ExternalId, Json, Outcome, Refusal, Role, Standing, Status, TokenId, TokenKind,
};
use hookswitch::dialects::native::DIALECT;
use hookswitch::dialects::routes::find;
use hookswitch::dialects::{Ask, Credential, Failure, Method, Route};

use super::{ASKED, Fake, Sent, dead, is_open, public, reply, route, secret, verdict};
use crate::kit::{self, groups, profile, second, user_id};
use crate::vectors::{USER, owner};

fn post(path: &str) -> &'static Route {
    route(&DIALECT, Method::Post, path)
}

fn asked(route: &Route, sent: &Sent) -> Ask {
    sent.parse(route).unwrap()
}

fn target() -> Target {
    Target::of(Ok(secret()))
}

#[test]
fn a_user_is_put_with_defaults_or_all_it_has() {
    let put = route(&DIALECT, Method::Put, "/v1/users/{user_id}");
    let default = asked(put, &Sent::body("{}").of("u"));
    assert_eq!(default, Ask::Run(Command::PutUser(user_id("u"), profile(Role::Member, &[]))));

    let body = r#"{"role":"manager","groups":["b","a","b"],"external_id":"x|1","connectable":false}"#;
    let external_id = ExternalId::parse("x|1").ok();
    let all = Profile { role: Role::Manager, groups: groups(&["a", "b"]), external_id, connectable: false };
    assert_eq!(asked(put, &Sent::body(body).of("ü 1")), Ask::Run(Command::PutUser(user_id("ü 1"), all)));
    let unset = asked(put, &Sent::body(r#"{"external_id":null}"#).of("u"));
    assert_eq!(unset, default);
}

#[test]
fn a_token_is_ordered_for_a_day_or_less() {
    let mint = post("/v1/tokens");
    let plain = |ttl| Ask::Run(Command::Mint(user_id("u"), Order::plain(TokenKind::ConnectionToken, Some(ttl))));
    assert_eq!(asked(mint, &Sent::body(r#"{"user_id":"u"}"#)), plain(86_400));
    assert_eq!(asked(mint, &Sent::body(r#"{"user_id":"u","ttl":1}"#)), plain(1));
    assert_eq!(asked(mint, &Sent::body(r#"{"user_id":"u","ttl":60.0}"#)), plain(60));
    let body = r#"{"metadata":{"b":[1,{"c":null}],"a":"ü"},"user_id":"u","app_id":"crm","scope":"s","redirect_uri":"app:r","label":"l"}"#;
    let Ask::Run(Command::Mint(_, order)) = asked(mint, &Sent::body(body)) else { panic!("no order") };
    assert_eq!(order.metadata.unwrap().as_str(), r#"{"b":[1,{"c":null}],"a":"ü"}"#, "as it came");
    assert_eq!((order.app_id, order.label), (AppId::parse("crm").ok(), Some("l".to_owned())));
    assert_eq!((order.scope, order.redirect_uri), (Some(kit::scope("s")), Some("app:r".to_owned())));

    let key = asked(post("/v1/api-keys"), &Sent::body(r#"{"user_id":"u","ttl":null}"#));
    assert_eq!(key, Ask::Run(Command::Mint(user_id("u"), Order::plain(TokenKind::ApiKey, None))));
}

#[test]
fn a_token_is_named_by_its_secret_in_any_spelling_or_by_its_id() {
    let check = post("/v1/tokens/check");
    for text in [secret().text(), secret().partoo_text().replace('\\', "\\\\"), secret().text().replace('a', "A")] {
        let named = asked(check, &Sent::body(&format!(r#"{{"token":"{text}"}}"#)));
        assert_eq!(named, Ask::Check { target: target(), user_id: None });
    }
    let id = public().text();
    let by_id = asked(check, &Sent::body(&format!(r#"{{"token_id":"{id}","user_id":"{USER}"}}"#)));
    assert_eq!(by_id, Ask::Check { target: Target::of(Ok(public())), user_id: Some(owner()) });
    let of_other = asked(check, &Sent::body(&format!(r#"{{"token_id":"{id}","user_id":"u"}}"#)));
    assert_eq!(of_other, Ask::Check { target: Target::Forged, user_id: Some(user_id("u")) });
    let secret_as_id = asked(check, &Sent::body(&format!(r#"{{"token_id":"{}"}}"#, secret().text())));
    assert_eq!(secret_as_id, Ask::Check { target: Target::Forged, user_id: None });

    let batch = asked(check, &Sent::body(&format!(r#"{{"tokens":["{}","forged"]}}"#, secret().text())));
    assert_eq!(batch, Ask::CheckBatch(vec![target(), Target::of(Err(Forged))]));
    let consume = asked(post("/v1/tokens/consume"), &Sent::body(&format!(r#"{{"token":"{}"}}"#, secret().text())));
    assert_eq!(consume, Ask::Consume(target()));
    let body = format!(r#"{{"token":"{}","reason":"lost"}}"#, secret().text());
    let revoke = asked(post("/v1/tokens/revoke"), &Sent::body(&body));
    assert_eq!(revoke, Ask::Revoke { target: target(), user_id: None, reason: Some("lost".to_owned()) });
}

#[test]
fn a_user_that_was_made_is_said_to_be_at_its_path() {
    let made = Outcome::User(kit::user("ü/1", profile(Role::Member, &[])), true);
    let put = reply(&DIALECT, route(&DIALECT, Method::Put, "/v1/users/{user_id}"), made);
    let location = "/v1/users/%C3%BC%2F1";
    assert_eq!(put.headers, [("location", location.to_owned())]);
    let found = find(Some(Method::Get), location).ok().map(|found| found.parameters);
    assert_eq!(found, Some(vec![("user_id", "ü/1".to_owned())]));
}

#[test]
fn what_a_call_does_not_take_in_its_query_is_refused() {
    for route in DIALECT.routes.iter().filter(|route| !is_open(route)) {
        let sent = Sent { query: "colour=red".to_owned(), ..Sent::body(r#"{"user_id":"u","token":"x"}"#) }.of("u");
        let refused = sent.parse(route);
        assert_eq!(refused, Err(Failure::invalid("colour", "is not a field of this call")), "{}", route.path);
    }
}

#[test]
fn a_user_is_revoked_whole_or_in_part() {
    let revoke = post("/v1/users/{user_id}/revoke");
    let all = Cut { before: None, app_id: None, kinds: Kinds::ALL, reason: None };
    let whole = Command::RevokeUser { user_id: user_id("u"), cut: all, dry_run: false };
    assert_eq!(asked(revoke, &Sent::default().of("u")), Ask::Run(whole), "without a body");
    let body =
        r#"{"before":"2026-01-01T01:00:01+01:00","app_id":"crm","kinds":["api_key"],"reason":"r","dry_run":true}"#;
    let cut = Cut {
        before: Some(second(1)),
        app_id: AppId::parse("crm").ok(),
        kinds: Kinds::from_iter([TokenKind::ApiKey]),
        reason: Some("r".to_owned()),
    };
    let part = Command::RevokeUser { user_id: user_id("u"), cut, dry_run: true };
    assert_eq!(asked(revoke, &Sent::body(body).of("u")), Ask::Run(part));
}

#[test]
fn lists_are_read_page_by_page() {
    let tokens = route(&DIALECT, Method::Get, "/v1/users/{user_id}/tokens");
    let first = Page { before: None, limit: 50 };
    let all = Command::ListTokens { user_id: user_id("u"), page: first, status: None, kind: None };
    assert_eq!(asked(tokens, &Sent::default().of("u")), Ask::Run(all));
    let page = Page { before: Some(7), limit: 100 };
    let query = Sent::query("limit=100&cursor=7&status=expired&kind=api_key").of("u");
    let (status, kind) = (Some(Status::Expired), Some(TokenKind::ApiKey));
    assert_eq!(asked(tokens, &query), Ask::Run(Command::ListTokens { user_id: user_id("u"), page, status, kind }));
    let events = route(&DIALECT, Method::Get, "/v1/users/{user_id}/events");
    let event_type = Some(EventType::TokenConsumed);
    let wanted = Command::ListEvents { user_id: user_id("u"), page: first, event_type };
    assert_eq!(asked(events, &Sent::query("type=token.consumed").of("u")), Ask::Run(wanted));
}

#[test]
fn bad_input_is_told_what_it_has_to_be() {
    let (tokens, check, consume) = ("/v1/tokens", "/v1/tokens/check", "/v1/tokens/consume");
    let (keys, revoke) = ("/v1/api-keys", "/v1/users/{user_id}/revoke");
    let ttl = "ttl must be a whole number from 1 to 86400.";
    let long = format!(r#"{{"user_id":"{}"}}"#, "u".repeat(129));
    let many = format!(r#"{{"tokens":[{}""]}}"#, r#""","#.repeat(100));
    let large = format!(r#"{{"user_id":"u","metadata":{{"k":"{}"}}}}"#, "v".repeat(4_096));
    let name = format!(r#"{{"{}":1,"user_id":"u"}}"#, secret().text());
    let table = [
        (tokens, "", "user_id is required."),
        (tokens, "{", "The body is not JSON: line 1, column 2."),
        (tokens, "[]", "body must be a JSON object."),
        (tokens, "\"u\"", "body must be a JSON object."),
        (tokens, r#"{"user_id":"u"} x"#, "The body is not JSON: line 1, column 17."),
        (tokens, r#"{"user_id":7}"#, "user_id must be a string."),
        (tokens, r#"{"user_id":null}"#, "user_id must be a string."),
        (tokens, r#"{"user_id":""}"#, "user_id must be 1 to 128 bytes without control characters."),
        (tokens, "{\"user_id\":\"a\\u0000\"}", "user_id must be 1 to 128 bytes without control characters."),
        (tokens, &long, "user_id must be 1 to 128 bytes without control characters."),
        (tokens, r#"{"user_id":"root"}"#, "user_id is reserved."),
        (tokens, r#"{"user_id":"u","ttl":0}"#, ttl),
        (tokens, r#"{"user_id":"u","ttl":-1}"#, ttl),
        (tokens, r#"{"user_id":"u","ttl":0.5}"#, ttl),
        (tokens, r#"{"user_id":"u","ttl":86401}"#, ttl),
        (tokens, r#"{"user_id":"u","ttl":1e300}"#, ttl),
        (tokens, r#"{"user_id":"u","ttl":4294967297}"#, ttl),
        (tokens, r#"{"user_id":"u","ttl":"60"}"#, ttl),
        (tokens, r#"{"user_id":"u","ttl":null}"#, ttl),
        (tokens, r#"{"user_id":"u","metadata":[]}"#, "metadata must be an object of at most 4096 bytes of JSON."),
        (tokens, &large, "metadata must be an object of at most 4096 bytes of JSON."),
        (tokens, r#"{"user_id":"u","colour":"red"}"#, "colour is not a field of this call."),
        (tokens, &name, "body is not a field of this call."),
        (keys, r#"{"user_id":"u","ttl":0}"#, "ttl must be a whole number from 1 to 3155760000."),
        (check, "{}", "token is required."),
        (check, r#"{"token":"x","token_id":"y"}"#, "token and token_id exclude each other."),
        (check, r#"{"token":"x","tokens":["y"]}"#, "token is not a field of this call."),
        (check, r#"{"tokens":[]}"#, "tokens must be a list of 1 to 100 strings."),
        (check, r#"{"tokens":[7]}"#, "tokens must be a list of 1 to 100 strings."),
        (check, &many, "tokens must be a list of 1 to 100 strings."),
        (consume, r#"{"token":["x"]}"#, "token must be a string."),
        (consume, r#"{"token_id":"x"}"#, "token is required."),
        (revoke, r#"{"before":"yesterday"}"#, "before must be a date and time of RFC 3339."),
        (revoke, r#"{"kinds":[]}"#, "kinds must be a list of 1 to 8 strings."),
        (revoke, r#"{"dry_run":"yes"}"#, "dry_run must be true or false."),
    ];
    for (path, body, detail) in table {
        let failure = Sent::body(body).of("u").parse(post(path)).unwrap_err();
        let reply = (DIALECT.refuse)(&failure, &ASKED);
        let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((reply.status, problem["detail"].as_str()), (400, Some(detail)), "{path} {body}");
    }
}

#[test]
fn a_field_that_comes_twice_is_refused() {
    for body in [
        r#"{"user_id":"u","user_id":"v"}"#,
        r#"{"user_id":"u","ttl":1,"ttl":1}"#,
        r#"{"user_id":"u","\u0074tl":1,"ttl":2}"#,
    ] {
        let failure = Sent::body(body).parse(post("/v1/tokens")).unwrap_err();
        assert_eq!((DIALECT.refuse)(&failure, &ASKED).status, 400, "{body}");
    }
    let users = route(&DIALECT, Method::Get, "/v1/users/{user_id}/tokens");
    let twice = Sent::query("limit=1&limit=1").of("u").parse(users);
    assert_eq!(twice, Err(Failure::invalid("limit", "must be given once")));
}

#[test]
fn a_body_in_another_format_is_refused() {
    for (content_type, taken) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/vnd.a+json", true),
        ("", true),
        ("text/plain", false),
        ("application/x-www-form-urlencoded", false),
        ("application/jsonp", false),
    ] {
        let headers = Fake(vec![("content-type", content_type.to_owned())]);
        let failure = Sent { headers, ..Sent::body(r#"{"user_id":"u"}"#) }.parse(post("/v1/tokens")).err();
        assert_eq!(failure, (!taken).then_some(Failure::MediaType), "{content_type}");
    }
    let not_text = Sent { body: vec![b'{', 0xff, b'}'], ..Sent::default() }.parse(post("/v1/tokens"));
    assert_eq!(not_text, Err(Failure::invalid("body", "must be UTF-8")));
}

#[test]
fn the_key_is_a_bearer_token() {
    for (header, key) in [
        (Some("Bearer hak_1"), Some("hak_1")),
        (Some("bearer   hak_1 "), Some("hak_1")),
        (Some("Basic hak_1"), None),
        (Some("hak_1"), None),
        (None, None),
    ] {
        let headers = Fake(header.iter().map(|text| ("authorization", (*text).to_owned())).collect());
        let found = Sent { headers, ..Sent::default() }.identify(&DIALECT, post("/v1/tokens"));
        assert!(found == Ok(key.map_or(Credential::Missing, |key| Credential::Key(key.to_owned()))), "{header:?}");
    }
}

const VALID: &str = r#""status":"valid","as_of":"2026-01-01T00:00:03.000000Z","source":"ledger""#;
const WHOSE: &str = concat!(
    r#""user_id":"5309c3a237bbc544d8e26737","token_id":"TOKEN_ID","kind":"connection_token","#,
    r#""created_at":"2026-01-01T00:00:00.000000Z","expires_at":"2026-01-01T00:01:00.000000Z""#
);
const ALIVE: &str = r#""consumed_at":null,"revoked_at":null,"reason":null,"by":null"#;
const FACTS: &str = concat!(
    r#""created_by":"root","app_id":null,"connection_id":null,"scope":null,"#,
    r#""redirect_uri":null,"label":"door","metadata":null"#
);

fn text(body: &str) -> String {
    body.replace("TOKEN_ID", &public().text()).replace("TOKEN", &secret().text())
}

#[test]
fn verdicts_are_written_member_for_member() {
    let check = post("/v1/tokens/check");
    let valid = reply(&DIALECT, check, Outcome::Verdict(verdict(Standing::Valid)));
    assert_eq!((valid.status, valid.content_type), (200, Some("application/json")));
    assert_eq!(valid.body, text(&format!("{{{VALID},{WHOSE},{ALIVE},{FACTS}}}")));

    let revoked = reply(&DIALECT, check, Outcome::Verdict(dead(Status::Revoked).replica().unwrap()));
    let since = r#""consumed_at":null,"revoked_at":"2026-01-01T00:00:02.000000Z","reason":"lost","by":"root""#;
    let says = r#""status":"revoked","as_of":"2026-01-01T00:00:03.000000Z","source":"replica""#;
    assert_eq!(revoked.body, text(&format!("{{{says},{WHOSE},{since},{FACTS}}}")));

    let verdicts = vec![None, Some(verdict(Standing::Valid))];
    let batch = reply(&DIALECT, check, Outcome::Checked { verdicts, as_of: second(3) });
    let unknown = r#""status":"unknown","as_of":"2026-01-01T00:00:03.000000Z""#;
    assert_eq!(batch.body, text(&format!(r#"{{"items":[{{{unknown}}},{{{VALID},{WHOSE},{ALIVE},{FACTS}}}]}}"#)));

    let outcome = Outcome::Revoked { previous: Status::Valid, verdict: dead(Status::Revoked) };
    let changed = reply(&DIALECT, post("/v1/tokens/revoke"), outcome);
    let says = says.replace("replica", "ledger");
    let body = format!(r#"{{"changed":true,"previous":"valid",{says},{WHOSE},{since},{FACTS}}}"#);
    assert_eq!(changed.body, text(&body));
}

#[test]
fn what_was_minted_is_shown_with_its_secret() {
    let minted = reply(&DIALECT, post("/v1/tokens"), Outcome::Minted(verdict(Standing::Valid)));
    let whose = concat!(
        r#""token_id":"TOKEN_ID","user_id":"5309c3a237bbc544d8e26737","kind":"connection_token","status":"valid","#,
        r#""created_at":"2026-01-01T00:00:00.000000Z","expires_at":"2026-01-01T00:01:00.000000Z""#
    );
    assert_eq!((minted.status, minted.body), (201, text(&format!(r#"{{"token":"TOKEN",{whose},{FACTS}}}"#))));
    let key = reply(&DIALECT, post("/v1/api-keys"), Outcome::Minted(verdict(Standing::Valid)));
    let body = format!(r#"{{"api_key":"TOKEN",{whose},"created_by":"root","label":"door"}}"#);
    assert_eq!((key.status, key.body), (201, text(&body)));
}

#[test]
fn users_counts_and_events_are_written_member_for_member() {
    let user = kit::user("u", profile(Role::Member, &["a"]));
    let body = concat!(
        r#"{"user_id":"u","role":"member","groups":["a"],"external_id":null,"connectable":true,"#,
        r#""created_at":"2026-01-01T00:00:00.000000Z","updated_at":"2026-01-01T00:00:00.000000Z"}"#
    );
    for (made, status) in [(true, 201), (false, 200)] {
        let put =
            reply(&DIALECT, route(&DIALECT, Method::Put, "/v1/users/{user_id}"), Outcome::User(user.clone(), made));
        assert_eq!((put.status, put.body.as_str()), (status, body));
    }
    let consumed = Outcome::Consumed(dead(Status::Consumed), user.clone(), None);
    let consumed = reply(&DIALECT, post("/v1/tokens/consume"), consumed).body;
    assert!(consumed.contains(r#""consumed_at":"2026-01-01T00:00:02.000000Z","revoked_at":null"#), "{consumed}");
    assert!(consumed.ends_with(&format!(r#","user":{body},"connection":null}}"#)), "{consumed}");

    let mut revoked = Counts::default();
    revoked.add(TokenKind::ApiKey, 2);
    let outcome = Outcome::UserRevoked { user, before: second(1), revoked, dry_run: true };
    let counts = concat!(
        r#"{"user_id":"u","dry_run":true,"before":"2026-01-01T00:00:01.000000Z","#,
        r#""revoked":{"connection_token":0,"access_token":0,"refresh_token":0,"api_key":2,"connection":0},"total":2}"#
    );
    assert_eq!(reply(&DIALECT, post("/v1/users/{user_id}/revoke"), outcome).body, counts);

    let event = Event {
        event_type: EventType::TokenRevoked,
        at: second(2),
        actor: Actor::root(),
        user_id: owner(),
        token_id: TokenId::parse(&public().text()).ok(),
        kind: Some(TokenKind::ConnectionToken),
        connection_id: None,
        data: Json::from(Object::new().with("reason", "lost")),
    };
    let page = Outcome::Events(vec![Recorded { seq: 255, event }], Some(255));
    let events = reply(&DIALECT, route(&DIALECT, Method::Get, "/v1/users/{user_id}/events"), page);
    let shard = hookswitch::core::Shard::of(&owner()).name();
    let body = format!(
        r#"{{"items":[{{"id":"evt_{shard}000000ff","type":"token.revoked","at":"2026-01-01T00:00:02.000000Z","actor":"root","user_id":"{USER}","token_id":"TOKEN_ID","kind":"connection_token","connection_id":null,"data":{{"reason":"lost"}}}}],"next_cursor":"255"}}"#
    );
    assert_eq!(events.body, text(&body));
}

#[test]
fn problems_have_stable_codes_and_the_headers_that_belong_to_them() {
    let table = [
        (Refusal::Forbidden.into(), 403, "forbidden"),
        (Refusal::NotConnectable.into(), 403, "user_not_connectable"),
        (Refusal::UserUnknown.into(), 404, "user_not_found"),
        (Refusal::TokenUnknown.into(), 404, "token_not_found"),
        (Refusal::Dead(Box::new(dead(Status::Consumed))).into(), 409, "token_consumed"),
        (Refusal::Dead(Box::new(dead(Status::Revoked))).into(), 409, "token_revoked"),
        (Refusal::Dead(Box::new(dead(Status::Expired))).into(), 409, "token_expired"),
        (Refusal::NotAConnectionToken.into(), 400, "not_a_connection_token"),
        (Refusal::IdempotencyConflict.into(), 409, "idempotency_conflict"),
        (Failure::KeyMissing, 401, "unauthenticated"),
        (Failure::RateLimited { retry_after: "10" }, 429, "rate_limited"),
        (Failure::MethodNotAllowed { allow: "PUT".into() }, 405, "method_not_allowed"),
        (Failure::Unavailable, 503, "unavailable"),
        (Failure::Misconfigured(Box::new([("HOOKSWITCH_SECRET", "is missing")])), 503, "misconfigured"),
        (Failure::Internal("not for outside"), 500, "internal"),
    ];
    for (failure, status, code) in table {
        let reply = (DIALECT.refuse)(&failure, &ASKED);
        let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(reply.content_type, Some("application/problem+json"));
        assert_eq!((reply.status, problem["status"].as_u64()), (status, Some(u64::from(status))));
        assert_eq!((problem["code"].as_str(), problem["request_id"].as_str()), (Some(code), Some("request")));
        assert_eq!(problem["verdict"].is_object(), matches!(failure, Failure::Refused(Refusal::Dead(_))));
        assert!(!reply.body.contains("not for outside"));
    }
    let headers = [
        (Failure::KeyMissing, "www-authenticate", "Bearer realm=\"hookswitch\""),
        (Failure::KeyInvalid, "www-authenticate", "Bearer realm=\"hookswitch\", error=\"invalid_token\""),
        (Failure::RateLimited { retry_after: "10" }, "retry-after", "10"),
        (Failure::MethodNotAllowed { allow: "PUT".into() }, "allow", "PUT"),
        (Failure::Unavailable, "retry-after", "1"),
        (Failure::Misconfigured(Box::default()), "retry-after", "1"),
    ];
    for (failure, name, value) in headers {
        assert_eq!((DIALECT.refuse)(&failure, &ASKED).headers, [(name, value.to_owned())], "{failure:?}");
    }
}
