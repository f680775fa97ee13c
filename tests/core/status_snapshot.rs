//! A status that a browser read: the known answers that every runtime gives, and the same rules as in the ledger.
//!
//! `tests/vectors/page.json` has the known answers. The tests of the wasm build and of the npm package use it, too.

use hookswitch::core::connection::ConnectionState;
use hookswitch::core::handle_format;
use hookswitch::core::status::{connection_state, status};
use hookswitch::core::status_message::StatusMessage;
use hookswitch::core::status_snapshot::{StatusKind, StatusSnapshot};
use hookswitch::core::ticket_view::TicketView;
use hookswitch::core::token::{EndKind, TokenEnd};
use hookswitch::core::{
    Actor, Connection, ConnectionStatus, ConnectionVerdict, Status, Timestamp, Token, TokenKind, TokenState, Verdict,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kit::{connection, second, token, user_id};

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../vectors/page.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn status_kind(subject: &str, text: &str) -> StatusKind {
    match subject {
        "token" => StatusKind::Token(text.parse().unwrap()),
        _ => StatusKind::Connection(text.parse().unwrap()),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn time(value: &Value, name: &str) -> Option<Timestamp> {
    value[name].as_str().map(|text| Timestamp::parse_rfc3339(text).unwrap())
}

/// The snapshot in a body of `GET /v1/status`.
fn snapshot_of_body(body: &Value) -> StatusSnapshot {
    StatusSnapshot {
        status: status_kind(text(body, "subject"), text(body, "status")),
        as_of: time(body, "as_of").unwrap(),
        created_at: time(body, "created_at").unwrap(),
        expires_at: time(body, "expires_at"),
        activated_at: time(body, "activated_at"),
        consumed_at: time(body, "consumed_at"),
        revoked_at: time(body, "revoked_at"),
    }
}

/// The snapshot of what a ticket shows.
fn snapshot_of(view: TicketView) -> StatusSnapshot {
    snapshot_of_body(&serde_json::to_value(StatusMessage::of(view, second(100))).unwrap())
}

#[test]
fn handles_are_recognised_by_their_format() {
    for vector in vectors("handles") {
        let canonical = handle_format::canonical(text(&vector, "text"));
        let format = canonical.as_ref().map(|(format, _)| *format);
        assert_eq!(format, handle_format::recognise(text(&vector, "text")));
        let found = match &canonical {
            Some((format, canonical)) => {
                json!({ "kind": format.as_str(), "canonical": canonical, "secret": format.is_secret() })
            }
            None => json!({ "kind": null }),
        };
        for (name, value) in found.as_object().unwrap() {
            assert_eq!(&vector[name], value, "{name} of {vector}");
        }
    }
}

#[test]
fn status_at_a_time_is_the_known_answer() {
    for vector in vectors("statuses") {
        let now = snapshot_of_body(&vector["status"]).at(time(&vector, "at").unwrap());
        let found = json!({
            "status": now.status.as_str(),
            "since": now.since.map(Timestamp::rfc3339),
            "terminal": now.status.is_terminal(),
            "endsAt": now.ends_at.map(Timestamp::rfc3339),
            "secondsLeft": now.seconds_left,
        });
        assert_eq!(found, vector["now"], "{}", vector["name"]);
    }
}

/// Tokens with every kind of end before second 5 and an expiry in second 3, 10 or never, under connections of each sort.
fn tokens() -> Vec<(Token, Option<Connection>)> {
    use ConnectionStatus::{Active, Inactive, Revoked};
    let mut tokens = Vec::new();
    for expires_at in [None, Some(second(3)), Some(second(10))] {
        for kind in [None, Some(EndKind::Consumed), Some(EndKind::Revoked)] {
            for above in [None, Some(Active), Some(Inactive), Some(Revoked)] {
                let end = kind.map(|kind| TokenEnd { kind, at: second(2), by: Actor::root(), reason: None });
                let token = Token { expires_at, end, ..token(TokenKind::AccessToken, 1) };
                tokens.push((token, above.map(|status| connection_since(status, second(4)))));
            }
        }
    }
    tokens
}

fn connection_since(status: ConnectionStatus, at: Timestamp) -> Connection {
    let recorded = ConnectionState { status, at, by: Some(Actor::root()), reason: None };
    Connection { recorded, ..connection(1, status) }
}

#[test]
fn browser_and_ledger_agree_on_tokens() {
    for (token, above) in tokens() {
        let state = |now| status(&token, above.as_ref(), &[], now);
        let verdict = Verdict::of(&user_id("u"), &token, state(second(5)), second(5));
        let snapshot = snapshot_of(TicketView::of_token(&verdict));
        for now in (5..15).map(second) {
            let (here, there): (_, TokenState) = (snapshot.at(now), state(now));
            assert_eq!(here.status, StatusKind::Token(there.status()), "{token:?} {above:?}");
            assert_eq!(here.status.is_terminal(), there.status().is_terminal());
            if let Some(death) = there.death() {
                assert_eq!(here.since, Some(death.at), "{token:?} {above:?}");
            }
            let left = here.ends_at.map(|at| at.seconds_since(now));
            assert!(here.seconds_left == left && left.is_none_or(|left| left > 0), "{here:?}");
        }
    }
}

#[test]
fn browser_and_ledger_agree_on_connections() {
    for recorded in ConnectionStatus::ALL {
        for expires_at in [None, Some(second(3)), Some(second(10))] {
            let connection = Connection { expires_at, ..connection_since(*recorded, second(2)) };
            let verdict = ConnectionVerdict::of(&user_id("u"), &connection, &[], &[], second(5));
            let snapshot = snapshot_of(TicketView::of_connection(&verdict));
            for now in (5..15).map(second) {
                let there = connection_state(&connection, &[], now).status;
                assert_eq!(snapshot.at(now).status, StatusKind::Connection(there), "{connection:?}");
            }
        }
    }
}

#[test]
fn every_status_has_one_text() {
    for status in Status::ALL {
        assert_eq!(StatusKind::Token(*status).as_str(), status.as_str());
    }
    for status in ConnectionStatus::ALL {
        assert_eq!(StatusKind::Connection(*status).as_str(), status.as_str());
        assert_eq!(StatusKind::Connection(*status).is_terminal(), status.is_final());
    }
}

#[test]
fn tag_of_a_view_changes_with_everything_except_the_time_of_reading() {
    let (token, above) = tokens().remove(0);
    let verdict = |now| Verdict::of(&user_id("u"), &token, status(&token, above.as_ref(), &[], now), now);
    let view = TicketView::of_token(&verdict(second(5)));
    assert_eq!(view.tag(), TicketView::of_token(&verdict(second(6))).tag());
    let changed = [
        TicketView { status: "revoked".to_owned(), ..view.clone() },
        TicketView { expires_at: Some(second(9)), ..view.clone() },
        TicketView { id: "tok_".to_owned(), ..view.clone() },
    ];
    for other in changed {
        assert_ne!(view.tag(), other.tag(), "{other:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_spelling_is_its_own(
        text in "(h[a-z]{2}_|ca_|tok_|\\\\x)?[0-9a-fA-F]{46,50}|hst_[0-9a-fA-F]{90}|\\PC*"
    ) {
        if let Some((format, canonical)) = handle_format::canonical(&text) {
            prop_assert_eq!(handle_format::canonical(&canonical), Some((format, canonical.clone())));
            prop_assert!(canonical.starts_with(format.prefix()));
        }
    }
}
