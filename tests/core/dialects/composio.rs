//! Composio's connected accounts, as its API and its clients have them.

use hookswitch::core::command::{Action, Command};
use hookswitch::core::connection::{Connection, ConnectionStanding};
use hookswitch::core::order::Order;
use hookswitch::core::{
    ConnectionStatus, ConnectionVerdict, Credential, CredentialState, Link, Outcome, Refusal, Slug, TokenKind,
    TokenType,
};
use hookswitch::dialects::composio::DIALECT;
use hookswitch::dialects::{Accounts, Ask, Beside, Credential as Key, Done, Failure, Method, Reply, Route};
use serde_json::{Value, json};

use super::{ASKED, Fake, Sent, context, refused, route};
use crate::kit::{self, app_id, second, user_id};
use crate::vectors::{HANDLES, keyring};

const ACCOUNTS: &str = "/api/v3.1/connected_accounts";

fn at(method: Method, rest: &str) -> &'static Route {
    route(&DIALECT, method, &format!("{ACCOUNTS}{rest}"))
}

fn list() -> &'static Route {
    at(Method::Get, "")
}

fn get() -> &'static Route {
    at(Method::Get, "/{nanoid}")
}

fn switch() -> &'static Route {
    at(Method::Patch, "/{nanoid}/status")
}

fn delete() -> &'static Route {
    at(Method::Delete, "/{nanoid}")
}

fn revoke() -> &'static Route {
    at(Method::Post, "/{nanoid}/revoke")
}

/// The known connection.
fn known() -> Link {
    Link::of(keyring().open(HANDLES[5].2))
}

fn accounts() -> Accounts {
    Accounts { limit: 20, ..Accounts::default() }
}

fn asked(query: &str) -> Result<Ask, Failure> {
    Sent::query(query).parse(list())
}

