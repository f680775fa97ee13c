//! Status tickets: signed, read-only and short-lived, for a browser.
//!
//! A ticket names one connection, or one token by its public id, and until when it is good; nothing of it is stored. It
//! is 45 bytes, `kind (1) ‖ id (24) ‖ seconds since the epoch (4) ‖ mac (16)`, written `hst_` and 90 hex digits. The mac
//! covers all that is before it: whoever has a ticket can read what it names, and nothing else.

use subtle::ConstantTimeEq;

use super::codec::{Forged, Kind};
use super::command::{Action, Command};
use super::ids::{ConnectionId, Shard, TokenId};
use super::keys::{Keyring, Keys};
use super::pack::packed;
use super::target::TokenName;
use super::time::Timestamp;

/// What a ticket begins with, before its hex digits.
pub const PREFIX: &str = "hst_";
/// How long a ticket is good at least, in seconds.
pub const TTL_MIN: u32 = 60;
/// How long a ticket is good where nothing is said, in seconds: an hour.
pub const TTL: u32 = 3_600;
/// How long a ticket is good at most, in seconds: a day.
pub const TTL_MAX: u32 = 86_400;

const CONNECTION: (Kind, u8) = (Kind::ConnectionId, 1);
const TOKEN: (Kind, u8) = (Kind::TokenId, 2);

const ID: usize = 24;
const SIGNED: usize = 1 + ID + 4;
const MAC: usize = 16;
pub(super) const LENGTH: usize = SIGNED + MAC;

/// What a ticket reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A connection.
    Connection(ConnectionId),
    /// A token, by its public id.
    Token(TokenId),
}

packed!(enum Subject {
    0 => Connection(a),
    1 => Token(a),
});

impl Subject {
    /// The id of what is read.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Connection(id) => id.as_str(),
            Self::Token(id) => id.as_str(),
        }
    }

    /// What a ledger is asked of whoever is to get a ticket.
    #[must_use]
    pub fn question(&self) -> Command {
        match self {
            Self::Connection(id) => Command::OfConnection(id.clone(), Action::Get),
            Self::Token(id) => Command::Check(vec![TokenName::Public(id.clone())]),
        }
    }

    /// What it is.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Connection(_) => "connection",
            Self::Token(_) => "token",
        }
    }

    /// Which handle its id is, and the byte that says so in a ticket.
    const fn kind(&self) -> (Kind, u8) {
        match self {
            Self::Connection(_) => CONNECTION,
            Self::Token(_) => TOKEN,
        }
    }
}

/// A ticket that this deployment has signed, or is about to. Whether it is still good is for whoever knows the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The ledger that holds what it reads.
    pub shard: Shard,
    /// What it reads.
    pub subject: Subject,
    /// When it ends; whole seconds.
    pub expires_at: Timestamp,
}

impl Ticket {
    /// A ticket that is good for so many seconds.
    #[must_use]
    pub const fn new(shard: Shard, subject: Subject, ttl: u32, now: Timestamp) -> Self {
        let expires_at = Timestamp::from_millis(now.seconds().saturating_add(ttl as i64).saturating_mul(1_000));
        Self { shard, subject, expires_at }
    }
}

impl Keyring {
    /// Signs a ticket; none, for an id that no deployment made.
    #[must_use]
    pub fn sign(&self, ticket: &Ticket) -> Option<String> {
        let (kind, tag) = ticket.subject.kind();
        let mut signed = vec![tag];
        signed.extend(hex::decode(ticket.subject.id().strip_prefix(kind.prefix())?).ok()?);
        signed.extend(u32::try_from(ticket.expires_at.seconds()).ok()?.to_be_bytes());
        let mac = mac(self.newest(), &signed);
        signed.extend(mac);
        Some([PREFIX, &hex::encode(signed)].concat())
    }

    /// Reads a ticket, and verifies that this deployment signed it.
    ///
    /// # Errors
    /// [`Forged`] for everything else, however it is wrong.
    pub fn open_ticket(&self, text: &str) -> Result<Ticket, Forged> {
        self.read_ticket(text).ok_or(Forged)
    }

    fn read_ticket(&self, text: &str) -> Option<Ticket> {
        let mut bytes = [0; LENGTH];
        hex::decode_to_slice(text.strip_prefix(PREFIX)?, &mut bytes).ok()?;
        let (signed, claimed) = bytes.split_first_chunk::<SIGNED>()?;
        self.all().iter().find(|keys| bool::from(mac(keys, signed).ct_eq(claimed)))?;
        let (tag, rest) = signed.split_first()?;
        let (id, seconds) = rest.split_first_chunk::<ID>()?;
        let (kind, _) = [CONNECTION, TOKEN].into_iter().find(|(_, of)| of == tag)?;
        // The secret that made the id may have been dropped since: what it made ended with it.
        let handle = self.open(&[kind.prefix(), &hex::encode(id)].concat()).ok()?;
        let subject = match kind {
            Kind::ConnectionId => Subject::Connection(ConnectionId::parse(&handle.text()).ok()?),
            _ => Subject::Token(TokenId::parse(&handle.text()).ok()?),
        };
        let seconds = u32::from_be_bytes(*seconds.first_chunk()?);
        let expires_at = Timestamp::from_millis(i64::from(seconds).saturating_mul(1_000));
        Some(Ticket { shard: handle.shard(), subject, expires_at })
    }
}

fn mac(keys: &Keys, signed: &[u8]) -> [u8; MAC] {
    keys.ticket_mac.mac(&[signed]).first_chunk().copied().unwrap_or_default()
}
