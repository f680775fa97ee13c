//! Sealing: AES-256-GCM by the platform's Web Crypto, with a key derived from the deployment's secret and the name of
//! what is sealed as associated data.
//!
//! A sealed text is hex of `key id (4) ‖ nonce (12) ‖ ciphertext and tag`.

use super::host;
use crate::core::Sealed;
use crate::core::keys::{Keyring, SealKey};

const ID: usize = 4;
const NONCE: usize = 12;

/// Seals a secret for what has this name, with the newest key; none, where the platform cannot.
pub(crate) async fn seal(keyring: &Keyring, name: &str, secret: &str) -> Option<Sealed> {
    let key = keyring.seal_key();
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).ok()?;
    let sealed = host::bytes(host::seal("encrypt", &key.key, &nonce, name, secret.as_bytes())).await?;
    let all = [key.id.as_slice(), &nonce, &sealed].concat();
    Some(Sealed::stored(hex::encode(all)))
}

/// Opens what was sealed for what has this name; none, where it was not, or with a key that was dropped.
pub(crate) async fn open(keyring: &Keyring, name: &str, sealed: &Sealed) -> Option<String> {
    let all = hex::decode(sealed.as_str()).ok()?;
    let (id, rest) = all.split_at_checked(ID)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE)?;
    let key = keyring.seal_key_of(id)?;
    String::from_utf8(host::bytes(host::seal("decrypt", &key.key, nonce, name, sealed)).await?).ok()
}

/// What texts begin with that a key of this id has sealed.
pub(crate) fn prefix(key: &SealKey) -> String {
    hex::encode(key.id)
}
