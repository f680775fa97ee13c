//! Handles: one codec for every token and id.
//!
//! A handle is 24 bytes, `masked ledger id (8) ‖ random (12) ‖ mac (4)`:
//!
//! - The ledger id is the ledger of the user it belongs to, so a handle finds its ledger without a lookup.
//! - The mac covers kind, random part and ledger id, so a handle that this deployment did not create is rejected without
//!   I/O.
//! - The ledger id is masked with a pseudo-random function of the rest, so two handles of one user look unrelated.
//!
//! The mac filters guesses; it is not the secret. An attacker who guesses its 32 bits still has to guess 96 random
//! bits, which the ledger compares by their digest.
//!
//! ```
//! use hookswitch::core::handle::{HandleKind, MintNonce};
//! use hookswitch::core::{Keyring, LedgerId};
//!
//! let keyring = Keyring::new(&[7; 32], &[]).unwrap();
//! let ledger = LedgerId::of_user(&"ada".parse().unwrap());
//! let handle = keyring.mint(MintNonce(1, 2), 0, HandleKind::ConnectionToken, ledger);
//! assert!(handle.text().starts_with("hct_"));
//! assert_eq!(keyring.open(&handle.text()).unwrap().ledger_id(), ledger);
//!
//! let other = Keyring::new(&[8; 32], &[]).unwrap();
//! assert!(other.open(&handle.text()).is_err());
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::digest::{Digest, TokenKey};
use super::ids::LedgerId;
use super::keys::{Key, Keyring, Keys};

const LEDGER_ID: usize = 8;
const RANDOM: usize = 12;
const MAC: usize = 4;
/// The length of a handle, in bytes.
pub(super) const LENGTH: usize = LEDGER_ID + RANDOM + MAC;

/// The kind of a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandleKind {
    /// `hct_`: a connection token. Secret, single use.
    ConnectionToken,
    /// `hat_`: an access token. Secret.
    AccessToken,
    /// `hrt_`: a refresh token. Secret.
    RefreshToken,
    /// `hak_`: an API key. Secret.
    ApiKey,
    /// `ca_`: the id of a connection. Public.
    ConnectionId,
    /// `tok_`: the id of a token of any kind. Public: it names and revokes the token, and can never be used.
    TokenId,
    /// `hcs_`: a client secret. Secret; its ledger is the app's registry.
    ClientSecret,
}

impl HandleKind {
    /// Every kind of handle.
    pub const ALL: [Self; 7] = [
        Self::ConnectionToken,
        Self::AccessToken,
        Self::RefreshToken,
        Self::ApiKey,
        Self::ConnectionId,
        Self::TokenId,
        Self::ClientSecret,
    ];

    /// The name of the kind.
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

    /// Whether the handle is a secret. The others name something and grant nothing.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        !matches!(self, Self::ConnectionId | Self::TokenId)
    }

    /// The prefix before the hex digits.
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

/// The other prefix of a connection token: the text form of a Postgres `bytea`, which Partoo uses.
pub const BYTEA_PREFIX: &str = "\\x";

/// A handle that this deployment created: its mac was verified, or it was just created.
///
/// Whether the ledger knows it is a separate question. Its `Debug` hides it, because it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Handle {
    kind: HandleKind,
    ledger_id: LedgerId,
    bytes: [u8; LENGTH],
}

/// The text is not a handle of this deployment. Callers never learn why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a handle of this deployment")]
pub struct InvalidHandle;

/// 16 random bytes from which the handles of a request are derived. The nonce alone is not a secret.
///
/// An idempotent request that is repeated gets the same token although no token is stored: the ledger keeps the nonce, and
/// the deployment's secret derives the same handles from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintNonce(pub u64, pub u64);

impl Keyring {
    /// Creates a handle of this kind for a ledger. `index` distinguishes the handles of one request.
    #[must_use]
    pub fn mint(&self, nonce: MintNonce, index: u8, kind: HandleKind, ledger_id: LedgerId) -> Handle {
        Handle::mint(self.newest(), nonce, index, kind, ledger_id)
    }

    /// Creates the public id of the token with this secret. Its random part is the token's row key.
    #[must_use]
    pub fn token_id(&self, secret: &Handle) -> Handle {
        let random = first(&hex::decode(secret.digest().as_str()).unwrap_or_default());
        Handle::build(self.newest(), HandleKind::TokenId, random, secret.ledger_id)
    }

