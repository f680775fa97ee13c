//! One codec for every token and id.
//!
//! A handle is 24 bytes, `masked shard (8) ‖ random (12) ‖ mac (4)`:
//!
//! - `shard` names the ledger of the user it belongs to, so a handle finds its ledger with no look-up;
//! - `mac` covers kind, random and shard, so a handle that was not minted here is refused with no I/O;
//! - the shard is masked with a pseudo-random function of the rest, so two handles of one user look unrelated.
//!
//! The mac is a filter against guesses, not the lock: whoever guesses its 32 bits still has to guess 96 random ones,
//! which the ledger compares by their digest.

use std::fmt;

use subtle::ConstantTimeEq;

use super::digest::Digest;
use super::ids::Shard;
use super::keys::{Key, Keyring, Keys};
use super::pack::packed;

const SHARD: usize = 8;
const RANDOM: usize = 12;
const MAC: usize = 4;
pub(super) const LENGTH: usize = SHARD + RANDOM + MAC;

/// What a handle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `hct_`: a connection token. Secret, single use.
    ConnectionToken,
    /// `hat_`: an access token. Secret.
    AccessToken,
    /// `hrt_`: a refresh token. Secret.
    RefreshToken,
    /// `hak_`: an API key. Secret.
    ApiKey,
    /// `ca_`: names a connection. Public.
    ConnectionId,
    /// `tok_`: names a token of any kind: looks it up and revokes it, and can never be used. Public.
    TokenId,
    /// `hcs_`: authenticates an app as a client. Secret; its ledger is the app's.
    ClientSecret,
}

impl Kind {
    /// Every kind there is.
    pub const ALL: [Self; 7] = [
        Self::ConnectionToken,
        Self::AccessToken,
        Self::RefreshToken,
        Self::ApiKey,
        Self::ConnectionId,
        Self::TokenId,
        Self::ClientSecret,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionToken => "connection_token",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::ApiKey => "api_key",
            Self::ConnectionId => "connection_id",
            Self::TokenId => "token_id",
            Self::ClientSecret => "client_secret",
        }
    }

    /// Whether who has it can use it. The others name something, and open nothing.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        !matches!(self, Self::ConnectionId | Self::TokenId)
    }

    /// The letters before the hex digits.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::ConnectionToken => "hct_",
            Self::AccessToken => "hat_",
            Self::RefreshToken => "hrt_",
            Self::ApiKey => "hak_",
            Self::ConnectionId => "ca_",
            Self::TokenId => "tok_",
            Self::ClientSecret => "hcs_",
        }
    }
}

/// Partoo's spelling of a connection token: the text form of a Postgres `bytea`.
const PARTOO_PREFIX: &str = "\\x";

/// A handle whose mac was verified, or that was just minted: the deployment made it.
///
/// It says nothing yet about whether the ledger knows it. Its `Debug` does not show it, since it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Handle {
    kind: Kind,
    shard: Shard,
    bytes: [u8; LENGTH],
}

/// Not a handle, or not one that this deployment minted. Nobody is told which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged;

/// What the handles of one request are made of: 16 random bytes that are no secret by themselves.
///
/// A retried request is answered with the same token without any token having been stored: the ledger keeps the nonce,
/// and the deployment's secret turns it into the same handles again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nonce(pub u64, pub u64);

packed!(struct Nonce(a, b));

impl Keyring {
    /// Mints the handles of one request: the one at `index`, of this kind, for the user at `shard`.
    #[must_use]
    pub fn mint(&self, nonce: Nonce, index: u8, kind: Kind, shard: Shard) -> Handle {
        Handle::mint(self.newest(), nonce, index, kind, shard)
    }

    /// Mints again what [`Self::mint`] made of the same nonce, under whichever secret has that digest.
    #[must_use]
    pub fn mint_again(&self, nonce: Nonce, index: u8, kind: Kind, shard: Shard, digest: &Digest) -> Option<Handle> {
        for keys in self.all() {
            let handle = Handle::mint(keys, nonce, index, kind, shard);
            if handle.digest() == *digest {
                return Some(handle);
            }
        }
        None
    }

