//! Status tickets: a ticket is read as it was signed, and a changed or foreign ticket is invalid.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use hookswitch::core::handle::InvalidHandle;
use hookswitch::core::ticket::{PREFIX, TTL, TicketSubject};
use hookswitch::core::{LedgerId, Ticket, Timestamp};
use sha2::Sha256;

use crate::vectors::{HANDLES, OTHER_SECRET, SECRET, TOKEN_ID, keyring, keyring_of, owner};

/// The id of a connection.
const CONNECTION_ID: &str = HANDLES[5].2;

/// Both sorts of subject.
fn subjects() -> [TicketSubject; 2] {
    [TicketSubject::Connection(CONNECTION_ID.parse().unwrap()), TicketSubject::Token(TOKEN_ID.parse().unwrap())]
}

fn ticket(subject: TicketSubject) -> Ticket {
    Ticket::new(LedgerId::of_user(&owner()), subject, TTL, Timestamp::from_micros(1_700_000_000_999_999))
}

fn connection_ticket() -> Ticket {
    let [connection, _] = subjects();
    ticket(connection)
}

#[test]
fn ticket_is_read_as_it_was_signed() {
    for subject in subjects() {
        let signed = ticket(subject);
        assert_eq!(signed.expires_at, Timestamp::from_millis(1_700_003_600_000));
        let text = keyring().sign(&signed).unwrap();
        assert_eq!(keyring().open_ticket(&text), Ok(signed.clone()));
        assert_eq!(keyring().open_ticket(&format!("{PREFIX}{}", text[4..].to_uppercase())), Ok(signed));
    }
}

/// The format is described again with the primitives.
#[test]
fn ticket_format_unchanged() {
    let mut key = [0; 64];
    Hkdf::<Sha256>::new(None, &SECRET).expand(b"hookswitch/v1/ticket-mac", &mut key).unwrap();
    for (subject, tag) in subjects().into_iter().zip([1, 2]) {
        let (_, digits) = subject.id().split_once('_').unwrap();
        let mut bytes = vec![tag];
        bytes.extend(hex::decode(digits).unwrap());
        bytes.extend(1_700_003_600_u32.to_be_bytes());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(&bytes);
        bytes.extend(&mac.finalize().into_bytes()[..16]);
        assert_eq!(keyring().sign(&ticket(subject)), Some(format!("hst_{}", hex::encode(bytes))));
    }
}

#[test]
fn ticket_with_a_changed_digit_is_invalid() {
    for subject in subjects() {
        let text = keyring().sign(&ticket(subject)).unwrap();
        for place in PREFIX.len()..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(keyring().open_ticket(&changed), Err(InvalidHandle), "{place}");
        }
    }
}

#[test]
fn other_texts_are_invalid_tickets() {
    let text = keyring().sign(&connection_ticket()).unwrap();
    for wrong in ["", PREFIX, &text[4..], &text[..92], &format!("{text}0"), &format!("{text}00"), CONNECTION_ID] {
        assert_eq!(keyring().open_ticket(wrong), Err(InvalidHandle), "{wrong}");
    }
}

#[test]
fn ticket_is_valid_in_its_own_deployment_only() {
    let signed = connection_ticket();
    let text = keyring().sign(&signed).unwrap();
    assert_eq!(keyring_of(OTHER_SECRET, &[]).open_ticket(&text), Err(InvalidHandle));
    assert_eq!(keyring_of(OTHER_SECRET, &[SECRET]).open_ticket(&text), Ok(signed.clone()));
    // The id of the subject ends with the secret that created it, whichever secret signed the ticket.
    let later = keyring_of(OTHER_SECRET, &[SECRET]).sign(&signed).unwrap();
    assert_eq!(keyring_of(OTHER_SECRET, &[]).open_ticket(&later), Err(InvalidHandle));
}

#[test]
fn ticket_expires_within_32_bits_of_seconds() {
    let ticket = |seconds| Ticket { expires_at: Timestamp::from_millis(seconds * 1_000), ..connection_ticket() };
    assert!(keyring().sign(&ticket(i64::from(u32::MAX))).is_some());
    assert_eq!(keyring().sign(&ticket(i64::from(u32::MAX) + 1)), None);
    assert_eq!(keyring().sign(&ticket(-1)), None);
}
