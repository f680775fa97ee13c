//! Partoo's three calls, as its API describes them.

use hookswitch::core::cutoff::{Counts, Kinds};
use hookswitch::core::order::{Cut, Order};
use hookswitch::core::target::Target;
use hookswitch::core::{Command, Outcome, Refusal, Role, Standing, Status, TokenKind};
use hookswitch::dialects::partoo::DIALECT;
use hookswitch::dialects::{Ask, Credential, Failure, Method, Route};

use super::{ASKED, Fake, Sent, dead, public, reply, route, secret, verdict};
use crate::kit::{self, profile, second, user_id};
use crate::vectors::{HANDLES, USER, owner};

fn generate() -> &'static Route {
    route(&DIALECT, Method::Post, "/v2/connection/generate_token")
}

fn check() -> &'static Route {
    route(&DIALECT, Method::Get, "/v2/connection/check_token")
}

fn revoke() -> &'static Route {
    route(&DIALECT, Method::Post, "/v2/connection/revoke_token")
}

/// The token as it stands in a JSON text.
fn escaped() -> String {
    secret().partoo_text().replace('\\', "\\\\")
}

fn refused(failure: &Failure) -> (u16, String) {
    let reply = (DIALECT.refuse)(failure, &ASKED);
    assert_eq!(reply.content_type, Some("application/json"));
    (reply.status, reply.body)
}

#[test]
fn each_call_is_at_both_paths() {
    let (new, old): (Vec<_>, Vec<_>) = DIALECT.routes.iter().partition(|route| route.path.starts_with("/v2/"));
    assert_eq!((new.len(), old.len()), (3, 3));
    for (new, old) in new.iter().zip(old) {
        assert_eq!((new.path.strip_prefix("/v2"), new.method), (Some(old.path), old.method));
    }
}