    /// Reads a handle of any kind in any spelling, and verifies that this deployment minted it.
    ///
    /// # Errors
    /// [`Forged`] for everything else, however it is wrong.
    pub fn open(&self, text: &str) -> Result<Handle, Forged> {
        let (kind, hex) = split(text).ok_or(Forged)?;
        let mut bytes = [0; LENGTH];
        hex::decode_to_slice(hex, &mut bytes).map_err(|_| Forged)?;
        for keys in self.all() {
            if let Some(handle) = Handle::verify(keys, kind, bytes) {
                return Ok(handle);
            }
        }
        Err(Forged)
    }
}

/// The kind that the prefix says, and the rest. Hex digits are taken in either case, prefixes as they are.
pub(super) fn split(text: &str) -> Option<(Kind, &str)> {
    if let Some(hex) = text.strip_prefix(PARTOO_PREFIX) {
        return Some((Kind::ConnectionToken, hex));
    }
    Kind::ALL.iter().find_map(|kind| Some((*kind, text.strip_prefix(kind.prefix())?)))
}

impl Handle {
    fn mint(keys: &Keys, nonce: Nonce, index: u8, kind: Kind, shard: Shard) -> Self {
        let random: [u8; RANDOM] = first(&keys.mint.mac(&[
            kind.prefix().as_bytes(),
            &nonce.0.to_be_bytes(),
            &nonce.1.to_be_bytes(),
            &[index],
        ]));
        let mac = mac(&keys.handle_mac, kind, random, shard);
        let masked = mask(&keys.handle_mask, kind, random, mac, shard.0);
        let bytes = first(&[masked.as_slice(), &random, &mac].concat());
        Self { kind, shard, bytes }
    }

    fn verify(keys: &Keys, kind: Kind, bytes: [u8; LENGTH]) -> Option<Self> {
        let (masked, rest) = bytes.split_first_chunk::<SHARD>()?;
        let (random, rest) = rest.split_first_chunk::<RANDOM>()?;
        let claimed: [u8; MAC] = first(rest);
        let shard = Shard(mask(&keys.handle_mask, kind, *random, claimed, *masked));
        let expected = mac(&keys.handle_mac, kind, *random, shard);
        bool::from(expected.ct_eq(&claimed)).then_some(Self { kind, shard, bytes })
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Names the ledger of the user it belongs to.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.shard
    }

    /// The canonical spelling: the prefix and 48 hex digits.
    #[must_use]
    pub fn text(&self) -> String {
        [self.kind.prefix(), &hex::encode(self.bytes)].concat()
    }

    /// Partoo's spelling: `\x` and 48 hex digits.
    #[must_use]
    pub fn partoo_text(&self) -> String {
        [PARTOO_PREFIX, &hex::encode(self.bytes)].concat()
    }

    /// What is stored in place of it: the digest of the canonical spelling.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}…)", self.kind.prefix())
    }
}

fn mac(key: &Key, kind: Kind, random: [u8; RANDOM], shard: Shard) -> [u8; MAC] {
    first(&key.mac(&[kind.prefix().as_bytes(), &random, &shard.0]))
}

/// Masks a shard, and unmasks it: the same operation.
fn mask(key: &Key, kind: Kind, random: [u8; RANDOM], mac: [u8; MAC], shard: [u8; SHARD]) -> [u8; SHARD] {
    let mut masked: [u8; SHARD] = first(&key.mac(&[kind.prefix().as_bytes(), &random, &mac]));
    for (byte, clear) in masked.iter_mut().zip(shard) {
        *byte ^= clear;
    }
    masked
}

/// The first bytes of a longer slice; zeros where it is shorter, which no caller passes.
fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk::<N>().copied().unwrap_or([0; N])
}
