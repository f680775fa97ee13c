//! Sign-in codes and session keys: short-lived stand-ins for the root key, so that a link or a browser never has the root
//! key itself.
//!
//! Both are 32 bytes, `seconds since the epoch (4) ‖ random (12) ‖ mac (16)`, written as a prefix and 64 hex digits. The
//! mac covers everything before it, the kind, and the digest of the root key: a new root key ends all of them. Nothing is
//! stored until a code is used.
//!
//! ```
//! use hookswitch::core::sign_in::SignInKind;
//! use hookswitch::core::{Digest, Keyring, Timestamp};
//!
//! let keyring = Keyring::new(&[7; 32], &[]).unwrap();
//! let (root_key, now) = (Digest::of(b"root key"), Timestamp::from_millis(1_767_225_600_000));
//! let (_, code) = keyring.sign_in(SignInKind::Code, &root_key, now, [1; 12]).unwrap();
//! assert!(keyring.open_sign_in(SignInKind::Code, &root_key, &code).is_some());
//! // A code is no session key.
//! assert!(keyring.open_sign_in(SignInKind::Session, &root_key, &code).is_none());
//! ```

use subtle::ConstantTimeEq;

use super::digest::Digest;
use super::keys::{Keyring, Keys};
use super::time::Timestamp;

/// The validity of a sign-in code, in seconds: 5 minutes.
pub const CODE_TTL: u32 = 300;
/// The validity of a session key, in seconds: 12 hours.
pub const SESSION_TTL: u32 = 43_200;

const RANDOM: usize = 12;
const SIGNED: usize = 4 + RANDOM;
const MAC: usize = 16;

/// The kind of secret that a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// `hsc_`: a code that is traded once for a session key.
    Code,
    /// `hsk_`: a key that authenticates as root.
    Session,
}

impl SignInKind {
    /// The prefix before the hex digits.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Code => "hsc_",
            Self::Session => "hsk_",
        }
    }

    /// The validity in seconds.
    const fn ttl(self) -> u32 {
        match self {
            Self::Code => CODE_TTL,
            Self::Session => SESSION_TTL,
        }
    }
}

/// The content of a sign-in code or session key whose signature was verified. The caller checks its validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The end of its validity, in whole seconds.
    pub expires_at: Timestamp,
    /// The digest of its text.
    pub digest: Digest,
}

impl Keyring {
    /// Signs a sign-in code or session key that is valid from now on. Returns `None` if the time is outside the years
    /// 1970–2106.
    #[must_use]
    pub fn sign_in(
        &self,
        kind: SignInKind,
        root_key: &Digest,
        now: Timestamp,
        random: [u8; RANDOM],
    ) -> Option<(SignIn, String)> {
        let seconds = u32::try_from(now.seconds().checked_add(i64::from(kind.ttl()))?).ok()?;
        let mut bytes = seconds.to_be_bytes().to_vec();
        bytes.extend(random);
        let mac = mac(self.newest(), kind, root_key, &bytes);
        bytes.extend(mac);
        let text = format!("{}{}", kind.prefix(), hex::encode(bytes));
        Some((SignIn::of(seconds, &text), text))
    }

    /// Reads a sign-in code or session key; `None` if this deployment did not sign it for this root key.
    #[must_use]
    pub fn open_sign_in(&self, kind: SignInKind, root_key: &Digest, text: &str) -> Option<SignIn> {
        let mut bytes = [0; SIGNED + MAC];
        let digits = text.strip_prefix(kind.prefix())?;
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        let (signed, claimed) = bytes.split_first_chunk::<SIGNED>()?;
        self.all().iter().find(|keys| bool::from(mac(keys, kind, root_key, signed).ct_eq(claimed)))?;
        // One spelling for each, so that the digest recognises a used code.
        let text = format!("{}{}", kind.prefix(), digits.to_ascii_lowercase());
        Some(SignIn::of(u32::from_be_bytes(*signed.first_chunk()?), &text))
    }
}

impl SignIn {
    fn of(seconds: u32, text: &str) -> Self {
        let expires_at = Timestamp::from_millis(i64::from(seconds).saturating_mul(1_000));
        Self { expires_at, digest: Digest::of(text.as_bytes()) }
    }
}

fn mac(keys: &Keys, kind: SignInKind, root_key: &Digest, signed: &[u8]) -> [u8; MAC] {
    let parts = [kind.prefix().as_bytes(), root_key.as_str().as_bytes(), signed];
    keys.sign_in_mac.mac(&parts).first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_246_103_123);

    fn keyring(secret: u8, previous: &[u8]) -> Keyring {
        Keyring::new(&[secret; 32], &previous.iter().map(|byte| vec![*byte; 32]).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn text_is_read_by_its_kind_its_deployment_and_its_root_key_alone() {
        let (root, other_root) = (Digest::of(b"root"), Digest::of(b"another root"));
        let keys = keyring(7, &[]);
        for (kind, ttl) in [(SignInKind::Code, 300), (SignInKind::Session, 43_200)] {
            let (signed, text) = keys.sign_in(kind, &root, NOW, [1; 12]).unwrap();
            assert_eq!(signed.expires_at.seconds(), NOW.seconds() + ttl);
            assert_eq!(keys.open_sign_in(kind, &root, &text), Some(signed.clone()));
            let (prefix, digits) = text.split_at(4);
            let upper_case = format!("{prefix}{}", digits.to_ascii_uppercase());
            assert_eq!(keys.open_sign_in(kind, &root, &upper_case), Some(signed.clone()));
            assert_eq!(keyring(8, &[7]).open_sign_in(kind, &root, &text), Some(signed), "after a rotation");
            assert_eq!(keyring(8, &[]).open_sign_in(kind, &root, &text), None);
            assert_eq!(keys.open_sign_in(kind, &other_root, &text), None);
            let other_kind = if kind == SignInKind::Code { SignInKind::Session } else { SignInKind::Code };
            assert_eq!(keys.open_sign_in(other_kind, &root, &text), None);
            assert_eq!(keys.open_sign_in(other_kind, &root, &format!("{}{digits}", other_kind.prefix())), None);
        }
    }

    #[test]
    fn text_with_another_digit_is_not_read() {
        let (root, keys) = (Digest::of(b"root"), keyring(7, &[]));
        let (_, text) = keys.sign_in(SignInKind::Code, &root, NOW, [1; 12]).unwrap();
        for place in 4..text.len() {
            let digit = |(at, digit): (usize, char)| match (at == place, digit) {
                (false, digit) => digit,
                (true, '0') => '1',
                (true, _) => '0',
            };
            let forged: String = text.chars().enumerate().map(digit).collect();
            assert_eq!(keys.open_sign_in(SignInKind::Code, &root, &forged), None, "{place}");
        }
        assert_eq!(keys.open_sign_in(SignInKind::Code, &root, ""), None);
        assert_eq!(keys.open_sign_in(SignInKind::Code, &root, text.split_at(text.len() - 2).0), None);
    }
}