#[test]
fn a_token_is_generated() {
    let body = format!(r#"{{"user_id":"{USER}","ttl":60}}"#);
    let order = Order::plain(TokenKind::ConnectionToken, Some(60));
    assert_eq!(Sent::body(&body).parse(generate()), Ok(Ask::Run(Command::Mint(owner(), order))));
    let order = Order::plain(TokenKind::ConnectionToken, Some(86_400));
    let default = Sent::body(&format!(r#"{{"user_id":"{USER}"}}"#)).parse(generate());
    assert_eq!(default, Ok(Ask::Run(Command::Mint(owner(), order))));

    let generated = reply(&DIALECT, generate(), Outcome::Minted(verdict(Standing::Valid)));
    let body = format!(r#"{{"token":"{}","expiration_date":"2026-01-01T00:01:00.000000+00:00"}}"#, escaped());
    assert_eq!((generated.status, generated.body), (200, body));
}

#[test]
fn a_token_is_checked_in_every_spelling() {
    let digits = &secret().text()[4..];
    for token in [format!("\\x{digits}"), format!("%5Cx{digits}"), format!("%5cx{digits}"), format!("hct_{digits}")] {
        let asked = Sent::query(&format!("user_id={USER}&token={token}")).parse(check());
        assert_eq!(asked, Ok(Ask::Check { target: Target::of(Ok(secret())), user_id: Some(owner()) }), "{token}");
    }
}

#[test]
fn another_users_token_and_what_is_no_connection_token_name_nothing() {
    let of_other = Sent::query(&format!("user_id=u&token={}", secret().text())).parse(check());
    assert_eq!(of_other, Ok(Ask::Check { target: Target::Forged, user_id: Some(user_id("u")) }));
    for text in [public().text(), HANDLES[4].2.to_owned(), "\\x".to_owned(), "forged".to_owned()] {
        let asked = Sent::query(&format!("user_id={USER}&token={text}")).parse(check());
        assert_eq!(asked, Ok(Ask::Check { target: Target::Forged, user_id: Some(owner()) }), "{text}");
    }
}

#[test]
fn a_checked_token_says_when_it_was_consumed() {
    let body = |status: &str, consumed: &str| {
        let dates = r#""expiration_date":"2026-01-01T00:01:00.000000+00:00","generated_by":"root","creation_date":"2026-01-01T00:00:00.000000+00:00""#;
        format!(r#"{{"token":"{}",{dates},"consumption_date":{consumed},"status":"{status}"}}"#, escaped())
    };
    let shown = |verdict| reply(&DIALECT, check(), Outcome::Verdict(verdict)).body;
    assert_eq!(shown(verdict(Standing::Valid)), body("valid", "null"));
    assert_eq!(shown(dead(Status::Consumed)), body("consumed", r#""2026-01-01T00:00:02.000000+00:00""#));
    assert_eq!(shown(dead(Status::Revoked)), body("revoked", "null"));
    assert_eq!(shown(dead(Status::Expired)), body("expired", "null"));
}

#[test]
fn one_token_is_revoked_or_all_of_a_user() {
    let one = Sent::body(&format!(r#"{{"user_id":"{USER}","token":"{}"}}"#, escaped())).parse(revoke());
    let target = Target::of(Ok(secret()));
    assert_eq!(one, Ok(Ask::Revoke { target, user_id: Some(owner()), reason: None }));
    let all = Sent::body(&format!(r#"{{"user_id":"{USER}"}}"#)).parse(revoke());
    let cut = Cut { before: None, app_id: None, kinds: Kinds::from_iter([TokenKind::ConnectionToken]), reason: None };
    assert_eq!(all, Ok(Ask::Run(Command::RevokeUser { user_id: owner(), cut, dry_run: false })));
}

#[test]
fn revoking_what_is_not_valid_says_what_it_is() {
    let of = |previous| {
        let status = if previous == Status::Valid { Status::Revoked } else { previous };
        let reply = reply(&DIALECT, revoke(), Outcome::Revoked { previous, verdict: dead(status) });
        (reply.status, reply.body)
    };
    assert_eq!(of(Status::Valid), (200, "{}".to_owned()));
    for status in [Status::Consumed, Status::Revoked, Status::Expired] {
        let body = format!(r#"{{"errors":{{"json":{{"token":"Token is {}"}}}}}}"#, status.as_str());
        assert_eq!(of(status), (400, body));
    }
}

#[test]
fn revoking_all_of_a_user_that_has_nothing_is_404() {
    let of = |count| {
        let mut revoked = Counts::default();
        revoked.add(TokenKind::ConnectionToken, count);
        let user = kit::user("u", profile(Role::Member, &[]));
        let outcome = Outcome::UserRevoked { user, before: second(1), revoked, dry_run: false };
        let reply = reply(&DIALECT, revoke(), outcome);
        (reply.status, reply.body)
    };
    assert_eq!(of(2), (200, "{}".to_owned()));
    assert_eq!(of(0), (404, r#"{"errors":{"json":"Resource not found"}}"#.to_owned()));
}

#[test]
fn bad_input_is_400_with_an_object() {
    let ttl = r#"{"errors":{"json":{"ttl":"must be a whole number from 1 to 86400"}}}"#;
    let required = r#"{"errors":{"json":{"user_id":"is required"}}}"#;
    let table = [
        (generate(), Sent::body("{}"), required),
        (generate(), Sent::body(r#"{"user_id":"u","ttl":0}"#), ttl),
        (generate(), Sent::body(r#"{"user_id":"u","ttl":86401}"#), ttl),
        (generate(), Sent::body(r#"{"user_id":"u","ttl":true}"#), ttl),
        (generate(), Sent::body(r#"{"user_id":["u"]}"#), r#"{"errors":{"json":{"user_id":"must be a string"}}}"#),
        (generate(), Sent::body("{"), r#"{"errors":{"json":{"body":"The body is not JSON: line 1, column 2."}}}"#),
        (check(), Sent::query(""), required),
        (check(), Sent::query("user_id=u"), r#"{"errors":{"json":{"token":"is required"}}}"#),
        (check(), Sent::query("user_id=u&user_id=v"), r#"{"errors":{"json":{"user_id":"must be given once"}}}"#),
        (revoke(), Sent::body(r#"{"token":"x"}"#), required),
        (
            revoke(),
            Sent::body(r#"{"user_id":"u","token":null}"#),
            r#"{"errors":{"json":{"token":"must be a string"}}}"#,
        ),
    ];
    for (route, sent, body) in table {
        assert_eq!(refused(&sent.parse(route).unwrap_err()), (400, body.to_owned()), "{}", route.path);
    }
}

#[test]
fn errors_are_as_the_guide_has_them() {
    let errors = |area: &str, what: &str| format!(r#"{{"errors":{{"{area}":"{what}"}}}}"#);
    let table = [
        (Failure::KeyMissing, 401, errors("authentication", "User not authenticated")),
        (Failure::KeyInvalid, 401, errors("authentication", "User not authenticated")),
        (Refusal::Forbidden.into(), 403, errors("authorization", "Operation not allowed")),
        (Refusal::NotConnectable.into(), 403, errors("authorization", "Operation not allowed")),
        (Refusal::UserUnknown.into(), 404, errors("json", "Resource not found")),
        (Refusal::TokenUnknown.into(), 404, errors("json", "Resource not found")),
        (Failure::NotFound, 404, errors("json", "Resource not found")),
        (Failure::MediaType, 415, errors("json", "Unsupported media type. Please use application/json")),
    ];
    for (failure, status, body) in table {
        assert_eq!(refused(&failure), (status, body), "{failure:?}");
    }
    let unavailable = (DIALECT.refuse)(&Failure::Unavailable, &ASKED);
    assert_eq!(unavailable.headers, [("retry-after", "1".to_owned())]);
}

#[test]
fn the_key_is_in_its_own_header() {
    let headers = |name| Fake(vec![(name, "hak_1".to_owned())]);
    let found = Sent { headers: headers("x-apikey"), ..Sent::default() }.identify(&DIALECT, generate());
    assert!(found == Ok(Credential::Key("hak_1".to_owned())));
    let bearer = Sent { headers: headers("authorization"), ..Sent::default() }.identify(&DIALECT, generate());
    assert!(bearer == Ok(Credential::Missing));
}