#[test]
fn a_link_is_a_token_for_ten_minutes() {
    let link = at(Method::Post, "/link");
    let asked = Sent::body(r#"{"user_id":"u","auth_config_id":"crm","callback_url":"https://a.example/","alias":"x"}"#);
    let order = Order {
        app_id: Some(app_id("crm")),
        redirect_uri: Some("https://a.example/".to_owned()),
        ..Order::plain(TokenKind::ConnectionToken, Some(600))
    };
    assert_eq!(asked.parse(link), Ok(Ask::Run(Command::Mint(user_id("u"), order))));
    for body in [r#"{"user_id":"u"}"#, r#"{"auth_config_id":"crm"}"#, r#"{"user_id":"u","auth_config_id":7}"#] {
        assert!(Sent::body(body).parse(link).is_err(), "{body}");
    }
}

fn credential(token_type: TokenType, state: CredentialState) -> Credential {
    Credential {
        seq: 7,
        connection_id: kit::connection_id(1),
        token_type,
        state,
        expires_at: None,
        attempts: 1,
        due_at: None,
        changed_at: second(2),
        error: None,
    }
}

/// A connection in this status since the second second, which holds or held these.
fn verdict(status: ConnectionStatus, held: &[(TokenType, CredentialState)]) -> ConnectionVerdict {
    let standing = ConnectionStanding { status, at: second(2), by: None, reason: None };
    ConnectionVerdict {
        user_id: user_id("u"),
        connection: Connection { provider: Slug::parse("github").ok(), ..kit::connection(1, status) },
        standing,
        credentials: held.iter().map(|(token_type, state)| credential(*token_type, *state)).collect(),
        as_of: second(3),
    }
}

fn reply_with(route: &Route, outcome: Outcome, beside: Beside) -> Reply {
    let done = Done { outcome, handles: Vec::new(), apps: Vec::new(), beside, replayed: false, context: context() };
    (route.render)(&done).unwrap_or_else(|failure| refused(&DIALECT, route, &failure))
}

fn reply(route: &Route, outcome: Outcome) -> (u16, Value) {
    let reply = reply_with(route, outcome, Beside::Nothing);
    (reply.status, body(&reply))
}

fn body(reply: &Reply) -> Value {
    assert_eq!(reply.content_type, Some("application/json"));
    serde_json::from_str(&reply.body).unwrap()
}

fn shown(status: ConnectionStatus, held: &[(TokenType, CredentialState)]) -> Value {
    reply(get(), Outcome::Connection(verdict(status, held))).1
}

fn changed(previous: ConnectionStatus, verdict: ConnectionVerdict) -> Outcome {
    Outcome::ConnectionChanged { previous, verdict }
}

const RETRIED: (TokenType, CredentialState) = (TokenType::RefreshToken, CredentialState::Revoking);
const REVOKED: (TokenType, CredentialState) = (TokenType::AccessToken, CredentialState::Revoked);
const GONE: (TokenType, CredentialState) = (TokenType::RefreshToken, CredentialState::Gone);

#[test]
fn each_call_is_there_in_both_versions_but_the_revocation() {
    let (new, old): (Vec<_>, Vec<_>) = DIALECT.routes.iter().partition(|route| route.path.starts_with("/api/v3.1/"));
    let of = |routes: Vec<&Route>, prefix: &str| -> Vec<_> {
        let paths = routes.into_iter().map(|route| (route.method.allow(), route.path.strip_prefix(prefix).unwrap()));
        paths.filter(|(_, path)| !path.ends_with("/revoke")).collect()
    };
    assert_eq!((new.len(), old.len()), (6, 5));
    assert_eq!(of(new, "/api/v3.1"), of(old, "/api/v3"));
}

#[test]
fn the_key_is_an_admins_in_either_header() {
    for name in ["x-api-key", "x-user-api-key"] {
        let sent = Sent { headers: Fake(vec![(name, "hak_1".to_owned())]), ..Sent::default() };
        assert!(sent.identify(&DIALECT, revoke()) == Ok(Key::AdminKey("hak_1".to_owned())), "{name}");
    }
    assert!(Sent::default().identify(&DIALECT, revoke()) == Ok(Key::Missing));
}

#[test]
fn a_list_takes_filters_joined_and_repeated() {
    let expected = Accounts {
        ids: vec![known(), Link::Forged],
        user_ids: vec![user_id("ada"), user_id("b|2")],
        app_ids: vec![app_id("crm"), app_id("calendar")],
        providers: vec![Slug::parse("github").unwrap(), Slug::parse("slack").unwrap()],
        statuses: vec![ConnectionStatus::Active, ConnectionStatus::Revoked, ConnectionStatus::Revoking],
        dead_in_part: Some(true),
        cursor: Some("next".to_owned()),
        limit: 5,
    };
    let id = HANDLES[5].2;
    let rest = "cursor=next&limit=5&order_by=created_at&order_direction=desc&account_type=ALL";
    let joined = format!(
        "toolkit_slugs=github%2CSLACK&statuses=ACTIVE%2CREVOKED&user_ids=ada%2Cb%7C2&auth_config_ids=crm%2Ccalendar\
         &connected_account_ids={id},ca_gone&{rest}"
    );
    let repeated = format!(
        "toolkit_slugs=GITHUB&toolkit_slugs=slack&statuses=ACTIVE&statuses=REVOKED&user_ids=ada&user_ids=b%7C2\
         &auth_config_ids=crm&auth_config_ids=calendar&connected_account_ids={id}&connected_account_ids=ca_gone&{rest}"
    );
    for query in [joined, repeated] {
        assert_eq!(asked(&query), Ok(Ask::Accounts(expected.clone())), "{query}");
    }
}

#[test]
fn a_list_without_filters_is_of_twenty_accounts() {
    let nulls = "toolkit_slugs=&statuses=&cursor=&limit=&user_ids=&order_by=&account_type=";
    for query in ["", nulls, "order_by=updated_at&order_direction=asc", "account_type=PRIVATE", "unknown=1&unknown=2"] {
        assert_eq!(asked(query), Ok(Ask::Accounts(accounts())), "{query}");
    }
}

#[test]
fn a_page_has_a_hundred_accounts_at_most() {
    for (limit, served) in [(1, 1), (100, 100), (101, 100), (1000, 100)] {
        let expected = Accounts { limit: served, ..Accounts::default() };
        assert_eq!(asked(&format!("limit={limit}")), Ok(Ask::Accounts(expected)), "{limit}");
    }
}

#[test]
fn a_list_of_shared_accounts_is_empty() {
    let Ok(Ask::Answered(reply)) = asked("account_type=SHARED&limit=5") else { panic!("it is asked for") };
    let expected = json!({ "items": [], "next_cursor": null, "total_pages": 1, "current_page": 1, "total_items": 0 });
    assert_eq!((reply.status, body(&reply)), (200, expected));
    assert!(asked("account_type=SHARED&limit=0").is_err());
}

#[test]
fn a_filter_stands_for_all_that_reads_so() {
    let of = |words: &str| match asked(&format!("statuses={words}")) {
        Ok(Ask::Accounts(Accounts { statuses, .. })) => statuses,
        asked => panic!("{asked:?}"),
    };
    assert_eq!(of("INITIALIZING"), [ConnectionStatus::Initiated]);
    assert_eq!(of("INITIATED"), [ConnectionStatus::Initiated]);
    assert_eq!(of("INACTIVE"), [ConnectionStatus::Inactive, ConnectionStatus::Revoking]);
    assert_eq!(of("FAILED,EXPIRED"), [ConnectionStatus::Failed, ConnectionStatus::Expired]);
}

#[test]
fn bad_input_is_400() {
    let too_many = format!("user_ids={}", vec!["u"; 101].join(","));
    let queries = [
        "statuses=active",
        "statuses=ACTIVE,GONE",
        "limit=0",
        "limit=1001",
        "limit=ten",
        "limit=1&limit=2",
        "cursor=a&cursor=b",
        "order_by=name",
        "order_direction=up",
        "account_type=private",
        "toolkit_slugs=two%20words",
        too_many.as_str(),
    ];
    for query in queries {
        let reply = refused(&DIALECT, list(), &asked(query).unwrap_err());
        let error = &body(&reply)["error"];
        assert_eq!((reply.status, &error["code"]), (400, &json!(600)), "{query}");
        assert_eq!(error["slug"], "ConnectedAccount_BadRequest", "{query}");
    }
    for text in ["{}", r#"{"enabled":"true"}"#, r#"{"enabled":true,"reason":1}"#, "{", "[]"] {
        let failure = Sent::body(text).of("u").parse(switch()).unwrap_err();
        assert_eq!(refused(&DIALECT, switch(), &failure).status, 400, "{text}");
    }
    let failure = Sent::query("revoke_on_delete=1").of("u").parse(delete()).unwrap_err();
    assert_eq!(refused(&DIALECT, delete(), &failure).status, 400);
}

#[test]
fn an_account_is_named_by_its_id() {
    let nameless = || Sent { parameters: vec![("nanoid", "ca_1a2b3c4d5e6f".to_owned())], ..Sent::default() };
    assert_eq!(Sent::default().of("u").parse(get()), Ok(Ask::Account(known())));
    assert_eq!(Sent::default().of("u").parse(revoke()), Ok(Ask::RevokeAccount(known())));
    for (route, sent) in [
        (get(), nameless()),
        (revoke(), nameless()),
        (delete(), nameless()),
        (switch(), Sent { parameters: nameless().parameters, ..Sent::body(r#"{"enabled":true}"#) }),
    ] {
        assert_eq!(sent.parse(route), Err(Refusal::ConnectionUnknown.into()), "{}", route.path);
    }
}

#[test]
fn an_account_is_switched_and_deleted() {
    let switched = |body: &str| Sent::body(body).of("u").parse(switch());
    let by_default = || Some("Connection status updated by user".to_owned());
    let of = |action| Ok(Ask::OfConnection(known(), action));
    assert_eq!(switched(r#"{"enabled":true}"#), of(Action::Enable(by_default())));
    assert_eq!(switched(r#"{"enabled":false,"reason":null,"more":1}"#), of(Action::Disable(by_default())));
    let lost = Action::Disable(Some("lost".to_owned()));
    assert_eq!(switched(r#"{"enabled":false,"reason":"lost"}"#), of(lost));
    for (query, revoke) in [("", false), ("revoke_on_delete=false", false), ("revoke_on_delete=true", true)] {
        let sent = Sent::query(query).of("u").parse(delete());
        assert_eq!(sent, of(Action::Delete { revoke }), "{query}");
    }
}

#[test]
fn deleting_names_the_revocation_that_it_began() {
    let deleted = |previous, state| {
        let verdict = verdict(ConnectionStatus::Revoked, &[(TokenType::RefreshToken, state)]);
        reply(delete(), changed(previous, verdict))
    };
    let plain = (200, json!({ "success": true }));
    assert_eq!(deleted(ConnectionStatus::Active, CredentialState::Dismissed), plain);
    assert_eq!(deleted(ConnectionStatus::Revoked, CredentialState::Revoked), plain);
    for state in [CredentialState::Revoking, CredentialState::Revoked] {
        let (status, body) = deleted(ConnectionStatus::Active, state);
        let job = credential(TokenType::RefreshToken, state).revocation_id(&user_id("u"));
        assert_eq!((status, body), (200, json!({ "success": true, "revoke_job_id": job })));
    }
}

#[test]
fn an_account_has_every_member_that_clients_need() {
    let held = [(TokenType::RefreshToken, CredentialState::Held), (TokenType::AccessToken, CredentialState::Held)];
    let expected = json!({
        "id": "ca_000000000000000000000000000000000000000000000001",
        "word_id": null,
        "alias": null,
        "user_id": "u",
        "toolkit": { "slug": "github" },
        "auth_config": { "id": "crm", "auth_scheme": "OAUTH2", "is_composio_managed": false, "is_disabled": false },
        "status": "ACTIVE",
        "status_reason": null,
        "is_disabled": false,
        "created_at": "2026-01-01T00:00:00.000000Z",
        "updated_at": "2026-01-01T00:00:02.000000Z",
        "state": {
            "authScheme": "OAUTH2",
            "val": { "status": "ACTIVE", "access_token": "REDACTED", "refresh_token": "REDACTED" },
        },
        "data": {},
        "params": {},
        "experimental": { "account_type": "PRIVATE" },
        "requested_scopes": ["a", "b"],
    });
    assert_eq!(shown(ConnectionStatus::Active, &held), expected);
    let page = Outcome::Connections(vec![verdict(ConnectionStatus::Active, &held)], None);
    let reply = reply_with(list(), page, Beside::Cursor(Some("next".to_owned())));
    let expected = json!({
        "items": [expected],
        "next_cursor": "next",
        "total_pages": 2,
        "current_page": 1,
        "total_items": 1,
    });
    assert_eq!((reply.status, body(&reply)), (200, expected));
}

#[test]
fn each_status_has_its_word_and_its_state() {
    let at = "2026-01-01T00:00:02.000000Z";
    let kept = json!({ "status": "INACTIVE", "access_token": "REDACTED" });
    let table = [
        (ConnectionStatus::Initiated, vec![], json!({ "status": "INITIATED", "redirectUrl": "" })),
        (ConnectionStatus::Active, vec![], json!({ "status": "ACTIVE", "access_token": "REDACTED" })),
        (ConnectionStatus::Inactive, vec![], kept.clone()),
        (ConnectionStatus::Failed, vec![], json!({ "status": "FAILED" })),
        (ConnectionStatus::Expired, vec![], json!({ "status": "EXPIRED", "expired_at": at })),
        (ConnectionStatus::Revoked, vec![REVOKED], json!({ "status": "REVOKED", "revoked_at": at })),
        (ConnectionStatus::Revoking, vec![(TokenType::AccessToken, CredentialState::Abandoned)], kept),
        (ConnectionStatus::Revoking, vec![RETRIED, REVOKED], json!({ "status": "REVOKED", "revoked_at": at })),
    ];
    for (status, held, state) in table {
        let account = shown(status, &held);
        assert_eq!(account["state"]["val"], state, "{status:?}");
        assert_eq!(account["status"], state["status"], "{status:?}");
        assert_eq!(account["is_disabled"], state["status"] == "INACTIVE", "{status:?}");
    }
}

#[test]
fn a_revocation_says_which_tokens_are_revoked() {
    let tokens = |previous, status, held: &[_]| {
        let (status, body) = reply(revoke(), changed(previous, verdict(status, held)));
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["connected_account"]["status"], "REVOKED");
        assert_eq!(body["connected_account"]["id"], "ca_000000000000000000000000000000000000000000000001");
        body["revoked_tokens"].clone()
    };
    let (active, revoked, revoking) = (ConnectionStatus::Active, ConnectionStatus::Revoked, ConnectionStatus::Revoking);
    assert_eq!(tokens(active, revoked, &[GONE, REVOKED]), json!(["access_token", "refresh_token"]));
    assert_eq!(tokens(active, revoking, &[RETRIED, REVOKED]), json!(["access_token"]), "one that worked is enough");
    let unsupported = (TokenType::AccessToken, CredentialState::Unsupported);
    assert_eq!(tokens(active, revoked, &[GONE, unsupported]), json!(["refresh_token"]));
    assert_eq!(tokens(active, revoked, &[]), json!([]), "there was nothing to revoke");
    assert_eq!(tokens(revoked, revoked, &[GONE, REVOKED]), json!([]), "it was revoked before");
}

#[test]
fn a_revocation_that_reached_no_provider_is_500_and_is_not_to_be_retried() {
    let abandoned = (TokenType::AccessToken, CredentialState::Abandoned);
    for held in [vec![RETRIED], vec![RETRIED, abandoned]] {
        let outcome = changed(ConnectionStatus::Active, verdict(ConnectionStatus::Revoking, &held));
        let reply = reply_with(revoke(), outcome, Beside::Nothing);
        let error = &body(&reply)["error"];
        assert_eq!((reply.status, &error["code"], &error["status"]), (500, &json!(601), &json!(500)));
        assert_eq!(
            (&error["slug"], &error["request_id"]),
            (&json!("ConnectedAccount_InternalServerError"), &json!("request"))
        );
        assert_eq!(reply.headers, [("x-should-retry", "false".to_owned())]);
    }
}

#[test]
fn what_is_revoked_in_part_is_revoked_again_and_what_is_not_at_all_is_not() {
    let again = |held: &[_]| {
        let refusal = Refusal::ConnectionIs(Box::new(verdict(ConnectionStatus::Revoking, held)));
        let reply = refused(&DIALECT, revoke(), &refusal.into());
        (reply.status, body(&reply))
    };
    let id = kit::connection_id(1);
    let done = json!({ "revoked_tokens": [], "connected_account": { "id": id.as_str(), "status": "REVOKED" } });
    assert_eq!(again(&[RETRIED, REVOKED]), (200, done));
    assert_eq!(again(&[RETRIED]).0, 409);
}

#[test]
fn errors_are_in_the_envelope() {
    let is = |status| Failure::from(Refusal::ConnectionIs(Box::new(verdict(status, &[]))));
    let table = [
        (Failure::invalid("limit", "must be given once"), 400, 600, "ConnectedAccount_BadRequest"),
        (Refusal::RevocationUnsupported.into(), 400, 600, "ConnectedAccount_BadRequest"),
        (Failure::KeyMissing, 401, 10_401, "HTTP_Unauthorized"),
        (Failure::KeyInvalid, 401, 10_401, "HTTP_Unauthorized"),
        (Refusal::Forbidden.into(), 403, 10_403, "HTTP_Forbidden"),
        (Refusal::ConnectionUnknown.into(), 404, 606, "ConnectedAccount_ResourceNotFound"),
        (Failure::NotFound, 404, 10_404, "HTTP_NotFound"),
        (Failure::MethodNotAllowed { allow: "GET".into() }, 405, 10_405, "HTTP_MethodNotAllowed"),
        (is(ConnectionStatus::Failed), 409, 600, "ConnectedAccount_Conflict"),
        (Refusal::IdempotencyConflict.into(), 409, 600, "ConnectedAccount_Conflict"),
        (Failure::TooLarge, 413, 10_413, "HTTP_PayloadTooLarge"),
        (Failure::MediaType, 415, 10_415, "HTTP_UnsupportedMediaType"),
        (Failure::Internal("a defect"), 500, 601, "ConnectedAccount_InternalServerError"),
        (Failure::Unavailable, 503, 10_503, "HTTP_ServiceUnavailable"),
    ];
    for (failure, status, code, slug) in table {
        let reply = (DIALECT.refuse)(&failure, &ASKED);
        let error = body(&reply)["error"].clone();
        let message = error["message"].as_str().unwrap();
        assert!(!message.is_empty() && !message.contains("a defect"), "{message}");
        let expected = json!({
            "message": message, "code": code, "slug": slug, "status": status, "request_id": "request",
        });
        assert_eq!((reply.status, error), (status, expected), "{failure:?}");
        let is_final = reply.headers.contains(&("x-should-retry", "false".to_owned()));
        assert_eq!(is_final, matches!(status, 409 | 500), "{failure:?}");
    }
    let conflict = body(&(DIALECT.refuse)(&is(ConnectionStatus::Expired), &ASKED));
    assert!(conflict["error"]["message"].as_str().unwrap().contains("EXPIRED"));
}

#[test]
fn too_many_requests_are_told_without_an_envelope() {
    let reply = (DIALECT.refuse)(&Failure::RateLimited { retry_after: "10" }, &ASKED);
    assert_eq!((reply.status, body(&reply)), (429, json!({ "message": "Rate limit exceeded. Retry later." })));
    assert_eq!(reply.headers, [("retry-after", "10".to_owned())]);
}
