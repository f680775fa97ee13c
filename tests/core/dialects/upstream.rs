//! The native API: what connections hold of their providers', and what of it could not be revoked.

use hookswitch::core::codec::Forged;
use hookswitch::core::command::RevocationAction;
use hookswitch::core::credential::RevocationId;
use hookswitch::core::operator::{OperatorCommand, OperatorOutcome};
use hookswitch::core::order::Page;
use hookswitch::core::{
    Command, Connection, ConnectionStatus, ConnectionVerdict, Credential, CredentialState, Link, Outcome, Refusal,
    Revocation, Shard, TokenType,
};
use hookswitch::dialects::native::DIALECT;
use hookswitch::dialects::{Ask, Expiry, Failure, Method, Route, Secret, Upstream};

use super::{REVOCATION, Sent, of_operator, problem, reply, route, slug, told};
use crate::kit::{self, app_id, connection, connection_id, second, user_id};
use crate::vectors::{HANDLES, keyring, owner};

fn connect() -> &'static Route {
    route(&DIALECT, Method::Post, "/v1/connections")
}

fn hold() -> &'static Route {
    route(&DIALECT, Method::Put, "/v1/connections/{connection_id}/upstream")
}

fn of_revocation(method: Method, verb: &str) -> &'static Route {
    route(&DIALECT, method, &format!("/v1/revocations/{{revocation_id}}{verb}"))
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