    /// Derives again the handle that [`Self::mint`] derived from the same nonce, under whichever secret gives this digest.
    #[must_use]
    pub fn mint_again(
        &self,
        nonce: MintNonce,
        index: u8,
        kind: HandleKind,
        ledger_id: LedgerId,
        digest: &Digest,
    ) -> Option<Handle> {
        let handles = self.all().iter().map(|keys| Handle::mint(keys, nonce, index, kind, ledger_id));
        handles.into_iter().find(|handle| handle.digest() == *digest)
    }

    /// Reads a handle of any kind in any spelling, and verifies that this deployment created it.
    ///
    /// # Errors
    /// [`InvalidHandle`] for everything else.
    pub fn open(&self, text: &str) -> Result<Handle, InvalidHandle> {
        let (kind, hex) = split(text).ok_or(InvalidHandle)?;
        let mut bytes = [0; LENGTH];
        hex::decode_to_slice(hex, &mut bytes).map_err(|_| InvalidHandle)?;
        self.all().iter().find_map(|keys| Handle::verify(keys, kind, bytes)).ok_or(InvalidHandle)
    }
}

/// Splits a text into the kind that its prefix names and the rest. Prefixes are case-sensitive, hex digits are not.
pub(super) fn split(text: &str) -> Option<(HandleKind, &str)> {
    if let Some(hex) = text.strip_prefix(BYTEA_PREFIX) {
        return Some((HandleKind::ConnectionToken, hex));
    }
    HandleKind::ALL.iter().find_map(|kind| Some((*kind, text.strip_prefix(kind.prefix())?)))
}

impl Handle {
    fn mint(keys: &Keys, nonce: MintNonce, index: u8, kind: HandleKind, ledger_id: LedgerId) -> Self {
        let random = first(&keys.mint.mac(&[
            kind.prefix().as_bytes(),
            &nonce.0.to_be_bytes(),
            &nonce.1.to_be_bytes(),
            &[index],
        ]));
        Self::build(keys, kind, random, ledger_id)
    }

    fn build(keys: &Keys, kind: HandleKind, random: [u8; RANDOM], ledger_id: LedgerId) -> Self {
        let mac = mac(&keys.handle_mac, kind, random, ledger_id);
        let masked = mask(&keys.handle_mask, kind, random, mac, ledger_id.0);
        let bytes = first(&[masked.as_slice(), &random, &mac].concat());
        Self { kind, ledger_id, bytes }
    }

    fn verify(keys: &Keys, kind: HandleKind, bytes: [u8; LENGTH]) -> Option<Self> {
        let (masked, rest) = bytes.split_first_chunk::<LEDGER_ID>()?;
        let (random, rest) = rest.split_first_chunk::<RANDOM>()?;
        let claimed: [u8; MAC] = first(rest);
        let ledger_id = LedgerId(mask(&keys.handle_mask, kind, *random, claimed, *masked));
        let expected = mac(&keys.handle_mac, kind, *random, ledger_id);
        bool::from(expected.ct_eq(&claimed)).then_some(Self { kind, ledger_id, bytes })
    }

    /// The kind of the handle.
    #[must_use]
    pub const fn kind(&self) -> HandleKind {
        self.kind
    }

    /// The ledger that the handle belongs to.
    #[must_use]
    pub const fn ledger_id(&self) -> LedgerId {
        self.ledger_id
    }

    /// The canonical text: the prefix and 48 hex digits.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.kind.prefix(), self.hex())
    }

    /// The 48 hex digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.bytes)
    }

    /// The digest of the canonical text, which is stored instead of the secret.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }

    /// The row key that a public token id names: its random part.
    #[must_use]
    pub fn token_key(&self) -> TokenKey {
        let random = self.bytes.get(LEDGER_ID..LEDGER_ID.saturating_add(RANDOM)).unwrap_or_default();
        TokenKey::of(&first(random))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}…)", self.kind.prefix())
    }
}

fn mac(key: &Key, kind: HandleKind, random: [u8; RANDOM], ledger_id: LedgerId) -> [u8; MAC] {
    first(&key.mac(&[kind.prefix().as_bytes(), &random, &ledger_id.0]))
}

/// Masks a ledger id, and unmasks it: the operation is its own inverse.
fn mask(
    key: &Key,
    kind: HandleKind,
    random: [u8; RANDOM],
    mac: [u8; MAC],
    ledger_id: [u8; LEDGER_ID],
) -> [u8; LEDGER_ID] {
    let mut masked: [u8; LEDGER_ID] = first(&key.mac(&[kind.prefix().as_bytes(), &random, &mac]));
    for (byte, clear) in masked.iter_mut().zip(ledger_id) {
        *byte ^= clear;
    }
    masked
}

/// The first `N` bytes of a longer slice; zeros if it is shorter, which no caller passes.
fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk::<N>().copied().unwrap_or([0; N])
}
