//! Status tickets: what was signed here is read, until it is changed in any digit, and by nobody else.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use hookswitch::core::codec::Forged;
use hookswitch::core::ticket::{PREFIX, Subject, TTL};
use hookswitch::core::{ConnectionId, Kind, Shard, Ticket, Timestamp, TokenId};
use sha2::Sha256;

use crate::vectors::{HANDLES, OTHER_SECRET, SECRET, keyring, keyring_of, owner};

/// The ids of [`HANDLES`] that a ticket can read.
fn subjects() -> Vec<Subject> {
    let named = HANDLES.iter().filter_map(|(kind, _, text)| match kind {
        Kind::ConnectionId => Some(Subject::Connection(ConnectionId::parse(text).unwrap())),
        Kind::TokenId => Some(Subject::Token(TokenId::parse(text).unwrap())),
        _ => None,
    });
    named.collect()
}

fn ticket(subject: Subject) -> Ticket {
    Ticket::new(Shard::of(&owner()), subject, TTL, Timestamp::from_micros(1_700_000_000_999_999))
}

#[test]
fn a_ticket_is_read_as_it_was_signed() {
    assert_eq!(subjects().len(), 2);
    for subject in subjects() {
        let signed = ticket(subject);
        assert_eq!(signed.expires_at, Timestamp::from_millis(1_700_003_600_000));
        let text = keyring().sign(&signed).unwrap();
        assert_eq!(keyring().open_ticket(&text), Ok(signed.clone()));
        assert_eq!(keyring().open_ticket(&format!("{PREFIX}{}", text[4..].to_uppercase())), Ok(signed));
    }
}

/// The format, said again from the primitives.
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
fn a_ticket_that_was_changed_in_any_digit_is_forged() {
    for subject in subjects() {
        let text = keyring().sign(&ticket(subject)).unwrap();
        for place in PREFIX.len()..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(keyring().open_ticket(std::str::from_utf8(&changed).unwrap()), Err(Forged), "{place}");
        }
    }
}

#[test]
fn what_is_no_ticket_is_forged() {
    let text = keyring().sign(&ticket(subjects().remove(0))).unwrap();
    for wrong in ["", PREFIX, &text[4..], &text[..92], &format!("{text}0"), &format!("{text}00"), HANDLES[5].2] {
        assert_eq!(keyring().open_ticket(wrong), Err(Forged), "{wrong}");
    }
}

#[test]
fn a_ticket_is_of_the_deployment_that_signed_it() {
    let signed = ticket(subjects().remove(0));
    let text = keyring().sign(&signed).unwrap();
    assert_eq!(keyring_of(OTHER_SECRET, &[]).open_ticket(&text), Err(Forged));
    assert_eq!(keyring_of(OTHER_SECRET, &[SECRET]).open_ticket(&text), Ok(signed.clone()));
    // The id ends with the secret that made it, whoever signed the ticket.
    let later = keyring_of(OTHER_SECRET, &[SECRET]).sign(&signed).unwrap();
    assert_eq!(keyring_of(OTHER_SECRET, &[]).open_ticket(&later), Err(Forged));
}

#[test]
fn a_ticket_ends_within_the_seconds_that_it_can_say() {
    let ticket =
        |seconds| Ticket { expires_at: Timestamp::from_millis(seconds * 1_000), ..ticket(subjects().remove(0)) };
    assert!(keyring().sign(&ticket(i64::from(u32::MAX))).is_some());
    assert_eq!(keyring().sign(&ticket(i64::from(u32::MAX) + 1)), None);
    assert_eq!(keyring().sign(&ticket(-1)), None);
}
