//! Records that are stored as JSON, and values that all messages share.

use hookswitch::core::decide::external_ids::ExternalIdHolder;
use hookswitch::core::snapshot::StoredResponse;
use hookswitch::core::status_message::StatusMessage;
use hookswitch::core::ticket::{Subscription, TicketSubject};
use hookswitch::core::ticket_view::TicketView;
use hookswitch::core::token::{EndKind, Grant, TokenEnd};
use hookswitch::core::{Actor, LedgerId, Source, Timestamp, TokenState};

use super::Lines;
use super::values::{
    app, connection_verdict, dead, delivery, digest, endpoint, facts, full_connection, idempotency, minted, owner,
    principals, reason, recorded_event, revocation, sealed, stored_provider, valid, verdict,
};
use crate::kit::{second, token_id, user_id};

#[test]
fn stored_record_json_format_unchanged() {
    let mut lines = Lines::default();
    let outcome = r#"{"value":1.50}"#.to_owned();
    lines.add("stored_response", &StoredResponse { idempotency: idempotency(), minted: minted(), outcome });
    lines.add("replica", &dead().replica().unwrap());
    lines.add("token_facts", &facts());
    let grant = Grant {
        family: Some(token_id(1)),
        code_challenge: Some(digest()),
        replayed: true,
        lifetime: Some(600),
        limited: true,
    };
    lines.add("grant", &grant);
    lines.add(
        "token_end",
        &TokenEnd { kind: EndKind::Revoked, at: second(1), by: Actor::root(), reason: Some(reason()) },
    );
    lines.add("user", &owner());
    lines.add("connection", &full_connection());
    lines.add("app", &app());
    lines.add("provider", &stored_provider());
    lines.add("endpoint", &endpoint());
    lines.add("delivery", &delivery());
    lines.add("revocation", &revocation());
    lines.add("event", &recorded_event());
    lines.add("holder", &ExternalIdHolder { user_id: user_id("u"), claimed_at: Some(second(1)) });
    lines.assert_unchanged("records");
}

#[test]
fn shared_value_json_format_unchanged() {
    let mut lines = Lines::default();
    for (name, principal) in principals() {
        lines.add(name, &principal);
    }
    lines.add("actor", &Actor::root());
    lines.add("timestamp", &Timestamp::from_micros(1));
    lines.add("ledger_id", &LedgerId::of_user(&user_id("u")));
    lines.add("token_key", &crate::kit::digest(1).key());
    for state in [TokenState::Valid, TokenState::Inactive, dead().state] {
        lines.add("token_state", &state);
    }
    let subject = TicketSubject::Token(token_id(1));
    lines.add("subscription", &Subscription { subject, valid_until: second(60) });
    lines.assert_unchanged("values");
}

#[test]
fn status_message_json_format_unchanged() {
    let mut lines = Lines::default();
    for view in [TicketView::of_token(&dead()), TicketView::of_connection(&connection_verdict())] {
        let message = serde_json::to_string(&StatusMessage::of(view, second(60))).unwrap();
        lines.0.push(message);
    }
    lines.assert_unchanged("status_messages");
}

#[test]
fn replica_is_a_copy_of_a_terminal_verdict_and_says_so() {
    assert_eq!(valid().replica(), None);
    assert_eq!(verdict(TokenState::Inactive).replica(), None, "a disabled connection can be enabled");
    let copy = dead().replica().unwrap();
    assert_eq!((copy.source(), dead().source()), (Source::Replica, Source::Ledger));
    assert_eq!((copy.state, copy.facts), (dead().state, dead().facts));
}

#[test]
fn messages_never_contain_a_stored_credential() {
    let credential = hookswitch::core::Credential { sealed: Some(sealed()), ..super::values::credential() };
    let text = serde_json::to_string(&credential).unwrap();
    assert!(!text.contains(sealed().as_str()), "{text}");
}
