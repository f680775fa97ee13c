//! The views that WebSocket subscribers get from a user's ledger.

use hookswitch::core::decide::connections::RevokeConnection;
use hookswitch::core::handle::MintNonce;
use hookswitch::core::shown::Shown;
use hookswitch::core::ticket::{Subscription, TicketSubject};
use hookswitch::core::{ConnectionId, LedgerId};
use hookswitch::ledger::LedgerCode;

use crate::kit::Ledger;

fn shown(ledger: &Ledger, subject: &TicketSubject) -> Option<Shown> {
    ledger.code.show(&ledger.sql, subject, None, &ledger.context()).unwrap()
}

/// The ids of the connections that a ticket for the user shows.
fn listed(ledger: &Ledger, subject: &TicketSubject) -> Vec<ConnectionId> {
    match shown(ledger, subject) {
        Some(Shown::Connections(view)) => view.connections.into_iter().map(|connection| connection.id).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn subscriber_of_a_user_gets_the_connections() {
    let ledger = Ledger::with_user();
    let ticket_of =
        |ledger: &Ledger| ledger.keyring.ticket_user(LedgerId::of_user(&ledger.user_id), true, MintNonce(1, 2));
    let subject = ticket_of(&ledger);
    assert_eq!(listed(&ledger, &subject), []);
    let (first, second) = (ledger.connect("crm"), ledger.connect("calendar"));
    assert_eq!(listed(&ledger, &subject), [second.clone(), first.clone()]);
    let before = shown(&ledger, &subject).unwrap().tag();
    ledger.ok(RevokeConnection { id: second, reason: None });
    assert_eq!(listed(&ledger, &subject), [first]);
    let after = shown(&ledger, &subject).unwrap();
    assert_ne!(after.tag(), before);
    let subscription = Subscription { subject, valid_until: ledger.now.get() };
    let message = after.message(&subscription).unwrap();
    assert!(message.starts_with(r#"{"connections":[{"id":"ca_"#), "{message}");

    let empty = Ledger::empty();
    assert_eq!(shown(&empty, &ticket_of(&empty)), None);
}

#[test]
fn subscriber_of_a_connection_gets_its_status() {
    let ledger = Ledger::with_user();
    let subject = TicketSubject::Connection(ledger.connect("crm"));
    let Some(Shown::Status(view)) = shown(&ledger, &subject) else { panic!("no status") };
    assert_eq!((view.id.as_str(), view.status.as_str()), (subject.id(), "active"));
}
