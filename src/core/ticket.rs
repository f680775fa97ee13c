//! Status tickets: signed, read-only and short-lived, for browsers.
//!
//! A ticket names one connection, or one token by its public id, and the end of its validity. Nothing of it is stored. It
//! is 45 bytes, `kind (1) ‖ id (24) ‖ seconds since the epoch (4) ‖ mac (16)`, written `hst_` and 90 hex digits. The mac
//! covers everything before it. The holder of a ticket can read the status of its subject and nothing else.
//!
//! ```
//! use hookswitch::core::ticket::{TTL, TicketSubject};
//! use hookswitch::core::{Keyring, LedgerId, Ticket, Timestamp};
//!
//! let keyring = Keyring::new(&[7; 32], &[]).unwrap();
//! let subject = TicketSubject::Connection(format!("ca_{}", "0".repeat(48)).parse().unwrap());
//! let ledger = LedgerId::of_user(&"ada".parse().unwrap());
//! let ticket = Ticket::new(ledger, subject, TTL, Timestamp::from_millis(0));
//! let text = keyring.sign(&ticket).unwrap();
//! assert!(text.starts_with("hst_"));
//! ```

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::handle::{HandleKind, InvalidHandle};
use super::ids::{ConnectionId, LedgerId, TokenId};
use super::keys::{Keyring, Keys};
use super::time::Timestamp;

/// The prefix of a ticket, before its hex digits.
pub const PREFIX: &str = "hst_";
/// The shortest validity of a ticket, in seconds.
pub const TTL_MIN: u32 = 60;
/// The default validity of a ticket, in seconds: an hour.
pub const TTL: u32 = 3_600;
/// The longest validity of a ticket, in seconds: a day.
pub const TTL_MAX: u32 = 86_400;

const CONNECTION: (HandleKind, u8) = (HandleKind::ConnectionId, 1);
const TOKEN: (HandleKind, u8) = (HandleKind::TokenId, 2);

const ID: usize = 24;
const SIGNED: usize = 1 + ID + 4;
const MAC: usize = 16;
/// The length of a ticket, in bytes.
pub(super) const LENGTH: usize = SIGNED + MAC;

/// The subject that a ticket reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketSubject {
    /// A connection.
    Connection(ConnectionId),
    /// A token, by its public id.
    Token(TokenId),
}

impl TicketSubject {
    /// The id of the subject.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Connection(id) => id.as_str(),
            Self::Token(id) => id.as_str(),
        }
    }

    /// `connection` or `token`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Connection(_) => "connection",
            Self::Token(_) => "token",
        }
    }

    /// The kind of the subject's id, and the byte that stands for it in a ticket.
    const fn tag(&self) -> (HandleKind, u8) {
        match self {
            Self::Connection(_) => CONNECTION,
            Self::Token(_) => TOKEN,
        }
    }
}

/// The content of a status ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The ledger of the subject.
    pub ledger_id: LedgerId,
    /// The subject that the ticket reads.
    pub subject: TicketSubject,
    /// The end of the ticket's validity, in whole seconds.
    pub expires_at: Timestamp,
}

impl Ticket {
    /// A ticket that is valid for `ttl` seconds.
    #[must_use]
    pub const fn new(ledger_id: LedgerId, subject: TicketSubject, ttl: u32, now: Timestamp) -> Self {
        let expires_at = Timestamp::from_millis(now.seconds().saturating_add(ttl as i64).saturating_mul(1_000));
        Self { ledger_id, subject, expires_at }
    }
}

/// The request of a ticket's holder for a WebSocket that sends the status of the subject, as the edge passes it to the
/// ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The subject that the ticket reads.
    pub subject: TicketSubject,
    /// The end of the ticket's validity.
    pub valid_until: Timestamp,
}

/// The highest number of WebSockets that one ticket has open.
pub const SUBSCRIBERS_PER_TICKET: usize = 20;