#[test]
fn credentials_come_with_a_connection_or_later() {
    let in_an_hour = Some(Expiry::In(3_600));
    let table = [
        (r#"{"refresh_token":"r"}"#, None, vec![(TokenType::RefreshToken, secret("r"), None)]),
        (r#"{"access_token":"a"}"#, None, vec![(TokenType::AccessToken, secret("a"), None)]),
        (
            r#"{"provider":"acme","access_token":"a","refresh_token":"r","expires_in":3600}"#,
            Some(slug("acme")),
            vec![(TokenType::RefreshToken, secret("r"), None), (TokenType::AccessToken, secret("a"), in_an_hour)],
        ),
        (
            r#"{"access_token":"a","expires_at":"2026-01-01T01:01:00+01:00"}"#,
            None,
            vec![(TokenType::AccessToken, secret("a"), Some(Expiry::At(second(60))))],
        ),
    ];
    let link = Link::of(keyring().open(HANDLES[5].2));
    for (body, provider, tokens) in table {
        let upstream = Upstream { provider, tokens };
        assert_eq!(Sent::body(body).of("u").parse(hold()), Ok(Ask::Hold(link.clone(), upstream.clone())), "{body}");
        let whole = Sent::body(&format!(r#"{{"user_id":"u","app_id":"crm","upstream":{body}}}"#));
        let command = Command::Connect {
            user_id: user_id("u"),
            app_id: app_id("crm"),
            scope: None,
            metadata: None,
            upstream: None,
        };
        assert_eq!(whole.parse(connect()), Ok(Ask::Connect(command.clone(), upstream)), "{body}");
        let without = Sent::body(r#"{"user_id":"u","app_id":"crm"}"#);
        assert_eq!(without.parse(connect()), Ok(Ask::Run(command)));
    }
    let mut forged = Sent::body(r#"{"access_token":"a"}"#);
    forged.parameters.push(("connection_id", "ca_1".to_owned()));
    let upstream = Upstream { provider: None, tokens: vec![(TokenType::AccessToken, secret("a"), None)] };
    assert_eq!(forged.parse(hold()), Ok(Ask::Hold(Link::of(Err(Forged)), upstream)));
}

#[test]
fn credentials_that_are_none_are_told_what_they_have_to_be() {
    let text = "must be 1 to 4096 visible ASCII characters.";
    let long = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(4_097));
    let table = [
        ("{}", "access_token", "is required, or refresh_token."),
        (r#"{"provider":"acme"}"#, "access_token", "is required, or refresh_token."),
        (r#"{"access_token":""}"#, "access_token", text),
        (r#"{"access_token":"a b"}"#, "access_token", text),
        (r#"{"access_token":"ü"}"#, "access_token", text),
        (r#"{"refresh_token":"a\n"}"#, "refresh_token", text),
        (&long, "access_token", text),
        (r#"{"access_token":7}"#, "access_token", "must be a string."),
        (r#"{"refresh_token":"r","expires_in":60}"#, "access_token", "is required where its expiry is said."),
        (
            r#"{"refresh_token":"r","expires_at":"2026-01-01T00:00:00Z"}"#,
            "access_token",
            "is required where its expiry is said.",
        ),
        (
            r#"{"access_token":"a","expires_in":60,"expires_at":"2026-01-01T00:00:00Z"}"#,
            "expires_at",
            "and expires_in exclude each other.",
        ),
        (r#"{"access_token":"a","expires_at":"soon"}"#, "expires_at", "must be a date and time of RFC 3339."),
        (r#"{"access_token":"a","expires_in":0}"#, "expires_in", "must be a whole number from 1 to 3155760000."),
        (r#"{"access_token":"a","expires_in":"60"}"#, "expires_in", "must be a whole number from 1 to 3155760000."),
        (r#"{"access_token":"a","provider":"Acme"}"#, "provider", "must be 1 to 64 small letters, digits, '_' or '-'."),
        (r#"{"access_token":"a","token_type":"bearer"}"#, "token_type", "is not a field of this call."),
        (r#"{"access_token":"a","access_token":"b"}"#, "access_token", "is not a field of this call."),
    ];
    for (body, field, problem) in table {
        assert_eq!(told(Sent::body(body).of("u").parse(hold())), (400, format!("{field} {problem}")), "{body}");
        let whole = Sent::body(&format!(r#"{{"user_id":"u","app_id":"crm","upstream":{body}}}"#));
        assert_eq!(told(whole.parse(connect())), (400, format!("upstream.{field} {problem}")), "{body}");
    }
    for (upstream, detail) in [
        (r#""acme""#, "upstream must be an object."),
        ("null", "upstream must be an object."),
        ("[]", "upstream must be an object."),
        (r#"{"access_token":"a","hrt_1":1}"#, "upstream has a field that the call does not know."),
    ] {
        let whole = Sent::body(&format!(r#"{{"user_id":"u","app_id":"crm","upstream":{upstream}}}"#));
        assert_eq!(told(whole.parse(connect())), (400, detail.to_owned()), "{upstream}");
    }
    let both = Sent::body(r#"{"app_id":"crm","upstream":{}}"#);
    assert_eq!(told(both.parse(connect())).1, "user_id is required.");
}

fn credential(token_type: TokenType, state: CredentialState) -> Credential {
    Credential {
        state,
        expires_at: Some(second(60)),
        attempts: 2,
        due_at: (state == CredentialState::Revoking).then(|| second(30)),
        changed_at: second(1),
        error: Some("answered 503".to_owned()),
        ..kit::credential(300, connection_id(1), token_type)
    }
}

fn verdict(status: ConnectionStatus, provider: Option<&str>, credentials: &[Credential]) -> ConnectionVerdict {
    let connection = Connection { provider: provider.map(slug), ..connection(1, status) };
    ConnectionVerdict::of(&owner(), &connection, credentials, &[], second(3))
}

#[test]
fn a_connection_says_what_it_holds_and_never_the_credential() {
    let get = route(&DIALECT, Method::Get, "/v1/connections/{connection_id}");
    let none = reply(&DIALECT, get, Outcome::Connection(verdict(ConnectionStatus::Active, None, &[])));
    assert!(none.body.ends_with(r#""metadata":null,"upstream":null}"#), "{}", none.body);

    let held = credential(TokenType::RefreshToken, CredentialState::Held);
    let held = Credential { attempts: 0, error: None, expires_at: None, ..held };
    let revoking = credential(TokenType::AccessToken, CredentialState::Revoking);
    let both = verdict(ConnectionStatus::Active, Some("acme"), &[held, revoking]);
    let body = concat!(
        r#""upstream":{"provider":"acme","credentials":["#,
        r#"{"token_type":"refresh_token","expires_at":null,"revocation_id":null,"state":"held","attempts":0,"#,
        r#""next_attempt_at":null,"error":null,"changed_at":"2026-01-01T00:00:01.000000Z"},"#,
        r#"{"token_type":"access_token","expires_at":"2026-01-01T00:01:00.000000Z","#,
        r#""revocation_id":"rev_72a50e29deb12af80000012c","state":"revoking","attempts":2,"#,
        r#""next_attempt_at":"2026-01-01T00:00:30.000000Z","error":"answered 503","#,
        r#""changed_at":"2026-01-01T00:00:01.000000Z"}]}}"#
    );
    for (route, outcome, status) in [
        (get, Outcome::Connection(both.clone()), 200),
        (hold(), Outcome::Connection(both.clone()), 200),
        (connect(), Outcome::Connection(both), 201),
    ] {
        let shown = reply(&DIALECT, route, outcome);
        assert_eq!(shown.status, status);
        assert!(shown.body.ends_with(body), "{}", shown.body);
    }
}

#[test]
fn a_connection_that_is_revoked_here_first_says_so() {
    use ConnectionStatus::{Active, Revoked, Revoking};
    let revoke = route(&DIALECT, Method::Post, "/v1/connections/{connection_id}/revoke");
    for (previous, status, changed) in
        [(Active, Revoking, true), (Active, Revoked, true), (Revoking, Revoking, false), (Revoked, Revoked, false)]
    {
        let verdict = verdict(status, Some("acme"), &[]);
        let shown = reply(&DIALECT, revoke, Outcome::ConnectionChanged { previous, verdict });
        let body: serde_json::Value = serde_json::from_str(&shown.body).unwrap();
        assert_eq!((body["changed"].as_bool(), body["status"].as_str()), (Some(changed), Some(status.as_str())));
        assert_eq!((body["previous"].as_str(), shown.status), (Some(previous.as_str()), 200));
        assert_eq!(body["revoked_at"], "2026-01-01T00:00:00.000000Z", "dead here since then");
    }
}

#[test]
fn abandoned_revocations_are_listed_page_by_page() {
    let list = route(&DIALECT, Method::Get, "/v1/revocations");
    let page = |before, limit| Ok(of_operator(OperatorCommand::ListAbandoned(Page { before, limit })));
    assert_eq!(Sent::default().parse(list), page(None, 50));
    assert_eq!(Sent::query("state=abandoned&limit=7&cursor=9").parse(list), page(Some(9), 7));
    for (query, field, problem) in [
        ("state=revoking", "state", "must be abandoned"),
        ("state=", "state", "must be abandoned"),
        ("limit=0", "limit", "must be a whole number from 1 to 100"),
        ("cursor=x", "cursor", "must be the next_cursor of an earlier answer"),
    ] {
        assert_eq!(Sent::query(query).parse(list), Err(Failure::invalid(field, problem)), "{query}");
    }
    let revocation = |state| {
        let connection = verdict(ConnectionStatus::Revoking, Some("acme"), &[]).connection;
        Revocation::of(&owner(), &connection, &credential(TokenType::AccessToken, state))
    };
    let body = |state: &str, next: &str| {
        format!(
            r#"{{"id":"{REVOCATION}","user_id":"{}","connection_id":"{}","app_id":"crm","provider":"acme","token_type":"access_token","state":"{state}","attempts":2,"next_attempt_at":{next},"error":"answered 503","changed_at":"2026-01-01T00:00:01.000000Z"}}"#,
            owner(),
            connection_id(1)
        )
    };
    let listed = OperatorOutcome::Abandoned(vec![revocation(CredentialState::Abandoned)], Some(9));
    let listed = reply(&DIALECT, list, Outcome::Operator(listed));
    let items = format!(r#"{{"items":[{}],"next_cursor":"9"}}"#, body("abandoned", "null"));
    assert_eq!((listed.status, listed.body), (200, items));

    let again = verdict(ConnectionStatus::Revoking, Some("acme"), &[]);
    let again = Outcome::Revocation(revocation(CredentialState::Revoking), again);
    let shown = reply(&DIALECT, of_revocation(Method::Post, "/retry"), again);
    assert_eq!((shown.status, shown.body), (200, body("revoking", r#""2026-01-01T00:00:30.000000Z""#)));
}

#[test]
fn a_revocation_is_named_by_its_id() {
    let id = RevocationId { shard: Shard::of(&owner()), seq: 300 };
    assert_eq!(id.text(), REVOCATION);
    for (method, verb, action) in [
        (Method::Get, "", RevocationAction::Get),
        (Method::Post, "/retry", RevocationAction::Retry),
        (Method::Post, "/dismiss", RevocationAction::Dismiss),
    ] {
        let route = of_revocation(method, verb);
        assert_eq!(Sent::default().of("u").parse(route), Ok(Ask::OfRevocation(id, action)));
        for text in ["", "rev_", "rev_1", "evt_72a50e29deb12af80000012c", "rev_72a50e29deb12afx0000012c"] {
            let mut sent = Sent::default();
            sent.parameters.push(("revocation_id", text.to_owned()));
            let detail = "revocation_id must be rev_ followed by 24 hex digits or more.";
            assert_eq!(told(sent.parse(route)), (400, detail.to_owned()), "{text}");
        }
    }
    for verb in ["/retry", "/dismiss"] {
        let sent = Sent::body(r#"{"reason":"r"}"#).of("u");
        assert_eq!(told(sent.parse(of_revocation(Method::Post, verb))).1, "reason is not a field of this call.");
    }
}

#[test]
fn problems_with_providers_have_codes_of_their_own() {
    for (refusal, status, code) in [
        (Refusal::ProviderMissing, 400, "provider_missing"),
        (Refusal::ProviderDiffers, 409, "provider_differs"),
        (Refusal::RevocationUnknown, 404, "revocation_not_found"),
        (Refusal::RevocationIs(CredentialState::Revoked), 409, "revocation_not_abandoned"),
    ] {
        assert_eq!(problem(&refusal.into(), "code"), (status, code.to_owned()));
    }
}