impl Subscription {
    /// A text that is the same for all WebSockets of a ticket, and for no other ticket.
    #[must_use]
    pub fn ticket_tag(&self) -> String {
        format!("{}.{}", self.subject.id(), self.valid_until.seconds())
    }
}

/// Which of a ticket's WebSockets are closed before it opens another: the oldest ones, so that the new one fits. The
/// numbers are indexes of the times at which they were opened.
///
/// ```
/// use hookswitch::core::Timestamp;
/// use hookswitch::core::ticket::{SUBSCRIBERS_PER_TICKET, subscribers_to_close};
/// let opened: Vec<_> = (0..20).rev().map(|second| Some(Timestamp::from_millis(second * 1_000))).collect();
/// assert_eq!(opened.len(), SUBSCRIBERS_PER_TICKET);
/// assert_eq!(subscribers_to_close(&opened), [19]);
/// assert!(subscribers_to_close(&opened[1..]).is_empty());
/// ```
#[must_use]
pub fn subscribers_to_close(opened_at: &[Option<Timestamp>]) -> Vec<usize> {
    let mut by_age: Vec<usize> = (0..opened_at.len()).collect();
    by_age.sort_by_key(|index| opened_at.get(*index).copied().flatten());
    by_age.truncate((opened_at.len().saturating_add(1)).saturating_sub(SUBSCRIBERS_PER_TICKET));
    by_age
}

impl From<Ticket> for Subscription {
    fn from(ticket: Ticket) -> Self {
        Self { subject: ticket.subject, valid_until: ticket.expires_at }
    }
}

impl Keyring {
    /// Signs a ticket; `None` if the subject's id is not a handle.
    #[must_use]
    pub fn sign(&self, ticket: &Ticket) -> Option<String> {
        let (kind, tag) = ticket.subject.tag();
        let mut signed = vec![tag];
        signed.extend(hex::decode(ticket.subject.id().strip_prefix(kind.prefix())?).ok()?);
        signed.extend(u32::try_from(ticket.expires_at.seconds()).ok()?.to_be_bytes());
        let mac = mac(self.newest(), &signed);
        signed.extend(mac);
        Some(format!("{PREFIX}{}", hex::encode(signed)))
    }

    /// Reads a ticket and verifies its signature. The caller checks its validity.
    ///
    /// # Errors
    /// [`InvalidHandle`] if this deployment did not sign the ticket, or dropped the secret that created the subject's id.
    pub fn open_ticket(&self, text: &str) -> Result<Ticket, InvalidHandle> {
        self.read_ticket(text).ok_or(InvalidHandle)
    }

    fn read_ticket(&self, text: &str) -> Option<Ticket> {
        let mut bytes = [0; LENGTH];
        hex::decode_to_slice(text.strip_prefix(PREFIX)?, &mut bytes).ok()?;
        let (signed, claimed) = bytes.split_first_chunk::<SIGNED>()?;
        self.all().iter().find(|keys| bool::from(mac(keys, signed).ct_eq(claimed)))?;
        let (tag, rest) = signed.split_first()?;
        let (id, seconds) = rest.split_first_chunk::<ID>()?;
        let (kind, _) = [CONNECTION, TOKEN].into_iter().find(|(_, byte)| byte == tag)?;
        let handle = self.open(&format!("{}{}", kind.prefix(), hex::encode(id))).ok()?;
        let subject = match kind {
            HandleKind::ConnectionId => TicketSubject::Connection(handle.text().parse().ok()?),
            _ => TicketSubject::Token(handle.text().parse().ok()?),
        };
        let seconds = u32::from_be_bytes(*seconds.first_chunk()?);
        let expires_at = Timestamp::from_millis(i64::from(seconds).saturating_mul(1_000));
        Some(Ticket { ledger_id: handle.ledger_id(), subject, expires_at })
    }
}

fn mac(keys: &Keys, signed: &[u8]) -> [u8; MAC] {
    keys.ticket_mac.mac(&[signed]).first_chunk().copied().unwrap_or_default()
}
